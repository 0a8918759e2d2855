// Are gradients those of the loss? Held against differences of it in the direction of each tensor's
// own gradient, where they are largest.
#ifndef MF_TESTS_TRAIN_GRADIENTS_H
#define MF_TESTS_TRAIN_GRADIENTS_H

#include "train/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

// `loss` makes a forward and a backward pass. Returns how many tensors were compared.
inline size_t expect_gradients(mf_model *model, const std::function<double()> &loss)
{
    loss();
    size_t n, n_compared = 0;
    mf_parameter *p = mf_model_parameters(model, &n);
    std::vector<std::vector<float>> gradients(n);
    for (size_t i = 0; i < n; i++)
        if (p[i].gradient)
            gradients[i].assign(p[i].gradient, p[i].gradient + p[i].n);
    for (size_t i = 0; i < n; i++) {
        double squares = 0;
        for (float g : gradients[i])
            squares += double{g} * g;
        if (squares < 1e-8)
            continue; // a shift that batch norm takes out again
        std::vector<float> before(p[i].value, p[i].value + p[i].n);
        double length = 4e-3 / std::sqrt(squares), losses[2];
        for (int side = 0; side < 2; side++) {
            for (uint64_t k = 0; k < p[i].n; k++)
                p[i].value[k] =
                    static_cast<float>(before[k] + (side ? 1 : -1) * length * gradients[i][k]);
            losses[side] = loss();
        }
        std::copy(before.begin(), before.end(), p[i].value);
        double slope = (losses[1] - losses[0]) / (2 * length);
        EXPECT_NEAR(slope, squares, 0.05 * squares + 1e-5) << p[i].name;
        n_compared++;
    }
    return n_compared;
}

#endif
