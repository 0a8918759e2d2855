/* What do the words say that several parts share? Private to models/formats/. */
#ifndef MF_MODELS_FORMATS_PART_WORDS_H
#define MF_MODELS_FORMATS_PART_WORDS_H

#include "models/formats/network_parts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every part may say what it reads, and name what it ends in. */
#define MF_COMMON_KEYS "type", "about", "from", "label"

/* "channels": a number for width 1, or "classes"; "scale": false keeps it out of the width
 * multiplier; "at_least" is a floor behind it. */
mf_status mf_part_channels(mf_builder *builder, const mf_json *part, uint64_t *channels,
                           mf_diag *diag);

/* How often a part repeats: "repeat", or the length of its lists, which must agree. */
mf_status mf_part_repeats(const mf_json *part, uint64_t *repeats, mf_diag *diag);

/* The value of `key` for one repeat: the list's entry, or the one value for all. `hold` keeps the
 * list alive as the parent of `value`. False where the key is absent. */
bool mf_part_value(const mf_json *part, const char *key, uint64_t repeat, mf_json *hold,
                   mf_json *value);

/* "kernel" of one repeat, with half of it as padding; "padding"; "stride". */
mf_status mf_part_kernel(const mf_json *part, uint64_t repeat, uint64_t otherwise,
                         mf_conv_words *words, mf_diag *diag);
mf_status mf_part_padding(const mf_json *part, mf_conv_words *words, mf_diag *diag);
mf_status mf_part_stride(const mf_json *part, uint64_t *stride, mf_diag *diag);

/* "norm", "bias" (where there is no norm, unless told otherwise), "activation", "name". */
mf_status mf_part_tail(const mf_json *part, mf_conv_words *words, mf_diag *diag);

/* The map that member `key` of a part names. */
mf_status mf_part_map(mf_builder *builder, const mf_json *part, const char *key,
                      mf_feature_map *map, mf_diag *diag);

/* The maps that member `key` names: one label, or a list of 1 to `most`. */
mf_status mf_part_maps(mf_builder *builder, const mf_json *part, const char *key, size_t most,
                       mf_feature_map *maps, size_t *n, mf_diag *diag);

/* The next block, `repeat` of its part's. */
mf_status mf_part_begin_block(mf_builder *builder, uint64_t repeat, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
