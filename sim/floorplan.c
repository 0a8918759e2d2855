/* From an area to lengths, and from lengths to prices. */
#include "sim/floorplan.h"

#include <math.h>

static void lay_out(double pe_um2, uint64_t pe_rows, uint64_t pe_columns, mf_floorplan *plan)
{
    double pitch_um = sqrt(pe_um2);
    *plan = (mf_floorplan){.pe_um2 = pe_um2,
                           .pitch_um = pitch_um,
                           .column_bus_mm = pitch_um * 1e-3 * (double)pe_rows,
                           .row_bus_mm = pitch_um * 1e-3 * (double)pe_columns,
                           .hop_mm = pitch_um * 1e-3};
}

mf_status mf_floorplan_of(const mf_accelerator *accelerator, const mf_energy_table *table,
                          const mf_datapath *datapaths, size_t n_datapaths, uint64_t pe_rows,
                          uint64_t pe_columns, mf_floorplan *plan, mf_diag *diag)
{
    double pe_um2;
    MF_TRY(mf_area_shared_pe_um2(accelerator, table, datapaths, n_datapaths, &pe_um2, diag));
    lay_out(pe_um2, pe_rows, pe_columns, plan);
    return MF_OK;
}

mf_status mf_floorplan_resize(const mf_accelerator *from, const mf_accelerator *to,
                              const mf_energy_table *table, uint64_t pe_rows, uint64_t pe_columns,
                              mf_floorplan *plan, mf_diag *diag)
{
    double before_um2, after_um2;
    MF_TRY(mf_area_shared_pe_um2(from, table, NULL, 0, &before_um2, diag));
    MF_TRY(mf_area_shared_pe_um2(to, table, NULL, 0, &after_um2, diag));
    lay_out(plan->pe_um2 + after_um2 - before_um2, pe_rows, pe_columns, plan);
    return MF_OK;
}

void mf_floorplan_price(const mf_floorplan *plan, const mf_prices *prices, mf_machine *m)
{
    if (prices->wire_pj_per_mm_bit <= 0)
        return;
    m->by_length = true;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        double pj_per_mm = prices->wire_pj_per_mm_bit * (double)m->capacity.bits[t];
        m->column_bus_pj[t] = plan->column_bus_mm * pj_per_mm;
        m->row_bus_pj[t] = plan->row_bus_mm * pj_per_mm;
        m->read_pj[MF_LEVEL_NETWORK][t] = m->write_pj[MF_LEVEL_NETWORK][t] = 0;
    }
    /* A psum between array and buffer is priced as one that hops (dataflows/cost.h), and pays here what
     * its way is longer. */
    double hop_pj = plan->hop_mm * prices->wire_pj_per_mm_bit * (double)m->capacity.bits[MF_PSUM];
    m->read_pj[MF_LEVEL_NETWORK][MF_PSUM] = m->write_pj[MF_LEVEL_NETWORK][MF_PSUM] = hop_pj;
    m->column_bus_pj[MF_PSUM] -= hop_pj; /* at least one row is passed */
}
