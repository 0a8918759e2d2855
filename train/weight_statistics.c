/* Sums in double, over numbers that differ from their mean; the median by selection. */
#include "train/weight_statistics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static void swap(float *a, float *b)
{
    float c = *a;
    *a = *b;
    *b = c;
}

/* Brings the number that is the kth in order to x[k], no larger one before it (Hoare's selection as
 * Wirth wrote it). */
static void select_kth(float *x, int64_t n, int64_t k)
{
    int64_t low = 0, high = n - 1;
    while (low < high) {
        float pivot = x[k];
        int64_t i = low, j = high;
        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i <= j)
                swap(&x[i++], &x[j--]);
        }
        low = j < k ? i : low;
        high = k < i ? j : high;
    }
}

static double median_of(float *x, uint64_t n)
{
    uint64_t middle = n / 2;
    select_kth(x, (int64_t)n, (int64_t)middle);
    double above = x[middle], below = above;
    if (n % 2 == 0) {
        below = x[0];
        for (uint64_t i = 1; i < middle; i++)
            below = x[i] > below ? x[i] : below;
    }
    return (below + above) / 2;
}

static void measure(const float *w, uint64_t n, mf_weight_statistics *s)
{
    double sum = 0, distance = 0, squares = 0, fourths = 0;
    *s = (mf_weight_statistics){.n = n, .least = w[0], .most = w[0], .u = s->u};
    for (uint64_t i = 0; i < n; i++) {
        s->least = w[i] < s->least ? w[i] : s->least;
        s->most = w[i] > s->most ? w[i] : s->most;
        sum += w[i];
    }
    s->varies = s->least < s->most;
    s->mean = s->varies ? sum / (double)n : s->least;
    if (!s->varies)
        return;
    for (uint64_t i = 0; i < n; i++) {
        double off = w[i] - s->mean, square = off * off;
        distance += fabs(w[i] - s->u);
        squares += square;
        fourths += square * square;
    }
    double variance = squares / (double)n;
    s->deviation = sqrt(variance);
    s->b = distance / (double)n;
    s->kurtosis = fourths / (double)n / variance / variance;
    /* Of the likeliest parameters the mean of what stands in the exponent is 1/2, or 1. */
    s->gaussian_log_likelihood = -0.5 * log(2 * pi * variance) - 0.5;
    s->laplace_log_likelihood = -log(2 * s->b) - 1;
}

mf_status mf_weight_statistics_of(const float *w, uint64_t n, mf_weight_statistics *s,
                                  mf_diag *diag)
{
    assert(n >= 1);
    float *copy = malloc(n * sizeof *copy);
    if (!copy)
        return mf_fail_memory(diag);
    memcpy(copy, w, n * sizeof *copy);
    s->u = median_of(copy, n);
    free(copy);
    measure(w, n, s);
    return MF_OK;
}

double mf_gaussian_below(const mf_weight_statistics *s, double x)
{
    return s->varies ? 0.5 * erfc((s->mean - x) / s->deviation / sqrt(2)) : x >= s->mean;
}

double mf_laplace_below(const mf_weight_statistics *s, double x)
{
    double away = (x - s->u) / s->b;
    if (!s->varies)
        return x >= s->u;
    return away < 0 ? 0.5 * exp(away) : 1 - 0.5 * exp(-away);
}

double mf_weight_bin_edge(const mf_weight_statistics *s, uint64_t n_bins, uint64_t i)
{
    double around = s->varies ? 0 : 0.5, low = s->least - around, high = s->most + around;
    return i == n_bins ? high : low + (high - low) * (double)i / (double)n_bins;
}

/* Where a number stands by division, unless that rounds past an edge. */
static uint64_t bin_of(const mf_weight_statistics *s, uint64_t n_bins, double x)
{
    double low = mf_weight_bin_edge(s, n_bins, 0), high = mf_weight_bin_edge(s, n_bins, n_bins);
    uint64_t i = (uint64_t)((x - low) / (high - low) * (double)n_bins);
    i = i < n_bins ? i : n_bins - 1;
    while (i > 0 && x < mf_weight_bin_edge(s, n_bins, i))
        i--;
    while (i + 1 < n_bins && x >= mf_weight_bin_edge(s, n_bins, i + 1))
        i++;
    return i;
}

void mf_weight_bins_count(const mf_weight_statistics *s, const float *w, uint64_t n,
                          uint64_t n_bins, uint64_t *counts)
{
    memset(counts, 0, n_bins * sizeof *counts);
    for (uint64_t i = 0; i < n; i++)
        counts[bin_of(s, n_bins, w[i])]++;
}
