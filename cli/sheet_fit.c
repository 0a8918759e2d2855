/* A table that is wider than the terminal goes into blocks, one below the other. Each begins with
 * the columns that name a row, and takes of the others what fits; sentences are broken to fit. */
#include "cli/sheet_formats.h"

#include <string.h>

enum {
    GAP = 2,
    SENTENCE = 20, /* text that is wider is broken before it goes elsewhere, to lines of so much */
    SHORTEST = 8   /* and names at most to this */
};

static bool is_empty(const mf_cell *c)
{
    return c->kind == MF_CELL_NONE;
}

static bool same_cell(const mf_cell *a, const mf_cell *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == MF_CELL_TEXT)
        return strcmp(a->as.text, b->as.text) == 0;
    return is_empty(a) || a->as.count == b->as.count;
}

/* Can a column be part of a row's name? Measured numbers cannot. */
static bool names_rows(const mf_sheet *sheet, size_t column)
{
    for (const mf_row *r = sheet->first; r; r = r->next)
        if (column < r->n_cells && r->cells[column].kind == MF_CELL_REAL)
            return false;
    return true;
}

/* Do the first `n` columns tell each row from the one above it? */
static bool tell_apart(const mf_sheet *sheet, size_t n)
{
    for (const mf_row *r = sheet->first; r && r->next; r = r->next) {
        bool same = r->n_cells >= n && r->next->n_cells >= n;
        for (size_t i = 0; same && i < n; i++)
            same = !sheet->columns[i].title || same_cell(&r->cells[i], &r->next->cells[i]);
        if (same)
            return false;
    }
    return true;
}

/* How many columns name a row: as few as tell rows apart, with a word among them if there is one. */
static size_t count_keys(const mf_sheet *sheet)
{
    size_t n_apart = 0, n_word = 0, n = 0;
    for (size_t i = 0; i < sheet->n_columns && !(n_apart && n_word); i++) {
        if (!sheet->columns[i].title)
            continue;
        if (n && !names_rows(sheet, i))
            break;
        n = i + 1;
        n_apart = !n_apart && tell_apart(sheet, n) ? n : n_apart;
        n_word = !n_word && sheet->left[i] ? n : n_word;
    }
    return n_apart && !n_word ? n_apart : n;
}

/* Of the columns from `begin` up to `end`, each with a gap before it. */
static size_t sum_widths(const mf_sheet *sheet, size_t begin, size_t end)
{
    size_t sum = 0;
    for (size_t i = begin; i < end; i++)
        sum += sheet->columns[i].title ? sheet->widths[i] + GAP : 0;
    return sum;
}

/* Names leave room for a sentence beside them: the widest is broken, or the last is no name. */
static void narrow_keys(mf_sheet *sheet)
{
    const size_t room = sheet->width - SENTENCE;
    while (sheet->n_keys && sum_widths(sheet, 0, sheet->n_keys) > room) {
        size_t widest = sheet->n_columns;
        for (size_t i = 0; i < sheet->n_keys; i++)
            if (sheet->columns[i].title && sheet->left[i] && sheet->widths[i] > SHORTEST &&
                (widest == sheet->n_columns || sheet->widths[i] > sheet->widths[widest]))
                widest = i;
        if (widest < sheet->n_columns)
            sheet->widths[widest]--;
        else
            sheet->n_keys--;
    }
}

/* A title that stands above several columns ("of mult") says something only beside the column
 * before: where such a group ends that begins at `column`. */
static size_t end_of_group(const mf_sheet *sheet, size_t column)
{
    for (size_t end = column + 1; end < sheet->n_columns; end++) {
        const char *title = sheet->columns[end].title;
        size_t n = 0;
        for (size_t i = 0; title && i < sheet->n_columns; i++)
            n += sheet->columns[i].title && strcmp(sheet->columns[i].title, title) == 0;
        if (title && n < 2)
            return end;
    }
    return sheet->n_columns;
}

/* Give what is left of a line to the sentences from `begin` up to `end`. */
static void widen(mf_sheet *sheet, const size_t *natural, size_t begin, size_t end, size_t left)
{
    for (size_t i = begin; i < end; i++) {
        size_t more = natural[i] - sheet->widths[i];
        more = more < left ? more : left;
        sheet->widths[i] += more;
        left -= more;
    }
}

static void fill_blocks(mf_sheet *sheet, const size_t *natural)
{
    const size_t keys = sum_widths(sheet, 0, sheet->n_keys), line = sheet->width + GAP;
    size_t used = keys, begin = sheet->n_keys;
    for (size_t i = sheet->n_keys, end; i < sheet->n_columns; i = end) {
        end = end_of_group(sheet, i);
        if (keys + sum_widths(sheet, i, end) > line)
            end = i + 1;
        size_t more = sum_widths(sheet, i, end);
        if (used + more > line && used > keys) {
            widen(sheet, natural, begin, i, line - used);
            sheet->n_blocks++;
            begin = i;
            used = keys;
        }
        for (size_t k = i; k < end; k++)
            sheet->block_of[k] = sheet->n_blocks - 1;
        used += more;
    }
    widen(sheet, natural, begin, sheet->n_columns, used < line ? line - used : 0);
}

void mf_sheet_fit(mf_sheet *sheet)
{
    sheet->n_blocks = 1;
    sheet->n_keys = 0;
    sheet->block_of = MF_NEW_ARRAY(sheet->arena, size_t, sheet->n_columns);
    size_t *natural = MF_NEW_ARRAY(sheet->arena, size_t, sheet->n_columns);
    sheet->failed = sheet->failed || !sheet->block_of || !natural;
    if (sheet->failed || !sheet->width || sheet->format != MF_FORMAT_TEXT ||
        sum_widths(sheet, 0, sheet->n_columns) <= sheet->width + GAP)
        return;
    memcpy(natural, sheet->widths, sheet->n_columns * sizeof *natural);
    sheet->n_keys = count_keys(sheet);
    narrow_keys(sheet);
    for (size_t i = sheet->n_keys; i < sheet->n_columns; i++)
        if (sheet->columns[i].title && sheet->left[i] && sheet->widths[i] > SENTENCE)
            sheet->widths[i] = SENTENCE;
    fill_blocks(sheet, natural);
}

bool mf_sheet_shows(const mf_sheet *sheet, size_t column)
{
    return sheet->columns[column].title &&
           (column < sheet->n_keys || sheet->block_of[column] == sheet->block);
}
