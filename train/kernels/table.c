/* The functions of one build, under its name. */
#include "train/kernels/internal.h"

const mf_kernels MF_OWN(kernels) = {.name = MF_TEXT(MF_BUILD),
                                    .conv_forward = mf_conv_forward,
                                    .conv_backward_input = mf_conv_backward_input,
                                    .conv_backward_weights = mf_conv_backward_weights,
                                    .normalise = mf_normalise,
                                    .normalise_backward_sums = mf_normalise_backward_sums,
                                    .normalise_backward = mf_normalise_backward,
                                    .activate = mf_activate,
                                    .activate_backward = mf_activate_backward,
                                    .add_to = mf_add_to,
                                    .add = mf_add,
                                    .sgd = mf_sgd};
