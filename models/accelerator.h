/* What does the chip offer? An array of PEs with three register files each, and one global buffer.
 * Accelerators are data: `accelerators/<name>.json`. */
#ifndef MF_MODELS_ACCELERATOR_H
#define MF_MODELS_ACCELERATOR_H

#include "base/json.h"
#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Capacities in words of one operand each, whatever its width: the unit of the published predictor.
 * All are at least 1. Strings belong to whoever filled the struct. */
typedef struct mf_accelerator {
    const char *name, *about, *source;
    uint64_t pe_rows, pe_columns;
    uint64_t ifmap_register_words, weight_register_words, psum_register_words;
    uint64_t buffer_words;
    double clock_mhz;
} mf_accelerator;

/* The keys a sweep may vary, in the order of the struct, ending in NULL. */
extern const char *const mf_accelerator_keys[];

/* Read an accelerator; its strings are copied into `arena`. */
mf_status mf_accelerator_from_json(const mf_json_doc *doc, struct mf_arena *arena,
                                   mf_accelerator *accelerator, mf_diag *diag);

/* Set one of mf_accelerator_keys to a number that came from `place`, which the message of a number
 * out of range names. */
mf_status mf_accelerator_set(mf_accelerator *accelerator, const char *key, double number,
                             const mf_json *place, mf_diag *diag);

/* Copy the value of one of mf_accelerator_keys from one accelerator to another. */
void mf_accelerator_copy(mf_accelerator *onto, const mf_accelerator *from, const char *key);

/* PEs of the whole array. */
uint64_t mf_accelerator_pes(const mf_accelerator *accelerator);

#ifdef __cplusplus
}
#endif

#endif
