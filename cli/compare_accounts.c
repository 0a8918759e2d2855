/* From the published number to the consistent one, one convention after the other: first those that
 * the published engine can take back itself, each run again; then, level by level, what is billed
 * instead. */
#include "cli/compare_accounts.h"

#include "cli/execute.h"
#include "cli/output.h"
#include "cli/plot_variants.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const mf_column columns[] = {{"network", "network", 0, 1},
                                    {"op", "op", 0, 1},
                                    {"account", "account", 0, 1},
                                    {"energy_mj", "energy mJ", 4, 1},
                                    {"energy_ratio", "of mult", 3, 1},
                                    {"latency_ms", "latency ms", 4, 1},
                                    {"latency_ratio", "of mult", 3, 1},
                                    {"energy_change_mj", "change mJ", 4, 1},
                                    {"latency_change_ms", "change ms", 4, 1},
                                    {"because", "because", 0, 1},
                                    {NULL, NULL, 0, 0}};

typedef struct totals {
    double energy_mj, latency_ms;
} totals;

typedef struct comparer {
    mf_setup *setup;
    mf_account *account;
    mf_sheet *sheet;
    const mf_network *network;
    const char *op;
    totals at, mult_published, mult_consistent;
    bool first;
    mf_variants_plot beside; /* drawn where both accounts are asked for */
    const char **labels;     /* of the other chart: one bar per network and operator */
    double *energy_mj, *latency_ms;
    size_t n_bars;
} comparer;

enum { PUBLISHED, CONSISTENT };

static void add_account(comparer *c, int which, totals t, totals mult)
{
    const char *account = which == PUBLISHED     ? "published"
                          : c->account->executes ? "executed"
                                                 : "consistent";
    mf_sheet_row(c->sheet, c->first ? MF_ROW_FIRST : MF_ROW_PLAIN);
    c->first = false;
    mf_sheet_text(c->sheet, c->network->name);
    mf_sheet_text(c->sheet, c->op);
    mf_sheet_text(c->sheet, account);
    mf_sheet_real(c->sheet, t.energy_mj);
    mf_sheet_real(c->sheet, t.energy_mj / mult.energy_mj);
    mf_sheet_real(c->sheet, t.latency_ms);
    mf_sheet_real(c->sheet, t.latency_ms / mult.latency_ms);
    mf_sheet_none(c->sheet);
    mf_sheet_none(c->sheet);
    mf_sheet_text(c->sheet, "");
    mf_variants_plot_add(&c->beside, which, c->network->name, t.energy_mj, t.latency_ms);
}

/* One difference; changes too small to be seen in four digits are passed over. */
static void add_step(comparer *c, totals change, const char *because)
{
    c->at.energy_mj += change.energy_mj;
    c->at.latency_ms += change.latency_ms;
    if (fabs(change.energy_mj) < 5e-5 && fabs(change.latency_ms) < 5e-5)
        return;
    mf_sheet_row(c->sheet, MF_ROW_PLAIN);
    mf_sheet_text(c->sheet, c->network->name);
    mf_sheet_text(c->sheet, c->op);
    mf_sheet_text(c->sheet, "");
    mf_sheet_real(c->sheet, c->at.energy_mj);
    mf_sheet_none(c->sheet);
    mf_sheet_real(c->sheet, c->at.latency_ms);
    mf_sheet_none(c->sheet);
    mf_sheet_real(c->sheet, change.energy_mj);
    mf_sheet_real(c->sheet, change.latency_ms);
    mf_sheet_text(c->sheet, because);
}

/* ---- conventions that the published engine takes back -------------------------------------------
 */

/* Run the published engine with other conventions; `published` of the last run stays valid. */
static mf_status run_published(const comparer *c, const mf_published_conventions *conventions,
                               const char *op, mf_published_result *result, mf_diag *diag)
{
    mf_setup changed = *c->setup;
    mf_variant variant;
    changed.conventions = *conventions;
    MF_TRY(mf_setup_pricer(&changed, diag));
    mf_status status = mf_setup_run(&changed, c->network, op, &variant, diag);
    mf_pricer_destroy(changed.pricer);
    *result = variant.result;
    return status;
}

