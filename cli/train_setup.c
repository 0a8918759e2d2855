/* Options and checkpoints to a model. */
#include "cli/train_setup.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/parallel.h"
#include "base/utf8.h"
#include "cli/file_kind.h"
#include "cli/meet.h"
#include "cli/set_keys.h"
#include "train/checkpoint_model.h"
#include "train/weight_fits.h"

#include <inttypes.h>
#include <string.h>

static mf_status make(mf_train_setup *s, const mf_subject *subject, mf_diag *diag)
{
    MF_TRY(mf_setup_operators(s->cli, s->arguments->arena, &s->operators, diag));
    s->subject = *subject;
    s->op = subject->op;
    s->options = subject->options;
    s->options.batch = 0;
    MF_TRY(mf_network_from_json(s->network_doc, &s->options, &s->network, diag));
    return mf_subject_assign(subject, s->operators, s->network, s->arguments->arena,
                             &s->op_of_layer, diag);
}

static mf_status keep_averages(const mf_train_setup *s, mf_diag *diag)
{
    return s->training.ema > 0 ? mf_parameters_keep_averages(mf_model_store(s->model), diag)
                               : MF_OK;
}

/* Its layers are the first channels of wider ones, which learn. */
static mf_status refuse_frozen(const mf_train_setup *s, mf_diag *diag)
{
    return strcmp(s->training.freeze, "none") == 0
               ? MF_OK
               : mf_fail(diag, MF_USAGE,
                         "freeze counts only without augment: wider networks share the layers");
}

/* Several ranks on a machine share its cores, one each unless a key says how many. */
static int n_threads_of(const mf_train_setup *s)
{
    if (s->training.threads)
        return (int)s->training.threads;
    return mf_is_one_of_several() ? 1 : (int)mf_parallel_cores();
}

mf_status mf_train_setup_model(mf_train_setup *s, mf_diag *diag)
{
    mf_model_options options = mf_training_model(&s->training);
    options.n_threads = n_threads_of(s);
    mf_log_write(&s->cli->log, MF_LOG_DEBUG, "%d threads", options.n_threads);
    if (mf_training_augments(&s->training))
        MF_TRY(refuse_frozen(s, diag));
    MF_TRY(mf_training_create(&s->training, s->network, s->operators, s->op_of_layer, &options,
                              s->arguments->arena, &s->augmented, &s->model, diag));
    if (!s->augmented)
        MF_TRY(mf_training_freeze(&s->training, s->model, diag));
    return keep_averages(s, diag);
}

/* No output may take the place of what is learnt from. */
static mf_status check_teacher(const mf_train_setup *s, const char *teacher, mf_diag *diag)
{
    static const char *const outputs[] = {"checkpoint", "log", "output", "plot"};
    const mf_arguments *a = s->arguments;
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        const char *path = mf_arguments_value(a, outputs[i]), *option = outputs[i];
        if (!path && i == 0)
            path = mf_arguments_value(a, option = "resume");
        if (path && mf_file_same(path, teacher))
            return mf_fail(diag, MF_USAGE, "teacher %s: --%s would write over it", teacher, option);
    }
    return MF_OK;
}

mf_status mf_train_setup_teacher(mf_train_setup *s, mf_diag *diag)
{
    const char *teacher = mf_training_teacher(&s->training);
    if (!teacher)
        return MF_OK;
    MF_TRY(check_teacher(s, teacher, diag));
    MF_TRY(mf_file_kind_check(teacher, MF_FILE_BIT(MF_FILE_CHECKPOINT), diag));
    MF_TRY(mf_teacher_open(teacher, s->operators, s->network, &s->training, n_threads_of(s),
                           &s->teacher, diag));
    uint64_t before = s->so_far.teacher_digest, now = mf_teacher_digest(s->teacher);
    s->so_far.teacher_digest = now;
    if (!before || before == now)
        return MF_OK;
    mf_fail(diag, MF_INVALID, "teacher %s: the training began with other bytes of that name",
            teacher);
    mf_hint(diag, "to go on with these, give the file another name and --set teacher=that");
    return MF_INVALID;
}

