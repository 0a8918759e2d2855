/* Energy and latency of networks with several operators as a picture: a group of bars per network,
 * a bar per operator, an account beside the other where there are two. */
#ifndef MF_CLI_PLOT_VARIANTS_H
#define MF_CLI_PLOT_VARIANTS_H

#include "cli/plot.h"

enum { MF_PLOT_ACCOUNTS = 2 };

/* Values are [network * n_ops + op]. Without --plot, and on one that is all zeros, every call does
 * nothing. */
typedef struct mf_variants_plot {
    mf_plot plot;
    mf_arena *arena;
    const char *accounts[MF_PLOT_ACCOUNTS]; /* what they are called; the second may be NULL */
    const char *const *ops;
    const char **networks;
    size_t n_networks, n_ops, n[MF_PLOT_ACCOUNTS]; /* n: values so far */
    double *energy_mj[MF_PLOT_ACCOUNTS], *latency_ms[MF_PLOT_ACCOUNTS];
} mf_variants_plot;

/* Look at --plot, for so many networks with the same operators; names of accounts and operators are
 * borrowed. */
mf_status mf_variants_plot_begin(mf_variants_plot *v, const mf_arguments *arguments,
                                 const char *account, const char *second, size_t n_networks,
                                 const char *const *ops, size_t n_ops, mf_diag *diag);

/* The next variant of an account (0 or 1), networks outermost. */
void mf_variants_plot_add(mf_variants_plot *v, int account, const char *network, double energy_mj,
                          double latency_ms);

/* Draw what was added. */
mf_status mf_variants_plot_end(mf_variants_plot *v, mf_diag *diag);

#endif
