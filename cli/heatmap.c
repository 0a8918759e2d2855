/* Squares, a scale, and what a reader with a mouse wants to know about each PE. */
#include "cli/heatmap.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

enum { LEFT = 50, TOP = 70, SCALE_STEPS = 10, SWATCH = 24 };

/* The array on the picture: cells by its shape, colours from the idlest PE to the busiest. */
typedef struct frame {
    const mf_pe_activity *pes;
    uint64_t n_rows, n_columns, cell_width, cell_height;
    double cycles, least, most;
} frame;

static double share_of(const frame *f, uint64_t i)
{
    double share = f->cycles > 0 ? (double)f->pes[i].busy_cycles / f->cycles : 0;
    return share > 1 ? 1 : share;
}

/* So many pixels that `n` cells fill `room`, within what can be seen and what is not coarse. */
static uint64_t cell_size(uint64_t n, uint64_t room)
{
    const uint64_t smallest = 6, largest = 40;
    uint64_t size = room / n;
    return size < smallest ? smallest : size > largest ? largest : size;
}

static frame make_frame(const mf_pe_activity *pes, uint64_t n_rows, uint64_t n_columns,
                        double cycles)
{
    frame f = {pes, n_rows, n_columns, cell_size(n_columns, 960), cell_size(n_rows, 640), cycles,
               1,   0};
    uint64_t side = f.cell_width < f.cell_height ? f.cell_width : f.cell_height;
    if (side >= 10) /* a long row of narrow cells stays high, others are squares */
        f.cell_width = f.cell_height = side;
    for (uint64_t i = 0; i < n_rows * n_columns; i++) {
        double share = share_of(&f, i);
        f.least = share < f.least ? share : f.least;
        f.most = share > f.most ? share : f.most;
    }
    if (f.most - f.least < 1e-3) /* all alike: from nothing on, or the noise would be drawn */
        f.least = 0;
    return f;
}

/* Where a share lies between the idlest and the busiest. */
static double position(const frame *f, double share)
{
    return f->most > f->least ? (share - f->least) / (f->most - f->least) : 0;
}

