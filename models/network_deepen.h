/* Where can a network become deeper without becoming another function at first? Behind a block that
 * ends in the sum of what it reads and what it computes: a copy of it, with weights of its own,
 * changes its input by what its branch adds, and nothing when that is 0. */
#ifndef MF_MODELS_NETWORK_DEEPEN_H
#define MF_MODELS_NETWORK_DEEPEN_H

#include "models/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The network with `n_blocks` copies behind the last such block of each stage (what block ids begin
 * with), its layers on operator `op`. Layers that were there keep their names; those that are new
 * have names beginning with MF_DEEP_PREFIX, and places of their own. Owned by the caller. MF_INVALID
 * for networks without such a block, and for layers that stand alone. */
#define MF_DEEP_PREFIX "deep_"
mf_status mf_network_deepened(const mf_network *network, uint64_t n_blocks, const char *op,
                              mf_network **deepened, mf_diag *diag);

/* Is the layer one of those that are new? */
bool mf_layer_is_deep(const mf_layer *layer);

/* Is it the one of a new block whose output the sum adds? */
bool mf_layer_ends_deep_branch(const mf_network *deepened, size_t layer);

#ifdef __cplusplus
}
#endif

#endif
