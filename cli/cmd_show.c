/* `mulfree show`: what is a network made of? (And an accelerator, and an energy table:
 * show_data.c.) */
#include "base/file.h"
#include "cli/conditions.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "cli/show_data.h"
#include "models/kinds/kind.h"

#include <inttypes.h>
#include <string.h>

static const mf_column columns[] = {{"network", NULL, 0, 1},
                                    {"number", "#", 0, 1},
                                    {"layer", "layer", 0, 1},
                                    {"kind", "kind", 0, 1},
                                    {NULL, "input", 0, 1},
                                    {NULL, "output", 0, 1},
                                    {NULL, "kernel", 0, 1},
                                    {"op", "op", 0, 1},
                                    {"n", NULL, 0, 1},
                                    {"c", NULL, 0, 1},
                                    {"m", NULL, 0, 1},
                                    {"g", NULL, 0, 1},
                                    {"h", NULL, 0, 1},
                                    {"w", NULL, 0, 1},
                                    {"r", NULL, 0, 1},
                                    {"s", NULL, 0, 1},
                                    {"e", NULL, 0, 1},
                                    {"f", NULL, 0, 1},
                                    {"stride", NULL, 0, 1},
                                    {"pad_rows", NULL, 0, 1},
                                    {"pad_columns", NULL, 0, 1},
                                    {NULL, "then", 0, 1},
                                    {"activation", NULL, 0, 1},
                                    {"norm", NULL, 0, 1},
                                    {"bias", NULL, 0, 1},
                                    {"part", NULL, 0, 1},
                                    {"id", NULL, 0, 1},
                                    {"n_macs", "MACs k", 1, 1e-3},
                                    {"n_params", "params", 0, 1},
                                    {NULL, NULL, 0, 0}};

static const char *map_text(mf_arena *arena, uint64_t channels, uint64_t rows, uint64_t columns_)
{
    return mf_arena_format(arena, "%" PRIu64 "x%" PRIu64 "x%" PRIu64, channels, rows, columns_);
}

/* "3x8x8"; of maps that are put behind each other "3+5x8x8". */
static const char *input_text(mf_arena *arena, const mf_layer *layer)
{
    const mf_shape *p = &layer->shape;
    const char *channels = mf_arena_format(arena, "%" PRIu64, p->c);
    bool stacks = mf_layer_record_of(layer->kind)->stacks;
    for (size_t k = 1; channels && stacks && k < layer->n_inputs; k++)
        channels = mf_arena_format(arena, "%s+%" PRIu64, channels, layer->input_channels[k]);
    return mf_arena_format(arena, "%sx%" PRIu64 "x%" PRIu64, channels ? channels : "?", p->h, p->w);
}

static const char *kernel_text(mf_arena *arena, const mf_layer *layer)
{
    const mf_shape *p = &layer->shape;
    if (!mf_layer_record_of(layer->kind)->has_window)
        return "";
    bool each = p->g == p->c && p->g == p->m;
    const char *groups = p->g > 1 && !each ? mf_arena_format(arena, " g%" PRIu64, p->g) : "";
    const char *stride = p->stride > 1 ? mf_arena_format(arena, " /%" PRIu64, p->stride) : "";
    return mf_arena_format(arena, "%" PRIu64 "x%" PRIu64 "%s%s", p->r, p->s, stride, groups);
}

/* What follows the layer: normalisation and activation. */
static const char *then_text(mf_arena *arena, const mf_layer *layer)
{
    const char *activation =
        layer->activation == MF_ACTIVATION_NONE ? "" : mf_activation_name(layer->activation);
    if (!layer->norm)
        return activation;
    return mf_arena_format(arena, "norm%s%s", *activation ? " " : "", activation);
}

