/* Sheets for programs: CSV and JSON. */
#include "cli/sheet_formats.h"

#include "base/escape.h"

#include <inttypes.h>

static void nothing(const mf_sheet *sheet, mf_text *text)
{
    (void)sheet;
    (void)text;
}

static void titles_csv(const mf_sheet *sheet, mf_text *text)
{
    for (size_t i = 0, n = 0; i < sheet->n_columns; i++)
        if (sheet->columns[i].key)
            mf_text_printf(text, "%s%s", n++ ? "," : "", sheet->columns[i].key);
    mf_text_puts(text, "\n");
}

static void row_csv(const mf_sheet *sheet, const mf_row *r, mf_text *text)
{
    for (size_t i = 0, n = 0; i < r->n_cells; i++) {
        const mf_cell *c = &r->cells[i];
        if (!sheet->columns[i].key)
            continue;
        mf_text_puts(text, n++ ? "," : "");
        if (c->kind == MF_CELL_TEXT)
            mf_escape_csv(text, c->as.text);
        else if (c->kind == MF_CELL_COUNT)
            mf_text_printf(text, "%" PRIu64, c->as.count);
        else if (c->kind == MF_CELL_REAL)
            mf_text_json_real(text, c->as.real);
        else if (c->kind == MF_CELL_FLAG)
            mf_text_puts(text, c->as.flag ? "true" : "false");
    }
    mf_text_puts(text, "\n");
}

static void put_json_cell(mf_text *text, const mf_cell *c)
{
    if (c->kind == MF_CELL_TEXT)
        mf_escape_json(text, c->as.text);
    else if (c->kind == MF_CELL_COUNT)
        mf_text_printf(text, "%" PRIu64, c->as.count);
    else if (c->kind == MF_CELL_REAL)
        mf_text_json_real(text, c->as.real);
    else if (c->kind == MF_CELL_FLAG)
        mf_text_puts(text, c->as.flag ? "true" : "false");
    else
        mf_text_puts(text, "null");
}

static void begin_json(const mf_sheet *sheet, mf_text *text)
{
    (void)sheet;
    mf_text_puts(text, "[");
}

static void row_json(const mf_sheet *sheet, const mf_row *r, mf_text *text)
{
    mf_text_puts(text, sheet->n_written ? ",\n  {" : "\n  {");
    for (size_t i = 0, n = 0; i < r->n_cells; i++) {
        if (!sheet->columns[i].key)
            continue;
        mf_text_printf(text, "%s\"%s\": ", n++ ? ", " : "", sheet->columns[i].key);
        put_json_cell(text, &r->cells[i]);
    }
    mf_text_puts(text, "}");
}

static void end_json(const mf_sheet *sheet, mf_text *text)
{
    (void)sheet;
    mf_text_puts(text, "\n]\n");
}

const mf_sheet_writer mf_sheet_csv_writer = {false, nothing, titles_csv, row_csv, nothing};
const mf_sheet_writer mf_sheet_json_writer = {false, begin_json, nothing, row_json, end_json};
