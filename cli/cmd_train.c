/* `mulfree train`: teach a network whose convolutions multiply, shift or add. */
#include "base/escape.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/ranks.h"
#include "cli/curves.h"
#include "cli/interrupt.h"
#include "cli/meet.h"
#include "cli/output.h"
#include "cli/train_setup.h"
#include "cli/train_view.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const mf_column key_columns[] = {{"key", "key", 0, 1},
                                        {"default", "default", 0, 1},
                                        {"range", "range", 0, 1},
                                        {"about", "what it is", 0, 1},
                                        {NULL, NULL, 0, 0}};

static mf_status show_keys(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_sheet *sheet = mf_sheet_create(arguments->arena, key_columns);
    for (const mf_training_key *k = mf_training_keys; k->name; k++) {
        mf_sheet_row(sheet, MF_ROW_PLAIN);
        mf_sheet_text(sheet, k->name);
        mf_sheet_text(sheet, k->value);
        mf_sheet_text(sheet, k->range);
        mf_sheet_text(sheet, k->text);
    }
    return mf_output_sheet(cli, arguments, sheet, diag);
}

/* ---- the command -------------------------------------------------------------------------------
 */

static mf_status setup_training(mf_train_setup *setup, mf_cli *cli, const mf_arguments *arguments,
                                mf_diag *diag)
{
    const char *resume = mf_arguments_value(arguments, "resume");
    if (resume) {
        if (arguments->n_words)
            return mf_fail(diag, MF_USAGE,
                           "--resume: the checkpoint says which network; leave \"%s\" out",
                           arguments->words[0]);
        return mf_train_setup_resume(setup, cli, arguments, resume, true, diag);
    }
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    return mf_train_setup_new(setup, cli, arguments, arguments->words[0], diag);
}

/* A training must not overwrite what another one left. */
static mf_status refuse_leftovers(const mf_arguments *arguments, mf_diag *diag)
{
    static const char *const names[] = {"checkpoint", "log"};
    enum { N = sizeof names / sizeof names[0] };
    const char *path[N], *resume = mf_arguments_value(arguments, "resume");
    char previous[4096] = "";
    struct stat info;
    for (size_t i = 0; i < N; i++)
        path[i] = mf_arguments_value(arguments, names[i]);
    if (!path[0])
        path[0] = resume;
    for (size_t i = 0; i < N; i++)
        if (path[i] && stat(path[i], &info) == 0 && !S_ISREG(info.st_mode))
            return mf_fail(diag, MF_USAGE, "--%s: %s is no plain file", names[i], path[i]);
    if (path[0])
        mf_trainer_previous(path[0], previous, sizeof previous);
    for (size_t i = 0; i < N; i++) {
        bool own =
            resume && (i == 1 || mf_file_same(path[0], resume) || mf_file_same(previous, resume));
        if (own || !path[i] || access(path[i], F_OK) != 0)
            continue;
        mf_fail(diag, MF_USAGE, "--%s: %s is there already, from another training", names[i],
                path[i]);
        mf_hint(diag, "go on with --resume CHECKPOINT, or remove it to begin anew");
        return MF_USAGE;
    }
    return MF_OK;
}

/* By a file of any training, also one that runs, or by one that this one writes. */
static bool is_taken(const mf_arguments *arguments, const char *path)
{
    static const char *const names[] = {"log", "output", "plot", NULL};
    char previous[4096], locked[4096];
    struct stat info;
    mf_trainer_previous(path, previous, sizeof previous);
    snprintf(locked, sizeof locked, "%s.lock", path);
    for (const char *const *name = names; *name; name++) {
        const char *other = mf_arguments_value(arguments, *name);
        if (other && mf_file_same(path, other))
            return true;
    }
    return lstat(path, &info) == 0 || lstat(previous, &info) == 0 || lstat(locked, &info) == 0;
}

static mf_status draw_curves(const mf_arguments *arguments, mf_diag *diag)
{
    const char *log = mf_arguments_value(arguments, "log");
    return log ? mf_curves_draw(arguments, &log, 1, diag) : MF_OK;
}

static mf_status check_plot(const mf_arguments *arguments, mf_diag *diag)
{
    mf_plot plot;
    MF_TRY(mf_plot_open(arguments, &plot, diag));
    return MF_OK;
}

/* Two trainings that write the same files would spoil both. */
static mf_status lock(const mf_trainer *trainer, mf_file_lock locks[2], mf_diag *diag)
{
    if (trainer->checkpoint)
        MF_TRY(mf_file_lock_take(trainer->checkpoint, &locks[0], diag));
    return trainer->log ? mf_file_lock_take(trainer->log, &locks[1], diag) : MF_OK;
}

