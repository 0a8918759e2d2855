/* What does one element of "parts" build? Private to models/formats/: network_json.c calls it. */
#ifndef MF_MODELS_FORMATS_NETWORK_PARTS_H
#define MF_MODELS_FORMATS_NETWORK_PARTS_H

#include "base/json.h"
#include "models/network_builder.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Append the layers that a part stands for. `n_stages` counts the parts that make blocks, for the
 * ids of their layers. */
mf_status mf_build_part(mf_builder *builder, const mf_json *part, int *n_stages, mf_diag *diag);

/* The activation that member "activation" of `object` names; left alone where there is none. */
mf_status mf_activation_or(const mf_json *object, mf_activation *activation, mf_diag *diag);

/* `call`, with &why for its diagnostic; what it refuses becomes a failure at `place`, a mf_json, of
 * the function around it. */
#define MF_BUILD(place, call)                                                                      \
    do {                                                                                           \
        mf_diag why = {0};                                                                         \
        mf_status built = (call);                                                                  \
        if (built != MF_OK)                                                                        \
            return mf_build_failed(place, &why, diag);                                             \
    } while (0)
mf_status mf_build_failed(const mf_json *place, const mf_diag *why, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
