/* In which order is a network executed, and what stays on chip meanwhile? A schedule, as data.
 *
 * The layers, in their order, are cut into segments. The last map of a segment is made in bands of so
 * many rows, the last band of what remains. For each band the segment's layers make, one after the
 * other, the rows that the band needs: a task is a layer and a band. A map that is read in its own
 * segment never goes to DRAM in between: the rows that somebody still needs are held in the buffer
 * (halo held), or only those of the band, and those that the next one needs as well are made again
 * (recomputed). Other maps have a home until their last reader: DRAM, or all of the map stays in the
 * buffer. Weights are read from DRAM for each task, or stay in the buffer for their segment.
 *
 * Every row of every map is made, by whichever band needs it first, and all that remain by the last.
 * A segment of one band and one layer is what there is without a schedule. */
#ifndef MF_SIM_SCHEDULE_H
#define MF_SIM_SCHEDULE_H

#include "base/arena.h"
#include "models/network.h"
#include "sim/schedule_rows.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_segment {
    size_t first, n_layers; /* in order of execution */
    uint64_t rows;          /* of the last layer's map in each band */
    bool
        rereads; /* bands read rows of maps in DRAM that two of them need twice; else these are held */
} mf_segment;

typedef struct mf_schedule {
    const mf_network *network; /* borrowed */
    mf_segment *segments;
    size_t n_segments;
    /* [n_layers], of each layer's output or weights: */
    bool *stays; /* in the buffer, all of it, until a later segment has read it for the last time */
    bool *recomputes; /* its halo is made again for each band */
    bool *weights_stay;
    size_t
        *last_reader; /* [n_layers]: of each layer's map; the layer itself where nobody reads it */
} mf_schedule;

/* Each layer a segment of its own, all maps in DRAM. It lives in `arena`. */
mf_status mf_schedule_layer_by_layer(const mf_network *network, mf_arena *arena,
                                     mf_schedule *schedule, mf_diag *diag);

/* Bands of a segment. */
uint64_t mf_segment_bands(const mf_network *network, const mf_segment *segment);

/* Is input `k` of layer `i` that map as it was written, word for word, and none that a network reads? Only
 * such an input can be read in the buffer. Widths are another matter. */
bool mf_schedule_can_hold(const mf_network *network, size_t i, size_t k);

/* Is it a schedule of its network at all? Segments that cover the layers, bands of at least one row and
 * at most all; maps stay that a later segment reads, halos are made again that only their own segment
 * needs, weights stay where there are some; no map is read in its segment as another than it was written.
 * MF_INVALID with segment, layer and map if not. Whether it fits is another question. */
mf_status mf_schedule_check(const mf_schedule *schedule, mf_diag *diag);

/* Words that any schedule moves between DRAM and chip, whatever the buffer: all weights, the rows and
 * columns of the input that somebody reads, and the maps that nobody reads, which are the outputs. */
typedef struct mf_compulsory {
    uint64_t weight_words, input_words, output_words;
} mf_compulsory;
mf_compulsory mf_schedule_compulsory(const mf_network *network);

/* Words of input `k` that layer `i` looks at at all. */
uint64_t mf_schedule_input_words(const mf_network *network, size_t i, size_t k);

#ifdef __cplusplus
}
#endif

#endif
