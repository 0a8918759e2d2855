/* Counting, overflow-checked. */
#include "models/operation_counts.h"

/* total += count * each */
static bool add(uint64_t *total, uint64_t count, uint64_t each)
{
    uint64_t product;
    return !__builtin_mul_overflow(count, each, &product) &&
           !__builtin_add_overflow(*total, product, total);
}

bool mf_operation_counts_add(mf_operation_counts *counts, const mf_layer *layer,
                             const mf_operator *op, const mf_operator *variant)
{
    if (!mf_layer_has_weights(layer))
        return true;
    uint64_t macs = mf_shape_macs(&layer->shape), outputs = mf_shape_ofmap(&layer->shape);
    bool good = add(&counts->n_params, mf_layer_params(layer), 1) && add(&counts->n_macs, macs, 1);
    for (int i = 0; i < MF_N_EVENTS; i++) {
        uint64_t *n = &counts->n_events[i];
        good = good && add(n, macs, op->per_mac[i]);
        good = good && (!layer->norm || add(n, outputs, op->per_norm_output[i]));
        good = good && (!layer->bias || add(n, outputs, variant->per_bias_output[i]));
    }
    return good;
}

mf_status mf_operation_counts_of(const mf_network *network, const mf_operators *operators,
                                 size_t variant, const size_t *op_of_layer,
                                 mf_operation_counts *counts, mf_diag *diag)
{
    *counts = (mf_operation_counts){0};
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_layer *layer = &network->layers[i];
        if (!mf_layer_has_weights(layer))
            continue;
        if (!mf_operation_counts_add(counts, layer,
                                     mf_operators_at(operators, op_of_layer[layer->number]),
                                     mf_operators_at(operators, variant)))
            return mf_fail(diag, MF_TOO_LARGE, "%s: operation counts exceed 64 bits at layer %s",
                           network->name, layer->name);
    }
    return MF_OK;
}
