/* Lines, and a table of lines. */
#include "cli/plan_view.h"

#include "cli/line.h"
#include "cli/width.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_BYTES = 256, MOST_LINES = 64, ARM_WIDTH = 20 };

void mf_plan_view_begin(mf_plan_view *v, const mf_plan_runs *runs)
{
    *v = (mf_plan_view){.runs = runs};
    clock_gettime(CLOCK_MONOTONIC, &v->begin);
}

static double seconds_since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + 1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

/* "1 h 20 min". */
static const char *show_time(double seconds, char text[32])
{
    double minutes = seconds / 60;
    if (seconds < 120)
        snprintf(text, 32, "%.0f s", seconds);
    else if (minutes < 120)
        snprintf(text, 32, "%.0f min", minutes);
    else
        snprintf(text, 32, "%d h %.0f min", (int)(minutes / 60),
                 minutes - 60 * (int)(minutes / 60));
    return text;
}

static double share(uint64_t part, uint64_t all)
{
    return all ? (double)part / (double)all : 0;
}

/* Of a run, from where it stands and how fast it was in this call. */
static double seconds_left(const mf_trainer_report *r)
{
    uint64_t done = r->epoch * r->n_batches + r->batch, all = r->n_epochs * r->n_batches;
    return r->n_steps ? r->seconds / (double)r->n_steps * (double)(all - done) : 0;
}

/* Of everything: epochs that are not over, as fast as those that ended in this call. */
static double all_seconds_left(const mf_plan_view *v)
{
    double left = 0;
    for (size_t i = 0; i < v->runs->n_runs; i++) {
        const mf_plan_run *run = &v->runs->runs[i];
        const mf_trainer_report *r = &run->report;
        if (!run->outcome && run->status == MF_OK)
            left += (double)run->setup->training.epochs -
                    (run->reported ? (double)r->epoch + share(r->batch, r->n_batches) : 0);
    }
    return v->n_epochs > 0 ? seconds_since(&v->begin) / v->n_epochs * left : -1;
}

void mf_plan_view_report(mf_plan_view *v, mf_plan_run *run)
{
    const mf_trainer_report *r = &run->report;
    char left[32];
    if (!r->evaluated)
        return;
    v->n_epochs++;
    run->last_top1 = share(r->test.n_top1, r->test.n);
    mf_log_write(&v->runs->cli->log, v->runs->cli->progress ? MF_LOG_INFO : MF_LOG_NOTE,
                 "%s, seed %" PRIu64 ": epoch %" PRIu64 "/%" PRIu64
                 ", loss %.4f, test top-1 %.2f %%, %.0f images/s, %s left",
                 run->arm->name, run->seed, r->epoch + 1, r->n_epochs, r->training.loss,
                 100 * run->last_top1, r->images_per_s, show_time(seconds_left(r), left));
}

void mf_plan_view_end(mf_plan_view *v, const mf_plan_run *run)
{
    const mf_log *log = &v->runs->cli->log;
    const mf_outcome *o = run->outcome;
    size_t n = mf_plan_runs_over(v->runs);
    if (o && !o->fault)
        mf_log_write(log, MF_LOG_NOTE,
                     "%s, seed %" PRIu64 ": done, test top-1 %.2f %% (%zu of %zu runs)",
                     run->arm->name, run->seed, 100 * o->test_top1, n, v->runs->n_runs);
    else if (o)
        mf_log_write(log, MF_LOG_WARNING, "%s, seed %" PRIu64 ": %s%s%s (%zu of %zu runs)",
                     run->arm->name, run->seed, o->fault, *run->diag.hint ? "; " : "",
                     run->diag.hint, n, v->runs->n_runs);
    else if (run->status != MF_INTERRUPTED)
        mf_log_write(log, MF_LOG_WARNING, "%s, seed %" PRIu64 ": %s", run->arm->name, run->seed,
                     run->diag.message);
}

/* ---- the table ---------------------------------------------------------------------------------
 */

static void show_run(const mf_plan_run *run, char line[LINE_BYTES])
{
    const mf_trainer_report *r = &run->report;
    char epoch[48], left[32], test[16] = "";
    if (!run->reported) {
        snprintf(line, LINE_BYTES, "%-*.*s %6" PRIu64 "  begins", ARM_WIDTH, ARM_WIDTH,
                 run->arm->name, run->seed);
        return;
    }
    snprintf(epoch, sizeof epoch, "%" PRIu64 "/%" PRIu64, r->epoch + 1, r->n_epochs);
    if (run->last_top1 >= 0)
        snprintf(test, sizeof test, "%.2f", 100 * run->last_top1);
    snprintf(line, LINE_BYTES, "%-*.*s %6" PRIu64 " %9s %8.4f %8.2f %8s %9.0f  %s", ARM_WIDTH,
             ARM_WIDTH, run->arm->name, run->seed, epoch, r->training.loss,
             100 * share(r->training.n_top1, r->training.n), test, r->images_per_s,
             show_time(seconds_left(r), left));
}

void mf_plan_view_draw(mf_plan_view *v)
{
    char text[MOST_LINES][LINE_BYTES], left[32];
    const char *lines[MOST_LINES];
    size_t n = 1, n_at_work = 0, room = mf_height_of_terminal(STDERR_FILENO);
    if (!v->runs->cli->progress || (v->last.tv_sec && seconds_since(&v->last) < 0.2))
        return;
    clock_gettime(CLOCK_MONOTONIC, &v->last);
    room = room < 4 ? 3 : room > MOST_LINES ? MOST_LINES : room - 1;
    for (size_t i = 0; i < MOST_LINES; i++)
        lines[i] = text[i];
    snprintf(text[0], LINE_BYTES, "%-*s %6s %9s %8s %8s %8s %9s  %s", ARM_WIDTH, "arm", "seed",
             "epoch", "loss", "top-1 %", "test %", "images/s", "left");
    for (size_t i = 0; i < v->runs->n_runs; i++) {
        const mf_plan_run *run = &v->runs->runs[i];
        n_at_work += run->process != 0;
        if (run->process && n + 1 < room)
            show_run(run, text[n++]);
    }
    double seconds = all_seconds_left(v);
    snprintf(text[n++], LINE_BYTES, "%zu of %zu runs done, %zu at work%s%s%s",
             mf_plan_runs_over(v->runs), v->runs->n_runs, n_at_work, seconds >= 0 ? ", " : "",
             seconds >= 0 ? show_time(seconds, left) : "", seconds >= 0 ? " left" : "");
    mf_line_draw_several(lines, n);
}
