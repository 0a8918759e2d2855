/* Shares of zeros, read and counted. */
#include "sim/zeros.h"

#include "base/faults.h"
#include "models/trace.h"
#include "sim/execution.h"

#include <string.h>

static mf_status read_share(const mf_json *layer, const char *key, double *share, mf_diag *diag)
{
    mf_json value;
    if (mf_json_find(layer, key, &value))
        MF_TRY(mf_json_read_real(&value, 0, 1, share, diag));
    return MF_OK;
}

static const mf_layer *layer_named(const mf_network *network, const char *name)
{
    for (size_t i = 0; i < network->n_weight_layers; i++)
        if (strcmp(mf_network_weight_layer(network, i)->name, name) == 0)
            return mf_network_weight_layer(network, i);
    return NULL;
}

/* Into `zeros` of the layers that a network has; without one (NULL) the shares alone are looked at. */
static mf_status read_layers(const mf_json_doc *doc, const mf_network *network, mf_zeros *zeros,
                             mf_diag *diag)
{
    static const char *const top[] = {"about", "source", "layers", NULL};
    static const char *const keys[] = {"ifmap_zero_fraction", "ofmap_zero_fraction", NULL};
    mf_json root = mf_json_root(doc), layers, item = {0};
    MF_TRY(mf_json_only(&root, top, diag));
    MF_TRY(mf_json_get(&root, "layers", &layers, diag));
    if (!mf_json_is_object(&layers))
        return mf_json_fail(&layers, diag, MF_INVALID, "expected an object of layers by name");
    mf_faults faults = {0};
    while (mf_json_next(&layers, &item)) {
        const mf_layer *layer = network ? layer_named(network, item.key) : NULL;
        mf_zeros alone, *into = layer ? &zeros[layer->number] : &alone;
        MF_ALSO(mf_json_only(&item, keys, &faults.latest));
        if (network && !layer) {
            MF_ALSO(mf_json_fail(&item, &faults.latest, MF_INVALID,
                                 "%s has no layer with weights of that name", network->name));
            continue;
        }
        MF_ALSO(read_share(&item, keys[0], &into->ifmap, &faults.latest));
        MF_ALSO(read_share(&item, keys[1], &into->ofmap, &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

mf_status mf_zeros_check(const mf_json_doc *doc, mf_diag *diag)
{
    return read_layers(doc, NULL, NULL, diag);
}

mf_status mf_zeros_read(const mf_json_doc *doc, const mf_network *network, mf_arena *arena,
                        const mf_zeros **zeros, mf_diag *diag)
{
    mf_zeros *z = MF_NEW_ARRAY(arena, mf_zeros, network->n_weight_layers);
    if (!z)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < network->n_weight_layers; i++)
        z[i] = MF_ZEROS_UNKNOWN;
    MF_TRY(read_layers(doc, network, z, diag));
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_layer *layer = &network->layers[i];
        if (!mf_layer_has_weights(layer) || layer->input[0] < 0)
            continue;
        const mf_layer *from = &network->layers[layer->input[0]];
        if (mf_layer_has_weights(from) && z[from->number].ofmap < 0)
            z[from->number].ofmap = z[layer->number].ifmap;
    }
    *zeros = z;
    return MF_OK;
}

/* A trace has the numbers: their zeros are counted, one layer in memory at a time. */
static mf_status count_zeros(mf_trace *trace, mf_zeros *zeros, mf_diag *diag)
{
    mf_status status = MF_OK;
    for (size_t i = 0, n = 0; i < mf_trace_count(trace) && status == MF_OK; i++) {
        mf_layer_data data;
        if (!mf_trace_has_weights(trace, i))
            continue;
        mf_arena *arena = mf_arena_create();
        status = arena ? mf_trace_load(trace, i, arena, &data, diag) : mf_fail_memory(diag);
        if (status == MF_OK)
            zeros[n++] = mf_execution_zeros(&data);
        mf_arena_destroy(arena);
    }
    return status;
}

mf_status mf_zeros_of_trace(const mf_network *network, mf_arena *arena, const mf_zeros **zeros,
                            mf_diag *diag)
{
    mf_trace *trace;
    mf_zeros *z = MF_NEW_ARRAY(arena, mf_zeros, network->n_weight_layers);
    if (!z)
        return mf_fail_memory(diag);
    MF_TRY(mf_trace_open(network->source, &trace, diag));
    mf_status status = count_zeros(trace, z, diag);
    mf_trace_close(trace);
    *zeros = z;
    return status;
}
