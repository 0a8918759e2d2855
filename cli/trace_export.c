/* `mulfree trace export`. */
#include "cli/trace_export.h"

#include "base/file.h"
#include "cli/export.h"
#include "cli/output.h"

#include <string.h>

static const mf_column columns[] = {{"network", "network", 0, 1},
                                    {"op", "op", 0, 1},
                                    {"activation_bits", "act b", 0, 1},
                                    {"psum_bits", "psum b", 0, 1},
                                    {"n_pictures", "pictures", 0, 1},
                                    {"float_top1", "float top-1 %", 2, 100},
                                    {"integer_top1", "integer top-1 %", 2, 100},
                                    {"n_zero_weights", "zero weights", 0, 1},
                                    {"n_traced", "traced", 0, 1},
                                    {NULL, NULL, 0, 0}};

static mf_status show(const mf_export *x, mf_cli *cli, mf_diag *diag)
{
    const mf_arguments *arguments = x->setup.arguments;
    mf_sheet *sheet = mf_sheet_create(arguments->arena, columns);
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, x->setup.network->name);
    mf_sheet_text(sheet, x->setup.op);
    mf_sheet_count(sheet, x->bits);
    mf_sheet_count(sheet, x->psum_bits);
    mf_sheet_count(sheet, x->as_float.n);
    mf_sheet_real(sheet, (double)x->as_float.n_top1 / (double)x->as_float.n);
    mf_sheet_real(sheet, (double)x->as_integer.n_top1 / (double)x->as_integer.n);
    mf_sheet_count(sheet, mf_quantised_zeros(x->quantised));
    mf_sheet_count(sheet, x->n_traced);
    return mf_output_sheet_here(cli, arguments, sheet, diag);
}

mf_status mf_trace_export(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    const char *path = mf_arguments_value(arguments, "output"), *checkpoint = arguments->words[1];
    mf_export x;
    mf_status status;
    if (!path || strlen(path) < 5 || strcmp(path + strlen(path) - 4, ".npz") != 0)
        return mf_fail(diag, MF_USAGE, "trace export: say where with --output FILE.npz");
    MF_TRY(mf_export_options(arguments, &x, diag));
    MF_TRY_DONE(mf_export_open(&x, cli, arguments, checkpoint, diag));
    MF_TRY_DONE(mf_export_score(&x, cli, diag));
    MF_TRY_DONE(mf_export_write(&x, checkpoint, path, diag));
    MF_TRY_DONE(show(&x, cli, diag));
done:
    mf_export_close(&x);
    return status;
}
