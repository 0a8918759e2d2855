/* What is trained: network, operators and training, from options or from a checkpoint. */
#ifndef MF_CLI_TRAIN_SETUP_H
#define MF_CLI_TRAIN_SETUP_H

#include "cli/setup.h"
#include "models/formats/network_json.h"
#include "train/recipe.h"
#include "train/trainer.h"

typedef struct mf_train_setup {
    mf_cli *cli;
    const mf_arguments *arguments;
    mf_operators *operators;
    mf_network *network;
    size_t *op_of_layer;
    mf_training training;
    mf_called_recipe *recipes; /* that it begins with; none of one that is resumed */
    size_t n_recipes;
    const char *op;           /* the variant's operator */
    const char *network_text; /* the network's description: its file, or the checkpoint's copy */
    mf_json_doc *network_doc; /* the same, read */
    mf_network_options options;
    mf_subject subject; /* for checkpoints */
    mf_trained_so_far so_far;
    mf_augmented *augmented; /* or NULL */
    mf_model *model;         /* of the network; of the augmented one, its target */
    mf_teacher *teacher;     /* or NULL */
    mf_pictures *pictures, *held_out;
} mf_train_setup;

/* From NETWORK, --op, recipes, --op-of, --config, --set and the network options. Close also after a
 * failure.
 */
mf_status mf_train_setup_new(mf_train_setup *setup, mf_cli *cli, const mf_arguments *arguments,
                             const char *network, mf_diag *diag);

/* From a checkpoint, with its weights, and with momentum if `momentum`; --set may still change the
 * training. */
mf_status mf_train_setup_resume(mf_train_setup *setup, mf_cli *cli, const mf_arguments *arguments,
                                const char *path, bool momentum, mf_diag *diag);

/* A run of an experiment (cli/plan.h). Keys of files, the later over the earlier, go before recipes; the
 * command's --data and --set, and then the seed, before these. */
typedef struct mf_train_run {
    const mf_subject *subject;
    const mf_json *keys[3];
    size_t n_keys;
    uint64_t seed;
} mf_train_run;

/* One thread unless a key says so. It has no model yet; nor is it checked that keys count. */
mf_status mf_train_setup_run(mf_train_setup *setup, mf_cli *cli, const mf_arguments *arguments,
                             const mf_train_run *run, mf_diag *diag);

/* Put what the command's --data and --set say over the training's keys. */
mf_status mf_train_setup_sets(mf_train_setup *setup, mf_diag *diag);

/* Its model, as it begins. */
mf_status mf_train_setup_model(mf_train_setup *setup, mf_diag *diag);

/* Of a training that begins: the parameters of its maps are those of remap_fit. */
mf_status mf_train_setup_fits(mf_train_setup *setup, mf_diag *diag);

/* The teacher that the training names, if it does. */
mf_status mf_train_setup_teacher(mf_train_setup *setup, mf_diag *diag);

/* What of a network and its training is not there for keys to change (cli/set_keys.h). */
mf_training_uses mf_train_setup_lacks(const mf_train_setup *setup);

/* Say on the log which keys recipes chose, and what they warn of. */
mf_status mf_train_setup_tell_recipes(const mf_train_setup *setup, mf_diag *diag);

/* The pictures that --data names, or else the training: those held out, and where they are wanted
 * or something is to be measured on them those to learn from. */
mf_status mf_train_setup_pictures(mf_train_setup *setup, bool to_learn, mf_diag *diag);

/* The same network with another batch; owned by the caller. */
mf_status mf_train_setup_network(const mf_train_setup *setup, uint64_t batch, mf_network **network,
                                 mf_diag *diag);

/* A trainer of it, without files, and with nobody who is told or asked. */
mf_trainer mf_train_setup_trainer(const mf_train_setup *setup);

/* Of all that a training begins with or goes on from: keys, network, weights, pictures. */
uint64_t mf_train_setup_digest(const mf_train_setup *setup);

void mf_train_setup_close(mf_train_setup *setup);

#endif
