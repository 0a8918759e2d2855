/* `mulfree trace`: make, look into and check the numbers of a network. */
#include "base/escape.h"
#include "base/file.h"
#include "cli/export.h"
#include "cli/file_kind.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/setup.h"
#include "cli/trace_export.h"
#include "models/forward.h"
#include "models/trace.h"
#include "models/vector.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- make --------------------------------------------------------------------------------------
 */

/* The largest width of a psum: what a chip with less would overflow, the chip reports. */
enum { DEFAULT_PSUM_BITS = 32, DEFAULT_BITS = 16 };

typedef struct maker {
    mf_trace_writer *writer;
    mf_progress progress;
} maker;

static mf_status add_layer(void *user, size_t layer_index, const mf_layer_data *data, mf_diag *diag)
{
    maker *m = user;
    (void)layer_index;
    MF_TRY(mf_interrupt_check(diag));
    mf_progress_step(&m->progress, 1);
    return mf_trace_add(m->writer, data, diag);
}

/* Integer widths of every layer, as --bits and --psum-bits say. */
static mf_status choose_widths(const mf_arguments *arguments, const mf_operators *operators,
                               const mf_network *network, const size_t *op_of_layer, mf_bits *bits,
                               mf_widths **widths, mf_diag *diag)
{
    const char *wanted = mf_arguments_value(arguments, "bits");
    uint64_t psum_bits = DEFAULT_PSUM_BITS;
    *bits = (mf_bits){DEFAULT_BITS, false};
    if (wanted)
        MF_TRY(mf_bits_parse(wanted, bits, diag));
    if (bits->floating)
        return mf_fail(diag, MF_USAGE, "--bits: a trace holds integers, not %s", wanted);
    MF_TRY(mf_arguments_count(arguments, "psum-bits", 4, 63, &psum_bits, diag));
    *widths = MF_NEW_ARRAY(arguments->arena, mf_widths, network->n_weight_layers);
    if (!*widths)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_shape *s = &mf_network_weight_layer(network, i)->shape;
        MF_TRY(mf_operator_widths(mf_operators_at(operators, op_of_layer[i]), *bits, psum_bits,
                                  s->c / s->g * s->r * s->s, &(*widths)[i], diag));
    }
    return MF_OK;
}

static mf_status write_random(mf_cli *cli, const mf_arguments *arguments,
                              const mf_operators *operators, const mf_network *network,
                              const char *op, uint64_t seed, const char *path, mf_diag *diag)
{
    mf_assignment assignment;
    mf_widths *widths;
    mf_bits bits;
    maker m = {0};
    MF_TRY(mf_setup_assign(operators, arguments, network, op, &assignment, diag));
    const size_t *op_of_layer = assignment.op_of_layer;
    MF_TRY(choose_widths(arguments, operators, network, op_of_layer, &bits, &widths, diag));
    mf_forward_options options = {
        .seed = seed, .widths = widths, .activation_bits = bits.activation_bits};
    MF_TRY(mf_trace_create(
        path, network->name,
        mf_arena_format(arguments->arena, "made-up numbers, seed %" PRIu64 ", as %s", seed, op),
        &m.writer, diag));
    mf_progress_begin(&m.progress, cli, path, network->n_layers);
    mf_interrupt_catch(true);
    mf_status status =
        mf_forward_random(network, operators, op_of_layer, &options, add_layer, &m, diag);
    mf_interrupt_catch(false);
    mf_progress_end(&m.progress);
    if (status == MF_OK)
        return mf_trace_finish(m.writer, diag);
    mf_trace_abandon(m.writer);
    return status;
}

static mf_status make(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    const char *path = mf_arguments_value(arguments, "output"),
               *op = mf_arguments_value(arguments, "op");
    mf_operators *operators = NULL;
    mf_network *network = NULL;
    uint64_t seed = 1;
    mf_status status;
    if (!path || strlen(path) < 5 || strcmp(path + strlen(path) - 4, ".npz") != 0)
        return mf_fail(diag, MF_USAGE, "trace make: say where with --output FILE.npz");
    MF_TRY(mf_file_kind_check(arguments->words[1], MF_FILES_WITH_LAYERS, diag));
    if (mf_file_has_ending(arguments->words[1], ".npz"))
        return mf_fail(diag, MF_USAGE, "trace make: %s is a trace already; name a network",
                       arguments->words[1]);
    if (!mf_arguments_value(arguments, "random"))
        return mf_fail(diag, MF_USAGE,
                       "trace make: --random SEED says which made-up numbers to use");
    MF_TRY(mf_arguments_count(arguments, "random", 0, UINT64_MAX, &seed, diag));
    MF_TRY_DONE(mf_setup_operators(cli, arguments->arena, &operators, diag));
    MF_TRY_DONE(mf_setup_network(cli, arguments, arguments->words[1], &network, diag));
    MF_TRY_DONE(
        write_random(cli, arguments, operators, network, op ? op : "mult", seed, path, diag));
done:
    mf_network_destroy(network);
    mf_operators_destroy(operators);
    return status;
}

