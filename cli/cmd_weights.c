/* `mulfree weights`: how are the weights of trained networks distributed, layer by layer? */
#include "base/file.h"
#include "cli/output.h"
#include "cli/plot.h"
#include "cli/weight_tensors.h"
#include "train/weight_statistics.h"

#include <string.h>

/* What is shown of one tensor, or of all tensors of an operator. */
typedef struct entry {
    const char *checkpoint;
    mf_weight_tensor tensor; /* without its numbers, once it is counted */
    size_t n_pooled;         /* tensors; 0 of a single one */
    mf_weight_statistics statistics;
    uint64_t *counts; /* [n_bins] */
} entry;

typedef struct look {
    const mf_arguments *arguments;
    mf_arena *arena;
    uint64_t n_bins;
    entry *entries;
    size_t n, room;
    bool several; /* checkpoints */
} look;

/* ---- counting ----------------------------------------------------------------------------------
 */

static mf_status add_entry(look *l, const char *checkpoint, const mf_weight_tensor *tensor,
                           size_t n_pooled, mf_diag *diag)
{
    if (l->n == l->room) {
        size_t room = l->room ? 2 * l->room : 64;
        entry *more = MF_NEW_ARRAY(l->arena, entry, room);
        if (!more)
            return mf_fail_memory(diag);
        if (l->n)
            memcpy(more, l->entries, l->n * sizeof *more);
        l->entries = more;
        l->room = room;
    }
    entry *e = &l->entries[l->n++];
    *e = (entry){.checkpoint = checkpoint,
                 .tensor = *tensor,
                 .n_pooled = n_pooled,
                 .counts = MF_NEW_ARRAY(l->arena, uint64_t, l->n_bins)};
    if (!e->counts)
        return mf_fail_memory(diag);
    MF_TRY(mf_weight_statistics_of(tensor->w, tensor->n, &e->statistics, diag));
    mf_weight_bins_count(&e->statistics, tensor->w, tensor->n, l->n_bins, e->counts);
    return MF_OK;
}

static bool belong_together(const mf_weight_tensor *a, const mf_weight_tensor *b)
{
    return strcmp(a->op, b->op) == 0 && strcmp(a->name, b->name) == 0;
}

/* All tensors like this one, if it is the first of several. */
static mf_status add_pool(look *l, const char *checkpoint, const mf_weight_tensors *t, size_t first,
                          mf_diag *diag)
{
    mf_weight_tensor all = t->all[first];
    size_t n_pooled = 1;
    for (size_t i = 0; i < first; i++)
        if (belong_together(&t->all[i], &all))
            return MF_OK;
    for (size_t i = first + 1; i < t->n; i++)
        if (belong_together(&t->all[i], &all)) {
            all.n += t->all[i].n;
            n_pooled++;
        }
    if (n_pooled == 1)
        return MF_OK;
    float *numbers = MF_NEW_ARRAY(l->arena, float, all.n);
    if (!numbers)
        return mf_fail_memory(diag);
    all.w = numbers;
    all.layer = "all";
    for (size_t i = first; i < t->n; i++)
        if (belong_together(&t->all[i], &all)) {
            memcpy(numbers, t->all[i].w, t->all[i].n * sizeof *numbers);
            numbers += t->all[i].n;
        }
    return add_entry(l, checkpoint, &all, n_pooled, diag);
}

static mf_status add_checkpoint(void *user, const char *path, const mf_weight_tensors *t,
                                mf_diag *diag)
{
    look *l = user;
    for (size_t i = 0; i < t->n; i++)
        MF_TRY(add_entry(l, path, &t->all[i], 0, diag));
    for (size_t i = 0; i < t->n; i++)
        MF_TRY(add_pool(l, path, t, i, diag));
    return MF_OK;
}

/* ---- tables ------------------------------------------------------------------------------------
 */