static void add_layer(mf_sheet *sheet, mf_arena *arena, const char *network, const mf_layer *layer,
                      const char *op)
{
    const mf_shape *p = &layer->shape;
    bool weights = mf_layer_has_weights(layer);
    const uint64_t sizes[] = {p->n, p->c, p->m, p->g,      p->h,        p->w,          p->r,
                              p->s, p->e, p->f, p->stride, p->pad_rows, p->pad_columns};
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, network);
    if (weights)
        mf_sheet_count(sheet, (uint64_t)layer->number);
    else
        mf_sheet_none(sheet);
    mf_sheet_text(sheet, layer->name);
    mf_sheet_text(sheet, mf_layer_kind_name(layer->kind));
    mf_sheet_text(sheet, input_text(arena, layer));
    mf_sheet_text(sheet, map_text(arena, p->m, p->e, p->f));
    mf_sheet_text(sheet, kernel_text(arena, layer));
    mf_sheet_text(sheet, op);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        mf_sheet_count(sheet, sizes[i]);
    mf_sheet_text(sheet, then_text(arena, layer));
    mf_sheet_text(sheet, mf_activation_name(layer->activation));
    mf_sheet_flag(sheet, layer->norm);
    mf_sheet_flag(sheet, layer->bias);
    mf_sheet_count(sheet, (uint64_t)layer->part);
    if (layer->id)
        mf_sheet_text(sheet, layer->id);
    else
        mf_sheet_none(sheet);
    if (weights) {
        mf_sheet_count(sheet, mf_shape_macs(p));
        mf_sheet_count(sheet, mf_layer_params(layer));
    } else {
        mf_sheet_none(sheet);
        mf_sheet_none(sheet);
    }
}

static void add_total(mf_sheet *sheet, const mf_operation_counts *counts)
{
    mf_sheet_row(sheet, MF_ROW_TOTAL);
    for (const mf_column *c = columns; c->key || c->title; c++) {
        if (c->key && strcmp(c->key, "layer") == 0)
            mf_sheet_text(sheet, "total");
        else if (c->key && strcmp(c->key, "n_macs") == 0)
            mf_sheet_count(sheet, counts->n_macs);
        else if (c->key && strcmp(c->key, "n_params") == 0)
            mf_sheet_count(sheet, counts->n_params);
        else
            mf_sheet_none(sheet);
    }
}

static mf_status fill(mf_cli *cli, const mf_arguments *arguments, const mf_operators *operators,
                      const mf_network *network, mf_diag *diag)
{
    mf_arena *arena = arguments->arena;
    const char *op = mf_arguments_value(arguments, "op");
    mf_assignment assignment;
    mf_operation_counts counts;
    MF_TRY(mf_setup_assign(operators, arguments, network, op ? op : "mult", &assignment, diag));
    const size_t *op_of_layer = assignment.op_of_layer;
    MF_TRY(
        mf_operation_counts_of(network, operators, assignment.variant, op_of_layer, &counts, diag));
    mf_sheet *sheet = mf_sheet_create(arena, columns);
    bool all = mf_arguments_has(arguments, "all");
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_layer *layer = &network->layers[i];
        bool weights = mf_layer_has_weights(layer);
        if (weights || all)
            add_layer(sheet, arena, network->name, layer,
                      weights ? mf_operators_at(operators, op_of_layer[layer->number])->name : "");
    }
    add_total(sheet, &counts);
    mf_sheet_heading(sheet, mf_arena_format(arena, "%s: %s", network->name, network->about));
    mf_sheet_note(
        sheet, mf_arena_format(arena,
                               "as %s: %.2f M parameters, %.2f M multiplications, %.2f M shifts, "
                               "%.2f M additions per batch of %" PRIu64,
                               op ? op : "mult", (double)counts.n_params / 1e6,
                               (double)counts.n_events[MF_EVENT_MULT] / 1e6,
                               (double)counts.n_events[MF_EVENT_SHIFT] / 1e6,
                               (double)counts.n_events[MF_EVENT_ADD] / 1e6, network->batch));
    mf_sheet_note(sheet, mf_arena_format(arena, "source: %s", network->source));
    return mf_output_sheet(cli, arguments, sheet, diag);
}

static mf_status show_network(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_operators *operators = NULL;
    mf_network *network = NULL;
    mf_status status;
    MF_TRY_DONE(mf_setup_operators(cli, arguments->arena, &operators, diag));
    MF_TRY_DONE(mf_setup_network(cli, arguments, arguments->words[0], &network, diag));
    if (mf_arguments_has(arguments, "all") && network->n_layers == network->n_weight_layers)
        MF_TRY_DONE(mf_fail(diag, MF_USAGE,
                            "--all changes nothing here: every layer of %s has weights",
                            network->name));
    MF_TRY_DONE(fill(cli, arguments, operators, network, diag));
done:
    mf_network_destroy(network);
    mf_operators_destroy(operators);
    return status;
}

