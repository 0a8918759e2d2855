/* Which maps of a network have their channels in common? A residual sum wants as many channels in
 * both its inputs, a depthwise layer as many as it reads: such maps are of one space, and become
 * wider together. A widened network computes the narrow one in the first channels of each space.
 *
 * Source of the rules: NetAug (Cai et al., ICLR 2022; mit-han-lab/tinyml, netaug/models/netaug),
 * which knows them block by block; here they are read off the graph. */
#ifndef MF_MODELS_CHANNEL_SPACES_H
#define MF_MODELS_CHANNEL_SPACES_H

#include "base/arena.h"
#include "models/network.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_space_role {
    /* Cannot change: the network's input and its classes, what groups or concatenation cut up, and
     * maps that a sum fills up with zero channels. */
    MF_SPACE_FIXED,
    MF_SPACE_WIDTH,  /* goes from block to block */
    MF_SPACE_MIDDLE, /* inside of one block, `beside` what that reads */
    MF_SPACE_SQUEEZE /* inside of the factors that scale the space `beside` */
} mf_space_role;

typedef struct mf_channel_space {
    mf_space_role role;
    uint64_t channels;
    size_t beside;     /* a space; of MIDDLE and SQUEEZE */
    const char *place; /* the block (mf_layer.place); of MIDDLE and SQUEEZE */
} mf_channel_space;

/* Numbered in the order in which layers first write them, the network's input before all. */
typedef struct mf_channel_spaces {
    const mf_network *network;
    size_t n;
    mf_channel_space *all;
    size_t *of_layer; /* [n_layers]: the space of a layer's output */
} mf_channel_spaces;

/* The space of what a layer reads as its first input. */
size_t mf_channel_space_read(const mf_channel_spaces *spaces, size_t layer);

/* Into the arena; the network is borrowed. MF_INVALID for layers that stand alone (SCALE-Sim,
 * traces), of which nobody knows what feeds what. */
mf_status mf_channel_spaces_of(const mf_network *network, mf_arena *arena,
                               mf_channel_spaces *spaces, mf_diag *diag);

/* Channels of all spaces where `multiple[i]` >= 1 is that of space i; what it says of FIXED and
 * SQUEEZE spaces does not count. With b for what the network has:
 *
 *   WIDTH    floor(multiple b + 1/2)
 *   MIDDLE   the multiple of b per channel of the block's input as it is now, to the nearest
 *   SQUEEZE  as many per channel of the scaled map as before, to the nearest */
void mf_channels_widened(const mf_channel_spaces *spaces, const double *multiple,
                         uint64_t *channels);

/* The network with so many channels, by space; owned by the caller. */
mf_status mf_network_widened(const mf_channel_spaces *spaces, const uint64_t *channels,
                             mf_network **widened, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
