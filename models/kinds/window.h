/* What is the maximum or average of a stretch of one channel? For both kinds of pools. */
#ifndef MF_MODELS_KINDS_WINDOW_H
#define MF_MODELS_KINDS_WINDOW_H

#include "models/layer_data.h"

/* Positions on the map along one axis; never empty. */
typedef struct mf_span {
    uint64_t first, end;
} mf_span;

/* The output code of the window rows x columns of `plane`, [H][W]: its maximum, or its sum over the
 * number of positions. */
int32_t mf_window_code(const mf_layer_data *data, const int32_t *plane, mf_span rows,
                       mf_span columns, bool maximum);

#endif
