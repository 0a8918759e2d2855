#include "models/readers.h"

void mf_readers_find(const mf_network *network, const mf_operators *operators,
                     const size_t *op_of_layer, mf_readers *readers)
{
    for (size_t i = 0; i < network->n_layers; i++)
        readers[i] = (mf_readers){false, false};
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_layer *layer = &network->layers[i];
        bool on_signs =
            mf_layer_has_weights(layer) &&
            mf_operator_on_signs(mf_operators_at(operators, op_of_layer[layer->number]));
        for (size_t k = 0; k < layer->n_inputs; k++)
            if (layer->input[k] >= 0)
                *(on_signs ? &readers[layer->input[k]].signs : &readers[layer->input[k]].numbers) =
                    true;
    }
    for (size_t i = 0; i < network->n_layers; i++)
        readers[i].numbers |= !readers[i].signs;
}

uint64_t mf_readers_written_bits(mf_readers readers, uint64_t ofmap_bits)
{
    return (readers.numbers ? ofmap_bits : 0) + (readers.signs ? 1 : 0);
}
