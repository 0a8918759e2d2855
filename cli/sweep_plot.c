/* A sweep as a picture: a panel for each network and pair of objectives, points in the colour of their
 * operator, and the front of each group as the border of what it beats, its points with their array. */
#include "cli/plot.h"
#include "cli/sweep_choice.h"
#include "cli/sweep_view.h"

#include <stdlib.h>

enum { MOST_PANELS = 24, MOST_LABELS = 40 /* of a panel: more would hide each other */ };

/* One point of a panel. */
typedef struct dot {
    size_t op, index;
    double x, y;
    bool best;
} dot;

typedef struct panel {
    const mf_sweep_run *run;
    size_t network; /* SIZE_MAX: all in one */
    int x, y;       /* quantities */
    bool lines;     /* do points of a front make a line? */
    dot *dots;
    size_t n;
} panel;

static int in_order(const void *a, const void *b)
{
    const dot *p = a, *q = b;
    if (p->op != q->op)
        return p->op < q->op ? -1 : 1;
    if (p->best != q->best)
        return p->best ? 1 : -1;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return p->index < q->index ? -1 : 1;
}

/* By operator, points of fronts behind the others, from left to right. */
static void gather(panel *p, const bool *best)
{
    const mf_sweep *s = p->run->sweep;
    p->n = 0;
    for (size_t i = 0; i < s->n_points; i++) {
        mf_sweep_point at;
        const mf_sweep_result *r = &p->run->results[i];
        if (r->fault)
            continue;
        mf_sweep_at(s, i, &at);
        if (p->network != SIZE_MAX && at.network != p->network)
            continue;
        p->dots[p->n++] = (dot){.op = at.op,
                                .index = i,
                                .x = mf_sweep_quantity_of(p->x, r, &at),
                                .y = mf_sweep_quantity_of(p->y, r, &at),
                                .best = best[i]};
    }
    qsort(p->dots, p->n, sizeof *p->dots, in_order);
}

/* "16x12": rows and columns, or what varies instead of them. */
static const char *label_of(const panel *p, size_t index)
{
    const mf_sweep *s = p->run->sweep;
    mf_arena *arena = p->run->setup->arena;
    mf_sweep_point at;
    mf_sweep_at(s, index, &at);
    if (mf_sweep_varies(s, "accelerator"))
        return at.text[MF_AXIS_ACCELERATOR] ? at.text[MF_AXIS_ACCELERATOR] : at.accelerator.name;
    const char *label = mf_arena_format(arena, "%zux%zu", (size_t)at.accelerator.pe_rows,
                                        (size_t)at.accelerator.pe_columns);
    bool array = mf_sweep_varies(s, "pe_rows") || mf_sweep_varies(s, "pe_columns");
    size_t n = 0;
    for (size_t i = 0; label && !array && i < s->n_axes && n < 3; i++) {
        char value[64];
        int which = mf_sweep_axis_find(s->axes[i]);
        if (which == MF_AXIS_NETWORK || which == MF_AXIS_OP)
            continue;
        mf_sweep_axis_text(s, &at, which, value, sizeof value);
        label = mf_arena_format(arena, "%s%s%s", n ? label : "", n ? "/" : "", value);
        n++;
    }
    return label;
}

/* Points [begin, end) of the panel's as a series; false when memory is out. */
static bool add_series(const panel *p, size_t begin, size_t end, bool labelled,
                       mf_plot_points *series)
{
    mf_arena *arena = p->run->setup->arena;
    double *x = MF_NEW_ARRAY(arena, double, end - begin),
           *y = MF_NEW_ARRAY(arena, double, end - begin);
    const char **labels = labelled ? MF_NEW_ARRAY(arena, const char *, end - begin) : NULL;
    if (!x || !y || (labelled && !labels))
        return false;
    for (size_t i = begin; i < end; i++) {
        x[i - begin] = p->dots[i].x;
        y[i - begin] = p->dots[i].y;
        if (labelled && !(labels[i - begin] = label_of(p, p->dots[i].index)))
            return false;
    }
    series->x = x;
    series->y = y;
    series->n = end - begin;
    series->labels = labels;
    return true;
}