static mf_status bill_all_levels(const comparer *c, mf_published_conventions *conventions,
                                 mf_diag *diag)
{
    size_t n = mf_operators_count(c->setup->operators);
    bool(*levels)[MF_PUBLISHED_LEVELS] =
        mf_arena_array(c->setup->arena, n, sizeof(bool[MF_PUBLISHED_LEVELS]));
    if (!levels)
        return mf_fail_memory(diag);
    conventions->free_level = levels;
    return MF_OK;
}

static totals change_to(const comparer *c, const mf_published_result *result)
{
    return (totals){result->energy_mj - c->at.energy_mj, result->latency_ms - c->at.latency_ms};
}

/* Latency without the scaling by word width: cycles over clock. */
static double unscaled_ms(const comparer *c, const mf_published_result *result)
{
    double cycles = 0;
    for (size_t i = 0; i < result->n_layers; i++)
        cycles += (double)result->layers[i].cost.n_cycles;
    return cycles / (c->setup->accelerator.clock_mhz * 1e3);
}

static mf_status take_back(comparer *c, mf_published_result *result, mf_diag *diag)
{
    mf_published_conventions conventions = c->setup->conventions;
    MF_TRY(bill_all_levels(c, &conventions, diag));
    MF_TRY(run_published(c, &conventions, c->op, result, diag));
    add_step(c, change_to(c, result),
             "free_levels: DRAM, buffer and network are billed for this operator, too");
    conventions.depthwise = MF_PUBLISHED_OWN_INPUT;
    MF_TRY(run_published(c, &conventions, c->op, result, diag));
    add_step(c, change_to(c, result), "depthwise: each channel reads its own input");
    conventions.data_bits = MF_PUBLISHED_ACTIVATION;
    MF_TRY(run_published(c, &conventions, c->op, result, diag));
    add_step(c, change_to(c, result),
             "data_bits: activations are as wide as they are, not averaged with weights");
    add_step(c, (totals){0, unscaled_ms(c, result) - c->at.latency_ms},
             "latency_reference_bits: time is cycles over clock, narrow words or not");
    return MF_OK;
}

/* ---- what is billed instead ---------------------------------------------------------------------
 */

static double published_mj(const mf_published_result *r, int part)
{
    double mj = 0;
    for (size_t i = 0; i < r->n_layers; i++)
        mj += r->layers[i].cost.parts_pj[part] * 1e-9;
    return mj;
}

static double level_mj(const mf_analytic_result *r, int level)
{
    return r->access_mj[level][0] + r->access_mj[level][1] + r->access_mj[level][2];
}

static void bill_instead(comparer *c, const mf_published_result *p, const mf_analytic_result *r)
{
    const struct {
        double was, is;
        const char *because;
    } levels[] = {
        {published_mj(p, MF_PUBLISHED_COMPUTE), r->mac_mj,
         "operations: all of a position, at their own widths and the table's prices"},
        {published_mj(p, MF_PUBLISHED_DRAM), level_mj(r, MF_LEVEL_DRAM),
         "DRAM: each tensor's own width; padding not fetched; rows at tile borders read again"},
        {published_mj(p, MF_PUBLISHED_BUFFER), level_mj(r, MF_LEVEL_GLOBAL_BUFFER),
         "buffer: fills from DRAM counted, psums at psum_bits"},
        {published_mj(p, MF_PUBLISHED_NETWORK) + published_mj(p, MF_PUBLISHED_NETWORK_PSUM),
         level_mj(r, MF_LEVEL_NETWORK), "network: a delivery per PE, a hop per link"},
        {published_mj(p, MF_PUBLISHED_REGISTER) + published_mj(p, MF_PUBLISHED_REGISTER_WEIGHT),
         level_mj(r, MF_LEVEL_REGISTERS),
         "registers: four accesses per position, at the table's price"},
        {0, r->vector_mj, "vector unit: requantisation, activations, pooling, sums, scaling"},
        {0, r->static_mj, "static power"}};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        add_step(c, (totals){levels[i].is - levels[i].was, 0}, levels[i].because);
    double compute_ms = 0, per_ms = 1 / (c->setup->accelerator.clock_mhz * 1e3);
    for (size_t i = 0; i < r->n_rows; i++)
        if (!r->rows[i].vector)
            compute_ms += r->rows[i].found.cost.bound_cycles[MF_BOUND_COMPUTE] * per_ms;
    add_step(
        c, (totals){0, compute_ms - c->at.latency_ms},
        "mapping: remainders instead of exact factors, all PEs, chosen with bandwidth in mind");
    add_step(c, (totals){0, r->array_ms - compute_ms},
             c->account->executes
                 ? "bandwidth, as the chip was seen to wait: buses, DRAM, weights, fill and drain"
                 : "bandwidth: buses, DRAM, loading weights, filling and draining the array");
    add_step(c, (totals){0, r->vector_ms}, "vector unit: passes of its own");
}

