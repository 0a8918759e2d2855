/* Multiplication: the weights are themselves. */
#include "train/operators/training_operator.h"

#include <math.h>

static const mf_weight_form itself = {
    .parameters = {{"weight", true}}, .n_parameters = 1, .initialise = mf_initialise_products};

/* Weights may be small: their scale may be finer than their width. */
static uint64_t fraction_bits(const float *w, uint64_t n, uint64_t bits,
                              uint64_t ifmap_fraction_bits)
{
    double peak = fmax(mf_peak_of(w, n), 1e-9), most = exp2((double)bits - 1) - 1;
    uint64_t fraction = bits - 1;
    (void)ifmap_fraction_bits;
    while (fraction < 40 && peak * exp2((double)fraction + 1) <= most)
        ++fraction;
    while (fraction > 0 && peak * exp2((double)fraction) > most)
        --fraction;
    return fraction;
}

static int32_t code(const mf_integer_format *format, float w, uint64_t scale)
{
    return mf_nearest_code(w, scale, format->weight_bits);
}

const mf_training_operator mf_trained_mult = {.name = "mult",
                                              .advice = "-rate +warmup_epochs",
                                              .family = MF_FAMILY_MULT,
                                              .form = &itself,
                                              .fraction_bits = fraction_bits,
                                              .code = code};
