/* From the published number to the consistent one, one convention after the other: first those that
 * the published engine can take back itself, each run again; then, level by level, what is billed
 * instead. */
#include "cli/compare_accounts.h"

#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/key_facts.h"
#include "cli/output.h"
#include "cli/plot_variants.h"
#include "sim/attribution.h"

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
                                    {"peak_buffer_bytes", "buffer KiB", 1, 1.0 / 1024},
                                    {"dram_bytes", "DRAM MB", 3, 1e-6},
                                    {"energy_change_mj", "change mJ", 4, 1},
                                    {"latency_change_ms", "change ms", 4, 1},
                                    {"because", "because", 0, 1},
                                    {"arrays", "PEs by area", 0, 1}, /* last, and not always */
                                    {NULL, NULL, 0, 0}};

typedef struct totals {
    double energy_mj, latency_ms;
    double peak_bits, dram_bits; /* of a schedule; 0 of the published account */
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

/* Then rows say how many PEs each operator has. */
static bool by_area(const comparer *c)
{
    return c->account->options.iso_area;
}

/* What a schedule holds and moves; where none was asked for there are no columns for it. */
static void put_schedule(const comparer *c, const totals *t)
{
    if (!mf_arguments_has(c->setup->arguments, "schedule"))
        return;
    if (t && t->dram_bits > 0) {
        mf_sheet_real(c->sheet, t->peak_bits / 8);
        mf_sheet_real(c->sheet, t->dram_bits / 8);
    } else {
        mf_sheet_none(c->sheet);
        mf_sheet_none(c->sheet);
    }
}

static void add_account(comparer *c, int which, totals t, totals mult, const char *arrays)
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
    put_schedule(c, &t);
    mf_sheet_none(c->sheet);
    mf_sheet_none(c->sheet);
    mf_sheet_text(c->sheet, "");
    if (by_area(c))
        mf_sheet_text(c->sheet, arrays);
    mf_variants_plot_add(&c->beside, which, c->network->name, t.energy_mj, t.latency_ms);
}

/* One difference; changes too small to be seen in four digits are passed over. */
static void add_step(comparer *c, const mf_attribution_step *step)
{
    c->at.energy_mj += step->energy_mj;
    c->at.latency_ms += step->latency_ms;
    if (fabs(step->energy_mj) < 5e-5 && fabs(step->latency_ms) < 5e-5)
        return;
    mf_sheet_row(c->sheet, MF_ROW_PLAIN);
    mf_sheet_text(c->sheet, c->network->name);
    mf_sheet_text(c->sheet, c->op);
    mf_sheet_text(c->sheet, "");
    mf_sheet_real(c->sheet, c->at.energy_mj);
    mf_sheet_none(c->sheet);
    mf_sheet_real(c->sheet, c->at.latency_ms);
    mf_sheet_none(c->sheet);
    put_schedule(c, NULL);
    mf_sheet_real(c->sheet, step->energy_mj);
    mf_sheet_real(c->sheet, step->latency_ms);
    mf_sheet_text(c->sheet, step->because);
    if (by_area(c))
        mf_sheet_text(c->sheet, "");
}

static mf_status run_published(const comparer *c, const char *op, mf_published_result *result,
                               mf_diag *diag)
{
    mf_setup own = *c->setup; /* whose log tells of each search */
    mf_variant variant;
    MF_TRY(mf_setup_pricer(&own, diag));
    mf_status status = mf_setup_run(&own, c->network, op, &variant, diag);
    mf_pricer_destroy(own.pricer);
    *result = variant.result;
    return status;
}