/* ---- info --------------------------------------------------------------------------------------
 */

static const mf_column info_columns[] = {{"number", "#", 0, 1},
                                         {"layer", "layer", 0, 1},
                                         {"kind", "kind", 0, 1},
                                         {"op", "op", 0, 1},
                                         {"activation", "activation", 0, 1},
                                         {"ifmap", "ifmap NxCxHxW", 0, 1},
                                         {"ofmap", "ofmap NxMxExF", 0, 1},
                                         {"kernel", "RxS", 0, 1},
                                         {"stride", "stride", 0, 1},
                                         {"n_groups", "groups", 0, 1},
                                         {"activation_bits", "act b", 0, 1},
                                         {"weight_bits", "wt b", 0, 1},
                                         {"psum_bits", "psum b", 0, 1},
                                         {"product_shift_bits", "shift b", 0, 1},
                                         {"ofmap_fraction_bits", "frac b", 0, 1},
                                         {"ifmap_zero_fraction", "in zeros %", 1, 100},
                                         {"ofmap_zero_fraction", "out zeros %", 1, 100},
                                         {NULL, NULL, 0, 0}};

static double zeros_of(const int32_t *codes, uint64_t n)
{
    uint64_t zeros = 0;
    for (uint64_t i = 0; i < n; i++)
        zeros += codes[i] == 0;
    return (double)zeros / (double)n;
}

static void add_info(mf_sheet *sheet, mf_arena *arena, size_t index, const mf_layer_data *data)
{
    const mf_shape *s = &data->shape;
    static const char map[] = "%" PRIu64 "x%" PRIu64 "x%" PRIu64 "x%" PRIu64;
    bool weights = mf_layer_data_has_weights(data);
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_count(sheet, index);
    mf_sheet_text(sheet, data->name);
    mf_sheet_text(sheet, mf_layer_kind_name(data->kind));
    mf_sheet_text(sheet, weights ? data->op : "");
    mf_sheet_text(sheet, mf_activation_name(data->activation));
    mf_sheet_text(sheet, mf_arena_format(arena, map, s->n, s->c, s->h, s->w));
    mf_sheet_text(sheet, mf_arena_format(arena, map, s->n, s->m, s->e, s->f));
    mf_sheet_text(sheet, mf_arena_format(arena, "%" PRIu64 "x%" PRIu64, s->r, s->s));
    mf_sheet_count(sheet, s->stride);
    mf_sheet_count(sheet, s->g);
    mf_sheet_count(sheet, data->format.activation_bits);
    if (weights) {
        mf_sheet_count(sheet, data->format.weight_bits);
        mf_sheet_count(sheet, data->format.psum_bits);
        mf_sheet_count(sheet, data->format.product_shift);
    } else {
        mf_sheet_none(sheet);
        mf_sheet_none(sheet);
        mf_sheet_none(sheet);
    }
    mf_sheet_count(sheet, data->ofmap_fraction_bits);
    mf_sheet_real(sheet, zeros_of(data->ifmap, mf_shape_ifmap(s)));
    mf_sheet_real(sheet, zeros_of(data->ofmap, mf_shape_ofmap(s)));
}

/* A reader of layers whose steps are shown. */
typedef struct shown_reader {
    mf_trace_reader *with;
    void *user;
    mf_progress progress;
} shown_reader;

static mf_status show_step(void *user, size_t index, const mf_layer_data *data, mf_diag *diag)
{
    shown_reader *r = user;
    mf_status status = r->with(r->user, index, data, diag);
    mf_progress_step(&r->progress, 1);
    return status;
}

static mf_status each_layer(mf_cli *cli, mf_trace *trace, const char *what, mf_trace_reader *with,
                            void *user, mf_diag *diag)
{
    shown_reader r = {.with = with, .user = user};
    mf_progress_begin(&r.progress, cli, what, mf_trace_count(trace));
    mf_status status = mf_trace_each(trace, show_step, &r, diag);
    mf_progress_end(&r.progress);
    return status;
}

typedef struct informer {
    mf_arena *arena;
    mf_sheet *sheet;
} informer;

