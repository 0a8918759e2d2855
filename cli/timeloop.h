/* A layer, an accelerator and a mapping as files that Timeloop v3.0.3 reads, so that a user can
 * hold one tool against the other (docs/VALIDATION.md says what agrees and what does not). */
#ifndef MF_CLI_TIMELOOP_H
#define MF_CLI_TIMELOOP_H

#include "cli/map_why.h"

/* Write problem, architecture, ert, art and mapping (.yaml) and nest.json, the mapping as
 * `mulfree map -m` reads it, into DIR. Where remainders had to be evened out (timeloop_nest.h), a
 * warning says for which dimensions and what it does to the cost. */
mf_status mf_timeloop_write(const mf_mapped_layer *map, const char *directory, mf_diag *diag);

#endif
