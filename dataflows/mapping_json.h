/* A mapping as JSON:
 *
 *   {"tiles": {"register": {"M": 16, "S": 3}, "columns": {...}, "rows": {...}, "buffer": {...}},
 *    "order": {"dram": ["N", "E", "M", "C"], "buffer": ["M", "N", "F"]},
 *    "bypass_buffer": ["weight"], "bypass_register": []}
 *
 * A dimension that a level does not name has the tile of the level below, or one step at the
 * registers; the buffer's "whole" stands for all. Dimensions that an order does not name come
 * first. */
#ifndef MF_DATAFLOWS_MAPPING_JSON_H
#define MF_DATAFLOWS_MAPPING_JSON_H

#include "base/json.h"
#include "base/text.h"
#include "dataflows/mapping.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Read a mapping of `work`; it is checked to be a nest, not to fit. */
mf_status mf_mapping_read(const mf_json *object, const mf_work *work, mf_mapping *mapping,
                          mf_diag *diag);

/* Append a mapping as JSON, each line after the first indented by `indent` blanks. */
void mf_mapping_write(const mf_mapping *mapping, int indent, mf_text *text);

/* Append the nest as a program that people read: one line per loop that takes more than one step.
 */
void mf_mapping_program(const mf_mapping *mapping, const mf_work *work, mf_text *text);

#ifdef __cplusplus
}
#endif

#endif
