/* A layer, an accelerator and a mapping in Timeloop's format (version 0.3 of its input files), so
 * that a user can hold one tool against the other. */
#ifndef MF_CLI_TIMELOOP_H
#define MF_CLI_TIMELOOP_H

#include "cli/map_why.h"

/* Write DIR/problem.yaml, DIR/architecture.yaml and DIR/mapping.yaml. Timeloop's mappings are exact
 * factors: one with remainders gets no mapping.yaml, and a line on the log says which dimension has
 * them. */
mf_status mf_timeloop_write(const mf_map *map, const char *directory, mf_diag *diag);

#endif
