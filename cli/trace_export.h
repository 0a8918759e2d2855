/* `mulfree trace export`: a trained network on integer codes, into a trace. */
#ifndef MF_CLI_TRACE_EXPORT_H
#define MF_CLI_TRACE_EXPORT_H

#include "cli/arguments.h"

/* words: export CHECKPOINT.npz. Prints float and integer accuracy side by side. */
mf_status mf_trace_export(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag);

/* `mulfree trace zeros` (cli/trace_zeros.c). */
mf_status mf_trace_zeros(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag);

#endif
