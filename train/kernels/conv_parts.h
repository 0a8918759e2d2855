/* What are the two gradients of a chunk of a dense convolution? conv_backward.c reads the maps
 * chunk by chunk; conv_input.c and conv_weights.c compute on what was read. Units and chunks are
 * those of mf_unit (scratch.h). */
#ifndef MF_TRAIN_KERNELS_CONV_PARTS_H
#define MF_TRAIN_KERNELS_CONV_PARTS_H

#include "train/kernels/ahead.h"
#include "train/kernels/internal.h"

typedef struct mf_dense {
    const mf_conv_gradients *b;
    const mf_shape *p;
    mf_unit unit;
    size_t c, m, depth; /* of one group; depth of its weights */
    bool along_taps;    /* how a thread's gradient of the weights lies, see conv_weights.c */
    mf_places places;
    const double *g_sums; /* the sums of the columns of g of all threads, once gathered */
} mf_dense;

/* A chunk of so many units: what was read of it, and the part of the scratch to work in. */
typedef struct mf_chunk {
    const float *x, *g;
    size_t units;
    float *part;
    mf_ahead *ahead; /* what is read next */
} mf_chunk;

/* Every thread packs its share of the turned weights; then, after a barrier, dx of a chunk. */
#define mf_input_pack MF_OWN(input_pack)
void mf_input_pack(const mf_dense *d);
#define mf_input_chunk MF_OWN(input_chunk)
void mf_input_chunk(const mf_dense *d, const mf_chunk *chunk, float *dx);

/* A chunk joins the thread's gradient of the weights, or begins it; after a barrier, all threads'
 * are added, each thread its share; Add reads g_sums. */
#define mf_weights_lie MF_OWN(weights_lie)
bool mf_weights_lie(size_t depth, size_t columns);
#define mf_weights_chunk MF_OWN(weights_chunk)
void mf_weights_chunk(const mf_dense *d, const mf_chunk *chunk, bool joins);
#define mf_weights_finish MF_OWN(weights_finish)
void mf_weights_finish(const mf_dense *d);

#endif
