/* Segment by segment: its layers are collected as they come, then its tasks run, band by band, while regions of
 * the buffer come and go; then the layers' rows are put into the account. */
#include "sim/execution_task.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- collecting --------------------------------------------------------------------------------
 */

static const void *copy(mf_arena *arena, const void *from, uint64_t n, size_t size, bool *failed)
{
    void *to = from && n ? mf_arena_array(arena, n, size) : NULL;
    *failed = *failed || (from && n && !to);
    if (to)
        memcpy(to, from, n * size);
    return to;
}

/* All numbers of a layer, which its sender takes back. */
static mf_status keep_data(const mf_layer *layer, const mf_layer_data *from, mf_arena *arena,
                           mf_layer_data *data, mf_diag *diag)
{
    const mf_shape *s = &from->shape;
    uint64_t outputs = mf_shape_ofmap(s);
    bool failed = false;
    *data = *from;
    data->ifmap =
        copy(arena, from->ifmap, mf_layer_input_words(layer, 0), sizeof *from->ifmap, &failed);
    for (size_t k = 0; k < from->n_others; k++)
        data->others[k].codes =
            copy(arena, from->others[k].codes, mf_layer_input_words(layer, k + 1),
                 sizeof *from->ifmap, &failed);
    if (mf_layer_data_has_weights(from))
        data->weights =
            copy(arena, from->weights, mf_shape_weights(s), sizeof *from->weights, &failed);
    data->multiplier = copy(arena, from->multiplier, s->m, sizeof *from->multiplier, &failed);
    data->addend = copy(arena, from->addend, s->m, sizeof *from->addend, &failed);
    data->psums = copy(arena, from->psums, outputs, sizeof *from->psums, &failed);
    data->ofmap = copy(arena, from->ofmap, outputs, sizeof *from->ofmap, &failed);
    return failed ? mf_fail_memory(diag) : MF_OK;
}

/* Room of the vector unit. What it must not look at is no sound code. */
static mf_status make_room(const mf_execution *x, const mf_analytic_row *row, mf_running *running,
                           mf_diag *diag)
{
    mf_arena *arena = x->state->arena;
    running->outputs = MF_NEW_ARRAY(arena, int32_t, mf_shape_ofmap(&row->layer->shape));
    if (!running->outputs)
        return mf_fail_memory(diag);
    for (size_t k = 0; k < row->layer->n_inputs; k++) {
        uint64_t n = mf_layer_input_words(row->layer, k);
        if (!row->keeps_input[k])
            continue;
        running->inputs[k] = MF_NEW_ARRAY(arena, int32_t, n);
        if (!running->inputs[k])
            return mf_fail_memory(diag);
        for (uint64_t i = 0; i < n; i++)
            running->inputs[k][i] = INT32_MIN;
    }
    return MF_OK;
}

/* The row of a layer: its work on the array, or all of it where it has no weights. */
static mf_analytic_row *row_of(const mf_execution *x, size_t layer_index)
{
    for (size_t i = 0; i < x->account->n_rows; i++)
        if (x->account->rows[i].layer == &x->network->layers[layer_index])
            return &x->account->rows[i];
    return NULL;
}

/* What the chip measures is put on top of the account's prices: those of coded words and gated
 * positions would be coded and gated again. Nor does a layer run twice. */
static mf_status check_unknown(const mf_analytic_row *row, mf_diag *diag)
{
    if (row->vector || (row->zeros.ifmap < 0 && row->zeros.ofmap < 0))
        return MF_OK;
    return mf_fail(diag, MF_INVALID,
                   "its zeros are in the account already, and would count twice: the chip runs an "
                   "account of unknown zeros, each layer once");
}

static mf_status collect(mf_execution *x, size_t layer, const mf_layer_data *data, mf_diag *diag)
{
    struct mf_execution_state *s = x->state;
    const mf_segment *segment = &x->account->schedule.segments[s->segment];
    const mf_analytic_row *row = row_of(x, layer);
    if (!row || row->vector == mf_layer_data_has_weights(data))
        return mf_fail(diag, MF_INVALID, "layer %s: the account has none like it", data->name);
    if (layer != segment->first + s->n_collected)
        return mf_fail(diag, MF_INVALID, "layer %s: %s comes before it", data->name,
                       x->network->layers[segment->first + s->n_collected].name);
    mf_status status = check_unknown(row, diag);
    MF_TRY(mf_fail_at(diag, status, "layer %s", data->name));
    if (!s->arena)
        s->arena = mf_arena_create();
    if (!s->running && s->arena)
        s->running = MF_NEW_ARRAY(s->arena, mf_running, segment->n_layers);
    if (!s->running)
        return mf_fail_memory(diag);
    mf_running *running = &s->running[s->n_collected++];
    running->layer = layer;
    running->data = *data;
    if (segment->n_layers > 1)
        MF_TRY(keep_data(row->layer, data, s->arena, &running->data, diag));
    if (row->vector)
        return make_room(x, row, running, diag);
    running->zeros = running->measured.zeros = mf_execution_zeros(data);
    return MF_OK;
}

/* ---- regions -----------------------------------------------------------------------------------
 */

