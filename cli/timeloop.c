/* Timeloop has words of one width, one capacity and one price at a level, and ours differ by
 * tensor. So there is a level for each tensor at each place: dram_ifmap ... register_psum. Where a
 * tensor passes by the level that the array's words enter, Timeloop multiplies what a PE takes on
 * average by all PEs; so all tensors enter at one level, `pe`, which costs nothing. Our E and F are
 * its P and Q; groups are a dimension of their own. */
#include "cli/timeloop.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/timeloop_nest.h"
#include "dataflows/mapping_json.h"
#include "sim/area.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static const char letters[MF_N_DIMENSIONS + 1] = "NGMCPQRS";
static const char *const spaces[MF_N_TENSORS] = {"Inputs", "Weights", "Outputs"};

/* Where tensors are stored, from the outside in. */
typedef enum place { DRAM, BUFFER, REGISTER, N_PLACES } place;

static const struct {
    const char *name, *class;
    mf_level level;
    mf_timeloop_level factors; /* a tile there includes */
} places[N_PLACES] = {{"dram", "DRAM", MF_LEVEL_DRAM, MF_TIMELOOP_DRAM},
                      {"buffer", "SRAM", MF_LEVEL_GLOBAL_BUFFER, MF_TIMELOOP_BUFFER},
                      {"register", "regfile", MF_LEVEL_REGISTERS, MF_TIMELOOP_REGISTER}};

/* What is written, with the nest evened out and counted. */
typedef struct export
{
    const mf_mapped_layer *map;
    const mf_machine *machine;
    mf_mapping nest;
    unsigned changed; /* bits of dimensions that were evened out */
    mf_counts counts;
    mf_cost cost;
}
export;

/* ---- problem -----------------------------------------------------------------------------------
 */

static void write_origin(const export *e, mf_text *text)
{
    mf_text_puts(text, "# ");
    mf_escape_yaml(text, e->map->layer->name);
    mf_text_puts(text, " of ");
    mf_escape_yaml(text, e->map->network->name);
    mf_text_puts(text, " as ");
    mf_escape_yaml(text, e->map->op->name);
    mf_text_puts(text, " on ");
    mf_escape_yaml(text, e->map->account->setup->accelerator.name);
    mf_text_puts(text, "\n");
}

/* There is no padding in Timeloop: inputs are as large as the windows need. */
static mf_status write_problem(const export *e, mf_text *text, mf_diag *diag)
{
    const mf_work *work = &e->map->work;
    (void)diag;
    if (work->pad_rows || work->pad_columns)
        mf_text_printf(text,
                       "# Padding of %" PRIu32 " rows and %" PRIu32
                       " columns is data here; mulfree moves none of it.\n",
                       work->pad_rows, work->pad_columns);
    mf_text_puts(text, "problem:\n  shape:\n    name: GroupedConv\n"
                       "    dimensions: [ N, G, M, C, P, Q, R, S ]\n    coefficients:\n"
                       "    - name: Stride\n      default: 1\n    data-spaces:\n"
                       "    - name: Weights\n"
                       "      projection: [ [[G]], [[M]], [[C]], [[R]], [[S]] ]\n"
                       "    - name: Inputs\n"
                       "      projection: [ [[N]], [[G]], [[C]], [[R], [P, Stride]], "
                       "[[S], [Q, Stride]] ]\n"
                       "    - name: Outputs\n"
                       "      projection: [ [[N]], [[G]], [[M]], [[P]], [[Q]] ]\n"
                       "      read-write: True\n  instance:\n");
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        mf_text_printf(text, "    %c: %" PRIu32 "\n", letters[d], work->size[d]);
    mf_text_printf(text, "    Stride: %" PRIu32 "\n", work->stride);
    return MF_OK;
}

/* ---- architecture ------------------------------------------------------------------------------
 */

/* Does the tensor pass by that place? */
static bool is_bypassed(const export *e, place p, int tensor)
{
    return p == BUFFER && e->nest.bypass_buffer[tensor];
}

/* Words that fit, and how many tiles they are divided into. A tensor that bypasses the registers
 * has a latch. Timeloop's tiles include padding and full last tiles (timeloop_nest.h), and are not
 * refused for it. */
