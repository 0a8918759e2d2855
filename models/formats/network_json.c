/* Reading a network description: the head of the file, then one part after the other. */
#include "models/formats/network_json.h"

#include "base/faults.h"
#include "models/formats/network_parts.h"

#include <inttypes.h>
#include <string.h>

static mf_status read_input(mf_network_head *head, const mf_json *root, mf_diag *diag)
{
    static const char *const keys[] = {"channels", "rows", "columns", NULL};
    const uint64_t most = MF_LARGEST_DIMENSION;
    mf_json input;
    mf_faults faults = {0};
    MF_TRY(mf_json_get(root, "input", &input, diag));
    MF_ALSO(mf_json_only(&input, keys, &faults.latest));
    MF_ALSO(mf_json_count(&input, "channels", 1, most, &head->channels, &faults.latest));
    MF_ALSO(mf_json_count(&input, "rows", 1, most, &head->rows, &faults.latest));
    MF_ALSO(mf_json_count(&input, "columns", 1, most, &head->columns, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status check_option(const char *what, uint64_t value, mf_diag *diag)
{
    if (value <= MF_LARGEST_DIMENSION)
        return MF_OK;
    return mf_fail(diag, MF_TOO_LARGE, "%s %" PRIu64 " is above the largest size, %" PRIu64, what,
                   value, MF_LARGEST_DIMENSION);
}

static mf_status apply_options(mf_network_head *head, const mf_network_options *options,
                               mf_diag *diag)
{
    MF_TRY(check_option("batch", options->batch, diag));
    MF_TRY(check_option("classes", options->classes, diag));
    MF_TRY(check_option("resolution", options->rows, diag));
    MF_TRY(check_option("resolution", options->columns, diag));
    if (options->batch)
        head->batch = options->batch;
    if (options->classes)
        head->classes = options->classes;
    if (options->rows)
        head->rows = options->rows;
    if (options->columns)
        head->columns = options->columns;
    if (options->width_multiplier > 0)
        head->width_multiplier = options->width_multiplier;
    return MF_OK;
}

/* What parts go by where they do not say otherwise. */
typedef struct defaults {
    uint64_t divisor;
    bool norm;
    mf_activation activation;
} defaults;

static mf_status read_head(mf_network_head *head, defaults *d, const mf_json *root, mf_diag *diag)
{
    static const char *const keys[] = {
        "name",    "about",      "source", "input", "batch", "classes", "width_multiplier",
        "divisor", "activation", "norm",   "parts", NULL};
    mf_json member;
    mf_faults faults = {0};
    *head = (mf_network_head){
        .about = "no description", .source = "not given", .batch = 1, .width_multiplier = 1.0};
    *d = (defaults){.divisor = 1, .norm = true};
    MF_ALSO(mf_json_only(root, keys, &faults.latest));
    MF_ALSO(mf_json_string(root, "name", &head->name, &faults.latest));
    MF_ALSO(mf_json_string_or(root, "about", &head->about, &faults.latest));
    MF_ALSO(mf_json_string_or(root, "source", &head->source, &faults.latest));
    MF_ALSO(read_input(head, root, &faults.latest));
    MF_ALSO(mf_json_count_or(root, "batch", 1, MF_LARGEST_DIMENSION, &head->batch, &faults.latest));
    MF_ALSO(
        mf_json_count_or(root, "classes", 1, MF_LARGEST_DIMENSION, &head->classes, &faults.latest));
    MF_ALSO(mf_json_count_or(root, "divisor", 1, 1024, &d->divisor, &faults.latest));
    MF_ALSO(mf_json_bool_or(root, "norm", &d->norm, &faults.latest));
    if (mf_json_find(root, "width_multiplier", &member))
        MF_ALSO(mf_json_read_real(&member, 0.01, 100.0, &head->width_multiplier, &faults.latest));
    MF_ALSO(mf_json_array(root, "parts", &member, &faults.latest)); /* read_parts reads it */
    MF_ALSO(mf_activation_or(root, &d->activation, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status read_parts(mf_builder *builder, const mf_json *root, mf_network **out,
                            mf_diag *diag)
{
    mf_json parts, part = {0};
    int n_stages = 0;
    MF_TRY(mf_json_array(root, "parts", &parts, diag));
    while (mf_json_next(&parts, &part)) {
        builder->part = (int)part.index;
        MF_TRY(mf_build_part(builder, &part, &n_stages, diag));
    }
    MF_BUILD(&parts, mf_builder_end(builder, out, &why));
    return MF_OK;
}

mf_status mf_network_from_json(const mf_json_doc *doc, const mf_network_options *options,
                               mf_network **out, mf_diag *diag)
{
    mf_json root = mf_json_root(doc);
    mf_network_head head;
    mf_builder builder = {0};
    defaults d;
    mf_status status;
    MF_TRY(read_head(&head, &d, &root, diag));
    if (options)
        MF_TRY(apply_options(&head, options, diag));
    MF_TRY_DONE(mf_builder_begin(&builder, &head, diag));
    builder.divisor = d.divisor;
    builder.norm = d.norm;
    builder.activation = d.activation;
    MF_TRY_DONE(read_parts(&builder, &root, out, diag));
done:
    mf_builder_abandon(&builder);
    return status;
}
