/* The one place that writes results. */
#include "cli/output.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/nearest.h"
#include "cli/line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const formats[] = {"text", "csv", "json", "markdown"};

enum { N_FORMATS = 4 };

mf_status mf_output_format(const mf_arguments *arguments, mf_format *format, mf_diag *diag)
{
    static const struct {
        const char *ending;
        mf_format format;
    } endings[] = {{".csv", MF_FORMAT_CSV},
                   {".csv.gz", MF_FORMAT_CSV},
                   {".json", MF_FORMAT_JSON},
                   {".json.gz", MF_FORMAT_JSON},
                   {".md", MF_FORMAT_MARKDOWN}};
    const char *word = mf_arguments_value(arguments, "format");
    const char *path = mf_arguments_value(arguments, "output");
    *format = MF_FORMAT_TEXT;
    for (size_t i = 0; path && !word && i < sizeof endings / sizeof endings[0]; i++)
        if (mf_file_has_ending(path, endings[i].ending))
            *format = endings[i].format;
    if (!word)
        return MF_OK;
    for (int i = 0; i < N_FORMATS; i++)
        if (strcmp(word, formats[i]) == 0) {
            *format = (mf_format)i;
            return MF_OK;
        }
    const char *near = mf_nearest(word, formats, N_FORMATS);
    mf_fail(diag, MF_USAGE, "--format: \"%s\" is none of text, csv, json, markdown", word);
    if (near)
        mf_hint(diag, "did you mean \"%s\"?", near);
    return MF_USAGE;
}

mf_status mf_output_text(mf_text *text, mf_diag *diag)
{
    mf_status status = MF_OK;
    mf_line_wipe();
    if (text->failed)
        status = mf_fail_memory(diag);
    else if ((text->length && fwrite(text->bytes, 1, text->length, stdout) != text->length) ||
             fflush(stdout) != 0)
        status = mf_fail(diag, MF_IO, "standard output cannot be written: %s", strerror(errno));
    mf_text_free(text);
    return status;
}

mf_status mf_output_result(const mf_arguments *arguments, mf_text *text, mf_diag *diag)
{
    const char *path = mf_arguments_value(arguments, "output");
    if (!path || text->failed)
        return mf_output_text(text, diag);
    mf_status status = mf_file_write(path, text->bytes, text->length, diag);
    mf_text_free(text);
    return status;
}

/* CSV holds all bytes as they are, which is for programs: a terminal gets lines as people do. */
static void make_shown(mf_text *csv)
{
    mf_text shown = {0};
    for (char *rest = csv->failed ? NULL : csv->bytes, *line; (line = strsep(&rest, "\n"));) {
        mf_escape_terminal(&shown, line);
        mf_text_puts(&shown, rest ? "\n" : "");
    }
    shown.failed = shown.failed || csv->failed;
    mf_text_free(csv);
    *csv = shown;
}

/* To standard output, as its reader takes it. */
static mf_status show(const mf_cli *cli, mf_format format, mf_text *text, mf_diag *diag)
{
    if (format == MF_FORMAT_CSV && cli->terminal)
        make_shown(text);
    return mf_output_text(text, diag);
}

mf_status mf_output_sheet_here(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet,
                               mf_diag *diag)
{
    mf_format format;
    mf_text text = {0};
    MF_TRY(mf_output_format(arguments, &format, diag));
    mf_sheet_limit(sheet, cli->width);
    mf_sheet_write(sheet, format, cli->colour, &text);
    return show(cli, format, &text, diag);
}

mf_status mf_output_sheet(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet,
                          mf_diag *diag)
{
    mf_format format;
    mf_text text = {0};
    if (!mf_arguments_value(arguments, "output"))
        return mf_output_sheet_here(cli, arguments, sheet, diag);
    MF_TRY(mf_output_format(arguments, &format, diag));
    mf_sheet_write(sheet, format, false, &text);
    return mf_output_result(arguments, &text, diag);
}

mf_status mf_output_begin(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet,
                          mf_diag *diag)
{
    mf_format format;
    mf_text text = {0};
    if (mf_arguments_value(arguments, "output"))
        return MF_OK;
    MF_TRY(mf_output_format(arguments, &format, diag));
    mf_sheet_limit(sheet, cli->width);
    mf_sheet_begin(sheet, format, cli->colour, &text);
    return show(cli, format, &text, diag);
}

