/* Maps of all forms: what they have in common, and which layers have one. */
#include "train/remap_maps.h"

#include "train/kinds/training_kind.h"
#include "train/operators/training_operator.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const mf_remap_kind *const kinds[] = {[MF_REMAP_PLAIN] = &mf_remap_plain,
                                             [MF_REMAP_LAPLACE] = &mf_remap_laplace,
                                             [MF_REMAP_LINEAR] = &mf_remap_linear,
                                             [MF_REMAP_KERNEL] = &mf_remap_kernel};

/* ---- one pass ----------------------------------------------------------------------------------
 */

static void begin(const mf_source_map *map, float *parameters)
{
    const mf_remap *r = (const mf_remap *)map;
    if (map->n_parameters)
        r->kind->begin(r, parameters);
}

/* All that changes in a map is what its next gradient wants to know. */
static void forward(const mf_source_map *map, const mf_source *s)
{
    mf_remap *r = (mf_remap *)map;
    r->kind->forward(r, s);
}

/* Grows by kl (softmax(x) - 1 / n). */
static void add_penalty(double kl, uint64_t n, const float *x, float *gradient)
{
    double most = (double)x[0], sum = 0;
    for (uint64_t i = 1; i < n; i++)
        most = fmax(most, (double)x[i]);
    for (uint64_t i = 0; i < n; i++)
        sum += exp((double)x[i] - most);
    for (uint64_t i = 0; i < n; i++)
        gradient[i] += (float)(kl * (exp((double)x[i] - most) / sum - 1 / (double)n));
}

static void scale_to(double rms, uint64_t n, float *gradient)
{
    double squares = 0;
    for (uint64_t i = 0; i < n; i++)
        squares += (double)gradient[i] * (double)gradient[i];
    float factor = (float)(rms * sqrt((double)n) / fmax(sqrt(squares), 1e-30));
    for (uint64_t i = 0; i < n; i++)
        gradient[i] *= factor;
}

static void pull_back(const mf_source_map *map, const mf_source *s, float *gradient)
{
    mf_remap *r = (mf_remap *)map;
    uint64_t n = s->own->n;
    if (r->how.kl > 0 && r->how.form != MF_REMAP_PLAIN)
        add_penalty(r->how.kl, n, s->own->value, gradient);
    r->kind->pull_back(r, s, gradient);
    if (r->gradient_rms > 0)
        scale_to(r->gradient_rms / r->kind->slope(r, s), n, gradient);
    if (r->how.kl > 0)
        add_penalty(r->how.kl, n, s->sliced, gradient);
}

/* ---- making them -------------------------------------------------------------------------------
 */

bool mf_remap_applies(mf_trained trained, const mf_model_options *options)
{
    const mf_training_operator *op = mf_training_operator_of(trained);
    const mf_weight_form *form = op->form ? op->form : op->choose_form(options);
    return trained != MF_TRAINED_MULT && strcmp(form->parameters[0].role, "weight") == 0;
}

/* A kernel's rows and columns lie together. */
mf_taps mf_remap_taps(const mf_layer *layer)
{
    const mf_weight_layout *layout = mf_training_kind_of(layer->kind)->weights;
    uint64_t size[5] = {0};
    mf_taps taps = {1, 1, 1};
    layout->sizes(&layer->shape, size);
    for (int i = 0; i < 5 && size[i]; i++) {
        bool kernel = layout->kernel_axes >> i & 1;
        bool before = !kernel && layout->kernel_axes >> i;
        *(kernel ? &taps.n_taps : before ? &taps.n_outer : &taps.n_inner) *= size[i];
    }
    return taps;
}

static mf_status make(const mf_layer *layer, mf_trained trained, const mf_model_options *options,
                      const mf_remap_options *how, mf_arena *arena, mf_remap **map, mf_diag *diag)
{
    mf_remap *r = MF_NEW(arena, mf_remap);
    if (!r)
        return mf_fail_memory(diag);
    *map = r;
    *r = (mf_remap){.kind = kinds[how->form],
                    .how = *how,
                    .random =
                        mf_random_stream(options->seed ^ 0x72656d6170u, (uint64_t)layer->number),
                    .taps = mf_remap_taps(layer),
                    .kernels = options->kernels ? options->kernels : mf_kernels_best()};
    if (how->fc && r->taps.n_taps > MF_MOST_TAPS)
        return mf_fail(diag, MF_INVALID,
                       "%s: a kernel of %" PRIu64 " weights, at most %d can be mapped", layer->name,
                       r->taps.n_taps, MF_MOST_TAPS);
    r->map = (mf_source_map){.n_parameters = r->kind->n_parameters(r),
                             .learns = !how->fitted,
                             .begin = begin,
                             .forward = forward,
                             .pull_back = pull_back};
    if (how->form == MF_REMAP_LAPLACE)
        mf_remap_interpolate(&r->laplace);
    if (mf_training_operator_of(trained)->scales_gradient)
        r->gradient_rms = options->add_eta;
    r->scratch = MF_NEW_ARRAY(arena, float, mf_shape_weights(&layer->shape));
    return r->scratch ? MF_OK : mf_fail_memory(diag);
}

mf_status mf_remaps_create(const mf_network *network, const mf_operators *operators,
                           const size_t *op_of_layer, const mf_model_options *options,
                           const mf_remap_options *how, mf_arena *arena,
                           const mf_source_map *const **out, mf_diag *diag)
{
    const mf_source_map **maps =
        MF_NEW_ARRAY(arena, const mf_source_map *, network->n_weight_layers);
    if (!maps)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_operator *op = mf_operators_at(operators, op_of_layer[i]);
        mf_trained trained;
        MF_TRY(mf_trained_find(op->arithmetic, &trained, diag));
        if (!mf_remap_applies(trained, options))
            continue;
        mf_remap *r = NULL;
        MF_TRY(make(mf_network_weight_layer(network, i), trained, options, how, arena, &r, diag));
        maps[i] = &r->map;
    }
    *out = maps;
    return MF_OK;
}
