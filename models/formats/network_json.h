/* Which network does a JSON description mean? docs/NETWORKS.md is the manual of its words. */
#ifndef MF_MODELS_FORMATS_NETWORK_JSON_H
#define MF_MODELS_FORMATS_NETWORK_JSON_H

#include "base/json.h"
#include "models/formats/network_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `options` may be NULL. Every contradiction is an error that names file and JSON path. */
mf_status mf_network_from_json(const mf_json_doc *doc, const mf_network_options *options,
                               mf_network **network, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
