/* By the ending of the name. */
#include "models/formats/network_file.h"

#include "base/arena.h"
#include "base/file.h"
#include "models/formats/network_json.h"
#include "models/formats/scalesim.h"
#include "models/formats/trace_network.h"

#include <string.h>

static mf_status load_scalesim(const char *path, const mf_network_options *options,
                               mf_network **network, mf_diag *diag)
{
    char *text;
    size_t n_bytes;
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    mf_status status = mf_file_read_most(path, MF_LARGEST_TEXT_BYTES, arena, &text, &n_bytes, diag);
    if (status == MF_OK && strlen(text) != n_bytes)
        status = mf_fail(diag, MF_MALFORMED, "%s: a zero byte, so no text", path);
    if (status == MF_OK)
        status = mf_network_from_scalesim(text, path, options, network, diag);
    mf_arena_destroy(arena);
    return status;
}

mf_status mf_network_load(const char *path, const mf_network_options *options, mf_network **network,
                          mf_diag *diag)
{
    if (mf_file_has_ending(path, ".csv") || mf_file_has_ending(path, ".csv.gz"))
        return load_scalesim(path, options, network, diag);
    if (mf_file_has_ending(path, ".npz"))
        return mf_network_from_trace(path, options, network, diag);
    mf_json_doc *doc = NULL;
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_status status = mf_network_from_json(doc, options, network, diag);
    mf_json_destroy(doc);
    return status;
}
