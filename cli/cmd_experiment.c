/* `mulfree experiment`: trainings that differ in one thing, each with several seeds, side by side.
 */
#include "base/parallel.h"
#include "cli/output.h"
#include "cli/plan_pool.h"
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

static mf_status train(mf_plan_runs *runs, mf_diag *diag)
{
    mf_plan_view view;
    size_t jobs;
    MF_TRY(choose_jobs(runs, &jobs, diag));
    MF_TRY(tell_recipes(runs, diag));
    mf_log_write(&runs->cli->log, MF_LOG_INFO, "%zu of %zu runs are done, %zu at once, in %s",
                 mf_plan_runs_over(runs), runs->n_runs, jobs, runs->folder);
    mf_plan_view_begin(&view, runs);
    return mf_plan_pool_run(runs, jobs, &view, diag);
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_plan_runs runs = {.journal = {.descriptor = -1}};
    mf_sheet *sheet;
    mf_plot plot; /* a wrong ending is found before anything is trained */
    mf_status status;
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    MF_TRY(mf_plot_open(arguments, &plot, diag));
    MF_TRY_DONE(mf_plan_runs_read(&runs, cli, arguments, arguments->words[0], diag));
    MF_TRY_DONE(mf_plan_runs_find(&runs, diag));
    MF_TRY_DONE(train(&runs, diag));
    MF_TRY_DONE(mf_plan_result_rows(&runs, &sheet, diag));
    MF_TRY_DONE(mf_plan_result_draw(&runs, diag));
    MF_TRY_DONE(mf_output_sheet(cli, arguments, sheet, diag));
done:
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
    {"jobs", 'j', "N", .about = "runs at once (default: all cores)"},
    MF_PLOT_OPTION(0),
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree experiment ./my-experiment.json", "begin it, or go on with it"},
    {"mulfree experiment ./my-experiment.json --set epochs=20 --folder longer -o longer.csv",
     "the same for longer, and its result in a file"},
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
};
