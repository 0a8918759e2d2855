/* The layers of a description, one after the other. */
#include "sim/validation.h"

#include "base/faults.h"
#include "dataflows/row_stationary.h"
#include "sim/analytic.h"
#include "sim/validation_chip.h"

#include <math.h>

typedef struct validator {
    const mf_validation *validation;
    const mf_accelerator *accelerator;
    const mf_operator *op;
    const mf_prices *prices;
    mf_chip *chip;
    double sums[MF_N_QUANTITIES], chip_mj;
    mf_validation_result *result;
} validator;

/* ---- layers ------------------------------------------------------------------------------------
 */

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

static void model_of(const validator *v, const mf_work *work, const mf_machine *m,
                     const mf_found *f, double in, double out, double *model)
{
    double per_ms = 1 / (v->accelerator->clock_mhz * 1e3), sums[MF_N_LEVELS] = {0}, chip;
    const mf_flow *flow = f->counts.flow;
    model[MF_QUANTITY_ACTIVE_PES] = (double)mf_active_pes(work, &f->mapping);
    model[MF_QUANTITY_PROCESSING_MS] = f->cost.array_cycles * per_ms;
    model[MF_QUANTITY_TOTAL_MS] = f->cost.cycles * per_ms;
    model[MF_QUANTITY_BUFFER_MB] = buffer_mb(&f->counts, m);
    model[MF_QUANTITY_DRAM_MB] =
        ((double)flow[MF_IFMAP].dram_reads * (double)m->capacity.bits[MF_IFMAP] * in +
         (double)flow[MF_WEIGHT].dram_reads * (double)m->capacity.bits[MF_WEIGHT] +
         2 * (double)flow[MF_PSUM].dram_reads * (double)m->capacity.bits[MF_PSUM] +
         (double)mf_flow_outputs(&flow[MF_PSUM]) * (double)m->output_bits * out) /
        8e6;
    for (int level = 0; level < MF_N_LEVELS; level++)
        for (int t = 0; t < MF_N_TENSORS; t++)
            sums[level] += f->cost.access_pj[level][t];
    chip = f->cost.energy_pj - sums[MF_LEVEL_DRAM]; /* what is there all the time, beside it */
    model[MF_QUANTITY_CHIP_MW] =
        chip * 1e-9 / (model[MF_QUANTITY_TOTAL_MS] * 1e-3) + v->prices->table->static_mw;
    model[MF_QUANTITY_CHIP_GATED_MW] =
        model[MF_QUANTITY_CHIP_MW] + v->result->gated_mw + v->result->area.leakage_mw;
    model[MF_QUANTITY_CHIP_CLOCKED_MW] =
        model[MF_QUANTITY_CHIP_MW] + v->result->clocked_mw + v->result->area.leakage_mw;
    model[MF_QUANTITY_CHIP_MM2] = v->result->area.um2 * 1e-6;
    model[MF_QUANTITY_OPERATIONS_GMACS] = f->cost.mac_pj * 1e-9;
    model[MF_QUANTITY_DRAM_GMACS] = sums[MF_LEVEL_DRAM] * 1e-9;
    model[MF_QUANTITY_REGISTER_GMACS] = sums[MF_LEVEL_REGISTERS] * 1e-9;
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

/* A quantity that nothing in the description leads to. */
static mf_status check_known(const validator *v, int q, const mf_json *value, mf_diag *diag)
{
    bool clocks = q == MF_QUANTITY_CHIP_GATED_MW || q == MF_QUANTITY_CHIP_CLOCKED_MW;
    if (clocks && !v->validation->clocks.status)
        return mf_json_fail(value, diag, MF_INVALID, "needs \"clocks\" in the description");
    if (q == MF_QUANTITY_CHIP_MM2 && !v->validation->area_table)
        return mf_json_fail(value, diag, MF_INVALID, "needs \"area\" in the description");
    return MF_OK;
}

static mf_status compare(validator *v, const char *layer, const mf_json *published,
                         const double *model, int total, mf_diag *diag)
{
    const char *names[MF_N_QUANTITIES + 1] = {NULL};
    mf_json value;
    bool first = true;
    for (int q = 0; q < MF_N_QUANTITIES; q++)
        names[q] = mf_quantity_name(q);
    MF_TRY(mf_json_only(published, names, diag));
    for (int q = 0; q < MF_N_QUANTITIES; q++) {
        double number, band = v->validation->band[total][q];
        if (!mf_json_find(published, names[q], &value))
            continue;
        MF_TRY(check_known(v, q, &value, diag));
        MF_TRY(mf_json_read_real(&value, 1e-9, 1e12, &number, diag));
        double percent = 100 * (model[q] / number - 1);
        bool within = fabs(percent) <= band || (v->validation->lower_is_better[q] && percent < 0);
        v->result->rows[v->result->n_rows++] = (mf_validation_row){.layer = layer,
                                                                   .first = first,
                                                                   .quantity = (mf_quantity)q,
                                                                   .model = model[q],
                                                                   .published = number,
                                                                   .difference_percent = percent,
                                                                   .band_percent = band,
                                                                   .within = within};
        first = false;
        if (band < 0)
            continue;
        v->result->n_compared++;
        v->result->n_outside += !within;
    }
    return MF_OK;
}

/* How much better than the chip's is the best mapping that the search finds? */
static mf_status note_search(validator *v, const char *layer, const mf_work *work,
                             const mf_machine *machine, const mf_cost *chip, mf_diag *diag)
{
    mf_found best[3];
    for (int o = 0; o < 3; o++)
        MF_TRY(mf_search(work, machine, &mf_dataflow_row_stationary,
                         mf_machine_bypass(v->accelerator), (mf_objective)o, &best[o], diag));
    v->result->best[v->result->n_best++] = (mf_validation_best){
        .layer = layer,
        .energy = best[0].cost.energy_pj / chip->energy_pj,
        .latency = best[1].cost.cycles / chip->cycles,
        .edp = best[2].cost.energy_pj * best[2].cost.cycles / (chip->energy_pj * chip->cycles)};
    return MF_OK;
}

/* Instead of the closed forms: what the SystemC chip measures on numbers with these shares of
 * zeros. */
static mf_status run_on_chip(validator *v, const char *name, const mf_work *work,
                             const mf_widths *widths, mf_zeros zeros, mf_found *found, double *in,
                             double *out, mf_diag *diag)
{
    mf_validation_chip job = {.name = name,
                              .accelerator = v->accelerator,
                              .op = v->op,
                              .widths = widths,
                              .prices = v->prices,
                              .work = work,
                              .mapping = &found->mapping,
                              .zeros = zeros};
    mf_chip_report report;
    const mf_flow *flow = report.counts.flow;
    MF_TRY(mf_validation_on_chip(&job, v->chip, &report, &found->cost, diag));
    double bits = (double)widths->activation_bits,
           outputs = (double)mf_flow_outputs(&flow[MF_PSUM]);
    found->counts = report.counts;
    found->cost.array_cycles = report.array_cycles;
    found->cost.cycles = report.cycles;
    *in = (double)report.ifmap_dram_bits / ((double)flow[MF_IFMAP].dram_reads * bits);
    *out = (double)report.output_dram_bits / (outputs * (double)widths->written_bits);
    v->result->compute_cycles += report.compute_cycles;
    for (int stall = 0; stall < MF_N_STALLS; stall++)
        v->result->stall_cycles[stall] += report.stall_cycles[stall];
    v->result->peak_cycles +=
        (double)report.counts.n_macs / (double)mf_accelerator_pes(v->accelerator);
    return MF_OK;
}

static mf_status validate_layer(validator *v, const mf_json *item, mf_diag *diag)
{
    static const char *const keys[] = {
        "name",      "shape", "mapping", "ifmap_zero_fraction", "ofmap_zero_fraction",
        "published", NULL};
    const char *name;
    mf_work work;
    mf_widths widths;
    mf_machine machine;
    mf_zeros zeros = MF_ZEROS_UNKNOWN;
    mf_found found = {0};
    mf_json published;
    double model[MF_N_QUANTITIES];
    MF_TRY(mf_json_only(item, keys, diag));
    MF_TRY(mf_json_string(item, "name", &name, diag));
    MF_TRY(read_shape(item, &work, diag));
    MF_TRY(read_share_or(item, "ifmap_zero_fraction", &zeros.ifmap, diag));
    MF_TRY(read_share_or(item, "ofmap_zero_fraction", &zeros.ofmap, diag));
    MF_TRY(mf_operator_widths(v->op, v->validation->bits, v->accelerator->psum_bits,
                              (uint64_t)work.size[MF_C] * work.size[MF_R] * work.size[MF_S],
                              &widths, diag));
    MF_TRY(mf_machine_make(v->accelerator, v->op, &widths, v->prices, zeros, &machine, diag));
    if (v->validation->search) {
        MF_TRY(mf_search(&work, &machine, &mf_dataflow_row_stationary,
                         mf_machine_bypass(v->accelerator), v->validation->objective, &found,
                         diag));
    } else {
        mf_row_stationary_terms terms;
        MF_TRY(read_terms(item, &terms, diag));
        MF_TRY(mf_row_stationary_nest(&work, &terms, v->accelerator->pe_rows,
                                      v->accelerator->pe_columns, mf_machine_bypass(v->accelerator),
                                      &found.mapping, diag));
        MF_TRY(mf_mapping_check_capacity(&found.mapping, &work, &machine.capacity, diag));
        mf_cost_of_mapping(&machine, &work, &found.mapping, &found.counts, &found.cost);
        MF_TRY(note_search(v, name, &work, &machine, &found.cost, diag));
    }
    double in = mf_run_length_ratio(v->accelerator->run_length_bits, widths.activation_bits,
                                    zeros.ifmap),
           out = mf_run_length_ratio(v->accelerator->run_length_bits, machine.output_bits,
                                     zeros.ofmap);
    if (v->validation->on_chip)
        MF_TRY(run_on_chip(v, name, &work, &widths, zeros, &found, &in, &out, diag));
    model_of(v, &work, &machine, &found, in, out, model);
    for (int q = 0; q < MF_N_QUANTITIES; q++)
        v->sums[q] += model[q];
    v->chip_mj += model[MF_QUANTITY_CHIP_MW] * model[MF_QUANTITY_TOTAL_MS] * 1e-3;
    MF_TRY(mf_json_get(item, "published", &published, diag));
    return compare(v, name, &published, model, 0, diag);
}

static mf_status validate(validator *v, const mf_json *root, const mf_json *list, mf_diag *diag)
{
    mf_json item = {0}, total;
    while (mf_json_next(list, &item))
        MF_TRY(validate_layer(v, &item, diag));
    if (mf_json_find(root, "total", &total)) {
        v->sums[MF_QUANTITY_CHIP_MW] = v->chip_mj / (v->sums[MF_QUANTITY_TOTAL_MS] * 1e-3);
        v->sums[MF_QUANTITY_CHIP_GATED_MW] =
            v->sums[MF_QUANTITY_CHIP_MW] + v->result->gated_mw + v->result->area.leakage_mw;
        v->sums[MF_QUANTITY_CHIP_CLOCKED_MW] =
            v->sums[MF_QUANTITY_CHIP_MW] + v->result->clocked_mw + v->result->area.leakage_mw;
        v->sums[MF_QUANTITY_CHIP_MM2] = v->result->area.um2 * 1e-6;
        MF_TRY(compare(v, "total", &total, v->sums, 1, diag));
    }
    return MF_OK;
}

/* What is there whatever runs: parts of the chip, and its clocks. */
static mf_status measure(validator *v, const mf_energy_table *area_table, mf_arena *arena,
                         mf_diag *diag)
{
    const mf_validation_clocks *c = &v->validation->clocks;
    const double mw_per_flip_flop = c->energy_pj * v->accelerator->clock_mhz * 1e-3;
    mf_datapath datapath = {.op = v->op, .n_pes = mf_accelerator_pes(v->accelerator)};
    v->result->gated_mw = (double)c->n_always * mw_per_flip_flop;
    v->result->clocked_mw = (double)c->n_flip_flops * mw_per_flip_flop;
    if (!area_table)
        return MF_OK;
    MF_TRY(mf_operator_widths(v->op, v->validation->bits, v->accelerator->psum_bits, 1,
                              &datapath.widths, diag));
    return mf_area_of(v->accelerator, area_table, &datapath, 1, datapath.n_pes, MF_LAWS_OWN, arena,
                      &v->result->area, diag);
}

mf_status mf_validation_run(const mf_validation *validation, const mf_accelerator *accelerator,
                            const mf_operator *op, const mf_energy_table *table,
                            const mf_energy_table *area_table, mf_arena *arena,
                            mf_validation_result *result, mf_diag *diag)
{
    mf_prices prices;
    validator v = {.validation = validation,
                   .accelerator = accelerator,
                   .op = op,
                   .prices = &prices,
                   .result = result};
    mf_json root = mf_json_root(validation->doc), list, item = {0};
    size_t n_layers = 0;
    *result = (mf_validation_result){0};
    MF_TRY(mf_prices_make(accelerator, table, MF_LAWS_OWN, &prices, diag));
    MF_TRY(measure(&v, area_table, arena, diag));
    if (validation->on_chip)
        MF_TRY(mf_chip_create(accelerator->pe_rows, accelerator->pe_columns, NULL, &v.chip, diag));
    mf_status status = mf_json_array(&root, "layers", &list, diag);
    while (status == MF_OK && mf_json_next(&list, &item))
        n_layers++;
    result->rows = MF_NEW_ARRAY(arena, mf_validation_row, (n_layers + 1) * MF_N_QUANTITIES);
    result->best = MF_NEW_ARRAY(arena, mf_validation_best, n_layers);
    if (status == MF_OK)
        status =
            result->rows && result->best ? validate(&v, &root, &list, diag) : mf_fail_memory(diag);
    mf_chip_destroy(v.chip);
    return status;
}
