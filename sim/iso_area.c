/* Shares of real silicon in whole columns. */
#include "sim/iso_area.h"

#include <math.h>

enum { MOST_COLUMNS = 65536 }; /* as in models/accelerator_keys.def */

/* Rounding must not cost the last column of an array that fits exactly. */
static const double slack = 1 + 1e-12;

static double column_um2(const mf_area_share *share, uint64_t pe_rows)
{
    return share->pe_um2 * (double)pe_rows;
}

/* Time that one column more, or less, saves or costs. */
static double change(const mf_area_share *s, double columns)
{
    return s->macs / ((double)s->columns + (columns < 0 ? columns : 0)) -
           s->macs / ((double)s->columns + (columns > 0 ? columns : 0));
}

/* The operator that gains most by another column that fits into `left_um2`; `n` where none does. */
static size_t most_helped(double left_um2, uint64_t pe_rows, const mf_area_share *shares, size_t n)
{
    size_t best = n;
    for (size_t i = 0; i < n; i++)
        if (shares[i].macs > 0 && shares[i].columns < MOST_COLUMNS &&
            column_um2(&shares[i], pe_rows) <= left_um2 &&
            (best == n || change(&shares[i], 1) > change(&shares[best], 1)))
            best = i;
    return best;
}

/* The one that loses least by giving up a column of several; `n` where none has several. */
static size_t least_hurt(const mf_area_share *shares, size_t n)
{
    size_t best = n;
    for (size_t i = 0; i < n; i++)
        if (shares[i].columns > 1 &&
            (best == n || change(&shares[i], -1) < change(&shares[best], -1)))
            best = i;
    return best;
}

/* Its part of the area in whole columns, one at least. */
static uint64_t columns_of(double part_um2, double each_um2)
{
    double columns = floor(part_um2 * slack / each_um2);
    return columns < 1 ? 1 : columns < MOST_COLUMNS ? (uint64_t)columns : MOST_COLUMNS;
}

bool mf_iso_area_divide(double area_um2, uint64_t pe_rows, mf_area_share *shares, size_t n,
                        double *needed_um2)
{
    double weight = 0, left_um2 = area_um2 * slack;
    *needed_um2 = 0;
    for (size_t i = 0; i < n; i++) {
        weight += sqrt(shares[i].macs * shares[i].pe_um2);
        *needed_um2 += shares[i].macs > 0 ? column_um2(&shares[i], pe_rows) : 0;
    }
    if (*needed_um2 > left_um2)
        return false;
    for (size_t i = 0; i < n; i++) {
        mf_area_share *s = &shares[i];
        double each_um2 = column_um2(s, pe_rows);
        s->columns =
            s->macs > 0 ? columns_of(area_um2 * sqrt(s->macs * s->pe_um2) / weight, each_um2) : 0;
        left_um2 -= (double)s->columns * each_um2;
    }
    for (size_t i; left_um2 < 0 && (i = least_hurt(shares, n)) < n;) {
        shares[i].columns--;
        left_um2 += column_um2(&shares[i], pe_rows);
    }
    for (size_t i; (i = most_helped(left_um2, pe_rows, shares, n)) < n;) {
        shares[i].columns++;
        left_um2 -= column_um2(&shares[i], pe_rows);
    }
    return true;
}

mf_status mf_iso_area_silicon(const mf_accelerator *accelerator, const mf_energy_table *table,
                              const mf_operator *mult, const mf_widths *mult_widths,
                              const mf_widths *own, double *area_um2, mf_diag *diag)
{
    double pe_um2, there_um2, here_um2;
    MF_TRY(mf_area_pe_um2(accelerator, table, mult, mult_widths, &pe_um2, diag));
    *area_um2 = pe_um2 * (double)mf_accelerator_pes(accelerator);
    if (accelerator->given[MF_KEY_pe_overhead_um2])
        return MF_OK;
    MF_TRY(mf_area_vector_um2(accelerator, table, mult_widths, &there_um2, diag));
    MF_TRY(mf_area_vector_um2(accelerator, table, own, &here_um2, diag));
    *area_um2 += there_um2 - here_um2;
    return MF_OK;
}
