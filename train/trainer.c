/* The loop. */
#include "train/trainer.h"

#include "base/clock.h"
#include "base/ranks.h"
#include "base/text.h"
#include "train/evaluation.h"
#include "train/log.h"
#include "train/shards.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- what is written ---------------------------------------------------------------------------
 */

void mf_trainer_previous(const char *checkpoint, char *path, size_t size)
{
    size_t n = strlen(checkpoint),
           stem = n > 4 && strcmp(checkpoint + n - 4, ".npz") == 0 ? n - 4 : n;
    snprintf(path, size, "%.*s.previous.npz", (int)stem, checkpoint);
}

/* The one before stays under another name, until and after the new one is whole. */
static mf_status save(const mf_trainer *t, mf_diag *diag)
{
    mf_text text = {0};
    char previous[4096];
    if (!t->checkpoint)
        return MF_OK;
    MF_TRY(mf_model_check(t->model, diag));
    mf_resumption_write(t->subject, t->training, &t->so_far, &text);
    if (text.failed) {
        mf_text_free(&text);
        return mf_fail_memory(diag);
    }
    mf_trainer_previous(t->checkpoint, previous, sizeof previous);
    if (access(t->checkpoint, F_OK) == 0) {
        unlink(previous);
        if (link(t->checkpoint, previous) != 0 && errno != EEXIST)
            unlink(previous); /* a file system without links has only the newest */
    }
    mf_status status =
        mf_checkpoint_save(t->checkpoint, &(mf_checkpoint_texts){text.bytes, t->network},
                           mf_model_store(t->model), diag);
    mf_text_free(&text);
    return status;
}

static mf_status append_log(const mf_trainer *t, const mf_trainer_report *r, mf_diag *diag)
{
    const mf_model_score *train = &r->training, *test = &r->test;
    const mf_logged line = {.epoch = r->epoch + 1,
                            .rate = r->rate,
                            .loss = train->loss,
                            .top1 = (double)train->n_top1 / (double)train->n,
                            .test_loss = test->loss,
                            .test_top1 = (double)test->n_top1 / (double)test->n,
                            .test_top5 = (double)test->n_top5 / (double)test->n,
                            .images_per_s = r->images_per_s,
                            .seconds = r->seconds};
    return t->log ? mf_log_append(t->log, &line, diag) : MF_OK;
}

/* ---- epochs ------------------------------------------------------------------------------------
 */

typedef struct run {
    mf_trainer *t;
    mf_loader *training, *statistics, *test;
    mf_shards *shards;
    mf_trainer_report report;
    double begin_s;
    uint64_t n_images;
} run;

static void measure(run *r)
{
    r->report.seconds = mf_clock_s() - r->begin_s;
    r->report.images_per_s = r->report.seconds > 0 ? (double)r->n_images / r->report.seconds : 0;
}

static mf_status tell(const run *r, mf_diag *diag)
{
    return r->t->report ? r->t->report(r->t->user, &r->report, diag) : MF_OK;
}

/* Blocks that take their own operators at this moment make another model of the target; those that
 * go away count less with every step. */
static mf_status change_blocks(mf_trainer *t, uint64_t step, uint64_t n_steps, mf_diag *diag)
{
    double share = n_steps ? (double)step / (double)n_steps : 1;
    if (!t->augmented)
        return MF_OK;
    mf_status status =
        mf_augmented_mutate(t->augmented, mf_augmented_mutated(t->augmented, share), diag);
    if (status == MF_OK)
        status = mf_augmented_fade(t->augmented, mf_augmented_gain(t->augmented, share), diag);
    t->model = mf_augmented_target(t->augmented);
    return status;
}

/* A batch, of which a shard at a time goes through the model. */
typedef struct shard_work {
    const mf_trainer *t;
    const mf_batch *batch;
    uint64_t step, n, image_floats;
} shard_work;

static mf_status ask_teacher(const mf_trainer *t, const float *images, uint64_t n, mf_diag *diag)
{
    mf_lesson lesson = {.temperature = t->training->teacher_temperature,
                        .weight = t->training->teacher_weight};
    if (!t->teacher || lesson.weight == 0)
        return MF_OK;
    MF_TRY(mf_teacher_answer(t->teacher, images, n, &lesson.outputs, diag));
    mf_model_teach(t->augmented ? mf_augmented_learner(t->augmented) : t->model, &lesson);
    return MF_OK;
}

