/* A model made as its training says, filled from the file. */
#include "train/checkpoint_model.h"

#include "models/formats/network_json.h"

mf_status mf_checkpoint_model_begin(const char *path, const mf_operators *operators,
                                    mf_checkpoint_model *c, mf_diag *diag)
{
    *c = (mf_checkpoint_model){.arena = mf_arena_create()};
    mf_resumption *r = &c->resumption;
    if (!c->arena)
        return mf_fail_memory(diag);
    MF_TRY(mf_resumption_read(path, c->arena, r, diag));
    mf_network_options options = r->subject.options;
    options.batch = 0;
    MF_TRY(mf_network_from_json(r->network, &options, &c->network, diag));
    return mf_subject_assign(&r->subject, operators, c->network, c->arena, &c->op_of_layer, diag);
}

mf_status mf_training_create(const mf_training *training, const mf_network *network,
                             const mf_operators *operators, const size_t *op_of_layer,
                             const mf_model_options *options, mf_arena *arena,
                             mf_augmented **augmented, mf_model **model, mf_diag *diag)
{
    mf_augmented_options all = mf_training_augmented(training);
    const mf_remap_options how = mf_training_remap(training);
    *augmented = NULL;
    all.model = *options;
    if (mf_training_remaps(training))
        MF_TRY(mf_remaps_create(network, operators, op_of_layer, options, &how, arena,
                                &all.model.maps, diag));
    if (!mf_training_augments(training))
        return mf_model_create(network, operators, op_of_layer, &all.model, model, diag);
    MF_TRY(mf_augmented_create(network, operators, op_of_layer, &all, augmented, diag));
    *model = mf_augmented_target(*augmented);
    return MF_OK;
}

mf_status mf_checkpoint_model_fill(const char *path, const mf_operators *operators, uint64_t batch,
                                   int n_threads, mf_checkpoint_model *c, mf_diag *diag)
{
    mf_model_options options = mf_training_model(&c->resumption.training);
    options.batch = batch;
    options.n_threads = n_threads;
    MF_TRY(mf_training_create(&c->resumption.training, c->network, operators, c->op_of_layer,
                              &options, c->arena, &c->augmented, &c->model, diag));
    return mf_resumption_load(path, false, c->model, diag);
}

void mf_checkpoint_model_close(mf_checkpoint_model *c)
{
    if (c->augmented)
        mf_augmented_destroy(c->augmented);
    else
        mf_model_destroy(c->model);
    mf_network_destroy(c->network);
    mf_json_destroy(c->resumption.network);
    mf_arena_destroy(c->arena);
    *c = (mf_checkpoint_model){0};
}
