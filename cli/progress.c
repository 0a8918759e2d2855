/* Redrawn at most ten times a second; wiped at the end, so that only results stay on the screen. */
#include "cli/progress.h"

#include "cli/line.h"

static double seconds_between(const struct timespec *a, const struct timespec *b)
{
    return (double)(b->tv_sec - a->tv_sec) + (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

void mf_progress_begin(mf_progress *progress, const mf_cli *cli, const char *what, size_t n_items)
{
    *progress = (mf_progress){.shown = cli->progress, .what = what, .n_items = n_items};
    clock_gettime(CLOCK_MONOTONIC, &progress->begin);
    progress->last = progress->begin;
    pthread_mutex_init(&progress->mutex, NULL);
}

static void draw(const mf_progress *p, const struct timespec *now)
{
    enum { WIDTH = 30 };
    char bar[WIDTH + 1];
    double part = p->n_items ? (double)p->n_done / (double)p->n_items : 1;
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < (int)(part * WIDTH) ? '#' : '.';
    bar[WIDTH] = '\0';
    double spent = seconds_between(&p->begin, now);
    double left = part > 0 ? spent / part - spent : 0;
    mf_line_draw("%s [%s] %zu/%zu, %.0f s left", p->what, bar, p->n_done, p->n_items, left);
}

void mf_progress_step(mf_progress *progress, size_t n)
{
    struct timespec now;
    pthread_mutex_lock(&progress->mutex);
    progress->n_done += n;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (progress->shown && seconds_between(&progress->last, &now) >= 0.1) {
        progress->last = now;
        draw(progress, &now);
    }
    pthread_mutex_unlock(&progress->mutex);
}

void mf_progress_end(mf_progress *progress)
{
    mf_line_wipe();
    pthread_mutex_destroy(&progress->mutex);
}
