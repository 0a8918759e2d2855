/* Which tensors of the store does a model compute with, and how do they get there and back? Those
 * of its own store lie where it reads them. */
#include "train/kinds/training_kind.h"
#include "train/operators/training_operator.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* A tensor as a layer wants it. */
typedef struct wanted {
    const char *role;
    uint64_t size[MF_MOST_AXES]; /* ending at the first zero */
    bool learns, decays;
    unsigned kernel_axes;     /* bits: not to be cut */
    uint64_t n_pixels;        /* the first axis has so many, each with all channels; or 1 */
    const mf_source_map *map; /* or NULL */
    bool joins;               /* of a part: the layer itself may have it already */
} wanted;

static size_t n_axes_of(const uint64_t *size)
{
    size_t n = 0;
    while (n < MF_MOST_AXES && size[n])
        n++;
    return n;
}

/* ---- from a store that another model has
 * ---------------------------------------------------------
 */

static mf_status refuse(const mf_model *model, const mf_parameter *stored, const wanted *w,
                        mf_diag *diag)
{
    char has[128], wants[128];
    mf_sizes_write(stored->size, stored->n_sizes, has, sizeof has);
    mf_sizes_write(w->size, n_axes_of(w->size), wants, sizeof wants);
    return mf_fail(diag, MF_INVALID,
                   "%s: %s wants %s, the store has %s: channels may be fewer there, nothing else",
                   stored->name, model->network->name, wants, has);
}

static mf_status refuse_missing(const mf_model *model, const mf_state *s, const wanted *w,
                                mf_diag *diag)
{
    char wants[128];
    mf_sizes_write(w->size, n_axes_of(w->size), wants, sizeof wants);
    return mf_fail(diag, MF_INVALID, "%s.%s: %s wants %s, the store has none", s->layer->name,
                   w->role, model->network->name, wants);
}

static mf_status find_slice(const mf_model *model, const mf_parameter *stored, const wanted *w,
                            mf_slice *slice, mf_diag *diag)
{
    size_t n = n_axes_of(w->size);
    bool fits = n == stored->n_sizes && stored->learns == w->learns &&
                (w->n_pixels == 1 || stored->size[0] % w->n_pixels == 0);
    *slice = (mf_slice){.n_axes = n};
    for (size_t i = 0; fits && i < n; i++) {
        bool whole = w->kernel_axes >> i & 1;
        slice->whole[i] = stored->size[i];
        slice->part[i] = w->size[i];
        fits = whole ? w->size[i] == stored->size[i] : w->size[i] <= stored->size[i];
    }
    if (!fits)
        return refuse(model, stored, w, diag);
    if (w->n_pixels > 1)
        mf_slice_split_pixels(slice, w->n_pixels);
    return MF_OK;
}

/* ---- what a layer sees
 * ---------------------------------------------------------------------------
 */

/* Values have a place of their own where they are not the store's as they are; gradients wherever
 * another model gives some too. */
static mf_status see(mf_model *model, const wanted *w, mf_source *source, mf_diag *diag)
{
    mf_claims *c = &model->claims;
    bool apart = source->map || !mf_slice_is_whole(&source->slice);
    source->own = source->stored;
    if (!apart && ((model->owns && !source->joins) || !w->learns))
        return MF_OK;
    mf_parameter *own = MF_NEW(model->arena, mf_parameter);
    if (!own)
        return mf_fail_memory(diag);
    *own = *source->stored;
    own->momentum = NULL;
    own->n_sizes = n_axes_of(w->size);
    own->n = 1;
    for (size_t i = 0; i < own->n_sizes; i++) {
        own->size[i] = w->size[i];
        own->n *= w->size[i];
    }
    if (apart || model->owns) /* whose store has no memory yet */
        mf_claims_want(c, &own->value, own->n);
    if (w->learns)
        mf_claims_want(c, &own->gradient, own->n);
    if (source->map)
        mf_claims_want(c, &source->sliced, own->n);
    source->own = own;
    return MF_OK;
}

static mf_status add(mf_model *model, const mf_state *s, const wanted *w, mf_parameter **parameter,
                     mf_diag *diag)
{
    mf_source *source = &model->sources[model->n_sources];
    *source = (mf_source){.map = w->map};
    if (w->joins || !model->owns) {
        const char *name = mf_arena_format(model->arena, "%s.%s", s->layer->name, w->role);
        if (!name)
            return mf_fail_memory(diag);
        source->stored = mf_parameters_find(model->store, name);
        source->joins = w->joins && source->stored;
    }
    if (!source->stored && !model->owns)
        return refuse_missing(model, s, w, diag);
    if (!source->stored)
        source->stored =
            mf_parameters_add(model->store, s->layer->name, w->role, w->size, w->learns, w->decays);
    if (!source->stored)
        return mf_fail_memory(diag);
    MF_TRY(find_slice(model, source->stored, w, &source->slice, diag));
    MF_TRY(see(model, w, source, diag));
    model->n_sources++;
    *parameter = source->own;
    return MF_OK;
}

