/* training.json, both ways. */
#include "train/resumption.h"

#include "base/escape.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

mf_status mf_subject_assign(const mf_subject *w, const mf_operators *operators,
                            const mf_network *network, mf_arena *arena, size_t **op_of_layer,
                            mf_diag *diag)
{
    mf_op_rule *rules = MF_NEW_ARRAY(arena, mf_op_rule, w->n_op_of);
    size_t variant;
    *op_of_layer = MF_NEW_ARRAY(arena, size_t, network->n_weight_layers);
    if (!rules || !*op_of_layer)
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
    MF_TRY(mf_operators_find(operators, w->op, &variant, diag));
    return mf_operators_assign(operators, network, variant, rules, w->n_op_of, *op_of_layer, diag);
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static void write_subject(const mf_subject *w, mf_text *text)
{
    mf_text_puts(text, "  \"network\": ");
    mf_escape_json(text, w->network);
    mf_text_printf(text,
                   ",\n  \"rows\": %" PRIu64 ",\n  \"columns\": %" PRIu64
                   ",\n  \"classes\": %" PRIu64 ",\n  \"width\": ",
                   w->options.rows, w->options.columns, w->options.classes);
    mf_text_json_real(text, w->options.width_multiplier);
    mf_text_puts(text, ",\n  \"op\": ");
    mf_escape_json(text, w->op);
    mf_text_puts(text, ",\n  \"op_of\": [");
    for (size_t i = 0; i < w->n_op_of; i++) {
        mf_text_puts(text, i ? ", " : "");
        mf_escape_json(text, w->op_of[i]);
    }
    mf_text_puts(text, "],\n");
}

void mf_resumption_write(const mf_subject *subject, const mf_training *training,
                         const mf_trained_so_far *so_far, mf_text *text)
{
    const mf_model_score *sum = &so_far->training;
    mf_text_puts(text, "{\n  \"format\": \"mulfree-checkpoint\",\n  \"version\": 1,\n");
    write_subject(subject, text);
    mf_text_puts(text, "  \"training\": {\n");
    mf_training_write(training, "    ", text);
    mf_text_printf(text,
                   "  },\n  \"progress\": {\"epoch\": %" PRIu64 ", \"batch\": %" PRIu64
                   ", \"n\": %" PRIu64 ", \"n_top1\": %" PRIu64 ", \"n_top5\": %" PRIu64
                   ", \"loss\": ",
                   so_far->epoch, so_far->batch, sum->n, sum->n_top1, sum->n_top5);
    mf_text_json_real(text, sum->loss);
    mf_text_puts(text, ", \"best_top1\": ");
    mf_text_json_real(text, so_far->best_top1);
    if (so_far->teacher_digest)
        mf_text_printf(text, ", \"teacher_fnv1a\": \"%016" PRIx64 "\"", so_far->teacher_digest);
    mf_text_puts(text, "}\n}\n");
}

void mf_resumption_digest(const mf_subject *subject, const mf_training *training, mf_text *text)
{
    write_subject(subject, text);
    mf_training_write_changed(training, text);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static mf_status read_op_of(const mf_json *root, mf_arena *arena, mf_subject *w, mf_diag *diag)
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

static mf_status read_subject(const mf_json *root, mf_arena *arena, mf_subject *w, mf_diag *diag)
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

/* Sixteen digits: a number of JSON has 53 bits. */
static mf_status read_digest(const mf_json *progress, uint64_t *digest, mf_diag *diag)
{
    mf_json member;
    const char *text;
    if (!mf_json_find(progress, "teacher_fnv1a", &member))
        return MF_OK;
    MF_TRY(mf_json_read_string(&member, &text, diag));
    if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return mf_json_fail(&member, diag, MF_INVALID,
                            "expected sixteen digits 0-9, a-f, found \"%s\"", text);
    *digest = strtoull(text, NULL, 16);
    return MF_OK;
}

static mf_status read_checkpoint(mf_resumption *s, const mf_json *root, mf_arena *arena,
                                 mf_diag *diag)
{
    static const char *const keys[] = {"format",  "version",  "network",  "rows",
                                       "columns", "classes",  "width",    "op",
                                       "op_of",   "training", "progress", NULL};
    static const char *const progress_keys[] = {
        "epoch", "batch", "n", "n_top1", "n_top5", "loss", "best_top1", "teacher_fnv1a", NULL};
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
    MF_TRY(read_subject(root, arena, &s->subject, diag));
    MF_TRY(mf_json_get(root, "training", &training, diag));
    MF_TRY(mf_training_read(&training, none, arena, &s->training, diag));
    MF_TRY(mf_json_get(root, "progress", &progress, diag));
    MF_TRY(mf_json_only(&progress, progress_keys, diag));
    MF_TRY(mf_json_count(&progress, "epoch", 0, 1000000, &s->so_far.epoch, diag));
    MF_TRY(mf_json_count(&progress, "batch", 0, UINT32_MAX, &s->so_far.batch, diag));
    MF_TRY(mf_json_count(&progress, "n", 0, most, &sum->n, diag));
    MF_TRY(mf_json_count(&progress, "n_top1", 0, sum->n, &sum->n_top1, diag));
    MF_TRY(mf_json_count(&progress, "n_top5", 0, sum->n, &sum->n_top5, diag));
    MF_TRY(mf_json_real(&progress, "loss", 0, 1e30, &sum->loss, diag));
    MF_TRY(mf_json_real(&progress, "best_top1", 0, 1, &s->so_far.best_top1, diag));
    return read_digest(&progress, &s->so_far.teacher_digest, diag);
}

static mf_status parse_entry(const char *path, const char *entry, const char *text, mf_arena *arena,
                             mf_json_doc **doc, mf_diag *diag)
{
    const char *name = mf_arena_format(arena, "%s: %s", path, entry);
    return name ? mf_json_parse(text, strlen(text), name, doc, diag) : mf_fail_memory(diag);
}

static mf_status read_texts(const char *path, mf_arena *arena, mf_resumption *r, mf_diag *diag)
{
    mf_checkpoint_texts texts;
    mf_json_doc *doc;
    MF_TRY(mf_checkpoint_read_texts(path, arena, &texts, diag));
    r->network_text = texts.network;
    MF_TRY(parse_entry(path, "network.json", texts.network, arena, &r->network, diag));
    MF_TRY(parse_entry(path, "training.json", texts.training, arena, &doc, diag));
    mf_json root = mf_json_root(doc);
    mf_status status = read_checkpoint(r, &root, arena, diag);
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

mf_status mf_resumption_read(const char *path, mf_arena *arena, mf_resumption *r, mf_diag *diag)
{
    *r = (mf_resumption){.training = mf_training_defaults()};
    return offer_previous(path, read_texts(path, arena, r, diag), diag);
}

mf_status mf_resumption_check(const mf_resumption *r, const mf_training *now, bool goes_on,
                              mf_diag *diag)
{
    const mf_training *before = &r->training;
    if (now->shift_mode != before->shift_mode)
        return mf_fail(
            diag, MF_INVALID,
            "shift_mode cannot change: weights are other parameters, or learn otherwise");
    if (strcmp(now->augment, before->augment) != 0)
        return mf_fail(diag, MF_INVALID,
                       "augment cannot change: the checkpoint has the weights of %s",
                       mf_training_augments(before) ? "another augmented network" : "one network");
    if (now->augment_depth != before->augment_depth)
        return mf_fail(diag, MF_INVALID,
                       "augment_depth cannot change: the checkpoint has the weights of %" PRIu64
                       " blocks",
                       before->augment_depth);
    if (now->remap != before->remap)
        return mf_fail(diag, MF_INVALID, "remap cannot change: weights would be others");
    if (now->remap_fc != before->remap_fc)
        return mf_fail(diag, MF_INVALID, "remap_fc cannot change: weights would be others");
    if (strcmp(now->remap_fit, before->remap_fit) != 0)
        return mf_fail(diag, MF_INVALID, "remap_fit cannot change: the checkpoint has the numbers");
    if (now->weight_sharing != before->weight_sharing)
        return mf_fail(diag, MF_INVALID,
                       "weight_sharing cannot change: the target's weights are "
                       "other tensors");
    if (goes_on && r->so_far.batch && (now->batch != before->batch || now->seed != before->seed))
        return mf_fail(diag, MF_INVALID,
                       "%s cannot change within an epoch, and the checkpoint is at step %" PRIu64
                       " of one",
                       now->seed != before->seed ? "seed" : "batch", r->so_far.batch);
    return MF_OK;
}

mf_status mf_resumption_load(const char *path, bool momentum, mf_model *model, mf_diag *diag)
{
    return offer_previous(path, mf_checkpoint_load(path, momentum, mf_model_store(model), diag),
                          diag);
}