static uint64_t depth_of(const export *e, place p, int tensor, int *n_tiles)
{
    const mf_capacity *c = &e->machine->capacity;
    uint64_t bits = p == BUFFER ? c->buffer_bits : c->register_bits[tensor],
             tile = mf_timeloop_tile_words(&e->nest, &e->map->work, tensor, places[p].factors);
    *n_tiles = p == BUFFER && c->buffering[tensor] == MF_BUFFERING_DOUBLE ? 2 : 1;
    if (is_bypassed(e, p, tensor))
        tile = 1;
    uint64_t needed = tile * (uint64_t)*n_tiles,
             words = p == REGISTER && e->nest.bypass_register[tensor] ? 1 : bits / c->bits[tensor];
    words = words > needed ? words : needed;
    return words < UINT32_MAX ? words : UINT32_MAX;
}

static void write_rate(mf_text *text, const char *indent, const char *key, double words_per_cycle)
{
    if (words_per_cycle > 0 && isfinite(words_per_cycle))
        mf_text_printf(text, "%s    %s: %.12g\n", indent, key, words_per_cycle);
}

/* DRAM is shared: each tensor has the part of its rate that all its traffic needs in the time that
 * all traffic takes. Between buffer and array each tensor has a bus. */
static void write_rates(const export *e, mf_text *text, const char *indent, place p, int tensor)
{
    const mf_flow *flow = &e->counts.flow[tensor];
    const double *bus = e->machine->bus_cycles;
    if (p == DRAM)
        write_rate(text, indent, "shared_bandwidth",
                   (double)(flow->dram_reads + flow->dram_writes) /
                       e->cost.bound_cycles[MF_BOUND_DRAM]);
    if (p != BUFFER || is_bypassed(e, p, tensor))
        return;
    if (tensor == MF_IFMAP)
        write_rate(text, indent, "read_bandwidth", 1 / bus[MF_BOUND_IFMAP_BUS]);
    if (tensor == MF_PSUM) {
        write_rate(text, indent, "read_bandwidth", 1 / bus[MF_BOUND_PSUM_IN]);
        write_rate(text, indent, "write_bandwidth", 1 / bus[MF_BOUND_PSUM_OUT]);
    }
}

static void write_class(mf_text *text, const char *indent, const char *class, uint64_t bits)
{
    mf_text_printf(text,
                   "%s  class: %s\n%s  attributes:\n%s    word-bits: %" PRIu64
                   "\n%s    block-size: 1\n%s    width: %" PRIu64
                   "\n%s    addr-gen-energy: 0\n%s    energy-per-hop: 0\n",
                   indent, class, indent, indent, bits, indent, indent, bits, indent, indent);
}

static void write_place(const export *e, mf_text *text, const char *indent, place p)
{
    for (int t = 0; t < MF_N_TENSORS; t++) {
        uint64_t bits = e->machine->capacity.bits[t];
        mf_text_printf(text, "%s- name: %s_%s\n", indent, places[p].name, mf_tensor_name(t));
        write_class(text, indent, places[p].class, bits);
        if (p != DRAM) {
            int n_tiles;
            uint64_t depth = depth_of(e, p, t, &n_tiles);
            mf_text_printf(text, "%s    depth: %" PRIu64 "\n%s    multiple-buffering: %d\n", indent,
                           depth, indent, n_tiles);
        }
        write_rates(e, text, indent, p, t);
    }
}

/* Holds whatever the register files do. */
static void write_entry(const export *e, mf_text *text, const char *indent)
{
    uint64_t words = 0;
    int n_tiles;
    for (int t = 0; t < MF_N_TENSORS; t++)
        words += depth_of(e, REGISTER, t, &n_tiles);
    mf_text_printf(text, "%s- name: pe\n", indent);
    write_class(text, indent, places[REGISTER].class, e->machine->capacity.bits[MF_PSUM]);
    mf_text_printf(text, "%s    depth: %" PRIu64 "\n", indent, words);
}

/* The array is a line of PEs: Timeloop puts a dimension on one axis, and ours may go on from
 * columns to rows. What a word costs on its way is not priced there, so it makes no difference. */
