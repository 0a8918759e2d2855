/* The closed forms. A nest's steps are the product of what its dimensions do on their own, so every
 * count is a product of sums over one dimension, or over E with R and F with S for the ifmap. */
#include "dataflows/reuse.h"

#include <inttypes.h>

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- one dimension -----------------------------------------------------------------------------
 */

/* Array tiles of one buffer tile of `size` steps, `times` over. */
static void add_array_tiles(mf_split *split, uint64_t size, uint64_t reg, uint64_t columns,
                            uint64_t rows, uint64_t times)
{
    uint64_t full = size / rows, rest = size % rows;
    split->n[2] += times * (full + (rest > 0));
    split->pes[1] += times * ceil_div(least(rows, size), reg);
    split->pes[2] += times * (full * ceil_div(rows, reg) + ceil_div(rest, reg));
    split->pe_rows[1] += times * ceil_div(least(rows, size), columns);
    split->pe_rows[2] += times * (full * ceil_div(rows, columns) + ceil_div(rest, columns));
    split->macs += times * (full * reg + least(rest, reg));
}

mf_split mf_split_of(uint32_t size, uint32_t reg, uint32_t columns, uint32_t rows, uint32_t buffer)
{
    mf_split split = {.moves = {size > buffer, buffer > rows}, .spread = rows > reg};
    uint32_t full = size / buffer, rest = size % buffer;
    split.n[0] = 1;
    split.n[1] = full + (rest > 0);
    split.pes[0] = ceil_div(rows, reg);
    split.pe_rows[0] = ceil_div(rows, columns);
    add_array_tiles(&split, buffer, reg, columns, rows, full);
    if (rest)
        add_array_tiles(&split, rest, reg, columns, rows, 1);
    return split;
}

/* ---- footprints --------------------------------------------------------------------------------
 */

/* E and R, or F and S: `extent` is H or W. */
typedef struct axis {
    int out, kernel;
    uint32_t extent, pad, stride;
    const mf_work *work;
    const mf_mapping *mapping;
} axis;

/* The level whose tiles are of this grain, within an array tile. */
static mf_tile_level innermost_of(mf_grain grain)
{
    return grain == MF_GRAIN_PE_ROW ? MF_COLUMNS : MF_REGISTER;
}

/* Where the tile of grain `grain` that begins at `begin` ends. */
static uint32_t tile_end(const axis *a, int d, mf_grain grain, uint32_t begin)
{
    uint32_t buffer = a->mapping->tile[MF_BUFFER][d], rows = a->mapping->tile[MF_ROWS][d],
             own = a->mapping->tile[innermost_of(grain)][d], end = a->work->size[d];
    if (grain == MF_GRAIN_WHOLE)
        return end;
    uint32_t base = begin / buffer * buffer;
    end = base + buffer < end ? base + buffer : end;
    if (grain == MF_GRAIN_BUFFER)
        return end;
    base += (begin - base) / rows * rows;
    end = base + rows < end ? base + rows : end;
    if (grain == MF_GRAIN_ARRAY)
        return end;
    base += (begin - base) / own * own;
    return base + own < end ? base + own : end;
}

/* How many of the outputs e0 <= e < e1 does kernel position r connect to the input? */
static uint64_t outputs_inside(const axis *a, uint32_t e0, uint32_t e1, uint32_t r)
{
    if (a->extent + a->pad <= r)
        return 0;
    uint64_t first = a->pad > r ? ceil_div(a->pad - r, a->stride) : 0,
             last = (a->extent + a->pad - 1 - r) / a->stride + 1;
    first = first > e0 ? first : e0;
    last = last < e1 ? last : e1;
    return last > first ? last - first : 0;
}

/* Input positions that outputs [e0, e1) touch through kernel positions [r0, r1). */
static uint64_t footprint(const axis *a, uint32_t e0, uint32_t e1, uint32_t r0, uint32_t r1)
{
    uint64_t touched = 0;
    if (a->stride >= r1 - r0) { /* windows do not overlap */
        for (uint32_t r = r0; r < r1; r++)
            touched += outputs_inside(a, e0, e1, r);
        return touched;
    }
    uint64_t low = (uint64_t)a->stride * e0 + r0, high = (uint64_t)a->stride * (e1 - 1) + r1;
    low = low > a->pad ? low : a->pad;
    high = least(high, (uint64_t)a->pad + a->extent);
    return high > low ? high - low : 0;
}

