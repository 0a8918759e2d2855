#include "train/kinds/training_kind.h"

static const mf_training_kind *const kinds[MF_N_LAYER_KINDS] = {
#define MF_LAYER_KIND(name, NAME) &mf_training_##name,
#include "models/kinds/kinds.def"
#undef MF_LAYER_KIND
};

const mf_training_kind *mf_training_kind_of(mf_layer_kind kind)
{
    return kinds[kind];
}
