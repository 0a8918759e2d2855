/* Which keys of training follow from operators and the structure of a network, and what is to be
 * warned of? Recipes are data (models/recipe.h); what is asked for goes before them. */
#ifndef MF_TRAIN_RECIPE_H
#define MF_TRAIN_RECIPE_H

#include "models/operator.h"
#include "train/training.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A recipe that a network calls for. */
typedef struct mf_called_recipe {
    const mf_recipe *recipe;
    const char *op;
    const mf_layer *layer;    /* the first that is of its structure */
    uint64_t n_layers, n_all; /* layers of its structure, and of the operator */
} mf_called_recipe;

/* Those of all operators that layers run on, into the arena. */
mf_status mf_recipes_of(const mf_operators *operators, const mf_network *network,
                        const size_t *op_of_layer, mf_arena *arena, mf_called_recipe **called,
                        size_t *n, mf_diag *diag);

/* Set its keys. MF_INVALID for one that is none. */
mf_status mf_recipe_apply(const mf_called_recipe *called, mf_arena *arena, mf_training *training,
                          mf_diag *diag);

/* Append those of its keys that `training` has the values of, with a blank before each. */
mf_status mf_recipe_show(const mf_called_recipe *called, const mf_training *training,
                         mf_arena *arena, mf_text *text, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
