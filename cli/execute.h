/* A network on the chip, from the command line: which numbers run through it, the chip itself, and
 * the files that show what happened. On top of the consistent account (cli/account.h), whose
 * mappings it executes. */
#ifndef MF_CLI_EXECUTE_H
#define MF_CLI_EXECUTE_H

#include "cli/account.h"
#include "cli/timeline.h"
#include "sim/execution.h"

/* Options of commands that know the engines. */
#define MF_ENGINE_OPTIONS                                                                          \
    {"engine", 0, "ENGINE",                                                                        \
     .about =                                                                                      \
         "analytic (default), or systemc: execute the consistent account's mappings on codes",     \
     .words = "=analytic systemc"},                                                                \
    {                                                                                              \
        "seed", 0, "N", .about = "of the made-up numbers that are executed (default 1)",           \
                        .needs = MF_IF_SYSTEMC | MF_IF_NETWORK                                     \
    }

/* How closely one execution is watched, and the files that it leaves. */
#define MF_WATCH_OPTIONS                                                                           \
    {"fidelity",                                                                                   \
     0,                                                                                            \
     "WHAT",                                                                                       \
     .about = "row (default), or cycle: step every position; small layers",                        \
     .words = "=row cycle",                                                                        \
     .needs = MF_IF_SYSTEMC},                                                                      \
        {"vcd",                                                                                    \
         0,                                                                                        \
         "FILE.vcd",                                                                               \
         .about = "waveforms of the first PEs, networks and queues, for GTKWave",                  \
         .words = ">files",                                                                        \
         .needs = MF_IF_SYSTEMC},                                                                  \
        {"timeline",        0,                                                                     \
         "FILE.json",       .about = "transfers, steps and stalls over time, for Perfetto",        \
         .words = ">files", .needs = MF_IF_SYSTEMC},                                               \
    {                                                                                              \
        "heatmap", 0, "FILE.svg", .about = "how busy each PE was; as a table if it ends in .csv",  \
                                  .words = ">files", .needs = MF_IF_SYSTEMC                        \
    }

/* One process has one chip, of the size of one account, and one execution: others are made in
 * children (base/child.h). */
typedef struct mf_execute {
    mf_account *account;
    mf_chip *chip;
    uint64_t pe_rows, pe_columns;
    mf_fidelity fidelity;
    mf_timeline *timeline;
    const char *waves_folder, *waves; /* where SystemC writes --vcd while it runs; NULL without */
} mf_execute;

/* The result of one. Lives in the setup's arena. */
typedef struct mf_executed {
    mf_analytic_result account;
    mf_execution_row *rows; /* [account.n_rows] */
    uint64_t n_checked;     /* outputs that were compared, all equal */
} mf_executed;

/* Close also after a failure. */
mf_status mf_execute_open(mf_execute *execute, mf_account *account, mf_diag *diag);
void mf_execute_close(mf_execute *execute);

/* The operator of the variant: --op, or what a trace was made with, or mult. */
const char *mf_execute_op(const mf_arguments *arguments, const mf_network *network);

/* Run one variant of a network, or a trace (a network from an ".npz"). */
mf_status mf_execute_run(mf_execute *execute, const mf_network *network, const char *op,
                         mf_executed *executed, mf_diag *diag);

/* The files of MF_WATCH_OPTIONS, after the run. */
mf_status mf_execute_files(mf_execute *execute, const char *title, mf_diag *diag);

/* The sheet of `mulfree simulate`. */
mf_status mf_execute_show(mf_execute *execute, const mf_network *network, const char *op,
                          const mf_executed *executed, mf_diag *diag);

#endif