/* The differences between the accounts, a line each. */
static mf_status explain(comparer *c, const mf_published_result *p, const mf_report *r,
                         mf_diag *diag)
{
    mf_setup *setup = c->setup;
    mf_pricer_basis basis = mf_setup_basis(setup);
    mf_assignment assignment;
    mf_attribution attribution;
    MF_TRY(
        mf_setup_assign(setup->operators, setup->arguments, c->network, c->op, &assignment, diag));
    mf_status status = mf_attribute(&basis, c->network, &assignment, p, r, &attribution, diag);
    if (status == MF_NO_MAPPING)
        mf_setup_offer_consistent(setup, c->network, c->op, diag);
    MF_TRY(status);
    for (size_t i = 0; i < attribution.n; i++)
        add_step(c, &attribution.steps[i]);
    return MF_OK;
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
static mf_status run_consistent(const comparer *c, const char *op, mf_report *report, mf_diag *diag)
{
    mf_engine engine = c->account->executes ? MF_ENGINE_SYSTEMC : MF_ENGINE_ANALYTIC;
    return mf_account_price(c->account, c->network, op, engine, report, diag);
}

static mf_status compare_variant(comparer *c, bool published, bool consistent, mf_diag *diag)
{
    mf_published_result p;
    mf_report r;
    if (published) {
        MF_TRY(run_published(c, c->op, &p, diag));
        c->at = (totals){p.energy_mj, p.latency_ms, 0, 0};
        add_account(c, PUBLISHED, c->at, c->mult_published, "");
    }
    if (!consistent)
        return MF_OK;
    MF_TRY(run_consistent(c, c->op, &r, diag));
    if (published)
        MF_TRY(explain(c, &p, &r, diag));
    if (mf_arguments_has(c->setup->arguments, "provenance"))
        mf_account_note_floorplans(c->account, c->network, c->op, &r.account, c->sheet);
    add_account(c, CONSISTENT,
                (totals){r.energy_mj, r.latency_ms, (double)r.account.peak_bits,
                         mf_traffic_bits(&r.account.traffic)},
                c->mult_consistent, by_area(c) ? mf_account_arrays(c->account, &r.account) : "");
    return add_bar(c, &r.account, diag);
}

static mf_status compare_network(comparer *c, bool published, bool consistent,
                                 const char *const *ops, size_t n_ops, mf_diag *diag)
{
    mf_published_result p;
    mf_report r;
    if (published) {
        MF_TRY(run_published(c, "mult", &p, diag));
        c->mult_published = (totals){p.energy_mj, p.latency_ms, 0, 0};
    }
    if (consistent) {
        MF_TRY(run_consistent(c, "mult", &r, diag));
        c->mult_consistent = (totals){r.energy_mj, r.latency_ms, 0, 0};
    }
    for (size_t i = 0; i < n_ops; i++) {
        c->op = ops[i];
        c->first = i == 0 || (published && consistent); /* a group of its own if it has steps */
        MF_TRY(compare_variant(c, published, consistent, diag));
        if (mf_arguments_has(c->setup->arguments, "provenance"))
            MF_TRY(mf_account_note_spread(c->account, c->network, c->op, "mult", c->sheet, diag));
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
                        consistent ? ", table " : "",
                        consistent ? mf_account_table_text(c->account) : ""));
    if (published && consistent)
        mf_sheet_note(c->sheet, "each line between the accounts is one difference, with the totals "
                                "after it; docs/ENERGY_MODEL.md explains them");
    if (mf_arguments_has(setup->arguments, "provenance"))
        mf_account_provenance(c->account, c->sheet);
    return mf_output_sheet(setup->cli, setup->arguments, c->sheet, diag);
}

mf_status mf_compare_check_keys(const mf_setup *setup, const mf_account *account,
                                const char *const *networks, size_t n_networks,
                                const char *const *ops, size_t n_ops, mf_diag *diag)
{
    const char **all = MF_NEW_ARRAY(setup->arena, const char *, n_ops + 1);
    if (!all)
        return mf_fail_memory(diag);
    memcpy(all, ops, n_ops * sizeof *ops);
    all[n_ops] = "mult"; /* which ratios are to */
    return mf_key_facts_check_all(setup, account, networks, n_networks, all, n_ops + 1, diag);
}

/* All columns, but those of schedules or areas where none was asked for. */
static void select_columns(bool schedule, bool area, mf_column *shown)
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        const char *key = columns[i].key ? columns[i].key : "";
        bool of_schedule = strcmp(key, "peak_buffer_bytes") == 0 || strcmp(key, "dram_bytes") == 0;
        if ((!of_schedule || schedule) && (strcmp(key, "arrays") != 0 || area))
            shown[n++] = columns[i];
    }
}

mf_status mf_compare_accounts(mf_setup *setup, bool published, bool consistent,
                              const char *const *networks, size_t n_networks,
                              const char *const *ops, size_t n_ops, mf_diag *diag)
{
    mf_account account = {0};
    mf_column shown[sizeof columns / sizeof columns[0]];
    select_columns(mf_arguments_has(setup->arguments, "schedule"),
                   mf_arguments_hold(setup->arguments, MF_IF_BY_AREA), shown);
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
    MF_TRY_DONE(mf_compare_check_keys(setup, &account, networks, n_networks, ops, n_ops, diag));
    mf_account_warn_of_sizes(&account, &setup->accelerator, "");
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
    MF_TRY_DONE(mf_account_check_zeros(&account, diag));
    MF_TRY_DONE(draw(&c, published, diag));
    MF_TRY_DONE(write_sheet(&c, published, consistent, diag));
done:
    mf_account_close(&account);
    return status;
}
