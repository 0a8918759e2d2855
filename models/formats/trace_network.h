/* The network that a trace was made of: its layers with their operators and widths, but not what
 * reads what. Private to models/formats/: mf_network_load reads ".npz" with it. */
#ifndef MF_MODELS_TRACE_NETWORK_H
#define MF_MODELS_TRACE_NETWORK_H

#include "models/formats/network_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Everything is as it was traced: MF_USAGE for any option. */
mf_status mf_network_from_trace(const char *path, const mf_network_options *options,
                                mf_network **network, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