static const mf_column fit_columns[] = {{"checkpoint", "checkpoint", 0, 1},
                                        {"number", "#", 0, 1},
                                        {"layer", "layer", 0, 1},
                                        {"tensor", "tensor", 0, 1},
                                        {"op", "op", 0, 1},
                                        {"n_weights", "weights", 0, 1},
                                        {"least", "least", 4, 1},
                                        {"most", "most", 4, 1},
                                        {"mean", "mean", 4, 1},
                                        {"deviation", "deviation", 4, 1},
                                        {"laplace_u", "Laplace u", 4, 1},
                                        {"laplace_b", "Laplace b", 4, 1},
                                        {"kurtosis", "kurtosis", 2, 1},
                                        {"gaussian_log_likelihood", "ln L Gaussian", 3, 1},
                                        {"laplace_log_likelihood", "ln L Laplace", 3, 1},
                                        {"likelier", "likelier", 0, 1},
                                        {NULL, NULL, 0, 0}};

static const mf_column bin_columns[] = {{"checkpoint", "checkpoint", 0, 1},
                                        {"layer", "layer", 0, 1},
                                        {"tensor", "tensor", 0, 1},
                                        {"op", "op", 0, 1},
                                        {"low", "from", 5, 1},
                                        {"high", "to", 5, 1},
                                        {"n_weights", "weights", 0, 1},
                                        {"density", "density", 4, 1},
                                        {"gaussian_density", "Gaussian", 4, 1},
                                        {"laplace_density", "Laplace", 4, 1},
                                        {NULL, NULL, 0, 0}};

static mf_row_kind row_kind(const look *l, size_t i)
{
    const entry *e = &l->entries[i];
    bool begins = i && (e->checkpoint != e[-1].checkpoint || (e->n_pooled && !e[-1].n_pooled));
    return begins ? MF_ROW_FIRST : MF_ROW_PLAIN;
}

static void add_fit(const look *l, size_t i, mf_sheet *sheet)
{
    const entry *e = &l->entries[i];
    const mf_weight_statistics *s = &e->statistics;
    const double always[] = {s->least, s->most, s->mean, s->deviation, s->u, s->b},
                 fits[] = {s->kurtosis, s->gaussian_log_likelihood, s->laplace_log_likelihood};
    mf_sheet_row(sheet, row_kind(l, i));
    mf_sheet_text(sheet, e->checkpoint);
    if (e->n_pooled)
        mf_sheet_none(sheet);
    else
        mf_sheet_count(sheet, (uint64_t)e->tensor.number);
    mf_sheet_text(sheet, e->tensor.layer);
    mf_sheet_text(sheet, e->tensor.name);
    mf_sheet_text(sheet, e->tensor.op);
    mf_sheet_count(sheet, s->n);
    for (size_t k = 0; k < sizeof always / sizeof *always; k++)
        mf_sheet_real(sheet, always[k]);
    for (size_t k = 0; k < sizeof fits / sizeof *fits; k++)
        if (s->varies)
            mf_sheet_real(sheet, fits[k]);
        else
            mf_sheet_none(sheet);
    if (s->varies)
        mf_sheet_text(sheet, s->laplace_log_likelihood > s->gaussian_log_likelihood ? "Laplace"
                                                                                    : "Gaussian");
    else
        mf_sheet_none(sheet);
}

static mf_sheet *show_fits(const look *l)
{
    mf_sheet *sheet = mf_sheet_create(l->arena, fit_columns);
    for (size_t i = 0; i < l->n; i++)
        add_fit(l, i, sheet);
    mf_sheet_heading(sheet, mf_arguments_has(l->arguments, "learnt")
                                ? "weights as they are learnt"
                                : "weights as convolutions compute with them");
    mf_sheet_note(sheet, "ln L: log-likelihood per weight under the likeliest distribution; "
                         "kurtosis: 3 of a Gaussian, 6 of a Laplace");
    return sheet;
}

