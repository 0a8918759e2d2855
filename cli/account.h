/* The consistent account on the command line: its options, and a network through it. It shares
 * operators and accelerator with the setup of the published one. */
#ifndef MF_CLI_ACCOUNT_H
#define MF_CLI_ACCOUNT_H

#include "cli/setup.h"
#include "sim/pricer.h"

/* The option of commands that know both accounts; the others are those of the consistent one. */
#define MF_ACCOUNTING_OPTION                                                                       \
    {                                                                                              \
        "accounting", 0, "ACCOUNT,...",                                                            \
            .about = "published (default), consistent, or both where the command compares",        \
            .words = "=published consistent published,consistent"                                  \
    }

/* Options of the consistent account, whatever runs through it; those about how a network runs need
 * `condition`, too. */
#define MF_CONSISTENT_OPTIONS MF_CONSISTENT_OPTIONS_IF(0)
#define MF_CONSISTENT_OPTIONS_IF(condition)                                                        \
    {"table",                                                                                      \
     't',                                                                                          \
     "NAME",                                                                                       \
     .about = "energy table of the consistent account (default consistent-45nm)",                  \
     .words = "tables",                                                                            \
     .needs = MF_IF_CONSISTENT},                                                                   \
        {"node",                                                                                   \
         0,                                                                                        \
         "NM",                                                                                     \
         .about = "scale the table to another technology; DRAM stays as it is",                    \
         .words = "=65 45 32 28 22 16 7",                                                          \
         .needs = MF_IF_CONSISTENT},                                                               \
        {"dram",                                                                                   \
         0,                                                                                        \
         "KIND",                                                                                   \
         .about = "price DRAM of a kind by the bit, instead of the table's own",                   \
         .words = "=lpddr4 lpddr ddr3 gddr5 hbm2 hmc",                                             \
         .needs = MF_IF_CONSISTENT | (condition)},                                                 \
        {"dataflow",                                                                               \
         'd',                                                                                      \
         "NAME",                                                                                   \
         .about = "dataflow whose nests are searched (default row-stationary)",                    \
         .words = "=row-stationary weight-stationary output-stationary no-local-reuse",            \
         .needs = MF_IF_CONSISTENT | (condition)},                                                 \
        {"objective",                                                                              \
         0,                                                                                        \
         "WHAT",                                                                                   \
         .about = "energy, latency, edp (default) or balanced",                                    \
         .words = "=energy latency edp balanced",                                                  \
         .needs = MF_IF_CONSISTENT | MF_IF_SEARCHED | (condition)},                                \
        {"bits",                                                                                   \
         0,                                                                                        \
         "BITS",                                                                                   \
         .about = "2 to 32, fp16 or fp32 for all operators (default: their own)",                  \
         .words = "=8 16 32 fp16 fp32",                                                            \
         .needs = MF_IF_CONSISTENT | MF_IF_NETWORK},                                               \
        {"iso-area", 0, NULL,                                                                      \
         .about = "as many PEs of each operator as fit where the multipliers stood",               \
         .needs = MF_IF_CONSISTENT | MF_IF_ONE_AREA | MF_IF_OTHER_PES},                            \
    {                                                                                              \
        "area-um2", 0, "AREA",                                                                     \
            .about = "as many PEs of each operator as fit into so much silicon",                   \
            .needs = MF_IF_CONSISTENT                                                              \
    }

/* Of single layers by name, where the networks are named, too. */
#define MF_LAYER_OPTIONS MF_LAYER_OPTIONS_IF(0)
#define MF_LAYER_OPTIONS_IF(condition)                                                             \
    {"bits-of",                                                                                    \
     0,                                                                                            \
     "LAYERS=BITS",                                                                                \
     .about = "other widths for some layers, named as in --op-of",                                 \
     .needs = MF_IF_CONSISTENT | MF_IF_NETWORK | (condition),                                      \
     .list = true},                                                                                \
    {                                                                                              \
        "statistics", 0, "FILE",                                                                   \
            .about = "shares of zeros per layer, for gating and compression", .words = "files",    \
            .needs = MF_IF_CONSISTENT | MF_IF_CLOSED_FORM | MF_IF_NETWORK | (condition)            \
    }

/* What the account rests on. */
#define MF_PROVENANCE_OPTION                                                                       \
    {                                                                                              \
        "provenance", 0, NULL, .about = "say on which assumed facts the consistent account rests", \
                               .needs = MF_IF_CONSISTENT | MF_IF_TEXT                              \
    }