static mf_status write_architecture(const export *e, mf_text *text, mf_diag *diag)
{
    const mf_capacity *c = &e->machine->capacity;
    uint64_t pes = c->pe_rows * c->pe_columns;
    (void)diag;
    mf_text_printf(text,
                   "# %" PRIu64 "x%" PRIu64 " PEs as a line. The buffer's %" PRIu64
                   " bits are shared; here each tensor may fill them,\n"
                   "# and mulfree has seen to it that all fit together.\n"
                   "architecture:\n  version: 0.4\n  subtree:\n  - name: system\n    local:\n",
                   c->pe_rows, c->pe_columns, c->buffer_bits);
    write_place(e, text, "    ", DRAM);
    mf_text_puts(text, "    subtree:\n    - name: chip\n      local:\n");
    write_place(e, text, "      ", BUFFER);
    mf_text_printf(text, "      subtree:\n      - name: array[0..%" PRIu64 "]\n        local:\n",
                   pes - 1);
    write_entry(e, text, "        ");
    write_place(e, text, "        ", REGISTER);
    mf_text_printf(text,
                   "        - name: mac\n          class: compute\n          attributes:\n"
                   "            datawidth: %" PRIu64 "\n",
                   c->bits[MF_IFMAP]);
    return MF_OK;
}

/* ---- prices ------------------------------------------------------------------------------------
 */

/* What leaves for DRAM is a finished output, unless psums are spilled. A latch is free. */
static double price(const export *e, place p, int tensor, bool write)
{
    if (p == DRAM && tensor == MF_PSUM && write)
        return e->machine->output_pj;
    if (p == REGISTER && e->nest.bypass_register[tensor])
        return 0;
    return (write ? e->machine->write_pj : e->machine->read_pj)[places[p].level][tensor];
}

static void write_component(mf_text *text, const char *where, const char *tensor)
{
    mf_text_printf(text, "  - name: %s%s%s\n", where, *tensor ? "_" : "", tensor);
}

static void write_action(mf_text *text, const char *name, double pj)
{
    mf_text_printf(text, "    - name: %s\n      energy: ", name);
    mf_text_json_real(text, pj);
    mf_text_puts(text, "\n");
}

static mf_status write_ert(const export *e, mf_text *text, mf_diag *diag)
{
    (void)diag;
    mf_text_puts(text, "# pJ per word; the network's deliveries and hops have no price here\n"
                       "ERT:\n  version: 0.4\n  tables:\n");
    for (int p = 0; p < N_PLACES; p++)
        for (int t = 0; t < MF_N_TENSORS; t++) {
            write_component(text, places[p].name, mf_tensor_name(t));
            mf_text_puts(text, "    actions:\n");
            write_action(text, "read", price(e, (place)p, t, false));
            write_action(text, "write", price(e, (place)p, t, true));
        }
    write_component(text, "pe", "");
    mf_text_puts(text, "    actions:\n");
    write_action(text, "read", 0);
    write_action(text, "write", 0);
    write_component(text, "mac", "");
    mf_text_puts(text, "    actions:\n");
    write_action(text, "compute", e->machine->mac_pj);
    return MF_OK;
}

/* Only a PE's area is known: it is given to the MAC. */
static mf_status write_art(const export *e, mf_text *text, mf_diag *diag)
{
    const mf_account *account = e->map->account;
    double pe_um2 = 0;
    mf_diag why = {0};
    (void)diag;
    bool known = mf_area_pe_um2(&account->setup->accelerator, account->table, e->map->op,
                                &e->map->widths, &pe_um2, &why) == MF_OK;
    mf_text_printf(text, "# um2%s\nART:\n  version: 0.4\n  tables:\n",
                   known ? "; a PE is counted as its MAC" : "; no area is known");
    for (int p = 0; p < N_PLACES; p++)
        for (int t = 0; t < MF_N_TENSORS; t++) {
            write_component(text, places[p].name, mf_tensor_name(t));
            mf_text_puts(text, "    area: 0\n");
        }
    write_component(text, "pe", "");
    mf_text_puts(text, "    area: 0\n");
    write_component(text, "mac", "");
    mf_text_puts(text, "    area: ");
    mf_text_json_real(text, known ? pe_um2 : 0);
    mf_text_puts(text, "\n");
    return MF_OK;
}

