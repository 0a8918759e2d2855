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

static mf_status make(mf_checkpoint_model *c, const mf_operators *operators, uint64_t batch,
                      int n_threads, mf_diag *diag)
{
    const mf_training *own = &c->resumption.training;
    mf_model_options options = mf_training_model(own);
    const mf_remap_options how = mf_training_remap(own);
    options.batch = batch;
    options.n_threads = n_threads;
    if (mf_training_remaps(own))
        MF_TRY(mf_remaps_create(c->network, operators, c->op_of_layer, &options, &how, c->arena,
                                &options.maps, diag));
    if (!mf_training_augments(own))
        return mf_model_create(c->network, operators, c->op_of_layer, &options, &c->model, diag);
    mf_augmented_options augmented = mf_training_augmented(own);
    augmented.model = options;
    MF_TRY(mf_augmented_create(c->network, operators, c->op_of_layer, &augmented, &c->augmented,
                               diag));
    c->model = mf_augmented_target(c->augmented);
    return MF_OK;
}

mf_status mf_checkpoint_model_fill(const char *path, const mf_operators *operators, uint64_t batch,
                                   int n_threads, mf_checkpoint_model *c, mf_diag *diag)
{
    MF_TRY(make(c, operators, batch, n_threads, diag));
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
