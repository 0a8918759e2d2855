/* Why can points not run? A million of them may have as many reasons, or all the same one: a text
 * is kept once as long as it comes again soon, and beyond the first megabyte texts lie in a file
 * without a name, so that memory stays bounded. */
#ifndef MF_CLI_SWEEP_FAULTS_H
#define MF_CLI_SWEEP_FAULTS_H

#include "base/status.h"

#include <stdint.h>
#include <stdio.h>

enum { MF_SWEEP_FAULT_BYTES = 2048 /* of one text with its end, as in a mf_diag */ };

/* All zero: empty. For one thread at a time. */
typedef struct mf_sweep_faults {
    char *bytes; /* the first texts */
    size_t n_bytes;
    FILE *file; /* the others; NULL: none */
    uint64_t n_file_bytes;
    struct mf_sweep_fault_slot *slots; /* where texts are that came of late, by their hash */
} mf_sweep_faults;

/* Keep a text of fewer than MF_SWEEP_FAULT_BYTES bytes. `*place`, never 0, is where it is. */
mf_status mf_sweep_faults_add(mf_sweep_faults *faults, const char *text, uint64_t *place,
                              mf_diag *diag);

/* The text at a place. */
mf_status mf_sweep_faults_get(const mf_sweep_faults *faults, uint64_t place,
                              char text[MF_SWEEP_FAULT_BYTES], mf_diag *diag);

void mf_sweep_faults_free(mf_sweep_faults *faults);

#endif