/* ---- mapping -----------------------------------------------------------------------------------
 */

/* The factors of `level`, or ones; a last factor of its own where it differs. */
static void write_factors(const export *e, mf_text *text, int level, const uint8_t *order)
{
    mf_text_puts(text, "  factors:");
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        mf_timeloop_factor factors[MF_N_TIMELOOP_LEVELS], f = {1, 1};
        mf_timeloop_factors(&e->nest, &e->map->work, d, factors);
        if (level >= 0)
            f = factors[level];
        mf_text_printf(text, " %c=%" PRIu32, letters[d], f.steps);
        if (f.last != f.steps)
            mf_text_printf(text, ",%" PRIu32, f.last);
    }
    mf_text_puts(text, "\n  permutation: "); /* innermost first */
    for (int i = MF_N_DIMENSIONS - 1; i >= 0; i--)
        mf_text_printf(text, "%c", letters[order ? order[i] : i]);
    mf_text_puts(text, "\n");
}

static void write_keep(const export *e, mf_text *text, place p, int tensor)
{
    for (int bypass = 0; bypass < 2; bypass++) {
        const char *separator = "";
        mf_text_puts(text, bypass ? "  bypass: [" : "  keep: [");
        for (int t = 0; t < MF_N_TENSORS; t++)
            if ((t != tensor || is_bypassed(e, p, t)) == bypass) {
                mf_text_printf(text, "%s%s", separator, spaces[t]);
                separator = ", ";
            }
        mf_text_puts(text, "]\n");
    }
}

/* Timeloop keeps what two ifmap tiles in the buffer share. An accelerator that fetches it again can
 * only be said where the innermost DRAM loop brings a new tile each time: the key forbids reuse of
 * every kind. */
static bool refetches_halo(const export *e)
{
    const uint8_t *order = e->nest.order[MF_DRAM_LOOPS];
    if (e->machine->slide_buffer || e->nest.bypass_buffer[MF_IFMAP])
        return false;
    for (int i = MF_N_DIMENSIONS - 1; i >= 0; i--)
        if (e->map->work.size[order[i]] > e->nest.tile[MF_BUFFER][order[i]])
            return mf_tensor_dimensions(MF_IFMAP) & MF_BIT(order[i]);
    return false;
}

/* The loops of a place are at the innermost of its three levels. */
static void write_place_mapping(const export *e, mf_text *text, place p)
{
    static const struct {
        mf_timeloop_level factors;
        int loops;
    } loops[N_PLACES] = {{MF_TIMELOOP_DRAM, MF_DRAM_LOOPS},
                         {MF_TIMELOOP_BUFFER, MF_BUFFER_LOOPS},
                         {MF_TIMELOOP_REGISTER, -1}};
    for (int t = 0; t < MF_N_TENSORS; t++) {
        const char *where = places[p].name, *tensor = mf_tensor_name(t);
        bool innermost = t == MF_N_TENSORS - 1;
        mf_text_printf(text, "- target: %s_%s\n  type: datatype\n", where, tensor);
        write_keep(e, text, p, t);
        mf_text_printf(text, "- target: %s_%s\n  type: temporal\n", where, tensor);
        write_factors(e, text, innermost ? (int)loops[p].factors : -1,
                      innermost && loops[p].loops >= 0 ? e->nest.order[loops[p].loops] : NULL);
        if (p == BUFFER && t == MF_IFMAP && refetches_halo(e))
            mf_text_printf(text, "  no_temporal_reuse: [%s]\n", spaces[MF_IFMAP]);
        if (p != BUFFER || !innermost)
            continue;
        mf_text_printf(text, "- target: %s_%s\n  type: spatial\n", where, tensor);
        write_factors(e, text, MF_TIMELOOP_PES, NULL);
        mf_text_printf(text, "  split: %d\n  no_link_transfer: [%s, %s, %s]\n", MF_N_DIMENSIONS,
                       spaces[MF_IFMAP], spaces[MF_WEIGHT], spaces[MF_PSUM]);
    }
}

