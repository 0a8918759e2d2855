/* A trained network on integer codes: its accuracy beside that of floats, and traces of what it
 * computes. */
#ifndef MF_CLI_EXPORT_H
#define MF_CLI_EXPORT_H

#include "cli/train_setup.h"
#include "train/quantise.h"

/* Zero, or from mf_export_options, before it is opened. */
typedef struct mf_export {
    uint64_t bits, psum_bits;    /* of activations, of sums */
    uint64_t n_traced, n_scored; /* pictures: in a trace; that accuracies are of, 0 for all */
    mf_train_setup setup;
    mf_quantised *quantised;
    mf_model_score as_float, as_integer; /* of mf_export_score */
} mf_export;

#define MF_EXPORT_OPTIONS(condition)                                                               \
    {"pictures", 'n', "N", .about = "pictures of the test set that are traced (default 1)",        \
     .needs = (condition)},                                                                        \
    {                                                                                              \
        "score", 0, "N", .about = "pictures of the test set that accuracies are of (default all)", \
                         .needs = (condition)                                                      \
    }

/* --bits, --psum-bits, --pictures and --score. */
mf_status mf_export_options(const mf_arguments *arguments, mf_export *x, mf_diag *diag);

/* From a checkpoint; scales follow from training pictures. Close also after a failure. */
mf_status mf_export_open(mf_export *x, mf_cli *cli, const mf_arguments *arguments,
                         const char *checkpoint, mf_diag *diag);
void mf_export_close(mf_export *x);

/* Both accuracies over the pictures held out, or the first n_scored of them. */
mf_status mf_export_score(mf_export *x, mf_cli *cli, mf_diag *diag);

/* The first n_traced of them into a trace. */
mf_status mf_export_write(mf_export *x, const char *checkpoint, const char *path, mf_diag *diag);

#endif