/* What a distribution has from `low` to `high`, per unit. */
typedef double below(const mf_weight_statistics *statistics, double x);
static double density(below *distribution, const mf_weight_statistics *s, double low, double high)
{
    return (distribution(s, high) - distribution(s, low)) / (high - low);
}

static double edge(const look *l, const entry *e, uint64_t i)
{
    return mf_weight_bin_edge(&e->statistics, l->n_bins, i);
}

static double counted_density(const look *l, const entry *e, uint64_t i)
{
    return (double)e->counts[i] / (double)e->statistics.n / (edge(l, e, i + 1) - edge(l, e, i));
}

static void add_bin(const look *l, size_t index, uint64_t i, mf_sheet *sheet)
{
    const entry *e = &l->entries[index];
    double low = edge(l, e, i), high = edge(l, e, i + 1);
    mf_sheet_row(sheet, i || !index ? MF_ROW_PLAIN : MF_ROW_FIRST);
    mf_sheet_text(sheet, e->checkpoint);
    mf_sheet_text(sheet, e->tensor.layer);
    mf_sheet_text(sheet, e->tensor.name);
    mf_sheet_text(sheet, e->tensor.op);
    mf_sheet_real(sheet, low);
    mf_sheet_real(sheet, high);
    mf_sheet_count(sheet, e->counts[i]);
    mf_sheet_real(sheet, counted_density(l, e, i));
    below *const fits[] = {mf_gaussian_below, mf_laplace_below};
    for (size_t k = 0; k < 2; k++)
        if (e->statistics.varies)
            mf_sheet_real(sheet, density(fits[k], &e->statistics, low, high));
        else
            mf_sheet_none(sheet);
}

static mf_sheet *show_bins(const look *l)
{
    mf_sheet *sheet = mf_sheet_create(l->arena, bin_columns);
    for (size_t k = 0; k < l->n; k++)
        for (uint64_t i = 0; i < l->n_bins; i++)
            add_bin(l, k, i, sheet);
    mf_sheet_heading(sheet, "weights in bins: densities counted, and of the likeliest "
                            "distributions (mean over the bin)");
    return sheet;
}

/* ---- the picture -------------------------------------------------------------------------------
 */

enum { STEPS_PER_BIN = 4, MOST_COLUMNS = 4 };

static mf_status draw_entry(const look *l, const entry *e, mf_plot *plot, mf_diag *diag)
{
    size_t n = l->n_bins, n_points = STEPS_PER_BIN * n;
    double *edges = MF_NEW_ARRAY(l->arena, double, n + 1),
           *densities = MF_NEW_ARRAY(l->arena, double, n),
           *x = MF_NEW_ARRAY(l->arena, double, n_points),
           *y[2] = {MF_NEW_ARRAY(l->arena, double, n_points),
                    MF_NEW_ARRAY(l->arena, double, n_points)};
    const char *title = l->several
                            ? mf_arena_format(l->arena, "%s: %s, %s", mf_file_name(e->checkpoint),
                                              e->tensor.layer, e->tensor.op)
                            : mf_arena_format(l->arena, "%s, %s", e->tensor.layer, e->tensor.op);
    if (!edges || !densities || !x || !y[0] || !y[1] || !title)
        return mf_fail_memory(diag);
    for (size_t i = 0; i <= n; i++)
        edges[i] = edge(l, e, i);
    for (size_t i = 0; i < n; i++)
        densities[i] = counted_density(l, e, i);
    for (size_t i = 0; i < n_points; i++) {
        double low = mf_weight_bin_edge(&e->statistics, n_points, i),
               high = mf_weight_bin_edge(&e->statistics, n_points, i + 1);
        x[i] = (low + high) / 2;
        y[0][i] = density(mf_gaussian_below, &e->statistics, low, high);
        y[1][i] = density(mf_laplace_below, &e->statistics, low, high);
    }
    const mf_plot_points lines[] = {{.name = "Gaussian", .x = x, .y = y[0], .n = n_points},
                                    {.name = "Laplace", .x = x, .y = y[1], .n = n_points}};
    mf_plot_histogram(plot, title, e->tensor.name, "weights", edges, densities, n, lines,
                      e->statistics.varies ? 2 : 0);
    return MF_OK;
}

