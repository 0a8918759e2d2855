/* `mulfree validate`: does the model agree with what was published of real chips? */
#include "base/faults.h"
#include "cli/catalog.h"
#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "cli/validate_chip.h"
#include "dataflows/row_stationary.h"
#include "dataflows/search.h"
#include "sim/machine.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What can be held against a publication; `sums` says whether the total is the sum of the layers.
 */
typedef enum quantity {
    ACTIVE_PES,
    PROCESSING_MS,
    TOTAL_MS,
    BUFFER_MB,
    DRAM_MB,
    CHIP_MW,
    OPERATIONS_GMACS,
    DRAM_GMACS,
    REGISTER_GMACS,
    N_QUANTITIES
} quantity;

static const struct {
    const char *name, *text;
} quantities[N_QUANTITIES + 1] = {
    {"active_pes", "PEs at work"},
    {"processing_ms", "processing latency, ms"},
    {"total_ms", "total latency, ms"},
    {"buffer_mb", "between buffer and array, MB"},
    {"dram_mb", "between DRAM and chip, MB"},
    {"chip_mw", "power of the chip, mW"},
    {"operations_gmacs", "energy of operations, 1e9 MACs"},
    {"dram_gmacs", "energy of DRAM, 1e9 MACs"},
    {"register_gmacs", "energy of registers, 1e9 MACs"},
    {NULL, NULL},
};

typedef struct validation {
    mf_cli *cli;
    const mf_arguments *arguments;
    mf_arena *arena;
    const char *name, *about, *source;
    mf_operators *operators;
    const mf_operator *op;
    mf_accelerator accelerator;
    mf_energy_table *table;
    mf_bits bits;
    bool search;
    mf_objective objective;
    double band[2][N_QUANTITIES]; /* of layers, of the total; percent, negative for none */
    bool lower_is_better[N_QUANTITIES];
    double sums[N_QUANTITIES], chip_mj, worst;
    mf_sheet *sheet;
    size_t n_compared, n_outside;
    bool on_chip;
    mf_chip *chip; /* of the process */
    double stall_cycles[MF_N_STALLS], compute_cycles, peak_cycles;
} validation;

static const mf_column columns[] = {{"layer", "layer", 0, 1},
                                    {"quantity", NULL, 0, 1},
                                    {NULL, "quantity", 0, 1},
                                    {"model", "model", 2, 1},
                                    {"published", "published", 2, 1},
                                    {"difference_percent", "diff %", 2, 1},
                                    {"band_percent", "band %", 0, 1},
                                    {"within", "within", 0, 1},
                                    {NULL, NULL, 0, 0}};

/* ---- reading -----------------------------------------------------------------------------------
 */

static mf_status read_bands(validation *v, const mf_json *root, const char *key, double *bands,
                            mf_diag *diag)
{
    const char *names[N_QUANTITIES + 1] = {NULL};
    mf_json object, value;
    (void)v;
    for (int q = 0; q < N_QUANTITIES; q++)
        names[q] = quantities[q].name;
    if (!mf_json_find(root, key, &object))
        return MF_OK;
    MF_TRY(mf_json_only(&object, names, diag));
    for (int q = 0; q < N_QUANTITIES; q++)
        if (mf_json_find(&object, names[q], &value))
            MF_TRY(mf_json_read_real(&value, 0, 100, &bands[q], diag));
    return MF_OK;
}

static mf_status read_better(validation *v, const mf_json *root, mf_diag *diag)
{
    const char *names[N_QUANTITIES];
    mf_json list, item = {0};
    size_t q;
    for (int i = 0; i < N_QUANTITIES; i++)
        names[i] = quantities[i].name;
    if (!mf_json_find(root, "lower_is_better", &list))
        return MF_OK;
    while (mf_json_next(&list, &item)) {
        MF_TRY(mf_json_read_choice(&item, names, N_QUANTITIES, &q, diag));
        v->lower_is_better[q] = true;
    }
    return MF_OK;
}

