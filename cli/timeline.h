/* When did what happen in the chip? Collects what the parts of the chip did and writes it in the
 * Trace Event Format, which Perfetto and Chrome's about:tracing open: one lane per part, one slice
 * per transfer, step or stall. */
#ifndef MF_CLI_TIMELINE_H
#define MF_CLI_TIMELINE_H

#include "sim/systemc/chip.h"

typedef struct mf_timeline mf_timeline;

/* Times are written in microseconds at `clock_mhz`. Owned by the caller; destroy accepts NULL. */
mf_status mf_timeline_create(double clock_mhz, mf_timeline **timeline, mf_diag *diag);
void mf_timeline_destroy(mf_timeline *timeline);

/* An mf_chip_watch; `timeline` is an mf_timeline. Slices of one lane that touch and have the same
 * name become one. */
void mf_timeline_add(void *timeline, mf_component component, const char *what, double begin_cycle,
                     double end_cycle);

/* The layer that was watched is over, after `cycles`: it gets a slice of its own above the lanes,
 * and what is added next comes after it. */
void mf_timeline_layer(mf_timeline *timeline, const char *name, double cycles);

/* Replace `path` in one step; gzipped if it ends in ".gz". Fails if memory ran out on the way. */
mf_status mf_timeline_write(const mf_timeline *timeline, const char *path, mf_diag *diag);

#endif
