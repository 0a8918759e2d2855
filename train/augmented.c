/* A store of the widest and deepest network, the target over it, and a plan per step. */
#include "train/augmented.h"

#include "base/random.h"
#include "models/network_deepen.h"
#include "train/channel_order.h"
#include "train/shards.h"

#include <math.h>
#include <string.h>

/* The target's network, or that with the blocks that go away: its channels, its operators as far as
 * blocks have mutated, and a model of it over the store. */
typedef struct form {
    const mf_network *network;
    mf_channel_spaces spaces;
    size_t *op_of_layer; /* of what is added; layers of all widths are the same */
    size_t *ops_now;     /* its own, and maps of their weights and norms */
    const mf_source_map **maps_now, **norm_maps;
    mf_hybrid hybrid;
    mf_model *model;
} form;

/* What the branches of such blocks are multiplied by, norm and all. */
typedef struct fading {
    mf_source_map map; /* the first: what is given is where it lies */
    double gain;
} fading;

struct mf_augmented {
    mf_arena *arena;
    const mf_operators *operators;
    mf_augmented_options options;
    form bare, deep;          /* the second without a network where no blocks are added */
    form *whole;              /* that of the two which has all layers: the store's */
    const size_t *target_ops; /* of the target, in the end */
    size_t *block_of_layer, n_blocks, n_mutated; /* of the target's layers with weights */
    size_t *whole_layer;                         /* [bare n_layers]: the same in `whole` */
    mf_network *deepened;
    fading fading;
    double *multiple;   /* [whole->spaces.n], of the network that is drawn */
    uint64_t *channels; /* the same */
    uint64_t *bare_channels;
    mf_augmented_plan widest;
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
    for (size_t i = 0; i < a->whole->spaces.n; i++) {
        double width = draw(&a->options.width, &random), expand = draw(&a->options.expand, &random);
        if (mode == MF_AUGMENTED_MIN_WIDTH || mode == MF_AUGMENTED_NONE)
            width = 1;
        if (mode == MF_AUGMENTED_MIN_EXPAND || mode == MF_AUGMENTED_NONE)
            expand = 1;
        a->multiple[i] = a->whole->spaces.all[i].role == MF_SPACE_MIDDLE ? expand : width;
    }
    mf_channels_widened(&a->whole->spaces, a->multiple, channels);
}

/* Of all that may be drawn. */
static void draw_largest(mf_augmented *a, uint64_t *channels)
{
    for (size_t i = 0; i < a->whole->spaces.n; i++)
        a->multiple[i] = a->whole->spaces.all[i].role == MF_SPACE_MIDDLE
                             ? largest(&a->options.expand)
                             : largest(&a->options.width);
    mf_channels_widened(&a->whole->spaces, a->multiple, channels);
}

static bool is_target(const mf_augmented *a, const uint64_t *channels)
{
    for (size_t i = 0; i < a->whole->spaces.n; i++)
        if (channels[i] != a->whole->spaces.all[i].channels)
            return false;
    return true;
}

/* ---- plans -------------------------------------------------------------------------------------
 */

static mf_status make_plan(mf_augmented *a, form *f, const uint64_t *channels, uint64_t batch,
                           mf_augmented_plan *plan, mf_diag *diag)
{
    mf_model_options options = a->options.model;
    mf_model *over = a->widest.model;
    options.maps = NULL;
    options.norm_maps = f->norm_maps;
    options.apart = false;
    options.hybrid = &f->hybrid;
    options.batch = batch;
    options.loss_weight = a->options.weight;
    *plan = (mf_augmented_plan){0};
    MF_TRY(mf_network_widened(&f->spaces, channels, &plan->network, diag));
    mf_status status = over ? mf_model_create_over(over, plan->network, a->operators,
                                                   f->op_of_layer, &options, &plan->model, diag)
                            : mf_model_create(plan->network, a->operators, f->op_of_layer, &options,
                                              &plan->model, diag);
    if (status != MF_OK)
        mf_augmented_plan_destroy(plan);
    return status;
}

static bool is_deep(const mf_augmented *a)
{
    return a->deep.model != NULL;
}

/* Channels by the spaces of `whole`, by those of the target. */
static const uint64_t *channels_of_bare(mf_augmented *a, const uint64_t *channels)
{
    const form *f = &a->bare;
    if (a->whole == f)
        return channels;
    a->bare_channels[0] = channels[0]; /* of the network's input */
    for (size_t i = 0; i < f->network->n_layers; i++)
        a->bare_channels[f->spaces.of_layer[i]] =
            channels[a->whole->spaces.of_layer[a->whole_layer[i]]];
    return a->bare_channels;
}

mf_status mf_augmented_plan_create(mf_augmented *a, const uint64_t *channels,
                                   mf_augmented_plan *plan, mf_diag *diag)
{
    uint64_t batch = a->options.model.batch;
    return is_deep(a) ? make_plan(a, &a->deep, channels, batch, plan, diag)
                      : make_plan(a, &a->bare, channels_of_bare(a, channels), batch, plan, diag);
}

