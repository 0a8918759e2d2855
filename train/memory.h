/* Where do the numbers of a training lie? In blocks with huge pages where there are any, because a
 * step touches all of them. Private to train/. */
#ifndef MF_TRAIN_MEMORY_H
#define MF_TRAIN_MEMORY_H

#include "base/status.h"

#include <stdint.h>

/* Floats of whole cache lines: all parts of a block begin at one. */
enum { MF_FLOATS_PER_LINE = 16 };
uint64_t mf_whole_lines(uint64_t n_floats);

/* A block of zeros; give accepts none, NULL of 0 floats. */
mf_status mf_memory_take(uint64_t n_floats, float **block, mf_diag *diag);
void mf_memory_give(float *block, uint64_t n_floats);

/* Whoever wants a part of a block says where its pointer is: all are set once there is a block, and
 * again when there is another. */
typedef struct mf_claim {
    float **pointer;
    uint64_t offset;
} mf_claim;

typedef struct mf_claims {
    mf_claim *items;
    size_t n, capacity;
    uint64_t n_floats;
    bool failed;
} mf_claims;

/* A part at an offset that was reserved; another n floats; both. */
void mf_claims_at(mf_claims *claims, float **pointer, uint64_t offset);
uint64_t mf_claims_reserve(mf_claims *claims, uint64_t n);
void mf_claims_want(mf_claims *claims, float **pointer, uint64_t n);
void mf_claims_set(const mf_claims *claims, float *block);
void mf_claims_free(mf_claims *claims);

#endif
