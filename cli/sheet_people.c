/* Sheets for people: aligned text, and Markdown. */
#include "cli/sheet_formats.h"

#include <inttypes.h>
#include <stdio.h>

static void show_cell(const mf_column *column, const mf_cell *c, char *out, size_t size)
{
    switch (c->kind) {
    case MF_CELL_TEXT:
        snprintf(out, size, "%s", c->as.text);
        break;
    case MF_CELL_COUNT:
        if (column->scale == 1)
            snprintf(out, size, "%" PRIu64, c->as.count);
        else
            snprintf(out, size, "%.*f", column->decimals, (double)c->as.count * column->scale);
        break;
    case MF_CELL_REAL:
        snprintf(out, size, "%.*f", column->decimals, c->as.real * column->scale);
        break;
    case MF_CELL_FLAG:
        snprintf(out, size, "%s", c->as.flag ? "yes" : "");
        break;
    case MF_CELL_NONE:
    default:
        snprintf(out, size, "%s", "");
    }
}

/* Characters a terminal shows: bytes that do not continue a UTF-8 character. */
static size_t shown_width(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

enum { SHOWN = 256 };

void mf_sheet_measure(mf_sheet *sheet)
{
    char shown[SHOWN];
    sheet->widths = MF_NEW_ARRAY(sheet->arena, size_t, sheet->n_columns);
    sheet->left = MF_NEW_ARRAY(sheet->arena, bool, sheet->n_columns);
    sheet->failed = !sheet->widths || !sheet->left;
    if (sheet->failed)
        return;
    for (size_t i = 0; i < sheet->n_columns; i++)
        sheet->widths[i] = sheet->columns[i].title ? shown_width(sheet->columns[i].title) : 0;
    for (const mf_row *r = sheet->first; r; r = r->next)
        for (size_t i = 0; i < r->n_cells; i++) {
            show_cell(&sheet->columns[i], &r->cells[i], shown, sizeof shown);
            size_t width = shown_width(shown);
            sheet->widths[i] = width > sheet->widths[i] ? width : sheet->widths[i];
            sheet->left[i] = sheet->left[i] || r->cells[i].kind == MF_CELL_TEXT;
        }
}

static void pad(mf_text *text, size_t n)
{
    for (; n; n--)
        mf_text_puts(text, " ");
}

static void put_aligned(mf_text *text, const char *shown, size_t width, bool left)
{
    size_t n = shown_width(shown), fill = width > n ? width - n : 0;
    pad(text, left ? 0 : fill);
    mf_text_puts(text, shown);
    pad(text, left ? fill : 0);
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
        if (!sheet->columns[i].title)
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

static void begin_text(const mf_sheet *sheet, mf_text *text)
{
    if (sheet->heading)
        mf_text_printf(text, "%s%s%s\n\n", bold(sheet), sheet->heading, plain(sheet));
    mf_text_puts(text, bold(sheet));
    for (size_t i = 0, shown = 0; i < sheet->n_columns; i++)
        if (sheet->columns[i].title) {
            mf_text_puts(text, shown++ ? "  " : "");
            put_aligned(text, sheet->columns[i].title, sheet->widths[i], sheet->left[i]);
        }
    trim(text);
    mf_text_printf(text, "%s\n", plain(sheet));
    rule(sheet, text);
}

static void row_text(const mf_sheet *sheet, const mf_row *r, mf_text *text)
{
    char shown[SHOWN];
    bool total = r->kind == MF_ROW_TOTAL;
    if (r->kind != MF_ROW_PLAIN && sheet->n_written)
        rule(sheet, text);
    mf_text_puts(text, total ? bold(sheet) : "");
    for (size_t i = 0, n = 0; i < r->n_cells; i++) {
        if (!sheet->columns[i].title)
            continue;
        show_cell(&sheet->columns[i], &r->cells[i], shown, sizeof shown);
        mf_text_puts(text, n++ ? "  " : "");
        put_aligned(text, shown, sheet->widths[i], sheet->left[i]);
    }
    trim(text);
    mf_text_printf(text, "%s\n", total ? plain(sheet) : "");
}

static void end_text(const mf_sheet *sheet, mf_text *text)
{
    for (const mf_note *n = sheet->first_note; n; n = n->next)
        mf_text_printf(text, "%s%s\n", n == sheet->first_note ? "\n" : "", n->text);
}

static void put_markdown(mf_text *text, const char *shown)
{
    for (; *shown; shown++)
        mf_text_printf(text, *shown == '|' ? "\\%c" : "%c", *shown);
}

static void begin_markdown(const mf_sheet *sheet, mf_text *text)
{
    if (sheet->heading)
        mf_text_printf(text, "**%s**\n\n", sheet->heading);
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
    char shown[SHOWN];
    mf_text_puts(text, "|");
    for (size_t i = 0; i < r->n_cells; i++) {
        if (!sheet->columns[i].title)
            continue;
        show_cell(&sheet->columns[i], &r->cells[i], shown, sizeof shown);
        mf_text_puts(text, " ");
        put_markdown(text, shown);
        mf_text_puts(text, " |");
    }
    mf_text_puts(text, "\n");
}

static void end_markdown(const mf_sheet *sheet, mf_text *text)
{
    for (const mf_note *n = sheet->first_note; n; n = n->next)
        mf_text_printf(text, "\n%s\n", n->text);
}

const mf_sheet_writer mf_sheet_text_writer = {true, begin_text, row_text, end_text};
const mf_sheet_writer mf_sheet_markdown_writer = {true, begin_markdown, row_markdown, end_markdown};
