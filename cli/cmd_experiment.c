/* `mulfree experiment`: trainings that differ in one thing, each with several seeds, side by side.
 */
#include "base/parallel.h"
#include "base/ranks.h"
#include "cli/meet.h"
#include "cli/output.h"
#include "cli/part.h"
#include "cli/plan_pool.h"
#include "cli/plan_ranks.h"
#include "cli/plan_result.h"
#include "cli/plot.h"

#include <inttypes.h>

/* A core for each thread, unless --jobs says how many runs. */
static mf_status choose_jobs(const mf_plan_runs *runs, size_t *jobs, mf_diag *diag)
{
    uint64_t n_threads = 1, n = mf_parallel_cores();
    size_t n_left = runs->n_runs - mf_plan_runs_over(runs);
    for (size_t i = 0; i < runs->n_setups; i++)
        if (runs->setups[i].training.threads > n_threads)
            n_threads = runs->setups[i].training.threads;
    mf_log_write(&runs->cli->log, MF_LOG_DEBUG, "%" PRIu64 " threads at most in a run", n_threads);
    n = n > n_threads ? n / n_threads : 1;
    MF_TRY(mf_arguments_count(runs->arguments, "jobs", 1, 1024, &n, diag));
    *jobs = n > n_left && n_left ? n_left : (size_t)n;
    return MF_OK;
}

/* Recipes of the arms that are still to be trained. */
static mf_status tell_recipes(const mf_plan_runs *runs, mf_diag *diag)
{
    const mf_train_setup *told = NULL;
    for (size_t i = 0; i < runs->n_runs; i++) {
        if (runs->runs[i].outcome || runs->runs[i].setup == told)
            continue;
        told = runs->runs[i].setup;
        MF_TRY(mf_train_setup_tell_recipes(told, diag));
    }
    return MF_OK;
}

static mf_status train(mf_plan_runs *runs, mf_plan_ranks *ranks, mf_diag *diag)
{
    mf_plan_view view;
    size_t jobs = mf_ranks_size();
    if (!ranks)
        MF_TRY(choose_jobs(runs, &jobs, diag));
    MF_TRY(tell_recipes(runs, diag));
    mf_log_write(&runs->cli->log, MF_LOG_INFO, "%zu of %zu runs are done, %zu at once, in %s",
                 mf_plan_runs_over(runs), runs->n_runs, jobs, runs->folder);
    mf_plan_view_begin(&view, runs);
    return ranks ? mf_plan_ranks_run(ranks, &view, diag)
                 : mf_plan_pool_run(runs, jobs, &view, diag);
}

/* The folder is rank 0's; every rank has the pictures. */
static mf_status prepare(mf_plan_runs *runs, mf_cli *cli, const mf_arguments *arguments,
                         mf_diag *diag)
{
    mf_plot plot; /* a wrong ending is found before anything is trained */
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    MF_TRY(mf_plot_open(arguments, &plot, diag));
    MF_TRY(mf_plan_runs_read(runs, cli, arguments, arguments->words[0], diag));
    return mf_ranks_speaks() ? mf_plan_runs_find(runs, diag) : MF_OK;
}

/* Ranks that would not train the same end before they begin. */
static mf_status meet(mf_plan_runs *runs, mf_plan_ranks **ranks, mf_status mine, mf_diag *diag)
{
    if (mine == MF_OK && mf_is_one_of_several())
        mine = mf_plan_ranks_create(runs, ranks, diag);
    return mf_meet(runs->arguments, mine, mf_plan_ranks_digest(runs),
                   "reads other files than rank 0", diag);
}

static mf_status show(mf_plan_runs *runs, mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_sheet *sheet;
    if (runs->part.n) {
        mf_log_write(&cli->log, MF_LOG_NOTE,
                     "part %" PRIu64 " of %" PRIu64 " is in %s; when all are, the same without "
                     "--part shows them",
                     runs->part.k, runs->part.n, runs->folder);
        return MF_OK;
    }
    MF_TRY(mf_plan_result_rows(runs, &sheet, diag));
    MF_TRY(mf_plan_result_draw(runs, diag));
    return mf_output_sheet(cli, arguments, sheet, diag);
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_plan_runs runs = {.journal = {.descriptor = -1}};
    mf_plan_ranks *ranks = NULL;
    mf_status status = prepare(&runs, cli, arguments, diag);
    MF_TRY_DONE(meet(&runs, &ranks, status, diag));
    MF_TRY_DONE(train(&runs, ranks, diag));
    if (mf_ranks_rank() == 0)
        MF_TRY_DONE(show(&runs, cli, arguments, diag));
done:
    mf_plan_ranks_destroy(ranks);
    mf_plan_runs_close(&runs);
    return status;
}

static const mf_option options[] = {
    {"data", 0, "DATA",
     .about = "cifar10:DIR, cifar100:DIR, mnist:DIR, folder:DIR, or shapes, instead of the file's"},
    {"set", 's', "KEY=VALUE", .about = "change a training key in all arms, for example epochs=30",
     .list = true},
    {"profile", 0, "NAME",
     .about = "which of the file's profiles, for example desk or paper (default: its first)"},
    {"arms", 0, "NAMES", .about = "only these arms of the file, with commas between"},
    {"seeds", 0, "N", .about = "only so many of the file's seeds"},
    {"folder", 0, "DIR",
     .about =
         "where checkpoints, logs and journal are (default: the experiment's name and profile, here)",
     .words = ">files /"},
    {"jobs", 'j', "N", .about = "runs at once (default: all cores)", .needs = MF_IF_ALONE},
    MF_PART_OPTION("in a folder that all share: on machines of their own", 0),
    MF_RANKS_OPTIONS(0),
    MF_PLOT_OPTION(MF_IF_UNDIVIDED),
    MF_FORMAT_OPTION(MF_IF_UNDIVIDED),
    {"output", 'o', "FILE", .about = "write to FILE in one step, gzipped if it ends in .gz",
     .words = ">files", .needs = MF_IF_UNDIVIDED},
    MF_WIDE_OPTION(MF_IF_UNDIVIDED),
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree experiment ./my-experiment.json", "begin it, or go on with it"},
    {"mulfree experiment ./my-experiment.json --set epochs=20 --folder longer -o longer.csv",
     "the same for longer, and its result in a file"},
    {"mulfree experiment ./my-experiment.json --folder shared --part 1/2",
     "every second run; another machine takes --part 2/2 (docs/SCALING.md)"},
    {NULL, NULL}};

const mf_command mf_command_experiment = {
    .name = "experiment",
    .summary = "train arms with several seeds each; show mean and spread",
    .arguments = "FILE",
    .about =
        "FILE is the path of a JSON file, or a name from `mulfree list experiments`, with "
        "\"kind\": \"training\", \"arms\" (a network, an operator, keys) and \"seeds\"; "
        "docs/TRAINING.md describes the format. Each run, an arm with a seed, has a process, a "
        "checkpoint and a log of its own in the folder; those that are over are not trained "
        "again, and others go on from their checkpoints: the same command, after Ctrl-C or a "
        "crash, gives the same bytes as if nothing had happened, however many run at once.",
    .words = "experiments",
    .always = MF_IF_LEARNING,
    .options = options,
    .examples = examples,
    .run = run,
    .on_ranks = true,
};
