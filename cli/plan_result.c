/* Statistics over seeds. */
#include "cli/plan_result.h"

#include "cli/plot.h"
#include "cli/spread.h"
#include "train/log.h"

#include <inttypes.h>
#include <math.h>

/* ---- rows --------------------------------------------------------------------------------------
 */

static const mf_column columns[] = {{"arm", "arm", 0, 1},
                                    {"network", "network", 0, 1},
                                    {"op", "op", 0, 1},
                                    {"epochs", "epochs", 0, 1},
                                    {"n_seeds", "seeds", 0, 1},
                                    {"n_failed", "failed", 0, 1},
                                    {"test_top1_mean", "test top-1 %", 2, 100},
                                    {"test_top1_deviation", "+-", 2, 100},
                                    {"test_top1_difference", "to the first", 2, 100},
                                    {"test_top1_interval", "+-95 %", 2, 100},
                                    {"published_top1", "published %", 2, 100},
                                    {"test_top5_mean", "top-5 %", 2, 100},
                                    {"test_top5_deviation", "+-", 2, 100},
                                    {"test_loss_mean", "test loss", 4, 1},
                                    {"test_loss_deviation", "+-", 4, 1},
                                    {"loss_mean", "loss", 4, 1},
                                    {"top1_mean", "top-1 %", 2, 100},
                                    {"fault", NULL, 0, 1},
                                    {NULL, NULL, 0, 0}};

/* Of the seeds of one arm. */
typedef struct arm_result {
#define MF_OUTCOME(member) mf_spread member;
    MF_EACH_OUTCOME(MF_OUTCOME)
#undef MF_OUTCOME
    size_t n_failed;
    const mf_plan_run *failed; /* the first */
} arm_result;

static arm_result result_of(const mf_plan_runs *r, size_t arm)
{
    arm_result found = {0};
    for (size_t k = 0; k < r->plan.n_seeds; k++) {
        const mf_plan_run *run = &r->runs[arm * r->plan.n_seeds + k];
        const mf_outcome *o = run->outcome;
        if (o->fault) {
            found.failed = found.n_failed++ ? found.failed : run;
            continue;
        }
#define MF_OUTCOME(member) mf_spread_add(&found.member, o->member);
        MF_EACH_OUTCOME(MF_OUTCOME)
#undef MF_OUTCOME
    }
    return found;
}

static void put_mean(mf_sheet *sheet, const mf_spread *s)
{
    if (s->n)
        mf_sheet_real(sheet, s->mean);
    else
        mf_sheet_none(sheet);
}

static void put_spread(mf_sheet *sheet, const mf_spread *s)
{
    put_mean(sheet, s);
    if (s->n > 1)
        mf_sheet_real(sheet, mf_spread_deviation(s));
    else
        mf_sheet_none(sheet);
}

/* ---- differences -------------------------------------------------------------------------------
 */

/* The deviation of one run, taken to be the same in all arms, from the spread within those that have
 * more than one. */
typedef struct pooled {
    size_t freedom; /* 0: no arm has more than one run */
    double deviation;
} pooled;

static pooled pool(const arm_result *results, size_t n)
{
    double squares = 0;
    pooled p = {0};
    for (size_t i = 0; i < n; i++) {
        const mf_spread *s = &results[i].test_top1;
        p.freedom += s->n > 1 ? s->n - 1 : 0;
        squares += s->n > 1 ? s->squares : 0;
    }
    p.deviation = p.freedom ? sqrt(squares / (double)p.freedom) : 0;
    return p;
}

/* To the first arm, with half the width of its interval. */
static void put_difference(mf_sheet *sheet, const arm_result *results, size_t arm, const pooled *p)
{
    const mf_spread *s = &results[arm].test_top1, *first = &results[0].test_top1;
    if (!arm || !s->n || !first->n) {
        mf_sheet_none(sheet);
        mf_sheet_none(sheet);
        return;
    }
    mf_sheet_real(sheet, s->mean - first->mean);
    if (p->freedom)
        mf_sheet_real(sheet, mf_student_95(p->freedom) * p->deviation *
                                 sqrt(1 / (double)s->n + 1 / (double)first->n));
    else
        mf_sheet_none(sheet);
}

static mf_status add_row(const mf_plan_runs *r, const arm_result *results, const pooled *p,
                         size_t arm, mf_sheet *sheet, const char **fault, mf_diag *diag)
{
    const mf_train_setup *s = &r->setups[arm];
    const arm_result found = results[arm];
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, r->plan.arms[arm].name);
    mf_sheet_text(sheet, s->network->name);
    mf_sheet_text(sheet, s->op);
    mf_sheet_count(sheet, s->training.epochs);
    mf_sheet_count(sheet, found.test_top1.n);
    mf_sheet_count(sheet, found.n_failed);
    put_spread(sheet, &found.test_top1);
    put_difference(sheet, results, arm, p);
    if (r->plan.arms[arm].published_top1 > 0)
        mf_sheet_real(sheet, r->plan.arms[arm].published_top1);
    else
        mf_sheet_none(sheet);
    put_spread(sheet, &found.test_top5);
    put_spread(sheet, &found.test_loss);
    put_mean(sheet, &found.loss);
    put_mean(sheet, &found.top1);
    *fault = "";
    if (found.failed)
        *fault = mf_arena_format(r->arguments->arena, "seed %" PRIu64 ": %s", found.failed->seed,
                                 found.failed->outcome->fault);
    if (!*fault)
        return mf_fail_memory(diag);
    mf_sheet_text(sheet, *fault);
    return MF_OK;
}

