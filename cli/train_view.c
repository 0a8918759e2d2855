/* Rows and the line under way. */
#include "cli/train_view.h"

#include "cli/line.h"

#include <inttypes.h>

static const mf_column columns[] = {{"epoch", "epoch", 0, 1},
                                    {"rate", "rate", 4, 1},
                                    {"loss", "loss", 4, 1},
                                    {"top1", "top-1 %", 2, 100},
                                    {"test_loss", "test loss", 4, 1},
                                    {"test_top1", "test top-1 %", 2, 100},
                                    {"test_top5", "test top-5 %", 2, 100},
                                    {NULL, NULL, 0, 0}};

static double share(uint64_t part, uint64_t all)
{
    return all ? (double)part / (double)all : 0;
}

static void add_row(mf_sheet *sheet, mf_row_kind kind, const mf_trainer_report *r)
{
    mf_sheet_row(sheet, kind);
    mf_sheet_count(sheet, r->epoch + 1);
    mf_sheet_real(sheet, r->rate);
    mf_sheet_real(sheet, r->training.loss);
    mf_sheet_real(sheet, share(r->training.n_top1, r->training.n));
    mf_sheet_real(sheet, r->test.loss);
    mf_sheet_real(sheet, share(r->test.n_top1, r->test.n));
    mf_sheet_real(sheet, share(r->test.n_top5, r->test.n));
}

static mf_status begin(mf_train_view *view, uint64_t n_epochs, mf_diag *diag)
{
    const mf_trainer_report sample = {.epoch = n_epochs, .rate = 0.1, .training = {.loss = 1}};
    view->sheet = mf_sheet_create(view->arguments->arena, columns);
    mf_sheet_heading(view->sheet, view->heading);
    add_row(view->sheet, MF_ROW_SAMPLE, &sample);
    if (view->note)
        mf_log_write(&view->cli->log, MF_LOG_NOTE, "%s", view->note);
    return mf_output_begin(view->cli, view->arguments, view->sheet, diag);
}

/* At most ten times a second. */
static void draw(mf_train_view *view, const mf_trainer_report *r)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double since = (double)(now.tv_sec - view->last.tv_sec) +
                   1e-9 * (double)(now.tv_nsec - view->last.tv_nsec);
    uint64_t done = r->epoch * r->n_batches + r->batch, all = r->n_epochs * r->n_batches;
    if (!view->cli->progress || since < 0.1)
        return;
    view->last = now;
    mf_line_draw("epoch %" PRIu64 "/%" PRIu64 ", step %" PRIu64 "/%" PRIu64
                 ": loss %.4f, top-1 %.2f %%, %.0f images/s, %.0f s left",
                 r->epoch + 1, r->n_epochs, r->batch, r->n_batches, r->training.loss,
                 100 * share(r->training.n_top1, r->training.n), r->images_per_s,
                 r->seconds / (double)(r->n_steps ? r->n_steps : 1) * (double)(all - done));
}

mf_status mf_train_view_report(void *user, const mf_trainer_report *r, mf_diag *diag)
{
    mf_train_view *view = user;
    if (!view->sheet)
        MF_TRY(begin(view, r->n_epochs, diag));
    if (!r->evaluated) {
        draw(view, r);
        return MF_OK;
    }
    add_row(view->sheet, MF_ROW_PLAIN, r);
    mf_log_write(&view->cli->log, MF_LOG_INFO,
                 "epoch %" PRIu64 "/%" PRIu64 ": loss %.4f, test top-1 %.2f %%, %.0f s",
                 r->epoch + 1, r->n_epochs, r->training.loss,
                 100 * share(r->test.n_top1, r->test.n), r->seconds);
    return mf_output_continue(view->cli, view->arguments, view->sheet, diag);
}

mf_status mf_train_view_end(mf_train_view *view, mf_status status, mf_diag *diag)
{
    mf_diag *unless_known = status == MF_OK ? diag : NULL;
    mf_status shown = MF_OK;
    if (!view->sheet && status == MF_OK)
        shown = begin(view, 0, unless_known); /* no step was left */
    if (view->sheet && shown == MF_OK)
        shown = mf_output_end(view->cli, view->arguments, view->sheet, unless_known);
    return status == MF_OK ? shown : status;
}
