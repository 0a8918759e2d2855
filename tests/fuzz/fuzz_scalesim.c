/* A topology as SCALE-Sim has them, from memory and, now and then, from a file. */
#include "tests/fuzz/fuzz.h"

#include "models/formats/network_file.h"
#include "models/formats/scalesim.h"

static void finish(mf_status status, const mf_diag *diag, mf_network **network)
{
    mf_fuzz_check_status(status, diag);
    if (status != MF_OK)
        return;
    for (size_t i = 0; i < (*network)->n_layers; i++)
        mf_layer_params(&(*network)->layers[i]);
    mf_network_destroy(*network);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_diag diag = {0};
    mf_network *network = NULL;
    char *text = mf_fuzz_text(data, size);
    if (strlen(text) == size)
        finish(mf_network_from_scalesim(text, "input.csv", NULL, &network, &diag), &diag, &network);
    free(text);
    if (size && size % 16 == 0) {
        const char *path = mf_fuzz_file("input.csv", data, size);
        finish(mf_network_load(path, NULL, &network, &diag), &diag, &network);
    }
    return 0;
}
