/* `mulfree tradeoff`: what do trained networks cost, and what are they worth? Each checkpoint is
 * put on integer codes and scored beside its floats; then a few pictures run through the SystemC
 * chip, every output checked. */
#include "base/file.h"
#include "base/unfinished.h"
#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/export.h"
#include "cli/output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const mf_column columns[] = {{"checkpoint", "checkpoint", 0, 1},
                                    {"network", "network", 0, 1},
                                    {"op", "op", 0, 1},
                                    {"float_top1", "float top-1 %", 2, 100},
                                    {"integer_top1", "integer top-1 %", 2, 100},
                                    {"energy_uj", "energy uJ", 3, 1},
                                    {"energy_ratio", "of first", 3, 1},
                                    {"latency_us", "latency us", 2, 1},
                                    {"latency_ratio", "of first", 3, 1},
                                    {"n_checked", "outputs checked", 0, 1},
                                    {"arrays", "PEs by area", 0, 1}, /* last, and not always */
                                    {NULL, NULL, 0, 0}};

typedef struct tradeoff {
    mf_setup setup;
    mf_account account;
    mf_execute execute;
    mf_sheet *sheet;
    char *folder; /* of traces that nobody wants to keep; NULL where they are kept */
    double first_uj, first_us;
    uint64_t n_pictures;
    const char *data;
    const char **checkpoints;
    size_t n_checkpoints;
} tradeoff;

/* A checkpoint's name without folders and ending. */
static const char *stem_of(mf_arena *arena, const char *path)
{
    const char *name = mf_file_name(path);
    size_t n = strlen(name);
    return mf_arena_string_n(arena, name, n > 4 && !strcmp(name + n - 4, ".npz") ? n - 4 : n);
}

static mf_status choose_folder(tradeoff *t, const char **folder, mf_diag *diag)
{
    mf_arena *arena = t->setup.arena;
    const char *wanted = mf_arguments_value(t->setup.arguments, "traces"), *tmp = getenv("TMPDIR");
    *folder = wanted;
    if (wanted) {
        if (mkdir(wanted, 0777) != 0 && errno != EEXIST)
            return mf_fail(diag, MF_IO, "%s: cannot be made: %s", wanted, strerror(errno));
        return MF_OK;
    }
    char *made = mf_arena_format(arena, "%s/mulfree.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!made)
        return mf_fail_memory(diag);
    if (!mkdtemp(made))
        return mf_fail(diag, MF_IO, "%s: cannot be made: %s", made, strerror(errno));
    *folder = t->folder = made;
    mf_unfinished_begin(made);
    return MF_OK;
}

static mf_status execute(tradeoff *t, const char *trace, mf_report *report, mf_diag *diag)
{
    mf_network *network;
    MF_TRY(mf_setup_network(t->setup.cli, t->setup.arguments, trace, &network, diag));
    mf_status status = mf_execute_run(&t->execute, network,
                                      mf_execute_op(t->setup.arguments, network), report, diag);
    mf_network_destroy(network);
    return status;
}

static void add_row(tradeoff *t, const char *name, const mf_export *x, const mf_report *r)
{
    double n = (double)x->n_traced, uj = 1e3 * r->energy_mj / n, us = 1e3 * r->latency_ms / n;
    if (!t->first_uj) {
        t->first_uj = uj;
        t->first_us = us;
    }
    mf_sheet_row(t->sheet, MF_ROW_PLAIN);
    mf_sheet_text(t->sheet, name);
    mf_sheet_text(t->sheet, x->setup.network->name);
    mf_sheet_text(t->sheet, x->setup.op);
    mf_sheet_real(t->sheet, (double)x->as_float.n_top1 / (double)x->as_float.n);
    mf_sheet_real(t->sheet, (double)x->as_integer.n_top1 / (double)x->as_integer.n);
    mf_sheet_real(t->sheet, uj);
    mf_sheet_real(t->sheet, uj / t->first_uj);
    mf_sheet_real(t->sheet, us);
    mf_sheet_real(t->sheet, us / t->first_us);
    mf_sheet_count(t->sheet, r->n_checked);
    if (t->account.options.iso_area)
        mf_sheet_text(t->sheet, mf_account_arrays(&t->account, &r->account));
    t->n_pictures = x->n_traced;
}

/* run*.npz finds the checkpoint before run.npz, too, which nobody means by it. */
static mf_status choose_checkpoints(tradeoff *t, const mf_arguments *arguments, mf_diag *diag)
{
    char previous[4096];
    t->checkpoints = MF_NEW_ARRAY(arguments->arena, const char *, arguments->n_words);
    if (!t->checkpoints)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < arguments->n_words; i++) {
        const char *word = arguments->words[i], *later = NULL;
        for (size_t k = 0; k < arguments->n_words && !later; k++) {
            mf_trainer_previous(arguments->words[k], previous, sizeof previous);
            later = strcmp(previous, word) == 0 ? arguments->words[k] : NULL;
        }
        if (later)
            mf_log_write(&t->setup.cli->log, MF_LOG_NOTE,
                         "%s is left out: it is the checkpoint before %s", word, later);
        else
            t->checkpoints[t->n_checkpoints++] = word;
    }
    return MF_OK;
}

/* A trace must replace neither a checkpoint nor another trace. */
static mf_status check_names(const tradeoff *t, const char *folder, mf_diag *diag)
{
    for (size_t i = 0; i < t->n_checkpoints && !t->folder; i++) {
        const char *name = stem_of(t->setup.arena, t->checkpoints[i]);
        for (size_t k = 0; name && k < i; k++)
            if (strcmp(name, stem_of(t->setup.arena, t->checkpoints[k])) == 0)
                return mf_fail(diag, MF_USAGE, "--traces: %s and %s would both be %s.npz",
                               t->checkpoints[k], t->checkpoints[i], name);
        const char *trace = mf_arena_format(t->setup.arena, "%s/%s.npz", folder, name);
        for (size_t k = 0; trace && k < t->n_checkpoints; k++)
            if (mf_file_same(trace, t->checkpoints[k]))
                return mf_fail(diag, MF_USAGE, "--traces: %s is a checkpoint", trace);
    }
    return MF_OK;
}

