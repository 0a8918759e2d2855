/* The same sums as mf_integer_layer (models/integer.h), bit for bit, for those who need many: on
 * all cores, in vectors of 32-bit numbers where these hold every product. */
#ifndef MF_MODELS_INTEGER_QUICK_H
#define MF_MODELS_INTEGER_QUICK_H

#include "models/integer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As mf_integer_layer; MF_NO_MEMORY, too. */
mf_status mf_integer_layer_quick(const mf_shape *shape, const mf_integer_format *format,
                                 const int32_t *ifmap, const int32_t *weights, int64_t *sums,
                                 mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
