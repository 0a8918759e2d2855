#include "models/kinds/window.h"

#include "models/kinds/rounding.h"

int32_t mf_window_code(const mf_layer_data *d, const int32_t *plane, mf_span rows, mf_span columns,
                       bool maximum)
{
    mf_wide sum = 0;
    int32_t most = INT32_MIN;
    for (uint64_t row = rows.first; row < rows.end; row++)
        for (uint64_t column = columns.first; column < columns.end; column++) {
            int32_t code = plane[row * d->shape.w + column];
            sum += code;
            most = code > most ? code : most;
        }
    if (maximum)
        return mf_round_to_output(d, d->ifmap_fraction_bits, most, 1);
    return mf_round_to_output(d, d->ifmap_fraction_bits, sum,
                              (rows.end - rows.first) * (columns.end - columns.first));
}
