/* Sheets for people: aligned text, and Markdown. */
#include "cli/sheet_formats.h"

#include "base/escape.h"
#include "cli/width.h"

#include <inttypes.h>
#include <string.h>

/* Text goes through the escape of who reads it. */
typedef void (*escape)(mf_text *text, const char *string);

static void show_cell(const mf_column *column, const mf_cell *c, escape how, mf_text *out)
{
    switch (c->kind) {
    case MF_CELL_TEXT:
        how(out, c->as.text);
        break;
    case MF_CELL_COUNT:
        if (column->scale == 1)
            mf_text_printf(out, "%" PRIu64, c->as.count);
        else
            mf_text_printf(out, "%.*f", column->decimals, (double)c->as.count * column->scale);
        break;
    case MF_CELL_REAL:
        mf_text_printf(out, "%.*f", column->decimals, c->as.real * column->scale);
        break;
    case MF_CELL_FLAG:
        mf_text_puts(out, c->as.flag ? "yes" : "");
        break;
    case MF_CELL_NONE:
    default:
        break;
    }
}

static void measure_rows(mf_sheet *sheet, mf_text *shown)
{
    for (const mf_row *r = sheet->first; r; r = r->next)
        for (size_t i = 0; i < r->n_cells; i++) {
            shown->length = 0;
            show_cell(&sheet->columns[i], &r->cells[i], mf_escape_terminal, shown);
            size_t width = mf_width(shown->bytes, shown->length);
            sheet->widths[i] = width > sheet->widths[i] ? width : sheet->widths[i];
            sheet->left[i] = sheet->left[i] || r->cells[i].kind == MF_CELL_TEXT;
        }
}

static void measure_titles(mf_sheet *sheet)
{
    sheet->widths = MF_NEW_ARRAY(sheet->arena, size_t, sheet->n_columns);
    sheet->left = MF_NEW_ARRAY(sheet->arena, bool, sheet->n_columns);
    sheet->begins = MF_NEW_ARRAY(sheet->arena, size_t, sheet->n_columns);
    sheet->failed = !sheet->widths || !sheet->left || !sheet->begins;
    for (size_t i = 0; i < sheet->n_columns && !sheet->failed; i++) {
        const char *title = sheet->columns[i].title;
        sheet->widths[i] = title ? mf_width(title, strlen(title)) : 0;
    }
}

void mf_sheet_measure(mf_sheet *sheet)
{
    mf_text shown = {0};
    if (!sheet || sheet->failed)
        return;
    if (!sheet->widths)
        measure_titles(sheet);
    if (sheet->failed)
        return;
    measure_rows(sheet, &shown);
    sheet->failed = shown.failed;
    mf_text_free(&shown);
}

static void pad(mf_text *text, size_t n)
{
    for (; n; n--)
        mf_text_puts(text, " ");
}

/* Fill up to `width` what stands in `text` from `begin` on. */
static void align(mf_text *text, size_t begin, size_t width, bool left)
{
    size_t n = text->length - begin, shown = n ? mf_width(text->bytes + begin, n) : 0,
           fill = width > shown ? width - shown : 0;
    pad(text, fill);
    if (left || !n || text->failed)
        return;
    memmove(text->bytes + begin + fill, text->bytes + begin, n);
    memset(text->bytes + begin, ' ', fill);
}

static void trim(mf_text *text)
{
    while (text->length && text->bytes[text->length - 1] == ' ')
        text->bytes[--text->length] = '\0';
}

static void rule(const mf_sheet *sheet, mf_text *text)
{
    bool first = true;
    for (size_t i = 0; i < sheet->n_columns; i++) {
        if (!mf_sheet_shows(sheet, i))
            continue;
        if (!first)
            mf_text_puts(text, "──");
        for (size_t k = 0; k < sheet->widths[i]; k++)
            mf_text_puts(text, "─");
        first = false;
    }
    mf_text_puts(text, "\n");
}

static const char *bold(const mf_sheet *sheet)
{
    return sheet->colour ? "\033[1m" : "";
}

static const char *plain(const mf_sheet *sheet)
{
    return sheet->colour ? "\033[0m" : "";
}

/* A line of its own, as text is to be read on a terminal, broken where the terminal ends. */
static void put_line(const mf_sheet *sheet, const char *line, mf_text *text)
{
    mf_text shown = {0};
    mf_escape_terminal(&shown, line);
    text->failed = text->failed || shown.failed;
    if (!shown.failed)
        mf_width_put(text, shown.length ? shown.bytes : "", sheet->width);
    mf_text_free(&shown);
}

static void begin_text(const mf_sheet *sheet, mf_text *text)
{
    if (sheet->heading) {
        mf_text_puts(text, bold(sheet));
        put_line(sheet, sheet->heading, text);
        mf_text_printf(text, "%s\n", plain(sheet));
    }
}

