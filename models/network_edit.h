/* How does a network change? A new one is built from it, layer by layer, with other widths, other
 * operators, without some blocks, or with layers between: every shape is inferred again, and what
 * does not fit any more is refused. Layers keep their names; numbers are new. The old network stays as
 * it is. */
#ifndef MF_MODELS_NETWORK_EDIT_H
#define MF_MODELS_NETWORK_EDIT_H

#include "models/network_builder.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every function may be NULL: nothing changes there. */
typedef struct mf_network_edit {
    void *user;
    /* Outputs of a convolution or fully connected layer; a depthwise one follows its input. */
    uint64_t (*channels)(void *user, const mf_layer *layer);
    /* The operator that a layer with weights is pinned to; NULL for none. */
    const char *(*op)(void *user, const mf_layer *layer);
    /* Is the block at `place` ("stage2.block1") taken out? Whoever read its output then reads its
     * input. */
    bool (*removes)(void *user, const char *place);
    /* Append layers behind the one that `layer` has become, which the builder's map is. What they
     * end in is what readers of `layer` read. Their names must be new (builder->prefix). */
    mf_status (*insert)(void *user, const mf_layer *layer, mf_builder *builder, mf_diag *diag);
} mf_network_edit;

/* MF_INVALID, with the layer's id, for what does not fit, for layers that stand alone (SCALE-Sim,
 * traces), and where something reads the inside of a block that is gone. */
mf_status mf_network_edited(const mf_network *network, const mf_network_edit *edit,
                            mf_network **edited, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
