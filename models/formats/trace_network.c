/* Manifest to layers. */
#include "models/formats/trace_network.h"

#include "base/arena.h"
#include "models/arithmetic/arithmetic.h"
#include "models/trace.h"

/* The first of each is there, and nobody is known to make the others. */
static mf_status set_inputs(mf_network *network, mf_layer *layer, const mf_layer_data *data,
                            mf_diag *diag)
{
    int input[MF_MOST_INPUTS];
    uint64_t channels[MF_MOST_INPUTS];
    for (size_t k = 0; k <= data->n_others; k++) {
        input[k] = k == 0 ? MF_NETWORK_INPUT : MF_NO_INPUT;
        channels[k] = mf_layer_data_input(data, k).channels;
    }
    return mf_layer_set_inputs(network->arena, layer, 1 + data->n_others, input, channels, diag);
}

static mf_status add_layer(mf_network *network, const mf_layer_data *data, bool has_weights,
                           mf_diag *diag)
{
    mf_layer *layer = &network->layers[network->n_layers++];
    *layer = (mf_layer){
        .name = mf_arena_string(network->arena, data->name),
        .role = mf_layer_kind_name(data->kind),
        .kind = data->kind,
        .shape = data->shape,
        .number = has_weights ? (int)network->n_weight_layers : -1,
        .norm = has_weights,
        .maximum = data->maximum,
        .activation = data->activation,
        .activation_bits = data->format.activation_bits,
        .weight_bits = data->format.weight_bits,
        .product_shift = data->format.product_shift,
        .ofmap_bits = mf_layer_data_ofmap_bits(data),
        .written_bits = mf_layer_data_written_bits(data),
        .arithmetic = has_weights ? mf_arithmetic_record_of(data->format.arithmetic)->name : NULL,
        .op = data->op ? mf_arena_string(network->arena, data->op) : NULL};
    network->n_weight_layers += has_weights;
    if (!layer->name || (data->op && !layer->op))
        return mf_fail_memory(diag);
    return set_inputs(network, layer, data, diag);
}

static mf_status read_layers(const mf_trace *trace, mf_network *network, mf_diag *diag)
{
    size_t n = mf_trace_count(trace);
    MF_TRY(mf_network_check_size(n, diag));
    network->layers = MF_NEW_ARRAY(network->arena, mf_layer, n);
    if (!network->layers)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++)
        MF_TRY(add_layer(network, mf_trace_layer(trace, i), mf_trace_has_weights(trace, i), diag));
    const mf_shape *first = &network->layers[0].shape, *last = &network->layers[n - 1].shape;
    network->batch = first->n;
    network->input_channels = first->c;
    network->input_rows = first->h;
    network->input_columns = first->w;
    network->classes = last->m;
    network->width_multiplier = 1.0;
    return mf_network_finish(network, diag);
}

static mf_status make(const mf_trace *trace, const char *path, mf_network **out, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_network *network = arena ? MF_NEW(arena, mf_network) : NULL;
    mf_status status;
    if (!network) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    network->arena = arena;
    network->name = mf_arena_string(arena, mf_trace_network(trace));
    network->about =
        mf_arena_string(arena, mf_trace_about(trace) ? mf_trace_about(trace) : "trace");
    network->source = mf_arena_string(arena, path);
    status = network->name && network->about && network->source ? read_layers(trace, network, diag)
                                                                : mf_fail_memory(diag);
    if (status == MF_OK)
        *out = network;
    else
        mf_arena_destroy(arena);
    return status;
}

mf_status mf_network_from_trace(const char *path, const mf_network_options *options,
                                mf_network **network, mf_diag *diag)
{
    mf_trace *trace;
    if (options &&
        (options->rows || options->classes || options->batch || options->width_multiplier > 0))
        return mf_fail(diag, MF_USAGE,
                       "%s: resolution, batch, classes and width of a trace cannot be changed: its "
                       "numbers are there already",
                       path);
    MF_TRY(mf_trace_open(path, &trace, diag));
    mf_status status = make(trace, path, network, diag);
    mf_trace_close(trace);
    return status;
}