static mf_status write_mapping(const export *e, mf_text *text, mf_diag *diag)
{
    (void)diag;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (e->changed & MF_BIT(d)) {
            const mf_mapping *own = &e->map->found.mapping;
            mf_text_printf(text, "# %c: tiles of", letters[d]);
            for (int level = 0; level < MF_N_TILE_LEVELS; level++)
                mf_text_printf(text, " %" PRIu32, own->tile[level][d]);
            mf_text_puts(text, " (PE, columns, array, buffer) leave remainders inside tiles; here");
            for (int level = 0; level < MF_N_TILE_LEVELS; level++)
                mf_text_printf(text, " %" PRIu32, e->nest.tile[level][d]);
            mf_text_puts(text, "\n");
        }
    mf_text_puts(text, "mapping:\n");
    write_place_mapping(e, text, DRAM);
    write_place_mapping(e, text, BUFFER);
    mf_text_printf(text,
                   "- target: pe\n  type: datatype\n  keep: [%s, %s, %s]\n  bypass: []\n"
                   "- target: pe\n  type: temporal\n",
                   spaces[MF_IFMAP], spaces[MF_WEIGHT], spaces[MF_PSUM]);
    write_factors(e, text, -1, NULL);
    write_place_mapping(e, text, REGISTER);
    return MF_OK;
}

static mf_status write_nest(const export *e, mf_text *text, mf_diag *diag)
{
    (void)diag;
    mf_mapping_write(&e->nest, 0, text);
    mf_text_puts(text, "\n");
    return MF_OK;
}

/* ---- all of it ---------------------------------------------------------------------------------
 */

static mf_status write_file(const export *e, const char *directory, const char *name,
                            mf_status (*write)(const export *e, mf_text *text, mf_diag *diag),
                            mf_diag *diag)
{
    mf_text text = {0};
    char *path = mf_arena_format(e->map->account->setup->arena, "%s/%s", directory, name);
    if (mf_file_has_ending(name, ".yaml"))
        write_origin(e, &text);
    mf_status status = write(e, &text, diag);
    if (status == MF_OK)
        status = !path || text.failed ? mf_fail_memory(diag)
                                      : mf_file_write(path, text.bytes, text.length, diag);
    mf_text_free(&text);
    return status;
}

static void warn_of_change(const export *e)
{
    char names[MF_N_DIMENSIONS + 1];
    int n = 0;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (e->changed & MF_BIT(d))
            names[n++] = mf_dimension_name(d)[0];
    names[n] = 0;
    const mf_cost *own = &e->map->found.cost;
    mf_log_write(&e->map->account->setup->cli->log, MF_LOG_WARNING,
                 "Timeloop's tiles are factors: the remainders of %s were evened out, which makes "
                 "%+.2f %% energy and %+.2f %% cycles (nest.json is what was written)",
                 names, 100 * (e->cost.energy_pj / own->energy_pj - 1),
                 100 * (e->cost.cycles / own->cycles - 1));
}

mf_status mf_timeloop_write(const mf_mapped_layer *map, const char *directory, mf_diag *diag)
{
    static const struct {
        const char *name;
        mf_status (*write)(const export *e, mf_text *text, mf_diag *diag);
    } files[] = {{"problem.yaml", write_problem}, {"architecture.yaml", write_architecture},
                 {"ert.yaml", write_ert},         {"art.yaml", write_art},
                 {"mapping.yaml", write_mapping}, {"nest.json", write_nest}};
    export e = {.map = map, .machine = &map->machine};
    if (map->account->options.schedule != MF_SCHEDULE_LAYER)
        return mf_fail(diag, MF_USAGE,
                       "--timeloop: its files cannot say that maps stay on chip: leave "
                       "--schedule out");
    MF_TRY(mf_timeloop_even(&map->found.mapping, &map->work, &map->machine.capacity, &e.nest,
                            &e.changed, diag));
    mf_cost_of_mapping(e.machine, &map->work, &e.nest, &e.counts, &e.cost);
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return mf_fail(diag, MF_IO, "%s: cannot be made: %s", directory, strerror(errno));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        MF_TRY(write_file(&e, directory, files[i].name, files[i].write, diag));
    if (e.changed)
        warn_of_change(&e);
    return MF_OK;
}
