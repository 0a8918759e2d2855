/* The consistent account on the command line: its options, and a network through it. It shares
 * operators and accelerator with the setup of the published one. */
#ifndef MF_CLI_ACCOUNT_H
#define MF_CLI_ACCOUNT_H

#include "cli/setup.h"
#include "sim/analytic.h"

/* Options of commands that know both accounts. */
#define MF_ACCOUNT_OPTIONS                                                                         \
    {"accounting", 0, "ACCOUNT,...",                                                               \
     "published (default), consistent, or both where the command compares",                        \
     "=published consistent published,consistent"},                                                \
        MF_CONSISTENT_OPTIONS

/* Options of the consistent account alone. */
#define MF_CONSISTENT_OPTIONS                                                                      \
    {"table", 't', "NAME", "energy table of the consistent account (default consistent-45nm)",     \
     "tables"},                                                                                    \
        {"dataflow", 'd', "NAME", "dataflow whose nests are searched (default row-stationary)",    \
         "=row-stationary weight-stationary output-stationary no-local-reuse"},                    \
        {"objective", 0, "WHAT", "energy, latency, edp (default) or balanced",                     \
         "=energy latency edp balanced"},                                                          \
        {"bits", 0, "BITS", "2 to 32, fp16 or fp32 for all operators (default: their own)",        \
         "=8 16 32 fp16 fp32"},                                                                    \
        {"bits-of", 0, "LAYERS=BITS", "other widths for some layers, named as in --op-of", NULL},  \
        {"statistics", 0, "FILE", "shares of zeros per layer, for gating and compression",         \
         "files"},                                                                                 \
        {"keep-on-chip", 0, NULL,                                                                  \
         "maps that only the next layer reads stay in the buffer if they fit", NULL},              \
        {"iso-area", 0, NULL, "as many PEs of each operator as fit where the multipliers stood",   \
         NULL},                                                                                    \
    {                                                                                              \
        "area-um2", 0, "AREA", "as many as fit into so much silicon", NULL                         \
    }

typedef struct mf_account {
    mf_setup *setup; /* borrowed */
    mf_energy_table *table;
    mf_analytic_options options;
    mf_analytic_memory *memory;
    mf_json_doc *statistics;
} mf_account;

/* Which accounts does --accounting name? Published alone where it is not given. */
mf_status mf_account_choose(const mf_arguments *arguments, bool *published, bool *consistent,
                            mf_diag *diag);

/* Close also after a failure. The setup must be open. */
mf_status mf_account_open(mf_account *account, mf_setup *setup, mf_diag *diag);
void mf_account_close(mf_account *account);

/* One variant of a network through the account; what it returns lives in the setup's arena. */
mf_status mf_account_run(mf_account *account, const mf_network *network, const char *op,
                         mf_analytic_result *result, mf_diag *diag);

/* One layer of a variant, with everything but its mapping. */
mf_status mf_account_row(mf_account *account, const mf_network *network, const char *op,
                         const mf_layer *layer, mf_analytic_row *row, mf_diag *diag);

/* The sheet of `mulfree simulate` for the consistent account. */
mf_status mf_account_show(mf_account *account, const mf_network *network, const char *op,
                          const mf_analytic_result *result, mf_diag *diag);

/* The charts of --plot for a network: energy and latency per layer, roofline. */
mf_status mf_account_plot(const mf_account *account, const mf_analytic_result *result,
                          mf_diag *diag);

/* A network's energy as one stacked bar: what the parts are called, and how many mJ each is. */
const char *const *mf_account_bar_series(size_t *n);
void mf_account_bar(const mf_analytic_result *result, double *mj);

/* Bits between DRAM and chip for a layer on the array, before any coding. */
double mf_account_dram_bits(const mf_analytic_row *row);

/* Lines that say which assumed facts of accelerator and table the account rests on. */
void mf_account_provenance(const mf_account *account, mf_sheet *sheet);

#endif