/* Where the tile of grain `grain` that holds `at` begins. */
static uint32_t tile_begin(const axis *a, int d, mf_grain grain, uint32_t at)
{
    const int levels[] = {-1, MF_BUFFER, MF_ROWS, innermost_of(grain)};
    uint32_t begin = 0;
    for (int g = MF_GRAIN_BUFFER; g <= (int)grain && g <= MF_GRAIN_OWN; g++) {
        uint32_t tile = a->mapping->tile[levels[g]][d];
        begin += (at - begin) / tile * tile;
    }
    return begin;
}

/* Tiles of grain `grain` along a dimension. */
static uint64_t count_tiles(const axis *a, int d, mf_grain grain)
{
    const mf_mapping *m = a->mapping;
    mf_split split = mf_split_of(a->work->size[d], m->tile[MF_REGISTER][d], m->tile[MF_COLUMNS][d],
                                 m->tile[MF_ROWS][d], m->tile[MF_BUFFER][d]);
    return grain == MF_GRAIN_PE       ? split.pes[2]
           : grain == MF_GRAIN_PE_ROW ? split.pe_rows[2]
                                      : split.n[grain];
}

/* What one tile of outputs adds to a sum: less than nominal where it hangs over into the padding.
 */
static bool at_edge(const axis *a, uint32_t e0, uint32_t e1, uint32_t r0, uint32_t r1,
                    uint64_t *missing, uint64_t *largest)
{
    uint64_t nominal = a->stride >= r1 - r0 ? (uint64_t)(e1 - e0) * (r1 - r0)
                                            : (uint64_t)a->stride * (e1 - e0 - 1) + (r1 - r0);
    uint64_t words = footprint(a, e0, e1, r0, r1);
    *missing += nominal - words;
    *largest = words > *largest ? words : *largest;
    return words < nominal;
}

/* The sum over all tiles of outputs with one tile of the kernel: the nominal sum follows from the
 * number of tiles; only those at both ends, up to the first that touches no padding, are looked at.
 */
static uint64_t sum_outputs(const axis *a, mf_grain grain, uint64_t n_tiles, uint32_t r0,
                            uint32_t r1, uint64_t *largest)
{
    uint32_t size = a->work->size[a->out], full = tile_end(a, a->out, grain, 0), e0, e1;
    uint64_t missing = 0, nominal = a->stride >= r1 - r0 ? (uint64_t)size * (r1 - r0)
                                                         : (uint64_t)a->stride * size -
                                                               (uint64_t)a->stride * n_tiles +
                                                               (uint64_t)(r1 - r0) * n_tiles;
    for (e0 = 0; e0 < size; e0 = e1) {
        e1 = tile_end(a, a->out, grain, e0);
        if (!at_edge(a, e0, e1, r0, r1, &missing, largest) && e1 - e0 == full)
            break;
    }
    uint32_t seen = e0 < size ? e1 : size; /* from the end back to there */
    for (e1 = size; e1 > seen; e1 = e0) {
        e0 = tile_begin(a, a->out, grain, e1 - 1);
        if (!at_edge(a, e0, e1, r0, r1, &missing, largest))
            break;
    }
    return nominal - missing;
}

static uint64_t sum_footprints(const axis *a, mf_grain out_grain, mf_grain kernel_grain,
                               uint64_t *largest)
{
    uint64_t sum = 0, most = 0, n_tiles = count_tiles(a, a->out, out_grain);
    uint32_t n_kernel = a->work->size[a->kernel];
    for (uint32_t r0 = 0, r1; r0 < n_kernel; r0 = r1) {
        r1 = tile_end(a, a->kernel, kernel_grain, r0);
        sum += sum_outputs(a, out_grain, n_tiles, r0, r1, &most);
    }
    *largest = most;
    return sum;
}

