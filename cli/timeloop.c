/* Three YAML files. Timeloop counts scalars per instance; padding does not exist there, so inputs
 * are as large as the windows need. Our E and F are its P and Q; groups are a dimension of their
 * own. */
#include "cli/timeloop.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static const char letters[MF_N_DIMENSIONS + 1] = "NGMCPQRS";

static mf_status write_file(const mf_map *map, const char *directory, const char *name,
                            mf_text *text, mf_diag *diag)
{
    char *path = mf_arena_format(map->account->setup->arena, "%s/%s", directory, name);
    mf_status status = !path || text->failed ? mf_fail_memory(diag)
                                             : mf_file_write(path, text->bytes, text->length, diag);
    mf_text_free(text);
    return status;
}

static mf_status write_problem(const mf_map *map, const char *directory, mf_diag *diag)
{
    mf_text text = {0};
    mf_text_printf(&text,
                   "# %s of %s\nproblem:\n  version: '0.3'\n  shape:\n    name: GroupedConv\n"
                   "    dimensions: [ N, G, M, C, P, Q, R, S ]\n    coefficients:\n"
                   "    - { name: Stride, default: 1 }\n    data_spaces:\n",
                   map->layer->name, map->network->name);
    mf_text_puts(&text, "    - name: Weights\n"
                        "      projection: [ [[G]], [[M]], [[C]], [[R]], [[S]] ]\n"
                        "    - name: Inputs\n"
                        "      projection: [ [[N]], [[G]], [[C]], [[R], [P, Stride]], "
                        "[[S], [Q, Stride]] ]\n"
                        "    - name: Outputs\n"
                        "      projection: [ [[N]], [[G]], [[M]], [[P]], [[Q]] ]\n"
                        "      read_write: True\n  instance:\n");
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        mf_text_printf(&text, "    %c: %" PRIu32 "\n", letters[d], map->work.size[d]);
    mf_text_printf(&text, "    Stride: %" PRIu32 "\n", map->work.stride);
    return write_file(map, directory, "problem.yaml", &text, diag);
}

static void write_level(mf_text *text, const char *indent, const char *name, uint64_t n,
                        const char *class, uint64_t depth, uint64_t bits, double bandwidth)
{
    mf_text_printf(text, "%s- name: %s", indent, name);
    if (n > 1)
        mf_text_printf(text, "[0..%" PRIu64 "]", n - 1);
    mf_text_printf(text, "\n%s  class: %s\n%s  attributes:\n", indent, class, indent);
    if (depth)
        mf_text_printf(text, "%s    depth: %" PRIu64 "\n", indent, depth);
    mf_text_printf(text, "%s    width: %" PRIu64 "\n%s    word-bits: %" PRIu64 "\n", indent, bits,
                   indent, bits);
    if (bandwidth > 0 && !isinf(bandwidth))
        mf_text_printf(text, "%s    shared_bandwidth: %.6g\n", indent, bandwidth);
}

/* Words of the accelerator's own width; the operator's widths only exist in mulfree. */
static mf_status write_architecture(const mf_map *map, const char *directory, mf_diag *diag)
{
    const mf_accelerator *a = &map->account->setup->accelerator;
    const mf_capacity *c = &map->machine.capacity;
    uint64_t bits = a->word_bits, pes = c->pe_rows * c->pe_columns;
    double words_per_cycle = a->dram_mb_per_s * 8 / a->clock_mhz / (double)bits;
    mf_text text = {0};
    mf_text_printf(&text,
                   "# %s\narchitecture:\n  version: '0.3'\n  subtree:\n  - name: system\n"
                   "    local:\n",
                   a->name);
    write_level(&text, "    ", "DRAM", 1, "DRAM", 0, bits, words_per_cycle);
    mf_text_puts(&text, "    subtree:\n    - name: chip\n      local:\n");
    write_level(&text, "      ", "buffer", 1, "SRAM", c->buffer_bits / bits, bits, 0);
    write_level(&text, "      ", "pe_columns", 1, "regfile", 1, bits, 0);
    write_level(&text, "      ", "pe_rows", c->pe_columns, "regfile", 1, bits, 0);
    mf_text_printf(&text, "          meshX: %" PRIu64 "\n", c->pe_columns);
    static const char *const spads[] = {"ifmap_registers", "weight_registers", "psum_registers"};
    for (int t = 0; t < MF_N_TENSORS; t++) {
        write_level(&text, "      ", spads[t], pes, "regfile", c->register_bits[t] / bits, bits, 0);
        mf_text_printf(&text, "          meshX: %" PRIu64 "\n", c->pe_columns);
    }
    mf_text_printf(&text,
                   "      - name: mac[0..%" PRIu64 "]\n        class: intmac\n"
                   "        attributes:\n          datawidth: %" PRIu64
                   "\n          meshX: %" PRIu64 "\n",
                   pes - 1, bits, c->pe_columns);
    return write_file(map, directory, "architecture.yaml", &text, diag);
}