/* Accuracies stand side by side: they must be of the same pictures. */
static mf_status check_data(tradeoff *t, const char *checkpoint, const char *data, mf_diag *diag)
{
    if (!t->data)
        t->data = mf_arena_string(t->setup.arena, data);
    if (!t->data)
        return mf_fail_memory(diag);
    if (strcmp(t->data, data) == 0)
        return MF_OK;
    mf_fail(diag, MF_USAGE, "%s was trained on %s, the checkpoints before it on %s", checkpoint,
            data, t->data);
    mf_hint(diag, "--data names the pictures for all of them");
    return MF_USAGE;
}

static mf_status run_one(tradeoff *t, const char *checkpoint, const char *folder, mf_diag *diag)
{
    mf_arena *arena = t->setup.arena;
    const char *name = stem_of(arena, checkpoint),
               *trace = mf_arena_format(arena, "%s/%s.npz", folder, name);
    mf_export x;
    mf_report report;
    mf_status status;
    if (!name || !trace)
        return mf_fail_memory(diag);
    MF_TRY(mf_export_options(t->setup.arguments, &x, diag));
    MF_TRY_DONE(mf_export_open(&x, t->setup.cli, t->setup.arguments, checkpoint, diag));
    MF_TRY_DONE(check_data(t, checkpoint, x.setup.training.data, diag));
    MF_TRY_DONE(mf_export_score(&x, t->setup.cli, diag));
    MF_TRY_DONE(mf_export_write(&x, checkpoint, trace, diag));
    if (t->folder)
        mf_unfinished_begin(trace);
    status = execute(t, trace, &report, diag);
    if (t->folder)
        mf_unfinished_remove(trace);
    MF_TRY_DONE(status);
    add_row(t, name, &x, &report);
done:
    mf_export_close(&x);
    return status;
}

static mf_status run_all(tradeoff *t, mf_diag *diag)
{
    const char *folder;
    mf_status status = choose_folder(t, &folder, diag);
    if (status == MF_OK)
        status = check_names(t, folder, diag);
    for (size_t i = 0; i < t->n_checkpoints && status == MF_OK; i++)
        status = run_one(t, t->checkpoints[i], folder, diag);
    if (t->folder)
        mf_unfinished_remove(t->folder);
    return status;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    tradeoff t = {0};
    mf_status status;
    mf_column shown[sizeof columns / sizeof columns[0]];
    MF_TRY(mf_arguments_expect(arguments, 1, 100, diag));
    memcpy(shown, columns, sizeof columns);
    if (!mf_arguments_hold(arguments, MF_IF_BY_AREA))
        memset(&shown[sizeof shown / sizeof shown[0] - 2], 0, sizeof shown[0]);
    t.sheet = mf_sheet_create(arguments->arena, shown);
    MF_TRY_DONE(mf_setup_open(&t.setup, cli, arguments, MF_SLIPS_PLAIN, diag));
    MF_TRY_DONE(choose_checkpoints(&t, arguments, diag));
    MF_TRY_DONE(mf_account_open(&t.account, &t.setup, diag));
    mf_account_warn_of_sizes(&t.account, &t.setup.accelerator, "");
    MF_TRY_DONE(mf_execute_open(&t.execute, &t.account, false, diag));
    MF_TRY_DONE(run_all(&t, diag));
    MF_TRY_DONE(mf_account_check_zeros(&t.account, diag));
    const mf_accelerator *a = &t.setup.accelerator;
    mf_sheet_heading(t.sheet,
                     mf_arena_format(arguments->arena,
                                     "trained on %s; per picture, executed on the SystemC model of "
                                     "%s, of %" PRIu64 " picture%s",
                                     t.data, a->name, t.n_pictures, t.n_pictures > 1 ? "s" : ""));
    MF_TRY_DONE(mf_output_sheet(cli, arguments, t.sheet, diag));
done:
    mf_execute_close(&t.execute);
    mf_account_close(&t.account);
    mf_setup_close(&t.setup);
    return status;
}

static const mf_option options[] = {
    {"data", 0, "DATA", .about = "other pictures than those of the training"},
    {"traces", 0, "DIR", .about = "keep the traces there (NAME.npz for NAME.npz)",
     .words = ">files /"},
    {"psum-bits", 0, "N", .about = "bits of sums (default 32)"},
    MF_EXPORT_OPTIONS(0),
    {"accelerator", 'a', "NAME", .about = "accelerator to run on (default shiftaddaug-16x12)",
     .words = "accelerators"},
    MF_CONSISTENT_OPTIONS,
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree tradeoff mult.npz shift.npz add.npz -n 4",
     "accuracy, energy and latency of three trainings, side by side"},
    {NULL, NULL}};

const mf_command mf_command_tradeoff = {
    .name = "tradeoff",
    .summary = "accuracy, energy and latency of trained networks, side by side",
    .arguments = "CHECKPOINT.npz ...",
    .about =
        "Each network is put on integer codes and scored beside its floats; then --pictures of the "
        "test set run through the SystemC chip, and every output is checked.",
    .words = "files",
    .always = MF_IF_CONSISTENT | MF_IF_SYSTEMC | MF_IF_NETWORK,
    .options = options,
    .examples = examples,
    .run = run,
};
