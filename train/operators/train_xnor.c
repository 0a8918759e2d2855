/* Binary weights on signs (Rastegari et al., XNOR-Net, ECCV 2016): weights as of binary, a sign times
 * the mean magnitude of their filter; an activation is 1 above 0, else -1. Of the paper's scales of
 * activations there is none, as the authors' code has none: batch norm follows. Source: allenai/XNOR-Net,
 * util.lua. */
#include "train/operators/training_operator.h"

const mf_training_operator mf_trained_xnor = {.name = "xnor",
                                              .advice = "-rate +warmup_epochs",
                                              .family = MF_FAMILY_MULT,
                                              .on_signs = true,
                                              .form = &mf_form_signs,
                                              .code = mf_sign_code};
