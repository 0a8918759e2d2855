/* How many of the numbers that a layer reads and writes are zero? As a file says it, or counted in
 * the numbers of a trace; for gating and coding in the consistent account. */
#ifndef MF_SIM_ZEROS_H
#define MF_SIM_ZEROS_H

#include "base/arena.h"
#include "base/json.h"
#include "models/network.h"
#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* {"layers": {NAME: {"ifmap_zero_fraction": 0.4, "ofmap_zero_fraction": 0.5}}}; into the arena, one
 * element per layer with weights. What is not given of an output is what is given of the layer that
 * reads it, if one does directly; else it is unknown. All that is wrong is one failure. */
mf_status mf_zeros_read(const mf_json_doc *doc, const mf_network *network, mf_arena *arena,
                        const mf_zeros **zeros, mf_diag *diag);

/* What is wrong with such a file whatever the network, whose layers it may not have. */
mf_status mf_zeros_check(const mf_json_doc *doc, mf_diag *diag);

/* Counted in the trace that the network comes from, with one layer in memory at a time. */
mf_status mf_zeros_of_trace(const mf_network *network, mf_arena *arena, const mf_zeros **zeros,
                            mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
