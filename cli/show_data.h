/* Accelerators and energy tables as rows: every number of a file with its source. */
#ifndef MF_CLI_SHOW_DATA_H
#define MF_CLI_SHOW_DATA_H

#include "cli/output.h"
#include "cli/setup.h"

/* Print the accelerator, or the energy table, in `doc`. */
mf_status mf_show_accelerator(mf_cli *cli, const mf_arguments *arguments, const mf_json_doc *doc,
                              mf_diag *diag);
mf_status mf_show_energy_table(mf_cli *cli, const mf_arguments *arguments, const mf_json_doc *doc,
                               mf_diag *diag);

#endif
