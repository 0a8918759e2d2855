/* What is in the chip's buffer between tasks: rows of a map as codes, each channel's plane a ring of so many,
 * or weights. A row that is written takes the place of an older one; who asks for a row that is not there any
 * more, or not yet, is told so. Private to sim/: execution_task.c runs tasks on it. */
#ifndef MF_SIM_HELD_H
#define MF_SIM_HELD_H

#include "base/status.h"
#include "sim/schedule_rows.h"

typedef struct mf_held {
    int32_t *codes; /* [n_planes][rows][row_words]; NULL: nothing is held */
    uint64_t n_planes, rows, row_words, word_bits;
    uint64_t *row_at; /* [rows]: which row of the map is there; UINT64_MAX: none */
} mf_held;

/* Room for `rows` rows of a map of network, or, as weights, one row of one plane. Freed by drop. */
mf_status mf_held_make_map(const mf_network *network, int map, uint64_t rows, uint64_t word_bits,
                           mf_held *held, mf_diag *diag);
mf_status mf_held_make_weights(uint64_t n_words, uint64_t word_bits, mf_held *held, mf_diag *diag);
void mf_held_drop(mf_held *held);

/* What it takes of the buffer; 0 where nothing is held. */
uint64_t mf_held_bits(const mf_held *held);

/* Rows that were written. */
void mf_held_note(mf_held *held, mf_rows rows);

/* The first of these rows that is not there; rows.end where all are. */
uint64_t mf_held_missing(const mf_held *held, mf_rows rows);

/* One row of a plane. */
int32_t *mf_held_row(const mf_held *held, uint64_t plane, uint64_t row);

#endif
