/* A trace's entries (mf_fuzz_archive): every layer is loaded, and the network read from it. */
#include "tests/fuzz/fuzz.h"

#include "models/formats/network_file.h"
#include "models/trace.h"

static void load_layers(mf_trace *trace)
{
    MF_FUZZ_CHECK(mf_trace_count(trace) >= 1);
    for (size_t i = 0; i < mf_trace_count(trace); i++) {
        mf_arena *arena = mf_arena_create();
        mf_layer_data data;
        mf_diag diag = {0};
        mf_status status = mf_trace_load(trace, i, arena, &data, &diag);
        mf_fuzz_check_status(status, &diag);
        if (status == MF_OK)
            MF_FUZZ_CHECK(mf_layer_data_has_weights(&data) == mf_trace_has_weights(trace, i));
        mf_arena_destroy(arena);
    }
}

/* By the readers that take files. */
static void load_file(const uint8_t *archive, size_t n_bytes)
{
    mf_trace *trace;
    mf_network *network;
    mf_diag diag = {0};
    const char *path = mf_fuzz_file("input.npz", archive, n_bytes);
    MF_FUZZ_CHECK(mf_trace_open(path, &trace, &diag) == MF_OK);
    mf_trace_close(trace);
    mf_status status = mf_network_load(path, NULL, &network, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK)
        mf_network_destroy(network);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n_bytes;
    uint8_t *archive = mf_fuzz_archive(data, size, &n_bytes);
    mf_trace *trace;
    mf_diag diag = {0};
    mf_status status = mf_trace_open_bytes("input.npz", archive, n_bytes, &trace, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK) {
        load_layers(trace);
        mf_trace_close(trace);
        load_file(archive, n_bytes);
    }
    free(archive);
    return 0;
}