/* What else a name can mean, and the key by which a file of that kind is known. */
static const struct {
    mf_kind kind;
    const char *key, *other; /* either; NULL: there is no other */
    mf_status (*show)(mf_cli *cli, const mf_arguments *arguments, const mf_json_doc *doc,
                      mf_diag *diag);
} others[] = {{MF_KIND_ACCELERATOR, "pe_rows", "based_on", mf_show_accelerator},
              {MF_KIND_ENERGY_TABLE, "operations", NULL, mf_show_energy_table}};

/* The file that a name means, of whatever kind, as it is: a beginning for one of one's own. */
static mf_status show_file(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    static const mf_kind first[] = {MF_KIND_ACCELERATOR, MF_KIND_ENERGY_TABLE, MF_KIND_NETWORK};
    const char *path, *name = arguments->words[0];
    bool found = false;
    for (size_t i = 0; i < sizeof first / sizeof first[0] && !found; i++)
        found = mf_catalog_path(cli, first[i], name, arguments->arena, &path, NULL) == MF_OK;
    for (int kind = 0; kind < MF_N_KINDS && !found; kind++)
        found = mf_catalog_path(cli, (mf_kind)kind, name, arguments->arena, &path, NULL) == MF_OK;
    if (!found) /* for its message */
        MF_TRY(mf_catalog_path(cli, MF_KIND_NETWORK, name, arguments->arena, &path, diag));
    char *bytes;
    size_t n;
    MF_TRY(mf_file_read(path, arguments->arena, &bytes, &n, diag));
    mf_text text = {0};
    mf_text_add(&text, bytes, n);
    return mf_output_result(arguments, &text, diag);
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    if (mf_arguments_has(arguments, "file"))
        return show_file(cli, arguments, diag);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const char *path;
        mf_json_doc *doc = NULL;
        mf_json key;
        if (mf_catalog_path(cli, others[i].kind, arguments->words[0], arguments->arena, &path,
                            NULL) != MF_OK ||
            mf_json_load(path, &doc, NULL) != MF_OK)
            continue;
        mf_json root = mf_json_root(doc);
        bool right = mf_json_is_object(&root) &&
                     (mf_json_find(&root, others[i].key, &key) ||
                      (others[i].other && mf_json_find(&root, others[i].other, &key)));
        mf_status status = right ? mf_arguments_lack(arguments, MF_IF_SHOWN_NETWORK, diag) : MF_OK;
        if (right && status == MF_OK)
            status = others[i].show(cli, arguments, doc, diag);
        mf_json_destroy(doc);
        if (right)
            return status;
    }
    return show_network(cli, arguments, diag);
}

static const mf_option options[] = {
    {"op", 0, "OP", .about = "operator of the variant to count (default mult)",
     .words = "operators", .needs = MF_IF_SHOWN_NETWORK | MF_IF_LISTED | MF_IF_NETWORK},
    {"all", 0, NULL, .about = "also layers without weights: pools, sums, scales",
     .needs = MF_IF_SHOWN_NETWORK | MF_IF_LISTED},
    {"file", 0, NULL,
     .about = "print the file of NAME as it is, to begin your own with; of whatever kind, but "
              "accelerators, tables and networks first"},
    MF_NETWORK_OPTIONS(MF_IF_SHOWN_NETWORK | MF_IF_LISTED | MF_IF_NETWORK),
    MF_BATCH_OPTION(MF_IF_SHOWN_NETWORK | MF_IF_LISTED | MF_IF_NETWORK),
    MF_FORMAT_OPTION(MF_IF_LISTED),
    MF_OUTPUT_OPTION(""),
    MF_WIDE_OPTION(MF_IF_LISTED),
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree show mobilenetv2-w0.35", "layers, shapes, MACs and parameters"},
    {"mulfree show mcunet-in3 --resolution 176 --op add", "the Add variant at MCUNet's own size"},
    {"mulfree show horowitz-45nm", "an energy table with its sources; or an accelerator"},
    {"mulfree show eyeriss-12x14 --file -o my-chip.json",
     "a complete accelerator file, to be edited"},
    {"mulfree show ./my-network.json --format csv", "a network of your own, for a spreadsheet"},
    {NULL, NULL}};

const mf_command mf_command_show = {
    .name = "show",
    .summary = "list a network's layers, or the numbers of an accelerator or energy table",
    .arguments = "NAME",
    .about = "NAME is a name from `mulfree list`, the path of a JSON file, or a SCALE-Sim topology "
             "(.csv). MACs and parameters follow the paper's counting rules: weights, biases and "
             "batch-norm gamma and beta are parameters.",
    .words = "networks accelerators tables",
    .options = options,
    .examples = examples,
    .run = run,
};
