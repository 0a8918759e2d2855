/* What does an experiment of trainings say? Arms, which differ in network, operator or keys; seeds;
 * and what all arms share. A run is one arm with one seed. */
#ifndef MF_CLI_PLAN_H
#define MF_CLI_PLAN_H

#include "base/json.h"
#include "train/resumption.h"

enum {
    MF_PLAN_MOST_ARMS = 256,
    MF_PLAN_MOST_SEEDS = 1024,
    MF_PLAN_NAME_BYTES = 64, /* of an arm: files begin with it */
};

typedef struct mf_plan_arm {
    const char *name;
    mf_subject subject;
    mf_json place; /* in the file, for complaints */
    mf_json set;   /* its own keys of training, if it `has_set` */
    bool has_set;
    double published_top1; /* what the source prints for it, 0 to 1; 0: nothing */
} mf_plan_arm;

/* Keys of training that a file has for all arms, the later over the earlier: its own, and those of
 * the profile that was asked for. */
enum { MF_PLAN_MOST_SETS = 2 };

/* Strings live in the arena that it was read with, places in the document. It must not be moved:
 * places point into it. */
typedef struct mf_plan {
    const char *name, *about;
    const char *profile; /* NULL where the file has none */
    mf_json root, list;  /* the document, and its arms */
    mf_json of_profile;  /* what the profile says of all arms */
    mf_json sets[MF_PLAN_MOST_SETS];
    size_t n_sets;
    mf_plan_arm *arms;
    size_t n_arms;
    uint64_t *seeds;
    size_t n_seeds;
} mf_plan;

/* Read a plan by one of its profiles (NULL: its first, if it has any), with everything that is wrong
 * with it at once, but for what networks, operators and keys are: that is for whoever makes trainings
 * of it. */
mf_status mf_plan_read(const mf_json_doc *doc, const char *profile, mf_arena *arena, mf_plan *plan,
                       mf_diag *diag);

#endif