uint64_t mf_model_pixels_before(const mf_model *model, const mf_state *s)
{
    int from = s->layer->input[0];
    if (!mf_training_kind_of(s->layer->kind)->weights->flattens)
        return 1;
    if (from == MF_NETWORK_INPUT)
        return model->network->input_rows * model->network->input_columns;
    return model->network->layers[from].shape.e * model->network->layers[from].shape.f;
}

/* How the weights of a layer come from the store. */
typedef struct weights_from {
    const mf_source_map *const *maps;
    bool apart, joins;
} weights_from;

/* Of the map of the source that was added last: gradients are taken behind its own. */
static mf_status add_map_parameters(mf_model *model, const mf_state *s, const mf_source_map *map,
                                    bool joins, mf_diag *diag)
{
    mf_source *mapped = &model->sources[model->n_sources - 1];
    const wanted w = {.role = "map",
                      .size = {map->n_parameters},
                      .learns = map->learns,
                      .n_pixels = 1,
                      .joins = joins};
    return add(model, s, &w, &mapped->map_parameters, diag);
}

static mf_status add_weights(mf_model *model, mf_state *s, const weights_from *from, mf_diag *diag)
{
    const mf_weight_layout *layout = mf_training_kind_of(s->layer->kind)->weights;
    const mf_shape *k = &s->layer->shape;
    mf_claims *c = &model->claims;
    for (size_t i = 0; i < s->form->n_parameters; i++) {
        wanted w = {.role = s->form->parameters[i].role,
                    .size = {1},
                    .learns = true,
                    .decays = s->form->parameters[i].decays,
                    .n_pixels = 1,
                    .joins = from->joins};
        if (from->apart)
            w.role = mf_arena_format(model->arena, "target_%s", w.role);
        if (!w.role)
            return mf_fail_memory(diag);
        if (s->form->parameters[i].extent == MF_PER_WEIGHT) {
            layout->sizes(k, w.size);
            w.kernel_axes = layout->kernel_axes;
            w.n_pixels = mf_model_pixels_before(model, s);
            w.map = from->maps && i == 0 ? from->maps[s->layer->number] : NULL;
        }
        MF_TRY(add(model, s, &w, &s->weights[i], diag));
        if (w.map && w.map->n_parameters)
            MF_TRY(add_map_parameters(model, s, w.map, from->joins, diag));
    }
    if (s->form->gradient_apart)
        mf_claims_want(c, &s->projected_gradient, mf_shape_weights(k));
    if (s->form->project || s->part)
        mf_claims_want(c, &s->projected, mf_shape_weights(k));
    return MF_OK;
}

mf_status mf_sources_add_part(mf_model *model, mf_state *s, mf_diag *diag)
{
    const mf_hybrid *h = model->options.hybrid;
    const weights_from from = {.maps = h->maps, .apart = h->apart, .joins = true};
    MF_TRY(add_weights(model, s->part, &from, diag));
    const mf_weight_layout *layout = mf_training_kind_of(s->layer->kind)->weights;
    const wanted factors = {
        .role = "mix", .size = {s->part->layer->shape.m}, .learns = true, .n_pixels = 1};
    if ((!(h->mix > 0) && !s->part_norm) || layout->input_axis == layout->output_axis)
        return MF_OK;
    return add(model, s, &factors, &s->mix, diag);
}

mf_status mf_sources_add(mf_model *model, mf_state *s, mf_diag *diag)
{
    uint64_t m = s->layer->shape.m;
    const wanted learnt = {.size = {m}, .learns = true, .n_pixels = 1},
                 measured = {.size = {m}, .n_pixels = 1};
    const mf_source_map *const *norms = model->options.norm_maps,
                               *of_norm = norms ? norms[s->layer->number] : NULL;
    const struct {
        const char *role;
        const wanted *like;
        mf_parameter **parameter;
        bool there;
        const mf_source_map *map;
    } others[] = {{"bias", &learnt, &s->bias, s->layer->bias, NULL},
                  {"gamma", &learnt, &s->gamma, s->layer->norm, of_norm},
                  {"beta", &learnt, &s->beta, s->layer->norm, of_norm},
                  {"running_mean", &measured, &s->mean, s->layer->norm, NULL},
                  {"running_variance", &measured, &s->variance, s->layer->norm, NULL}};
    const weights_from from = {.maps = model->options.maps, .apart = model->options.apart};
    MF_TRY(add_weights(model, s, &from, diag));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        wanted w = *others[i].like;
        w.role = others[i].role;
        w.map = others[i].map;
        if (others[i].there)
            MF_TRY(add(model, s, &w, others[i].parameter, diag));
    }
    if (s->bias && mf_state_is_on_grid(s) &&
        mf_training_kind_of(s->layer->kind)->weights->bias_on_grid)
        mf_claims_want(&model->claims, &s->grid_bias, m);
    return MF_OK;
}