static mf_status pass_shard(void *user, uint64_t shard, mf_model_score *score, mf_diag *diag)
{
    const shard_work *w = user;
    const mf_trainer *t = w->t;
    const float *images = w->batch->images + shard * w->n * w->image_floats;
    const uint32_t *labels = w->batch->labels + shard * w->n;
    uint64_t step = mf_shard_step(w->step, shard);
    MF_TRY(ask_teacher(t, images, w->n, diag));
    if (!t->augmented)
        return mf_model_train(t->model, images, labels, w->n, step, score, diag);
    mf_augmented_mode mode = mf_training_augmented_mode(t->training, t->so_far.epoch);
    return mf_augmented_train(t->augmented, mode, images, labels, w->n, step, score, diag);
}

static mf_status step_on(const run *r, const mf_batch *batch, uint64_t step, mf_model_score *score,
                         mf_diag *diag)
{
    const mf_network *network = mf_model_network(r->t->model);
    shard_work work = {.t = r->t,
                       .batch = batch,
                       .step = step,
                       .n = batch->n / r->t->training->shards,
                       .image_floats =
                           network->input_channels * network->input_rows * network->input_columns};
    return mf_shards_step(r->shards, pass_shard, &work, score, diag);
}

/* Other ranks hear of it when they have their gradients. */
static mf_status end_early(const mf_trainer *t, mf_diag *diag)
{
    MF_TRY(save(t, diag));
    mf_status status =
        mf_fail(diag, MF_INTERRUPTED, "interrupted in epoch %" PRIu64 ", batch %" PRIu64,
                t->so_far.epoch + 1, t->so_far.batch);
    return mf_ranks_size() > 1 ? mf_ranks_meet(status, 0, "", diag) : status;
}

static mf_status train_epoch(run *r, mf_diag *diag)
{
    mf_trainer *t = r->t;
    uint64_t n_batches = mf_loader_n_batches(r->training);
    r->report.training = t->so_far.training;
    r->report.evaluated = false;
    while (t->so_far.batch < n_batches) {
        mf_model_score score;
        uint64_t step = t->so_far.epoch * n_batches + t->so_far.batch;
        if (t->stop && t->stop())
            return end_early(t, diag);
        mf_batch batch = mf_loader_next(r->training);
        MF_TRY(change_blocks(t, step, t->training->epochs * n_batches, diag));
        r->report.rate = mf_training_rate(t->training, step, n_batches);
        MF_TRY(step_on(r, &batch, step, &score, diag));
        mf_model_update(t->model, r->report.rate, t->training->momentum, t->training->weight_decay);
        mf_parameters_average(mf_model_store(t->model), mf_training_forgets(t->training, step));
        mf_model_score_add(&r->report.training, &score);
        t->so_far.training = r->report.training;
        r->n_images += batch.n;
        r->report.batch = ++t->so_far.batch;
        r->report.n_steps++;
        measure(r);
        MF_TRY(tell(r, diag));
    }
    return MF_OK;
}

/* Batch norm re-estimated, and the pictures held out. */
static mf_status evaluate(run *r, mf_diag *diag)
{
    mf_trainer *t = r->t;
    MF_TRY(mf_evaluation_norms(t->model, r->statistics, t->training->norm_batches, diag));
    return mf_evaluation_score(t->model, r->test, &r->report.test, diag);
}

static mf_status end_epoch(run *r, mf_diag *diag)
{
    mf_trainer *t = r->t;
    if (t->so_far.epoch + 1 == t->training->epochs)
        MF_TRY(change_blocks(t, 1, 1, diag)); /* also where there were fewer steps than blocks */
    if (t->augmented && mf_training_sorts(t->training, t->so_far.epoch))
        MF_TRY(mf_augmented_sort(t->augmented, t->training->augment_sort_momentum, diag));
    mf_parameters_swap_averages(mf_model_store(t->model)); /* they are what is tested */
    mf_status status = evaluate(r, diag);
    mf_parameters_swap_averages(mf_model_store(t->model));
    MF_TRY(status);
    double top1 = (double)r->report.test.n_top1 / (double)r->report.test.n;
    t->so_far.best_top1 = top1 > t->so_far.best_top1 ? top1 : t->so_far.best_top1;
    t->so_far.epoch++;
    t->so_far.batch = 0;
    t->so_far.training = (mf_model_score){0};
    r->report.evaluated = true;
    measure(r);
    MF_TRY(append_log(t, &r->report, diag));
    MF_TRY(save(t, diag));
    return tell(r, diag);
}

