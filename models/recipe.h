/* How does an operator want to be trained? Recipes stand with its record, as data: which keys of
 * training, in which networks, and why; or what to be warned of. train/recipe.h follows them. */
#ifndef MF_MODELS_RECIPE_H
#define MF_MODELS_RECIPE_H

#include "base/json.h"
#include "models/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A network is of a structure when one of the operator's layers is. */
typedef enum mf_structure {
    MF_STRUCTURE_NORM,         /* "norm": followed by batch norm */
    MF_STRUCTURE_WITHOUT_NORM, /* "without_norm" */
    MF_STRUCTURE_ONE_CHANNEL,  /* "one_channel": a filter reads one */
    MF_N_STRUCTURES
} mf_structure;

/* Texts live in the arena it was read into. */
typedef struct mf_recipe {
    mf_structure where;
    const char **set; /* "key=value" of train/training_keys.def */
    size_t n_set;
    const char *because; /* for people: what was measured */
    bool warns;          /* they are to be told */
} mf_recipe;

/* The member "recipes" of an operator, which may be missing. */
mf_status mf_recipes_read(const mf_json *op, mf_arena *arena, mf_recipe **recipes, size_t *n,
                          mf_diag *diag);

bool mf_structure_has(mf_structure structure, const mf_layer *layer);

#ifdef __cplusplus
}
#endif

#endif
