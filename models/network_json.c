/* Reading a network description: the head of the file, then one part after the other. */
#include "base/arena.h"
#include "base/faults.h"
#include "models/network.h"
#include "models/network_builder.h"

#include <inttypes.h>
#include <string.h>

static mf_status read_input(mf_network *network, const mf_json *root, mf_diag *diag)
{
    static const char *const keys[] = {"channels", "rows", "columns", NULL};
    const uint64_t most = MF_LARGEST_DIMENSION;
    mf_json input;
    mf_faults faults = {0};
    MF_TRY(mf_json_get(root, "input", &input, diag));
    MF_ALSO(mf_json_only(&input, keys, &faults.latest));
    MF_ALSO(mf_json_count(&input, "channels", 1, most, &network->input_channels, &faults.latest));
    MF_ALSO(mf_json_count(&input, "rows", 1, most, &network->input_rows, &faults.latest));
    MF_ALSO(mf_json_count(&input, "columns", 1, most, &network->input_columns, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status check_option(const char *what, uint64_t value, mf_diag *diag)
{
    if (value <= MF_LARGEST_DIMENSION)
        return MF_OK;
    return mf_fail(diag, MF_TOO_LARGE, "%s %" PRIu64 " is above the largest size, %" PRIu64, what,
                   value, MF_LARGEST_DIMENSION);
}

static mf_status apply_options(mf_network *network, const mf_network_options *options,
                               mf_diag *diag)
{
    MF_TRY(check_option("batch", options->batch, diag));
    MF_TRY(check_option("classes", options->classes, diag));
    MF_TRY(check_option("resolution", options->rows, diag));
    MF_TRY(check_option("resolution", options->columns, diag));
    if (options->batch)
        network->batch = options->batch;
    if (options->classes)
        network->classes = options->classes;
    if (options->rows)
        network->input_rows = options->rows;
    if (options->columns)
        network->input_columns = options->columns;
    if (options->width_multiplier > 0)
        network->width_multiplier = options->width_multiplier;
    return MF_OK;
}

/* A text that a description may leave out. */
static mf_status read_text_or(const mf_json *root, const char *key, const char *otherwise,
                              mf_arena *arena, const char **text, mf_diag *diag)
{
    mf_json member;
    *text = otherwise;
    return mf_json_find(root, key, &member) ? mf_json_copy_string(root, key, arena, text, diag)
                                            : MF_OK;
}

static mf_status read_head(mf_network *network, mf_builder *builder, const mf_json *root,
                           mf_diag *diag)
{
    static const char *const keys[] = {
        "name",    "about",      "source", "input", "batch", "classes", "width_multiplier",
        "divisor", "activation", "norm",   "parts", NULL};
    mf_json member;
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(root, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "name", network->arena, &network->name, &faults.latest));
    MF_ALSO(read_text_or(root, "about", "no description", network->arena, &network->about,
                         &faults.latest));
    MF_ALSO(read_text_or(root, "source", "not given", network->arena, &network->source,
                         &faults.latest));
    MF_ALSO(read_input(network, root, &faults.latest));
    network->batch = 1;
    network->width_multiplier = 1.0;
    builder->divisor = 1;
    builder->norm = true;
    MF_ALSO(
        mf_json_count_or(root, "batch", 1, MF_LARGEST_DIMENSION, &network->batch, &faults.latest));
    MF_ALSO(mf_json_count_or(root, "classes", 1, MF_LARGEST_DIMENSION, &network->classes,
                             &faults.latest));
    MF_ALSO(mf_json_count_or(root, "divisor", 1, 1024, &builder->divisor, &faults.latest));
    MF_ALSO(mf_json_bool_or(root, "norm", &builder->norm, &faults.latest));
    if (mf_json_find(root, "width_multiplier", &member))
        MF_ALSO(
            mf_json_read_real(&member, 0.01, 100.0, &network->width_multiplier, &faults.latest));
    MF_ALSO(mf_json_array(root, "parts", &member, &faults.latest)); /* read_parts reads it */
    MF_ALSO(mf_activation_or(root, &builder->activation, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status read_parts(mf_network *network, mf_builder *builder, const mf_json *root,
                            mf_diag *diag)
{
    mf_json parts, part = {0};
    MF_TRY(mf_json_array(root, "parts", &parts, diag));
    builder->map = (mf_feature_map){MF_NETWORK_INPUT, network->input_channels, network->input_rows,
                                    network->input_columns};
    while (mf_json_next(&parts, &part)) {
        builder->part = (int)part.index;
        MF_TRY(mf_build_part(builder, &part, diag));
    }
    if (network->n_weight_layers == 0)
        return mf_json_fail(&parts, diag, MF_INVALID, "the network has no layer with weights");
    MF_TRY(mf_builder_check_readers(builder, &parts, diag));
    if (network->classes > 0 && (builder->map.channels != network->classes ||
                                 builder->map.rows != 1 || builder->map.columns != 1))
        return mf_json_fail(&parts, diag, MF_INVALID,
                            "the network ends in a %" PRIu64 "x%" PRIu64 "x%" PRIu64
                            " map, but \"classes\" is %" PRIu64,
                            builder->map.channels, builder->map.rows, builder->map.columns,
                            network->classes);
    return MF_OK;
}

mf_status mf_network_from_json(const mf_json_doc *doc, const mf_network_options *options,
                               mf_network **out, mf_diag *diag)
{
    mf_status status;
    mf_arena *arena = mf_arena_create();
    mf_network *network = arena ? MF_NEW(arena, mf_network) : NULL;
    if (!network) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    network->arena = arena;
    mf_builder builder = {.network = network};
    mf_json root = mf_json_root(doc);
    MF_TRY_DONE(read_head(network, &builder, &root, diag));
    if (options)
        MF_TRY_DONE(apply_options(network, options, diag));
    MF_TRY_DONE(read_parts(network, &builder, &root, diag));
    MF_TRY_DONE(mf_network_finish(network, diag));
    *out = network;
done:
    if (status != MF_OK)
        mf_arena_destroy(arena);
    return status;
}
