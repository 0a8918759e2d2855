/* Scripts for gnuplot: data in here-documents, one "plot" per panel. */
#include "cli/plot.h"

#include "base/file.h"
#include "base/unfinished.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Colours that people with colour blindness can tell apart (after Okabe and Ito, 2008). */
static const char *const colours[] = {"#0072b2", "#e69f00", "#009e73", "#d55e00",
                                      "#56b4e9", "#cc79a7", "#999999", "#f0e442"};

enum { N_COLOURS = sizeof colours / sizeof colours[0] };

static const struct {
    const char *ending, *terminal;
    double per_pixel; /* of the terminal's unit */
    const char *last; /* near the end of a whole file */
} formats[] = {{".svg", "svg noenhanced font 'sans-serif,11' background rgb 'white'", 1, "</svg>"},
               {".png", "pngcairo noenhanced font 'sans-serif,10'", 1, "IEND\xae\x42\x60\x82"},
               {".pdf", "pdfcairo noenhanced font 'sans-serif,8'", 1.0 / 120, "%%EOF"}};

enum { N_FORMATS = sizeof formats / sizeof formats[0] };

static int format_of(const char *path)
{
    for (int i = 0; i < N_FORMATS; i++)
        if (mf_file_has_ending(path, formats[i].ending))
            return i;
    return -1;
}

mf_status mf_plot_open(const mf_arguments *arguments, mf_plot *plot, mf_diag *diag)
{
    *plot = (mf_plot){.path = mf_arguments_value(arguments, "plot")};
    if (plot->path && format_of(plot->path) < 0)
        return mf_fail(diag, MF_USAGE, "--plot: \"%s\" does not end in .svg, .png or .pdf",
                       plot->path);
    return plot->path ? mf_file_check(plot->path, diag) : MF_OK;
}

void mf_plot_discard(mf_plot *plot)
{
    mf_text_free(&plot->panels);
}

/* ---- composing ---------------------------------------------------------------------------------
 */

/* Text between double quotes; what gnuplot would read as an end is left out or replaced. */
static void add_quoted(mf_text *text, const char *string)
{
    mf_text_puts(text, "\"");
    for (const char *p = string; *p; p++) {
        if ((unsigned char)*p < ' ')
            continue;
        if (*p == '"' || *p == '\\')
            mf_text_puts(text, "'");
        else
            mf_text_add(text, p, 1);
    }
    mf_text_puts(text, "\"");
}

static void begin_panel(mf_plot *plot, const char *title, const char *x_label, const char *y_label)
{
    mf_text_puts(&plot->panels, "reset\nset border 3 lc rgb '#888888'\n"
                                "set grid ytics lc rgb '#dddddd'\nset ytics nomirror\n"
                                "set xtics nomirror\nset key outside right top\nset title ");
    add_quoted(&plot->panels, title);
    mf_text_puts(&plot->panels, "\nset xlabel ");
    add_quoted(&plot->panels, x_label);
    mf_text_puts(&plot->panels, "\nset ylabel ");
    add_quoted(&plot->panels, y_label);
    mf_text_puts(&plot->panels, "\n");
    plot->n_panels++;
}

void mf_plot_bars(mf_plot *plot, const char *title, const char *y_label, const char *const *series,
                  size_t n_series, const char *const *labels, size_t n_bars, const double *values)
{
    mf_text *text = &plot->panels;
    if (!plot->path)
        return;
    int block = plot->n_blocks++;
    plot->n_bars = n_bars > plot->n_bars ? n_bars : plot->n_bars;
    mf_text_printf(text, "$data%d << END_OF_DATA\n", block);
    for (size_t i = 0; i < n_bars; i++) {
        add_quoted(text, labels[i]);
        for (size_t k = 0; k < n_series; k++)
            mf_text_printf(text, " %.8g", values[i * n_series + k]);
        mf_text_puts(text, "\n");
    }
    mf_text_puts(text, "END_OF_DATA\n");
    begin_panel(plot, title, "", y_label);
    mf_text_puts(text, "set style data histogram\nset style histogram rowstacked\n"
                       "set style fill solid 0.9 noborder\nset boxwidth 0.8\n"
                       "set xtics rotate by -45 font ',8'\nset yrange [0:*]\nplot ");
    for (size_t k = 0; k < n_series; k++) {
        mf_text_printf(text, "%s$data%d using %zu%s title ", k ? ", " : "", block, k + 2,
                       k ? "" : ":xtic(1)");
        add_quoted(text, series[k]);
        mf_text_printf(text, " lc rgb '%s'", colours[k % N_COLOURS]);
    }
    mf_text_puts(text, "\n");
}

