/* A byte of options, then a network description. Layers hang together, and what they hold is
 * counted without overflow. */
#include "tests/fuzz/fuzz.h"

#include "models/formats/network_json.h"
#include "models/operation_counts.h"
#include "models/operator.h"

static const mf_operators *operators(void)
{
    static const char *const paths[] = {MF_SOURCE_DIR "/models/operators/add.json",
                                        MF_SOURCE_DIR "/models/operators/mult.json",
                                        MF_SOURCE_DIR "/models/operators/shift.json"};
    static mf_operators *all;
    if (!all)
        MF_FUZZ_CHECK(mf_operators_load(paths, 3, &all, NULL) == MF_OK);
    return all;
}

static void check_layer(const mf_network *network, size_t index)
{
    const mf_layer *layer = &network->layers[index];
    const mf_shape *s = &layer->shape;
    MF_FUZZ_CHECK(s->n && s->m && s->c && s->g && s->e && s->f);
    for (size_t k = 0; k < layer->n_inputs; k++)
        MF_FUZZ_CHECK(layer->input[k] < (int)index);
    MF_FUZZ_CHECK((unsigned __int128)s->n * s->c * s->h * s->w == mf_shape_ifmap(s));
    MF_FUZZ_CHECK((unsigned __int128)s->n * s->m * s->e * s->f == mf_shape_ofmap(s));
    mf_layer_params(layer);
    mf_layer_is_pointlike(layer);
    if (mf_layer_has_weights(layer))
        MF_FUZZ_CHECK(mf_network_weight_layer(network, (size_t)layer->number) == layer);
}

static void count(const mf_network *network)
{
    size_t *op_of_layer = calloc(network->n_weight_layers + 1, sizeof *op_of_layer);
    MF_FUZZ_CHECK(op_of_layer);
    for (size_t op = 0; op < mf_operators_count(operators()); op++) {
        mf_diag diag = {0};
        mf_operation_counts counts;
        mf_status status =
            mf_operators_assign(operators(), network, op, NULL, 0, op_of_layer, &diag);
        mf_fuzz_check_status(status, &diag);
        if (status == MF_OK)
            status = mf_operation_counts_of(network, operators(), op, op_of_layer, &counts, &diag);
        mf_fuzz_check_status(status, &diag);
    }
    free(op_of_layer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const mf_network_options options = {.batch = data[0] & 1 ? 2 : 0,
                                        .classes = data[0] & 2 ? 7 : 0,
                                        .rows = data[0] & 4 ? 33 : 0,
                                        .columns = data[0] & 4 ? 65 : 0,
                                        .width_multiplier = data[0] & 8 ? 0.3 : 0};
    mf_json_doc *doc = mf_fuzz_json(data + 1, size - 1);
    if (!doc)
        return 0;
    mf_diag diag = {0};
    mf_network *network;
    mf_status status = mf_network_from_json(doc, &options, &network, &diag);
    mf_fuzz_check_status(status, &diag);
    mf_json_destroy(doc);
    if (status != MF_OK)
        return 0;
    for (size_t i = 0; i < network->n_layers; i++)
        check_layer(network, i);
    count(network);
    mf_network_destroy(network);
    return 0;
}
