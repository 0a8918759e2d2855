/* A model from a checkpoint, and what its inputs are made of. */
#include "train/teacher.h"

#include "base/arena.h"
#include "models/formats/network_json.h"
#include "train/resumption.h"

#include <inttypes.h>

struct mf_teacher {
    mf_arena *arena;
    mf_resumption resumption;
    mf_network *network;
    size_t *op_of_layer;
    mf_augmented *augmented; /* what the model is the target of, or NULL */
    mf_model *model;
    const mf_training *student; /* whose pictures are normalised by these numbers */
    uint64_t n_inputs;          /* of a picture */
    float *images;              /* a batch as the teacher reads it */
};

static mf_status check(const char *path, const mf_teacher *t, const mf_network *student,
                       mf_diag *diag)
{
    const mf_network *own = t->network;
    if (own->classes != student->classes)
        return mf_fail(diag, MF_INVALID,
                       "teacher %s tells %" PRIu64 " classes apart, %s tells %" PRIu64, path,
                       own->classes, student->name, student->classes);
    if (own->input_channels != student->input_channels || own->input_rows != student->input_rows ||
        own->input_columns != student->input_columns)
        return mf_fail(
            diag, MF_INVALID,
            "teacher %s reads %" PRIu64 " x %" PRIu64 " x %" PRIu64
            " inputs (rows, columns, channels), %s reads %" PRIu64 " x %" PRIu64 " x %" PRIu64,
            path, own->input_rows, own->input_columns, own->input_channels, student->name,
            student->input_rows, student->input_columns, student->input_channels);
    const mf_training *training = &t->resumption.training;
    if (training->mean.n != own->input_channels || training->deviation.n != own->input_channels)
        return mf_fail(diag, MF_INVALID,
                       "teacher %s does not say what mean and deviation its inputs have", path);
    return MF_OK;
}

/* As it was trained: weights that are mapped, or the first channels of wider ones. */
static mf_status make_model(mf_teacher *t, const mf_operators *operators, int n_threads,
                            mf_diag *diag)
{
    const mf_training *own = &t->resumption.training;
    mf_model_options options = mf_training_model(own);
    const mf_remap_options how = mf_training_remap(own);
    options.batch = t->student->batch;
    options.n_threads = n_threads;
    if (mf_training_remaps(own))
        MF_TRY(mf_remaps_create(t->network, operators, t->op_of_layer, &options, &how, t->arena,
                                &options.maps, diag));
    if (!mf_training_augments(own))
        return mf_model_create(t->network, operators, t->op_of_layer, &options, &t->model, diag);
    mf_augmented_options augmented = mf_training_augmented(own);
    augmented.model = options;
    MF_TRY(mf_augmented_create(t->network, operators, t->op_of_layer, &augmented, &t->augmented,
                               diag));
    t->model = mf_augmented_target(t->augmented);
    return MF_OK;
}

static mf_status open(mf_teacher *t, const char *path, const mf_operators *operators,
                      const mf_network *student, int n_threads, mf_diag *diag)
{
    mf_resumption *r = &t->resumption;
    MF_TRY(mf_resumption_read(path, t->arena, r, diag));
    mf_network_options options = r->subject.options;
    options.batch = 0;
    MF_TRY(mf_network_from_json(r->network, &options, &t->network, diag));
    MF_TRY(check(path, t, student, diag));
    MF_TRY(mf_subject_assign(&r->subject, operators, t->network, t->arena, &t->op_of_layer, diag));
    MF_TRY(make_model(t, operators, n_threads, diag));
    MF_TRY(mf_resumption_load(path, false, t->model, diag));
    t->n_inputs = student->input_channels * student->input_rows * student->input_columns;
    t->images = MF_NEW_ARRAY(t->arena, float, t->student->batch * t->n_inputs);
    return t->images ? MF_OK : mf_fail_memory(diag);
}

mf_status mf_teacher_open(const char *path, const mf_operators *operators,
                          const mf_network *student, const mf_training *training, int n_threads,
                          mf_teacher **out, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_teacher *t = arena ? MF_NEW(arena, mf_teacher) : NULL;
    *out = NULL;
    if (!t) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *t = (mf_teacher){.arena = arena, .student = training};
    mf_status status = open(t, path, operators, student, n_threads, diag);
    if (status == MF_OK)
        *out = t;
    else
        mf_teacher_destroy(t);
    return status;
}

void mf_teacher_destroy(mf_teacher *t)
{
    if (!t)
        return;
    if (t->augmented)
        mf_augmented_destroy(t->augmented);
    else
        mf_model_destroy(t->model);
    mf_network_destroy(t->network);
    mf_json_destroy(t->resumption.network);
    mf_arena_destroy(t->arena);
}

/* Inputs are (picture - mean) / deviation: from the student's numbers to the teacher's. */
static const float *own_images(mf_teacher *t, const float *images, uint64_t n)
{
    const mf_numbers *mean = &t->student->mean, *deviation = &t->student->deviation,
                     *own_mean = &t->resumption.training.mean,
                     *own_deviation = &t->resumption.training.deviation;
    size_t channels = own_mean->n;
    bool same = true;
    for (size_t c = 0; c < channels; c++)
        same = same && mean->x[c] == own_mean->x[c] && deviation->x[c] == own_deviation->x[c];
    for (size_t c = 0; !same && c < channels; c++) {
        double factor = deviation->x[c] / own_deviation->x[c],
               term = (mean->x[c] - own_mean->x[c]) / own_deviation->x[c];
        for (uint64_t i = c; i < n * t->n_inputs; i += channels)
            t->images[i] = (float)(images[i] * factor + term);
    }
    return same ? images : t->images;
}

mf_status mf_teacher_answer(mf_teacher *t, const float *images, uint64_t n, const float **outputs,
                            mf_diag *diag)
{
    return mf_model_answer(t->model, own_images(t, images, n), n, outputs, diag);
}
