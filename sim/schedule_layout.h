/* What is in the buffer when? The tasks of a segment, band by band, and the regions that hold maps and
 * weights meanwhile. A region is as large as the most rows that it holds at once, a ring of rows, and
 * is there from the first that is written into it until the last that is read. Closed forms, of rows
 * and of time: tests/sim/schedule_walk.h walks through the bands with sets of rows and must count the
 * same.
 *
 * After band b of a map, rows [low, end(b)) are held, where `low` is the first that a reader still needs
 * for this band or a later one, so the region has max over b of end(b) - low rows; inside of a segment
 * that is as many as a band takes and, where the halo is held, the overlap of its readers' windows. */
#ifndef MF_SIM_SCHEDULE_LAYOUT_H
#define MF_SIM_SCHEDULE_LAYOUT_H

#include "sim/schedule.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Task `band * n_layers + i` of a segment makes so many rows; none: nothing to do for this band. */
typedef struct mf_layer_task {
    mf_rows made;
} mf_layer_task;

typedef enum mf_region_kind {
    MF_REGION_RING,   /* of a map that is read in its segment; it may go to DRAM, too */
    MF_REGION_LOADED, /* of a map in DRAM, each row of which comes once */
    MF_REGION_WHOLE,  /* a map that stays from segment to segment */
    MF_REGION_WEIGHTS,
    MF_N_REGION_KINDS
} mf_region_kind;

typedef struct mf_region {
    mf_region_kind kind;
    int layer; /* whose map or weights; MF_NETWORK_INPUT */
    uint64_t rows, words;
    size_t begin, end; /* there during tasks [begin, end) of its segment */
    mf_rows *loaded;   /* [n_bands], of MF_REGION_LOADED: rows that come for each band, ... */
    size_t *loader;    /* [n_bands]: ... with the task that reads of the map first */
} mf_region;

typedef struct mf_layout {
    const mf_segment *segment;
    uint64_t n_bands;
    mf_layer_task *tasks; /* [n_bands * n_layers] */
    mf_region *regions;
    size_t n_regions, n_tasks;
} mf_layout;

/* Of one segment of a schedule that was checked. It lives in `arena`. */
mf_status mf_layout_make(const mf_schedule *schedule, const mf_segment *segment, mf_arena *arena,
                         mf_layout *layout, mf_diag *diag);

const mf_layer_task *mf_layout_task(const mf_layout *layout, uint64_t band, size_t layer);

/* The region of a map, so that the segment's layers read it in the buffer; NULL: they read it in DRAM, or
 * not at all. Of the weights of a layer: NULL where they come for each task. */
const mf_region *mf_layout_map(const mf_layout *layout, int map);
const mf_region *mf_layout_weights(const mf_layout *layout, size_t layer);

/* Rows of a layer's map that are made again, once for each time but the first. */
uint64_t mf_layout_recomputed_rows(const mf_schedule *schedule, const mf_layout *layout,
                                   size_t layer);

/* Words of the regions that are there during a task; at most, during any. */
uint64_t mf_layout_words(const mf_layout *layout, size_t task);
uint64_t mf_layout_peak_words(const mf_layout *layout);

#ifdef __cplusplus
}
#endif

#endif
