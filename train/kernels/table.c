/* The functions of one build, under its name. */
#include "train/kernels/internal.h"

const mf_kernels MF_OWN(kernels) = {.name = MF_QUOTE(MF_BUILD),
                                    .conv_forward = mf_conv_forward,
                                    .conv_backward = mf_conv_backward,
                                    .read_map = mf_read_map,
                                    .read_gradient = mf_read_gradient,
                                    .norm_sums = mf_norm_sums_of,
                                    .add_to = mf_add_to,
                                    .add_maps = mf_add_maps,
                                    .take_channels = mf_take_channels,
                                    .add_channels = mf_add_channels,
                                    .laplace_map = mf_laplace_map,
                                    .laplace_slope = mf_laplace_slope,
                                    .sgd = mf_sgd};
