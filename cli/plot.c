/* Scripts for gnuplot: numbers in here-documents, one "plot" per panel. */
#include "cli/plot.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Colours that people with colour blindness can tell apart (after Okabe and Ito, 2008). */
static const char *const colours[] = {"#0072b2", "#e69f00", "#009e73", "#d55e00",
                                      "#56b4e9", "#cc79a7", "#999999", "#f0e442"};

enum { N_COLOURS = sizeof colours / sizeof colours[0] };

/* In the order of colours; others share what is left. */
static const char *const coloured[] = {"mult",  "shift", "add",   "denseshift",
                                       "apot4", "xnor",  "binary"};
enum { N_COLOURED = sizeof coloured / sizeof coloured[0] };

int mf_plot_operator_colour(const char *op)
{
    int i = 0;
    while (i < N_COLOURED && strcmp(coloured[i], op) != 0)
        i++;
    return i;
}

static bool is_coloured(const char *name)
{
    return mf_plot_operator_colour(name) < N_COLOURED;
}

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
    return MF_OK;
}

void mf_plot_discard(mf_plot *plot)
{
    mf_text_free(&plot->panels);
}

/* ---- composing ---------------------------------------------------------------------------------
 */

static void begin_panel(mf_plot *plot, const char *title, const char *x_label, const char *y_label)
{
    mf_text_puts(&plot->panels, "reset\nset border 3 lc rgb '#888888'\n"
                                "set grid ytics lc rgb '#dddddd'\nset ytics nomirror\n"
                                "set xtics nomirror\nset key outside right top\nset title ");
    mf_escape_gnuplot(&plot->panels, title);
    mf_text_puts(&plot->panels, "\nset xlabel ");
    mf_escape_gnuplot(&plot->panels, x_label);
    mf_text_puts(&plot->panels, "\nset ylabel ");
    mf_escape_gnuplot(&plot->panels, y_label);
    mf_text_puts(&plot->panels, "\n");
    plot->n_panels++;
}

/* A here-document with a line of `n_series` values per row; its number. */
static int add_block(mf_plot *plot, size_t n_series, size_t n_rows, const double *values)
{
    mf_text *text = &plot->panels;
    mf_text_printf(text, "$data%d << END_OF_DATA\n", plot->n_blocks);
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t k = 0; k < n_series; k++)
            mf_text_printf(text, "%s%.8g", k ? " " : "", values[i * n_series + k]);
        mf_text_puts(text, "\n");
    }
    mf_text_puts(text, "END_OF_DATA\n");
    return plot->n_blocks++;
}

/* Names below the axis: they stand in no data block, only numbers do. */
static void name_bars(mf_text *text, const char *const *labels, size_t n_bars)
{
    for (size_t i = 0; i < n_bars; i++) {
        mf_text_puts(text, "set xtics add (");
        mf_escape_gnuplot_tic(text, labels[i]);
        mf_text_printf(text, " %zu)\n", i);
    }
}

/* Operators in their own colours where all are, others in the order of colours. */
static void draw_series(mf_text *text, int block, const char *const *series, size_t n_series)
{
    bool own = true;
    for (size_t k = 0; k < n_series; k++)
        own = own && is_coloured(series[k]);
    mf_text_puts(text, "plot ");
    for (size_t k = 0; k < n_series; k++) {
        mf_text_printf(text, "%s$data%d using %zu title ", k ? ", " : "", block, k + 1);
        mf_escape_gnuplot(text, series[k]);
        size_t colour = own ? (size_t)mf_plot_operator_colour(series[k]) : k;
        mf_text_printf(text, " lc rgb '%s'", colours[colour % N_COLOURS]);
    }
    mf_text_puts(text, "\n");
}