void mf_plot_scatter(mf_plot *plot, const char *title, const char *x_label, const char *y_label,
                     bool logarithmic, const mf_plot_points *series, size_t n_series)
{
    static const char *const styles[] = {[MF_PLOT_POINTS] = "points pt 7 ps 0.7",
                                         [MF_PLOT_JOINED] = "linespoints pt 7 ps 0.6",
                                         [MF_PLOT_COMPANION] = "lines dt 2 lw 0.7"};
    mf_text *text = &plot->panels;
    int first = plot->n_blocks;
    const char *separator = "plot ";
    if (!plot->path)
        return;
    for (size_t k = 0; k < n_series; k++) {
        mf_text_printf(text, "$data%d << END_OF_DATA\n", plot->n_blocks++);
        for (size_t i = 0; i < series[k].n; i++)
            mf_text_printf(text, "%.8g %.8g\n", series[k].x[i], series[k].y[i]);
        mf_text_puts(text, "END_OF_DATA\n");
    }
    begin_panel(plot, title, x_label, y_label);
    mf_text_puts(text,
                 logarithmic ? "set logscale xy\nset grid xtics ytics\n" : "set grid xtics\n");
    for (size_t k = 0, n_colours = 0; k < n_series; k++) {
        n_colours += k == 0 || series[k].style != MF_PLOT_COMPANION;
        if (!series[k].n) /* gnuplot takes an empty block for an error */
            continue;
        mf_text_printf(text, "%s$data%d using 1:2 with %s lc rgb '%s' title ", separator,
                       first + (int)k, styles[series[k].style],
                       colours[(n_colours - 1) % N_COLOURS]);
        add_quoted(text, series[k].name);
        separator = ", ";
    }
    mf_text_puts(text, "\n");
}

/* ---- drawing -----------------------------------------------------------------------------------
 */

static void compose(const mf_plot *plot, const char *output, mf_text *script)
{
    int format = format_of(plot->path);
    double width = 700 + 14.0 * (double)plot->n_bars, height = 360.0 * plot->n_panels;
    width = width < 2400 ? width : 2400;
    mf_text_printf(script, "set terminal %s size %g,%g\nset output '", formats[format].terminal,
                   width * formats[format].per_pixel, height * formats[format].per_pixel);
    for (const char *p = output; *p; p++) /* a quote within single quotes is doubled */
        mf_text_add(script, *p == '\'' ? "''" : p, *p == '\'' ? 2 : 1);
    mf_text_printf(script, "'\nset multiplot layout %d,1\n", plot->n_panels);
    mf_text_add(script, plot->panels.bytes, plot->panels.length);
    mf_text_puts(script, "unset multiplot\nset output\n");
}

/* Feed gnuplot; its exit status, or -1. */
static int run_gnuplot(const mf_text *script)
{
    FILE *pipe = popen("gnuplot >/dev/null 2>&1", "w"); /* its words would be of our script */
    if (!pipe)
        return -1;
    /* Where there is no gnuplot the shell may be gone before all is written. */
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGPIPE, &ignore, &before);
    bool written = fwrite(script->bytes, 1, script->length, pipe) == script->length;
    int status = pclose(pipe);
    sigaction(SIGPIPE, &before, NULL);
    if (status < 0 || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status) == 0 && !written ? -1 : WEXITSTATUS(status);
}

/* gnuplot does not mind a full disk. */
static bool is_whole(const char *path, const char *last)
{
    char end[16];
    FILE *file = fopen(path, "rbe");
    bool whole = file && fseek(file, -(long)sizeof end, SEEK_END) == 0 &&
                 fread(end, 1, sizeof end, file) == sizeof end &&
                 memmem(end, sizeof end, last, strlen(last));
    if (file)
        fclose(file);
    return whole;
}

mf_status mf_plot_close(mf_plot *plot, mf_diag *diag)
{
    mf_text script = {0};
    mf_status status = MF_OK;
    if (!plot->path || !plot->n_panels) {
        mf_plot_discard(plot);
        return MF_OK;
    }
    char *beside = mf_unfinished_beside(plot->path);
    if (beside)
        compose(plot, beside, &script);
    if (!beside || script.failed || plot->panels.failed) {
        status = mf_fail_memory(diag);
    } else if (mf_file_write(beside, "", 0, NULL) != MF_OK) {
        status = mf_fail(diag, MF_IO, "%s: cannot be written", plot->path);
    } else {
        int code = run_gnuplot(&script);
        if (code == 127)
            status =
                mf_fail(diag, MF_IO,
                        "--plot needs gnuplot, which is not there: apt-get install gnuplot-nox");
        else if (code != 0)
            status =
                mf_fail(diag, MF_IO, "%s: gnuplot cannot draw it (status %d)", plot->path, code);
        else if (!is_whole(beside, formats[format_of(plot->path)].last))
            status =
                mf_fail(diag, MF_IO, "%s: cannot be written whole; is the disk full?", plot->path);
        else if (!mf_unfinished_replace(beside, plot->path))
            status = mf_fail(diag, MF_IO, "%s: cannot be written: %s", plot->path, strerror(errno));
    }
    if (beside && status != MF_OK)
        mf_unfinished_remove(beside);
    free(beside);
    mf_text_free(&script);
    mf_plot_discard(plot);
    return status;
}
