/* All tensors that have a space's channels as an axis are permuted alike. */
#include "train/channel_order.h"

#include "train/kinds/training_kind.h"
#include "train/operators/training_operator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct sorter {
    mf_model *model;
    const mf_channel_spaces *spaces;
    bool with_momentum;
    size_t space;
    uint64_t n;         /* its channels */
    double *importance; /* [n] */
    size_t *order;      /* [n]: which channel comes first, second, ... */
    float *scratch;     /* as large as any tensor */
} sorter;

static bool reads(const sorter *w, size_t layer)
{
    return mf_channel_space_read(w->spaces, layer) == w->space;
}

static bool writes(const sorter *w, size_t layer)
{
    return w->spaces->of_layer[layer] == w->space;
}

static bool per_channel(const mf_state *s)
{
    return mf_training_kind_of(s->layer->kind)->weights->input_axis ==
           mf_training_kind_of(s->layer->kind)->weights->output_axis;
}

/* ---- one axis of one tensor --------------------------------------------------------------------
 */

/* `n_outer` times the axis, each element of it `n_inner` numbers. */
typedef struct axis {
    uint64_t n_outer, n, n_inner;
} axis;

/* The first axis of a fully connected layer's weights is pixels, each with all channels. */
static axis axis_of(const mf_parameter *p, int which, uint64_t n_pixels)
{
    axis a = {n_pixels, p->size[which] / n_pixels, 1};
    for (int i = 0; i < which; i++)
        a.n_outer *= p->size[i];
    for (size_t i = (size_t)which + 1; i < p->n_sizes; i++)
        a.n_inner *= p->size[i];
    return a;
}

static void permute(const sorter *w, const axis *a, float *x)
{
    for (uint64_t i = 0; i < a->n_outer; i++, x += a->n * a->n_inner) {
        memcpy(w->scratch, x, a->n * a->n_inner * sizeof *x);
        for (uint64_t k = 0; k < a->n; k++)
            memcpy(x + k * a->n_inner, w->scratch + w->order[k] * a->n_inner,
                   a->n_inner * sizeof *x);
    }
}

static void permute_all(const sorter *w, const mf_parameter *p, int which, uint64_t n_pixels)
{
    if (!p)
        return;
    axis a = axis_of(p, which, n_pixels);
    permute(w, &a, p->value);
    if (p->average)
        permute(w, &a, p->average);
    if (w->with_momentum && p->momentum)
        permute(w, &a, p->momentum);
}

/* ---- one space ---------------------------------------------------------------------------------
 */

static void weigh(sorter *w, const mf_state *s)
{
    const mf_weight_layout *layout = mf_training_kind_of(s->layer->kind)->weights;
    const mf_parameter *p = s->weights[0];
    axis a = axis_of(p, layout->input_axis, mf_model_pixels_before(w->model, s));
    const float *x = p->value;
    for (uint64_t i = 0; i < a.n_outer; i++)
        for (uint64_t k = 0; k < a.n; k++)
            for (uint64_t j = 0; j < a.n_inner; j++)
                w->importance[k] += fabsf(*x++);
}

static int by_importance(const void *a, const void *b, void *importance)
{
    const double *all = importance;
    size_t i = *(const size_t *)a, k = *(const size_t *)b;
    if (all[i] != all[k])
        return all[i] < all[k] ? 1 : -1;
    return i < k ? -1 : i > k; /* those that say the same stay as they are */
}

static void order(sorter *w)
{
    memset(w->importance, 0, w->n * sizeof *w->importance);
    for (size_t i = 0; i < w->model->network->n_layers; i++) {
        const mf_state *s = &w->model->states[i];
        bool squeezes = w->spaces->all[w->spaces->of_layer[i]].role == MF_SPACE_SQUEEZE;
        if (mf_layer_has_weights(s->layer) && reads(w, i) && !per_channel(s) && !squeezes)
            weigh(w, s);
    }
    for (uint64_t i = 0; i < w->n; i++)
        w->order[i] = i;
    qsort_r(w->order, w->n, sizeof *w->order, by_importance, w->importance);
}

