/* Which distributions do the weights of trained networks have, layer by layer? A file that says so,
 * for whoever shares weights between operators: what maps normal weights to Laplace ones needs u and
 * b, which equation 5 of the paper takes for known. */
#ifndef MF_TRAIN_WEIGHT_FITS_H
#define MF_TRAIN_WEIGHT_FITS_H

#include "base/json.h"
#include "base/text.h"
#include "train/remap.h"
#include "train/remap_fit.h"
#include "train/weight_statistics.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of one layer, or of one of the tensors that its weights are made of. */
typedef struct mf_weight_fit {
    const char *layer, *tensor, *op;
    mf_weight_statistics statistics; /* of least, most and varies, files say nothing */
    bool has_fc;                     /* from weights of another network, and to which of these */
    mf_remap_fit fc;
} mf_weight_fit;

typedef struct mf_weight_fits {
    const char *network;
    bool learnt; /* weights as they are learnt, or else as convolutions compute with them */
    uint64_t n_checkpoints;
    size_t n;
    mf_weight_fit *all;
} mf_weight_fits;

/* As JSON, the whole of it. */
void mf_weight_fits_write(const mf_weight_fits *fits, mf_text *text);

/* The same again, into the arena; every number as it was written. */
mf_status mf_weight_fits_read(const mf_json_doc *doc, mf_arena *arena, mf_weight_fits *fits,
                              mf_diag *diag);

/* That of a layer's weights, or NULL. */
const mf_weight_fit *mf_weight_fits_find(const mf_weight_fits *fits, const char *layer);

/* Let the parameters of maps in the store be those of the fits. MF_INVALID, all at once, for layers
 * without a fit, with one of another operator, or without the FC that is asked for. */
mf_status mf_weight_fits_give(const mf_weight_fits *fits, const mf_remap_options *how,
                              const mf_network *network, const mf_operators *operators,
                              const size_t *op_of_layer, mf_parameters *store, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
