/* The list of dataflows, and which nests they admit. */
#include "dataflows/dataflow.h"

#include "base/nearest.h"

#include <inttypes.h>
#include <string.h>

const mf_dataflow *const mf_dataflows[] = {
#define MF_DATAFLOW(name) &mf_dataflow_##name,
#include "dataflows/dataflows.def"
#undef MF_DATAFLOW
    NULL};

mf_status mf_dataflow_find(const char *name, const mf_dataflow **dataflow, mf_diag *diag)
{
    const char *names[sizeof mf_dataflows / sizeof mf_dataflows[0]];
    size_t n = 0;
    for (; mf_dataflows[n]; n++) {
        names[n] = mf_dataflows[n]->name;
        if (strcmp(names[n], name) == 0) {
            *dataflow = mf_dataflows[n];
            return MF_OK;
        }
    }
    mf_fail(diag, MF_UNKNOWN_NAME, "no dataflow \"%s\"", name);
    const char *near = mf_nearest(name, names, n);
    if (near)
        mf_hint(diag, "did you mean \"%s\"?", near);
    else
        mf_hint(diag, "there are row-stationary, weight-stationary, output-stationary and "
                      "no-local-reuse");
    return MF_UNKNOWN_NAME;
}

/* ---- rules -------------------------------------------------------------------------------------
 */

static const char *const level_names[MF_N_TILE_LEVELS] = {"register", "columns", "rows", "buffer"};

static mf_status check_whole_tiles(const mf_mapping *m, const mf_work *work, int d, mf_diag *diag)
{
    for (int level = MF_COLUMNS; level < MF_N_TILE_LEVELS; level++) {
        uint32_t tile = m->tile[level][d], inner = m->tile[level - 1][d];
        if (tile % inner != 0 && tile != work->size[d])
            return mf_fail(diag, MF_INVALID,
                           "%s tile of %s, %" PRIu32 ": neither a whole number of %s tiles of "
                           "%" PRIu32 " nor all %" PRIu32,
                           level_names[level], mf_dimension_name(d), tile, level_names[level - 1],
                           inner, work->size[d]);
    }
    return MF_OK;
}

/* Which dimension is where it may not be? */
static mf_status check_places(const mf_dataflow *f, const mf_mapping *m, int d, mf_diag *diag)
{
    const struct {
        unsigned allowed;
        const char *where;
    } places[] = {{f->in_register, "steps within a PE"},
                  {f->on_columns, "over PE columns"},
                  {f->on_rows | f->whole_on_rows, "over PE rows"}};
    for (int level = MF_REGISTER; level <= MF_ROWS; level++) {
        uint32_t tile = m->tile[level][d], inner = level ? m->tile[level - 1][d] : 1;
        if (tile != inner && !(places[level].allowed & MF_BIT(d)))
            return mf_fail(diag, MF_INVALID,
                           "no %s (%s) %s: the %s tile is %" PRIu32 ", not %" PRIu32,
                           mf_dimension_name(d), mf_dimension_text(d), places[level].where,
                           level_names[level], tile, inner);
    }
    return MF_OK;
}

static mf_status check_whole(const mf_dataflow *f, const mf_mapping *m, const mf_work *work,
                             const mf_capacity *capacity, int d, mf_diag *diag)
{
    uint32_t size = work->size[d], tile = m->tile[MF_ROWS][d];
    uint64_t most = capacity->pe_rows < size ? capacity->pe_rows : size;
    if (f->whole_on_rows & MF_BIT(d) && tile != most)
        return mf_fail(diag, MF_INVALID,
                       "%s (%s) goes over %" PRIu64 " PE rows: the rows tile is %" PRIu32,
                       mf_dimension_name(d), mf_dimension_text(d), most, tile);
    if ((d == MF_R || d == MF_S) && m->tile[MF_BUFFER][d] != size)
        return mf_fail(diag, MF_INVALID,
                       "the buffer holds whole kernel windows: the buffer tile of %s is %" PRIu32
                       ", not %" PRIu32,
                       mf_dimension_name(d), m->tile[MF_BUFFER][d], size);
    return MF_OK;
}

bool mf_dataflow_orders_freely(const mf_dataflow *dataflow, const mf_work *work)
{
    return dataflow->any_order_for_points && work->size[MF_E] == 1 && work->size[MF_F] == 1;
}

static mf_status check_order(const mf_dataflow *f, const mf_mapping *m, mf_diag *diag)
{
    int place[MF_N_DIMENSIONS], outer = -1;
    for (int i = 0; i < MF_N_DIMENSIONS; i++)
        place[f->buffer_order[i]] = i;
    for (int i = 0; i < MF_N_DIMENSIONS; i++) {
        int d = m->order[MF_BUFFER_LOOPS][i];
        if (m->tile[MF_BUFFER][d] <= m->tile[MF_ROWS][d])
            continue;
        if (outer >= 0 && place[d] < place[outer])
            return mf_fail(diag, MF_INVALID,
                           "within the buffer the loop over %s is inside that over %s",
                           mf_dimension_name(outer), mf_dimension_name(d));
        outer = d;
    }
    return MF_OK;
}

static mf_status check_bypasses(const mf_dataflow *f, const bool *bypass_buffer,
                                const mf_mapping *m, mf_diag *diag)
{
    for (int t = 0; t < MF_N_TENSORS; t++) {
        if (m->bypass_register[t] != f->bypass_register[t])
            return mf_fail(diag, MF_INVALID, "%s %s the registers", mf_tensor_name(t),
                           f->bypass_register[t] ? "bypasses" : "is kept in");
        if (m->bypass_buffer[t] != bypass_buffer[t])
            return mf_fail(diag, MF_INVALID, "%s %s the buffer of this accelerator",
                           mf_tensor_name(t), bypass_buffer[t] ? "bypasses" : "is kept in");
    }
    return MF_OK;
}

mf_status mf_dataflow_admits(const mf_dataflow *dataflow, const mf_work *work,
                             const mf_capacity *capacity, const bool *bypass_buffer,
                             const mf_mapping *mapping, mf_diag *diag)
{
    MF_TRY(mf_mapping_check_nest(mapping, work, diag));
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        MF_TRY(check_whole_tiles(mapping, work, d, diag));
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        MF_TRY(check_places(dataflow, mapping, d, diag));
        MF_TRY(check_whole(dataflow, mapping, work, capacity, d, diag));
    }
    if (!mf_dataflow_orders_freely(dataflow, work))
        MF_TRY(check_order(dataflow, mapping, diag));
    return check_bypasses(dataflow, bypass_buffer, mapping, diag);
}
