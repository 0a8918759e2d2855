/* A published layer on the SystemC chip: with its mapping, on made-up numbers that have the
 * published shares of zeros.
 */
#ifndef MF_CLI_VALIDATE_CHIP_H
#define MF_CLI_VALIDATE_CHIP_H

#include "sim/execution.h"

/* Everything is borrowed. */
typedef struct mf_validate_chip {
    const char *name;
    const mf_accelerator *accelerator;
    const mf_operator *op;
    const mf_widths *widths;
    const mf_energy_table *table;
    const mf_work *work;
    const mf_mapping *mapping;
    mf_zeros zeros; /* negative where unknown: none, and nothing is coded */
} mf_validate_chip;

/* Run it and check every sum; `cost` gets the energy of what was measured. */
mf_status mf_validate_on_chip(const mf_validate_chip *job, mf_chip *chip, mf_chip_report *report,
                              mf_cost *cost, mf_diag *diag);

#endif
