/* Where does a command's result go? To standard output, or with -o to a file in one step. */
#ifndef MF_CLI_OUTPUT_H
#define MF_CLI_OUTPUT_H

#include "cli/arguments.h"
#include "cli/sheet.h"

/* The format that --format names, or the one that the name of --output suggests, or text. */
mf_status mf_output_format(const mf_arguments *arguments, mf_format *format, mf_diag *diag);

/* Show a sheet as --format and --output say. */
mf_status mf_output_sheet(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet,
                          mf_diag *diag);

/* The same on standard output, where --output names another file. */
mf_status mf_output_sheet_here(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet,
                               mf_diag *diag);

/* The same for rows that are long in coming: on standard output each is shown as it comes, between
 * what stands above and below; with --output all are written in one step at the end. */
mf_status mf_output_begin(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet,
                          mf_diag *diag);
mf_status mf_output_continue(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet,
                             mf_diag *diag);
mf_status mf_output_end(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet, mf_diag *diag);

/* The same for more rows than memory should hold: `row(user, sheet, i, diag)` adds row i of
 * [0, n_rows) to the sheet, which has none, once or twice; nothing is written where it fails. */
typedef mf_status mf_output_row(void *user, mf_sheet *sheet, size_t index, mf_diag *diag);
mf_status mf_output_rows(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet, size_t n_rows,
                         mf_output_row *row, void *user, mf_diag *diag);

/* Write text that a command composed itself to standard output. Frees the text. */
mf_status mf_output_text(mf_text *text, mf_diag *diag);

/* Write such text where --output says. Frees the text. */
mf_status mf_output_result(const mf_arguments *arguments, mf_text *text, mf_diag *diag);

/* Check before long work that --format is one. Every command begins with it. */
mf_status mf_output_check(const mf_arguments *arguments, mf_diag *diag);

#endif