/* What a map reads begins as what its layer would read. */
void mf_sources_initialise(mf_model *model)
{
    for (size_t i = 0; i < model->n_sources; i++) {
        mf_source *s = &model->sources[i];
        if (s->map && !s->joins)
            mf_slice_put(&s->slice, s->own->value, s->stored->value);
        if (s->map_parameters)
            s->map->begin(s->map, s->map_parameters->value);
    }
}

/* "pw_expand_3.target_weight" is weights apart. */
static mf_parameter *find_alone(mf_parameters *alone, const char *name)
{
    static const char apart[] = "target_";
    char role[128];
    const char *dot = strrchr(name, '.') + 1;
    if (strncmp(dot, apart, sizeof apart - 1) == 0)
        snprintf(role, sizeof role, "%.*s%s", (int)(dot - name), name, dot + sizeof apart - 1);
    else
        snprintf(role, sizeof role, "%s", name);
    return mf_parameters_find(alone, role);
}

mf_status mf_model_begin_with(mf_model *model, mf_model *alone, mf_diag *diag)
{
    for (size_t i = 0; i < model->n_sources; i++) {
        const mf_source *s = &model->sources[i];
        const mf_parameter *from = find_alone(alone->store, s->stored->name);
        if (s->map)
            return mf_fail(diag, MF_INVALID,
                           "%s: weights that are mapped cannot be given as they come out",
                           s->stored->name);
        if (!from || from->n != s->own->n)
            return mf_fail(diag, MF_INVALID, "%s: %s has no such tensor, or another size",
                           s->stored->name, alone->network->name);
        mf_slice_put(&s->slice, from->value, s->stored->value);
    }
    return MF_OK;
}

/* What is learnt beside the weights of the network itself. */
static bool is_of_training(const mf_parameter *p)
{
    const char *role = strrchr(p->name, '.') + 1;
    return strcmp(role, "map") == 0 || strcmp(role, "mix") == 0;
}

static bool is_of_layer(const mf_parameter *p, const char *layer)
{
    size_t n = layer ? strlen(layer) : 0;
    return n && strncmp(p->name, layer, n) == 0 && p->name[n] == '.';
}

static mf_status refuse_extract(const mf_model *model, const mf_parameter *p, mf_diag *diag)
{
    char wants[128];
    mf_sizes_write(p->size, p->n_sizes, wants, sizeof wants);
    return mf_fail(diag, MF_INVALID, "%s: %s wanted, the %s of the file has no such tensor",
                   p->name, wants, model->network->name);
}

mf_status mf_model_extract(mf_model *model, const char *but, mf_parameters *alone, mf_diag *diag)
{
    size_t n;
    mf_parameter *all = mf_parameters_all(alone, &n);
    mf_sources_take(model);
    for (size_t k = 0; k < n; k++) {
        const mf_source *from = NULL;
        if (is_of_layer(&all[k], but) || is_of_training(&all[k]))
            continue;
        for (size_t i = 0; i < model->n_sources && !from; i++)
            if (find_alone(alone, model->sources[i].stored->name) == &all[k])
                from = &model->sources[i];
        if (!from || from->own->n != all[k].n)
            return refuse_extract(model, &all[k], diag);
        memcpy(all[k].value, from->own->value, all[k].n * sizeof *all[k].value);
    }
    return MF_OK;
}

/* ---- every pass
 * ----------------------------------------------------------------------------------
 */

void mf_sources_take(mf_model *model)
{
    for (size_t i = 0; i < model->n_sources; i++)
        mf_source_take(&model->sources[i]);
}

void mf_sources_put_weights(mf_model *model)
{
    for (size_t i = 0; i < model->n_sources; i++)
        if (model->sources[i].own->learns)
            mf_source_put(&model->sources[i]);
}

void mf_sources_put_statistics(mf_model *model)
{
    for (size_t i = 0; i < model->n_sources; i++)
        if (!model->sources[i].own->learns)
            mf_source_put(&model->sources[i]);
}

void mf_sources_give(mf_model *model, bool adds)
{
    mf_parameter_runs runs = mf_parameters_runs(model->store);
    assert(!adds || !model->owns);
    if (!adds && !model->owns)
        memset(runs.gradients, 0, runs.n_learn * sizeof *runs.gradients);
    for (size_t i = 0; i < model->n_sources; i++)
        mf_source_give(&model->sources[i], adds);
}
