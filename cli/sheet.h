/* How are rows of results shown? A command fills a sheet: columns with a key for programs and a
 * title for people, then rows. One writer per format shows any sheet. */
#ifndef MF_CLI_SHEET_H
#define MF_CLI_SHEET_H

#include "base/arena.h"
#include "base/text.h"

#include <stdint.h>

/* One column. People see `value * scale` with `decimals` digits; programs see the value itself. A
 * column without title is for programs only, one without key for people only. */
typedef struct mf_column {
    const char *key;
    const char *title;
    int decimals;
    double scale;
} mf_column;

typedef enum mf_row_kind {
    MF_ROW_PLAIN,
    MF_ROW_FIRST, /* begins a group: people see a line above it */
    MF_ROW_TOTAL, /* for people only, in bold below a line */
    MF_ROW_SAMPLE /* nobody sees it: columns become as wide as if it were there */
} mf_row_kind;

typedef enum mf_format {
    MF_FORMAT_TEXT,
    MF_FORMAT_CSV,
    MF_FORMAT_JSON,
    MF_FORMAT_MARKDOWN
} mf_format;

/* Lives in the arena it was made with. Once memory ran out every call does nothing and writing
 * fails. */
typedef struct mf_sheet mf_sheet;

/* `columns` is borrowed and ends with an element that has neither key nor title. */
mf_sheet *mf_sheet_create(mf_arena *arena, const mf_column *columns);

/* Begin a row; the cells follow in the order of the columns, one call each. Text is copied. */
void mf_sheet_row(mf_sheet *sheet, mf_row_kind kind);
void mf_sheet_text(mf_sheet *sheet, const char *text);
void mf_sheet_count(mf_sheet *sheet, uint64_t count);
void mf_sheet_real(mf_sheet *sheet, double value);
void mf_sheet_flag(mf_sheet *sheet, bool flag);
void mf_sheet_none(mf_sheet *sheet);

/* For people: a heading above the rows, and lines below them. Text is borrowed. */
void mf_sheet_heading(mf_sheet *sheet, const char *heading);
void mf_sheet_note(mf_sheet *sheet, const char *note);

/* Lines of MF_FORMAT_TEXT may have at most so many characters, 0 for any number: columns that do not
 * fit come below, beside those that name the rows, and long text is broken. */
void mf_sheet_limit(mf_sheet *sheet, size_t width);

/* Append the sheet to `text`. Colour only concerns MF_FORMAT_TEXT. */
void mf_sheet_write(mf_sheet *sheet, mf_format format, bool colour, mf_text *text);

/* The same bit by bit, for rows that are long in coming: append what stands above the rows, then
 * again and again the rows that are new, then these and what stands below. Text columns keep the
 * width they have at the beginning. Columns that do not fit come with the end. */
void mf_sheet_begin(mf_sheet *sheet, mf_format format, bool colour, mf_text *text);
void mf_sheet_continue(mf_sheet *sheet, mf_text *text);
void mf_sheet_end(mf_sheet *sheet, mf_text *text);

/* For more rows than memory should hold: make columns as wide as the rows so far; forget these, and
 * keep those that follow in `rows`, which may be destroyed at the next turn. */
void mf_sheet_measure(mf_sheet *sheet);
void mf_sheet_turn(mf_sheet *sheet, mf_arena *rows);

#endif
