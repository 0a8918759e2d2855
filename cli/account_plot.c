/* The charts of a network's account: energy per layer by level, latency per layer, and the
 * roofline. */
#include "cli/account.h"
#include "cli/plot.h"

#include <math.h>
#include <string.h>

enum { N_SERIES = 2 + MF_N_LEVELS };

static const char *const series[N_SERIES] = {"operations", "DRAM",     "buffer",
                                             "network",    "register", "vector unit"};

void mf_account_bar(const mf_analytic_result *r, double *mj)
{
    mj[0] = r->mac_mj;
    for (int level = 0; level < MF_N_LEVELS; level++)
        mj[1 + level] = r->access_mj[level][0] + r->access_mj[level][1] + r->access_mj[level][2];
    mj[N_SERIES - 1] = r->vector_mj;
}

const char *const *mf_account_bar_series(size_t *n)
{
    *n = N_SERIES;
    return series;
}

/* One bar per layer: what the vector unit does after it is on top of it. */
static void plot_layers(const mf_account *account, const mf_analytic_result *r, mf_plot *plot,
                        const char **labels, double *energy, double *latency)
{
    double us = 1 / account->setup->accelerator.clock_mhz;
    size_t n = 0;
    for (size_t i = 0; i < r->n_rows; i++) {
        const mf_analytic_row *row = &r->rows[i];
        bool follows = row->vector && n > 0 && strcmp(labels[n - 1], row->layer->name) == 0;
        if (!follows)
            labels[n++] = row->layer->name;
        double *uj = &energy[(n - 1) * N_SERIES], *time = &latency[(n - 1) * (MF_N_BOUNDS + 1)];
        if (row->vector) {
            uj[N_SERIES - 1] += row->energy_pj * 1e-6;
            time[MF_N_BOUNDS] += row->cycles * us;
            continue;
        }
        uj[0] += row->found.cost.mac_pj * 1e-6;
        for (int level = 0; level < MF_N_LEVELS; level++)
            for (int t = 0; t < MF_N_TENSORS; t++)
                uj[1 + level] += row->found.cost.access_pj[level][t] * 1e-6;
        time[row->found.cost.bound] += row->cycles * us;
    }
    const char *bounds[MF_N_BOUNDS + 1];
    for (int b = 0; b < MF_N_BOUNDS; b++)
        bounds[b] = mf_bound_name(b);
    bounds[MF_N_BOUNDS] = "vector unit";
    mf_plot_bars(plot, "energy by level", "uJ", series, N_SERIES, labels, n, energy);
    mf_plot_bars(plot, "latency by what bounds it", "us", bounds, MF_N_BOUNDS + 1, labels, n,
                 latency);
}

/* MAC positions per cycle over MAC positions per bit of DRAM traffic, below the roof of PEs and
 * DRAM. */
static void plot_roofline(const mf_account *account, const mf_analytic_result *r, mf_plot *plot,
                          double *x, double *y)
{
    const mf_accelerator *a = &account->setup->accelerator;
    double bits_per_cycle = a->dram_mb_per_s * 8 / a->clock_mhz, roof = 0;
    double least = INFINITY, most = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->n_rows; i++) {
        const mf_analytic_row *row = &r->rows[i];
        if (row->vector)
            continue;
        x[n] = (double)row->found.counts.n_macs / mf_account_dram_bits(row);
        y[n] = (double)row->found.counts.n_macs / row->cycles;
        least = x[n] < least ? x[n] : least;
        most = x[n] > most ? x[n] : most;
        roof = row->machine.array_pes > roof ? row->machine.array_pes : roof;
        n++;
    }
    double ridge = isinf(bits_per_cycle) ? least : roof / bits_per_cycle;
    double roof_x[] = {least < ridge ? least : ridge / 2, ridge, most > ridge ? most : 2 * ridge},
           roof_y[] = {isinf(bits_per_cycle) ? roof : roof_x[0] * bits_per_cycle, roof, roof};
    const mf_plot_points points[] = {{"layers", x, y, n, MF_PLOT_POINTS, 0, NULL},
                                     {"roof", roof_x, roof_y, 3, MF_PLOT_JOINED, 0, NULL}};
    mf_plot_scatter(plot, "roofline", "MAC positions per bit from and to DRAM",
                    "MAC positions per cycle", MF_PLOT_LOGARITHMIC, points, 2);
}

mf_status mf_account_plot(const mf_account *account, const mf_analytic_result *r, mf_diag *diag)
{
    mf_arena *arena = account->setup->arena;
    mf_plot plot;
    MF_TRY(mf_plot_open(account->setup->arguments, &plot, diag));
    if (!plot.path)
        return MF_OK;
    const char **labels = MF_NEW_ARRAY(arena, const char *, r->n_rows);
    double *energy = MF_NEW_ARRAY(arena, double, r->n_rows *N_SERIES),
           *latency = MF_NEW_ARRAY(arena, double, r->n_rows *(MF_N_BOUNDS + 1)),
           *x = MF_NEW_ARRAY(arena, double, r->n_rows), *y = MF_NEW_ARRAY(arena, double, r->n_rows);
    if (!labels || !energy || !latency || !x || !y)
        return mf_fail_memory(diag);
    plot_layers(account, r, &plot, labels, energy, latency);
    plot_roofline(account, r, &plot, x, y);
    return mf_plot_close(&plot, diag);
}
