/* From network to predictor and back: prices, the predictor's view of each layer, one search per
 * distinct layer, and the sums. */
#include "sim/published.h"

#include "base/arena.h"
#include "base/memo.h"
#include "models/kinds/kind.h"

#include <inttypes.h>
#include <string.h>

/* A layer searched before, by the members of its problem. `choices` has one element per priced
 * operator. */
typedef struct known_layer {
    mf_published_tally tally;
    mf_published_choice *choices;
} known_layer;

/* A problem without padding. */
typedef struct layer_key {
    uint64_t n, m, c, h, w, r, s, e, f, stride, single_rows;
} layer_key;

struct mf_published {
    mf_arena *arena;
    const mf_accelerator *accelerator;
    const mf_operators *operators;
    const mf_published_conventions *conventions;
    const mf_log *log;
    mf_published_limits limits;
    mf_published_price *prices; /* of the operators that have one, one after the other */
    size_t n_prices;
    size_t *slot;      /* where in `prices` and `choices` an operator is */
    mf_diag *unpriced; /* why an operator has no price; its status is MF_OK where it has one */
    mf_memo *known;    /* known_layer by layer_key */
    mf_published_tally total;
};

/* ---- prices ------------------------------------------------------------------------------------
 */

static mf_status price_operations(const mf_published_conventions *conventions,
                                  const mf_operator *op, size_t index, const mf_energy_table *table,
                                  double *operation_pj, mf_diag *diag)
{
    const char *type = conventions->operation_type[index];
    if (!type) {
        mf_fail(diag, MF_INVALID, "conventions.operation_type says no number type for operator %s",
                op->name);
        mf_hint(diag, "the published predictor knows the paper's operators; --accounting "
                      "consistent prices all");
        return MF_INVALID;
    }
    *operation_pj = 0;
    for (int event = 0; event < MF_N_EVENTS; event++) {
        double energy_pj;
        if (!op->per_mac[event])
            continue;
        MF_TRY(mf_energy_table_operation_pj(table, mf_event_name((mf_event)event), type, &energy_pj,
                                            diag));
        /* Events are listed from the costliest down: mult, shift, add. */
        if (!conventions->bill_all_operations) {
            *operation_pj = energy_pj;
            return MF_OK;
        }
        *operation_pj += energy_pj * (double)op->per_mac[event];
    }
    return MF_OK;
}

static mf_status price_operator(const mf_published *s, size_t index,
                                const mf_energy_table *operations, const mf_energy_table *accesses,
                                mf_published_price *price, mf_diag *diag)
{
    const mf_published_conventions *conventions = s->conventions;
    const mf_operator *op = mf_operators_at(s->operators, index);
    uint64_t bits = conventions->data_bits == MF_PUBLISHED_ACTIVATION
                        ? op->activation_bits
                        : (op->activation_bits + op->weight_bits) / 2;
    *price = (mf_published_price){.clock_hz = s->accelerator->clock_mhz * 1e6,
                                  .latency_bits = (double)bits,
                                  .reference_bits = (double)conventions->latency_reference_bits};
    MF_TRY(price_operations(conventions, op, index, operations, &price->operation_pj, diag));
    for (int level = 0; level < MF_PUBLISHED_LEVELS; level++)
        if (!conventions->free_level[index][level])
            MF_TRY(mf_energy_table_access_pj(accesses, mf_published_part_name(level), bits,
                                             &price->access_pj[level], diag));
    return MF_OK;
}

static uint64_t most(uint64_t capacity, bool inclusive)
{
    return inclusive ? capacity : capacity - 1;
}

