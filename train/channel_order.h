/* Which channels does a narrow network have of a wide one? The first: so those come first that say
 * most. In the middle of every block channels are put in the order of the L1 norm of the weights
 * that read them, and what squeezes a block's factors likewise; the widest network computes what it
 * did. Source: NetAug (mit-han-lab/tinyml, netaug/models/netaug), which leaves momentum where it
 * is. */
#ifndef MF_TRAIN_CHANNEL_ORDER_H
#define MF_TRAIN_CHANNEL_ORDER_H

#include "models/channel_spaces.h"
#include "train/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In the store of `widest`, the model that it was made with, whose network's spaces are those of
 * `spaces`. Not spaces in which narrower networks have weights of their own. */
mf_status mf_channels_sort(mf_model *widest, const mf_channel_spaces *spaces, bool with_momentum,
                           mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
