/* Options and checkpoints to a model. */
#include "cli/train_setup.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/utf8.h"
#include "cli/file_kind.h"
#include "cli/set_keys.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* ---- what is trained, in words ------------------------------------------------------------------
 */

/* Strings that come from the command line or from a checkpoint. */
typedef struct words {
    const char *network, *op;
    const char **op_of;
    size_t n_op_of;
    mf_network_options options;
} words;

/* As members of training.json. */
static mf_status describe(mf_train_setup *s, const words *w, mf_diag *diag)
{
    mf_text text = {0};
    mf_text_puts(&text, "  \"network\": ");
    mf_escape_json(&text, w->network);
    mf_text_printf(&text,
                   ",\n  \"rows\": %" PRIu64 ",\n  \"columns\": %" PRIu64
                   ",\n  \"classes\": %" PRIu64 ",\n  \"width\": ",
                   w->options.rows, w->options.columns, w->options.classes);
    mf_text_json_real(&text, w->options.width_multiplier);
    mf_text_puts(&text, ",\n  \"op\": ");
    mf_escape_json(&text, w->op);
    mf_text_puts(&text, ",\n  \"op_of\": [");
    for (size_t i = 0; i < w->n_op_of; i++) {
        mf_text_puts(&text, i ? ", " : "");
        mf_escape_json(&text, w->op_of[i]);
    }
    mf_text_puts(&text, "],\n");
    s->description = text.failed ? NULL : mf_arena_string(s->arguments->arena, text.bytes);
    mf_text_free(&text);
    return s->description ? MF_OK : mf_fail_memory(diag);
}

static mf_status assign(mf_train_setup *s, const words *w, mf_diag *diag)
{
    mf_arena *arena = s->arguments->arena;
    mf_op_rule *rules = MF_NEW_ARRAY(arena, mf_op_rule, w->n_op_of);
    size_t variant;
    s->op_of_layer = MF_NEW_ARRAY(arena, size_t, s->network->n_weight_layers);
    if (!rules || !s->op_of_layer)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < w->n_op_of; i++) {
        const char *equals = strrchr(w->op_of[i], '=');
        if (!equals || equals == w->op_of[i] || !equals[1])
            return mf_fail(diag, MF_USAGE, "expected LAYERS=OP such as stem=mult, found \"%s\"",
                           w->op_of[i]);
        rules[i].selector = mf_arena_string_n(arena, w->op_of[i], (size_t)(equals - w->op_of[i]));
        rules[i].op = equals + 1;
        if (!rules[i].selector)
            return mf_fail_memory(diag);
    }
    MF_TRY(mf_operators_find(s->operators, w->op, &variant, diag));
    return mf_operators_assign(s->operators, s->network, variant, rules, w->n_op_of, s->op_of_layer,
                               diag);
}

static mf_status make(mf_train_setup *s, const words *w, mf_diag *diag)
{
    MF_TRY(mf_setup_operators(s->cli, s->arguments->arena, &s->operators, diag));
    s->op = w->op;
    s->options = w->options;
    s->options.batch = 0;
    MF_TRY(mf_network_from_json(s->network_doc, &s->options, &s->network, diag));
    MF_TRY(assign(s, w, diag));
    return describe(s, w, diag);
}

static mf_status make_model(mf_train_setup *s, mf_diag *diag)
{
    mf_model_options options = mf_training_model(&s->training);
    if (!s->training.threads)
        options.n_threads = (int)mf_parallel_cores();
    mf_log_write(&s->cli->log, MF_LOG_DEBUG, "%d threads", options.n_threads);
    return mf_model_create(s->network, s->operators, s->op_of_layer, &options, &s->model, diag);
}

/* ---- training ----------------------------------------------------------------------------------
 */

static mf_status apply_sets(mf_train_setup *s, mf_diag *diag)
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

/* What of a network and its training is not there for keys to change. */
static mf_conditions lacking(const mf_train_setup *s)
{
    mf_conditions lacks = MF_IF_SHIFTS | MF_IF_ADDS | MF_IF_NORMS;
    for (size_t i = 0; i < s->network->n_weight_layers; i++) {
        mf_trained trained;
        const char *computes = mf_operators_at(s->operators, s->op_of_layer[i])->arithmetic;
        if (mf_network_weight_layer(s->network, i)->norm)
            lacks &= ~(mf_conditions)MF_IF_NORMS;
        if (mf_trained_find(computes, &trained, NULL) == MF_OK)
            lacks &= ~mf_set_conditions_of(mf_trained_keys(trained));
    }
    return lacks | (s->training.norm_batches ? MF_IF_AVERAGES : 0) |
           (s->training.warmup_epochs > 0 ? 0 : MF_IF_WARM_UP);
}

