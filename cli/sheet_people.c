/* Sheets for people: aligned text, and Markdown. */
#include "cli/sheet_formats.h"

#include "base/escape.h"

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

/* Characters a terminal shows: bytes that do not continue a UTF-8 character. */
static size_t shown_width(const char *text, size_t n_bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < n_bytes; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static void measure_rows(mf_sheet *sheet, mf_text *shown)
{
    for (const mf_row *r = sheet->first; r; r = r->next)
        for (size_t i = 0; i < r->n_cells; i++) {
            shown->length = 0;
            show_cell(&sheet->columns[i], &r->cells[i], mf_escape_terminal, shown);
            size_t width = shown_width(shown->bytes, shown->length);
            sheet->widths[i] = width > sheet->widths[i] ? width : sheet->widths[i];
            sheet->left[i] = sheet->left[i] || r->cells[i].kind == MF_CELL_TEXT;
        }
}

static void measure_titles(mf_sheet *sheet)
{
    sheet->widths = MF_NEW_ARRAY(sheet->arena, size_t, sheet->n_columns);
    sheet->left = MF_NEW_ARRAY(sheet->arena, bool, sheet->n_columns);
    sheet->failed = !sheet->widths || !sheet->left;
    for (size_t i = 0; i < sheet->n_columns && !sheet->failed; i++) {
        const char *title = sheet->columns[i].title;
        sheet->widths[i] = title ? shown_width(title, strlen(title)) : 0;
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
    size_t n = text->length - begin, shown = n ? shown_width(text->bytes + begin, n) : 0,
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
    if (sheet->heading) {
        mf_text_puts(text, bold(sheet));
        mf_escape_terminal(text, sheet->heading);
        mf_text_printf(text, "%s\n\n", plain(sheet));
    }
    mf_text_puts(text, bold(sheet));
    for (size_t i = 0, shown = 0; i < sheet->n_columns; i++)
        if (sheet->columns[i].title) {
            mf_text_puts(text, shown++ ? "  " : "");
            size_t begin = text->length;
            mf_text_puts(text, sheet->columns[i].title);
            align(text, begin, sheet->widths[i], sheet->left[i]);
        }
    trim(text);
    mf_text_printf(text, "%s\n", plain(sheet));
    rule(sheet, text);
}

static void row_text(const mf_sheet *sheet, const mf_row *r, mf_text *text)
{
    bool total = r->kind == MF_ROW_TOTAL;
    if (r->kind != MF_ROW_PLAIN && sheet->n_written)
        rule(sheet, text);
    mf_text_puts(text, total ? bold(sheet) : "");
    for (size_t i = 0, n = 0; i < r->n_cells; i++) {
        if (!sheet->columns[i].title)
            continue;
        mf_text_puts(text, n++ ? "  " : "");
        size_t begin = text->length;
        show_cell(&sheet->columns[i], &r->cells[i], mf_escape_terminal, text);
        align(text, begin, sheet->widths[i], sheet->left[i]);
    }
    trim(text);
    mf_text_printf(text, "%s\n", total ? plain(sheet) : "");
}

static void end_text(const mf_sheet *sheet, mf_text *text)
{
    for (const mf_note *n = sheet->first_note; n; n = n->next) {
        mf_text_puts(text, n == sheet->first_note ? "\n" : "");
        mf_escape_terminal(text, n->text);
        mf_text_puts(text, "\n");
    }
}

static void begin_markdown(const mf_sheet *sheet, mf_text *text)
{
    if (sheet->heading) {
        mf_text_puts(text, "**");
        mf_escape_markdown(text, sheet->heading);
        mf_text_puts(text, "**\n\n");
    }
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

const mf_sheet_writer mf_sheet_text_writer = {true, begin_text, row_text, end_text};
const mf_sheet_writer mf_sheet_markdown_writer = {true, begin_markdown, row_markdown, end_markdown};