static void permute_layer(const sorter *w, size_t index)
{
    const mf_state *s = &w->model->states[index];
    const mf_weight_layout *layout = mf_training_kind_of(s->layer->kind)->weights;
    for (size_t i = 0; i < s->form->n_parameters; i++) {
        if (s->form->parameters[i].extent != MF_PER_WEIGHT)
            continue;
        if (reads(w, index) && !per_channel(s))
            permute_all(w, s->weights[i], layout->input_axis, mf_model_pixels_before(w->model, s));
        if (writes(w, index))
            permute_all(w, s->weights[i], layout->output_axis, 1);
    }
    const mf_parameter *of_outputs[] = {s->bias, s->gamma, s->beta, s->mean, s->variance};
    for (size_t i = 0; writes(w, index) && i < sizeof of_outputs / sizeof *of_outputs; i++)
        permute_all(w, of_outputs[i], 0, 1);
}

/* A narrower network with weights of its own would lose what its channels were trained with. */
static bool shares_weights(const mf_state *s, bool apart)
{
    for (size_t i = 0; s->part && i < s->part->form->n_parameters; i++) {
        bool shared = s->part->form->parameters[i].extent != MF_PER_WEIGHT;
        for (size_t k = 0; k < s->form->n_parameters && !apart; k++)
            shared |= strcmp(s->form->parameters[k].role, s->part->form->parameters[i].role) == 0;
        if (!shared)
            return false;
    }
    return true;
}

static void sort_space(sorter *w)
{
    const mf_network *network = w->model->network;
    const mf_hybrid *hybrid = w->model->options.hybrid;
    for (size_t i = 0; i < network->n_layers; i++)
        if (mf_layer_has_weights(&network->layers[i]) && (reads(w, i) || writes(w, i)) &&
            !shares_weights(&w->model->states[i], hybrid && hybrid->apart))
            return;
    order(w);
    for (size_t i = 0; i < network->n_layers; i++)
        if (mf_layer_has_weights(&network->layers[i]))
            permute_layer(w, i);
}

static mf_status make_room(sorter *w, mf_arena *arena, mf_diag *diag)
{
    uint64_t most = 1, channels = 1;
    size_t n;
    const mf_parameter *all = mf_model_parameters(w->model, &n);
    for (size_t i = 0; i < n; i++)
        most = all[i].n > most ? all[i].n : most;
    for (size_t i = 0; i < w->model->network->n_layers; i++) {
        uint64_t m = w->model->network->layers[i].shape.m;
        channels = m > channels ? m : channels;
    }
    w->scratch = MF_NEW_ARRAY(arena, float, most);
    w->importance = MF_NEW_ARRAY(arena, double, channels);
    w->order = MF_NEW_ARRAY(arena, size_t, channels);
    return w->scratch && w->importance && w->order ? MF_OK : mf_fail_memory(diag);
}

mf_status mf_channels_sort(mf_model *widest, const mf_channel_spaces *spaces, bool with_momentum,
                           mf_diag *diag)
{
    static const mf_space_role sorted[] = {MF_SPACE_MIDDLE, MF_SPACE_SQUEEZE};
    sorter w = {.model = widest, .spaces = spaces, .with_momentum = with_momentum};
    mf_arena *arena = mf_arena_create();
    mf_status status = arena ? make_room(&w, arena, diag) : mf_fail_memory(diag);
    for (size_t role = 0; status == MF_OK && role < sizeof sorted / sizeof *sorted; role++)
        for (w.space = 0; w.space < spaces->n; w.space++) {
            if (spaces->all[w.space].role != sorted[role])
                continue;
            for (size_t i = 0; i < widest->network->n_layers; i++)
                if (writes(&w, i))
                    w.n = widest->network->layers[i].shape.m;
            sort_space(&w);
        }
    mf_arena_destroy(arena);
    return status;
}
