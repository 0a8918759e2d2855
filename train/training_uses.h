/* Who reads a key of a training? */
#ifndef MF_TRAIN_TRAINING_USES_H
#define MF_TRAIN_TRAINING_USES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Every run of the network; only learning, or only its first step; and only where there is what
 * training_uses.def lists. Bits; enumerators are wider than int. */
typedef uint64_t mf_training_uses;
enum {
#define MF_TRAINING_USE(NAME, when) MF_AT_USE_##NAME,
#include "train/training_uses.def"
#undef MF_TRAINING_USE
    MF_N_TRAINING_USES
};
enum {
    MF_RUNNING = 0,
#define MF_TRAINING_USE(NAME, when) MF_OF_##NAME = 1ull << MF_AT_USE_##NAME,
#include "train/training_uses.def"
#undef MF_TRAINING_USE
    MF_LEARNING = 1ull << 62,
    MF_BEGINNING = 1ull << 63
};

#ifdef __cplusplus
}
#endif

#endif