/* ---- training ----------------------------------------------------------------------------------
 */

mf_status mf_train_setup_sets(mf_train_setup *s, mf_diag *diag)
{
    size_t n;
    const char **sets = mf_arguments_values(s->arguments, "set", &n),
               *data = mf_arguments_value(s->arguments, "data");
    if (!sets)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        if (data && strncmp(sets[i], "data=", 5) == 0)
            return mf_fail(diag, MF_USAGE, "--data %s and --set %s: give one of them", data,
                           sets[i]);
        MF_TRY(mf_training_set(&s->training, sets[i], s->arguments->arena, diag));
    }
    if (data)
        s->training.data = data;
    if (!mf_utf8_is_text(s->training.data))
        return mf_fail(diag, MF_USAGE,
                       "%s: not UTF-8, so no checkpoint could say what it was trained on",
                       s->training.data);
    return MF_OK;
}

static mf_status read_config(mf_train_setup *s, mf_diag *diag)
{
    static const char *const others[] = {"about", NULL};
    const char *path = mf_arguments_value(s->arguments, "config");
    mf_json_doc *doc;
    if (!path)
        return MF_OK;
    MF_TRY(mf_file_kind_check(path, MF_FILE_BIT(MF_FILE_CONFIG), diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_json root = mf_json_root(doc);
    mf_status status = mf_training_read(&root, others, s->arguments->arena, &s->training, diag);
    mf_json_destroy(doc);
    return status;
}

/* SCALE-Sim's tables and traces know shapes, but neither norms nor what reads what. */
static mf_status read_network(mf_train_setup *s, const char *network, mf_diag *diag)
{
    mf_arena *arena = s->arguments->arena;
    const char *path;
    char *text;
    size_t n;
    MF_TRY(mf_catalog_path(s->cli, MF_KIND_NETWORK, network, arena, &path, diag));
    if (!mf_file_has_ending(path, ".json") && !mf_file_has_ending(path, ".json.gz"))
        return mf_fail(diag, MF_INVALID, "%s: only networks described in JSON can be trained",
                       path);
    MF_TRY(mf_file_read(path, arena, &text, &n, diag));
    s->network_text = text;
    return mf_json_parse(text, n, path, &s->network_doc, diag);
}

/* What the operators' own recipes set, before what is asked for. */
static mf_status follow_recipes(mf_train_setup *s, mf_diag *diag)
{
    MF_TRY(mf_recipes_of(s->operators, s->network, s->op_of_layer, s->arguments->arena, &s->recipes,
                         &s->n_recipes, diag));
    for (size_t i = 0; i < s->n_recipes; i++)
        MF_TRY(mf_recipe_apply(&s->recipes[i], s->arguments->arena, &s->training, diag));
    return MF_OK;
}

/* Is nothing left to train, and no other file to write it into? */
static bool changes_nothing(const mf_train_setup *s)
{
    return mf_arguments_has(s->arguments, "resume") && s->so_far.epoch >= s->training.epochs &&
           !mf_arguments_has(s->arguments, "checkpoint");
}

/* Of networks that cannot be augmented, whoever tries says so. */
static mf_training_uses lacks_spaces(const mf_train_setup *s)
{
    mf_training_uses lacks = MF_OF_WIDTH | MF_OF_MIDDLE;
    mf_channel_spaces spaces;
    if (!mf_training_augments(&s->training) ||
        mf_channel_spaces_of(s->network, s->arguments->arena, &spaces, NULL) != MF_OK)
        return 0;
    for (size_t i = 0; i < spaces.n; i++) {
        if (spaces.all[i].role == MF_SPACE_WIDTH)
            lacks &= ~(mf_training_uses)MF_OF_WIDTH;
        if (spaces.all[i].role == MF_SPACE_MIDDLE)
            lacks &= ~(mf_training_uses)MF_OF_MIDDLE;
    }
    return lacks;
}

static bool is_add(const mf_train_setup *s, size_t op)
{
    mf_trained trained;
    const char *computes = mf_operators_at(s->operators, op)->arithmetic;
    return mf_trained_find(computes, &trained, NULL) == MF_OK &&
           mf_trained_keys(trained) & MF_OF_ADD;
}

/* Do sums of products go into outputs that Add sums, before a norm? */
static bool adds_beside_products(const mf_train_setup *s)
{
    size_t op;
    if (!mf_training_augments(&s->training) ||
        mf_operators_find(s->operators, s->training.augment, &op, NULL) != MF_OK || is_add(s, op))
        return false;
    for (size_t i = 0; i < s->network->n_weight_layers; i++) {
        const mf_layer *layer = mf_network_weight_layer(s->network, i);
        if (layer->norm && layer->kind == MF_LAYER_CONV && is_add(s, s->op_of_layer[i]))
            return true;
    }
    return false;
}

mf_training_uses mf_train_setup_lacks(const mf_train_setup *s)
{
    const mf_network *network = s->network;
    mf_training_uses lacks =
        MF_OF_SHIFT | MF_OF_ADD | MF_OF_NORM | MF_OF_BRANCHES | MF_OF_CLASSIFIER | MF_OF_MAPPED;
    const mf_model_options options = mf_training_model(&s->training);
    for (size_t i = 0; i < network->n_layers; i++)
        if (mf_network_ends_branch(network, i))
            lacks &= ~(mf_training_uses)MF_OF_BRANCHES;
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        mf_trained trained;
        const char *computes = mf_operators_at(s->operators, s->op_of_layer[i])->arithmetic;
        const mf_layer *layer = mf_network_weight_layer(network, i);
        if (layer->norm)
            lacks &= ~(mf_training_uses)MF_OF_NORM;
        if (i + 1 == network->n_weight_layers && layer->input[0] >= 0)
            lacks &= ~(mf_training_uses)MF_OF_CLASSIFIER;
        if (mf_trained_find(computes, &trained, NULL) == MF_OK)
            lacks &= ~(mf_trained_keys(trained) |
                       (mf_remap_applies(trained, &options) ? MF_OF_MAPPED : 0));
    }
    if (!mf_training_augments(&s->training))
        lacks |= MF_OF_AUGMENTED;
    lacks |= lacks_spaces(s);
    if (!adds_beside_products(s))
        lacks |= MF_OF_BESIDE;
    if (!s->training.augment_depth)
        lacks |= MF_OF_DEPTH;
    if (!(s->training.mutate_stop > 0))
        lacks |= MF_OF_MUTATION;
    const mf_remap_form form = mf_training_remap(&s->training).form;
    bool laplace = form == MF_REMAP_LAPLACE, fitted = mf_training_remap_fit(&s->training);
    lacks |= (laplace ? 0 : MF_OF_REMAP) |
             (laplace || form == MF_REMAP_LINEAR ? 0 : MF_OF_REMAP_LINE) |
             (fitted ? MF_OF_REMAP_UNFITTED : MF_OF_REMAP_FITTED) |
             (s->training.remap_fc ? MF_OF_REMAP_MEASURED : 0);
    if (!(s->training.remap_scale > 0))
        lacks |= MF_OF_REMAP_SCALED;
    if (!s->training.weight_sharing)
        lacks |= MF_OF_SHARED;
    if (!(s->training.augment_sort_until > 0))
        lacks |= MF_OF_SORTED;
    return lacks | (s->training.norm_batches ? MF_OF_AVERAGES : 0) |
           (s->training.warmup_epochs > 0 ? 0 : MF_OF_WARM_UP) |
           (mf_training_steps(&s->training) ? 0 : MF_OF_STEPS) |
           (mf_training_teacher(&s->training) ? 0 : MF_OF_TEACHER);
}

/* Does the file hold more than a network's own weights? */
static bool holds_more(const mf_checkpoint_model *c)
{
    return mf_training_augments(&c->resumption.training) ||
           mf_training_remaps(&c->resumption.training);
}

/* Of an augmented training, or one of mapped weights: those that its target computes with. */
static mf_status load_target(const mf_train_setup *s, const char *init, const char *but,
                             mf_parameters *store, mf_diag *diag)
{
    mf_checkpoint_model from;
    mf_status status = mf_checkpoint_model_begin(init, s->operators, &from, diag);
    bool more = status == MF_OK && holds_more(&from);
    if (more && mf_training_remaps(&s->training))
        status = mf_fail(diag, MF_INVALID,
                         "%s holds an augmented network or mapped weights: what comes out of these "
                         "begins a training without remap",
                         init);
    if (more && status == MF_OK)
        status = mf_checkpoint_model_fill(init, s->operators, 1, 1, &from, diag);
    if (more && status == MF_OK)
        status = mf_model_extract(from.model, but, store, diag);
    mf_checkpoint_model_close(&from);
    return more || status != MF_OK ? status : mf_checkpoint_load_but(init, but, store, diag);
}

/* The weights of --init, without the classifier's where a fresh one is asked for. */
static mf_status load_begin(const mf_train_setup *s, const char *init, mf_parameters *store,
                            mf_diag *diag)
{
    const char *head = mf_arguments_value(s->arguments, "init-head");
    const mf_network *network = s->network;
    if (head && strcmp(head, "fresh") != 0)
        return mf_fail(diag, MF_USAGE,
                       "--init-head: expected fresh, found \"%s\"; without it the classifier, too, "
                       "is that of --init",
                       head);
    const mf_layer *last = mf_network_weight_layer(network, network->n_weight_layers - 1);
    const char *but = head ? last->name : NULL;
    return mf_file_kind_of(init) == MF_FILE_CHECKPOINT
               ? load_target(s, init, but, store, diag)
               : mf_checkpoint_load_but(init, but, store, diag);
}

/* A file has the weights of the network itself: of the augmented one, the first channels. */
static mf_status begin_target_with(mf_train_setup *s, const char *init, mf_diag *diag)
{
    mf_model_options options = mf_training_model(&s->training);
    mf_model *alone;
    options.batch = 1;
    MF_TRY(mf_model_create(s->network, s->operators, s->op_of_layer, &options, &alone, diag));
    mf_status status = load_begin(s, init, mf_model_store(alone), diag);
    if (status == MF_OK)
        status = mf_model_begin_with(s->model, alone, diag);
    if (status == MF_OK)
        status = keep_averages(s, diag);
    mf_model_destroy(alone);
    return status;
}

mf_status mf_train_setup_fits(mf_train_setup *s, mf_diag *diag)
{
    const char *path = mf_training_remap_fit(&s->training);
    const mf_remap_options how = mf_training_remap(&s->training);
    mf_weight_fits fits;
    mf_json_doc *doc;
    if (!path)
        return MF_OK;
    MF_TRY(mf_file_kind_check(path, MF_FILE_BIT(MF_FILE_WEIGHT_FITS), diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_status status = mf_weight_fits_read(doc, s->arguments->arena, &fits, diag);
    mf_json_destroy(doc);
    MF_TRY(status);
    mf_diag why = {0};
    status = mf_weight_fits_give(&fits, &how, s->network, s->operators, s->op_of_layer,
                                 mf_model_store(s->model), &why);
    if (status != MF_OK) {
        mf_fail(diag, status, "%s: %s", path, why.message);
        if (*why.hint)
            mf_hint(diag, "%s", why.hint);
    }
    return status;
}

mf_status mf_train_setup_new(mf_train_setup *s, mf_cli *cli, const mf_arguments *arguments,
                             const char *network, mf_diag *diag)
{
    const char *op = mf_arguments_value(arguments, "op"),
               *init = mf_arguments_value(arguments, "init");
    mf_subject w = {.network = network, .op = op ? op : "mult"};
    *s = (mf_train_setup){.cli = cli, .arguments = arguments, .training = mf_training_defaults()};
    w.op_of = mf_arguments_values(arguments, "op-of", &w.n_op_of);
    if (!w.op_of)
        return mf_fail_memory(diag);
    MF_TRY(mf_setup_network_options(arguments, &w.options, diag));
    MF_TRY(read_network(s, network, diag));
    MF_TRY(make(s, &w, diag));
    MF_TRY(follow_recipes(s, diag));
    MF_TRY(read_config(s, diag));
    MF_TRY(mf_train_setup_sets(s, diag));
    MF_TRY(mf_set_check_training(arguments, mf_train_setup_lacks(s), diag));
    MF_TRY(mf_train_setup_model(s, diag));
    MF_TRY(mf_train_setup_fits(s, diag));
    if (!init && mf_arguments_has(arguments, "init-head"))
        return mf_fail(diag, MF_USAGE, "--init-head counts only with --init");
    if (!init)
        return MF_OK;
    MF_TRY(mf_file_kind_check(init, MF_FILE_BIT(MF_FILE_CHECKPOINT) | MF_FILE_BIT(MF_FILE_ARRAYS),
                              diag));
    return s->augmented ? begin_target_with(s, init, diag)
                        : load_begin(s, init, mf_model_store(s->model), diag);
}

mf_status mf_train_setup_run(mf_train_setup *s, mf_cli *cli, const mf_arguments *arguments,
                             const mf_train_run *run, mf_diag *diag)
{
    static const char *const none[] = {NULL};
    *s = (mf_train_setup){.cli = cli, .arguments = arguments, .training = mf_training_defaults()};
    s->training.threads = 1;
    MF_TRY(read_network(s, run->subject->network, diag));
    MF_TRY(make(s, run->subject, diag));
    MF_TRY(follow_recipes(s, diag));
    for (size_t i = 0; i < run->n_keys; i++)
        MF_TRY(mf_training_read(run->keys[i], none, arguments->arena, &s->training, diag));
    MF_TRY(mf_train_setup_sets(s, diag));
    s->training.seed = run->seed;
    return MF_OK;
}

mf_status mf_train_setup_resume(mf_train_setup *s, mf_cli *cli, const mf_arguments *arguments,
                                const char *path, bool momentum, mf_diag *diag)
{
    mf_resumption before;
    *s = (mf_train_setup){.cli = cli, .arguments = arguments};
    MF_TRY(mf_file_kind_check(path, MF_FILE_BIT(MF_FILE_CHECKPOINT), diag));
    mf_status status = mf_resumption_read(path, arguments->arena, &before, diag);
    s->network_doc = before.network;
    MF_TRY(status);
    s->network_text = before.network_text;
    s->training = before.training;
    s->so_far = before.so_far;
    MF_TRY(mf_train_setup_sets(s, diag));
    MF_TRY(make(s, &before.subject, diag));
    MF_TRY(mf_set_check_training(arguments, mf_train_setup_lacks(s), diag));
    MF_TRY(mf_resumption_check(&before, &s->training, momentum, diag));
    if (strcmp(s->training.teacher, before.training.teacher) != 0)
        s->so_far.teacher_digest = 0; /* another one, as asked */
    if (changes_nothing(s))
        MF_TRY(mf_set_check_training(arguments, MF_OF_EPOCHS, diag));
    MF_TRY(mf_train_setup_model(s, diag));
    return mf_resumption_load(path, momentum, s->model, diag);
}

static void warn(const mf_train_setup *s, const mf_called_recipe *r)
{
    mf_log_write(&s->cli->log, MF_LOG_WARNING,
                 "warning: %" PRIu64 " of the %" PRIu64 " layers that run on %s, %s the first: %s",
                 r->n_layers, r->n_all, r->op, r->layer->name, r->recipe->because);
}

mf_status mf_train_setup_tell_recipes(const mf_train_setup *s, mf_diag *diag)
{
    for (size_t i = 0; i < s->n_recipes; i++) {
        const mf_called_recipe *r = &s->recipes[i];
        mf_text text = {0};
        if (r->recipe->warns)
            warn(s, r);
        mf_status status = mf_recipe_show(r, &s->training, s->arguments->arena, &text, diag);
        if (status == MF_OK && text.length)
            mf_log_write(&s->cli->log, MF_LOG_NOTE, "recipe of %s:%s (--set changes it)", r->op,
                         text.bytes);
        mf_text_free(&text);
        MF_TRY(status);
    }
    return MF_OK;
}

mf_status mf_train_setup_pictures(mf_train_setup *s, bool to_learn, mf_diag *diag)
{
    mf_pictures_options options = {.training = true,
                                   .rows = (uint32_t)s->network->input_rows,
                                   .columns = (uint32_t)s->network->input_columns};
    if (to_learn || !s->training.mean.n || !s->training.deviation.n) {
        MF_TRY(mf_pictures_load(s->training.data, &options, &s->pictures, diag));
        mf_inputs_measure(&s->training, s->pictures);
    }
    options.training = false;
    MF_TRY(mf_pictures_load(s->training.data, &options, &s->held_out, diag));
    if (s->pictures)
        mf_log_write(&s->cli->log, MF_LOG_INFO, "%s: %zu pictures to learn from", s->training.data,
                     s->pictures->n);
    mf_log_write(&s->cli->log, MF_LOG_INFO, "%s: %zu pictures held out", s->training.data,
                 s->held_out->n);
    return MF_OK;
}

mf_status mf_train_setup_network(const mf_train_setup *s, uint64_t batch, mf_network **network,
                                 mf_diag *diag)
{
    mf_network_options options = s->options;
    options.batch = batch;
    return mf_network_from_json(s->network_doc, &options, network, diag);
}

mf_trainer mf_train_setup_trainer(const mf_train_setup *s)
{
    return (mf_trainer){.model = s->model,
                        .augmented = s->augmented,
                        .teacher = s->teacher,
                        .training = &s->training,
                        .pictures = s->pictures,
                        .held_out = s->held_out,
                        .so_far = s->so_far,
                        .network = s->network_text,
                        .subject = &s->subject};
}

uint64_t mf_train_setup_digest(const mf_train_setup *s)
{
    const mf_pictures *sets[] = {s->pictures, s->held_out};
    mf_parameter_runs runs = mf_parameters_runs(mf_model_store(s->model));
    mf_text text = {0};
    mf_resumption_write(&s->subject, &s->training, &s->so_far, &text);
    uint64_t digest = mf_hash_bytes(MF_HASH_BEGIN, text.bytes, text.length);
    digest = mf_hash_bytes(digest, s->network_text, strlen(s->network_text));
    digest = mf_hash_bytes(digest, runs.values, runs.n_values * sizeof(float));
    for (size_t i = 0; i < 2; i++) {
        size_t n = sets[i]->n, picture = (size_t)sets[i]->rows * sets[i]->columns * sets[i]->channels;
        digest = mf_hash_bytes(digest, sets[i]->labels, n * sizeof *sets[i]->labels);
        digest = mf_hash_bytes(digest, sets[i]->pixels, n * picture);
    }
    mf_text_free(&text);
    return digest;
}

void mf_train_setup_close(mf_train_setup *s)
{
    mf_pictures_destroy(s->pictures);
    mf_pictures_destroy(s->held_out);
    if (s->augmented)
        mf_augmented_destroy(s->augmented);
    else
        mf_model_destroy(s->model);
    mf_teacher_destroy(s->teacher);
    mf_network_destroy(s->network);
    mf_json_destroy(s->network_doc);
    mf_operators_destroy(s->operators);
}
