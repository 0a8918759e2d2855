/* Keys of the training, as options of the loader. */
#include "train/inputs.h"

#include <inttypes.h>

void mf_inputs_measure(mf_training *t, const mf_pictures *pictures)
{
    float mean[MF_MAX_CHANNELS], deviation[MF_MAX_CHANNELS];
    bool has_mean = t->mean.n > 0, has_deviation = t->deviation.n > 0;
    mf_pictures_measure(pictures, mean, deviation);
    for (uint32_t c = 0; c < pictures->channels; c++) {
        if (!has_mean)
            t->mean.x[t->mean.n++] = (double)mean[c];
        if (!has_deviation) /* 0 where all pictures are the same */
            t->deviation.x[t->deviation.n++] = deviation[c] > 0 ? (double)deviation[c] : 1;
    }
}

static mf_status check_numbers(const char *name, const mf_numbers *numbers,
                               const mf_network *network, mf_diag *diag)
{
    if (numbers->n != network->input_channels)
        return mf_fail(diag, MF_INVALID,
                       "%s: %zu numbers, but the network reads %" PRIu64 " channels", name,
                       numbers->n, network->input_channels);
    return MF_OK;
}

static mf_augmentation augmentation_of(const mf_inputs *inputs, bool in_training)
{
    const mf_training *t = inputs->training;
    mf_augmentation a = {0};
    for (size_t c = 0; c < t->mean.n; c++)
        a.mean[c] = (float)t->mean.x[c];
    for (size_t c = 0; c < t->deviation.n; c++)
        a.deviation[c] = (float)t->deviation.x[c];
    if (!in_training)
        return a;
    a.pad_pixels = (uint32_t)t->crop_padding;
    a.flip = t->flip == 1;
    a.scale[0] = t->resized_crop;
    a.scale[1] = t->resized_crop > 0 ? 1 : 0;
    a.brightness = t->brightness;
    a.saturation = t->saturation;
    return a;
}

mf_status mf_inputs_check(const mf_inputs *inputs, const mf_pictures *pictures, mf_diag *diag)
{
    const mf_network *network = inputs->network;
    const mf_task *task = inputs->task ? inputs->task : &mf_task_classification;
    if (pictures->channels != network->input_channels)
        return mf_fail(diag, MF_INVALID,
                       "%s: pictures have %" PRIu32 " channels, the network reads %" PRIu64,
                       pictures->name, pictures->channels, network->input_channels);
    MF_TRY(task->targets(network, pictures, diag));
    MF_TRY(check_numbers("mean", &inputs->training->mean, network, diag));
    return check_numbers("deviation", &inputs->training->deviation, network, diag);
}

/* The loader would refuse these, too, but knows nothing of keys. */
static mf_status check_training(const mf_training *t, const mf_pictures *pictures, mf_diag *diag)
{
    if (t->batch > pictures->n)
        return mf_fail(diag, MF_INVALID,
                       "batch is %" PRIu64 ", but there are only %zu training pictures", t->batch,
                       pictures->n);
    if (t->resized_crop > 0 && t->crop_padding) {
        mf_fail(diag, MF_INVALID,
                "resized_crop=%g and crop_padding=%" PRIu64 " are two ways to crop: choose one",
                t->resized_crop, t->crop_padding);
        mf_hint(diag, "crop_padding=0 leaves the other");
        return MF_INVALID;
    }
    if (t->crop_padding >= pictures->rows || t->crop_padding >= pictures->columns)
        return mf_fail(diag, MF_INVALID,
                       "crop_padding=%" PRIu64 ", but pictures of %s have %" PRIu32 " x %" PRIu32
                       " pixels",
                       t->crop_padding, pictures->name, pictures->rows, pictures->columns);
    if (t->saturation > 0 && pictures->channels != 3)
        return mf_fail(diag, MF_INVALID, "saturation=%g, but pictures of %s are grey",
                       t->saturation, pictures->name);
    return MF_OK;
}

mf_status mf_inputs_loader(const mf_inputs *inputs, const mf_pictures *pictures, mf_use use,
                           uint64_t batch, size_t from, size_t to, mf_loader **loader,
                           mf_diag *diag)
{
    if (use == MF_USE_TRAINING)
        MF_TRY(check_training(inputs->training, pictures, diag));
    mf_loader_options options = {.batch_size = batch,
                                 .rows = (uint32_t)inputs->network->input_rows,
                                 .columns = (uint32_t)inputs->network->input_columns,
                                 .augmentation = augmentation_of(inputs, use == MF_USE_TRAINING),
                                 .seed = inputs->training->seed,
                                 .n_threads = 1,
                                 .shuffle = use != MF_USE_TEST,
                                 .drop_last = use == MF_USE_TRAINING,
                                 .from = from,
                                 .to = to};
    return mf_loader_create(pictures, &options, loader, diag);
}