/* 1, 2, 5, 10, 20 ...: every how many cells of that size a number has room. */
static uint64_t label_step(uint64_t size)
{
    uint64_t step = 1;
    for (int digit = 0; step * size < 20; digit++)
        step = digit % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

/* White to dark blue; one hue, so that it reads without colours, too. */
static void write_colour(mf_text *text, double share)
{
    int red = (int)(247 - 239 * share + 0.5), green = (int)(251 - 203 * share + 0.5),
        blue = (int)(255 - 148 * share + 0.5);
    mf_text_printf(text, "#%02x%02x%02x", red, green, blue);
}

static void write_pe(mf_text *text, const frame *f, uint64_t row, uint64_t column)
{
    const mf_pe_activity *pe = &f->pes[row * f->n_columns + column];
    double share = share_of(f, row * f->n_columns + column);
    mf_text_printf(text,
                   "<rect x=\"%" PRIu64 "\" y=\"%" PRIu64 "\" width=\"%" PRIu64
                   "\" height=\"%" PRIu64 "\" stroke=\"#ccc\" stroke-width=\"%s\" fill=\"",
                   LEFT + column * f->cell_width, TOP + row * f->cell_height, f->cell_width,
                   f->cell_height, f->cell_width < 12 ? "0.5" : "1");
    write_colour(text, position(f, share));
    mf_text_printf(text,
                   "\"><title>row %" PRIu64 ", column %" PRIu64 ": busy %.1f %%, %" PRIu64
                   " positions, %" PRIu64 " executed; words in: ifmap %" PRIu64 ", weight %" PRIu64
                   "</title></rect>\n",
                   row, column, 100 * share, pe->n_macs, pe->n_executed, pe->n_delivered[MF_IFMAP],
                   pe->n_delivered[MF_WEIGHT]);
}

static void write_scale(mf_text *text, const frame *f, uint64_t y)
{
    for (int i = 0; i <= SCALE_STEPS; i++) {
        double part = (double)i / SCALE_STEPS;
        mf_text_printf(text,
                       "<rect x=\"%d\" y=\"%" PRIu64
                       "\" width=\"%d\" height=\"12\" stroke=\"#ccc\" fill=\"",
                       LEFT + i * SWATCH, y, SWATCH);
        write_colour(text, part);
        mf_text_puts(text, "\"/>\n");
        if (i % 5 == 0)
            mf_text_printf(
                text, "<text x=\"%d\" y=\"%" PRIu64 "\" text-anchor=\"middle\">%.1f %%</text>\n",
                LEFT + i * SWATCH + SWATCH / 2, y + 26,
                100 * (f->least + part * (f->most - f->least)));
    }
}

/* The same for programs. */
static void write_csv(mf_text *text, const mf_pe_activity *pes, uint64_t pe_rows,
                      uint64_t pe_columns, double cycles)
{
    mf_text_puts(text, "row,column,n_busy_cycles,utilisation,n_macs,n_padded_macs,n_executed,"
                       "n_ifmap_words,n_weight_words,n_psum_words\n");
    for (uint64_t i = 0; i < pe_rows * pe_columns; i++) {
        const mf_pe_activity *pe = &pes[i];
        mf_text_printf(text, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", i / pe_columns, i % pe_columns,
                       pe->busy_cycles);
        mf_text_json_real(text, cycles > 0 ? (double)pe->busy_cycles / cycles : 0);
        mf_text_printf(text, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, pe->n_macs, pe->n_padded,
                       pe->n_executed);
        for (int t = 0; t < MF_N_TENSORS; t++)
            mf_text_printf(text, ",%" PRIu64, pe->n_delivered[t]);
        mf_text_puts(text, "\n");
    }
}

static void write_head(mf_text *text, const frame *f, const char *title)
{
    uint64_t wide = f->n_columns * f->cell_width + 2 * LEFT, titled = 2 * LEFT + 8 * strlen(title),
             width = wide < 640 ? 640 : wide;
    double busy = 0;
    for (uint64_t i = 0; i < f->n_rows * f->n_columns; i++)
        busy += (double)f->pes[i].busy_cycles;
    mf_text_printf(text,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%" PRIu64
                   "\" height=\"%" PRIu64 "\" font-family=\"sans-serif\" font-size=\"11\">\n"
                   "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
                   "<text x=\"%d\" y=\"24\" font-size=\"15\">",
                   width < titled ? titled : width, TOP + f->n_rows * f->cell_height + 60, LEFT);
    mf_escape_xml(text, title);
    mf_text_printf(
        text,
        "</text>\n<text x=\"%d\" y=\"44\">share of %.0f cycles in which a PE had a "
        "position under way; %.1f %% over all PEs</text>\n",
        LEFT, f->cycles,
        f->cycles > 0 ? 100 * busy / f->cycles / (double)(f->n_rows * f->n_columns) : 0);
}

static void write_labels(mf_text *text, const frame *f)
{
    for (uint64_t column = 0; column < f->n_columns; column += label_step(f->cell_width))
        mf_text_printf(
            text, "<text x=\"%" PRIu64 "\" y=\"%d\" text-anchor=\"middle\">%" PRIu64 "</text>\n",
            LEFT + column * f->cell_width + f->cell_width / 2, TOP - 6, column);
    for (uint64_t row = 0; row < f->n_rows; row += label_step(f->cell_height))
        mf_text_printf(
            text, "<text x=\"%d\" y=\"%" PRIu64 "\" text-anchor=\"end\">%" PRIu64 "</text>\n",
            LEFT - 6, TOP + row * f->cell_height + f->cell_height / 2 + 4, row);
}

static void write_svg(mf_text *text, const frame *f, const char *title)
{
    write_head(text, f, title);
    write_labels(text, f);
    for (uint64_t row = 0; row < f->n_rows; row++)
        for (uint64_t column = 0; column < f->n_columns; column++)
            write_pe(text, f, row, column);
    write_scale(text, f, TOP + f->n_rows * f->cell_height + 20);
    mf_text_puts(text, "</svg>\n");
}

mf_status mf_heatmap_write(const char *path, const char *title, const mf_pe_activity *pes,
                           uint64_t pe_rows, uint64_t pe_columns, double cycles, mf_diag *diag)
{
    mf_text text = {0};
    const frame shown = make_frame(pes, pe_rows, pe_columns, cycles);
    if (mf_file_has_ending(path, ".csv") || mf_file_has_ending(path, ".csv.gz"))
        write_csv(&text, pes, pe_rows, pe_columns, cycles);
    else
        write_svg(&text, &shown, title);
    mf_status status =
        text.failed ? mf_fail_memory(diag) : mf_file_write(path, text.bytes, text.length, diag);
    mf_text_free(&text);
    return status;
}
