/* A store of the widest network, the target over it, and a plan per step. */
#include "train/augmented.h"

#include "base/random.h"
#include "train/channel_order.h"

#include <math.h>
#include <string.h>

struct mf_augmented {
    mf_arena *arena;
    const mf_operators *operators;
    mf_augmented_options options;
    mf_channel_spaces spaces;
    size_t *op_of_layer;      /* of what is added; layers of all widths are the same */
    const size_t *target_ops; /* of the target, in the end */
    size_t *ops_now; /* the same, as far as blocks have mutated, and maps of their weights */
    const mf_source_map **maps_now;
    size_t *block_of_layer, n_blocks, n_mutated; /* of layers with weights */
    mf_hybrid hybrid;
    double *multiple;   /* [spaces.n], of the network that is drawn */
    uint64_t *channels; /* the same */
    mf_augmented_plan widest;
    mf_model *target;
};

/* ---- what is drawn -----------------------------------------------------------------------------
 */

static double largest(const mf_multiples *m)
{
    double most = 1;
    for (size_t i = 0; i < m->n; i++)
        most = m->x[i] > most ? m->x[i] : most;
    return most;
}

static mf_status check_multiples(const mf_multiples *m, const char *name, mf_diag *diag)
{
    if (!m->n)
        return mf_fail(diag, MF_INVALID, "%s: no multiples to draw from", name);
    for (size_t i = 0; i < m->n; i++)
        if (!(m->x[i] >= 1) || !isfinite(m->x[i]))
            return mf_fail(diag, MF_INVALID,
                           "%s: a multiple of %g: the target is the first channels of what is "
                           "drawn, expected 1 or more",
                           name, m->x[i]);
    return MF_OK;
}

static double draw(const mf_multiples *m, mf_random *random)
{
    return m->x[(size_t)(mf_random_real(random) * (double)m->n)];
}

/* Spaces draw in their order, whatever they are, so that what one draws does not change another. */
void mf_augmented_draw(const mf_augmented *a, mf_augmented_mode mode, uint64_t step,
                       uint64_t *channels)
{
    mf_random random = mf_random_stream(a->options.model.seed ^ 0x6e6574617567u, step);
    for (size_t i = 0; i < a->spaces.n; i++) {
        double width = draw(&a->options.width, &random), expand = draw(&a->options.expand, &random);
        if (mode == MF_AUGMENTED_MIN_WIDTH || mode == MF_AUGMENTED_NONE)
            width = 1;
        if (mode == MF_AUGMENTED_MIN_EXPAND || mode == MF_AUGMENTED_NONE)
            expand = 1;
        a->multiple[i] = a->spaces.all[i].role == MF_SPACE_MIDDLE ? expand : width;
    }
    mf_channels_widened(&a->spaces, a->multiple, channels);
}

/* Of all that may be drawn. */
static void draw_largest(mf_augmented *a, uint64_t *channels)
{
    for (size_t i = 0; i < a->spaces.n; i++)
        a->multiple[i] = a->spaces.all[i].role == MF_SPACE_MIDDLE ? largest(&a->options.expand)
                                                                  : largest(&a->options.width);
    mf_channels_widened(&a->spaces, a->multiple, channels);
}

static bool is_target(const mf_augmented *a, const uint64_t *channels)
{
    for (size_t i = 0; i < a->spaces.n; i++)
        if (channels[i] != a->spaces.all[i].channels)
            return false;
    return true;
}

/* ---- plans -------------------------------------------------------------------------------------
 */

static mf_status make_plan(mf_augmented *a, const uint64_t *channels, uint64_t batch,
                           mf_augmented_plan *plan, mf_diag *diag)
{
    mf_model_options options = a->options.model;
    mf_model *over = a->widest.model;
    options.maps = NULL;
    options.apart = false;
    options.hybrid = &a->hybrid;
    options.batch = batch;
    options.loss_weight = a->options.weight;
    *plan = (mf_augmented_plan){0};
    MF_TRY(mf_network_widened(&a->spaces, channels, &plan->network, diag));
    mf_status status = over ? mf_model_create_over(over, plan->network, a->operators,
                                                   a->op_of_layer, &options, &plan->model, diag)
                            : mf_model_create(plan->network, a->operators, a->op_of_layer, &options,
                                              &plan->model, diag);
    if (status != MF_OK)
        mf_augmented_plan_destroy(plan);
    return status;
}

