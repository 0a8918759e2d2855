/* What is an activation, and its derivative, on a vector? At a kink the derivative is that of the
 * flat side where there is one (0 at relu's 0, at relu6's 0 and 6, at hard_sigmoid's -3 and 3, at
 * h_swish's -3), and 1 at h_swish's 3. */
#ifndef MF_TRAIN_KERNELS_ACTIVATION_H
#define MF_TRAIN_KERNELS_ACTIVATION_H

#include "models/network.h"
#include "train/kernels/vector.h"

/* min(max(x, 0), 6). */
MF_INLINE vf v_relu6(vf x)
{
    return v_min(v_max(x, v_zero()), v_all(6));
}

/* `activation` is a constant where this is called, so that the switch is not in the loop. */
MF_INLINE vf v_activate(mf_activation activation, vf z)
{
    switch (activation) {
    case MF_ACTIVATION_RELU:
        return v_max(z, v_zero());
    case MF_ACTIVATION_RELU6:
        return v_relu6(z);
    case MF_ACTIVATION_H_SWISH:
        return z * v_relu6(z + v_all(3)) * v_all(1.0f / 6);
    case MF_ACTIVATION_HARD_SIGMOID:
        return v_relu6(z + v_all(3)) * v_all(1.0f / 6);
    case MF_ACTIVATION_NONE:
    case MF_N_ACTIVATIONS:
        break;
    }
    return z;
}

/* g where low < z < high, else 0. */
MF_INLINE vf v_between(vf z, float low, float high, vf g)
{
    return v_if_greater(z, v_all(low), v_if_greater(v_all(high), z, g, v_zero()), v_zero());
}

/* g * activation'(z). */
MF_INLINE vf v_slope(mf_activation activation, vf z, vf g)
{
    switch (activation) {
    case MF_ACTIVATION_RELU:
        return v_if_greater(z, v_zero(), g, v_zero());
    case MF_ACTIVATION_RELU6:
        return v_between(z, 0, 6, g);
    case MF_ACTIVATION_H_SWISH:
        return v_if_greater(
            v_all(3), z,
            v_if_greater(z, v_all(-3), g * v_fma(z, v_all(1.0f / 3), v_all(0.5f)), v_zero()), g);
    case MF_ACTIVATION_HARD_SIGMOID:
        return v_between(z, -3, 3, g * v_all(1.0f / 6));
    case MF_ACTIVATION_NONE:
    case MF_N_ACTIVATIONS:
        break;
    }
    return g;
}

#endif
