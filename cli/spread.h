/* What do some numbers have in common, and how sure is it? */
#ifndef MF_CLI_SPREAD_H
#define MF_CLI_SPREAD_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of numbers as they come (Welford). Begins as zero. */
typedef struct mf_spread {
    size_t n;
    double mean, squares; /* of distances to the mean, in all */
} mf_spread;

void mf_spread_add(mf_spread *spread, double value);

/* The sample standard deviation; of one number there is none: 0. */
double mf_spread_deviation(const mf_spread *spread);

/* Within how many deviations, estimated with so many degrees of freedom (at least 1), a mean lies with a
 * probability of 95 %: Student's t. */
double mf_student_95(size_t freedom);

#ifdef __cplusplus
}
#endif

#endif
