/* How are weights distributed? Moments; the normal and the Laplace distribution under which they are
 * likeliest, and how likely; counts in bins beside what the two expect there. */
#ifndef MF_TRAIN_WEIGHT_STATISTICS_H
#define MF_TRAIN_WEIGHT_STATISTICS_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of n numbers. Both distributions are of greatest likelihood: the normal has mean and deviation
 * (squares divided by n), the Laplace u, the median (the middle of the two middle ones), and b, the
 * mean distance from it. Where all numbers are the same there is no density: `varies` is false, and
 * deviation, b and what follows are 0. */
typedef struct mf_weight_statistics {
    uint64_t n;
    double least, most;
    double mean, deviation;
    double u, b;
    bool varies;
    double
        kurtosis; /* fourth moment over the square of the second: 3 of a normal, 6 of a Laplace */
    double gaussian_log_likelihood, laplace_log_likelihood; /* per number, to base e */
} mf_weight_statistics;

/* Of w[n], n >= 1, all finite. MF_NO_MEMORY for the median's copy. */
mf_status mf_weight_statistics_of(const float *w, uint64_t n, mf_weight_statistics *statistics,
                                  mf_diag *diag);

/* The share that a distribution has below x. */
double mf_gaussian_below(const mf_weight_statistics *statistics, double x);
double mf_laplace_below(const mf_weight_statistics *statistics, double x);

/* Bins of equal width from the least number to the most, or around the only one: bin i goes from
 * edge i to edge i + 1, the last with both of its edges. */
double mf_weight_bin_edge(const mf_weight_statistics *statistics, uint64_t n_bins, uint64_t i);

/* How many of w[n], which the statistics are of, are in each bin? */
void mf_weight_bins_count(const mf_weight_statistics *statistics, const float *w, uint64_t n,
                          uint64_t n_bins, uint64_t *counts);

#ifdef __cplusplus
}
#endif

#endif