static mf_status inform(void *user, size_t index, const mf_layer_data *data, mf_diag *diag)
{
    informer *i = user;
    (void)diag;
    add_info(i->sheet, i->arena, index, data);
    return MF_OK;
}

static mf_status info(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_trace *trace;
    informer i = {arguments->arena, mf_sheet_create(arguments->arena, info_columns)};
    MF_TRY(mf_file_kind_check(arguments->words[1], MF_FILE_BIT(MF_FILE_TRACE), diag));
    MF_TRY(mf_trace_open(arguments->words[1], &trace, diag));
    mf_status status = each_layer(cli, trace, arguments->words[1], inform, &i, diag);
    if (status == MF_OK) {
        const char *about = mf_trace_about(trace);
        mf_sheet_heading(i.sheet,
                         mf_arena_format(arguments->arena, "%s%s%s", mf_trace_network(trace),
                                         about ? ": " : "", about ? about : ""));
        status = mf_output_sheet(cli, arguments, i.sheet, diag);
    }
    mf_trace_close(trace);
    return status;
}

/* ---- verify ------------------------------------------------------------------------------------
 */

typedef struct verifier {
    const char *path;
    uint64_t n_layers, n_outputs;
} verifier;

static mf_status wrong(const verifier *v, const mf_layer_data *data, const char *what, uint64_t at,
                       int64_t holds, int64_t computed, mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    return mf_fail(diag, MF_DIFFERENT,
                   "%s: layer %s: %s of image %" PRIu64 ", channel %" PRIu64 ", row %" PRIu64
                   ", column %" PRIu64 " is %" PRId64 ", but the layer computes %" PRId64,
                   v->path, data->name, what, at / s->f / s->e / s->m, at / s->f / s->e % s->m,
                   at / s->f % s->e, at % s->f, holds, computed);
}

static mf_status verify_codes(const verifier *v, const mf_layer_data *data, const int32_t *computed,
                              mf_diag *diag)
{
    for (uint64_t i = 0; i < mf_shape_ofmap(&data->shape); i++)
        if (data->ofmap[i] != computed[i])
            return wrong(v, data, "the ofmap", i, data->ofmap[i], computed[i], diag);
    return MF_OK;
}

static mf_status verify_weights(const verifier *v, const mf_layer_data *data, int64_t *psums,
                                int32_t *codes, mf_diag *diag)
{
    const mf_shape *s = &data->shape;
    mf_requantiser requantiser = mf_layer_data_requantiser(data);
    MF_TRY(mf_integer_layer(s, &data->format, data->ifmap, data->weights, psums, diag));
    for (uint64_t i = 0; i < mf_shape_ofmap(s); i++) {
        if (psums[i] != data->psums[i])
            return wrong(v, data, "the psum", i, data->psums[i], psums[i], diag);
        codes[i] = mf_requantise(&requantiser, i / (s->e * s->f) % s->m, psums[i]);
    }
    return verify_codes(v, data, codes, diag);
}

static mf_status verify_layer(void *user, size_t index, const mf_layer_data *data, mf_diag *diag)
{
    verifier *v = user;
    uint64_t n = mf_shape_ofmap(&data->shape);
    int64_t *psums = malloc(n * sizeof *psums);
    int32_t *codes = malloc(n * sizeof *codes);
    mf_status status;
    (void)index;
    if (!psums || !codes)
        status = mf_fail_memory(diag);
    else if (mf_layer_data_has_weights(data))
        status = verify_weights(v, data, psums, codes, diag);
    else if ((status = mf_vector_compute(data, codes, diag)) == MF_OK)
        status = verify_codes(v, data, codes, diag);
    free(psums);
    free(codes);
    if (status != MF_OK && status != MF_DIFFERENT && diag) {
        mf_diag why = *diag;
        mf_fail(diag, status, "%s: layer %s: %s", v->path, data->name, why.message);
    }
    v->n_layers++;
    v->n_outputs += n;
    return status;
}

static const mf_column verify_columns[] = {{"trace", "trace", 0, 1},
                                           {"network", "network", 0, 1},
                                           {"n_layers", "layers", 0, 1},
                                           {"n_checked", "outputs checked", 0, 1},
                                           {NULL, NULL, 0, 0}};