/* A front is a line where it is one of two objectives and of one operator; elsewhere its points alone. */
static mf_plot_style style_of(const panel *p)
{
    return p->lines ? MF_PLOT_FRONT : MF_PLOT_POINTS;
}

/* The two series of one operator: all its points, and its front. */
static bool add_operator(const panel *p, size_t begin, size_t end, mf_plot_points *series)
{
    size_t front = begin, n_best = 0;
    const mf_operator *op = mf_operators_at(p->run->setup->operators, p->dots[begin].op);
    while (front < end && !p->dots[front].best)
        front++;
    for (size_t i = 0; i < p->n; i++)
        n_best += p->dots[i].best;
    series[0] = (mf_plot_points){.name = op->name, .colour = 1 + mf_plot_operator_colour(op->name)};
    series[1] = (mf_plot_points){.style = style_of(p), .colour = series[0].colour};
    return add_series(p, begin, end, false, &series[0]) &&
           add_series(p, front, end, n_best <= MOST_LABELS, &series[1]);
}

static mf_status add_panel(mf_plot *plot, panel *p, const bool *best, mf_diag *diag)
{
    const mf_sweep *s = p->run->sweep;
    mf_arena *arena = p->run->setup->arena;
    size_t n_ops = mf_operators_count(p->run->setup->operators), n = 0;
    mf_plot_points *series = MF_NEW_ARRAY(arena, mf_plot_points, 2 * n_ops);
    mf_text title = {0};
    if (!series)
        return mf_fail_memory(diag);
    gather(p, best);
    for (size_t begin = 0, end; begin < p->n; begin = end) {
        for (end = begin; end < p->n && p->dots[end].op == p->dots[begin].op;)
            end++;
        if (!add_operator(p, begin, end, &series[n]))
            return mf_fail_memory(diag);
        n += 2;
    }
    mf_text_printf(&title, "%s: ", s->name);
    if (p->network != SIZE_MAX)
        mf_sweep_put_network(s, &s->networks[p->network], &title);
    else
        mf_text_puts(&title, "all networks");
    if (!title.failed && n)
        mf_plot_scatter(plot, title.bytes, mf_sweep_quantity_title(p->x),
                        mf_sweep_quantity_title(p->y), MF_PLOT_PLAIN, series, n);
    bool failed = title.failed;
    mf_text_free(&title);
    return failed ? mf_fail_memory(diag) : MF_OK;
}

/* The objectives that were asked for; of one alone, with what it costs in time, or else in energy. */
static size_t choose_objectives(const mf_sweep *s, int *objectives)
{
    size_t n = 0;
    for (int q = 0; q < MF_N_SWEEP_QUANTITIES; q++)
        if (s->minimise >> q & 1)
            objectives[n++] = q;
    if (n == 1)
        objectives[n++] = objectives[0] == MF_SWEEP_LATENCY ? MF_SWEEP_ENERGY : MF_SWEEP_LATENCY;
    return n;
}

mf_status mf_sweep_draw(const mf_sweep_run *run, const bool *best, mf_diag *diag)
{
    const mf_sweep *s = run->sweep;
    int objectives[MF_N_SWEEP_QUANTITIES + 1];
    size_t n_objectives = choose_objectives(s, objectives);
    bool facets = s->within_network && s->n_networks * (n_objectives - 1) <= MOST_PANELS;
    mf_plot plot;
    MF_TRY(mf_plot_open(run->setup->arguments, &plot, diag));
    if (!plot.path)
        return MF_OK;
    panel p = {.run = run,
               .lines = n_objectives == 2 && s->within_op,
               .dots = calloc(s->n_points, sizeof(dot))};
    mf_status status = p.dots ? MF_OK : mf_fail_memory(diag);
    plot.n_columns = s->n_networks > 1 && facets ? 2 : 1;
    for (size_t k = 1; k < n_objectives; k++)
        for (size_t i = 0; i < (facets ? s->n_networks : 1) && status == MF_OK; i++) {
            p.network = facets ? i : SIZE_MAX;
            p.y = objectives[0];
            p.x = objectives[k];
            status = add_panel(&plot, &p, best, diag);
        }
    free(p.dots);
    if (status == MF_OK)
        return mf_plot_close(&plot, diag);
    mf_plot_discard(&plot);
    return status;
}
