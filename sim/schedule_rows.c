/* Windows, backwards. */
#include "sim/schedule_rows.h"

#include "models/kinds/kind.h"
#include "models/kinds/upsample.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

mf_rows mf_axis_reads(const mf_axis *axis, mf_rows outputs)
{
    uint64_t begin = least(less(outputs.begin * axis->stride, axis->pad), axis->extent),
             end = less((outputs.end - 1) * axis->stride + axis->kernel, axis->pad);
    end = least(end, axis->extent);
    return (mf_rows){begin, end > begin ? end : begin};
}

uint64_t mf_axis_overlap(const mf_axis *axis)
{
    return less(axis->kernel, axis->stride);
}

uint64_t mf_axis_extent_of(const mf_axis *axis, uint64_t n_outputs)
{
    return (n_outputs - 1) * axis->stride + axis->kernel;
}

mf_axis mf_axis_rows(const mf_shape *s)
{
    return (mf_axis){s->h, s->r, s->stride, s->pad_rows};
}

mf_axis mf_axis_columns(const mf_shape *s)
{
    return (mf_axis){s->w, s->s, s->stride, s->pad_columns};
}

uint64_t mf_map_rows(const mf_network *network, int map)
{
    return map < 0 ? network->input_rows : network->layers[map].shape.e;
}

uint64_t mf_map_row_words(const mf_network *network, int map)
{
    if (map < 0)
        return network->batch * network->input_channels * network->input_columns;
    const mf_shape *s = &network->layers[map].shape;
    return s->n * s->m * s->f;
}

/* Of a map that becomes larger by a whole factor. */
static mf_rows enlarged(const mf_layer *layer, mf_rows made)
{
    const mf_shape *s = &layer->shape;
    uint64_t factor = s->e / s->h;
    if (layer->kind == MF_LAYER_UPSAMPLE_BILINEAR)
        return (mf_rows){mf_upsample_tap_of(made.begin, s->h, factor).near,
                         mf_upsample_tap_of(made.end - 1, s->h, factor).far + 1};
    return (mf_rows){made.begin / factor, (made.end - 1) / factor + 1};
}

mf_rows mf_layer_reads_rows(const mf_network *network, size_t i, size_t k, mf_rows made)
{
    const mf_layer *layer = &network->layers[i];
    const mf_layer_record *record = mf_layer_record_of(layer->kind);
    uint64_t all = mf_map_rows(network, layer->input[k]);
    mf_axis axis = mf_axis_rows(&layer->shape);
    if (!mf_rows_count(made))
        return (mf_rows){0, 0};
    if (mf_kind_role(record, k)->per_channel || all != layer->shape.h)
        return (mf_rows){0, all};
    return record->resizes ? enlarged(layer, made) : mf_axis_reads(&axis, made);
}

mf_shape mf_layer_band_shape(const mf_network *network, size_t i, mf_rows made)
{
    const mf_layer *layer = &network->layers[i];
    mf_shape shape = layer->shape;
    mf_axis axis = mf_axis_rows(&shape);
    if (mf_rows_count(made) == shape.e)
        return shape;
    mf_rows read = mf_layer_record_of(layer->kind)->resizes ? enlarged(layer, made)
                                                            : mf_axis_reads(&axis, made);
    shape.e = mf_rows_count(made);
    shape.h = mf_rows_count(read);
    shape.pad_rows = less(axis.pad, made.begin * axis.stride);
    return shape;
}