/* A name for a checkpoint that nobody named: of network and operator, with a number where that is
 * taken. What a network is called may be any text. */
static mf_status default_checkpoint(const mf_train_setup *setup, const char **checkpoint,
                                    const char **note, mf_diag *diag)
{
    enum { MOST_LETTERS = 80, MOST_NUMBERS = 1000 };
    mf_arena *arena = setup->arguments->arena;
    char *name = mf_arena_format(arena, "%.*s-%s", MOST_LETTERS, setup->network->name, setup->op);
    for (char *c = name; c && *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_' && !(*c == '.' && c > name))
            *c = '-';
    for (int i = 1; name && i < MOST_NUMBERS; i++) {
        const char *path = i == 1 ? mf_arena_format(arena, "./%s.npz", name)
                                  : mf_arena_format(arena, "./%s-%d.npz", name, i);
        if (!path)
            break;
        if (is_taken(setup->arguments, path))
            continue;
        *checkpoint = path + strlen("./");
        *note = mf_arena_format(arena, "checkpoint: %s (--checkpoint names another)", *checkpoint);
        return MF_OK;
    }
    return mf_fail(diag, MF_USAGE, "no name is left for a checkpoint: say where with --checkpoint");
}

static mf_status choose_checkpoint(const mf_train_setup *setup, const char **checkpoint,
                                   const char **note, mf_diag *diag)
{
    *checkpoint = mf_arguments_value(setup->arguments, "checkpoint");
    if (!*checkpoint)
        *checkpoint = mf_arguments_value(setup->arguments, "resume");
    return *checkpoint ? MF_OK : default_checkpoint(setup, checkpoint, note, diag);
}

/* What is left of a training that was interrupted is there, and how to go on. */
static void hint_resume(const mf_trainer *trainer, mf_diag *diag)
{
    mf_text words = {0};
    mf_escape_shell(&words, trainer->checkpoint);
    if (trainer->log) {
        mf_text_puts(&words, " --log ");
        mf_escape_shell(&words, trainer->log);
    }
    if (!words.failed)
        mf_hint(diag, "`mulfree train --resume %s` goes on from there", words.bytes);
    mf_text_free(&words);
}

static mf_status train_and_show(mf_train_setup *setup, mf_trainer *trainer, mf_diag *diag)
{
    mf_train_view view = {.cli = setup->cli,
                          .arguments = setup->arguments,
                          .heading = mf_arena_format(setup->arguments->arena, "%s on %s",
                                                     setup->network->name, setup->training.data)};
    mf_file_lock locks[2] = {{0}};
    MF_TRY(choose_checkpoint(setup, &trainer->checkpoint, &view.note, diag));
    trainer->log = mf_arguments_value(setup->arguments, "log");
    trainer->stop = mf_interrupt_came;
    trainer->report = mf_train_view_report;
    trainer->user = &view;
    mf_status status = lock(trainer, locks, diag);
    if (status == MF_OK)
        status = mf_train_view_end(&view, mf_trainer_run(trainer, diag), diag);
    for (size_t i = 0; i < 2; i++)
        mf_file_lock_release(&locks[i]);
    if (status == MF_INTERRUPTED)
        hint_resume(trainer, diag);
    return status;
}

/* Rank 0 has the files, and is the one that a signal stops. */
static mf_status train(mf_train_setup *setup, mf_diag *diag)
{
    mf_trainer trainer = mf_train_setup_trainer(setup);
    mf_interrupt_catch(true);
    mf_status status = mf_ranks_rank() ? mf_trainer_run(&trainer, diag)
                                       : train_and_show(setup, &trainer, diag);
    mf_interrupt_catch(false);
    return status;
}

/* With nothing left to train the end is quick and, without a word, puzzling. */
static void tell_rest(const mf_train_setup *setup)
{
    uint64_t done = setup->so_far.epoch;
    if (mf_arguments_value(setup->arguments, "resume") && done >= setup->training.epochs)
        mf_log_write(&setup->cli->log, MF_LOG_WARNING,
                     "all %" PRIu64 " epochs are trained already; --set epochs=N with a larger N "
                     "goes on, with the learning rates of a longer training",
                     done);
}

static mf_status prepare(mf_train_setup *setup, mf_cli *cli, const mf_arguments *arguments,
                         mf_diag *diag)
{
    if (mf_ranks_speaks()) { /* and has the files */
        MF_TRY(check_plot(arguments, diag));
        MF_TRY(refuse_leftovers(arguments, diag));
    }
    MF_TRY(setup_training(setup, cli, arguments, diag));
    tell_rest(setup);
    MF_TRY(mf_train_setup_tell_recipes(setup, diag));
    MF_TRY(mf_train_setup_teacher(setup, diag));
    return mf_train_setup_pictures(setup, true, diag);
}

/* Ranks that do not train the same thing in the same way end before they begin. */
static mf_status meet(const mf_train_setup *setup, const mf_arguments *arguments, mf_status mine,
                      mf_diag *diag)
{
    const char *kernels = mf_kernels_best()->name;
    if (!mf_is_one_of_several())
        return mine;
    uint64_t digest = mine == MF_OK ? mf_train_setup_digest(setup) : 0;
    MF_TRY(mf_meet(arguments, mine, digest, "has other files, pictures or weights than rank 0",
                   diag));
    digest = mf_hash_bytes(MF_HASH_BEGIN, kernels, strlen(kernels));
    return mf_meet(arguments, MF_OK, digest,
                   "computes with other instructions than rank 0, and would round differently",
                   diag);
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_train_setup setup = {0};
    if (mf_arguments_has(arguments, "keys"))
        return mf_ranks_speaks() ? show_keys(cli, arguments, diag) : MF_OK;
    mf_status status = prepare(&setup, cli, arguments, diag);
    MF_TRY_DONE(meet(&setup, arguments, status, diag));
    MF_TRY_DONE(train(&setup, diag));
    if (mf_ranks_rank() == 0)
        MF_TRY_DONE(draw_curves(arguments, diag));
done:
    mf_train_setup_close(&setup);
    return status;
}

static const mf_option options[] = {
    {"op", 0, "OP", .about = "operator of the variant (default mult)", .words = "operators",
     .needs = MF_IF_TRAINED | MF_IF_BEGUN_HERE},
    {"data", 0, "DATA",
     .about = "cifar10:DIR, cifar100:DIR, mnist:DIR, folder:DIR, or shapes (default)",
     .needs = MF_IF_TRAINED},
    {"config", 'c', "FILE", .about = "training keys as JSON (--keys lists them)", .words = "files",
     .needs = MF_IF_TRAINED | MF_IF_BEGUN_HERE},
    {"set", 's', "KEY=VALUE", .about = "change a training key, for example epochs=30",
     .needs = MF_IF_TRAINED, .list = true},
    {"keys", 0, NULL, .about = "list the training keys and their defaults, and stop"},
    {"checkpoint", 0, "FILE.npz",
     .about = "written after each epoch, and when interrupted (default NETWORK-OP.npz here)",
     .words = ">files *.previous.npz .lock", .needs = MF_IF_TRAINED},
    {"resume", 0, "FILE.npz", .about = "go on from a checkpoint, bit by bit",
     .words = "files *.previous.npz --checkpoint", .needs = MF_IF_TRAINED},
    {"init", 0, "FILE.npz", .about = "begin with these weights: arrays named as in a checkpoint",
     .words = "files", .needs = MF_IF_TRAINED | MF_IF_BEGUN_HERE},
    {"init-head", 0, "fresh", .about = "a new classifier beside those weights, for other classes",
     .words = "=fresh", .needs = MF_IF_TRAINED | MF_IF_BEGUN_HERE},
    {"log", 0, "FILE.jsonl", .about = "append a line of JSON per epoch", .words = ">files .lock",
     .needs = MF_IF_TRAINED},
    {"plot", 'p', "FILE", .about = "draw the log's curves, as .svg, .png or .pdf (needs gnuplot)",
     .words = ">files", .needs = MF_IF_TRAINED | MF_IF_LOGGED},
    MF_NETWORK_OPTIONS(MF_IF_TRAINED | MF_IF_BEGUN_HERE),
    MF_RANKS_OPTIONS(MF_IF_TRAINED),
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree train mobilenetv2-tiny -r 32 --classes 10 --op shift --set epochs=3",
     "on the embedded set of shapes"},
    {"mulfree train mobilenetv2-w0.35 -r 64 --data cifar100:DIR --op add --set epochs=30 "
     "--checkpoint run.npz --log run.jsonl",
     "a long run that survives"},
    {"mulfree train mobilenetv2-tiny -r 32 --classes 10 --init mult.npz --init-head fresh "
     "--set freeze=stem,depthwise --set epochs=3",
     "a new classifier on layers of another training, some of them frozen"},
    {"mulfree train --resume run.npz --log run.jsonl", "go on after a crash or Ctrl-C"},
    {NULL, NULL}};

const mf_command mf_command_train = {
    .name = "train",
    .summary = "train a network whose convolutions multiply, shift or add",
    .arguments = "NETWORK",
    .about = "Defaults are those of the paper (section 4.1). The same "
             "seed and number of threads give the same bits, interrupted or not.",
    .words = "networks",
    .always = MF_IF_LEARNING | MF_IF_DESCRIBED, /* others cannot be trained */
    .options = options,
    .examples = examples,
    .run = run,
    .on_ranks = true,
};