static mf_status run_epochs(run *r, mf_diag *diag)
{
    mf_trainer *t = r->t;
    mf_inputs inputs = {mf_model_network(t->model), t->training, mf_model_task(t->model)};
    uint64_t batch = t->training->batch, shards = t->training->shards, first, end;
    mf_shards_of_rank(shards, mf_ranks_size(), mf_ranks_rank(), &first, &end);
    MF_TRY(mf_inputs_loader(&inputs, t->pictures, MF_USE_TRAINING, batch, batch / shards * first,
                            batch / shards * end, &r->training, diag));
    MF_TRY(mf_inputs_loader(&inputs, t->pictures, MF_USE_STATISTICS, batch, 0, 0, &r->statistics,
                            diag));
    MF_TRY(mf_inputs_loader(&inputs, t->held_out, MF_USE_TEST, batch, 0, 0, &r->test, diag));
    MF_TRY(
        mf_loader_seek(r->training, (mf_position){t->so_far.epoch, (size_t)t->so_far.batch}, diag));
    MF_TRY(mf_shards_create(t->training->shards, mf_model_store(t->model), &r->shards, diag));
    if (t->log)
        MF_TRY(mf_log_cut(t->log, t->so_far.epoch, t->so_far.best_top1, diag));
    r->report.n_epochs = t->training->epochs;
    r->report.n_batches = mf_loader_n_batches(r->training);
    bool done = t->so_far.epoch >= t->training->epochs;
    if (done && t->checkpoint && access(t->checkpoint, F_OK) != 0)
        return save(t, diag); /* of none, or under another name */
    while (t->so_far.epoch < t->training->epochs) {
        r->report.epoch = t->so_far.epoch;
        MF_TRY(train_epoch(r, diag));
        MF_TRY(end_epoch(r, diag));
    }
    return MF_OK;
}

/* The statistics of batch norm are of the values: averages need their own. */
static mf_status check_averages(const mf_trainer *t, mf_diag *diag)
{
    const mf_network *network = mf_model_network(t->model);
    for (size_t i = 0; t->training->ema > 0 && i < network->n_layers; i++)
        if (network->layers[i].norm && !t->training->norm_batches)
            return mf_fail(diag, MF_INVALID,
                           "ema %g with norm_batches 0: batch norm of averaged weights must be "
                           "re-estimated before it is tested",
                           t->training->ema);
    return MF_OK;
}

static mf_status check_shards(const mf_trainer *t, mf_diag *diag)
{
    uint64_t batch = t->training->batch, shards = t->training->shards;
    if (batch % shards != 0)
        return mf_fail(diag, MF_INVALID,
                       "a batch of %" PRIu64 " pictures cannot be cut into %" PRIu64
                       " equal shards",
                       batch, shards);
    if (mf_ranks_size() > shards) {
        mf_fail(diag, MF_INVALID,
                "%zu ranks, but a batch has only %" PRIu64 " shard%s to divide among them",
                mf_ranks_size(), shards, shards == 1 ? "" : "s");
        mf_hint(diag, "shards=%zu gives each one; batch norm sees a shard alone", mf_ranks_size());
        return MF_INVALID;
    }
    return MF_OK;
}

/* Which keys to try: the operator's own, with what they are now. */
static void advise(const mf_trainer *t, mf_diag *diag)
{
    mf_trained trained = mf_model_trained(t->model);
    const char *word = mf_trained_advice(trained);
    mf_text text = {0};
    while (*word) {
        size_t n = strcspn(word, " ");
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)(n - 1), word + 1);
        mf_text_printf(&text, "%s%s %s ", text.length ? ", " : "", key,
                       *word == '-' ? "below" : "above");
        mf_training_show(t->training, key, &text);
        word += n + strspn(word + n, " ");
    }
    if (!text.failed && text.length)
        mf_hint(diag, "for %s, try --set with %s", mf_trained_name(trained), text.bytes);
    mf_text_free(&text);
}

mf_status mf_trainer_run(mf_trainer *trainer, mf_diag *diag)
{
    run r = {.t = trainer, .begin_s = mf_clock_s()};
    mf_inputs inputs = {mf_model_network(trainer->model), trainer->training,
                        mf_model_task(trainer->model)};
    MF_TRY(mf_inputs_check(&inputs, trainer->pictures, diag));
    MF_TRY(mf_pictures_match(trainer->pictures, trainer->held_out, diag));
    MF_TRY(check_averages(trainer, diag));
    MF_TRY(check_shards(trainer, diag));
    mf_status status = run_epochs(&r, diag);
    if (status == MF_DIVERGED)
        advise(trainer, diag);
    mf_shards_destroy(r.shards);
    mf_loader_destroy(r.training);
    mf_loader_destroy(r.statistics);
    mf_loader_destroy(r.test);
    return status;
}

mf_status mf_trainer_evaluate(mf_model *model, const mf_training *training,
                              const mf_pictures *pictures, mf_model_score *score, mf_diag *diag)
{
    mf_inputs inputs = {mf_model_network(model), training, mf_model_task(model)};
    mf_loader *loader;
    MF_TRY(mf_inputs_loader(&inputs, pictures, MF_USE_TEST, training->batch, 0, 0, &loader, diag));
    mf_status status = mf_evaluation_score(model, loader, score, diag);
    mf_loader_destroy(loader);
    return status;
}
