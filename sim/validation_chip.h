/* A published layer on the SystemC chip: with its mapping, on made-up numbers that have the
 * published shares of zeros.
 */
#ifndef MF_SIM_VALIDATION_CHIP_H
#define MF_SIM_VALIDATION_CHIP_H

#include "sim/execution.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Everything is borrowed. */
typedef struct mf_validation_chip {
    const char *name;
    const mf_accelerator *accelerator;
    const mf_operator *op;
    const mf_widths *widths;
    const mf_prices *prices;
    const mf_work *work;
    const mf_mapping *mapping;
    mf_zeros zeros; /* negative where unknown: none, and nothing is coded */
} mf_validation_chip;

/* Run it and check every sum; `cost` gets the energy of what was measured. */
mf_status mf_validation_on_chip(const mf_validation_chip *job, mf_chip *chip,
                                mf_chip_report *report, mf_cost *cost, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