static void titles_text(const mf_sheet *sheet, mf_text *text)
{
    mf_text_puts(text, bold(sheet));
    for (size_t i = 0, shown = 0; i < sheet->n_columns; i++)
        if (mf_sheet_shows(sheet, i)) {
            mf_text_puts(text, shown++ ? "  " : "");
            size_t begin = text->length;
            mf_text_puts(text, sheet->columns[i].title);
            align(text, begin, sheet->widths[i], sheet->left[i]);
        }
    trim(text);
    mf_text_printf(text, "%s\n", plain(sheet));
    rule(sheet, text);
}

/* Where the cells of a row begin in `shown`, one behind the other. */
static void show_cells(const mf_sheet *sheet, const mf_row *r, mf_text *shown)
{
    for (size_t i = 0; i < sheet->n_columns; i++) {
        sheet->begins[i] = shown->length;
        if (i < r->n_cells)
            show_cell(&sheet->columns[i], &r->cells[i], mf_escape_terminal, shown);
        mf_text_add(shown, "", 1);
    }
}

/* The next line of every cell, from where it begins. True while a cell has more. */
static bool line_of_row(const mf_sheet *sheet, const char *shown, mf_text *text)
{
    bool more = false;
    for (size_t i = 0, n = 0; i < sheet->n_columns; i++) {
        if (!mf_sheet_shows(sheet, i))
            continue;
        mf_text_puts(text, n++ ? "  " : "");
        size_t begin = text->length;
        const char *cell = shown + sheet->begins[i], *rest = cell;
        size_t length = strlen(cell);
        if (sheet->width && sheet->left[i])
            length = mf_width_line(&rest, sheet->widths[i]);
        else
            rest += length;
        mf_text_add(text, cell, length);
        align(text, begin, sheet->widths[i], sheet->left[i]);
        sheet->begins[i] = (size_t)(rest - shown);
        more = more || *rest;
    }
    trim(text);
    return more;
}

static void row_text(const mf_sheet *sheet, const mf_row *r, mf_text *text)
{
    bool total = r->kind == MF_ROW_TOTAL;
    mf_text shown = {0};
    show_cells(sheet, r, &shown);
    text->failed = text->failed || shown.failed;
    if (r->kind != MF_ROW_PLAIN && sheet->n_written)
        rule(sheet, text);
    for (bool more = !text->failed; more;) {
        mf_text_puts(text, total ? bold(sheet) : "");
        more = line_of_row(sheet, shown.bytes, text);
        mf_text_printf(text, "%s\n", total ? plain(sheet) : "");
    }
    mf_text_free(&shown);
}

static void end_text(const mf_sheet *sheet, mf_text *text)
{
    for (const mf_note *n = sheet->first_note; n; n = n->next) {
        mf_text_puts(text, n == sheet->first_note ? "\n" : "");
        put_line(sheet, n->text, text);
    }
}

static void begin_markdown(const mf_sheet *sheet, mf_text *text)
{
    if (sheet->heading) {
        mf_text_puts(text, "**");
        mf_escape_markdown(text, sheet->heading);
        mf_text_puts(text, "**\n\n");
    }
}

static void titles_markdown(const mf_sheet *sheet, mf_text *text)
{
    mf_text_puts(text, "|");
    for (size_t i = 0; i < sheet->n_columns; i++)
        if (sheet->columns[i].title)
            mf_text_printf(text, " %s |", sheet->columns[i].title);
    mf_text_puts(text, "\n|");
    for (size_t i = 0; i < sheet->n_columns; i++)
        if (sheet->columns[i].title)
            mf_text_puts(text, sheet->left[i] ? " --- |" : " ---: |");
    mf_text_puts(text, "\n");
}

static void row_markdown(const mf_sheet *sheet, const mf_row *r, mf_text *text)
{
    mf_text_puts(text, "|");
    for (size_t i = 0; i < r->n_cells; i++) {
        if (!sheet->columns[i].title)
            continue;
        mf_text_puts(text, " ");
        show_cell(&sheet->columns[i], &r->cells[i], mf_escape_markdown, text);
        mf_text_puts(text, " |");
    }
    mf_text_puts(text, "\n");
}

static void end_markdown(const mf_sheet *sheet, mf_text *text)
{
    for (const mf_note *n = sheet->first_note; n; n = n->next) {
        mf_text_puts(text, "\n");
        mf_escape_markdown_line(text, n->text);
        mf_text_puts(text, "\n");
    }
}

const mf_sheet_writer mf_sheet_text_writer = {true, begin_text, titles_text, row_text, end_text};
const mf_sheet_writer mf_sheet_markdown_writer = {true, begin_markdown, titles_markdown,
                                                  row_markdown, end_markdown};