mf_status mf_augmented_plan_create(mf_augmented *a, const uint64_t *channels,
                                   mf_augmented_plan *plan, mf_diag *diag)
{
    return make_plan(a, channels, a->options.model.batch, plan, diag);
}

void mf_augmented_plan_destroy(mf_augmented_plan *plan)
{
    mf_model_destroy(plan->model);
    mf_network_destroy(plan->network);
    *plan = (mf_augmented_plan){0};
}

static mf_status make_target(mf_augmented *a, mf_diag *diag)
{
    mf_model_options options = a->options.model;
    options.apart = a->options.apart;
    options.maps = a->maps_now;
    return mf_model_create_over(a->widest.model, a->spaces.network, a->operators, a->ops_now,
                                &options, &a->target, diag);
}

/* ---- block mutation ----------------------------------------------------------------------------
 */

static void number_blocks(mf_augmented *a)
{
    const mf_network *network = a->spaces.network;
    const char *place = NULL;
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const char *own = network->weight_layers[i]->place;
        bool goes_on = i > 0 && own && place && strcmp(own, place) == 0;
        a->n_blocks += !goes_on;
        a->block_of_layer[i] = a->n_blocks - 1;
        place = own;
    }
}

size_t mf_augmented_blocks(const mf_augmented *a)
{
    return a->n_blocks;
}

size_t mf_augmented_mutated(const mf_augmented *a, double share)
{
    double start = a->options.mutate_start, stop = a->options.mutate_stop;
    size_t n = 0;
    if (!(stop > 0) || a->n_blocks == 1)
        return share >= start || !(stop > 0) ? a->n_blocks : 0;
    while (n < a->n_blocks &&
           share >= start + (stop - start) * (double)n / (double)(a->n_blocks - 1))
        n++;
    return n;
}

static void choose_operators(mf_augmented *a, size_t n_blocks)
{
    const mf_source_map *const *maps = a->options.model.maps;
    for (size_t i = 0; i < a->spaces.network->n_weight_layers; i++) {
        bool own = a->block_of_layer[i] < n_blocks;
        a->ops_now[i] = own ? a->target_ops[i] : a->op_of_layer[i];
        a->maps_now[i] = own && maps ? maps[i] : NULL;
    }
    a->n_mutated = n_blocks;
}

mf_status mf_augmented_mutate(mf_augmented *a, size_t n_blocks, mf_diag *diag)
{
    if (n_blocks == a->n_mutated)
        return MF_OK;
    choose_operators(a, n_blocks);
    mf_model_destroy(a->target);
    a->target = NULL;
    return make_target(a, diag);
}

/* ---- making one --------------------------------------------------------------------------------
 */

static mf_status make_room(mf_augmented *a, mf_diag *diag)
{
    size_t n = a->spaces.network->n_weight_layers;
    a->multiple = MF_NEW_ARRAY(a->arena, double, a->spaces.n);
    a->channels = MF_NEW_ARRAY(a->arena, uint64_t, a->spaces.n);
    a->op_of_layer = MF_NEW_ARRAY(a->arena, size_t, n);
    a->ops_now = MF_NEW_ARRAY(a->arena, size_t, n);
    a->maps_now = MF_NEW_ARRAY(a->arena, const mf_source_map *, n);
    a->block_of_layer = MF_NEW_ARRAY(a->arena, size_t, n);
    bool there = a->multiple && a->channels && a->op_of_layer && a->ops_now && a->maps_now &&
                 a->block_of_layer;
    return there ? MF_OK : mf_fail_memory(diag);
}