mf_status mf_output_continue(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet,
                             mf_diag *diag)
{
    mf_format format;
    mf_text text = {0};
    if (mf_arguments_value(arguments, "output"))
        return MF_OK;
    MF_TRY(mf_output_format(arguments, &format, diag));
    mf_sheet_continue(sheet, &text);
    return show(cli, format, &text, diag);
}

mf_status mf_output_end(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet, mf_diag *diag)
{
    mf_format format;
    mf_text text = {0};
    if (mf_arguments_value(arguments, "output"))
        return mf_output_sheet(cli, arguments, sheet, diag);
    MF_TRY(mf_output_format(arguments, &format, diag));
    mf_sheet_end(sheet, &text);
    return show(cli, format, &text, diag);
}

/* ---- more rows than memory should hold ---------------------------------------------------------
 */

typedef struct many {
    mf_cli *cli;
    mf_sheet *sheet;
    mf_format format;
    size_t n_rows, n_at_once;
    mf_output_row *row;
    void *user;
    mf_file_writer *file; /* NULL: standard output */
} many;

static mf_status put_text(const many *m, mf_text *text, mf_diag *diag)
{
    if (!m->file)
        return show(m->cli, m->format, text, diag);
    mf_status status =
        text->failed ? mf_fail_memory(diag) : mf_file_put(m->file, text->bytes, text->length, diag);
    mf_text_free(text);
    return status;
}

/* Go through all rows, some at a time: measure them, or write them. */
static mf_status go_through(const many *m, bool write, mf_diag *diag)
{
    for (size_t i = 0; i < m->n_rows; i += m->n_at_once) {
        mf_status status = MF_OK;
        mf_text text = {0};
        mf_arena *rows = mf_arena_create();
        if (!rows)
            return mf_fail_memory(diag);
        mf_sheet_turn(m->sheet, rows);
        for (size_t k = i; status == MF_OK && k < m->n_rows && k < i + m->n_at_once; k++)
            status = m->row(m->user, m->sheet, k, diag);
        if (status == MF_OK && write) {
            mf_sheet_continue(m->sheet, &text);
            status = put_text(m, &text, diag);
        } else if (status == MF_OK) {
            mf_sheet_measure(m->sheet);
        }
        mf_sheet_turn(m->sheet, NULL);
        mf_arena_destroy(rows);
        MF_TRY(status);
    }
    return MF_OK;
}

static mf_status write_many(const many *m, mf_diag *diag)
{
    mf_text above = {0}, below = {0};
    if (m->format == MF_FORMAT_TEXT || m->format == MF_FORMAT_MARKDOWN)
        MF_TRY(go_through(m, false, diag));
    mf_sheet_begin(m->sheet, m->format, m->cli->colour && !m->file, &above);
    MF_TRY(put_text(m, &above, diag));
    MF_TRY(go_through(m, true, diag));
    mf_sheet_end(m->sheet, &below);
    return put_text(m, &below, diag);
}

mf_status mf_output_rows(mf_cli *cli, const mf_arguments *arguments, mf_sheet *sheet, size_t n_rows,
                         mf_output_row *row, void *user, mf_diag *diag)
{
    enum { AT_ONCE = 1024 };
    const char *path = mf_arguments_value(arguments, "output");
    mf_file_writer file;
    many m = {.cli = cli, .sheet = sheet, .n_rows = n_rows, .row = row, .user = user};
    MF_TRY(mf_output_format(arguments, &m.format, diag));
    m.n_at_once = AT_ONCE;
    if (!path && cli->terminal && m.format == MF_FORMAT_TEXT) { /* its width decides on the whole */
        for (size_t i = 0; i < n_rows; i++)
            MF_TRY(row(user, sheet, i, diag));
        return mf_output_sheet_here(cli, arguments, sheet, diag);
    }
    if (!path)
        return write_many(&m, diag);
    MF_TRY(mf_file_begin(&file, path, diag));
    m.file = &file;
    mf_status status = write_many(&m, diag);
    mf_status ended = mf_file_end(&file, status == MF_OK, diag);
    return status != MF_OK ? status : ended;
}

mf_status mf_output_check(const mf_arguments *arguments, mf_diag *diag)
{
    mf_format format;
    return mf_output_format(arguments, &format, diag);
}
