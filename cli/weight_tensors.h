/* Which weights has a checkpoint? Those of each layer, as its convolution computes with them, or the
 * tensors that they are made of. */
#ifndef MF_CLI_WEIGHT_TENSORS_H
#define MF_CLI_WEIGHT_TENSORS_H

#include "cli/arguments.h"
#include "train/remap_fc.h"

/* One tensor. What it is called lives in the arguments' arena, numbers as long as the model. */
typedef struct mf_weight_tensor {
    const char *layer, *name, *op;
    int number; /* of the layer among those with weights */
    const float *w;
    uint64_t n;
    mf_taps taps; /* of tensors with as many numbers as the layer has weights */
} mf_weight_tensor;

typedef struct mf_weight_tensors {
    const char *network;
    mf_weight_tensor *all;
    size_t n;
    bool projected; /* a layer computes with other weights than it learns */
} mf_weight_tensors;

/* Of the layers that --layers names, or all; as they are learnt with --learnt. `use` may keep
 * pointers to names, not to numbers. */
typedef mf_status mf_weight_tensors_use(void *user, const char *path,
                                        const mf_weight_tensors *tensors, mf_diag *diag);

/* Of each checkpoint in turn; MF_USAGE in the end if --learnt changed nothing in any. */
mf_status mf_weight_tensors_each(mf_cli *cli, const mf_arguments *arguments,
                                 const char *const *paths, size_t n_paths,
                                 mf_weight_tensors_use *use, void *user, mf_diag *diag);

/* `mulfree weights fit` (cli/weight_fit.c). */
mf_status mf_weight_fit_command(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag);

#endif
