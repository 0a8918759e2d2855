/* A network from SCALE-Sim's topology file, so that users can bring what they have. Private to
 * models/formats/: mf_network_load calls it for names that end in ".csv".
 *
 * One line per layer behind a header line: name, ifmap rows and columns (padding included), filter
 * rows and columns, channels, filters, stride. Layers stand alone: nothing says what feeds what,
 * and there is neither bias nor normalisation. Outputs are counted as SCALE-Sim does, E = ceil((H -
 * R + U) / U). Format: scalesim-project/scale-sim-v2 scalesim/topology_utils.py. */
#ifndef MF_MODELS_SCALESIM_H
#define MF_MODELS_SCALESIM_H

#include "models/formats/network_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `text` is changed while it is read; `path` names the file in messages. Only the batch of
 * `options` can be honoured; the others are refused. */
mf_status mf_network_from_scalesim(char *text, const char *path, const mf_network_options *options,
                                   mf_network **network, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
