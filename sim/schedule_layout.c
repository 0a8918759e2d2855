/* Backwards through the layers: which rows each band needs of each map. Then what holds them. */
#include "sim/schedule_layout.h"

#include <stdint.h>

typedef struct maker {
    const mf_schedule *schedule;
    const mf_network *network;
    const mf_segment *segment;
    mf_arena *arena;
    mf_layout *layout;
    size_t end; /* behind the segment's last layer */
} maker;

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static size_t task_of(const maker *m, uint64_t band, size_t layer)
{
    return (size_t)band * m->segment->n_layers + layer - m->segment->first;
}

static mf_rows *made(const maker *m, uint64_t band, size_t layer)
{
    return &m->layout->tasks[task_of(m, band, layer)].made;
}

/* Go on to the next layer of the segment, and its input, that reads `map`; start with (first, 0). */
static bool next_reader(const maker *m, int map, size_t *layer, size_t *input)
{
    for (; *layer < m->end; ++*layer, *input = 0)
        for (const mf_layer *l = &m->network->layers[*layer]; *input < l->n_inputs; ++*input)
            if (l->input[*input] == map)
                return true;
    return false;
}

static bool is_read(const maker *m, int map)
{
    size_t layer = m->segment->first, input = 0;
    return next_reader(m, map, &layer, &input);
}

/* Rows of a map that its readers need up to this band. */
static uint64_t needed_end(const maker *m, int map, uint64_t band)
{
    uint64_t end = 0;
    size_t k = 0;
    for (size_t i = m->segment->first; next_reader(m, map, &i, &k); k++) {
        uint64_t upto = made(m, band, i)->end;
        if (upto)
            end = larger(end, mf_layer_reads_rows(m->network, i, k, (mf_rows){upto - 1, upto}).end);
    }
    return end;
}

/* The first row that a reader needs for this band; UINT64_MAX where none reads. */
static uint64_t needed_begin(const maker *m, int map, uint64_t band)
{
    uint64_t begin = UINT64_MAX;
    size_t k = 0;
    for (size_t i = m->segment->first; next_reader(m, map, &i, &k); k++) {
        mf_rows own = *made(m, band, i);
        if (!mf_rows_count(own))
            continue;
        mf_rows read = mf_layer_reads_rows(m->network, i, k, own);
        if (mf_rows_count(read))
            begin = smaller(begin, read.begin);
    }
    return begin;
}

/* Up to which row does layer `i` make its map in this band? */
static uint64_t end_of(const maker *m, size_t i, uint64_t band)
{
    uint64_t rows = m->network->layers[i].shape.e, n = m->layout->n_bands;
    if (band + 1 == n)
        return rows;
    if (i + 1 == m->end)
        return (band + 1) * m->segment->rows;
    if (is_read(m, (int)i))
        return needed_end(m, (int)i, band);
    return (rows * (band + 1) + n - 1) / n; /* for later segments alone: evenly */
}

static void fill_tasks(const maker *m)
{
    for (size_t i = m->end; i-- > m->segment->first;) {
        uint64_t before = 0;
        for (uint64_t b = 0; b < m->layout->n_bands; b++) {
            mf_rows *rows = made(m, b, i);
            rows->end = larger(before, end_of(m, i, b));
            rows->begin = before;
            if (m->schedule->recomputes[i])
                rows->begin = smaller(before, needed_begin(m, (int)i, b));
            before = rows->end;
        }
    }
}

/* ---- regions -----------------------------------------------------------------------------------
 */

/* The last task that reads a map; 0 where none does. */
static size_t last_reading(const maker *m, int map)
{
    size_t last = 0, k = 0;
    for (size_t i = m->segment->first; next_reader(m, map, &i, &k); k++)
        for (uint64_t b = m->layout->n_bands; b-- > 0;)
            if (mf_rows_count(*made(m, b, i))) {
                last = (size_t)larger(last, task_of(m, b, i));
                break;
            }
    return last;
}