/* The tiles of a dimension from the registers to the whole. */
static uint32_t tile_at(const mf_map *map, int level, int d)
{
    return level < MF_N_TILE_LEVELS ? map->found.mapping.tile[level][d] : map->work.size[d];
}

/* The first dimension with a remainder somewhere, or -1. */
static int ragged(const mf_map *map)
{
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        for (int level = 0; level < MF_N_TILE_LEVELS; level++)
            if (tile_at(map, level + 1, d) % tile_at(map, level, d))
                return d;
    return -1;
}

static void write_factors(const mf_map *map, mf_text *text, const char *target, const char *type,
                          int inner, const uint8_t *order, int split)
{
    mf_text_printf(text, "- target: %s\n  type: %s\n  factors:", target, type);
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        uint32_t factor = inner < 0 ? 1 : tile_at(map, inner + 1, d) / tile_at(map, inner, d);
        mf_text_printf(text, " %c=%" PRIu32, letters[d], factor);
    }
    mf_text_puts(text, "\n  permutation: "); /* innermost first */
    for (int i = MF_N_DIMENSIONS - 1; i >= 0; i--)
        mf_text_printf(text, "%c", letters[order ? order[i] : i]);
    mf_text_puts(text, "\n");
    if (split >= 0)
        mf_text_printf(text, "  split: %d\n", split);
}

static void write_keep(mf_text *text, const char *target, const bool *keep)
{
    static const char *const names[] = {"Inputs", "Weights", "Outputs"};
    for (int bypass = 0; bypass < 2; bypass++) {
        const char *separator = "";
        if (bypass)
            mf_text_puts(text, "  bypass: [");
        else
            mf_text_printf(text, "- target: %s\n  type: datatype\n  keep: [", target);
        for (int t = 0; t < MF_N_TENSORS; t++)
            if (keep[t] != bypass) {
                mf_text_printf(text, "%s%s", separator, names[t]);
                separator = ", ";
            }
        mf_text_puts(text, "]\n");
    }
}

static mf_status write_mapping(const mf_map *map, const char *directory, mf_diag *diag)
{
    const mf_mapping *m = &map->found.mapping;
    const bool none[MF_N_TENSORS] = {false}, all[] = {true, true, true};
    const bool spads[MF_N_TENSORS][MF_N_TENSORS] = {{true}, {false, true}, {false, false, true}};
    bool buffer[MF_N_TENSORS];
    mf_text text = {0};
    for (int t = 0; t < MF_N_TENSORS; t++)
        buffer[t] = !m->bypass_buffer[t];
    mf_text_printf(&text, "# %s of %s\nmapping:\n", map->layer->name, map->network->name);
    write_keep(&text, "DRAM", all);
    write_keep(&text, "buffer", buffer);
    write_keep(&text, "pe_columns", none);
    write_keep(&text, "pe_rows", none);
    write_keep(&text, "ifmap_registers", spads[MF_IFMAP]);
    write_keep(&text, "weight_registers", spads[MF_WEIGHT]);
    write_keep(&text, "psum_registers", spads[MF_PSUM]);
    write_factors(map, &text, "DRAM", "temporal", MF_BUFFER, m->order[MF_DRAM_LOOPS], -1);
    write_factors(map, &text, "buffer", "temporal", MF_ROWS, m->order[MF_BUFFER_LOOPS], -1);
    write_factors(map, &text, "pe_columns", "spatial", MF_REGISTER, NULL, MF_N_DIMENSIONS);
    write_factors(map, &text, "pe_columns", "temporal", -1, NULL, -1);
    write_factors(map, &text, "pe_rows", "spatial", MF_COLUMNS, NULL, 0);
    write_factors(map, &text, "pe_rows", "temporal", -1, NULL, -1);
    write_factors(map, &text, "ifmap_registers", "temporal", -1, NULL, -1);
    write_factors(map, &text, "weight_registers", "temporal", -1, NULL, -1);
    /* What a PE does within its tile. */
    mf_text_puts(&text, "- target: psum_registers\n  type: temporal\n  factors:");
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        mf_text_printf(&text, " %c=%" PRIu32, letters[d], m->tile[MF_REGISTER][d]);
    mf_text_puts(&text, "\n  permutation: SRQPCMGN\n");
    return write_file(map, directory, "mapping.yaml", &text, diag);
}

mf_status mf_timeloop_write(const mf_map *map, const char *directory, mf_diag *diag)
{
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return mf_fail(diag, MF_IO, "%s: cannot be made: %s", directory, strerror(errno));
    MF_TRY(write_problem(map, directory, diag));
    MF_TRY(write_architecture(map, directory, diag));
    int d = ragged(map);
    if (d < 0)
        return write_mapping(map, directory, diag);
    mf_log_write(&map->account->setup->cli->log, MF_LOG_WARNING,
                 "no mapping.yaml: Timeloop's mappings are exact factors, and %s of %" PRIu32
                 " leaves remainders",
                 mf_dimension_name(d), map->work.size[d]);
    return MF_OK;
}
