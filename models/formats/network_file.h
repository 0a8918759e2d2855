/* Which network is in a file? A JSON description, a SCALE-Sim topology (a name that ends in ".csv"
 * or
 * ".csv.gz") or a trace (".npz"). Formats stand above the graph: they use models/network_builder.h,
 * which knows none of them. */
#ifndef MF_MODELS_FORMATS_NETWORK_FILE_H
#define MF_MODELS_FORMATS_NETWORK_FILE_H

#include "models/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a caller may change about a description; zero keeps the description's own value. */
typedef struct mf_network_options {
    uint64_t batch, classes;
    uint64_t rows, columns;
    double width_multiplier;
} mf_network_options;

/* `options` may be NULL. Every contradiction is an error that names the file and the place. */
mf_status mf_network_load(const char *path, const mf_network_options *options, mf_network **network,
                          mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
