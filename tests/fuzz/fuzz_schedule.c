/* A schedule of a network with a shortcut and squeeze-excite. What is written of it reads as the same, and
 * its layout adds up: every row of every map is made, nothing is held longer than its segment lasts. */
#include "tests/fuzz/fuzz.h"

#include "models/formats/network_json.h"
#include "sim/schedule_json.h"

static const char description[] =
    "{\"name\": \"net\", \"about\": \"a\", \"source\": \"s\", \"batch\": 1, \"input\": {\"channels\": 2, "
    "\"rows\": 12, \"columns\": 8}, \"classes\": 3, \"parts\": ["
    "{\"type\": \"conv\", \"channels\": 4, \"kernel\": 3, \"stride\": 2}, "
    "{\"type\": \"inverted_residual\", \"channels\": 4, \"expand\": 2, "
    "\"squeeze_excite\": {\"ratio\": 0.5, \"at_least\": 2}}, "
    "{\"type\": \"global_pool\"}, {\"type\": \"fc\", \"channels\": \"classes\"}]}";

static const mf_network *network(void)
{
    static mf_network *made;
    if (made)
        return made;
    mf_json_doc *doc = mf_fuzz_json((const uint8_t *)description, sizeof description - 1);
    MF_FUZZ_CHECK(doc && mf_network_from_json(doc, NULL, &made, NULL) == MF_OK);
    mf_json_destroy(doc);
    return made;
}

static void check_layout(const mf_schedule *s, const mf_segment *segment, mf_arena *arena)
{
    mf_layout layout;
    MF_FUZZ_CHECK(mf_layout_make(s, segment, arena, &layout, NULL) == MF_OK);
    for (size_t i = 0; i < segment->n_layers; i++) {
        size_t layer = segment->first + i;
        uint64_t rows = 0;
        for (uint64_t b = 0; b < layout.n_bands; b++)
            rows += mf_rows_count(mf_layout_task(&layout, b, layer)->made);
        MF_FUZZ_CHECK(rows - mf_layout_recomputed_rows(s, &layout, layer) ==
                      s->network->layers[layer].shape.e);
        MF_FUZZ_CHECK(s->recomputes[layer] || rows == s->network->layers[layer].shape.e);
    }
    for (size_t i = 0; i < layout.n_regions; i++)
        MF_FUZZ_CHECK(layout.regions[i].begin < layout.regions[i].end &&
                      layout.regions[i].end <= layout.n_tasks);
}

static void write_and_read(const mf_schedule *s, mf_arena *arena)
{
    mf_text text = {0}, program = {0}, again = {0};
    mf_schedule other;
    mf_schedule_write(s, &text);
    MF_FUZZ_CHECK(!text.failed);
    mf_json_doc *doc = mf_fuzz_json((const uint8_t *)text.bytes, text.length);
    MF_FUZZ_CHECK(doc);
    mf_json root = mf_json_root(doc);
    MF_FUZZ_CHECK(mf_schedule_read(&root, s->network, arena, &other, NULL) == MF_OK);
    mf_schedule_write(&other, &again);
    MF_FUZZ_CHECK(again.length == text.length && memcmp(again.bytes, text.bytes, text.length) == 0);
    MF_FUZZ_CHECK(mf_schedule_program(s, &program, NULL) == MF_OK);
    mf_text_free(&program);
    mf_text_free(&again);
    mf_text_free(&text);
    mf_json_destroy(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_json_doc *doc = mf_fuzz_json(data, size);
    mf_arena *arena = mf_arena_create();
    mf_schedule schedule;
    mf_diag diag = {0};
    if (doc && arena) {
        mf_json root = mf_json_root(doc);
        mf_status status = mf_schedule_read(&root, network(), arena, &schedule, &diag);
        mf_fuzz_check_status(status, &diag);
        for (size_t i = 0; status == MF_OK && i < schedule.n_segments; i++)
            check_layout(&schedule, &schedule.segments[i], arena);
        if (status == MF_OK)
            write_and_read(&schedule, arena);
    }
    mf_arena_destroy(arena);
    mf_json_destroy(doc);
    return 0;
}
