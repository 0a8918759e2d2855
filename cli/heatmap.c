/* Squares, a scale, and what a reader with a mouse wants to know about each PE. */
#include "cli/heatmap.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/text.h"

#include <inttypes.h>

enum { LEFT = 50, TOP = 70, SIDE = 24, SCALE_STEPS = 10 };

/* White to dark blue; one hue, so that it reads without colours, too. */
static void write_colour(mf_text *text, double share)
{
    int red = (int)(247 - 239 * share + 0.5), green = (int)(251 - 203 * share + 0.5),
        blue = (int)(255 - 148 * share + 0.5);
    mf_text_printf(text, "#%02x%02x%02x", red, green, blue);
}

static void write_pe(mf_text *text, const mf_pe_activity *pe, uint64_t row, uint64_t column,
                     double cycles)
{
    double share = cycles > 0 ? (double)pe->busy_cycles / cycles : 0;
    share = share > 1 ? 1 : share;
    mf_text_printf(text,
                   "<rect x=\"%" PRIu64 "\" y=\"%" PRIu64
                   "\" width=\"%d\" height=\"%d\" stroke=\"#ccc\" fill=\"",
                   LEFT + column * SIDE, TOP + row * SIDE, SIDE, SIDE);
    write_colour(text, share);
    mf_text_printf(text,
                   "\"><title>row %" PRIu64 ", column %" PRIu64 ": busy %.1f %%, %" PRIu64
                   " positions, %" PRIu64 " executed; words in: ifmap %" PRIu64 ", weight %" PRIu64
                   "</title></rect>\n",
                   row, column, 100 * share, pe->n_macs, pe->n_executed, pe->n_delivered[MF_IFMAP],
                   pe->n_delivered[MF_WEIGHT]);
}

static void write_scale(mf_text *text, uint64_t y)
{
    for (int i = 0; i <= SCALE_STEPS; i++) {
        mf_text_printf(text,
                       "<rect x=\"%d\" y=\"%" PRIu64
                       "\" width=\"%d\" height=\"12\" stroke=\"#ccc\" fill=\"",
                       LEFT + i * SIDE, y, SIDE);
        write_colour(text, (double)i / SCALE_STEPS);
        mf_text_puts(text, "\"/>\n");
        if (i % 5 == 0)
            mf_text_printf(text,
                           "<text x=\"%d\" y=\"%" PRIu64 "\" text-anchor=\"middle\">%d %%</text>\n",
                           LEFT + i * SIDE + SIDE / 2, y + 26, 100 * i / SCALE_STEPS);
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

static void write_svg(mf_text *text, const char *title, const mf_pe_activity *pes, uint64_t pe_rows,
                      uint64_t pe_columns, double cycles)
{
    uint64_t scale_y = TOP + pe_rows * SIDE + 20, wide = pe_columns * SIDE + 2 * LEFT,
             width = wide < 640 ? 640 : wide;
    double busy = 0;
    for (uint64_t i = 0; i < pe_rows * pe_columns; i++)
        busy += (double)pes[i].busy_cycles;
    mf_text_printf(text,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%" PRIu64
                   "\" height=\"%" PRIu64 "\" font-family=\"sans-serif\" font-size=\"11\">\n"
                   "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
                   "<text x=\"%d\" y=\"24\" font-size=\"15\">",
                   width, scale_y + 40, LEFT);
    mf_escape_xml(text, title);
    mf_text_printf(text,
                   "</text>\n<text x=\"%d\" y=\"44\">share of %.0f cycles in which a PE had a "
                   "position under way; %.1f %% over all PEs</text>\n",
                   LEFT, cycles,
                   cycles > 0 ? 100 * busy / cycles / (double)(pe_rows * pe_columns) : 0);
    for (uint64_t column = 0; column < pe_columns; column++)
        mf_text_printf(
            text, "<text x=\"%" PRIu64 "\" y=\"%d\" text-anchor=\"middle\">%" PRIu64 "</text>\n",
            LEFT + column * SIDE + SIDE / 2, TOP - 6, column);
    for (uint64_t row = 0; row < pe_rows; row++) {
        mf_text_printf(text,
                       "<text x=\"%d\" y=\"%" PRIu64 "\" text-anchor=\"end\">%" PRIu64 "</text>\n",
                       LEFT - 6, TOP + row * SIDE + 16, row);
        for (uint64_t column = 0; column < pe_columns; column++)
            write_pe(text, &pes[row * pe_columns + column], row, column, cycles);
    }
    write_scale(text, scale_y);
    mf_text_puts(text, "</svg>\n");
}

mf_status mf_heatmap_write(const char *path, const char *title, const mf_pe_activity *pes,
                           uint64_t pe_rows, uint64_t pe_columns, double cycles, mf_diag *diag)
{
    mf_text text = {0};
    if (mf_file_has_ending(path, ".csv") || mf_file_has_ending(path, ".csv.gz"))
        write_csv(&text, pes, pe_rows, pe_columns, cycles);
    else
        write_svg(&text, title, pes, pe_rows, pe_columns, cycles);
    mf_status status =
        text.failed ? mf_fail_memory(diag) : mf_file_write(path, text.bytes, text.length, diag);
    mf_text_free(&text);
    return status;
}
