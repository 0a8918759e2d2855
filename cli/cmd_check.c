/* `mulfree check`: what are these files, and is anything wrong with them? */
#include "cli/catalog.h"
#include "cli/check_file.h"
#include "cli/output.h"

static const mf_column columns[] = {
    {"file", "file", 0, 1}, {"kind", "is", 0, 1}, {"right", NULL, 0, 1}, {NULL, "right", 0, 1},
    {"fault", NULL, 0, 1},  {"hint", NULL, 0, 1}, {NULL, NULL, 0, 0}};

/* One row, and a line below the table for what is wrong; `*status` is the file's. */
static mf_status add_file(mf_cli *cli, const mf_arguments *arguments, const char *path,
                          mf_sheet *sheet, mf_status *status, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_file_kind kind;
    mf_diag why = {0};
    if (!arena)
        return mf_fail_memory(diag);
    *status = mf_check_file(cli, arguments, path, arena, &kind, &why);
    mf_arena_destroy(arena);
    if (*status == MF_NO_MEMORY)
        return mf_fail_memory(diag);
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, path);
    mf_sheet_text(sheet, kind == MF_FILE_UNKNOWN ? "unknown" : mf_file_kind_what(kind));
    mf_sheet_flag(sheet, *status == MF_OK);
    mf_sheet_text(sheet, *status == MF_OK ? "yes" : "NO");
    mf_sheet_text(sheet, why.message);
    mf_sheet_text(sheet, why.hint);
    if (*status != MF_OK)
        mf_sheet_note(sheet,
                      mf_arena_format(arguments->arena, "%s%s%s%s", why.message,
                                      *why.hint ? " (" : "", why.hint, *why.hint ? ")" : ""));
    return MF_OK;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    enum { MOST_FILES = 10000 };
    mf_sheet *sheet = mf_sheet_create(arguments->arena, columns);
    mf_status first = MF_OK;
    size_t n_wrong = 0;
    MF_TRY(mf_arguments_expect(arguments, 1, MOST_FILES, diag));
    /* What it finds is kept as long as its arena, not as a file's. Who needs it says what is wrong. */
    mf_catalog_find_root(cli, arguments->arena, NULL);
    for (size_t i = 0; i < arguments->n_words; i++) {
        mf_status status;
        MF_TRY(add_file(cli, arguments, arguments->words[i], sheet, &status, diag));
        first = first == MF_OK ? status : first;
        n_wrong += status != MF_OK;
    }
    MF_TRY(mf_output_sheet(cli, arguments, sheet, diag));
    if (!n_wrong)
        return MF_OK;
    return mf_fail(diag, first, "%zu of %zu files %s not right", n_wrong, arguments->n_words,
                   n_wrong == 1 ? "is" : "are");
}

static const mf_option options[] = {MF_OUTPUT_OPTIONS, MF_COMMON_OPTIONS, MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree check ./my-chip.json", "all that is wrong with an accelerator of your own"},
    {"mulfree check ./my-network.json ./my-sweep.json", "a network, and a sweep with all it names"},
    {NULL, NULL}};

const mf_command mf_command_check = {
    .name = "check",
    .summary = "say what files are, and what is wrong with them",
    .arguments = "FILE...",
    .about = "Each FILE is read as the command that uses it would read it: networks, accelerators, "
             "operators, energy tables, experiments, sweeps, validations, configurations, traces, "
             "checkpoints and all else that `mulfree` reads. Of an accelerator all that is wrong is "
             "said at once; of other files what their reader finds before it gives up. Exits with "
             "the status of the first file that is not right. Whether a mapping fits a layer "
             "`mulfree map` says; whether a network has the layers that statistics name, `mulfree "
             "simulate`.",
    .words = "files",
    .options = options,
    .examples = examples,
    .run = run,
};