static mf_status load_parts(validation *v, const mf_json *root, mf_diag *diag)
{
    const char *name, *path;
    size_t index;
    MF_TRY(mf_setup_operators(v->cli, v->arena, &v->operators, diag));
    MF_TRY(mf_json_string(root, "op", &name, diag));
    MF_TRY(mf_operators_find(v->operators, name, &index, diag));
    v->op = mf_operators_at(v->operators, index);
    MF_TRY(mf_json_string(root, "accelerator", &name, diag));
    MF_TRY(mf_catalog_path(v->cli, MF_KIND_ACCELERATOR, name, v->arena, &path, diag));
    MF_TRY(mf_accelerator_load(path, v->arena, &v->accelerator, diag));
    MF_TRY(mf_json_string(root, "table", &name, diag));
    MF_TRY(mf_catalog_path(v->cli, MF_KIND_ENERGY_TABLE, name, v->arena, &path, diag));
    return mf_energy_table_load(path, &v->table, diag);
}

static mf_status read_head(validation *v, const mf_json *root, mf_diag *diag)
{
    static const char *const keys[] = {"name",
                                       "about",
                                       "source",
                                       "accelerator",
                                       "table",
                                       "op",
                                       "bits",
                                       "mapping",
                                       "objective",
                                       "band_percent",
                                       "band_percent_total",
                                       "systemc_band_percent",
                                       "systemc_band_percent_total",
                                       "lower_is_better",
                                       "layers",
                                       "total",
                                       NULL};
    static const char *const mappings[] = {"given", "search"};
    const char *bits = NULL, *names[MF_N_OBJECTIVES];
    mf_json member;
    size_t choice = 0;
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(root, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "name", v->arena, &v->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "about", v->arena, &v->about, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "source", v->arena, &v->source, &faults.latest));
    MF_ALSO(mf_json_string(root, "bits", &bits, &faults.latest));
    MF_ALSO(mf_json_choice(root, "mapping", mappings, 2, &choice, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    MF_TRY(mf_bits_parse(bits, &v->bits, diag));
    v->search = choice == 1;
    v->objective = MF_OBJECTIVE_EDP;
    for (int i = 0; i < MF_N_OBJECTIVES; i++)
        names[i] = mf_objective_name(i);
    if (mf_json_find(root, "objective", &member)) {
        MF_TRY(mf_json_read_choice(&member, names, MF_N_OBJECTIVES, &choice, diag));
        v->objective = (mf_objective)choice;
    }
    for (int q = 0; q < N_QUANTITIES; q++)
        v->band[0][q] = v->band[1][q] = -1;
    MF_TRY(read_bands(v, root, "band_percent", v->band[0], diag));
    MF_TRY(read_bands(v, root, "band_percent_total", v->band[1], diag));
    if (v->on_chip) { /* closer ones, where they are given */
        MF_TRY(read_bands(v, root, "systemc_band_percent", v->band[0], diag));
        MF_TRY(read_bands(v, root, "systemc_band_percent_total", v->band[1], diag));
    }
    MF_TRY(read_better(v, root, diag));
    return load_parts(v, root, diag);
}

/* Square maps and kernels, inputs as large as stored: "padded" maps have no padding here. */
static mf_status read_shape(const mf_json *layer, mf_work *work, mf_diag *diag)
{
    mf_faults faults = {0};
    static const char *const keys[] = {"n", "g", "m", "c", "h", "r", "e", "stride", NULL};
    mf_json object;
    mf_shape s = {0};
    const struct {
        const char *key;
        uint64_t *to;
    } sizes[] = {{"n", &s.n}, {"g", &s.g}, {"m", &s.m}, {"c", &s.c},
                 {"h", &s.h}, {"r", &s.r}, {"e", &s.e}, {"stride", &s.stride}};
    MF_TRY(mf_json_get(layer, "shape", &object, diag));
    MF_ALSO(mf_json_only(&object, keys, &faults.latest));
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        MF_ALSO(mf_json_count(&object, sizes[i].key, 1, MF_LARGEST_DIMENSION, sizes[i].to,
                              &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    s.w = s.h;
    s.s = s.r;
    s.f = s.e;
    if (s.m % s.g || s.c % s.g || mf_shape_windows(s.h, s.r, s.stride, 0, false) != s.e)
        return mf_json_fail(&object, diag, MF_INVALID,
                            "m and c must divide into g groups, and h, r and stride give e");
    MF_TRY(mf_shape_check(&s, diag));
    *work = mf_work_of(&s);
    return MF_OK;
}

static mf_status read_terms(const mf_json *layer, mf_row_stationary_terms *t, mf_diag *diag)
{
    static const char *const keys[] = {"m", "n", "e", "p", "q", "r", "t", NULL};
    uint32_t *const to[] = {&t->m, &t->n, &t->e, &t->p, &t->q, &t->r, &t->t};
    mf_json object;
    MF_TRY(mf_json_get(layer, "mapping", &object, diag));
    MF_TRY(mf_json_only(&object, keys, diag));
    for (int i = 0; keys[i]; i++) {
        uint64_t value;
        MF_TRY(mf_json_count(&object, keys[i], 1, MF_LARGEST_DIMENSION, &value, diag));
        *to[i] = (uint32_t)value;
    }
    return MF_OK;
}

static mf_status read_share_or(const mf_json *layer, const char *key, double *share, mf_diag *diag)
{
    mf_json value;
    if (mf_json_find(layer, key, &value))
        MF_TRY(mf_json_read_real(&value, 0, 1, share, diag));
    return MF_OK;
}

/* ---- the model's side --------------------------------------------------------------------------
 */

/* Words between buffer and array: the chip's tables count these and not the fills from DRAM. */
static double buffer_mb(const mf_counts *counts, const mf_machine *m)
{
    const mf_flow *flow = counts->flow;
    return ((double)flow[MF_IFMAP].buffer_reads * (double)m->capacity.bits[MF_IFMAP] +
            (double)(flow[MF_PSUM].buffer_reads + flow[MF_PSUM].buffer_writes) *
                (double)m->capacity.bits[MF_PSUM]) /
           8e6;
}

static void model_of(const validation *v, const mf_work *work, const mf_machine *m,
                     const mf_found *f, double in, double out, double *model)
{
    double per_ms = 1 / (v->accelerator.clock_mhz * 1e3), sums[MF_N_LEVELS] = {0}, chip;
    mf_split split[MF_N_DIMENSIONS];
    const mf_flow *flow = f->counts.flow;
    mf_splits_of(work, &f->mapping, split);
    model[ACTIVE_PES] = 1;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        model[ACTIVE_PES] *= (double)split[d].pes[0];
    model[PROCESSING_MS] = f->cost.array_cycles * per_ms;
    model[TOTAL_MS] = f->cost.cycles * per_ms;
    model[BUFFER_MB] = buffer_mb(&f->counts, m);
    model[DRAM_MB] = ((double)flow[MF_IFMAP].dram_reads * (double)m->capacity.bits[MF_IFMAP] * in +
                      (double)flow[MF_WEIGHT].dram_reads * (double)m->capacity.bits[MF_WEIGHT] +
                      2 * (double)flow[MF_PSUM].dram_reads * (double)m->capacity.bits[MF_PSUM] +
                      (double)(flow[MF_PSUM].dram_writes - flow[MF_PSUM].dram_reads) *
                          (double)m->capacity.bits[MF_IFMAP] * out) /
                     8e6;
    for (int level = 0; level < MF_N_LEVELS; level++)
        for (int t = 0; t < MF_N_TENSORS; t++)
            sums[level] += f->cost.access_pj[level][t];
    chip = f->cost.energy_pj - sums[MF_LEVEL_DRAM];
    model[CHIP_MW] = chip * 1e-9 / (model[TOTAL_MS] * 1e-3) + v->table->static_mw;
    model[OPERATIONS_GMACS] = f->cost.mac_pj * 1e-9;
    model[DRAM_GMACS] = sums[MF_LEVEL_DRAM] * 1e-9;
    model[REGISTER_GMACS] = sums[MF_LEVEL_REGISTERS] * 1e-9;
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

static mf_status compare(validation *v, const char *layer, const mf_json *published,
                         const double *model, int total, mf_diag *diag)
{
    const char *names[N_QUANTITIES + 1] = {NULL};
    mf_json value;
    bool first = true;
    for (int q = 0; q < N_QUANTITIES; q++)
        names[q] = quantities[q].name;
    MF_TRY(mf_json_only(published, names, diag));
    for (int q = 0; q < N_QUANTITIES; q++) {
        double number, band = v->band[total][q];
        if (!mf_json_find(published, names[q], &value))
            continue;
        MF_TRY(mf_json_read_real(&value, 1e-9, 1e12, &number, diag));
        double percent = 100 * (model[q] / number - 1);
        bool within = fabs(percent) <= band || (v->lower_is_better[q] && percent < 0);
        mf_sheet_row(v->sheet, first ? MF_ROW_FIRST : MF_ROW_PLAIN);
        first = false;
        mf_sheet_text(v->sheet, layer);
        mf_sheet_text(v->sheet, names[q]);
        mf_sheet_text(v->sheet, quantities[q].text);
        mf_sheet_real(v->sheet, model[q]);
        mf_sheet_real(v->sheet, number);
        mf_sheet_real(v->sheet, percent);
        if (band < 0) {
            mf_sheet_none(v->sheet);
            mf_sheet_text(v->sheet, "not held to");
            continue;
        }
        mf_sheet_real(v->sheet, band);
        mf_sheet_text(v->sheet, within ? "yes" : "NO");
        v->n_compared++;
        v->n_outside += !within;
    }
    return MF_OK;
}

/* How much better than the chip's is the best mapping that the search finds? */
static mf_status note_search(validation *v, const char *layer, const mf_work *work,
                             const mf_machine *machine, const bool *bypass, const mf_cost *chip,
                             mf_diag *diag)
{
    mf_found best[3];
    for (int o = 0; o < 3; o++)
        MF_TRY(mf_search(work, machine, &mf_dataflow_row_stationary, bypass, (mf_objective)o,
                         &best[o], diag));
    mf_sheet_note(v->sheet,
                  mf_arena_format(v->arena,
                                  "%s: the search's best mappings take %.3f of the energy "
                                  "(energy), %.3f of the time (latency), %.3f of the EDP (edp) of "
                                  "the given one",
                                  layer, best[0].cost.energy_pj / chip->energy_pj,
                                  best[1].cost.cycles / chip->cycles,
                                  best[2].cost.energy_pj * best[2].cost.cycles /
                                      (chip->energy_pj * chip->cycles)));
    return MF_OK;
}

/* Instead of the closed forms: what the SystemC chip measures on numbers with these shares of
 * zeros. */
static mf_status run_on_chip(validation *v, const char *name, const mf_work *work,
                             const mf_widths *widths, mf_zeros zeros, mf_found *found, double *in,
                             double *out, mf_diag *diag)
{
    mf_validate_chip job = {.name = name,
                            .accelerator = &v->accelerator,
                            .op = v->op,
                            .widths = widths,
                            .table = v->table,
                            .work = work,
                            .mapping = &found->mapping,
                            .zeros = zeros};
    mf_chip_report report;
    const mf_flow *flow = report.counts.flow;
    MF_TRY(mf_validate_on_chip(&job, v->chip, &report, &found->cost, diag));
    double bits = (double)widths->activation_bits,
           outputs = (double)(flow[MF_PSUM].dram_writes - flow[MF_PSUM].dram_reads);
    found->counts = report.counts;
    found->cost.array_cycles = report.array_cycles;
    found->cost.cycles = report.cycles;
    *in = (double)report.ifmap_dram_bits / ((double)flow[MF_IFMAP].dram_reads * bits);
    *out = (double)report.output_dram_bits / (outputs * bits);
    v->compute_cycles += report.compute_cycles;
    for (int stall = 0; stall < MF_N_STALLS; stall++)
        v->stall_cycles[stall] += report.stall_cycles[stall];
    v->peak_cycles += (double)report.counts.n_macs / (double)mf_accelerator_pes(&v->accelerator);
    return MF_OK;
}

/* Where the time went, against the time that all PEs at work all the time would take. */
static void note_chip(validation *v)
{
    double per_ms = 1 / (v->accelerator.clock_mhz * 1e3);
    mf_text text = {0};
    mf_text_printf(
        &text,
        "executed in SystemC, every sum checked: all PEs busy would take %.1f ms; idle PEs %.1f",
        v->peak_cycles * per_ms, (v->compute_cycles - v->peak_cycles) * per_ms);
    for (int stall = 0; stall < MF_N_STALLS; stall++)
        if (v->stall_cycles[stall] * per_ms >= 0.005)
            mf_text_printf(&text, ", %s %.1f", mf_stall_name(stall),
                           v->stall_cycles[stall] * per_ms);
    mf_text_puts(&text, " ms more");
    if (!text.failed)
        mf_sheet_note(v->sheet, mf_arena_string(v->arena, text.bytes));
    mf_text_free(&text);
}

static mf_status validate_layer(validation *v, const mf_json *item, mf_diag *diag)
{
    static const char *const keys[] = {
        "name",      "shape", "mapping", "ifmap_zero_fraction", "ofmap_zero_fraction",
        "published", NULL};
    static const bool bypass[MF_N_TENSORS] = {[MF_WEIGHT] = true};
    const char *name;
    mf_work work;
    mf_widths widths;
    mf_machine machine;
    mf_zeros zeros = MF_ZEROS_UNKNOWN;
    mf_found found = {0};
    mf_json published;
    double model[N_QUANTITIES];
    MF_TRY(mf_json_only(item, keys, diag));
    MF_TRY(mf_json_string(item, "name", &name, diag));
    MF_TRY(read_shape(item, &work, diag));
    MF_TRY(read_share_or(item, "ifmap_zero_fraction", &zeros.ifmap, diag));
    MF_TRY(read_share_or(item, "ofmap_zero_fraction", &zeros.ofmap, diag));
    MF_TRY(mf_operator_widths(v->op, v->bits, v->accelerator.psum_bits,
                              (uint64_t)work.size[MF_C] * work.size[MF_R] * work.size[MF_S],
                              &widths, diag));
    MF_TRY(mf_machine_make(&v->accelerator, v->op, &widths, v->table, zeros, &machine, diag));
    if (v->search) {
        MF_TRY(mf_search(&work, &machine, &mf_dataflow_row_stationary, bypass, v->objective, &found,
                         diag));
    } else {
        mf_row_stationary_terms terms;
        MF_TRY(read_terms(item, &terms, diag));
        MF_TRY(mf_row_stationary_nest(&work, &terms, v->accelerator.pe_rows,
                                      v->accelerator.pe_columns, &found.mapping, diag));
        MF_TRY(mf_mapping_check_capacity(&found.mapping, &work, &machine.capacity, diag));
        mf_cost_of_mapping(&machine, &work, &found.mapping, &found.counts, &found.cost);
        MF_TRY(note_search(v, name, &work, &machine, bypass, &found.cost, diag));
    }
    double in = mf_run_length_ratio(v->accelerator.run_length_bits, widths.activation_bits,
                                    zeros.ifmap),
           out = mf_run_length_ratio(v->accelerator.run_length_bits, widths.activation_bits,
                                     zeros.ofmap);
    if (v->on_chip)
        MF_TRY(run_on_chip(v, name, &work, &widths, zeros, &found, &in, &out, diag));
    model_of(v, &work, &machine, &found, in, out, model);
    for (int q = 0; q < N_QUANTITIES; q++)
        v->sums[q] += model[q];
    v->chip_mj += model[CHIP_MW] * model[TOTAL_MS] * 1e-3;
    MF_TRY(mf_json_get(item, "published", &published, diag));
    return compare(v, name, &published, model, 0, diag);
}

static mf_status validate(validation *v, const mf_json *root, mf_diag *diag)
{
    mf_json list, item = {0}, total;
    v->sheet = mf_sheet_create(v->arena, columns);
    MF_TRY(mf_json_array(root, "layers", &list, diag));
    while (mf_json_next(&list, &item))
        MF_TRY(validate_layer(v, &item, diag));
    if (mf_json_find(root, "total", &total)) {
        v->sums[CHIP_MW] = v->chip_mj / (v->sums[TOTAL_MS] * 1e-3);
        MF_TRY(compare(v, "total", &total, v->sums, 1, diag));
    }
    mf_sheet_heading(v->sheet, mf_arena_format(v->arena, "%s: %s", v->name, v->about));
    mf_sheet_note(v->sheet, mf_arena_format(v->arena,
                                            "%zu of %zu quantities within their band; "
                                            "docs/VALIDATION.md explains the rest",
                                            v->n_compared - v->n_outside, v->n_compared));
    if (v->on_chip)
        note_chip(v);
    mf_sheet_note(v->sheet, mf_arena_format(v->arena, "source: %s", v->source));
    return MF_OK;
}

static mf_status run_one(mf_cli *cli, const mf_arguments *arguments, const char *name,
                         size_t *n_outside, mf_diag *diag)
{
    validation v = {.cli = cli, .arguments = arguments, .arena = arguments->arena};
    const char *path;
    mf_json_doc *doc = NULL;
    mf_status status;
    v.on_chip = mf_arguments_hold(arguments, MF_IF_SYSTEMC);
    if (v.on_chip)
        MF_TRY(mf_chip_check(diag));
    MF_TRY(mf_catalog_path(cli, MF_KIND_VALIDATION, name, v.arena, &path, diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_json root = mf_json_root(doc);
    MF_TRY_DONE(read_head(&v, &root, diag));
    if (v.on_chip)
        MF_TRY_DONE(
            mf_chip_create(v.accelerator.pe_rows, v.accelerator.pe_columns, NULL, &v.chip, diag));
    MF_TRY_DONE(validate(&v, &root, diag));
    MF_TRY_DONE(mf_output_sheet(cli, arguments, v.sheet, diag));
    *n_outside += v.n_outside;
done:
    mf_chip_destroy(v.chip);
    mf_json_destroy(doc);
    mf_energy_table_destroy(v.table);
    mf_operators_destroy(v.operators);
    return status;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    size_t n_outside = 0;
    MF_TRY(mf_arguments_expect(arguments, 0, 1, diag));
    MF_TRY(run_one(cli, arguments, arguments->n_words ? arguments->words[0] : "eyeriss-alexnet",
                   &n_outside, diag));
    if (n_outside)
        return mf_fail(diag, MF_DIFFERENT, "%zu quantities are outside their band", n_outside);
    return MF_OK;
}

static const mf_option options[] = {
    {"engine", 0, "ENGINE",
     .about =
         "analytic (default), or systemc: execute the layers on made-up numbers with the published zeros",
     .words = "=analytic systemc"},
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree validate", "AlexNet on the Eyeriss chip: PEs, latency, traffic, power"},
    {"mulfree validate eyeriss-isca16", "the energy breakdown of the ISCA 2016 analysis"},
    {"mulfree validate ./my-publication.json --format csv", "a publication of your own"},
    {NULL, NULL}};

const mf_command mf_command_validate = {
    .name = "validate",
    .summary = "hold the model against what was published of real chips",
    .arguments = "[NAME]",
    .about = "NAME is a file of bench/validation or a path (default eyeriss-alexnet). Exits with 1 "
             "when a quantity is outside its band.",
    .words = "validations",
    .options = options,
    .examples = examples,
    .run = run,
};
