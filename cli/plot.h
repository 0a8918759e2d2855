/* Pictures without a browser: charts are composed as a script and drawn by gnuplot (Debian:
 * gnuplot-nox), which only this file knows. The ending of --plot's file says the format: .svg, .png
 * or .pdf. */
#ifndef MF_CLI_PLOT_H
#define MF_CLI_PLOT_H

#include "base/text.h"
#include "cli/arguments.h"

#define MF_PLOT_OPTION(condition)                                                                  \
    {                                                                                              \
        "plot", 'p', "FILE", .about = "also draw a chart, as .svg, .png or .pdf (needs gnuplot)",  \
                             .words = ">files", .needs = (condition)                               \
    }

/* A picture of several panels, one above the other or, if `n_columns` is set, so many in a line.
 * Without --plot `path` is NULL and every call does nothing. */
typedef struct mf_plot {
    const char *path;
    mf_text panels;
    int n_panels, n_blocks, n_columns;
    size_t n_bars; /* of the panel with most, for the width */
} mf_plot;

/* Look at --plot; MF_USAGE for an ending that is none of the three. */
mf_status mf_plot_open(const mf_arguments *arguments, mf_plot *plot, mf_diag *diag);

/* Bars, each a stack of `n_series` values: values[bar * n_series + series]. Names and labels are
 * any text. */
void mf_plot_bars(mf_plot *plot, const char *title, const char *y_label, const char *const *series,
                  size_t n_series, const char *const *labels, size_t n_bars, const double *values);

/* Groups of bars side by side, one bar per series: values[group * n_series + series]. The axis goes
 * at least to `highest`, so that panels can share one. */
void mf_plot_groups(mf_plot *plot, const char *title, const char *y_label,
                    const char *const *series, size_t n_series, const char *const *labels,
                    size_t n_groups, const double *values, double highest);

/* How a series looks. A companion is a thin line in the colour of the series before it, and so is a
 * front: the border of what its points beat, from the least x on. */
typedef enum mf_plot_style {
    MF_PLOT_POINTS,
    MF_PLOT_JOINED,
    MF_PLOT_COMPANION,
    MF_PLOT_FRONT
} mf_plot_style;

/* One series of a scatter chart; a front has no name. */
typedef struct mf_plot_points {
    const char *name;
    const double *x, *y;
    size_t n;
    mf_plot_style style;
    int colour;                /* 1 + its number; 0: the next */
    const char *const *labels; /* beside each point, [n]; NULL: none */
} mf_plot_points;

/* The number of an operator's colour, the same in every chart. */
int mf_plot_operator_colour(const char *op);

/* Both axes are plain or both logarithmic; or x counts something: ticks stand at whole numbers. */
typedef enum mf_plot_axes { MF_PLOT_PLAIN, MF_PLOT_LOGARITHMIC, MF_PLOT_COUNTS } mf_plot_axes;

void mf_plot_scatter(mf_plot *plot, const char *title, const char *x_label, const char *y_label,
                     mf_plot_axes axes, const mf_plot_points *series, size_t n_series);

/* Shares of numbers per unit between n_bins + 1 edges, as steps; densities as lines over them. */
void mf_plot_histogram(mf_plot *plot, const char *title, const char *x_label, const char *name,
                       const double *edges, const double *densities, size_t n_bins,
                       const mf_plot_points *lines, size_t n_lines);

/* Draw. MF_IO when gnuplot is not there or the file cannot be written; nothing half-drawn is left.
 * Frees the plot. */
mf_status mf_plot_close(mf_plot *plot, mf_diag *diag);
void mf_plot_discard(mf_plot *plot);

#endif
