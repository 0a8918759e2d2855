/* What does a sheet consist of, and who writes it? Private to the files of the sheet. */
#ifndef MF_CLI_SHEET_FORMATS_H
#define MF_CLI_SHEET_FORMATS_H

#include "cli/sheet.h"

typedef enum mf_cell_kind {
    MF_CELL_NONE,
    MF_CELL_TEXT,
    MF_CELL_COUNT,
    MF_CELL_REAL,
    MF_CELL_FLAG
} mf_cell_kind;

typedef struct mf_cell {
    mf_cell_kind kind;
    union {
        const char *text;
        uint64_t count;
        double real;
        bool flag;
    } as;
} mf_cell;

typedef struct mf_row {
    struct mf_row *next;
    mf_row_kind kind;
    size_t n_cells;
    mf_cell cells[];
} mf_row;

typedef struct mf_note {
    struct mf_note *next;
    const char *text;
} mf_note;

struct mf_sheet {
    mf_arena *arena, *rows; /* of the sheet, and of its rows */
    const mf_column *columns;
    size_t n_columns;
    mf_row *first, *last;
    mf_note *first_note, *last_note;
    const char *heading;
    bool failed;
    mf_format format; /* of what is being written */
    bool colour;
    size_t width;   /* that lines of text may have; 0: any */
    size_t *widths; /* of the text's columns, and which stand on the left */
    bool *left;
    size_t n_keys, n_blocks, block; /* names of rows, blocks, and which is being written */
    size_t *block_of;               /* of each column that is no name */
    size_t *begins;                 /* of the text in the cells of the row that is being written */
    const mf_row *written; /* the last row that was, and how many programs saw */
    size_t n_written;
};

/* One per format: what stands above all, above the rows (of each block), a row, what stands below. */
typedef struct mf_sheet_writer {
    bool for_people; /* who also see totals */
    void (*begin)(const mf_sheet *sheet, mf_text *text);
    void (*titles)(const mf_sheet *sheet, mf_text *text);
    void (*row)(const mf_sheet *sheet, const mf_row *r, mf_text *text);
    void (*end)(const mf_sheet *sheet, mf_text *text);
} mf_sheet_writer;

extern const mf_sheet_writer mf_sheet_text_writer, mf_sheet_markdown_writer; /* sheet_people.c */
extern const mf_sheet_writer mf_sheet_csv_writer, mf_sheet_json_writer;      /* sheet_programs.c */

/* Spread the columns over blocks, so that all fit `width`. (sheet_fit.c) */
void mf_sheet_fit(mf_sheet *sheet);

/* Does the block that is being written show a column? */
bool mf_sheet_shows(const mf_sheet *sheet, size_t column);

#endif
