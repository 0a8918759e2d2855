/* A trace's entries (mf_fuzz_archive): small layers are computed by the reference, on whatever
 * codes they hold. */
#include "tests/fuzz/fuzz.h"

#include "models/trace.h"
#include "models/vector.h"

#define MOST_PRODUCTS 200000

static void compute_weighted(const mf_layer_data *data, mf_arena *arena, uint64_t n_outputs)
{
    const mf_shape *s = &data->shape;
    mf_requantiser requantiser = mf_layer_data_requantiser(data);
    int64_t *psums = MF_NEW_ARRAY(arena, int64_t, n_outputs);
    mf_diag diag = {0};
    MF_FUZZ_CHECK(psums);
    mf_status status = mf_integer_layer(s, &data->format, data->ifmap, data->weights, psums, &diag);
    mf_fuzz_check_status(status, &diag);
    for (uint64_t i = 0; i < n_outputs; i++) {
        const uint64_t channel = i / (s->e * s->f) % s->m;
        if (status == MF_OK)
            mf_requantise(&requantiser, channel, psums[i]);
        mf_requantise(&requantiser, channel, data->psums[i]);
    }
}

static void compute(const mf_layer_data *data, mf_arena *arena)
{
    const mf_shape *s = &data->shape;
    unsigned __int128 n =
        (unsigned __int128)s->n * s->m * (s->c / s->g) * s->r * s->s * s->e * s->f;
    if (n > MOST_PRODUCTS)
        return;
    if (mf_layer_data_has_weights(data)) {
        compute_weighted(data, arena, mf_shape_ofmap(s));
        return;
    }
    int32_t *codes = MF_NEW_ARRAY(arena, int32_t, mf_shape_ofmap(s));
    mf_diag diag = {0};
    MF_FUZZ_CHECK(codes);
    mf_fuzz_check_status(mf_vector_compute(data, codes, &diag), &diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n_bytes;
    uint8_t *archive = mf_fuzz_archive(data, size, &n_bytes);
    mf_trace *trace;
    if (mf_trace_open_bytes("input.npz", archive, n_bytes, &trace, NULL) == MF_OK) {
        for (size_t i = 0; i < mf_trace_count(trace); i++) {
            mf_arena *arena = mf_arena_create();
            mf_layer_data layer;
            if (mf_trace_load(trace, i, arena, &layer, NULL) == MF_OK)
                compute(&layer, arena);
            mf_arena_destroy(arena);
        }
        mf_trace_close(trace);
    }
    free(archive);
    return 0;
}
