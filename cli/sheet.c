/* The sheet and its four writers. */
#include "cli/sheet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef enum cell_kind { CELL_NONE, CELL_TEXT, CELL_COUNT, CELL_REAL, CELL_FLAG } cell_kind;

typedef struct cell {
    cell_kind kind;
    union {
        const char *text;
        uint64_t count;
        double real;
        bool flag;
    } as;
} cell;

typedef struct row {
    struct row *next;
    mf_row_kind kind;
    size_t n_cells;
    cell cells[];
} row;

typedef struct note {
    struct note *next;
    const char *text;
} note;

struct mf_sheet {
    mf_arena *arena;
    const mf_column *columns;
    size_t n_columns;
    row *first, *last;
    note *first_note, *last_note;
    const char *heading;
    bool failed;
};

mf_sheet *mf_sheet_create(mf_arena *arena, const mf_column *columns)
{
    mf_sheet *sheet = MF_NEW(arena, mf_sheet);
    if (sheet) {
        sheet->arena = arena;
        sheet->columns = columns;
        while (columns[sheet->n_columns].key || columns[sheet->n_columns].title)
            sheet->n_columns++;
    }
    return sheet;
}

void mf_sheet_row(mf_sheet *sheet, mf_row_kind kind)
{
    if (!sheet)
        return;
    row *r = mf_arena_array(sheet->arena, 1, sizeof(row) + sheet->n_columns * sizeof(cell));
    sheet->failed = sheet->failed || !r;
    if (sheet->failed)
        return;
    r->kind = kind;
    if (sheet->last)
        sheet->last->next = r;
    else
        sheet->first = r;
    sheet->last = r;
}

static void put(mf_sheet *sheet, cell c)
{
    if (sheet && !sheet->failed && sheet->last && sheet->last->n_cells < sheet->n_columns)
        sheet->last->cells[sheet->last->n_cells++] = c;
}

void mf_sheet_text(mf_sheet *sheet, const char *text)
{
    const char *copy = sheet && text ? mf_arena_string(sheet->arena, text) : NULL;
    if (sheet && !copy)
        sheet->failed = true;
    put(sheet, (cell){CELL_TEXT, {.text = copy}});
}

void mf_sheet_count(mf_sheet *sheet, uint64_t count)
{
    put(sheet, (cell){CELL_COUNT, {.count = count}});
}

void mf_sheet_real(mf_sheet *sheet, double value)
{
    put(sheet, (cell){CELL_REAL, {.real = value}});
}

void mf_sheet_flag(mf_sheet *sheet, bool flag)
{
    put(sheet, (cell){CELL_FLAG, {.flag = flag}});
}

void mf_sheet_none(mf_sheet *sheet)
{
    put(sheet, (cell){CELL_NONE, {0}});
}

void mf_sheet_heading(mf_sheet *sheet, const char *heading)
{
    if (sheet)
        sheet->heading = heading;
}

void mf_sheet_note(mf_sheet *sheet, const char *text)
{
    note *n = sheet ? MF_NEW(sheet->arena, note) : NULL;
    if (!n)
        return;
    n->text = text;
    if (sheet->last_note)
        sheet->last_note->next = n;
    else
        sheet->first_note = n;
    sheet->last_note = n;
}

/* ---- for people --------------------------------------------------------------------------------
 */