/* Of what a layer leaves to the next. */
#define MF_CHAIN_OPTIONS MF_CHAIN_OPTIONS_IF(0)
#define MF_CHAIN_OPTIONS_IF(condition)                                                             \
    {                                                                                              \
        "schedule", 0, "WHICH|FILE",                                                               \
            .about =                                                                               \
                "layer (default); resident: whole maps stay in the buffer where that is best; "    \
                "fused: bands of rows flow through several layers; or a schedule's FILE",          \
            .words = "=layer resident fused",                                                      \
            .needs = MF_IF_CONSISTENT | MF_IF_DESCRIBED | (condition)                              \
    }

typedef struct mf_account {
    mf_setup *setup; /* borrowed */
    mf_energy_table *table;
    mf_analytic_options options;
    bool executes; /* --engine systemc: on the chip, with integer bits */
    uint64_t seed; /* of the numbers that it executes */
    mf_fidelity fidelity;
    mf_pricer *pricer;
    mf_json_doc *statistics, *schedule;
    bool uses_zeros;     /* a layer that ran saved something for its zeros */
    mf_conditions zeros; /* MF_IF_ZEROS_GATED, MF_IF_ZEROS_CODED: one could have */
} mf_account;

/* Close also after a failure. The setup must be open. What is executed has integers of 16 bits
 * unless
 * --bits says otherwise. */
mf_status mf_account_open(mf_account *account, mf_setup *setup, mf_diag *diag);
void mf_account_close(mf_account *account);

/* A table as --node and --dram say. */
mf_status mf_account_change_table(const mf_arguments *arguments, mf_energy_table *table,
                                  mf_diag *diag);

/* What all its prices rest on; the setup's, too. */
mf_pricer_basis mf_account_basis(const mf_account *account);

/* The widths that --bits-of gives to layers, [n_weight_layers], into the setup's arena. */
mf_status mf_account_bits_of(const mf_account *account, const mf_network *network,
                             const mf_bits **of_layer, mf_diag *diag);

/* How a variant of a network runs: its operators, --bits-of, and the zeros of a trace or of
 * --statistics (none where the chip counts them); in the setup's arena. */
mf_status mf_account_assign(mf_account *account, const mf_network *network, const char *op,
                            mf_assignment *assignment, mf_diag *diag);

/* One variant of a network by an engine; what it returns lives in the setup's arena. */
mf_status mf_account_price(mf_account *account, const mf_network *network, const char *op,
                           mf_engine engine, mf_report *report, mf_diag *diag);

/* One layer of a variant, with everything but its mapping. */
mf_status mf_account_row(mf_account *account, const mf_network *network, const char *op,
                         const mf_layer *layer, mf_analytic_row *row, mf_diag *diag);

/* What zeros could have saved in a result; mf_account_price notes that itself. */
void mf_account_note_zeros(mf_account *account, const mf_analytic_result *result);

/* After all runs: MF_USAGE if --statistics, or a key of --set that is about zeros, changed none. */
mf_status mf_account_check_zeros(const mf_account *account, mf_diag *diag);

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

/* Lines that say how far words go in the arrays of a result; nothing where the table does not price wires
 * by their length. */
void mf_account_note_floorplans(const mf_account *account, const mf_network *network,
                                const char *op, const mf_analytic_result *result, mf_sheet *sheet);

/* A floorplan in words; in `arena`. */
const char *mf_account_floorplan_text(mf_arena *arena, const mf_floorplan *plan);

/* PEs of a variant's operators in words: "12x14" where they are the accelerator's own, else
 * "mult 12x8 + add 12x9"; in `arena`; NULL when memory is
 * out. */
const char *mf_account_arrays_text(const mf_account *account, const mf_op_array *arrays, size_t n,
                                   mf_arena *arena);

/* The same of a result, in the setup's arena. */
const char *mf_account_arrays(const mf_account *account, const mf_analytic_result *result);

/* The table's name, the node that it was scaled to, and the DRAM that was chosen; in the setup's arena. */
const char *mf_account_table_text(const mf_account *account);

/* A law in words: its anchor and its exponents. */
const char *mf_account_law_text(mf_arena *arena, const mf_memory_law *law);

/* A line with what a variant costs under the cheapest and the dearest law of each memory, and in
 * relation to the variant `against` (unless NULL) under the same; nothing where the table has one law
 * or none. Of the closed forms, whatever engine runs. */
mf_status mf_account_note_spread(mf_account *account, const mf_network *network, const char *op,
                                 const char *against, mf_sheet *sheet, mf_diag *diag);

/* Warn of each memory of an accelerator that is smaller or larger than those that its law was made
 * from; `more` says of which others, too, or is "". */
void mf_account_warn_of_sizes(const mf_account *account, const mf_accelerator *accelerator,
                              const char *more);

#endif
