/* A reader for each kind of file, as the commands that use such files call it. */
#include "cli/check_file.h"

#include "base/faults.h"
#include "base/file.h"
#include "base/npy.h"
#include "base/zip.h"
#include "cli/plan.h"
#include "cli/setup.h"
#include "cli/sweep_spec.h"
#include "dataflows/mapping_json.h"
#include "models/trace.h"
#include "sim/schedule_json.h"
#include "sim/validation.h"
#include "sim/zeros.h"
#include "train/checkpoint_model.h"
#include "train/data/decode.h"
#include "train/log.h"
#include "train/training.h"
#include "train/weight_fits.h"

#include <string.h>

typedef struct checked {
    mf_cli *cli;
    const mf_arguments *arguments;
    mf_arena *arena;
    const char *path;
    const mf_json_doc *doc; /* of kinds that are one JSON document, else NULL */
} checked;

static mf_status check_names(const checked *c, mf_kind kind, const char *const *names, size_t n,
                             mf_diag *diag)
{
    const char *path;
    mf_faults faults = {0};
    for (size_t i = 0; i < n; i++)
        MF_ALSO(mf_catalog_path(c->cli, kind, names[i], c->arena, &path, &faults.latest));
    return mf_faults_end(&faults, diag);
}

/* ---- models ------------------------------------------------------------------------------------
 */

static mf_status check_network(const checked *c, mf_diag *diag)
{
    mf_operators *operators = NULL;
    mf_network *network = NULL;
    mf_assignment assignment;
    mf_status status;
    MF_TRY(mf_setup_operators(c->cli, c->arena, &operators, diag));
    MF_TRY_DONE(mf_network_load(c->path, NULL, &network, diag));
    MF_TRY_DONE(mf_setup_assign(operators, c->arguments, network, "mult", &assignment, diag));
done:
    mf_network_destroy(network);
    mf_operators_destroy(operators);
    return status;
}

static mf_status look_at_layer(void *user, size_t index, const mf_layer_data *data, mf_diag *diag)
{
    (void)user, (void)index, (void)data, (void)diag;
    return MF_OK;
}

static mf_status check_trace(const checked *c, mf_diag *diag)
{
    mf_trace *trace;
    MF_TRY(mf_trace_open(c->path, &trace, diag));
    mf_status status = mf_trace_each(trace, look_at_layer, NULL, diag);
    mf_trace_close(trace);
    return status;
}

static mf_status check_accelerator(const checked *c, mf_diag *diag)
{
    mf_accelerator accelerator;
    return mf_setup_accelerator(c->cli, c->doc, 0, c->arena, &accelerator, diag);
}

/* Among those of the catalog, whose operators it may keep, but for one of its own name. */
static mf_status check_operator(const checked *c, mf_diag *diag)
{
    const char **names, *name;
    size_t n, n_paths = 0;
    mf_operators *operators = NULL;
    mf_json root = mf_json_root(c->doc);
    MF_TRY(mf_json_string(&root, "name", &name, diag));
    MF_TRY(mf_catalog_names(c->cli, MF_KIND_OPERATOR, c->arena, &names, &n, diag));
    const char **paths = MF_NEW_ARRAY(c->arena, const char *, n + 1);
    if (!paths)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) != 0)
            MF_TRY(mf_catalog_path(c->cli, MF_KIND_OPERATOR, names[i], c->arena, &paths[n_paths++],
                                   diag));
    paths[n_paths++] = c->path;
    mf_status status = mf_operators_load(paths, n_paths, &operators, diag);
    mf_operators_destroy(operators);
    return status;
}

static mf_status check_energy_table(const checked *c, mf_diag *diag)
{
    mf_energy_table *table = NULL;
    mf_status status = mf_energy_table_from_json(c->doc, &table, diag);
    mf_energy_table_destroy(table);
    return status;
}

