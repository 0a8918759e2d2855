/* Row-stationary: a PE runs 1-D convolutions of one kernel row over one ifmap row; kernel rows over
 * PE rows, output rows over PE columns make a PE set; sets repeat over channels and filters. Rows
 * of weights stay while the output columns go by. */
#include "dataflows/row_stationary.h"

#include "dataflows/dataflow.h"

#include <inttypes.h>
#include <string.h>

const mf_dataflow mf_dataflow_row_stationary = {
    .name = "row-stationary",
    .about = "1-D convolutions in the PEs, kernel rows over PE rows, output rows over columns",
    .in_register = MF_BIT(MF_M) | MF_BIT(MF_C) | MF_BIT(MF_S),
    .on_columns = MF_BIT(MF_E) | MF_BIT(MF_M) | MF_BIT(MF_G),
    .on_rows = MF_BIT(MF_E) | MF_BIT(MF_M) | MF_BIT(MF_C) | MF_BIT(MF_G),
    .whole_on_rows = MF_BIT(MF_R),
    .buffer_order = {MF_G, MF_M, MF_C, MF_R, MF_S, MF_N, MF_E, MF_F},
    .any_order_for_points = true,
};

static uint32_t ceil_div(uint32_t a, uint32_t b)
{
    return (a + b - 1) / b;
}

static uint32_t least(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

/* Tiles of one dimension, each cut to the dimension's size. */
static void set_tiles(mf_mapping *mapping, const mf_work *work, int d, uint64_t reg,
                      uint64_t columns, uint64_t rows, uint64_t buffer)
{
    const uint64_t tile[MF_N_TILE_LEVELS] = {reg, columns, rows, buffer};
    for (int level = 0; level < MF_N_TILE_LEVELS; level++)
        mapping->tile[level][d] = least(tile[level], work->size[d]);
}

static mf_status check_terms(const mf_work *work, const mf_row_stationary_terms *t, mf_diag *diag)
{
    const struct {
        const char *name;
        uint32_t value, most;
    } terms[] = {{"m", t->m, work->size[MF_M]}, {"n", t->n, work->size[MF_N]},
                 {"e", t->e, work->size[MF_E]}, {"p", t->p, work->size[MF_M]},
                 {"q", t->q, work->size[MF_C]}, {"r", t->r, work->size[MF_C]},
                 {"t", t->t, work->size[MF_M]}};
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
        if (terms[i].value < 1 || terms[i].value > terms[i].most)
            return mf_fail(diag, MF_INVALID,
                           "row-stationary %s is %" PRIu32 ", expected 1 to %" PRIu32,
                           terms[i].name, terms[i].value, terms[i].most);
    if (t->m < t->p * t->t)
        return mf_fail(diag, MF_INVALID,
                       "row-stationary m is %" PRIu32 ", less than p*t = %" PRIu32, t->m,
                       t->p * t->t);
    return MF_OK;
}

mf_status mf_row_stationary_nest(const mf_work *work, const mf_row_stationary_terms *terms,
                                 uint64_t pe_rows, uint64_t pe_columns, const bool *bypass_buffer,
                                 mf_mapping *mapping, mf_diag *diag)
{
    static const uint8_t dram[] = {MF_G, MF_N, MF_E, MF_F, MF_M, MF_C, MF_R, MF_S};
    const mf_row_stationary_terms *t = terms;
    *mapping = (mf_mapping){0};
    memcpy(mapping->bypass_buffer, bypass_buffer, sizeof mapping->bypass_buffer);
    MF_TRY(check_terms(work, t, diag));
    uint32_t strips = ceil_div(t->e, least(pe_columns, UINT32_MAX)), width = ceil_div(t->e, strips);
    if (strips > 1)
        width = least(pe_columns, t->e); /* 14 + 13, not 14 + 13 with a gap in each */
    uint32_t beside = strips > 1 ? 1 : least(pe_columns / width, t->t);
    while (t->t % beside) /* whole sets beside each other */
        beside--;
    uint64_t high = (uint64_t)work->size[MF_R] * strips * t->r * (t->t / beside);
    if (high > pe_rows)
        return mf_fail(diag, MF_NO_MAPPING,
                       "PE sets of %" PRIu32 " x %" PRIu32 ", %" PRIu32
                       " over channels and %" PRIu32 " over filters, take %" PRIu64
                       " PE rows; the array has %" PRIu64,
                       work->size[MF_R], t->e, t->r, t->t, high, pe_rows);
    uint64_t r = work->size[MF_R], s = work->size[MF_S];
    uint64_t filters = (uint64_t)t->p * t->t, channels = (uint64_t)t->q * t->r;
    set_tiles(mapping, work, MF_N, 1, 1, 1, t->n);
    set_tiles(mapping, work, MF_G, 1, 1, 1, 1);
    set_tiles(mapping, work, MF_M, t->p, (uint64_t)t->p * beside, filters, t->m);
    set_tiles(mapping, work, MF_C, t->q, t->q, channels, channels);
    set_tiles(mapping, work, MF_E, 1, width, t->e, t->e);
    set_tiles(mapping, work, MF_F, 1, 1, 1, work->size[MF_F]);
    set_tiles(mapping, work, MF_R, 1, 1, r, r);
    set_tiles(mapping, work, MF_S, s, s, s, s);
    for (int i = 0; i < MF_N_DIMENSIONS; i++) {
        mapping->order[MF_DRAM_LOOPS][i] = dram[i];
        mapping->order[MF_BUFFER_LOOPS][i] = mf_dataflow_row_stationary.buffer_order[i];
    }
    return MF_OK;
}

mf_row_stationary_terms mf_row_stationary_terms_of(const mf_mapping *mapping)
{
    const uint32_t *reg = mapping->tile[MF_REGISTER], *array = mapping->tile[MF_ROWS],
                   *buffer = mapping->tile[MF_BUFFER];
    return (mf_row_stationary_terms){.m = buffer[MF_M],
                                     .n = buffer[MF_N],
                                     .e = array[MF_E],
                                     .p = reg[MF_M],
                                     .q = reg[MF_C],
                                     .r = ceil_div(array[MF_C], reg[MF_C]),
                                     .t = ceil_div(array[MF_M], reg[MF_M])};
}