static mf_status check_mutation(const mf_augmented_options *o, mf_diag *diag)
{
    if (o->mutate_stop > 0 && o->mutate_stop < o->mutate_start)
        return mf_fail(diag, MF_INVALID,
                       "blocks mutate from %g to %g of the training: the last before the first",
                       o->mutate_start, o->mutate_stop);
    return MF_OK;
}

/* The widest makes the store, with memory for one picture: as such it is never run. */
static mf_status build(mf_augmented *a, const mf_network *target, mf_diag *diag)
{
    size_t op;
    MF_TRY(check_multiples(&a->options.width, "width", diag));
    MF_TRY(check_multiples(&a->options.expand, "expand", diag));
    MF_TRY(check_mutation(&a->options, diag));
    MF_TRY(mf_channel_spaces_of(target, a->arena, &a->spaces, diag));
    MF_TRY(make_room(a, diag));
    draw_largest(a, a->channels);
    if (is_target(a, a->channels) && !(a->options.mutate_stop > 0))
        return mf_fail(diag, MF_INVALID,
                       "%s with the largest multiples (%g of its width, %g in its blocks) is no "
                       "wider than without",
                       target->name, largest(&a->options.width), largest(&a->options.expand));
    MF_TRY(mf_operators_find(a->operators, a->options.op, &op, diag));
    MF_TRY(mf_operators_assign(a->operators, target, op, NULL, 0, a->op_of_layer, diag));
    number_blocks(a);
    choose_operators(a, a->n_blocks);
    a->hybrid = (mf_hybrid){target, a->ops_now, a->maps_now, a->options.apart, a->options.mix};
    MF_TRY(make_plan(a, a->channels, 1, &a->widest, diag));
    return make_target(a, diag);
}

mf_status mf_augmented_create(const mf_network *target, const mf_operators *operators,
                              const size_t *op_of_layer, const mf_augmented_options *options,
                              mf_augmented **out, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_augmented *a = arena ? MF_NEW(arena, mf_augmented) : NULL;
    *out = NULL;
    if (!a) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *a = (mf_augmented){
        .arena = arena, .operators = operators, .options = *options, .target_ops = op_of_layer};
    mf_status status = build(a, target, diag);
    if (status == MF_OK)
        *out = a;
    else
        mf_augmented_destroy(a);
    return status;
}

void mf_augmented_destroy(mf_augmented *a)
{
    if (!a)
        return;
    mf_model_destroy(a->target);
    mf_augmented_plan_destroy(&a->widest);
    mf_arena_destroy(a->arena);
}

mf_model *mf_augmented_target(mf_augmented *a)
{
    return a->target;
}

const mf_network *mf_augmented_widest(const mf_augmented *a)
{
    return a->widest.network;
}

const mf_channel_spaces *mf_augmented_spaces(const mf_augmented *a)
{
    return &a->spaces;
}

/* ---- a step ------------------------------------------------------------------------------------
 */

mf_status mf_augmented_train(mf_augmented *a, mf_augmented_mode mode, const float *images,
                             const uint32_t *targets, uint64_t n, uint64_t step,
                             mf_model_score *score, mf_diag *diag)
{
    mf_augmented_plan plan;
    mf_model_score also;
    MF_TRY(mf_model_train(a->target, images, targets, n, step, score, diag));
    if (mode == MF_AUGMENTED_NONE)
        return MF_OK;
    mf_augmented_draw(a, mode, step, a->channels);
    MF_TRY(mf_augmented_plan_create(a, a->channels, &plan, diag));
    mf_status status = mf_model_train_also(plan.model, images, targets, n, step, &also, diag);
    mf_augmented_plan_destroy(&plan);
    return status;
}

mf_status mf_augmented_sort(mf_augmented *a, bool with_momentum, mf_diag *diag)
{
    return mf_channels_sort(a->widest.model, &a->spaces, with_momentum, diag);
}

uint64_t mf_augmented_bytes(const mf_augmented *a)
{
    return mf_model_bytes(a->widest.model) + mf_model_bytes(a->target) +
           mf_arena_used_bytes(a->arena);
}
