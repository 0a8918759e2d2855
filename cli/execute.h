/* A network on the chip, from the command line: which numbers run through it, and who looks on. On
 * top of the consistent account (cli/account.h), whose mappings the chip executes. */
#ifndef MF_CLI_EXECUTE_H
#define MF_CLI_EXECUTE_H

#include "cli/account.h"
#include "cli/progress.h"
#include "cli/timeline.h"

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

/* Progress, interruption and the files of MF_WATCH_OPTIONS, as they look on (sim/pricer.h). */
typedef struct mf_execute {
    mf_account *account;
    const mf_network *network; /* that runs */
    mf_observers observers;
    mf_progress progress;
    mf_timeline *timeline;
    const char *waves_folder, *waves; /* where SystemC writes --vcd while it runs; NULL without */
    mf_pe_activity *pes; /* [pe_rows * pe_columns], after the run; NULL if there was no memory */
    uint64_t pe_rows, pe_columns;
    double cycles;
} mf_execute;

/* Close also after a failure. `here`: the chip is in this process, for one run, and there can be
 * files of it; else each run has a child. */
mf_status mf_execute_open(mf_execute *execute, mf_account *account, bool here, mf_diag *diag);
void mf_execute_close(mf_execute *execute);

/* The operator of the variant: --op, or what a trace was made with, or mult. */
const char *mf_execute_op(const mf_arguments *arguments, const mf_network *network);

/* Run one variant of a network, or a trace (a network from an ".npz"). */
mf_status mf_execute_run(mf_execute *execute, const mf_network *network, const char *op,
                         mf_report *report, mf_diag *diag);

/* The files of MF_WATCH_OPTIONS, after the run. */
mf_status mf_execute_files(mf_execute *execute, const char *title, mf_diag *diag);

/* The sheet of `mulfree simulate`. */
mf_status mf_execute_show(mf_execute *execute, const mf_network *network, const char *op,
                          const mf_report *report, mf_diag *diag);

#endif
