/* Layer by layer, operator by operator. */
#include "train/recipe.h"

#include <string.h>

/* How many layers of the operator are of the recipe's structure? */
static mf_called_recipe count(const mf_recipe *recipe, const mf_network *network,
                              const size_t *op_of_layer, size_t op)
{
    mf_called_recipe called = {.recipe = recipe};
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_layer *layer = mf_network_weight_layer(network, i);
        if (op_of_layer[i] != op)
            continue;
        called.n_all++;
        if (!mf_structure_has(recipe->where, layer))
            continue;
        called.layer = called.layer ? called.layer : layer;
        called.n_layers++;
    }
    return called;
}

mf_status mf_recipes_of(const mf_operators *operators, const mf_network *network,
                        const size_t *op_of_layer, mf_arena *arena, mf_called_recipe **called,
                        size_t *n, mf_diag *diag)
{
    size_t n_operators = mf_operators_count(operators), most = 1;
    for (size_t op = 0; op < n_operators; op++)
        most += mf_operators_at(operators, op)->n_recipes;
    *n = 0;
    *called = MF_NEW_ARRAY(arena, mf_called_recipe, most);
    if (!*called)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n_operators; i++) {
        const mf_operator *op = mf_operators_at(operators, i);
        for (size_t k = 0; k < op->n_recipes; k++) {
            mf_called_recipe found = count(&op->recipes[k], network, op_of_layer, i);
            found.op = op->name;
            if (found.n_layers)
                (*called)[(*n)++] = found;
        }
    }
    return MF_OK;
}

mf_status mf_recipe_apply(const mf_called_recipe *called, mf_arena *arena, mf_training *training,
                          mf_diag *diag)
{
    for (size_t i = 0; i < called->recipe->n_set; i++)
        MF_TRY(mf_training_set(training, called->recipe->set[i], arena, diag));
    return MF_OK;
}

/* Is the key's value what it would be if it were set so? */
static mf_status is_so(const char *assignment, const mf_training *training, mf_arena *arena,
                       bool *so, mf_diag *diag)
{
    mf_training copy = *training;
    mf_text now = {0}, then = {0};
    const char *name = mf_arena_string_n(arena, assignment, strcspn(assignment, "="));
    if (!name)
        return mf_fail_memory(diag);
    MF_TRY(mf_training_set(&copy, assignment, arena, diag));
    mf_training_show(training, name, &now);
    mf_training_show(&copy, name, &then);
    bool failed = now.failed || then.failed;
    *so = !failed && strcmp(now.bytes, then.bytes) == 0;
    mf_text_free(&now);
    mf_text_free(&then);
    return failed ? mf_fail_memory(diag) : MF_OK;
}

mf_status mf_recipe_show(const mf_called_recipe *called, const mf_training *training,
                         mf_arena *arena, mf_text *text, mf_diag *diag)
{
    for (size_t i = 0; i < called->recipe->n_set; i++) {
        bool so;
        MF_TRY(is_so(called->recipe->set[i], training, arena, &so, diag));
        if (so)
            mf_text_printf(text, " %s", called->recipe->set[i]);
    }
    return MF_OK;
}
