/* Which PEs worked, and which stood by? Draws the array as an SVG, one cell per PE, or
 * lists the PEs as CSV where the file's name ends in .csv. */
#ifndef MF_CLI_HEATMAP_H
#define MF_CLI_HEATMAP_H

#include "sim/systemc/chip.h"

/* PEs in [pe_rows * pe_columns], row by row; a cell is as dark as the PE's share of `cycles` with a
 * position under way, between the idlest and the busiest. Replaces `path` in one step. */
mf_status mf_heatmap_write(const char *path, const char *title, const mf_pe_activity *pes,
                           uint64_t pe_rows, uint64_t pe_columns, double cycles, mf_diag *diag);

#endif
