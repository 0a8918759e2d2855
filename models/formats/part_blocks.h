/* Which layers does a block of a paper stand for? Private to models/formats/: rows of the table in
 * network_parts.c. */
#ifndef MF_MODELS_FORMATS_PART_BLOCKS_H
#define MF_MODELS_FORMATS_PART_BLOCKS_H

#include "base/json.h"
#include "models/network_builder.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The words that each may use, ending in NULL. */
extern const char *const mf_inverted_residual_keys[], *const mf_basic_block_keys[],
                                                          *const mf_bottleneck_keys[];

mf_status mf_part_inverted_residual(mf_builder *builder, const mf_json *part, mf_diag *diag);
mf_status mf_part_basic_block(mf_builder *builder, const mf_json *part, mf_diag *diag);
mf_status mf_part_bottleneck(mf_builder *builder, const mf_json *part, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
