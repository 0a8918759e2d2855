/* How a chip is shown: area, energy and power of each part. */
#ifndef MF_CLI_CHIP_VIEW_H
#define MF_CLI_CHIP_VIEW_H

#include "cli/account.h"
#include "sim/power.h"

/* A chip that was measured, and priced on a network unless that is NULL. */
typedef struct mf_chip_shown {
    mf_account *account;
    const char *op;
    const mf_network *network;
    const mf_analytic_result *result; /* of the network */
    const mf_area *area;
    const mf_power *power; /* NULL without a network */
    const mf_datapath *datapaths;
    size_t n_datapaths;
    const char *arrays;          /* "12x14" or "mult 12x8 + add 12x9" */
    const mf_area *least, *most; /* by other laws; NULL: not asked for */
} mf_chip_shown;

mf_status mf_chip_show(const mf_chip_shown *chip, mf_diag *diag);

#endif