static mf_status draw(const look *l, mf_plot *plot, mf_diag *diag)
{
    mf_status status = MF_OK;
    plot->n_columns = l->n < MOST_COLUMNS ? (int)l->n : MOST_COLUMNS;
    for (size_t i = 0; plot->path && i < l->n && status == MF_OK; i++)
        status = draw_entry(l, &l->entries[i], plot, diag);
    if (status == MF_OK)
        return mf_plot_close(plot, diag);
    mf_plot_discard(plot);
    return status;
}

/* ---- the command -------------------------------------------------------------------------------
 */

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_plot plot; /* a wrong ending is found before anything is shown */
    look l = {.arguments = arguments,
              .arena = arguments->arena,
              .n_bins = 64,
              .several = arguments->n_words > 1};
    if (arguments->n_words && strcmp(arguments->words[0], "fit") == 0)
        return mf_weight_fit_command(cli, arguments, diag);
    MF_TRY(mf_arguments_expect(arguments, 1, 1000, diag));
    MF_TRY(mf_arguments_count(arguments, "histogram", 1, 10000, &l.n_bins, diag));
    MF_TRY(mf_plot_open(arguments, &plot, diag));
    MF_TRY(mf_weight_tensors_each(cli, arguments, arguments->words, arguments->n_words,
                                  add_checkpoint, &l, diag));
    mf_sheet *sheet = mf_arguments_has(arguments, "histogram") ? show_bins(&l) : show_fits(&l);
    MF_TRY(mf_output_sheet(cli, arguments, sheet, diag));
    return draw(&l, &plot, diag);
}

static const mf_option options[] = {
    {"layers", 'l', "LAYERS",
     .about = "only these, separated by commas: a name, number, role, kind or parts[n]"},
    {"learnt", 0, NULL, .about = "weights as they are learnt, before they are rounded",
     .needs = MF_IF_PROJECTED},
    {"histogram", 0, "BINS", .about = "show how many weights are in each of so many bins instead",
     .needs = MF_IF_LOOKED_AT},
    {"from", 0, "FILES", .words = "files",
     .about = "checkpoints of multiplicative networks, separated by commas: fit, too, what brings "
              "their weights to these (FC of equation 5)",
     .needs = MF_IF_FITTED},
    MF_PLOT_OPTION(MF_IF_LOOKED_AT),
    MF_FORMAT_OPTION(MF_IF_LOOKED_AT),
    MF_OUTPUT_OPTION(""),
    MF_WIDE_OPTION(MF_IF_LOOKED_AT),
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree weights run.npz", "layer by layer, and all layers of an operator together"},
    {"mulfree weights mult.npz shift.npz add.npz -l pw_expand_3 --plot weights.svg",
     "one layer of three trainings, with both fits"},
    {"mulfree weights run.npz -l conv,depthwise --histogram 100 -f csv", "counts in bins"},
    {"mulfree weights fit run.npz -o fits.json", "a file of u and b, for --set remap_fit"},
    {"mulfree weights fit shift.npz --learnt --from mult.npz -o fits.json",
     "the same with FC, from one training's weights to the other's"},
    {NULL, NULL}};

const mf_command mf_command_weights = {
    .name = "weights",
    .summary = "how the weights of checkpoints are distributed, beside Gaussian and Laplace fits",
    .arguments = "[fit] CHECKPOINT.npz ...",
    .about = "Both fits are of greatest likelihood: mean and standard deviation, median u and mean "
             "distance from it b. Rows \"all\" take the layers of one operator together. `fit` "
             "writes the fits of each layer, over all checkpoints together (of one network, for "
             "example with several seeds), as a file that --set remap_fit of `mulfree train` reads.",
    .words = "files",
    .options = options,
    .examples = examples,
    .run = run,
};
