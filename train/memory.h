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

#endif
