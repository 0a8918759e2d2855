/* How do a layer's weights come from the store of parameters? By a slice of the stored tensor, the
 * first n of each axis; then a map, where networks of different operators share a tensor; then the
 * projection of the operator (train/operators/training_operator.h). Each has an adjoint, by which
 * gradients go back. What comes out is contiguous, so that kernels need not know of any of it, and
 * made once per pass; a tensor that is taken whole and as it is, is computed with where it lies. */
#ifndef MF_TRAIN_SOURCE_H
#define MF_TRAIN_SOURCE_H

#include "train/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of a tensor of sizes `whole`, outermost first, the first `part` of each axis. */
typedef struct mf_slice {
    size_t n_axes;
    uint64_t whole[MF_MOST_AXES], part[MF_MOST_AXES];
} mf_slice;

bool mf_slice_is_whole(const mf_slice *slice);

/* The first axis is pixels, each with all channels: as a fully connected layer reads a map. Channels
 * become an axis of their own. */
void mf_slice_split_pixels(mf_slice *slice, uint64_t n_pixels);

/* part := slice of stored. */
void mf_slice_take(const mf_slice *slice, const float *stored, float *part);

/* The slice of stored := part, or grows by it, which is the adjoint of taking; the rest stays. */
void mf_slice_put(const mf_slice *slice, const float *part, float *stored);
void mf_slice_add(const mf_slice *slice, const float *part, float *stored);

/* The slice of stored := 0. */
void mf_slice_clear(const mf_slice *slice, float *stored);

struct mf_source;

/* From a slice, source->sliced, to what the projection reads, source->own->value, own->n numbers each;
 * and from the gradient of these, in place, to that of the slice. A map may keep what its next gradient
 * needs to know: each belongs to one source of each model. */
typedef struct mf_source_map {
    /* A tensor of so many numbers of its own, "<layer>.map", learnt or not; source->map_parameters. */
    uint64_t n_parameters;
    bool learns;
    void (*begin)(const struct mf_source_map *map, float *parameters);
    void (*forward)(const struct mf_source_map *map, const struct mf_source *source);
    void (*pull_back)(const struct mf_source_map *map, const struct mf_source *source,
                      float *gradient);
} mf_source_map;

/* One tensor of a layer. */
typedef struct mf_source {
    mf_parameter *stored;
    mf_parameter *own; /* what the layer reads and gives the gradient of; `stored` if it is that */
    mf_slice slice;
    const mf_source_map *map; /* or NULL */
    float *sliced;            /* what the map reads */
    mf_parameter *map_parameters; /* what it has of its own, or NULL */
    bool joins; /* the model reads the tensor twice: this gradient is added to the other's */
} mf_source;

/* Fill own->value, if it has a place of its own. */
void mf_source_take(const mf_source *source);

/* What was changed in own->value goes into the store; not through a map, which has no way back. */
void mf_source_put(const mf_source *source);

/* own->gradient, if it has a place of its own, is that of the store's slice, or is added to it.
 * own->gradient itself is lost where there is a map. */
void mf_source_give(const mf_source *source, bool adds);

#ifdef __cplusplus
}
#endif

#endif