static mf_status check_mapping(const checked *c, mf_diag *diag)
{
    mf_work any = {0}; /* so large that only the nest itself can be wrong */
    mf_json root = mf_json_root(c->doc), inner;
    mf_mapping mapping;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        any.size[d] = MF_LARGEST_DIMENSION;
    any.stride = 1;
    bool report = mf_json_is_object(&root) && mf_json_find(&root, "mapping", &inner);
    return mf_mapping_read(report ? &inner : &root, &any, &mapping, diag);
}

static mf_status check_statistics(const checked *c, mf_diag *diag)
{
    return mf_zeros_check(c->doc, diag);
}

/* ---- experiments -------------------------------------------------------------------------------
 */

static mf_status check_experiment(const checked *c, mf_diag *diag)
{
    mf_experiment e;
    mf_published_conventions conventions;
    mf_operators *operators = NULL;
    mf_json_doc *doc = NULL;
    mf_status status;
    MF_TRY(mf_setup_operators(c->cli, c->arena, &operators, diag));
    MF_TRY_DONE(mf_json_load(c->path, &doc, diag)); /* one to be changed */
    mf_json root = mf_json_root(doc), at;
    mf_faults faults = {0};
    MF_TRY_DONE(mf_experiment_read(doc, MF_SLIPS_PLAIN, c->arena, &e, diag));
    MF_ALSO(mf_json_get(&root, "conventions", &at, &faults.latest));
    MF_TRY_DONE(mf_faults_end(&faults, diag));
    MF_ALSO(mf_published_conventions_read(&at, operators, c->arena, &conventions, &faults.latest));
    MF_ALSO(check_names(c, MF_KIND_NETWORK, e.networks, e.n_networks, &faults.latest));
    MF_ALSO(check_names(c, MF_KIND_OPERATOR, e.ops, e.n_ops, &faults.latest));
    MF_ALSO(check_names(c, MF_KIND_ACCELERATOR, &e.accelerator, 1, &faults.latest));
    status = mf_faults_end(&faults, diag);
done:
    mf_json_destroy(doc);
    mf_operators_destroy(operators);
    return status;
}

static mf_status check_trainings(const checked *c, mf_diag *diag)
{
    mf_plan plan;
    return mf_plan_read(c->doc, NULL, c->arena, &plan, diag);
}

static mf_status check_sweep(const checked *c, mf_diag *diag)
{
    mf_setup setup = {0};
    mf_sweep sweep = {0};
    mf_status status;
    MF_TRY_DONE(mf_setup_open(&setup, c->cli, c->arguments, MF_SLIPS_PLAIN, diag));
    MF_TRY_DONE(mf_sweep_read(&setup, c->path, &sweep, diag));
done:
    mf_sweep_free(&sweep);
    mf_setup_close(&setup);
    return status;
}

static mf_status check_validation(const checked *c, mf_diag *diag)
{
    mf_validation v;
    mf_json root = mf_json_root(c->doc), layers;
    mf_faults faults = {0};
    MF_TRY(mf_validation_read(c->doc, false, c->arena, &v, diag));
    MF_ALSO(mf_json_get(&root, "layers", &layers, &faults.latest));
    MF_ALSO(check_names(c, MF_KIND_OPERATOR, &v.op, 1, &faults.latest));
    MF_ALSO(check_names(c, MF_KIND_ACCELERATOR, &v.accelerator, 1, &faults.latest));
    MF_ALSO(check_names(c, MF_KIND_ENERGY_TABLE, &v.table, 1, &faults.latest));
    if (v.area_table)
        MF_ALSO(check_names(c, MF_KIND_ENERGY_TABLE, &v.area_table, 1, &faults.latest));
    return mf_faults_end(&faults, diag);
}

/* ---- trainings ---------------------------------------------------------------------------------
 */

static mf_status check_config(const checked *c, mf_diag *diag)
{
    static const char *const others[] = {"about", NULL};
    mf_training training = mf_training_defaults();
    mf_json root = mf_json_root(c->doc);
    return mf_training_read(&root, others, c->arena, &training, diag);
}