mf_status mf_published_create(const mf_accelerator *accelerator, const mf_operators *operators,
                              const mf_published_conventions *conventions,
                              const mf_energy_table *operation_energy,
                              const mf_energy_table *access_energy, const mf_log *log,
                              mf_published **simulator, mf_diag *diag)
{
    size_t n = mf_operators_count(operators);
    mf_arena *arena = mf_arena_create();
    mf_published *s = arena ? MF_NEW(arena, mf_published) : NULL;
    if (s) {
        s->prices = MF_NEW_ARRAY(arena, mf_published_price, n);
        s->slot = MF_NEW_ARRAY(arena, size_t, n);
        s->unpriced = MF_NEW_ARRAY(arena, mf_diag, n);
    }
    if (!s || !s->prices || !s->slot || !s->unpriced) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    if (mf_memo_create(sizeof(layer_key), sizeof(known_layer), &s->known, diag) != MF_OK) {
        mf_arena_destroy(arena);
        return MF_NO_MEMORY;
    }
    s->arena = arena;
    s->accelerator = accelerator;
    s->operators = operators;
    s->conventions = conventions;
    s->log = log;
    s->limits = (mf_published_limits){
        most(mf_accelerator_pes(accelerator), conventions->inclusive_pes),
        most(accelerator->ifmap_register_words, conventions->inclusive_ifmap_register),
        most(accelerator->weight_register_words, conventions->inclusive_weight_register),
        most(accelerator->psum_register_words, conventions->inclusive_psum_register),
        most(accelerator->buffer_words, conventions->inclusive_buffer)};
    /* An operator without a price only matters to a network that uses it. */
    for (size_t i = 0; i < n; i++) {
        s->slot[i] = s->n_prices;
        s->unpriced[i].status = price_operator(s, i, operation_energy, access_energy,
                                               &s->prices[s->n_prices], &s->unpriced[i]);
        s->n_prices += s->unpriced[i].status == MF_OK;
    }
    *simulator = s;
    return MF_OK;
}

void mf_published_destroy(mf_published *simulator)
{
    if (!simulator)
        return;
    mf_memo_destroy(simulator->known);
    mf_arena_destroy(simulator->arena);
}

mf_published_tally mf_published_total(const mf_published *simulator)
{
    return simulator->total;
}

/* ---- layers ------------------------------------------------------------------------------------
 */

/* The predictor's view of a layer, and how many times it is counted. */
static mf_published_problem view(const mf_published *s, const mf_layer *layer, uint64_t *n_groups)
{
    const mf_shape *p = &layer->shape;
    mf_published_problem problem = {.n = p->n,
                                    .m = p->m,
                                    .c = p->c,
                                    .h = p->h,
                                    .w = p->w,
                                    .r = p->r,
                                    .s = p->s,
                                    .e = p->e,
                                    .f = p->f,
                                    .stride = p->stride,
                                    .single_rows = s->conventions->single_row_tiles ||
                                                   mf_layer_is_pointlike(layer)};
    *n_groups = 1;
    if (mf_layer_record_of(layer->kind)->per_channel) {
        bool own = s->conventions->depthwise == MF_PUBLISHED_OWN_INPUT;
        problem.c = 1;
        if (own) {
            problem.n = p->n * p->g;
            problem.m = 1;
        }
    } else if (p->g > 1) {
        problem.c = p->c / p->g;
        problem.m = p->m / p->g;
        *n_groups = p->g;
    }
    return problem;
}

static mf_status search(mf_published *s, const mf_layer *layer, const mf_published_problem *problem,
                        known_layer **found, mf_diag *diag)
{
    const mf_published_problem *p = problem;
    const layer_key key = {p->n, p->m, p->c, p->h,      p->w,          p->r,
                           p->s, p->e, p->f, p->stride, p->single_rows};
    mf_published_tally tally = {0};
    *found = mf_memo_find(s->known, &key);
    if (*found)
        return MF_OK;
    mf_published_choice *choices = MF_NEW_ARRAY(s->arena, mf_published_choice, s->n_prices);
    mf_arena *scratch = mf_arena_create();
    if (!scratch || !choices) {
        mf_arena_destroy(scratch);
        return mf_fail_memory(diag);
    }
    mf_status status = mf_published_search(problem, &s->limits, s->conventions->objective,
                                           s->prices, s->n_prices, scratch, choices, &tally, diag);
    mf_arena_destroy(scratch);
    MF_TRY(status);
    mf_log_write(s->log, MF_LOG_DEBUG,
                 "%s: %" PRIu64 " candidate mappings, %" PRIu64 " within the limits", layer->name,
                 tally.n_candidates, tally.n_legal);
    s->total.n_candidates += tally.n_candidates;
    s->total.n_legal += tally.n_legal;
    *found = mf_memo_add(s->known, &key);
    if (!*found)
        return mf_fail_memory(diag);
    **found = (known_layer){tally, choices};
    return MF_OK;
}

