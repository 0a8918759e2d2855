/* Shares of zeros for a network of the zoo: each read or unknown, and never out of range. */
#include "models/formats/network_file.h"
#include "tests/fuzz/fuzz.h"

#include "sim/zeros.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mf_network *network;
    if (!network)
        MF_FUZZ_CHECK(mf_network_load(MF_SOURCE_DIR "/models/zoo/resnet20-cifar.json", NULL,
                                      &network, NULL) == MF_OK);
    mf_json_doc *doc = mf_fuzz_json(data, size);
    if (!doc)
        return 0;
    mf_arena *arena = mf_arena_create();
    const mf_zeros *zeros;
    mf_diag diag = {0};
    mf_status status = mf_zeros_read(doc, network, arena, &zeros, &diag);
    mf_fuzz_check_status(status, &diag);
    for (size_t i = 0; status == MF_OK && i < network->n_weight_layers; i++) {
        MF_FUZZ_CHECK(zeros[i].ifmap == -1 || (zeros[i].ifmap >= 0 && zeros[i].ifmap <= 1));
        MF_FUZZ_CHECK(zeros[i].ofmap == -1 || (zeros[i].ofmap >= 0 && zeros[i].ofmap <= 1));
    }
    mf_arena_destroy(arena);
    mf_json_destroy(doc);
    return 0;
}