void mf_augmented_plan_destroy(mf_augmented_plan *plan)
{
    mf_model_destroy(plan->model);
    mf_network_destroy(plan->network);
    *plan = (mf_augmented_plan){0};
}

static mf_status make_model(mf_augmented *a, form *f, mf_diag *diag)
{
    mf_model_options options = a->options.model;
    mf_model_destroy(f->model);
    f->model = NULL;
    options.apart = a->options.apart;
    options.maps = f->maps_now;
    options.norm_maps = f->norm_maps;
    return mf_model_create_over(a->widest.model, f->network, a->operators, f->ops_now, &options,
                                &f->model, diag);
}

/* ---- block mutation ----------------------------------------------------------------------------
 */

static void number_blocks(mf_augmented *a)
{
    const mf_network *network = a->bare.network;
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

/* Those that are in the target; blocks that go away stay what they are. */
static void choose_operators(mf_augmented *a, size_t n_blocks)
{
    const mf_source_map *const *maps = a->options.model.maps;
    form *bare = &a->bare, *whole = a->whole;
    for (size_t i = 0; i < whole->network->n_weight_layers; i++) {
        whole->ops_now[i] = whole->op_of_layer[i];
        whole->maps_now[i] = NULL;
    }
    for (size_t i = 0; i < bare->network->n_weight_layers; i++) {
        bool own = a->block_of_layer[i] < n_blocks;
        size_t layer = (size_t)(bare->network->weight_layers[i] - bare->network->layers);
        int there = whole->network->layers[a->whole_layer[layer]].number;
        bare->ops_now[i] = own ? a->target_ops[i] : bare->op_of_layer[i];
        bare->maps_now[i] = own && maps ? maps[i] : NULL;
        whole->ops_now[there] = bare->ops_now[i];
        whole->maps_now[there] = bare->maps_now[i];
    }
    a->n_mutated = n_blocks;
}

mf_status mf_augmented_mutate(mf_augmented *a, size_t n_blocks, mf_diag *diag)
{
    if (n_blocks == a->n_mutated)
        return MF_OK;
    choose_operators(a, n_blocks);
    MF_TRY(make_model(a, &a->bare, diag));
    return is_deep(a) ? make_model(a, &a->deep, diag) : MF_OK;
}

/* ---- blocks that go away -----------------------------------------------------------------------
 */

static void fade(const mf_source_map *map, const mf_source *s)
{
    const fading *f = (const fading *)map;
    for (uint64_t i = 0; i < s->own->n; i++)
        s->own->value[i] = (float)f->gain * s->sliced[i];
}

static void fade_back(const mf_source_map *map, const mf_source *s, float *gradient)
{
    const fading *f = (const fading *)map;
    for (uint64_t i = 0; i < s->own->n; i++)
        gradient[i] *= (float)f->gain;
}

double mf_augmented_gain(const mf_augmented *a, double share)
{
    double start = a->options.depth_start, stop = a->options.depth_stop;
    if (!a->options.depth || share >= stop)
        return 0;
    return share <= start ? 1 : (stop - share) / (stop - start);
}

mf_status mf_augmented_fade(mf_augmented *a, double gain, mf_diag *diag)
{
    a->fading.gain = gain;
    if (gain > 0 && !is_deep(a) && a->deep.network)
        return make_model(a, &a->deep, diag);
    if (!(gain > 0)) {
        mf_model_destroy(a->deep.model);
        a->deep.model = NULL;
    }
    return MF_OK;
}

/* The target with blocks behind its own, on the operator of what is added. */
static mf_status deepen(mf_augmented *a, mf_diag *diag)
{
    form *f = &a->deep;
    if (a->options.depth_stop <= a->options.depth_start)
        return mf_fail(diag, MF_INVALID,
                       "added blocks go away from %g to %g of the training (augment_depth_start, "
                       "augment_depth_stop): that ends before it begins",
                       a->options.depth_start, a->options.depth_stop);
    MF_TRY(
        mf_network_deepened(a->bare.network, a->options.depth, a->options.op, &a->deepened, diag));
    f->network = a->deepened;
    a->fading = (fading){.map = {.forward = fade, .pull_back = fade_back}, .gain = 1};
    f->norm_maps = MF_NEW_ARRAY(a->arena, const mf_source_map *, f->network->n_weight_layers);
    if (!f->norm_maps)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < f->network->n_layers; i++)
        if (mf_layer_ends_deep_branch(f->network, i))
            f->norm_maps[f->network->layers[i].number] = &a->fading.map;
    a->whole = f;
    return MF_OK;
}

/* ---- making one --------------------------------------------------------------------------------
 */

