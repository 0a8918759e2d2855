/* What a schedule is, and whether it is one. */
#include "sim/schedule.h"

#include <inttypes.h>

mf_status mf_schedule_layer_by_layer(const mf_network *network, mf_arena *arena,
                                     mf_schedule *schedule, mf_diag *diag)
{
    size_t n = network->n_layers;
    *schedule = (mf_schedule){.network = network,
                              .segments = MF_NEW_ARRAY(arena, mf_segment, n),
                              .n_segments = n,
                              .stays = MF_NEW_ARRAY(arena, bool, n),
                              .recomputes = MF_NEW_ARRAY(arena, bool, n),
                              .weights_stay = MF_NEW_ARRAY(arena, bool, n),
                              .last_reader = MF_NEW_ARRAY(arena, size_t, n)};
    if (!schedule->segments || !schedule->stays || !schedule->recomputes ||
        !schedule->weights_stay || !schedule->last_reader)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        schedule->segments[i] = (mf_segment){i, 1, network->layers[i].shape.e, false};
        schedule->last_reader[i] = i;
        for (size_t k = 0; k < network->layers[i].n_inputs; k++)
            if (network->layers[i].input[k] >= 0)
                schedule->last_reader[network->layers[i].input[k]] = i;
    }
    return MF_OK;
}

uint64_t mf_segment_bands(const mf_network *network, const mf_segment *s)
{
    return (network->layers[s->first + s->n_layers - 1].shape.e + s->rows - 1) / s->rows;
}

/* Does anybody read the map of layer `map`? */
static bool is_read(const mf_network *network, size_t map)
{
    for (size_t i = map + 1; i < network->n_layers; i++)
        for (size_t k = 0; k < network->layers[i].n_inputs; k++)
            if (network->layers[i].input[k] == (int)map)
                return true;
    return false;
}

bool mf_schedule_can_hold(const mf_network *network, size_t i, size_t k)
{
    const mf_layer *layer = &network->layers[i];
    int map = layer->input[k];
    return map >= MF_NETWORK_INPUT &&
           mf_layer_input_words(layer, k) ==
               mf_map_rows(network, map) * mf_map_row_words(network, map);
}

/* ---- checks ------------------------------------------------------------------------------------
 */

static mf_status check_segments(const mf_schedule *s, mf_diag *diag)
{
    const mf_network *network = s->network;
    size_t next = 0;
    for (size_t i = 0; i < s->n_segments; i++) {
        const mf_segment *segment = &s->segments[i];
        if (segment->first < next && next > 0)
            return mf_fail(diag, MF_INVALID, "segment %zu: layer %s is in segment %zu already", i,
                           network->layers[segment->first].name, i - 1);
        if (segment->first != next || segment->n_layers == 0 ||
            segment->n_layers > network->n_layers - next)
            return mf_fail(diag, MF_INVALID,
                           "segment %zu: layer %s comes next, and is in no segment", i,
                           next < network->n_layers ? network->layers[next].name : "none");
        next += segment->n_layers;
        const mf_layer *last = &network->layers[next - 1];
        if (segment->rows < 1 || segment->rows > last->shape.e)
            return mf_fail(diag, MF_INVALID,
                           "segment %zu: a band of %" PRIu64 " rows of %s, which has %" PRIu64, i,
                           segment->rows, last->name, last->shape.e);
    }
    if (next < network->n_layers)
        return mf_fail(diag, MF_INVALID, "layer %s is in no segment", network->layers[next].name);
    return MF_OK;
}

static mf_status check_homes(const mf_schedule *s, const mf_segment *segment, mf_diag *diag)
{
    const mf_network *network = s->network;
    size_t end = segment->first + segment->n_layers;
    for (size_t i = segment->first; i < end; i++) {
        const char *name = network->layers[i].name;
        size_t last = s->last_reader[i];
        if (s->stays[i] && last < end)
            return mf_fail(diag, MF_INVALID,
                           "the map of %s stays in the buffer, but no later segment reads it",
                           name);
        if (s->recomputes[i] && (last == i || last >= end))
            return mf_fail(diag, MF_INVALID, "the halo of %s cannot be made again: %s", name,
                           last == i ? "nobody reads it" : "a later segment reads the map, too");
        if (s->weights_stay[i] && !mf_layer_has_weights(&network->layers[i]))
            return mf_fail(diag, MF_INVALID, "layer %s has no weights that could stay", name);
    }
    return MF_OK;
}

/* Who reads a map in the buffer must read it as it was written. */
static mf_status check_readers(const mf_schedule *s, const mf_segment *segment, mf_diag *diag)
{
    const mf_network *network = s->network;
    for (size_t i = segment->first; i < segment->first + segment->n_layers; i++)
        for (size_t k = 0; k < network->layers[i].n_inputs; k++) {
            int map = network->layers[i].input[k];
            bool inside = map >= (int)segment->first, held = map >= 0 && (inside || s->stays[map]);
            if (held && !mf_schedule_can_hold(network, i, k))
                return mf_fail(diag, MF_INVALID,
                               "layer %s reads the map of %s as another than it was written, so "
                               "it has to go through DRAM between two segments",
                               network->layers[i].name, network->layers[map].name);
        }
    return MF_OK;
}

mf_status mf_schedule_check(const mf_schedule *s, mf_diag *diag)
{
    MF_TRY(check_segments(s, diag));
    for (size_t i = 0; i < s->n_segments; i++) {
        MF_TRY(check_homes(s, &s->segments[i], diag));
        MF_TRY(check_readers(s, &s->segments[i], diag));
    }
    return MF_OK;
}

/* ---- the least ---------------------------------------------------------------------------------
 */

/* Positions along one direction that windows touch at all. */
static uint64_t touched(const mf_axis *axis, uint64_t outputs)
{
    uint64_t n = 0;
    if (axis->kernel >= axis->stride)
        return mf_rows_count(mf_axis_reads(axis, (mf_rows){0, outputs}));
    for (uint64_t i = 0; i < outputs; i++)
        n += mf_rows_count(mf_axis_reads(axis, (mf_rows){i, i + 1}));
    return n;
}

uint64_t mf_schedule_input_words(const mf_network *network, size_t i, size_t k)
{
    const mf_layer *layer = &network->layers[i];
    const mf_shape *s = &layer->shape;
    mf_axis rows = mf_axis_rows(s), columns = mf_axis_columns(s);
    if (!mf_schedule_can_hold(network, i, k) || !mf_layer_has_weights(layer))
        return mf_layer_input_words(layer, k);
    return s->n * layer->input_channels[k] * touched(&rows, s->e) * touched(&columns, s->f);
}

mf_compulsory mf_schedule_compulsory(const mf_network *network)
{
    mf_compulsory c = {0, 0, 0};
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_layer *layer = &network->layers[i];
        if (mf_layer_has_weights(layer))
            c.weight_words += mf_shape_weights(&layer->shape);
        if (!is_read(network, i))
            c.output_words += mf_shape_ofmap(&layer->shape);
        for (size_t k = 0; k < layer->n_inputs; k++)
            if (layer->input[k] == MF_NETWORK_INPUT) {
                uint64_t words = mf_schedule_input_words(network, i, k);
                c.input_words = words > c.input_words ? words : c.input_words;
            }
    }
    return c;
}
