/* A batch through the model: train, update, evaluate, re-estimate. */
#include "train/model_state.h"

#include "base/team.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static mf_state *classifier(const mf_model *model)
{
    return &model->states[model->network->n_layers - 1];
}

static bool all_finite(const float *x, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* Who began it? Looked for only when the loss says that someone did. */
static mf_status fail_diverged(const mf_model *model, uint64_t n, mf_diag *diag)
{
    for (size_t i = 0; i < model->network->n_layers; i++) {
        const mf_state *s = &model->states[i];
        mf_shape shape = mf_state_shape(s, n);
        if (!all_finite(s->y, mf_shape_ofmap(&shape)))
            return mf_fail(diag, MF_DIVERGED,
                           "training diverged: layer %s is the first with an output that is not "
                           "finite",
                           s->layer->name);
    }
    return mf_fail(diag, MF_DIVERGED, "training diverged: the loss is not finite");
}

/* Activations that clamp make numbers of what is none: batch norm has seen it, and has sums of it.
 */
static mf_status check_norms(const mf_model *model, mf_diag *diag)
{
    for (size_t i = 0; i < model->network->n_layers; i++) {
        const mf_state *s = &model->states[i];
        for (uint64_t c = 0; s->gamma && c < 2 * s->layer->shape.m; c++)
            if (!isfinite(s->sums[c]))
                return mf_fail(diag, MF_DIVERGED,
                               "training diverged: layer %s has an output or a gradient that is "
                               "not finite",
                               s->layer->name);
    }
    return MF_OK;
}

mf_status mf_model_check(mf_model *model, mf_diag *diag)
{
    return mf_parameters_check(model->store, diag);
}

static mf_status begin(const mf_model *model, uint64_t n, mf_diag *diag)
{
    if (n < 1 || n > model->options.batch)
        return mf_fail(diag, MF_INVALID, "a batch of %" PRIu64 " pictures, expected 1 to %" PRIu64,
                       n, model->options.batch);
    return mf_team_set((size_t)model->options.n_threads, diag);
}

/* What the last layer says of a batch. */
static mf_answers answers_of(const mf_model *model, const uint32_t *targets, uint64_t n)
{
    const mf_state *last = classifier(model);
    return (mf_answers){.shape = mf_state_shape(last, n), .outputs = last->out, .targets = targets};
}

static mf_model_score score_of(const mf_model *model, const mf_answers *answers, double smoothing,
                               float *gradient)
{
    const mf_task *task = model->options.task;
    mf_model_score score = {.loss = task->loss(answers, smoothing, gradient)};
    task->score(answers, &score);
    return score;
}

static void weigh_loss(mf_model *model, uint64_t n)
{
    mf_state *last = classifier(model);
    mf_shape shape = mf_state_shape(last, n);
    float weight = (float)model->options.loss_weight;
    for (uint64_t i = 0; weight != 1 && i < mf_shape_ofmap(&shape); i++)
        last->gradient[i] *= weight;
}

static mf_status train(mf_model *model, const float *images, const uint32_t *targets, uint64_t n,
                       uint64_t step, bool adds, mf_model_score *score, mf_diag *diag)
{
    const mf_batch_pass batch = {images, n, MF_PASS_TRAIN, step};
    MF_TRY(begin(model, n, diag));
    mf_weights_round(model);
    mf_sources_put_weights(model); /* projections keep parameters in their range */
    mf_model_forward(model, &batch);
    mf_sources_put_statistics(model);
    mf_answers answers = answers_of(model, targets, n);
    answers.lesson = model->lesson;
    *score = score_of(model, &answers, model->options.label_smoothing, classifier(model)->gradient);
    if (!isfinite(score->loss))
        return fail_diverged(model, n, diag);
    MF_TRY(check_norms(model, diag));
    weigh_loss(model, n);
    mf_model_backward(model, &batch);
    mf_sources_give(model, adds);
    return check_norms(model, diag);
}

void mf_model_teach(mf_model *model, const mf_lesson *lesson)
{
    model->lesson = lesson ? *lesson : (mf_lesson){0};
}

mf_status mf_model_train(mf_model *model, const float *images, const uint32_t *targets, uint64_t n,
                         uint64_t step, mf_model_score *score, mf_diag *diag)
{
    return train(model, images, targets, n, step, false, score, diag);
}

mf_status mf_model_train_also(mf_model *model, const float *images, const uint32_t *targets,
                              uint64_t n, uint64_t step, mf_model_score *score, mf_diag *diag)
{
    assert(!model->owns);
    return train(model, images, targets, n, step, true, score, diag);
}

void mf_model_update(mf_model *model, double rate, double momentum, double decay)
{
    mf_parameters_update(model->store, model->kernels, rate, momentum, decay);
}

mf_status mf_model_evaluate(mf_model *model, const float *images, const uint32_t *targets,
                            uint64_t n, mf_model_score *score, mf_diag *diag)
{
    MF_TRY(begin(model, n, diag));
    mf_weights_round(model);
    mf_model_forward(model, &(mf_batch_pass){images, n, MF_PASS_EVALUATE, 0});
    const mf_answers answers = answers_of(model, targets, n);
    const mf_model_score batch = score_of(model, &answers, 0, NULL);
    if (!isfinite(batch.loss))
        return fail_diverged(model, n, diag);
    mf_model_score_add(score, &batch);
    return MF_OK;
}

mf_status mf_model_answer(mf_model *model, const float *images, uint64_t n, const float **outputs,
                          mf_diag *diag)
{
    MF_TRY(begin(model, n, diag));
    mf_weights_round(model);
    mf_model_forward(model, &(mf_batch_pass){images, n, MF_PASS_EVALUATE, 0});
    *outputs = classifier(model)->out;
    return MF_OK;
}

void mf_model_statistics_begin(mf_model *model)
{
    model->n_shown = 0;
    for (size_t i = 0; i < model->network->n_layers; i++) {
        mf_state *s = &model->states[i];
        memset(s->mean_sum, 0, s->layer->shape.m * sizeof *s->mean_sum);
        memset(s->variance_sum, 0, s->layer->shape.m * sizeof *s->variance_sum);
    }
}

size_t mf_model_statistics_size(const mf_model *model)
{
    size_t n = 0;
    for (size_t i = 0; i < model->network->n_layers; i++)
        n += 2 * model->states[i].layer->shape.m;
    return n;
}

void mf_model_statistics_read(const mf_model *model, double *sums)
{
    for (size_t i = 0; i < model->network->n_layers; i++) {
        const mf_state *s = &model->states[i];
        uint64_t m = s->layer->shape.m;
        memcpy(sums, s->mean_sum, m * sizeof *sums);
        memcpy(sums + m, s->variance_sum, m * sizeof *sums);
        sums += 2 * m;
    }
}

void mf_model_statistics_write(mf_model *model, const double *sums, uint64_t n)
{
    for (size_t i = 0; i < model->network->n_layers; i++) {
        mf_state *s = &model->states[i];
        uint64_t m = s->layer->shape.m;
        memcpy(s->mean_sum, sums, m * sizeof *sums);
        memcpy(s->variance_sum, sums + m, m * sizeof *sums);
        sums += 2 * m;
    }
    model->n_shown = n;
}

void mf_model_statistics_show(mf_model *model, const float *images, uint64_t n)
{
    if (begin(model, n, NULL) != MF_OK)
        return;
    mf_weights_round(model);
    mf_model_forward(model, &(mf_batch_pass){images, n, MF_PASS_SHOW, 0});
    model->n_shown++;
}

void mf_model_statistics_end(mf_model *model)
{
    for (size_t i = 0; i < model->network->n_layers && model->n_shown; i++) {
        mf_state *s = &model->states[i];
        for (uint64_t c = 0; s->gamma && !s->frozen && c < s->layer->shape.m; c++) {
            s->mean->value[c] = (float)(s->mean_sum[c] / (double)model->n_shown);
            s->variance->value[c] = (float)(s->variance_sum[c] / (double)model->n_shown);
        }
    }
    mf_sources_put_statistics(model);
}