static mf_status begin_form(mf_augmented *a, form *f, mf_diag *diag)
{
    size_t n = f->network->n_weight_layers, op;
    f->op_of_layer = MF_NEW_ARRAY(a->arena, size_t, n);
    f->ops_now = MF_NEW_ARRAY(a->arena, size_t, n);
    f->maps_now = MF_NEW_ARRAY(a->arena, const mf_source_map *, n);
    if (!f->op_of_layer || !f->ops_now || !f->maps_now)
        return mf_fail_memory(diag);
    f->hybrid = (mf_hybrid){f->network,       f->ops_now,     f->maps_now,
                            a->options.apart, a->options.mix, a->options.norms_apart};
    MF_TRY(mf_channel_spaces_of(f->network, a->arena, &f->spaces, diag));
    MF_TRY(mf_operators_find(a->operators, a->options.op, &op, diag));
    return mf_operators_assign(a->operators, f->network, op, NULL, 0, f->op_of_layer, diag);
}

static mf_status make_room(mf_augmented *a, mf_diag *diag)
{
    const mf_network *bare = a->bare.network;
    a->multiple = MF_NEW_ARRAY(a->arena, double, a->whole->spaces.n);
    a->channels = MF_NEW_ARRAY(a->arena, uint64_t, a->whole->spaces.n);
    a->bare_channels = MF_NEW_ARRAY(a->arena, uint64_t, a->bare.spaces.n);
    a->block_of_layer = MF_NEW_ARRAY(a->arena, size_t, bare->n_weight_layers);
    a->whole_layer = MF_NEW_ARRAY(a->arena, size_t, bare->n_layers);
    if (!a->multiple || !a->channels || !a->bare_channels || !a->block_of_layer || !a->whole_layer)
        return mf_fail_memory(diag);
    for (size_t i = 0, k = 0; i < bare->n_layers; i++, k++) { /* in the same order in both */
        while (a->whole != &a->bare && mf_layer_is_deep(&a->whole->network->layers[k]))
            k++;
        a->whole_layer[i] = k;
    }
    return MF_OK;
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
    MF_TRY(check_multiples(&a->options.width, "width", diag));
    MF_TRY(check_multiples(&a->options.expand, "expand", diag));
    MF_TRY(check_mutation(&a->options, diag));
    a->bare.network = target;
    a->whole = &a->bare;
    MF_TRY(begin_form(a, &a->bare, diag));
    if (a->options.depth) {
        MF_TRY(deepen(a, diag));
        MF_TRY(begin_form(a, &a->deep, diag));
    }
    MF_TRY(make_room(a, diag));
    draw_largest(a, a->channels);
    if (is_target(a, a->channels) && !(a->options.mutate_stop > 0) && !a->options.depth)
        return mf_fail(diag, MF_INVALID,
                       "%s with the largest multiples (%g of its width, %g in its blocks) is no "
                       "wider than without",
                       target->name, largest(&a->options.width), largest(&a->options.expand));
    number_blocks(a);
    choose_operators(a, a->n_blocks);
    MF_TRY(make_plan(a, a->whole, a->channels, 1, &a->widest, diag));
    MF_TRY(make_model(a, &a->bare, diag));
    return a->options.depth ? make_model(a, &a->deep, diag) : MF_OK;
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
    mf_model_destroy(a->deep.model);
    mf_model_destroy(a->bare.model);
    mf_augmented_plan_destroy(&a->widest);
    mf_network_destroy(a->deepened);
    mf_arena_destroy(a->arena);
}

mf_model *mf_augmented_target(mf_augmented *a)
{
    return a->bare.model;
}

mf_model *mf_augmented_learner(mf_augmented *a)
{
    return is_deep(a) ? a->deep.model : a->bare.model;
}

const mf_network *mf_augmented_widest(const mf_augmented *a)
{
    return a->widest.network;
}

const mf_channel_spaces *mf_augmented_spaces(const mf_augmented *a)
{
    return &a->whole->spaces;
}

/* ---- a step ------------------------------------------------------------------------------------
 */

mf_status mf_augmented_train(mf_augmented *a, mf_augmented_mode mode, const float *images,
                             const uint32_t *targets, uint64_t n, uint64_t step,
                             mf_model_score *score, mf_diag *diag)
{
    mf_augmented_plan plan;
    mf_model_score also;
    MF_TRY(mf_model_train(mf_augmented_learner(a), images, targets, n, step, score, diag));
    if (mode == MF_AUGMENTED_NONE)
        return MF_OK;
    mf_augmented_draw(a, mode, mf_step_of_shards(step), a->channels);
    MF_TRY(mf_augmented_plan_create(a, a->channels, &plan, diag));
    mf_status status = mf_model_train_also(plan.model, images, targets, n, step, &also, diag);
    mf_augmented_plan_destroy(&plan);
    return status;
}

mf_status mf_augmented_sort(mf_augmented *a, bool with_momentum, mf_diag *diag)
{
    return mf_channels_sort(a->widest.model, &a->whole->spaces, with_momentum, diag);
}

uint64_t mf_augmented_bytes(const mf_augmented *a)
{
    return mf_model_bytes(a->widest.model) + mf_model_bytes(a->bare.model) +
           (is_deep(a) ? mf_model_bytes(a->deep.model) : 0) + mf_arena_used_bytes(a->arena);
}