static void multiply(mf_published_choice *cost, uint64_t n)
{
    if (n == 1)
        return;
    for (int i = 0; i < MF_PUBLISHED_LEVELS; i++)
        cost->words[i] *= (double)n;
    for (int i = 0; i < MF_PUBLISHED_PARTS; i++)
        cost->parts_pj[i] *= (double)n;
    cost->energy_mj *= (double)n;
    cost->latency_ms *= (double)n;
    cost->n_cycles *= n;
}

static mf_status fail_layer(const mf_published *s, const mf_network *network, const mf_layer *layer,
                            const mf_diag *why, mf_diag *diag)
{
    const mf_shape *p = &layer->shape;
    mf_fail(diag, why->status,
            "%s on %s (%" PRIu64 "x%" PRIu64 " PEs): layer %s (%s, C=%" PRIu64 " M=%" PRIu64
            ", %" PRIu64 "x%" PRIu64 " kernel, %" PRIu64 "x%" PRIu64 " output): %s",
            network->name, s->accelerator->name, s->accelerator->pe_rows,
            s->accelerator->pe_columns, layer->name, mf_layer_kind_name(layer->kind), p->c, p->m,
            p->r, p->s, p->e, p->f, why->message);
    mf_hint(diag, "%s", why->hint);
    return why->status;
}

static mf_status cost_layer(mf_published *s, const mf_network *network, const mf_layer *layer,
                            size_t op, mf_published_layer *out, mf_diag *diag)
{
    mf_diag why = {0};
    known_layer *known = NULL;
    if (s->unpriced[op].status != MF_OK)
        return fail_layer(s, network, layer, &s->unpriced[op], diag);
    *out = (mf_published_layer){.layer = layer, .billed_as = layer, .op = op};
    mf_published_problem problem = view(s, layer, &out->n_groups);
    if (search(s, layer, &problem, &known, &why) != MF_OK)
        return fail_layer(s, network, layer, &why, diag);
    out->cost = known->choices[s->slot[op]];
    out->tally = known->tally;
    out->utilisation = (double)out->cost.n_active_pes / (double)mf_accelerator_pes(s->accelerator);
    multiply(&out->cost, out->n_groups);
    return MF_OK;
}

mf_status mf_published_run(mf_published *s, const mf_network *network, size_t variant,
                           const size_t *op_of_layer, mf_arena *arena, mf_published_result *result,
                           mf_diag *diag)
{
    *result = (mf_published_result){
        .layers = MF_NEW_ARRAY(arena, mf_published_layer, network->n_weight_layers)};
    if (!result->layers)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_layer *layer = &network->layers[i];
        if (mf_layer_has_weights(layer))
            MF_TRY(cost_layer(s, network, layer, op_of_layer[layer->number],
                              &result->layers[result->n_layers++], diag));
    }
    if (s->conventions->classifier_as_stem[variant]) {
        mf_published_layer *last = &result->layers[result->n_layers - 1];
        const mf_layer *classifier = last->layer;
        *last = result->layers[0];
        last->layer = classifier;
    }
    double busy = 0, cycles = 0;
    for (size_t i = 0; i < result->n_layers; i++) {
        const mf_published_layer *l = &result->layers[i];
        result->energy_mj += l->cost.energy_mj;
        result->latency_ms += l->cost.latency_ms;
        busy += l->utilisation * (double)l->cost.n_cycles;
        cycles += (double)l->cost.n_cycles;
    }
    result->utilisation = busy / cycles;
    return MF_OK;
}
