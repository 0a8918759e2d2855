/* Checkpoints to tensors, through the model that computes with them. */
#include "cli/weight_tensors.h"

#include "cli/conditions.h"
#include "cli/train_setup.h"
#include "train/remap.h"

#include <string.h>

static mf_status add(const mf_train_setup *setup, const mf_layer *layer, const char *name,
                     const float *w, uint64_t n, mf_weight_tensors *tensors, mf_diag *diag)
{
    mf_arena *arena = setup->arguments->arena;
    size_t op = setup->op_of_layer[layer->number];
    mf_weight_tensor *t = &tensors->all[tensors->n++];
    *t = (mf_weight_tensor){.layer = mf_arena_string(arena, layer->name),
                            .name = mf_arena_string(arena, name),
                            .op =
                                mf_arena_string(arena, mf_operators_at(setup->operators, op)->name),
                            .number = layer->number,
                            .w = w,
                            .n = n,
                            .taps = mf_remap_taps(layer)};
    return t->layer && t->name && t->op ? MF_OK : mf_fail_memory(diag);
}

enum { MOST_TENSORS = 4 };

static mf_status add_layer(const mf_train_setup *setup, const mf_layer *layer, bool learnt,
                           mf_weight_tensors *tensors, mf_diag *diag)
{
    const mf_parameter *stored[MOST_TENSORS];
    size_t number = (size_t)layer->number,
           n = mf_model_learnt_weights(setup->model, number, stored);
    const float *forward = mf_model_forward_weights(setup->model, number);
    tensors->projected = tensors->projected || n != 1 || stored[0]->value != forward;
    if (!learnt)
        return add(setup, layer, "weight", forward, mf_shape_weights(&layer->shape), tensors, diag);
    for (size_t i = 0; i < n; i++)
        MF_TRY(add(setup, layer, stored[i]->name + strlen(layer->name) + 1, stored[i]->value,
                   stored[i]->n, tensors, diag));
    return MF_OK;
}

static mf_status collect(const mf_train_setup *setup, mf_weight_tensors *tensors, mf_diag *diag)
{
    const mf_arguments *arguments = setup->arguments;
    const mf_network *network = setup->network;
    size_t n = network->n_weight_layers, n_words;
    const char **words;
    bool *selected = MF_NEW_ARRAY(arguments->arena, bool, n),
         learnt = mf_arguments_has(arguments, "learnt");
    *tensors = (mf_weight_tensors){
        .network = mf_arena_string(arguments->arena, network->name),
        .all = MF_NEW_ARRAY(arguments->arena, mf_weight_tensor, MOST_TENSORS * n)};
    if (!selected || !tensors->network || !tensors->all)
        return mf_fail_memory(diag);
    MF_TRY(mf_arguments_list(arguments, "layers", &words, &n_words, diag));
    MF_TRY(mf_layers_select(network, words, n_words, selected, diag));
    mf_model_project(setup->model);
    for (size_t i = 0; i < n; i++)
        if (selected[i] || !n_words)
            MF_TRY(add_layer(setup, mf_network_weight_layer(network, i), learnt, tensors, diag));
    return MF_OK;
}

mf_status mf_weight_tensors_each(mf_cli *cli, const mf_arguments *arguments,
                                 const char *const *paths, size_t n_paths,
                                 mf_weight_tensors_use *use, void *user, mf_diag *diag)
{
    bool projected = false;
    for (size_t i = 0; i < n_paths; i++) {
        mf_train_setup setup = {0};
        mf_weight_tensors tensors;
        mf_status status = mf_train_setup_resume(&setup, cli, arguments, paths[i], false, diag);
        if (status == MF_OK)
            status = collect(&setup, &tensors, diag);
        if (status == MF_OK)
            status = use(user, paths[i], &tensors, diag);
        mf_train_setup_close(&setup);
        MF_TRY(status);
        projected = projected || tensors.projected;
    }
    return projected ? MF_OK : mf_arguments_lack(arguments, MF_IF_PROJECTED, diag);
}