void mf_plot_bars(mf_plot *plot, const char *title, const char *y_label, const char *const *series,
                  size_t n_series, const char *const *labels, size_t n_bars, const double *values)
{
    mf_text *text = &plot->panels;
    if (!plot->path)
        return;
    plot->n_bars = n_bars > plot->n_bars ? n_bars : plot->n_bars;
    int block = add_block(plot, n_series, n_bars, values);
    begin_panel(plot, title, "", y_label);
    mf_text_puts(text, "set style data histogram\nset style histogram rowstacked\n"
                       "set style fill solid 0.9 noborder\nset boxwidth 0.8\n"
                       "set yrange [0:*]\nset xtics () rotate by -45 font ',8'\n");
    name_bars(text, labels, n_bars);
    draw_series(text, block, series, n_series);
}

void mf_plot_groups(mf_plot *plot, const char *title, const char *y_label,
                    const char *const *series, size_t n_series, const char *const *labels,
                    size_t n_groups, const double *values, double highest)
{
    mf_text *text = &plot->panels;
    size_t n_bars = n_groups * (n_series + 1); /* a gap is as wide as a bar */
    if (!plot->path)
        return;
    plot->n_bars = n_bars > plot->n_bars ? n_bars : plot->n_bars;
    int block = add_block(plot, n_series, n_groups, values);
    begin_panel(plot, title, "", y_label);
    mf_text_printf(text,
                   "set style data histogram\nset style histogram clustered gap 1\n"
                   "set style fill solid 0.9 noborder\nset boxwidth 0.9\n"
                   "set yrange [0:%.8g<*]\nset key outside center top horizontal\n"
                   "set xtics () rotate by 30 right font ',9'\n",
                   highest);
    name_bars(text, labels, n_groups);
    draw_series(text, block, series, n_series);
}

/* At most ten steps of 1, 2 or 5 times a power of ten: gnuplot's own may be halves. */
static void set_whole_ticks(mf_text *text, const mf_plot_points *series, size_t n_series)
{
    double most = 1, step = 1;
    for (size_t k = 0; k < n_series; k++)
        for (size_t i = 0; i < series[k].n; i++)
            most = series[k].x[i] > most ? series[k].x[i] : most;
    for (int digit = 0; most / step > 10; digit++)
        step *= digit % 3 == 1 ? 2.5 : 2;
    mf_text_printf(text, "set xtics %.17g\n", step);
}

/* Pairs of numbers; the number of the here-document. */
static int add_pairs(mf_plot *plot, const double *x, const double *y, size_t n)
{
    mf_text_printf(&plot->panels, "$data%d << END_OF_DATA\n", plot->n_blocks);
    for (size_t i = 0; i < n; i++)
        mf_text_printf(&plot->panels, "%.8g %.8g\n", x[i], y[i]);
    mf_text_puts(&plot->panels, "END_OF_DATA\n");
    return plot->n_blocks++;
}

void mf_plot_histogram(mf_plot *plot, const char *title, const char *x_label, const char *name,
                       const double *edges, const double *densities, size_t n_bins,
                       const mf_plot_points *lines, size_t n_lines)
{
    mf_text *text = &plot->panels;
    if (!plot->path)
        return;
    int first = plot->n_blocks++; /* a step goes to the next point, the last one to one more */
    mf_text_printf(text, "$data%d << END_OF_DATA\n", first);
    for (size_t i = 0; i <= n_bins; i++)
        mf_text_printf(text, "%.8g %.8g\n", edges[i], densities[i < n_bins ? i : n_bins - 1]);
    mf_text_puts(text, "END_OF_DATA\n");
    for (size_t k = 0; k < n_lines; k++)
        add_pairs(plot, lines[k].x, lines[k].y, lines[k].n);
    begin_panel(plot, title, x_label, "density");
    mf_text_printf(text,
                   "set key inside right top\nset yrange [0:*]\nset xrange [%.8g:%.8g]\n"
                   "plot $data%d using 1:2 with fillsteps fs solid 0.5 noborder lc rgb '%s' title ",
                   edges[0], edges[n_bins], first, colours[6]);
    mf_escape_gnuplot(text, name);
    for (size_t k = 0; k < n_lines; k++) {
        mf_text_printf(text, ", $data%d using 1:2 with lines lw 1.5 lc rgb '%s' title ",
                       first + 1 + (int)k, colours[k % N_COLOURS]);
        mf_escape_gnuplot(text, lines[k].name);
    }
    mf_text_puts(text, "\n");
}

