/* Keys of the training, as options of the loader. */
#include "train/inputs.h"

#include <inttypes.h>

static mf_augmentation augmentation_of(const mf_inputs *inputs, bool in_training)
{
    const mf_training *t = inputs->training;
    mf_augmentation a = {0};
    mf_pictures_measure(inputs->pictures, a.mean, a.deviation);
    for (int c = 0; c < MF_MAX_CHANNELS; c++)
        if (!(a.deviation[c] > 0))
            a.deviation[c] = 1;
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

mf_status mf_inputs_check(const mf_inputs *inputs, mf_diag *diag)
{
    const mf_network *network = inputs->network;
    const mf_pictures *pictures = inputs->pictures;
    if (pictures->channels != network->input_channels)
        return mf_fail(diag, MF_INVALID,
                       "%s: pictures have %" PRIu32 " channels, the network reads %" PRIu64,
                       pictures->name, pictures->channels, network->input_channels);
    if (pictures->n_classes > network->classes) {
        mf_fail(diag, MF_INVALID,
                "%s: %" PRIu32 " classes, but the network tells %" PRIu64 " apart", pictures->name,
                pictures->n_classes, network->classes);
        mf_hint(diag, "--classes %" PRIu32, pictures->n_classes);
        return MF_INVALID;
    }
    if (inputs->training->batch > pictures->n)
        return mf_fail(diag, MF_INVALID,
                       "batch is %" PRIu64 ", but there are only %zu training pictures",
                       inputs->training->batch, pictures->n);
    return MF_OK;
}

mf_status mf_inputs_loader(const mf_inputs *inputs, const mf_pictures *pictures, mf_use use,
                           uint64_t batch, mf_loader **loader, mf_diag *diag)
{
    mf_loader_options options = {.batch_size = batch,
                                 .rows = (uint32_t)inputs->network->input_rows,
                                 .columns = (uint32_t)inputs->network->input_columns,
                                 .augmentation = augmentation_of(inputs, use == MF_USE_TRAINING),
                                 .seed = inputs->training->seed,
                                 .n_threads = 1,
                                 .shuffle = use != MF_USE_TEST,
                                 .drop_last = use == MF_USE_TRAINING};
    return mf_loader_create(pictures, &options, loader, diag);
}