mf_status mf_plan_result_rows(const mf_plan_runs *r, mf_sheet **sheet, mf_diag *diag)
{
    mf_arena *arena = r->arguments->arena;
    *sheet = mf_sheet_create(arena, columns);
    arm_result *results = MF_NEW_ARRAY(arena, arm_result, r->plan.n_arms);
    if (!results)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < r->plan.n_arms; i++)
        results[i] = result_of(r, i);
    const pooled p = pool(results, r->plan.n_arms);
    const char *profile = r->plan.profile;
    mf_sheet_heading(*sheet, mf_arena_format(arena, "%s%s%s: %s", r->plan.name, profile ? ", " : "",
                                             profile ? profile : "", r->plan.about));
    mf_sheet_note(*sheet,
                  "of the last epoch: mean, and +- the sample standard deviation over seeds; "
                  "\"test\" is of the pictures held out");
    if (p.freedom)
        mf_sheet_note(*sheet,
                      mf_arena_format(arena,
                                      "differences to the first arm, with 95 %% intervals by a "
                                      "deviation of %.2f points pooled over arms (%zu degrees of "
                                      "freedom)",
                                      100 * p.deviation, p.freedom));
    for (size_t i = 0; i < r->plan.n_arms; i++) {
        const char *fault;
        MF_TRY(add_row(r, results, &p, i, *sheet, &fault, diag));
        if (*fault)
            mf_sheet_note(*sheet, mf_arena_format(arena, "%s, %s", r->plan.arms[i].name, fault));
    }
    return MF_OK;
}

/* ---- curves ------------------------------------------------------------------------------------
 */

enum { CURVES = 3 }; /* of an arm in a panel: the mean, and what lies a deviation below and above */

/* One arm's curves in both panels: [0, n_epochs) of numbers, loss before accuracy. */
typedef struct curves {
    size_t n_epochs;
    mf_spread *loss, *top1;
} curves;

static mf_status read_curves(const mf_plan_runs *r, size_t arm, curves *c, mf_diag *diag)
{
    mf_arena *arena = r->arguments->arena;
    c->n_epochs = (size_t)r->setups[arm].training.epochs;
    c->loss = MF_NEW_ARRAY(arena, mf_spread, c->n_epochs);
    c->top1 = MF_NEW_ARRAY(arena, mf_spread, c->n_epochs);
    if (!c->loss || !c->top1)
        return mf_fail_memory(diag);
    for (size_t k = 0; k < r->plan.n_seeds; k++) {
        const mf_plan_run *run = &r->runs[arm * r->plan.n_seeds + k];
        mf_logged *lines;
        size_t n;
        if (run->outcome->fault)
            continue;
        MF_TRY(mf_log_read(run->log, arena, &lines, &n, diag));
        if (n != c->n_epochs)
            return mf_fail(diag, MF_INVALID, "%s: %zu epochs in it, expected %zu", run->log, n,
                           c->n_epochs);
        for (size_t i = 0; i < n; i++) {
            mf_spread_add(&c->loss[i], lines[i].test_loss);
            mf_spread_add(&c->top1[i], 100 * lines[i].test_top1);
        }
    }
    return MF_OK;
}

static mf_status put_curves(mf_arena *arena, const char *name, const mf_spread *values, size_t n,
                            mf_plot_points *points, mf_diag *diag)
{
    static const int sides[CURVES] = {0, -1, 1};
    static const char *const sides_said[CURVES] = {"", " - deviation", " + deviation"};
    double *x = MF_NEW_ARRAY(arena, double, n);
    if (!x)
        return mf_fail_memory(diag);
    size_t n_values = values[0].n;
    for (size_t i = 0; i < n; i++)
        x[i] = (double)i + 1;
    for (size_t k = 0; k < CURVES; k++) {
        double *y = MF_NEW_ARRAY(arena, double, n);
        const char *what = mf_arena_format(arena, "%s%s", name, sides_said[k]);
        if (!y || !what)
            return mf_fail_memory(diag);
        for (size_t i = 0; i < n; i++)
            y[i] = values[i].mean + sides[k] * mf_spread_deviation(&values[i]);
        bool drawn = n_values > (k ? 1 : 0);
        points[k] =
            (mf_plot_points){what, x, y, drawn ? n : 0, k ? MF_PLOT_COMPANION : MF_PLOT_JOINED, 0, NULL};
    }
    return MF_OK;
}

mf_status mf_plan_result_draw(const mf_plan_runs *r, mf_diag *diag)
{
    mf_arena *arena = r->arguments->arena;
    size_t n_curves = CURVES * r->plan.n_arms;
    mf_plot plot;
    MF_TRY(mf_plot_open(r->arguments, &plot, diag));
    if (!plot.path)
        return MF_OK;
    mf_plot_points *loss = MF_NEW_ARRAY(arena, mf_plot_points, n_curves),
                   *top1 = MF_NEW_ARRAY(arena, mf_plot_points, n_curves);
    if (!loss || !top1)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < r->plan.n_arms; i++) {
        const char *name = r->plan.arms[i].name;
        curves c;
        MF_TRY(read_curves(r, i, &c, diag));
        MF_TRY(put_curves(arena, name, c.loss, c.n_epochs, loss + CURVES * i, diag));
        MF_TRY(put_curves(arena, name, c.top1, c.n_epochs, top1 + CURVES * i, diag));
    }
    mf_plot_scatter(&plot, "accuracy on the pictures held out", "epoch", "top-1, %", MF_PLOT_COUNTS,
                    top1, n_curves);
    mf_plot_scatter(&plot, "loss on the pictures held out", "epoch", "cross entropy",
                    MF_PLOT_COUNTS, loss, n_curves);
    return mf_plot_close(&plot, diag);
}