/* Above and to the right of each point. */
static void put_labels(mf_text *text, const mf_plot_points *series)
{
    for (size_t i = 0; series->labels && i < series->n; i++) {
        mf_text_puts(text, "set label ");
        mf_escape_gnuplot(text, series->labels[i]);
        mf_text_printf(text, " at %.8g,%.8g left offset 0.4,0.4 font ',7'\n", series->x[i],
                       series->y[i]);
    }
}

void mf_plot_scatter(mf_plot *plot, const char *title, const char *x_label, const char *y_label,
                     mf_plot_axes axes, const mf_plot_points *series, size_t n_series)
{
    static const char *const styles[] = {[MF_PLOT_POINTS] = "points pt 7 ps 0.7",
                                         [MF_PLOT_JOINED] = "linespoints pt 7 ps 0.6",
                                         [MF_PLOT_COMPANION] = "lines dt 2 lw 0.7",
                                         [MF_PLOT_FRONT] = "steps lw 1.2"};
    mf_text *text = &plot->panels;
    int first = plot->n_blocks;
    const char *separator = "plot ";
    if (!plot->path)
        return;
    for (size_t k = 0; k < n_series; k++)
        add_pairs(plot, series[k].x, series[k].y, series[k].n);
    begin_panel(plot, title, x_label, y_label);
    mf_text_puts(text, axes == MF_PLOT_LOGARITHMIC ? "set logscale xy\nset grid xtics ytics\n"
                                                   : "set grid xtics\n");
    if (axes == MF_PLOT_COUNTS)
        set_whole_ticks(text, series, n_series);
    for (size_t k = 0; k < n_series; k++)
        put_labels(text, &series[k]);
    for (size_t k = 0, n_colours = 0; k < n_series; k++) {
        n_colours += k == 0 || series[k].style != MF_PLOT_COMPANION;
        size_t colour = series[k].colour ? (size_t)series[k].colour - 1 : n_colours - 1;
        if (!series[k].n) /* gnuplot takes an empty block for an error */
            continue;
        mf_text_printf(text, "%s$data%d using 1:2 with %s lc rgb '%s'", separator, first + (int)k,
                       styles[series[k].style], colours[colour % N_COLOURS]);
        mf_text_puts(text, series[k].name ? " title " : " notitle");
        if (series[k].name)
            mf_escape_gnuplot(text, series[k].name);
        separator = ", ";
    }
    mf_text_puts(text, "\n");
}

/* ---- drawing -----------------------------------------------------------------------------------
 */

/* In pixels: panels in a line of their own have the legend beside them, others above. */
static double width_of(const mf_plot *plot, int n_columns)
{
    double bars = (double)plot->n_bars, panel = n_columns > 1 ? 180 + 15 * bars : 700 + 14 * bars,
           width = n_columns * (panel < 420 ? 420 : panel);
    return width < 2400 ? width : 2400;
}

static void compose(const mf_plot *plot, mf_text *script)
{
    int format = format_of(plot->path), n_columns = plot->n_columns ? plot->n_columns : 1,
        n_lines = (plot->n_panels + n_columns - 1) / n_columns;
    double width = width_of(plot, n_columns);
    mf_text_printf(script,
                   "set encoding utf8\nset terminal %s size %g,%g\nset multiplot layout %d,%d\n",
                   formats[format].terminal, width * formats[format].per_pixel,
                   360.0 * n_lines * formats[format].per_pixel, n_lines, n_columns);
    mf_text_add(script, plot->panels.bytes, plot->panels.length);
    mf_text_puts(script, "unset multiplot\n");
}

