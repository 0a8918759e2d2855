/* Element by element, or kernel by kernel. */
#include "train/remap_fc.h"

#include <math.h>
#include <stdbool.h>

uint64_t mf_fc_size(mf_fc fc, uint64_t n_taps)
{
    const uint64_t sizes[MF_N_FCS] = {0, 2, n_taps * n_taps + 1, 3 + 2 * MF_FC_HIDDEN};
    return sizes[fc];
}

void mf_fc_begin(mf_fc fc, uint64_t n_taps, float *numbers)
{
    for (uint64_t i = 0; i < mf_fc_size(fc, n_taps); i++)
        numbers[i] = 0;
    if (fc == MF_FC_TAPS)
        for (uint64_t i = 0; i < n_taps; i++)
            numbers[i * n_taps + i] = 1;
    else if (fc != MF_FC_NO)
        numbers[0] = 1;
    if (fc == MF_FC_MLP)
        numbers[2] = 1;
}

/* ---- affine and mlp ----------------------------------------------------------------------------
 */

static inline float mlp(const float *p, float per_s, float w)
{
    const float *c = p + 3, *a = c + MF_FC_HIDDEN;
    float z = p[0] * w + p[1];
    for (int j = 0; j < MF_FC_HIDDEN; j++) {
        float t = (w - c[j]) * per_s;
        z += a[j] * (t / (1 + fabsf(t)));
    }
    return z;
}

static inline float mlp_slope(const float *p, float per_s, float w)
{
    const float *c = p + 3, *a = c + MF_FC_HIDDEN;
    float slope = p[0];
    for (int j = 0; j < MF_FC_HIDDEN; j++) {
        float t = 1 + fabsf((w - c[j]) * per_s);
        slope += a[j] * per_s / (t * t);
    }
    return slope;
}

/* ---- taps --------------------------------------------------------------------------------------
 */

/* x of each kernel := its product with T, or with T transposed, plus the offset. */
static void multiply(const float *t, bool transposed, float offset, const mf_taps *taps,
                     const float *x, float *y)
{
    uint64_t k = taps->n_taps, row = transposed ? 1 : k, column = transposed ? k : 1;
    for (uint64_t o = 0; o < taps->n_outer; o++)
        for (uint64_t i = 0; i < taps->n_inner; i++) {
            uint64_t at = o * k * taps->n_inner + i;
            float kernel[MF_MOST_TAPS];
            for (uint64_t j = 0; j < k; j++)
                kernel[j] = x[at + j * taps->n_inner];
            for (uint64_t j = 0; j < k; j++) {
                float sum = offset;
                for (uint64_t l = 0; l < k; l++)
                    sum += t[j * row + l * column] * kernel[l];
                y[at + j * taps->n_inner] = sum;
            }
        }
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static uint64_t count(const mf_taps *taps)
{
    return taps->n_outer * taps->n_taps * taps->n_inner;
}

/* Loops without a choice inside, so that compilers make vectors of them. */
void mf_fc_apply(mf_fc fc, const float *p, const mf_taps *taps, const float *w, float *z)
{
    uint64_t n = count(taps);
    if (fc == MF_FC_TAPS)
        multiply(p, false, p[taps->n_taps * taps->n_taps], taps, w, z);
    else if (fc == MF_FC_MLP)
        for (uint64_t i = 0; i < n; i++)
            z[i] = mlp(p, 1 / p[2], w[i]);
    else
        for (uint64_t i = 0; i < n; i++)
            z[i] = fc == MF_FC_AFFINE ? p[0] * w[i] + p[1] : w[i];
}

void mf_fc_pull_back(mf_fc fc, const float *p, const mf_taps *taps, const float *w, float *gradient)
{
    uint64_t n = count(taps);
    if (fc == MF_FC_TAPS)
        multiply(p, true, 0, taps, gradient, gradient);
    else if (fc == MF_FC_MLP)
        for (uint64_t i = 0; i < n; i++)
            gradient[i] *= mlp_slope(p, 1 / p[2], w[i]);
    else if (fc == MF_FC_AFFINE)
        for (uint64_t i = 0; i < n; i++)
            gradient[i] *= p[0];
}

double mf_fc_slope(mf_fc fc, const float *p, uint64_t n_taps)
{
    double squares = 0;
    const float *c = p + 3;
    if (fc == MF_FC_TAPS) {
        for (uint64_t i = 0; i < n_taps * n_taps; i++)
            squares += (double)p[i] * (double)p[i];
        return sqrt(squares / (double)n_taps);
    }
    if (fc == MF_FC_MLP)
        return (double)mlp_slope(p, 1 / p[2],
                                 (c[MF_FC_HIDDEN / 2 - 1] + c[MF_FC_HIDDEN / 2]) / 2);
    return fc == MF_FC_AFFINE ? (double)p[0] : 1;
}
