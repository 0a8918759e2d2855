/* A model from a checkpoint, and what its inputs are made of. */
#include "train/teacher.h"

#include "base/file.h"
#include "base/hash.h"
#include "train/checkpoint_model.h"

#include <inttypes.h>
#include <stdlib.h>

struct mf_teacher {
    mf_checkpoint_model own;
    const mf_training *student; /* whose pictures are normalised by these numbers */
    uint64_t n_inputs;          /* of a picture */
    float *images;              /* a batch as the teacher reads it */
    uint64_t digest;
};

static mf_status check(const char *path, const mf_teacher *t, const mf_network *student,
                       mf_diag *diag)
{
    const mf_network *own = t->own.network;
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
    const mf_training *training = &t->own.resumption.training;
    if (training->mean.n != own->input_channels || training->deviation.n != own->input_channels)
        return mf_fail(diag, MF_INVALID,
                       "teacher %s does not say what mean and deviation its inputs have", path);
    return MF_OK;
}

static mf_status read_digest(mf_teacher *t, const char *path, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    char *bytes;
    size_t n;
    mf_status status = arena ? mf_file_read(path, arena, &bytes, &n, diag) : mf_fail_memory(diag);
    if (status == MF_OK)
        t->digest = mf_hash_bytes(MF_HASH_BEGIN, bytes, n);
    t->digest += t->digest == 0;
    mf_arena_destroy(arena);
    return status;
}

static mf_status open(mf_teacher *t, const char *path, const mf_operators *operators,
                      const mf_network *student, int n_threads, mf_diag *diag)
{
    MF_TRY(mf_checkpoint_model_begin(path, operators, &t->own, diag));
    MF_TRY(check(path, t, student, diag));
    MF_TRY(read_digest(t, path, diag));
    MF_TRY(mf_checkpoint_model_fill(path, operators, t->student->batch, n_threads, &t->own, diag));
    t->n_inputs = student->input_channels * student->input_rows * student->input_columns;
    t->images = MF_NEW_ARRAY(t->own.arena, float, t->student->batch * t->n_inputs);
    return t->images ? MF_OK : mf_fail_memory(diag);
}

mf_status mf_teacher_open(const char *path, const mf_operators *operators,
                          const mf_network *student, const mf_training *training, int n_threads,
                          mf_teacher **out, mf_diag *diag)
{
    mf_teacher *t = calloc(1, sizeof *t);
    *out = NULL;
    if (!t)
        return mf_fail_memory(diag);
    t->student = training;
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
    mf_checkpoint_model_close(&t->own);
    free(t);
}

uint64_t mf_teacher_digest(const mf_teacher *t)
{
    return t->digest;
}

/* Inputs are (picture - mean) / deviation: from the student's numbers to the teacher's. */
static const float *own_images(mf_teacher *t, const float *images, uint64_t n)
{
    const mf_numbers *mean = &t->student->mean, *deviation = &t->student->deviation,
                     *own_mean = &t->own.resumption.training.mean,
                     *own_deviation = &t->own.resumption.training.deviation;
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
    return mf_model_answer(t->own.model, own_images(t, images, n), n, outputs, diag);
}
