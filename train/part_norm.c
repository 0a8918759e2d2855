/* Two norms in one layer: Add's sums are hundreds, and the products that added channels give to the
 * same outputs are about 1. Behind one norm the target would hardly see them; here each map has its
 * own:
 *
 *   z = gamma (A - mean(A)) / deviation(A) + beta  +  mix (P - mean(P)) / deviation(P)
 *
 * A is the map of the part (the target's operator on the target's inputs), P what products of the
 * other inputs give to the same output channels. gamma, beta and the statistics of A are the layer's
 * own, so the target alone has the norm that it was trained with; P is not there then. All maps are
 * [pixels][channels]; sums in double precision, as the kernels have them. */
#include "train/kinds/training_kind.h"

#include <math.h>
#include <string.h>

/* What a norm makes of the gradient behind it: scale dz + slope map + offset. */
typedef struct pulled {
    float scale, slope, offset;
} pulled;

typedef struct mf_part_norm {
    float *own, *added;    /* A, P: [pixels][m], as they came */
    float *mean, *inverse; /* of P in this batch: mean, 1 / deviation */
    double *sums; /* [2 m]: of P and its squares, then of dz * (A - mean), dz * (P - mean) */
    pulled *to_own, *to_added; /* [m] */
} mf_part_norm;

static uint64_t channels_of(const mf_state *s)
{
    return s->part->layer->shape.m;
}

bool mf_part_norm_is_wanted(const mf_model *model, const mf_state *s)
{
    const mf_weight_layout *layout = mf_training_kind_of(s->layer->kind)->weights;
    return model->options.hybrid->norms_apart && s->part_alone && s->layer->norm &&
           layout->input_axis != layout->output_axis;
}

mf_status mf_part_norm_begin(mf_model *model, mf_state *s, mf_diag *diag)
{
    mf_part_norm *n = s->part_norm = MF_NEW(model->arena, mf_part_norm);
    mf_shape shape = mf_state_shape(s->part, model->options.batch);
    uint64_t m = channels_of(s), size = shape.n * shape.e * shape.f * m;
    mf_claims *c = &model->claims;
    if (!n)
        return mf_fail_memory(diag);
    n->sums = MF_NEW_ARRAY(model->arena, double, 2 * m);
    n->to_own = MF_NEW_ARRAY(model->arena, pulled, m);
    n->to_added = MF_NEW_ARRAY(model->arena, pulled, m);
    if (!n->sums || !n->to_own || !n->to_added)
        return mf_fail_memory(diag);
    mf_claims_want(c, &n->own, size);
    mf_claims_want(c, &n->added, size);
    mf_claims_want(c, &n->mean, m);
    mf_claims_want(c, &n->inverse, m);
    return MF_OK;
}

void mf_part_norm_take(mf_model *model, mf_state *s, uint64_t n_pixels)
{
    mf_part_norm *norm = s->part_norm;
    uint64_t m = channels_of(s), whole = s->layer->shape.m;
    double n = (double)n_pixels, *squares = norm->sums + m;
    memcpy(norm->sums, s->sums, m * sizeof *norm->sums);
    memcpy(squares, s->sums + whole, m * sizeof *squares);
    for (uint64_t c = 0; c < m; c++) {
        double mean = norm->sums[c] / n, variance = fmax(squares[c] / n - mean * mean, 0);
        norm->mean[c] = (float)mean;
        norm->inverse[c] = (float)(1 / sqrt(variance + model->options.norm_epsilon));
    }
    model->kernels->take_channels(n_pixels, whole, m, s->y, norm->added);
}

float *mf_part_norm_map(const mf_state *s)
{
    return s->part_norm->own;
}

void mf_part_norm_join(mf_state *s, uint64_t n_pixels)
{
    const mf_part_norm *norm = s->part_norm;
    uint64_t m = channels_of(s), whole = s->layer->shape.m;
    for (uint64_t i = 0; i < n_pixels; i++) {
        const float *a = norm->own + i * m, *p = norm->added + i * m, *gain = s->mix->value;
        float *y = s->y + i * whole;
        for (uint64_t c = 0; c < m; c++)
            y[c] = s->scale[c] * a[c] + s->shift[c] +
                   gain[c] * norm->inverse[c] * (p[c] - norm->mean[c]);
    }
    for (uint64_t c = 0; c < m; c++) {
        s->scale[c] = 1;
        s->shift[c] = 0;
    }
}

/* Sums over pixels of dz * (A - mean) and dz * (P - mean). */
static void add_products(mf_state *s, uint64_t n_pixels, const float *dz)
{
    const mf_part_norm *norm = s->part_norm;
    uint64_t m = channels_of(s), whole = s->layer->shape.m;
    double *own = norm->sums, *added = norm->sums + m;
    memset(norm->sums, 0, 2 * m * sizeof *norm->sums);
    for (uint64_t i = 0; i < n_pixels; i++)
        for (uint64_t c = 0; c < m; c++) {
            double d = dz[i * whole + c];
            own[c] += d * (norm->own[i * m + c] - s->batch_mean[c]);
            added[c] += d * (norm->added[i * m + c] - norm->mean[c]);
        }
}

/* Of a norm with this factor and these statistics, from the sums of dz and dz * (map - mean). */
static pulled pull(float factor, float inverse, float mean, double sum, double product, double n)
{
    double scale = (double)factor * inverse, slope = -scale * inverse * inverse * product / n;
    return (pulled){(float)scale, (float)slope, (float)(-scale * sum / n - slope * mean)};
}

/* Gradients of both factors, and what both norms make of dz. */
static void pull_all(mf_state *s, double n)
{
    const mf_part_norm *norm = s->part_norm;
    uint64_t m = channels_of(s);
    for (uint64_t c = 0; c < m; c++) {
        double sum = s->sums[c], own = norm->sums[c], added = norm->sums[m + c];
        s->gamma->gradient[c] = (float)(own * s->batch_inverse[c]);
        s->mix->gradient[c] = (float)(added * norm->inverse[c]);
        norm->to_own[c] =
            pull(s->gamma->value[c], s->batch_inverse[c], s->batch_mean[c], sum, own, n);
        norm->to_added[c] = pull(s->mix->value[c], norm->inverse[c], norm->mean[c], sum, added, n);
    }
}

mf_gradient mf_part_norm_part(mf_model *model, mf_state *s, uint64_t n_pixels, mf_gradient g)
{
    const mf_part_norm *norm = s->part_norm;
    uint64_t m = channels_of(s), whole = s->layer->shape.m;
    for (uint64_t c = 0; c < m; c++)
        s->slope[c] = s->offset[c] = 0; /* of the layer's norm, which these channels do not have */
    model->kernels->read_gradient(n_pixels, whole, &g, model->part_dy, model->scratch);
    add_products(s, n_pixels, model->part_dy);
    pull_all(s, (double)n_pixels);
    for (uint64_t i = 0; i < n_pixels; i++) {
        const float *a = norm->own + i * m, *p = norm->added + i * m;
        float *dy = model->part_dy + i * whole, *da = model->part_y + i * m;
        for (uint64_t c = 0; c < m; c++) {
            const pulled *own = &norm->to_own[c], *added = &norm->to_added[c];
            da[c] = own->scale * dy[c] + own->slope * a[c] + own->offset;
            dy[c] = added->scale * dy[c] + added->slope * p[c] + added->offset;
        }
    }
    return (mf_gradient){.da = model->part_dy};
}