mf_status mf_train_setup_new(mf_train_setup *s, mf_cli *cli, const mf_arguments *arguments,
                             const char *network, mf_diag *diag)
{
    const char *op = mf_arguments_value(arguments, "op"),
               *init = mf_arguments_value(arguments, "init");
    words w = {.network = network, .op = op ? op : "mult"};
    *s = (mf_train_setup){.cli = cli, .arguments = arguments, .training = mf_training_defaults()};
    w.op_of = mf_arguments_values(arguments, "op-of", &w.n_op_of);
    if (!w.op_of)
        return mf_fail_memory(diag);
    MF_TRY(mf_setup_network_options(arguments, &w.options, diag));
    MF_TRY(read_network(s, network, diag));
    MF_TRY(make(s, &w, diag));
    MF_TRY(follow_recipes(s, diag));
    MF_TRY(read_config(s, diag));
    MF_TRY(apply_sets(s, diag));
    MF_TRY(mf_set_check_training(arguments, lacking(s), diag));
    MF_TRY(make_model(s, diag));
    if (!init)
        return MF_OK;
    MF_TRY(mf_file_kind_check(init, MF_FILE_BIT(MF_FILE_CHECKPOINT) | MF_FILE_BIT(MF_FILE_ARRAYS),
                              diag));
    return mf_checkpoint_load(init, false, s->model, diag);
}

/* ---- checkpoints -------------------------------------------------------------------------------
 */

static mf_status read_op_of(const mf_json *root, mf_arena *arena, words *w, mf_diag *diag)
{
    mf_json list, item = {0};
    MF_TRY(mf_json_array(root, "op_of", &list, diag));
    w->op_of = MF_NEW_ARRAY(arena, const char *, mf_json_size(&list));
    if (!w->op_of)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        const char *word;
        MF_TRY(mf_json_read_string(&item, &word, diag));
        if (!(w->op_of[w->n_op_of++] = mf_arena_string(arena, word)))
            return mf_fail_memory(diag);
    }
    return MF_OK;
}

static mf_status read_words(const mf_json *root, mf_arena *arena, words *w, mf_diag *diag)
{
    const uint64_t most = MF_LARGEST_DIMENSION;
    MF_TRY(mf_json_copy_string(root, "network", arena, &w->network, diag));
    MF_TRY(mf_json_copy_string(root, "op", arena, &w->op, diag));
    MF_TRY(mf_json_count(root, "rows", 0, most, &w->options.rows, diag));
    MF_TRY(mf_json_count(root, "columns", 0, most, &w->options.columns, diag));
    MF_TRY(mf_json_count(root, "classes", 0, most, &w->options.classes, diag));
    MF_TRY(mf_json_real(root, "width", 0, 100, &w->options.width_multiplier, diag));
    return read_op_of(root, arena, w, diag);
}

static mf_status read_checkpoint(mf_train_setup *s, const mf_json *root, words *w, mf_diag *diag)
{
    static const char *const keys[] = {"format",  "version",  "network",  "rows",
                                       "columns", "classes",  "width",    "op",
                                       "op_of",   "training", "progress", NULL};
    static const char *const progress_keys[] = {"epoch",  "batch", "n",         "n_top1",
                                                "n_top5", "loss",  "best_top1", NULL};
    mf_model_score *sum = &s->so_far.training;
    static const char *const formats[] = {"mulfree-checkpoint"};
    static const char *const none[] = {NULL};
    mf_json training, progress;
    const uint64_t most = (uint64_t)1 << 53;
    size_t format;
    uint64_t version;
    MF_TRY(mf_json_only(root, keys, diag));
    MF_TRY(mf_json_choice(root, "format", formats, 1, &format, diag));
    MF_TRY(mf_json_count(root, "version", 1, 1, &version, diag));
    MF_TRY(read_words(root, s->arguments->arena, w, diag));
    MF_TRY(mf_json_get(root, "training", &training, diag));
    MF_TRY(mf_training_read(&training, none, s->arguments->arena, &s->training, diag));
    MF_TRY(mf_json_get(root, "progress", &progress, diag));
    MF_TRY(mf_json_only(&progress, progress_keys, diag));
    MF_TRY(mf_json_count(&progress, "epoch", 0, 1000000, &s->so_far.epoch, diag));
    MF_TRY(mf_json_count(&progress, "batch", 0, UINT32_MAX, &s->so_far.batch, diag));
    MF_TRY(mf_json_count(&progress, "n", 0, most, &sum->n, diag));
    MF_TRY(mf_json_count(&progress, "n_top1", 0, sum->n, &sum->n_top1, diag));
    MF_TRY(mf_json_count(&progress, "n_top5", 0, sum->n, &sum->n_top5, diag));
    MF_TRY(mf_json_real(&progress, "loss", 0, 1e30, &sum->loss, diag));
    return mf_json_real(&progress, "best_top1", 0, 1, &s->so_far.best_top1, diag);
}

