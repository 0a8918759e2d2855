/* A schedule to read: for each segment its bands, what each layer makes in one, and what is held. */
#include "sim/schedule_json.h"

#include "base/escape.h"

#include <inttypes.h>

/* Names are data: what would act on a terminal is shown. */
static void put_name(const mf_network *network, int map, mf_text *text)
{
    mf_escape_terminal(text, map < 0 ? "the input" : network->layers[map].name);
}

static void put_region(const mf_network *network, const mf_region *region, mf_text *text)
{
    static const char *const kinds[MF_N_REGION_KINDS] = {"rows", "rows, from DRAM", "rows, all",
                                                         "words of weights"};
    mf_text_printf(text, "    holds %" PRIu64 " %s of ",
                   region->kind == MF_REGION_WEIGHTS ? region->words : region->rows,
                   kinds[region->kind]);
    put_name(network, region->layer, text);
    if (region->kind != MF_REGION_WEIGHTS)
        mf_text_printf(text, " (%" PRIu64 " words)", region->words);
    mf_text_puts(text, "\n");
}

/* Rows that a layer makes in most bands, and where its inputs are. */
static void put_layer(const mf_schedule *s, const mf_layout *layout, size_t i, mf_text *text)
{
    const mf_layer *layer = &s->network->layers[i];
    uint64_t rows = 0;
    size_t last = s->last_reader[i], end = layout->segment->first + layout->segment->n_layers;
    for (uint64_t b = 0; b < layout->n_bands; b++) {
        uint64_t made = mf_rows_count(mf_layout_task(layout, b, i)->made);
        rows = made > rows ? made : rows;
    }
    mf_text_puts(text, "    ");
    put_name(s->network, (int)i, text);
    mf_text_printf(text, "  %" PRIu64 " of %" PRIu64 " rows", rows, layer->shape.e);
    for (size_t k = 0; k < layer->n_inputs; k++)
        if (!mf_layout_map(layout, layer->input[k])) {
            mf_text_puts(text, ", reads ");
            put_name(s->network, layer->input[k], text);
            mf_text_puts(text, " from DRAM");
        }
    if (!s->stays[i] && (last == i || last >= end))
        mf_text_puts(text, ", writes to DRAM");
    if (s->stays[i])
        mf_text_puts(text, ", keeps all");
    if (s->recomputes[i])
        mf_text_puts(text, ", halo made again");
    mf_text_puts(text, "\n");
}

static void put_segment(const mf_schedule *s, size_t g, const mf_layout *layout, mf_text *text)
{
    const mf_segment *segment = layout->segment;
    mf_text_printf(text, "segment %zu: ", g);
    if (layout->n_bands == 1)
        mf_text_puts(text, "whole maps");
    else
        mf_text_printf(text, "%" PRIu64 " bands of %" PRIu64 " rows", layout->n_bands,
                       segment->rows);
    mf_text_printf(text, ", at most %" PRIu64 " words held\n", mf_layout_peak_words(layout));
    for (size_t i = 0; i < layout->n_regions; i++)
        put_region(s->network, &layout->regions[i], text);
    mf_text_puts(text, layout->n_bands == 1 ? "" : "  for each band, at most\n");
    for (size_t i = segment->first; i < segment->first + segment->n_layers; i++)
        put_layer(s, layout, i, text);
}

mf_status mf_schedule_program(const mf_schedule *s, mf_text *text, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_status status = arena ? MF_OK : mf_fail_memory(diag);
    for (size_t g = 0; status == MF_OK && g < s->n_segments; g++) {
        mf_layout layout;
        status = mf_layout_make(s, &s->segments[g], arena, &layout, diag);
        if (status == MF_OK)
            put_segment(s, g, &layout, text);
    }
    mf_arena_destroy(arena);
    return status;
}