/* ---- rows ---------------------------------------------------------------------------------------
 */

static mf_status add_bar(comparer *c, const mf_analytic_result *r, mf_diag *diag)
{
    size_t n_series;
    mf_account_bar_series(&n_series);
    c->labels[c->n_bars] = mf_arena_format(c->setup->arena, "%s %s", c->network->name, c->op);
    if (!c->labels[c->n_bars])
        return mf_fail_memory(diag);
    mf_account_bar(r, &c->energy_mj[c->n_bars * n_series]);
    c->latency_ms[2 * c->n_bars] = r->array_ms;
    c->latency_ms[2 * c->n_bars + 1] = r->vector_ms;
    c->n_bars++;
    return MF_OK;
}

static mf_status draw(comparer *c, bool published, mf_diag *diag)
{
    static const char *const parts[] = {"array", "vector unit"};
    size_t n_series;
    const char *const *series = mf_account_bar_series(&n_series);
    mf_plot plot;
    if (published)
        return mf_variants_plot_end(&c->beside, diag);
    MF_TRY(mf_plot_open(c->setup->arguments, &plot, diag));
    mf_plot_bars(&plot, "energy by level", "mJ", series, n_series, c->labels, c->n_bars,
                 c->energy_mj);
    mf_plot_bars(&plot, "latency", "ms", parts, 2, c->labels, c->n_bars, c->latency_ms);
    return mf_plot_close(&plot, diag);
}

/* The consistent account of one operator; with --engine systemc its sums are those of the chip,
 * each variant on its own. */
static mf_status run_consistent(const comparer *c, const char *op, mf_analytic_result *r,
                                mf_diag *diag)
{
    mf_report report;
    MF_TRY(mf_account_price(c->account, c->network, op,
                            c->account->executes ? MF_ENGINE_SYSTEMC : MF_ENGINE_ANALYTIC, &report,
                            diag));
    *r = report.account;
    return MF_OK;
}

static mf_status compare_variant(comparer *c, bool published, bool consistent, mf_diag *diag)
{
    mf_published_result p;
    mf_analytic_result r;
    if (published) {
        MF_TRY(run_published(c, &c->setup->conventions, c->op, &p, diag));
        c->at = (totals){p.energy_mj, p.latency_ms};
        add_account(c, PUBLISHED, c->at, c->mult_published);
    }
    if (!consistent)
        return MF_OK;
    MF_TRY(run_consistent(c, c->op, &r, diag));
    if (published) {
        MF_TRY(take_back(c, &p, diag));
        bill_instead(c, &p, &r);
    }
    add_account(c, CONSISTENT, (totals){r.energy_mj, r.latency_ms}, c->mult_consistent);
    return add_bar(c, &r, diag);
}