/* The sums over rows of PEs; those over array tiles, or over PEs, where tiles are the same. */
static void sum_pe_rows(const axis *a, mf_halo *halo)
{
    const int d[] = {a->out, a->kernel};
    bool as_array = true, as_pe = true;
    uint64_t largest;
    for (int i = 0; i < 2; i++) {
        uint32_t columns = a->mapping->tile[MF_COLUMNS][d[i]];
        as_array = as_array && columns == a->mapping->tile[MF_ROWS][d[i]];
        as_pe = as_pe && columns == a->mapping->tile[MF_REGISTER][d[i]];
    }
    for (int grain = MF_GRAIN_WHOLE; grain <= MF_GRAIN_OWN; grain++)
        if (as_pe)
            halo->pe_row[grain] = halo->pe[grain];
        else if (as_array)
            halo->pe_row[grain] = halo->array[grain < MF_GRAIN_OWN ? grain : MF_GRAIN_ARRAY];
        else
            halo->pe_row[grain] =
                sum_footprints(a, grain < MF_GRAIN_OWN ? (mf_grain)grain : MF_GRAIN_PE_ROW,
                               MF_GRAIN_PE_ROW, &largest);
}

mf_halo mf_halo_of(const mf_work *work, const mf_mapping *mapping, bool rows, bool by_pe_row)
{
    axis a = {rows ? MF_E : MF_F,
              rows ? MF_R : MF_S,
              rows ? work->h : work->w,
              rows ? work->pad_rows : work->pad_columns,
              work->stride,
              work,
              mapping};
    mf_halo halo = {0};
    for (int grain = MF_GRAIN_WHOLE; grain <= MF_GRAIN_PE; grain++) {
        mf_grain out = (mf_grain)grain;
        if (out <= MF_GRAIN_BUFFER)
            halo.buffer[out] = sum_footprints(&a, out, MF_GRAIN_BUFFER, &halo.largest[MF_BUFFER]);
        if (out <= MF_GRAIN_ARRAY)
            halo.array[out] = sum_footprints(&a, out, MF_GRAIN_ARRAY, &halo.largest[MF_ROWS]);
        halo.pe[out] = sum_footprints(&a, out, MF_GRAIN_PE, &halo.largest[MF_REGISTER]);
    }
    if (by_pe_row)
        sum_pe_rows(&a, &halo);
    for (uint32_t r = 0; r < work->size[a.kernel]; r++)
        halo.inside += outputs_inside(&a, 0, work->size[a.out], r);
    return halo;
}

/* ---- the nest ----------------------------------------------------------------------------------
 */

/* What keeps a tensor's tile alive: per dimension, how many of its loops are outside the innermost
 * loop that replaces the tile, or are that loop. */
typedef struct residency {
    int loop;  /* dimension of that innermost loop, -1 if there is none */
    int level; /* mf_loop_level it is on */
    uint8_t scope[MF_N_DIMENSIONS];
} residency;

static residency residency_of(const mf_mapping *mapping, const mf_split *split, unsigned depends,
                              mf_loop_level innermost)
{
    residency found = {.loop = -1};
    for (int level = (int)innermost; level >= 0; level--) {
        const uint8_t *order = mapping->order[level];
        for (int i = MF_N_DIMENSIONS - 1; i >= 0; i--) {
            if (!(depends & MF_BIT(order[i])) || !split[order[i]].moves[level])
                continue;
            found.loop = order[i];
            found.level = level;
            for (int k = 0; k < MF_N_DIMENSIONS; k++)
                found.scope[order[k]] = (uint8_t)(level + (k <= i));
            return found;
        }
    }
    return found;
}

/* Times that dimensions the tensor does not depend on bring its tiles along: to the array, to
 * each row of PEs, to each PE. */
typedef enum destination { EACH_TILE, EACH_PE_ROW, EACH_PE } destination;

static uint64_t repeats(const mf_split *split, const residency *r, unsigned depends, destination to)
{
    uint64_t times = 1;
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        const uint64_t *const n[] = {split[d].n, split[d].pe_rows, split[d].pes};
        if (!(depends & MF_BIT(d)))
            times *= n[to][r->scope[d]];
    }
    return times;
}