/* Of a map in the buffer: as it is written; the network's input, as it is read. */
static uint64_t word_bits(const mf_execution *x, int map)
{
    if (map >= 0)
        return row_of(x, (size_t)map)->widths.written_bits;
    for (size_t i = 0; i < x->network->n_layers; i++)
        for (size_t k = 0; k < x->network->layers[i].n_inputs; k++)
            if (x->network->layers[i].input[k] == map)
                return row_of(x, i)->widths.activation_bits;
    return 0;
}

static mf_status open_region(mf_execution *x, const mf_region *region, mf_diag *diag)
{
    mf_held *map = mf_state_map(x, region->layer);
    if (region->kind == MF_REGION_WEIGHTS)
        return mf_held_make_weights(region->words,
                                    row_of(x, (size_t)region->layer)->widths.weight_bits,
                                    &x->state->weights[region->layer], diag);
    if (map->codes) /* it stays, from an earlier segment */
        return MF_OK;
    return mf_held_make_map(x->network, region->layer, region->rows, word_bits(x, region->layer),
                            map, diag);
}

static void close_region(mf_execution *x, const mf_region *region)
{
    const mf_segment *segment = &x->account->schedule.segments[x->state->segment];
    if (region->kind == MF_REGION_WEIGHTS)
        mf_held_drop(&x->state->weights[region->layer]);
    else if (region->kind != MF_REGION_WHOLE ||
             x->account->schedule.last_reader[region->layer] < segment->first + segment->n_layers)
        mf_held_drop(mf_state_map(x, region->layer));
}

static mf_status run_tasks(mf_execution *x, mf_diag *diag)
{
    const mf_layout *layout = &x->account->layouts[x->state->segment];
    for (size_t task = 0; task < layout->n_tasks; task++) {
        for (size_t i = 0; i < layout->n_regions; i++)
            if (layout->regions[i].begin == task)
                MF_TRY(open_region(x, &layout->regions[i], diag));
        if (mf_rows_count(layout->tasks[task].made))
            MF_TRY(mf_execution_task(x, &x->state->running[task % layout->segment->n_layers], task,
                                     diag));
        for (size_t i = 0; i < layout->n_regions; i++)
            if (layout->regions[i].end == task + 1)
                close_region(x, &layout->regions[i]);
    }
    return MF_OK;
}

/* ---- into the account ----------------------------------------------------------------------------
 */

/* What was measured instead of what was foretold. */
static void put_rows(mf_execution *x, mf_running *running)
{
    mf_analytic_row *row = row_of(x, running->layer);
    running->rows[0].segment = row->segment;
    running->rows[0].recomputed_rows = row->recomputed_rows;
    memcpy(row, running->rows, running->n_rows * sizeof *row);
    mf_execution_row *measured = &x->rows[row - x->account->rows];
    *measured = running->measured;
    x->n_layers++;
    if (x->options.layer_done)
        x->options.layer_done(x->options.layer_user, row, measured);
}

mf_status mf_execution_layer(void *execution, size_t layer_index, const mf_layer_data *data,
                             mf_diag *diag)
{
    mf_execution *x = execution;
    struct mf_execution_state *s = x->state;
    if (s->segment == x->account->schedule.n_segments)
        return mf_fail(diag, MF_INVALID, "layer %s: all layers have run", data->name);
    MF_TRY(collect(x, layer_index, data, diag));
    const mf_segment *segment = &x->account->schedule.segments[s->segment];
    if (s->n_collected < segment->n_layers)
        return MF_OK;
    MF_TRY(run_tasks(x, diag));
    for (size_t i = 0; i < segment->n_layers; i++)
        put_rows(x, &s->running[i]);
    mf_arena_destroy(s->arena);
    s->arena = NULL;
    s->running = NULL;
    s->n_collected = 0;
    s->segment++;
    return MF_OK;
}

/* ---- begin and end -------------------------------------------------------------------------------
 */

mf_status mf_execution_begin(mf_execution *x, mf_diag *diag)
{
    size_t n = x->network->n_layers;
    struct mf_execution_state *s = x->state = calloc(1, sizeof *s);
    if (!s)
        return mf_fail_memory(diag);
    s->maps = calloc(n + 1, sizeof *s->maps);
    s->weights = calloc(n, sizeof *s->weights);
    return s->maps && s->weights ? MF_OK : mf_fail_memory(diag);
}

void mf_execution_end(mf_execution *x)
{
    struct mf_execution_state *s = x->state;
    x->state = NULL;
    if (!s)
        return;
    for (size_t i = 0; s->maps && i <= x->network->n_layers; i++)
        mf_held_drop(&s->maps[i]);
    for (size_t i = 0; s->weights && i < x->network->n_layers; i++)
        mf_held_drop(&s->weights[i]);
    mf_arena_destroy(s->arena);
    free(s->maps);
    free(s->weights);
    free(s);
}

mf_status mf_execution_finish(mf_execution *x, mf_diag *diag)
{
    if (x->n_layers != x->network->n_layers)
        return mf_fail(diag, MF_INVALID, "%" PRIu64 " of %zu layers were run", x->n_layers,
                       x->network->n_layers);
    mf_analytic_sum(x->basis, x->account);
    return MF_OK;
}
