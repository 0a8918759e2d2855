/* Slices in the order of their ends, as text. */
#include "cli/timeline.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* A slice that may still grow. */
typedef struct slice {
    const char *what; /* literals of the chip */
    double begin, end;
} slice;

struct mf_timeline {
    double us_per_cycle, origin; /* cycles before this layer */
    slice last[MF_N_COMPONENTS];
    mf_text text;
};

enum { LAYER_LANE = 0, FIRST_LANE };

static void name_lane(mf_text *text, int lane, const char *name)
{
    mf_text_printf(text,
                   "{\"ph\": \"M\", \"pid\": 1, \"tid\": %d, \"name\": \"thread_name\", \"args\": "
                   "{\"name\": \"%s\"}},\n"
                   "{\"ph\": \"M\", \"pid\": 1, \"tid\": %d, \"name\": \"thread_sort_index\", "
                   "\"args\": {\"sort_index\": %d}},\n",
                   lane, name, lane, lane);
}

mf_status mf_timeline_create(double clock_mhz, mf_timeline **out, mf_diag *diag)
{
    mf_timeline *t = *out = calloc(1, sizeof *t);
    if (!t)
        return mf_fail_memory(diag);
    t->us_per_cycle = 1 / clock_mhz;
    mf_text_puts(&t->text, "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n");
    name_lane(&t->text, LAYER_LANE, "layer");
    for (int c = 0; c < MF_N_COMPONENTS; c++)
        if (c != MF_COMPONENT_BUFFER) /* its banks are busy as the networks are */
            name_lane(&t->text, FIRST_LANE + c, mf_component_text(c));
    return MF_OK;
}

void mf_timeline_destroy(mf_timeline *timeline)
{
    if (timeline)
        mf_text_free(&timeline->text);
    free(timeline);
}

static void write_slice(mf_timeline *t, int lane, const char *name, double begin, double end)
{
    mf_text_printf(&t->text, "{\"ph\": \"X\", \"pid\": 1, \"tid\": %d, \"name\": ", lane);
    mf_escape_json(&t->text, name);
    mf_text_printf(&t->text, ", \"ts\": %.6f, \"dur\": %.6f},\n",
                   (t->origin + begin) * t->us_per_cycle, (end - begin) * t->us_per_cycle);
}

static void flush(mf_timeline *t, int component)
{
    slice *s = &t->last[component];
    if (s->what)
        write_slice(t, FIRST_LANE + component, s->what, s->begin, s->end);
    s->what = NULL;
}

void mf_timeline_add(void *timeline, mf_component component, const char *what, double begin,
                     double end)
{
    mf_timeline *t = timeline;
    slice *s = &t->last[component];
    if (s->what && strcmp(s->what, what) == 0 && begin - s->end < 1e-3) {
        s->end = end;
        return;
    }
    flush(t, component);
    *s = (slice){what, begin, end};
}

void mf_timeline_layer(mf_timeline *t, const char *name, double cycles)
{
    for (int c = 0; c < MF_N_COMPONENTS; c++)
        flush(t, c);
    write_slice(t, LAYER_LANE, name, 0, cycles);
    t->origin += cycles;
}

mf_status mf_timeline_write(const mf_timeline *t, const char *path, mf_diag *diag)
{
    static const char tail[] = "{\"ph\": \"M\", \"pid\": 1, \"name\": \"process_name\", \"args\": "
                               "{\"name\": \"mulfree\"}}\n]}\n";
    mf_text all = {0};
    mf_status status = MF_OK;
    mf_text_add(&all, t->text.bytes, t->text.length);
    mf_text_puts(&all, tail);
    if (t->text.failed || all.failed)
        status = mf_fail_memory(diag);
    else
        status = mf_file_write(path, all.bytes, all.length, diag);
    mf_text_free(&all);
    return status;
}
