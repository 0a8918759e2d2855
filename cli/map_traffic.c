/* Two tables with a line per tensor: words on their way, and what they cost. */
#include "cli/map_why.h"

#include <inttypes.h>

enum { NAME = 8, MOST_COLUMNS = 7 };

typedef struct grid {
    const char *corner;
    int cell_width, n_columns;
    const char *titles[MOST_COLUMNS], *cells[MF_N_TENSORS][MOST_COLUMNS];
} grid;

/* As few blocks of columns as fit, about as many in each. */
static void write_grid(const grid *g, size_t width, mf_text *text)
{
    int n_fit = width ? ((int)width - NAME) / g->cell_width : g->n_columns;
    n_fit = n_fit < 1 ? 1 : n_fit > g->n_columns ? g->n_columns : n_fit;
    int n_blocks = (g->n_columns + n_fit - 1) / n_fit,
        n_each = (g->n_columns + n_blocks - 1) / n_blocks;
    for (int begin = 0; begin < g->n_columns; begin += n_each) {
        int end = begin + n_each < g->n_columns ? begin + n_each : g->n_columns;
        mf_text_printf(text, "\n%-*s", NAME, g->corner);
        for (int i = begin; i < end; i++)
            mf_text_printf(text, "%*s", g->cell_width, g->titles[i]);
        mf_text_puts(text, "\n");
        for (int t = 0; t < MF_N_TENSORS; t++) {
            mf_text_printf(text, "%-*s", NAME, mf_tensor_name(t));
            for (int i = begin; i < end; i++) {
                text->failed = text->failed || !g->cells[t][i]; /* memory ran out */
                mf_text_printf(text, "%*s", g->cell_width, g->cells[t][i] ? g->cells[t][i] : "");
            }
            mf_text_puts(text, "\n");
        }
    }
}

void mf_map_traffic(const mf_mapped_layer *map, size_t width, mf_text *text)
{
    const mf_found *f = &map->found;
    mf_arena *arena = map->account->setup->arena;
    grid words = {.corner = "words",
                  .cell_width = 14,
                  .n_columns = 7,
                  .titles = {"DRAM reads", "DRAM writes", "buffer reads", "buffer writes", "bus",
                             "row buses", "deliveries"}},
         energies = {.corner = "nJ", .cell_width = 12, .n_columns = MF_N_LEVELS};
    for (int t = 0; t < MF_N_TENSORS; t++) {
        const mf_flow flow = mf_flow_moved(&map->machine, &f->mapping, &f->counts, t);
        const uint64_t moved[] = {flow.dram_reads,    flow.dram_writes, flow.buffer_reads,
                                  flow.buffer_writes, flow.bus_words,   flow.row_words,
                                  flow.deliveries};
        for (int i = 0; i < words.n_columns; i++)
            words.cells[t][i] = mf_arena_format(arena, "%" PRIu64, moved[i]);
        for (int l = 0; l < MF_N_LEVELS; l++) {
            energies.titles[l] = mf_level_name(l);
            energies.cells[t][l] = mf_arena_format(arena, "%.1f", f->cost.access_pj[l][t] * 1e-3);
        }
    }
    write_grid(&words, width, text);
    write_grid(&energies, width, text);
    mf_text_printf(text,
                   "operations %.1f nJ for %" PRIu64 " positions, %" PRIu64 " of them on padding\n",
                   f->cost.mac_pj * 1e-3, f->counts.n_macs, f->counts.n_padded_macs);
}