/* The first and the last task of a layer that have something to do. */
static void working(const maker *m, size_t layer, size_t *first, size_t *last)
{
    *first = SIZE_MAX;
    *last = 0;
    for (uint64_t b = 0; b < m->layout->n_bands; b++)
        if (mf_rows_count(*made(m, b, layer))) {
            *last = task_of(m, b, layer);
            *first = *first == SIZE_MAX ? *last : *first;
        }
}

static mf_region *add(const maker *m, mf_region_kind kind, int layer, uint64_t rows, uint64_t words)
{
    mf_region *region = &m->layout->regions[m->layout->n_regions++];
    *region = (mf_region){.kind = kind, .layer = layer, .rows = rows, .words = words};
    return region;
}

/* Most rows of a map that are held at once, if after each band `b` rows up to ends[b] are there. */
static uint64_t most_held(const maker *m, int map, const uint64_t *ends)
{
    uint64_t low = UINT64_MAX, most = 0;
    for (uint64_t b = m->layout->n_bands; b-- > 0;) {
        low = smaller(low, needed_begin(m, map, b));
        if (ends[b] > low)
            most = larger(most, ends[b] - low);
    }
    return most;
}

static mf_status add_ring(const maker *m, size_t i, mf_diag *diag)
{
    uint64_t n = m->layout->n_bands, rows = 0, *ends = MF_NEW_ARRAY(m->arena, uint64_t, n);
    size_t last;
    if (!ends)
        return mf_fail_memory(diag);
    for (uint64_t b = 0; b < n; b++) {
        ends[b] = made(m, b, i)->end;
        if (m->schedule->recomputes[i])
            rows = larger(rows, mf_rows_count(*made(m, b, i)));
    }
    if (!m->schedule->recomputes[i])
        rows = most_held(m, (int)i, ends);
    mf_region *region =
        add(m, MF_REGION_RING, (int)i, rows, rows * mf_map_row_words(m->network, (int)i));
    working(m, i, &region->begin, &last);
    region->end = 1 + (size_t)larger(last, last_reading(m, (int)i));
    return MF_OK;
}

/* The layer of the segment that reads of a map first in this band. */
static size_t loader_of(const maker *m, int map, uint64_t band)
{
    size_t i = m->segment->first, k = 0;
    while (next_reader(m, map, &i, &k) && !mf_rows_count(*made(m, band, i)))
        k++;
    return task_of(m, band, i);
}

static mf_status add_loaded(const maker *m, int map, mf_diag *diag)
{
    uint64_t n = m->layout->n_bands, before = 0, *ends = MF_NEW_ARRAY(m->arena, uint64_t, n);
    mf_rows *loaded = MF_NEW_ARRAY(m->arena, mf_rows, n);
    size_t *loader = MF_NEW_ARRAY(m->arena, size_t, n), first = SIZE_MAX;
    if (!ends || !loaded || !loader)
        return mf_fail_memory(diag);
    for (uint64_t b = 0; b < n; b++) {
        ends[b] = larger(before, needed_end(m, map, b));
        loaded[b] = (mf_rows){before, ends[b]};
        loader[b] = loader_of(m, map, b);
        if (first == SIZE_MAX && ends[b])
            first = loader[b];
        before = ends[b];
    }
    uint64_t rows = most_held(m, map, ends);
    mf_region *region =
        add(m, MF_REGION_LOADED, map, rows, rows * mf_map_row_words(m->network, map));
    region->begin = first;
    region->end = 1 + last_reading(m, map);
    region->loaded = loaded;
    region->loader = loader;
    return MF_OK;
}

/* A map that stays: made here, found here, or passing through. */
static void add_whole(const maker *m, size_t map)
{
    const mf_network *network = m->network;
    size_t reader = m->schedule->last_reader[map], last;
    if (!m->schedule->stays[map] || reader < m->segment->first)
        return;
    uint64_t rows = mf_map_rows(network, (int)map);
    mf_region *region =
        add(m, MF_REGION_WHOLE, (int)map, rows, rows * mf_map_row_words(network, (int)map));
    if (map >= m->segment->first)
        working(m, map, &region->begin, &last);
    region->end = reader < m->end ? 1 + last_reading(m, (int)map) : m->layout->n_tasks;
}