/* A sentence for people, a row for programs. */
static mf_status tell(const verifier *v, const char *network, mf_cli *cli,
                      const mf_arguments *arguments, mf_diag *diag)
{
    mf_format format;
    mf_text text = {0};
    MF_TRY(mf_output_format(arguments, &format, diag));
    if (format == MF_FORMAT_TEXT) {
        mf_escape_terminal(&text, v->path);
        mf_text_puts(&text, ": ");
        mf_escape_terminal(&text, network);
        mf_text_printf(&text,
                       ", %" PRIu64 " layers: all %" PRIu64
                       " outputs are what the integer reference computes\n",
                       v->n_layers, v->n_outputs);
        return mf_output_result(arguments, &text, diag);
    }
    mf_sheet *sheet = mf_sheet_create(arguments->arena, verify_columns);
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, v->path);
    mf_sheet_text(sheet, network);
    mf_sheet_count(sheet, v->n_layers);
    mf_sheet_count(sheet, v->n_outputs);
    return mf_output_sheet(cli, arguments, sheet, diag);
}

static mf_status verify(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_trace *trace;
    verifier v = {.path = arguments->words[1]};
    MF_TRY(mf_file_kind_check(v.path, MF_FILE_BIT(MF_FILE_TRACE), diag));
    MF_TRY(mf_trace_open(v.path, &trace, diag));
    mf_status status = each_layer(cli, trace, v.path, verify_layer, &v, diag);
    if (status == MF_OK)
        status = tell(&v, mf_trace_network(trace), cli, arguments, diag);
    mf_trace_close(trace);
    return status;
}

/* ---- the command -------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    mf_status (*run)(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag);
} actions[] = {{"make", make}, {"export", mf_trace_export}, {"info", info}, {"zeros", mf_trace_zeros}, {"verify", verify}};

enum { N_ACTIONS = sizeof actions / sizeof actions[0] };

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    MF_TRY(mf_arguments_expect(arguments, 2, 2, diag));
    for (size_t i = 0; i < N_ACTIONS; i++)
        if (strcmp(arguments->words[0], actions[i].name) == 0)
            return actions[i].run(cli, arguments, diag);
    return mf_fail(diag, MF_USAGE, "trace: expected make, export, info, zeros or verify, found \"%s\"",
                   arguments->words[0]);
}

static const mf_option options[] = {
    {"random", 0, "SEED", .about = "input and weights are made up from this seed",
     .needs = MF_IF_MADE},
    {"op", 0, "OP", .about = "operator of the variant (default mult)", .words = "operators",
     .needs = MF_IF_MADE},
    {"bits", 0, "BITS", .about = "of activations, and of weights that are as wide (default 16)",
     .words = "=8 16", .needs = MF_IF_CODED},
    {"psum-bits", 0, "N", .about = "sums fit this many bits (default 32; Eyeriss has 16)",
     .needs = MF_IF_CODED},
    {"data", 0, "DATA", .about = "other pictures than those of the training",
     .needs = MF_IF_EXPORTED},
    MF_EXPORT_OPTIONS(MF_IF_EXPORTED),
    {"set", 's', "KEY=VALUE", .about = "change a training key, for example threads=1",
     .needs = MF_IF_EXPORTED, .list = true},
    MF_NETWORK_OPTIONS(MF_IF_MADE),
    MF_BATCH_OPTION(MF_IF_MADE),
    MF_FORMAT_OPTION(MF_IF_TOLD),
    MF_OUTPUT_OPTION(""),
    MF_WIDE_OPTION(MF_IF_TOLD),
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree trace make mobilenetv2-w0.35 -r 64 --op shift --random 1 --psum-bits 16 -o random.npz",
     "a network on made-up numbers, for an accelerator with 16-bit psums"},
    {"mulfree trace export run.npz --pictures 8 --psum-bits 16 -o trace.npz",
     "a trained network on integer codes, for the same, with both accuracies"},
    {"mulfree trace info trace.npz", "its layers, widths and zeros"},
    {"mulfree trace zeros trace.npz -o zeros.json",
     "shares of zeros alone, a file for --statistics"},
    {"mulfree trace verify trace.npz", "compute every layer again in plain loops"},
    {"mulfree simulate trace.npz -a eyeriss-12x14 --engine systemc", "and on the chip"},
    {NULL, NULL}};

const mf_command mf_command_trace = {
    .name = "trace",
    .summary = "make, look into and check the numbers of a network, layer by layer",
    .arguments = "make|export|info|zeros|verify NETWORK|FILE.npz",
    .about =
        "A trace is an .npz that numpy.load opens: a manifest and every layer's codes, weights, "
        "sums and outputs. docs/TRACE_FORMAT.md describes it, and how to make one from "
        "PyTorch.",
    .words = "networks",
    .options = options,
    .examples = examples,
    .run = run,
};
