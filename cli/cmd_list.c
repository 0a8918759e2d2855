/* `mulfree list`: what is there to use? */
#include "cli/catalog.h"
#include "cli/output.h"

#include "base/json.h"
#include "base/nearest.h"

#include <string.h>

static const mf_column columns[] = {{"kind", "kind", 0, 1},
                                    {"name", "name", 0, 1},
                                    {"about", "about", 0, 1},
                                    {"file", NULL, 0, 1},
                                    {NULL, NULL, 0, 0}};

static mf_status add_kind(mf_cli *cli, mf_kind kind, mf_arena *arena, mf_sheet *sheet,
                          mf_diag *diag)
{
    const char **names;
    size_t n;
    MF_TRY(mf_catalog_names(cli, kind, arena, &names, &n, diag));
    for (size_t i = 0; i < n; i++) {
        const char *path, *about;
        mf_json_doc *doc = NULL;
        MF_TRY(mf_catalog_path(cli, kind, names[i], arena, &path, diag));
        MF_TRY(mf_json_load(path, &doc, diag));
        mf_json root = mf_json_root(doc);
        mf_status status = mf_json_copy_string(&root, "about", arena, &about, diag);
        mf_json_destroy(doc);
        MF_TRY(status);
        mf_sheet_row(sheet, i == 0 ? MF_ROW_FIRST : MF_ROW_PLAIN);
        mf_sheet_text(sheet, mf_kind_name(kind));
        mf_sheet_text(sheet, names[i]);
        mf_sheet_text(sheet, about);
        mf_sheet_text(sheet, path);
    }
    return MF_OK;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    MF_TRY(mf_arguments_expect(arguments, 0, 1, diag));
    const char *wanted = arguments->n_words ? arguments->words[0] : NULL;
    const char *plurals[MF_N_KINDS];
    bool found = !wanted;
    mf_sheet *sheet = mf_sheet_create(arguments->arena, columns);
    for (int kind = 0; kind < MF_N_KINDS; kind++) {
        plurals[kind] = mf_kind_plural((mf_kind)kind);
        if (wanted && strcmp(wanted, plurals[kind]) != 0)
            continue;
        found = true;
        MF_TRY(add_kind(cli, (mf_kind)kind, arguments->arena, sheet, diag));
    }
    if (!found) {
        const char *near = mf_nearest(wanted, plurals, MF_N_KINDS);
        mf_fail(diag, MF_UNKNOWN_NAME,
                "list: \"%s\" is none of networks, accelerators, operators, tables, experiments, "
                "sweeps, validations",
                wanted);
        if (near)
            mf_hint(diag, "did you mean \"%s\"?", near);
        return MF_UNKNOWN_NAME;
    }
    return mf_output_sheet(cli, arguments, sheet, diag);
}

static const mf_option options[] = {MF_OUTPUT_OPTIONS, MF_COMMON_OPTIONS, MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree list", "everything"}, {"mulfree list networks", "the network zoo"}, {NULL, NULL}};

const mf_command mf_command_list = {
    .name = "list",
    .summary =
        "show the networks, accelerators, operators, energy tables, experiments, sweeps, validations",
    .arguments = "[KIND]",
    .about =
        "KIND is networks, accelerators, operators, tables, experiments, sweeps or validations. Each is "
        "a JSON file; a file of your own is used by its path, or by its name once it lies "
        "beside the others.",
    .words = "=networks accelerators operators tables experiments sweeps validations",
    .options = options,
    .examples = examples,
    .run = run,
};