/* gnuplot without a shell: it reads the script as its standard input, draws onto its standard
 * output, and runs nobody's start-up file (-d). 0 or why it could not start, and how it ended. */
static int start_gnuplot(int script, int picture, int *how)
{
    char *const words[] = {"gnuplot", "-d", NULL};
    posix_spawn_file_actions_t files;
    pid_t child;
    int fault = posix_spawn_file_actions_init(&files);
    if (fault)
        return fault;
    fault = posix_spawn_file_actions_adddup2(&files, script, STDIN_FILENO);
    if (!fault)
        fault = posix_spawn_file_actions_adddup2(&files, picture, STDOUT_FILENO);
    if (!fault) /* its words would be of our script */
        fault = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!fault)
        fault = posix_spawnp(&child, words[0], &files, NULL, words, environ);
    posix_spawn_file_actions_destroy(&files);
    while (!fault && waitpid(child, how, 0) < 0)
        fault = errno == EINTR ? 0 : errno;
    return fault;
}

static mf_status run_gnuplot(const mf_plot *plot, const mf_text *script, int picture, mf_diag *diag)
{
    int how = 0, file = memfd_create("script", MFD_CLOEXEC), fault = 0;
    if (file < 0 || write(file, script->bytes, script->length) != (ssize_t)script->length ||
        lseek(file, 0, SEEK_SET) != 0)
        fault = errno;
    else
        fault = start_gnuplot(file, picture, &how);
    if (file >= 0)
        close(file);
    if (fault == ENOENT)
        return mf_fail(diag, MF_IO,
                       "--plot needs gnuplot, which is not there: apt-get install gnuplot-nox");
    if (fault)
        return mf_fail(diag, MF_IO, "%s: gnuplot cannot be run: %s", plot->path, strerror(fault));
    if (WIFSIGNALED(how))
        return mf_fail(diag, MF_IO, "%s: gnuplot ended by signal %d", plot->path, WTERMSIG(how));
    if (WEXITSTATUS(how) != 0)
        return mf_fail(diag, MF_IO, "%s: gnuplot cannot draw it (status %d)", plot->path,
                       WEXITSTATUS(how));
    return MF_OK;
}

/* gnuplot does not mind a full disk. */
static bool is_whole(int picture, const char *last)
{
    char end[16];
    off_t size = lseek(picture, 0, SEEK_END);
    return size >= (off_t)sizeof end &&
           pread(picture, end, sizeof end, size - (off_t)sizeof end) == (ssize_t)sizeof end &&
           memmem(end, sizeof end, last, strlen(last));
}

static mf_status draw(const mf_plot *plot, const mf_text *script, mf_diag *diag)
{
    char *beside;
    int picture = mf_unfinished_open(plot->path, &beside);
    if (picture < 0)
        return mf_fail(diag, MF_IO, "%s: cannot be written: %s", plot->path, strerror(errno));
    mf_status status = run_gnuplot(plot, script, picture, diag);
    if (status == MF_OK && !is_whole(picture, formats[format_of(plot->path)].last))
        status = mf_fail(diag, MF_IO, "%s: cannot be written whole; is the disk full?", plot->path);
    close(picture);
    if (status != MF_OK)
        mf_unfinished_remove(beside);
    else if (!mf_unfinished_replace(beside, plot->path))
        status = mf_fail(diag, MF_IO, "%s: cannot be written: %s", plot->path, strerror(errno));
    free(beside);
    return status;
}

mf_status mf_plot_close(mf_plot *plot, mf_diag *diag)
{
    mf_text script = {0};
    mf_status status = MF_OK;
    if (plot->path && plot->n_panels) {
        compose(plot, &script);
        status =
            script.failed || plot->panels.failed ? mf_fail_memory(diag) : draw(plot, &script, diag);
    }
    mf_text_free(&script);
    mf_plot_discard(plot);
    return status;
}
