/* Two panels in a line: energy and latency of one account, or each of these in both accounts, on
 * one axis. */
#include "cli/plot_variants.h"

mf_status mf_variants_plot_begin(mf_variants_plot *v, const mf_arguments *arguments,
                                 const char *account, const char *second, size_t n_networks,
                                 const char *const *ops, size_t n_ops, mf_diag *diag)
{
    mf_arena *arena = arguments->arena;
    *v = (mf_variants_plot){.arena = arena,
                            .accounts = {account, second},
                            .ops = ops,
                            .n_ops = n_ops,
                            .n_networks = n_networks};
    MF_TRY(mf_plot_open(arguments, &v->plot, diag));
    if (!v->plot.path)
        return MF_OK;
    v->plot.n_columns = 2;
    v->networks = MF_NEW_ARRAY(arena, const char *, n_networks);
    bool failed = !v->networks;
    for (int a = 0; a < MF_PLOT_ACCOUNTS; a++) {
        v->energy_mj[a] = MF_NEW_ARRAY(arena, double, n_networks *n_ops);
        v->latency_ms[a] = MF_NEW_ARRAY(arena, double, n_networks *n_ops);
        failed = failed || !v->energy_mj[a] || !v->latency_ms[a];
    }
    return failed ? mf_fail_memory(diag) : MF_OK;
}

void mf_variants_plot_add(mf_variants_plot *v, int account, const char *network, double energy_mj,
                          double latency_ms)
{
    if (!v->plot.path)
        return;
    size_t at = v->n[account]++;
    if (at % v->n_ops == 0) /* the network may be gone when the picture is drawn */
        v->networks[at / v->n_ops] = mf_arena_format(v->arena, "%s", network);
    v->energy_mj[account][at] = energy_mj;
    v->latency_ms[account][at] = latency_ms;
}

static void add_panels(mf_variants_plot *v, const char *what, const char *unit,
                       double *const values[])
{
    double highest = 0;
    for (int a = 0; a < MF_PLOT_ACCOUNTS; a++)
        for (size_t i = 0; i < v->n[a]; i++)
            highest = values[a][i] > highest ? values[a][i] : highest;
    for (int a = 0; a < MF_PLOT_ACCOUNTS && v->accounts[a]; a++) {
        const char *title = mf_arena_format(v->arena, "%s: %s", what, v->accounts[a]);
        mf_plot_groups(&v->plot, title ? title : what, unit, v->ops, v->n_ops, v->networks,
                       v->n_networks, values[a], highest);
    }
}

mf_status mf_variants_plot_end(mf_variants_plot *v, mf_diag *diag)
{
    if (!v->plot.path)
        return MF_OK;
    for (size_t i = 0; i < v->n_networks; i++)
        if (!v->networks[i])
            return mf_fail_memory(diag);
    add_panels(v, "energy", "mJ", v->energy_mj);
    add_panels(v, "latency", "ms", v->latency_ms);
    return mf_plot_close(&v->plot, diag);
}
