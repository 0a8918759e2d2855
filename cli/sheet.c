/* Filling a sheet, and having it written. */
#include "cli/sheet_formats.h"

mf_sheet *mf_sheet_create(mf_arena *arena, const mf_column *columns)
{
    mf_sheet *sheet = MF_NEW(arena, mf_sheet);
    if (sheet) {
        sheet->arena = sheet->rows = arena;
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
    mf_row *r = mf_arena_array(sheet->rows, 1, sizeof(mf_row) + sheet->n_columns * sizeof(mf_cell));
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

static void put(mf_sheet *sheet, mf_cell c)
{
    if (sheet && !sheet->failed && sheet->last && sheet->last->n_cells < sheet->n_columns)
        sheet->last->cells[sheet->last->n_cells++] = c;
}

void mf_sheet_text(mf_sheet *sheet, const char *text)
{
    const char *copy = sheet && text ? mf_arena_string(sheet->rows, text) : NULL;
    if (sheet && !copy)
        sheet->failed = true;
    put(sheet, (mf_cell){MF_CELL_TEXT, {.text = copy}});
}

void mf_sheet_count(mf_sheet *sheet, uint64_t count)
{
    put(sheet, (mf_cell){MF_CELL_COUNT, {.count = count}});
}

void mf_sheet_real(mf_sheet *sheet, double value)
{
    put(sheet, (mf_cell){MF_CELL_REAL, {.real = value}});
}

void mf_sheet_flag(mf_sheet *sheet, bool flag)
{
    put(sheet, (mf_cell){MF_CELL_FLAG, {.flag = flag}});
}

void mf_sheet_none(mf_sheet *sheet)
{
    put(sheet, (mf_cell){MF_CELL_NONE, {0}});
}

void mf_sheet_heading(mf_sheet *sheet, const char *heading)
{
    if (sheet)
        sheet->heading = heading;
}

void mf_sheet_note(mf_sheet *sheet, const char *text)
{
    mf_note *n = sheet ? MF_NEW(sheet->arena, mf_note) : NULL;
    if (!n)
        return;
    n->text = text;
    if (sheet->last_note)
        sheet->last_note->next = n;
    else
        sheet->first_note = n;
    sheet->last_note = n;
}

void mf_sheet_limit(mf_sheet *sheet, size_t width)
{
    if (sheet)
        sheet->width = width;
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static const mf_sheet_writer *const writers[] = {[MF_FORMAT_TEXT] = &mf_sheet_text_writer,
                                                 [MF_FORMAT_CSV] = &mf_sheet_csv_writer,
                                                 [MF_FORMAT_JSON] = &mf_sheet_json_writer,
                                                 [MF_FORMAT_MARKDOWN] = &mf_sheet_markdown_writer};

static void begin_block(mf_sheet *sheet, size_t block, mf_text *text)
{
    sheet->block = block;
    sheet->written = NULL;
    sheet->n_written = 0;
    writers[sheet->format]->titles(sheet, text);
}

void mf_sheet_begin(mf_sheet *sheet, mf_format format, bool colour, mf_text *text)
{
    if (!sheet || sheet->failed) {
        text->failed = true;
        return;
    }
    sheet->format = format;
    sheet->colour = colour;
    mf_sheet_measure(sheet);
    mf_sheet_fit(sheet);
    if (sheet->failed) {
        text->failed = true;
        return;
    }
    writers[format]->begin(sheet, text);
    begin_block(sheet, 0, text);
}

void mf_sheet_continue(mf_sheet *sheet, mf_text *text)
{
    if (!sheet || sheet->failed) {
        text->failed = true;
        return;
    }
    const mf_sheet_writer *writer = writers[sheet->format];
    for (const mf_row *r = sheet->written ? sheet->written->next : sheet->first; r; r = r->next) {
        sheet->written = r;
        if (r->kind == MF_ROW_SAMPLE || (r->kind == MF_ROW_TOTAL && !writer->for_people))
            continue;
        writer->row(sheet, r, text);
        sheet->n_written++;
    }
}

void mf_sheet_end(mf_sheet *sheet, mf_text *text)
{
    mf_sheet_continue(sheet, text);
    for (size_t block = 1; !text->failed && block < sheet->n_blocks; block++) {
        mf_text_puts(text, "\n");
        begin_block(sheet, block, text);
        mf_sheet_continue(sheet, text);
    }
    if (!text->failed)
        writers[sheet->format]->end(sheet, text);
}

void mf_sheet_turn(mf_sheet *sheet, mf_arena *rows)
{
    if (!sheet)
        return;
    sheet->rows = rows;
    sheet->first = sheet->last = NULL;
    sheet->written = NULL;
}

void mf_sheet_write(mf_sheet *sheet, mf_format format, bool colour, mf_text *text)
{
    mf_sheet_begin(sheet, format, colour, text);
    mf_sheet_end(sheet, text);
}