static void show_cell(const mf_column *column, const cell *c, char *out, size_t size)
{
    switch (c->kind) {
    case CELL_TEXT:
        snprintf(out, size, "%s", c->as.text);
        break;
    case CELL_COUNT:
        if (column->scale == 1)
            snprintf(out, size, "%" PRIu64, c->as.count);
        else
            snprintf(out, size, "%.*f", column->decimals, (double)c->as.count * column->scale);
        break;
    case CELL_REAL:
        snprintf(out, size, "%.*f", column->decimals, c->as.real * column->scale);
        break;
    case CELL_FLAG:
        snprintf(out, size, "%s", c->as.flag ? "yes" : "");
        break;
    case CELL_NONE:
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

static void measure(const mf_sheet *sheet, size_t *widths, bool *left)
{
    char shown[SHOWN];
    for (size_t i = 0; i < sheet->n_columns; i++) {
        widths[i] = sheet->columns[i].title ? shown_width(sheet->columns[i].title) : 0;
        left[i] = false;
    }
    for (const row *r = sheet->first; r; r = r->next)
        for (size_t i = 0; i < r->n_cells; i++) {
            show_cell(&sheet->columns[i], &r->cells[i], shown, sizeof shown);
            size_t width = shown_width(shown);
            widths[i] = width > widths[i] ? width : widths[i];
            left[i] = left[i] || r->cells[i].kind == CELL_TEXT;
        }
}

static void pad(mf_text *text, size_t n)
{
    for (; n; n--)
        mf_text_puts(text, " ");
}

static void put_aligned(mf_text *text, const char *shown, size_t width, bool left)
{
    size_t fill = width - shown_width(shown);
    pad(text, left ? 0 : fill);
    mf_text_puts(text, shown);
    pad(text, left ? fill : 0);
}

static void trim(mf_text *text)
{
    while (text->length && text->bytes[text->length - 1] == ' ')
        text->bytes[--text->length] = '\0';
}

static void rule(const mf_sheet *sheet, const size_t *widths, mf_text *text)
{
    bool first = true;
    for (size_t i = 0; i < sheet->n_columns; i++) {
        if (!sheet->columns[i].title)
            continue;
        if (!first)
            mf_text_puts(text, "──");
        for (size_t k = 0; k < widths[i]; k++)
            mf_text_puts(text, "─");
        first = false;
    }
    mf_text_puts(text, "\n");
}

static void write_text(const mf_sheet *sheet, bool colour, mf_text *text)
{
    const char *bold = colour ? "\033[1m" : "", *plain = colour ? "\033[0m" : "";
    size_t *widths = MF_NEW_ARRAY(sheet->arena, size_t, sheet->n_columns);
    bool *left = MF_NEW_ARRAY(sheet->arena, bool, sheet->n_columns);
    if (!widths || !left) {
        text->failed = true;
        return;
    }
    measure(sheet, widths, left);
    if (sheet->heading)
        mf_text_printf(text, "%s%s%s\n\n", bold, sheet->heading, plain);
    mf_text_puts(text, bold);
    for (size_t i = 0, shown = 0; i < sheet->n_columns; i++)
        if (sheet->columns[i].title) {
            mf_text_puts(text, shown++ ? "  " : "");
            put_aligned(text, sheet->columns[i].title, widths[i], left[i]);
        }
    trim(text);
    mf_text_printf(text, "%s\n", plain);
    rule(sheet, widths, text);
    for (const row *r = sheet->first; r; r = r->next) {
        char shown[SHOWN];
        bool total = r->kind == MF_ROW_TOTAL;
        if (r->kind != MF_ROW_PLAIN && r != sheet->first)
            rule(sheet, widths, text);
        mf_text_puts(text, total ? bold : "");
        for (size_t i = 0, n = 0; i < r->n_cells; i++) {
            if (!sheet->columns[i].title)
                continue;
            show_cell(&sheet->columns[i], &r->cells[i], shown, sizeof shown);
            mf_text_puts(text, n++ ? "  " : "");
            put_aligned(text, shown, widths[i], left[i]);
        }
        trim(text);
        mf_text_printf(text, "%s\n", total ? plain : "");
    }
    for (const note *n = sheet->first_note; n; n = n->next)
        mf_text_printf(text, "%s%s\n", n == sheet->first_note ? "\n" : "", n->text);
}

static void put_markdown(mf_text *text, const char *shown)
{
    for (; *shown; shown++)
        mf_text_printf(text, *shown == '|' ? "\\%c" : "%c", *shown);
}

static void write_markdown(const mf_sheet *sheet, mf_text *text)
{
    size_t *widths = MF_NEW_ARRAY(sheet->arena, size_t, sheet->n_columns);
    bool *left = MF_NEW_ARRAY(sheet->arena, bool, sheet->n_columns);
    if (!widths || !left) {
        text->failed = true;
        return;
    }
    measure(sheet, widths, left);
    if (sheet->heading)
        mf_text_printf(text, "**%s**\n\n", sheet->heading);
    mf_text_puts(text, "|");
    for (size_t i = 0; i < sheet->n_columns; i++)
        if (sheet->columns[i].title)
            mf_text_printf(text, " %s |", sheet->columns[i].title);
    mf_text_puts(text, "\n|");
    for (size_t i = 0; i < sheet->n_columns; i++)
        if (sheet->columns[i].title)
            mf_text_puts(text, left[i] ? " --- |" : " ---: |");
    mf_text_puts(text, "\n");
    for (const row *r = sheet->first; r; r = r->next) {
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
    for (const note *n = sheet->first_note; n; n = n->next)
        mf_text_printf(text, "\n%s\n", n->text);
}

/* ---- for programs ------------------------------------------------------------------------------
 */

static void put_csv_text(mf_text *text, const char *value)
{
    if (!strpbrk(value, ",\"\r\n")) {
        mf_text_puts(text, value);
        return;
    }
    mf_text_puts(text, "\"");
    for (; *value; value++)
        mf_text_printf(text, *value == '"' ? "\"\"" : "%c", *value);
    mf_text_puts(text, "\"");
}

static void write_csv(const mf_sheet *sheet, mf_text *text)
{
    for (size_t i = 0, n = 0; i < sheet->n_columns; i++)
        if (sheet->columns[i].key)
            mf_text_printf(text, "%s%s", n++ ? "," : "", sheet->columns[i].key);
    mf_text_puts(text, "\n");
    for (const row *r = sheet->first; r; r = r->next) {
        if (r->kind == MF_ROW_TOTAL)
            continue;
        for (size_t i = 0, n = 0; i < r->n_cells; i++) {
            const cell *c = &r->cells[i];
            if (!sheet->columns[i].key)
                continue;
            mf_text_puts(text, n++ ? "," : "");
            if (c->kind == CELL_TEXT)
                put_csv_text(text, c->as.text);
            else if (c->kind == CELL_COUNT)
                mf_text_printf(text, "%" PRIu64, c->as.count);
            else if (c->kind == CELL_REAL)
                mf_text_json_real(text, c->as.real);
            else if (c->kind == CELL_FLAG)
                mf_text_puts(text, c->as.flag ? "true" : "false");
        }
        mf_text_puts(text, "\n");
    }
}

static void put_json_cell(mf_text *text, const cell *c)
{
    if (c->kind == CELL_TEXT)
        mf_text_json_string(text, c->as.text);
    else if (c->kind == CELL_COUNT)
        mf_text_printf(text, "%" PRIu64, c->as.count);
    else if (c->kind == CELL_REAL)
        mf_text_json_real(text, c->as.real);
    else if (c->kind == CELL_FLAG)
        mf_text_puts(text, c->as.flag ? "true" : "false");
    else
        mf_text_puts(text, "null");
}

static void write_json(const mf_sheet *sheet, mf_text *text)
{
    mf_text_puts(text, "[");
    const char *before = "\n";
    for (const row *r = sheet->first; r; r = r->next) {
        if (r->kind == MF_ROW_TOTAL)
            continue;
        mf_text_printf(text, "%s  {", before);
        before = ",\n";
        for (size_t i = 0, n = 0; i < r->n_cells; i++) {
            if (!sheet->columns[i].key)
                continue;
            mf_text_printf(text, "%s\"%s\": ", n++ ? ", " : "", sheet->columns[i].key);
            put_json_cell(text, &r->cells[i]);
        }
        mf_text_puts(text, "}");
    }
    mf_text_puts(text, "\n]\n");
}

void mf_sheet_write(const mf_sheet *sheet, mf_format format, bool colour, mf_text *text)
{
    if (!sheet || sheet->failed) {
        text->failed = true;
        return;
    }
    switch (format) {
    case MF_FORMAT_CSV:
        write_csv(sheet, text);
        break;
    case MF_FORMAT_JSON:
        write_json(sheet, text);
        break;
    case MF_FORMAT_MARKDOWN:
        write_markdown(sheet, text);
        break;
    case MF_FORMAT_TEXT:
    default:
        write_text(sheet, colour, text);
    }
}