/* Every entry whole, and every array one. */
static mf_status check_entries(const checked *c, mf_zip_reader *reader, mf_diag *diag)
{
    mf_faults faults = {0};
    for (size_t i = 0; i < mf_zip_count(reader); i++) {
        const mf_zip_entry *entry = mf_zip_at(reader, i);
        const char *name = mf_arena_format(c->arena, "%s: %s", c->path, entry->name);
        void *bytes = mf_arena_array(c->arena, 1, (size_t)entry->n_bytes);
        mf_npy array;
        if (!name || !bytes)
            return mf_fail_memory(diag);
        mf_status status = mf_zip_read(reader, entry, bytes, &faults.latest);
        if (status == MF_OK && mf_file_has_ending(entry->name, ".npy"))
            status = mf_npy_parse(name, bytes, (size_t)entry->n_bytes, &array, &faults.latest);
        MF_ALSO(status);
    }
    return mf_faults_end(&faults, diag);
}

static mf_status check_arrays(const checked *c, mf_diag *diag)
{
    mf_zip_reader *reader;
    MF_TRY(mf_zip_open(c->path, &reader, diag));
    mf_status status = check_entries(c, reader, diag);
    mf_zip_close(reader);
    return status;
}

static mf_status check_checkpoint(const checked *c, mf_diag *diag)
{
    mf_operators *operators = NULL;
    mf_checkpoint_model checkpoint = {0};
    mf_status status;
    MF_TRY(mf_setup_operators(c->cli, c->arena, &operators, diag));
    MF_TRY_DONE(mf_checkpoint_model_begin(c->path, operators, &checkpoint, diag));
    MF_TRY_DONE(mf_checkpoint_model_fill(c->path, operators, 1, 1, &checkpoint, diag));
    MF_TRY_DONE(check_arrays(c, diag)); /* what only a training that goes on reads, too */
done:
    mf_checkpoint_model_close(&checkpoint);
    mf_operators_destroy(operators);
    return status;
}

static mf_status check_weight_fits(const checked *c, mf_diag *diag)
{
    mf_weight_fits fits;
    return mf_weight_fits_read(c->doc, c->arena, &fits, diag);
}

/* Its layers are those of a network that only its user knows. */
static mf_status check_schedule(const checked *c, mf_diag *diag)
{
    mf_json root = mf_json_root(c->doc);
    return mf_schedule_check_form(&root, diag);
}

static mf_status check_log(const checked *c, mf_diag *diag)
{
    mf_logged *lines;
    size_t n;
    return mf_log_read(c->path, c->arena, &lines, &n, diag);
}

/* Lines of JSON; of the last, whoever goes on from the journal knows what a crash left. */
static mf_status check_journal(const checked *c, mf_diag *diag)
{
    char *bytes;
    size_t n, number = 0;
    mf_faults faults = {0};
    MF_TRY(mf_file_read(c->path, c->arena, &bytes, &n, diag));
    for (char *line = bytes, *end; (end = strchr(line, '\n')); line = end + 1) {
        mf_json_doc *doc = NULL;
        const char *name = mf_arena_format(c->arena, "%s: line %zu", c->path, ++number);
        *end = '\0';
        MF_ALSO(name ? mf_json_parse(line, (size_t)(end - line), name, &doc, &faults.latest)
                     : mf_fail_memory(&faults.latest));
        mf_json_destroy(doc);
    }
    return mf_faults_end(&faults, diag);
}

static mf_status check_rows(const checked *c, mf_diag *diag)
{
    mf_json root = mf_json_root(c->doc), row = {0};
    mf_faults faults = {0};
    while (mf_json_next(&root, &row))
        if (!mf_json_is_object(&row))
            MF_ALSO(mf_json_fail(&row, &faults.latest, MF_INVALID, "expected a row, an object"));
    return mf_faults_end(&faults, diag);
}

/* ---- arrays and pictures -----------------------------------------------------------------------
 */

