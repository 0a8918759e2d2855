/* "recipes": [{"where": STRUCTURE, "set": ["key=value", ...], "warns": true or false, "because":
 * TEXT}, ...] */
#include "models/recipe.h"

static const char *const structures[MF_N_STRUCTURES] = {
    [MF_STRUCTURE_NORM] = "norm",
    [MF_STRUCTURE_WITHOUT_NORM] = "without_norm",
    [MF_STRUCTURE_ONE_CHANNEL] = "one_channel",
};

bool mf_structure_has(mf_structure structure, const mf_layer *layer)
{
    if (structure == MF_STRUCTURE_ONE_CHANNEL)
        return layer->shape.c == layer->shape.g;
    return layer->norm == (structure == MF_STRUCTURE_NORM);
}

static mf_status read_set(const mf_json *recipe, mf_arena *arena, mf_recipe *r, mf_diag *diag)
{
    mf_json list, item = {0};
    MF_TRY(mf_json_array(recipe, "set", &list, diag));
    r->set = MF_NEW_ARRAY(arena, const char *, mf_json_size(&list) + 1);
    if (!r->set)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        const char *word;
        MF_TRY(mf_json_read_string(&item, &word, diag));
        if (!(r->set[r->n_set++] = mf_arena_string(arena, word)))
            return mf_fail_memory(diag);
    }
    return MF_OK;
}

mf_status mf_recipes_read(const mf_json *op, mf_arena *arena, mf_recipe **recipes, size_t *n,
                          mf_diag *diag)
{
    static const char *const keys[] = {"where", "set", "warns", "because", NULL};
    mf_json list, item = {0};
    *n = 0;
    *recipes = NULL;
    if (!mf_json_find(op, "recipes", &list))
        return MF_OK;
    MF_TRY(mf_json_array(op, "recipes", &list, diag));
    mf_recipe *r = *recipes = MF_NEW_ARRAY(arena, mf_recipe, mf_json_size(&list) + 1);
    if (!r)
        return mf_fail_memory(diag);
    for (; mf_json_next(&list, &item); r++, ++*n) {
        size_t where;
        MF_TRY(mf_json_only(&item, keys, diag));
        MF_TRY(mf_json_choice(&item, "where", structures, MF_N_STRUCTURES, &where, diag));
        r->where = (mf_structure)where;
        MF_TRY(read_set(&item, arena, r, diag));
        MF_TRY(mf_json_bool_or(&item, "warns", &r->warns, diag));
        MF_TRY(mf_json_copy_string(&item, "because", arena, &r->because, diag));
    }
    return MF_OK;
}