static mf_status compare_network(comparer *c, bool published, bool consistent,
                                 const char *const *ops, size_t n_ops, mf_diag *diag)
{
    mf_published_result p;
    mf_analytic_result r;
    if (published) {
        MF_TRY(run_published(c, &c->setup->conventions, "mult", &p, diag));
        c->mult_published = (totals){p.energy_mj, p.latency_ms};
    }
    if (consistent) {
        MF_TRY(run_consistent(c, "mult", &r, diag));
        c->mult_consistent = (totals){r.energy_mj, r.latency_ms};
    }
    for (size_t i = 0; i < n_ops; i++) {
        c->op = ops[i];
        c->first = i == 0 || (published && consistent); /* a group of its own if it has steps */
        MF_TRY(compare_variant(c, published, consistent, diag));
    }
    return MF_OK;
}

static mf_status write_sheet(comparer *c, bool published, bool consistent, mf_diag *diag)
{
    mf_setup *setup = c->setup;
    const mf_accelerator *a = &setup->accelerator;
    const mf_analytic_options *o = &c->account->options;
    mf_sheet_heading(
        c->sheet,
        mf_arena_format(setup->arena, "on %s (%" PRIu64 "x%" PRIu64 " PEs, %g MHz)%s%s%s%s%s%s%s%s",
                        a->name, a->pe_rows, a->pe_columns, a->clock_mhz,
                        published ? ", published: conventions of " : "",
                        published ? setup->experiment.name : "", consistent ? ", consistent: " : "",
                        consistent ? o->dataflow->name : "", consistent ? ", best " : "",
                        consistent ? mf_objective_name((int)o->objective) : "",
                        consistent ? ", table " : "", consistent ? c->account->table->name : ""));
    if (published && consistent)
        mf_sheet_note(c->sheet, "each line between the accounts is one difference, with the totals "
                                "after it; docs/ENERGY_MODEL.md explains them");
    if (mf_arguments_has(setup->arguments, "provenance"))
        mf_account_provenance(c->account, c->sheet);
    return mf_output_sheet(setup->cli, setup->arguments, c->sheet, diag);
}

mf_status mf_compare_accounts(mf_setup *setup, bool published, bool consistent,
                              const char *const *networks, size_t n_networks,
                              const char *const *ops, size_t n_ops, mf_diag *diag)
{
    mf_account account = {0};
    mf_column shown[sizeof columns / sizeof columns[0]];
    memcpy(shown, columns, sizeof columns);
    if (!published)
        for (size_t i = 0; shown[i].key; i++)
            if (strstr(shown[i].key, "change") || strcmp(shown[i].key, "because") == 0)
                shown[i].title = NULL;
    comparer c = {
        .setup = setup, .account = &account, .sheet = mf_sheet_create(setup->arena, shown)};
    mf_status status;
    size_t n_series, n_bars = n_networks * n_ops;
    mf_account_bar_series(&n_series);
    c.labels = MF_NEW_ARRAY(setup->arena, const char *, n_bars);
    c.energy_mj = MF_NEW_ARRAY(setup->arena, double, n_bars *n_series);
    c.latency_ms = MF_NEW_ARRAY(setup->arena, double, n_bars * 2);
    if (!c.labels || !c.energy_mj || !c.latency_ms)
        return mf_fail_memory(diag);
    MF_TRY_DONE(mf_account_open(&account, setup, diag));
    if (published)
        MF_TRY_DONE(
            mf_variants_plot_begin(&c.beside, setup->arguments, "published account",
                                   account.executes ? "executed on the chip" : "consistent account",
                                   n_networks, ops, n_ops, diag));
    for (size_t i = 0; i < n_networks; i++) {
        mf_network *network = NULL;
        MF_TRY_DONE(mf_setup_network(setup->cli, setup->arguments, networks[i], &network, diag));
        c.network = network;
        status = compare_network(&c, published, consistent, ops, n_ops, diag);
        mf_network_destroy(network);
        if (status != MF_OK)
            goto done;
    }
    MF_TRY_DONE(mf_account_check_statistics(&account, diag));
    MF_TRY_DONE(draw(&c, published, diag));
    MF_TRY_DONE(write_sheet(&c, published, consistent, diag));
done:
    mf_account_close(&account);
    return status;
}