/* Tiles of the dimensions the tensor does depend on. */
static uint64_t tiles(const mf_split *split, unsigned depends, int scope)
{
    uint64_t n = 1;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (depends & MF_BIT(d))
            n *= split[d].n[scope];
    return n;
}

/* The grain of E or F over which a sum of footprints runs: its own, or coarser if the tile slides.
 */
static int grain(const residency *r, int d, int own, bool slides)
{
    if (!slides || r->loop != d)
        return own;
    return r->level == MF_DRAM_LOOPS ? MF_GRAIN_WHOLE : MF_GRAIN_BUFFER;
}

void mf_reuse_flow(int tensor, bool bypass_buffer, uint64_t words, uint64_t array_words,
                   uint64_t deliveries, uint64_t buffer_words, mf_counts *counts)
{
    mf_flow *flow = &counts->flow[tensor];
    flow->deliveries = deliveries;
    if (tensor == MF_PSUM) { /* written back each time, and read before unless it is the first */
        counts->psum_hops = deliveries - array_words;
        flow->bus_words = flow->row_words = array_words + (array_words - words);
        flow->dram_writes = bypass_buffer ? array_words : buffer_words;
        flow->dram_reads = flow->dram_writes - words;
        flow->buffer_writes = bypass_buffer ? 0 : array_words + flow->dram_reads;
        flow->buffer_reads = bypass_buffer ? 0 : array_words - words + flow->dram_writes;
        return;
    }
    flow->bus_words = array_words;
    flow->dram_reads = bypass_buffer ? array_words : buffer_words;
    flow->buffer_writes = bypass_buffer ? 0 : buffer_words;
    flow->buffer_reads = bypass_buffer ? 0 : array_words;
}

static void count_ifmap(const mf_work *work, const mf_mapping *mapping, bool slide_buffer,
                        const mf_split *split, const mf_halo *rows, const mf_halo *columns,
                        mf_counts *counts)
{
    unsigned depends = mf_tensor_dimensions(MF_IFMAP);
    uint64_t planes = (uint64_t)work->size[MF_N] * work->size[MF_G] * work->size[MF_C];
    residency r = residency_of(mapping, split, depends, MF_BUFFER_LOOPS),
              outer = residency_of(mapping, split, depends, MF_DRAM_LOOPS);
    bool slide_e = !split[MF_E].spread && !split[MF_R].spread,
         slide_f = !split[MF_F].spread && !split[MF_S].spread;
    counts->flow[MF_IFMAP].loads =
        tiles(split, depends, 2) * repeats(split, &r, depends, EACH_TILE);
    mf_reuse_flow(MF_IFMAP, mapping->bypass_buffer[MF_IFMAP], planes,
                  planes * rows->array[grain(&r, MF_E, MF_GRAIN_ARRAY, slide_e)] *
                      columns->array[grain(&r, MF_F, MF_GRAIN_ARRAY, slide_f)] *
                      repeats(split, &r, depends, EACH_TILE),
                  planes * rows->pe[grain(&r, MF_E, MF_GRAIN_OWN, slide_e)] *
                      columns->pe[grain(&r, MF_F, MF_GRAIN_OWN, slide_f)] *
                      repeats(split, &r, depends, EACH_PE),
                  planes * rows->buffer[grain(&outer, MF_E, MF_GRAIN_BUFFER, slide_buffer)] *
                      columns->buffer[grain(&outer, MF_F, MF_GRAIN_BUFFER, slide_buffer)] *
                      repeats(split, &outer, depends, EACH_TILE),
                  counts);
    counts->flow[MF_IFMAP].row_words = planes *
                                       rows->pe_row[grain(&r, MF_E, MF_GRAIN_OWN, slide_e)] *
                                       columns->pe_row[grain(&r, MF_F, MF_GRAIN_OWN, slide_f)] *
                                       repeats(split, &r, depends, EACH_PE_ROW);
}