/* Maps from DRAM that bands share, each once. */
static mf_status add_inputs(const maker *m, mf_diag *diag)
{
    const mf_segment *g = m->segment;
    if (m->layout->n_bands == 1 || g->rereads)
        return MF_OK;
    for (size_t i = g->first; i < m->end; i++)
        for (size_t k = 0; k < m->network->layers[i].n_inputs; k++) {
            int map = m->network->layers[i].input[k];
            bool outside = map < (int)g->first && map >= MF_NETWORK_INPUT;
            if (outside && !mf_layout_map(m->layout, map) && mf_schedule_can_hold(m->network, i, k))
                MF_TRY(add_loaded(m, map, diag));
        }
    return MF_OK;
}

static mf_status add_regions(const maker *m, mf_diag *diag)
{
    for (size_t map = 0; map < m->end; map++)
        add_whole(m, map);
    for (size_t i = m->segment->first; i < m->end; i++) {
        if (!m->schedule->stays[i] && is_read(m, (int)i))
            MF_TRY(add_ring(m, i, diag));
        if (!m->schedule->weights_stay[i])
            continue;
        size_t last;
        mf_region *region =
            add(m, MF_REGION_WEIGHTS, (int)i, 0, mf_shape_weights(&m->network->layers[i].shape));
        working(m, i, &region->begin, &last);
        region->end = last + 1;
    }
    return add_inputs(m, diag);
}

mf_status mf_layout_make(const mf_schedule *schedule, const mf_segment *segment, mf_arena *arena,
                         mf_layout *layout, mf_diag *diag)
{
    const mf_network *network = schedule->network;
    uint64_t n_bands = mf_segment_bands(network, segment);
    size_t end = segment->first + segment->n_layers, n_tasks = (size_t)n_bands * segment->n_layers;
    *layout = (mf_layout){.segment = segment,
                          .n_bands = n_bands,
                          .n_tasks = n_tasks,
                          .tasks = MF_NEW_ARRAY(arena, mf_layer_task, n_tasks),
                          /* each map before the end, weights, and the network's input */
                          .regions = MF_NEW_ARRAY(arena, mf_region, end + segment->n_layers + 1)};
    if (!layout->tasks || !layout->regions)
        return mf_fail_memory(diag);
    maker m = {schedule, network, segment, arena, layout, end};
    fill_tasks(&m);
    return add_regions(&m, diag);
}

/* ---- questions ---------------------------------------------------------------------------------
 */

const mf_layer_task *mf_layout_task(const mf_layout *layout, uint64_t band, size_t layer)
{
    return &layout
                ->tasks[(size_t)band * layout->segment->n_layers + layer - layout->segment->first];
}

static const mf_region *find(const mf_layout *layout, bool weights, int layer)
{
    for (size_t i = 0; i < layout->n_regions; i++)
        if (layout->regions[i].layer == layer &&
            (layout->regions[i].kind == MF_REGION_WEIGHTS) == weights)
            return &layout->regions[i];
    return NULL;
}

const mf_region *mf_layout_map(const mf_layout *layout, int map)
{
    return find(layout, false, map);
}

const mf_region *mf_layout_weights(const mf_layout *layout, size_t layer)
{
    return find(layout, true, (int)layer);
}

uint64_t mf_layout_recomputed_rows(const mf_schedule *schedule, const mf_layout *layout,
                                   size_t layer)
{
    uint64_t rows = 0;
    for (uint64_t b = 0; b < layout->n_bands; b++)
        rows += mf_rows_count(mf_layout_task(layout, b, layer)->made);
    return rows - schedule->network->layers[layer].shape.e;
}

uint64_t mf_layout_words(const mf_layout *layout, size_t task)
{
    uint64_t words = 0;
    for (size_t i = 0; i < layout->n_regions; i++)
        if (layout->regions[i].begin <= task && task < layout->regions[i].end)
            words += layout->regions[i].words;
    return words;
}

uint64_t mf_layout_peak_words(const mf_layout *layout)
{
    uint64_t peak = 0;
    for (size_t i = 0; i < layout->n_tasks; i++)
        peak = larger(peak, mf_layout_words(layout, i));
    return peak;
}