static mf_status begin_picture(void *user, const mf_image_size *size, mf_diag *diag)
{
    (void)user, (void)size, (void)diag;
    return MF_OK;
}

static void see_row(void *user, const uint8_t *pixels)
{
    (void)user, (void)pixels;
}

static mf_status check_picture(const checked *c, mf_diag *diag)
{
    char *bytes;
    size_t n;
    mf_image_sink sink = {begin_picture, see_row, NULL};
    MF_TRY(mf_file_read(c->path, c->arena, &bytes, &n, diag));
    return mf_decode(c->path, (const uint8_t *)bytes, n, c->arena, &sink, diag);
}

/* ---- which reader ------------------------------------------------------------------------------
 */

/* NULL: nobody reads such files. */
static const struct {
    mf_status (*check)(const checked *c, mf_diag *diag);
    bool is_document;
} checks[MF_N_FILE_KINDS] = {[MF_FILE_NETWORK] = {check_network, false},
                             [MF_FILE_SCALESIM] = {check_network, false},
                             [MF_FILE_TRACE] = {check_trace, false},
                             [MF_FILE_CHECKPOINT] = {check_checkpoint, false},
                             [MF_FILE_ACCELERATOR] = {check_accelerator, true},
                             [MF_FILE_OPERATOR] = {check_operator, true},
                             [MF_FILE_ENERGY_TABLE] = {check_energy_table, true},
                             [MF_FILE_EXPERIMENT] = {check_experiment, false},
                             [MF_FILE_TRAININGS] = {check_trainings, true},
                             [MF_FILE_SWEEP] = {check_sweep, false},
                             [MF_FILE_VALIDATION] = {check_validation, true},
                             [MF_FILE_CONFIG] = {check_config, true},
                             [MF_FILE_MAPPING] = {check_mapping, true},
                             [MF_FILE_SCHEDULE] = {check_schedule, true},
                             [MF_FILE_STATISTICS] = {check_statistics, true},
                             [MF_FILE_WEIGHT_FITS] = {check_weight_fits, true},
                             [MF_FILE_LOG] = {check_log, false},
                             [MF_FILE_JOURNAL] = {check_journal, false},
                             [MF_FILE_RUNS] = {check_journal, false},
                             [MF_FILE_ROWS] = {check_rows, true},
                             [MF_FILE_ARRAYS] = {check_arrays, false},
                             [MF_FILE_JPEG] = {check_picture, false},
                             [MF_FILE_PNG] = {check_picture, false}};

/* Why it is of no kind: not there, not JSON, or none of ours. */
static mf_status fail_unknown(const checked *c, mf_diag *diag)
{
    mf_json_doc *doc = NULL;
    char *bytes;
    size_t n;
    MF_TRY(mf_file_read(c->path, c->arena, &bytes, &n, diag));
    bool is_json = mf_file_has_ending(c->path, ".json") || mf_file_has_ending(c->path, ".json.gz");
    if (is_json)
        MF_TRY(mf_json_load(c->path, &doc, diag));
    mf_json_destroy(doc);
    return mf_fail(diag, MF_INVALID, "%s: nothing in it says which kind of file it is", c->path);
}

mf_status mf_check_file(mf_cli *cli, const mf_arguments *arguments, const char *path,
                        mf_arena *arena, mf_file_kind *kind, mf_diag *diag)
{
    checked c = {cli, arguments, arena, path, NULL};
    mf_json_doc *doc = NULL;
    *kind = mf_file_kind_of(path);
    if (*kind == MF_FILE_UNKNOWN)
        return fail_unknown(&c, diag);
    if (!checks[*kind].check)
        return mf_fail(diag, MF_INVALID, "%s: %s", path, mf_file_kind_use(*kind));
    if (checks[*kind].is_document) {
        MF_TRY(mf_json_load(path, &doc, diag));
        c.doc = doc;
    }
    mf_status status = checks[*kind].check(&c, diag);
    mf_json_destroy(doc);
    return status;
}