/* Weights and psums: no halo. */
static void count_plain(const mf_work *work, const mf_mapping *mapping, const mf_split *split,
                        int tensor, mf_counts *counts)
{
    unsigned depends = mf_tensor_dimensions(tensor);
    uint64_t words = 1;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (depends & MF_BIT(d))
            words *= work->size[d];
    residency r = residency_of(mapping, split, depends, MF_BUFFER_LOOPS),
              outer = residency_of(mapping, split, depends, MF_DRAM_LOOPS);
    counts->flow[tensor].loads = tiles(split, depends, 2) * repeats(split, &r, depends, EACH_TILE);
    mf_reuse_flow(tensor, mapping->bypass_buffer[tensor], words,
                  words * repeats(split, &r, depends, EACH_TILE),
                  words * repeats(split, &r, depends, EACH_PE),
                  words * repeats(split, &outer, depends, EACH_TILE), counts);
    if (tensor == MF_WEIGHT)
        counts->flow[tensor].row_words = words * repeats(split, &r, depends, EACH_PE_ROW);
}

void mf_reuse_combine(const mf_work *work, const mf_mapping *mapping, bool slide_buffer,
                      const mf_contributions *contributions, mf_counts *counts)
{
    const mf_split *split = contributions->split;
    const mf_halo *rows = &contributions->rows, *columns = &contributions->columns;
    *counts = (mf_counts){.n_macs = 1, .n_steps = 1, .n_compute_cycles = 1};
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        counts->n_macs *= work->size[d];
        counts->n_steps *= split[d].n[2];
        counts->n_compute_cycles *= split[d].macs;
    }
    counts->n_padded_macs = counts->n_macs - (uint64_t)work->size[MF_N] * work->size[MF_G] *
                                                 work->size[MF_M] * work->size[MF_C] *
                                                 rows->inside * columns->inside;
    count_ifmap(work, mapping, slide_buffer, split, rows, columns, counts);
    count_plain(work, mapping, split, MF_WEIGHT, counts);
    count_plain(work, mapping, split, MF_PSUM, counts);
}

void mf_splits_of(const mf_work *work, const mf_mapping *mapping, mf_split *split)
{
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        split[d] =
            mf_split_of(work->size[d], mapping->tile[MF_REGISTER][d], mapping->tile[MF_COLUMNS][d],
                        mapping->tile[MF_ROWS][d], mapping->tile[MF_BUFFER][d]);
}

uint64_t mf_active_pes(const mf_work *work, const mf_mapping *mapping)
{
    mf_split split[MF_N_DIMENSIONS];
    uint64_t pes = 1;
    mf_splits_of(work, mapping, split);
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        pes *= split[d].pes[0];
    return pes;
}

mf_contributions mf_contributions_of(const mf_work *work, const mf_mapping *mapping)
{
    mf_contributions c = {.rows = mf_halo_of(work, mapping, true, true),
                          .columns = mf_halo_of(work, mapping, false, true)};
    mf_splits_of(work, mapping, c.split);
    return c;
}

void mf_reuse_count(const mf_work *work, const mf_mapping *mapping, bool slide_buffer,
                    mf_counts *counts)
{
    mf_contributions contributions = mf_contributions_of(work, mapping);
    mf_reuse_combine(work, mapping, slide_buffer, &contributions, counts);
}

static void add_flow(mf_flow *sum, const mf_flow *f)
{
    sum->loads += f->loads;
    sum->dram_reads += f->dram_reads;
    sum->dram_writes += f->dram_writes;
    sum->buffer_reads += f->buffer_reads;
    sum->buffer_writes += f->buffer_writes;
    sum->bus_words += f->bus_words;
    sum->row_words += f->row_words;
    sum->deliveries += f->deliveries;
}

void mf_counts_add(mf_counts *sum, const mf_counts *c)
{
    sum->n_macs += c->n_macs;
    sum->n_padded_macs += c->n_padded_macs;
    sum->n_steps += c->n_steps;
    sum->n_compute_cycles += c->n_compute_cycles;
    sum->psum_hops += c->psum_hops;
    for (int t = 0; t < MF_N_TENSORS; t++)
        add_flow(&sum->flow[t], &c->flow[t]);
}
