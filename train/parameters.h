/* What does a training learn? A store of tensors, each named "<layer>.<role>" and of the largest
 * extent that anything computes with. Values, gradients and momenta are one run of memory each, in
 * the same order, so that a step of the optimiser is a loop over runs, not over tensors.
 *
 * Models (train/model.h) take the weights of their layers from it and give it gradients. */
#ifndef MF_TRAIN_PARAMETERS_H
#define MF_TRAIN_PARAMETERS_H

#include "base/status.h"
#include "train/kernels/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MF_MOST_AXES = 5 };

/* One tensor, owned by its store. */
typedef struct mf_parameter {
    const char *name; /* "<layer>.<role>" */
    uint64_t n, size[MF_MOST_AXES];
    size_t n_sizes;
    float *value;
    float *gradient, *momentum; /* NULL for running statistics of batch norm */
    float *average;             /* NULL for these, too, and where no averages are kept */
    bool learns, decays;        /* weights do both; norm and bias do not decay */
    bool frozen;                /* a step of the optimiser passes it over */
} mf_parameter;

typedef struct mf_parameters mf_parameters;

/* Each tensor begins at a cache line; what lies between them is zero in all three and stays so.
 * Those that decay come first, then the others that learn, then running statistics, which have
 * values alone. */
typedef struct mf_parameter_runs {
    uint64_t n_values, n_learn, n_decay; /* floats from the beginning */
    float *values, *gradients, *momenta;
} mf_parameter_runs;

/* An empty store for at most so many tensors; destroy accepts NULL. */
mf_status mf_parameters_create(size_t most, mf_parameters **parameters, mf_diag *diag);
void mf_parameters_destroy(mf_parameters *parameters);

/* Before there is memory: another tensor, whose size ends at its first zero or with the last axis.
 * NULL where there is no memory for its name. */
mf_parameter *mf_parameters_add(mf_parameters *parameters, const char *layer, const char *role,
                                const uint64_t *size, bool learns, bool decays);

/* Memory for all of them, zero. */
mf_status mf_parameters_allocate(mf_parameters *parameters, mf_diag *diag);

/* All, in the order in which they were added, which is that of checkpoints; one by its name, or
 * NULL. */
mf_parameter *mf_parameters_all(mf_parameters *parameters, size_t *n);
mf_parameter *mf_parameters_find(mf_parameters *parameters, const char *name);

mf_parameter_runs mf_parameters_runs(const mf_parameters *parameters);

/* One step of SGD with Nesterov momentum on the gradients that are there; frozen tensors stay as they
 * are, and so do their momenta. */
void mf_parameters_update(mf_parameters *parameters, const mf_kernels *kernels, double rate,
                          double momentum, double decay);

/* Keep running averages beside the values: they begin as these are now, whether or not they were
 * kept before. A step of averaging moves each by a share, 0 to 1, of its distance from its value;
 * swap lets all averages and values change places. Without averages both do nothing. */
mf_status mf_parameters_keep_averages(mf_parameters *parameters, mf_diag *diag);
void mf_parameters_average(mf_parameters *parameters, double share);
void mf_parameters_swap_averages(mf_parameters *parameters);

/* Is every value finite? MF_DIVERGED with the first tensor that has one which is not. */
mf_status mf_parameters_check(const mf_parameters *parameters, mf_diag *diag);

/* Bytes that the store holds. */
uint64_t mf_parameters_bytes(const mf_parameters *parameters);

/* "3 x 3 x 16", as messages have sizes. */
void mf_sizes_write(const uint64_t *size, size_t n, char *text, size_t room);

#ifdef __cplusplus
}
#endif

#endif