static mf_status parse_entry(const char *path, const char *entry, const char *text, mf_arena *arena,
                             mf_json_doc **doc, mf_diag *diag)
{
    const char *name = mf_arena_format(arena, "%s: %s", path, entry);
    return name ? mf_json_parse(text, strlen(text), name, doc, diag) : mf_fail_memory(diag);
}

static mf_status read_words_of(mf_train_setup *s, const char *path, words *w, mf_diag *diag)
{
    mf_arena *arena = s->arguments->arena;
    mf_checkpoint_texts texts;
    mf_json_doc *doc;
    MF_TRY(mf_checkpoint_read_texts(path, arena, &texts, diag));
    s->network_text = texts.network;
    MF_TRY(parse_entry(path, "network.json", texts.network, arena, &s->network_doc, diag));
    MF_TRY(parse_entry(path, "training.json", texts.training, arena, &doc, diag));
    mf_json root = mf_json_root(doc);
    mf_status status = read_checkpoint(s, &root, w, diag);
    mf_json_destroy(doc);
    return status;
}

/* For one that cannot be read. */
static mf_status offer_previous(const char *path, mf_status status, mf_diag *diag)
{
    char previous[4096];
    mf_trainer_previous(path, previous, sizeof previous);
    if (status != MF_OK && access(previous, R_OK) == 0)
        mf_hint(diag, "the checkpoint before it is %s", previous);
    return status;
}

/* What a checkpoint's numbers were made with; `goes_on`: and what is left of its epoch. */
static mf_status refuse_changes(const mf_train_setup *s, const mf_training *before, bool goes_on,
                                mf_diag *diag)
{
    const mf_training *now = &s->training;
    if (now->shift_mode != before->shift_mode)
        return mf_fail(diag, MF_INVALID,
                       "shift_mode cannot change: its other value has other parameters");
    if (goes_on && s->so_far.batch && (now->batch != before->batch || now->seed != before->seed))
        return mf_fail(diag, MF_INVALID,
                       "%s cannot change within an epoch, and the checkpoint is at step %" PRIu64
                       " of one",
                       now->seed != before->seed ? "seed" : "batch", s->so_far.batch);
    return MF_OK;
}

mf_status mf_train_setup_resume(mf_train_setup *s, mf_cli *cli, const mf_arguments *arguments,
                                const char *path, bool momentum, mf_diag *diag)
{
    words w = {0};
    *s = (mf_train_setup){.cli = cli, .arguments = arguments, .training = mf_training_defaults()};
    MF_TRY(mf_file_kind_check(path, MF_FILE_BIT(MF_FILE_CHECKPOINT), diag));
    MF_TRY(offer_previous(path, read_words_of(s, path, &w, diag), diag));
    const mf_training before = s->training;
    MF_TRY(apply_sets(s, diag));
    MF_TRY(make(s, &w, diag));
    MF_TRY(mf_set_check_training(arguments, lacking(s), diag));
    MF_TRY(refuse_changes(s, &before, momentum, diag));
    MF_TRY(make_model(s, diag));
    return offer_previous(path, mf_checkpoint_load(path, momentum, s->model, diag), diag);
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

void mf_train_setup_close(mf_train_setup *s)
{
    mf_pictures_destroy(s->pictures);
    mf_pictures_destroy(s->held_out);
    mf_model_destroy(s->model);
    mf_network_destroy(s->network);
    mf_json_destroy(s->network_doc);
    mf_operators_destroy(s->operators);
}
