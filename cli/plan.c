/* Reading plans. */
#include "cli/plan.h"

#include "base/faults.h"

#include <string.h>

/* An arm's own value, else the profile's, else the plan's. */
static bool find_any(const mf_plan *plan, const mf_json *arm, const char *key, mf_json *value)
{
    return mf_json_find(arm, key, value) ||
           (plan->profile && mf_json_find(&plan->of_profile, key, value)) ||
           mf_json_find(&plan->root, key, value);
}

/* ---- arms --------------------------------------------------------------------------------------
 */

/* Files are named after it, so it is a plain word. */
static mf_status check_name(const mf_json *arm, const char *name, mf_diag *diag)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "._-";
    if (*name && *name != '.' && *name != '-' && strlen(name) <= MF_PLAN_NAME_BYTES &&
        name[strspn(name, letters)] == '\0')
        return MF_OK;
    return mf_json_fail(arm, diag, MF_INVALID,
                        "\"%s\": files are named after an arm: up to %d letters, digits, '.', '_' "
                        "and '-', beginning with none of '.' and '-'",
                        name, MF_PLAN_NAME_BYTES);
}

static mf_status read_name(const mf_plan *plan, mf_plan_arm *arm, mf_arena *arena, mf_diag *diag)
{
    MF_TRY(mf_json_copy_string(&arm->place, "name", arena, &arm->name, diag));
    MF_TRY(check_name(&arm->place, arm->name, diag));
    for (const mf_plan_arm *other = plan->arms; other < arm; other++)
        if (other->name && strcmp(other->name, arm->name) == 0)
            return mf_json_fail(&arm->place, diag, MF_INVALID, "there is an arm \"%s\" already",
                                arm->name);
    return MF_OK;
}

static mf_status read_text(const mf_json *value, mf_arena *arena, const char **text, mf_diag *diag)
{
    MF_TRY(mf_json_read_string(value, text, diag));
    *text = mf_arena_string(arena, *text);
    return *text ? MF_OK : mf_fail_memory(diag);
}

static mf_status read_op_of(const mf_json *list, mf_arena *arena, mf_subject *subject,
                            mf_diag *diag)
{
    mf_json item = {0};
    if (!mf_json_is_array(list))
        return mf_json_fail(list, diag, MF_INVALID, "expected a list such as [\"stem=mult\"]");
    subject->op_of = MF_NEW_ARRAY(arena, const char *, mf_json_size(list) + 1);
    if (!subject->op_of)
        return mf_fail_memory(diag);
    while (mf_json_next(list, &item)) {
        MF_TRY(read_text(&item, arena, &subject->op_of[subject->n_op_of], diag));
        subject->n_op_of++;
    }
    return MF_OK;
}

static mf_status read_network(const mf_plan *plan, const mf_json *arm, mf_arena *arena,
                              mf_subject *subject, mf_diag *diag)
{
    mf_json value;
    if (find_any(plan, arm, "network", &value))
        return read_text(&value, arena, &subject->network, diag);
    return mf_json_fail(arm, diag, MF_INVALID, "no \"network\", and none for all arms either");
}

static mf_status read_subject(const mf_plan *plan, const mf_json *arm, mf_arena *arena,
                              mf_subject *subject, mf_diag *diag)
{
    mf_faults faults = {0};
    mf_json value;
    *subject = (mf_subject){.op = "mult"};
    MF_ALSO(read_network(plan, arm, arena, subject, &faults.latest));
    if (mf_json_find(arm, "op", &value))
        MF_ALSO(read_text(&value, arena, &subject->op, &faults.latest));
    if (mf_json_find(arm, "op_of", &value))
        MF_ALSO(read_op_of(&value, arena, subject, &faults.latest));
    if (find_any(plan, arm, "classes", &value))
        MF_ALSO(mf_json_read_count(&value, 1, MF_LARGEST_DIMENSION, &subject->options.classes,
                                   &faults.latest));
    if (find_any(plan, arm, "resolution", &value))
        MF_ALSO(mf_json_read_count(&value, 1, MF_LARGEST_DIMENSION, &subject->options.rows,
                                   &faults.latest));
    subject->options.columns = subject->options.rows;
    if (find_any(plan, arm, "width", &value))
        MF_ALSO(mf_json_read_real(&value, 0.01, 100, &subject->options.width_multiplier,
                                  &faults.latest));
    return mf_faults_end(&faults, diag);
}

/* Keys that a plan says in another way. */
static mf_status check_set(const mf_json *set, mf_diag *diag)
{
    mf_faults faults = {0};
    mf_json item = {0};
    uint64_t threads;
    if (!mf_json_is_object(set))
        return mf_json_fail(set, diag, MF_INVALID, "expected an object of training keys");
    while (mf_json_next(set, &item)) {
        if (strcmp(item.key, "seed") == 0)
            MF_ALSO(mf_json_fail(&item, &faults.latest, MF_INVALID,
                                 "the seeds are those of \"seeds\""));
        if (strcmp(item.key, "threads") == 0) /* 0: as many as a machine has, and so its own bits */
            MF_ALSO(mf_json_read_count(&item, 1, 1024, &threads, &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

static mf_status read_arm(const mf_plan *plan, mf_plan_arm *arm, mf_arena *arena, mf_diag *diag)
{
    static const char *const keys[] = {
        "name",    "about",      "network", "op",  "op_of",
        "classes", "resolution", "width",   "set", "published_top1_percent",
        NULL};
    mf_faults faults = {0};
    mf_json value;
    MF_ALSO(mf_json_only(&arm->place, keys, &faults.latest));
    if (mf_json_find(&arm->place, "published_top1_percent", &value)) {
        MF_ALSO(mf_json_read_real(&value, 0, 100, &arm->published_top1, &faults.latest));
        arm->published_top1 /= 100;
    }
    MF_ALSO(read_name(plan, arm, arena, &faults.latest));
    MF_ALSO(read_subject(plan, &arm->place, arena, &arm->subject, &faults.latest));
    arm->has_set = mf_json_find(&arm->place, "set", &arm->set);
    if (arm->has_set)
        MF_ALSO(check_set(&arm->set, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status check_size(const mf_json *list, size_t most, mf_diag *diag)
{
    size_t n = mf_json_size(list);
    if (n >= 1 && n <= most)
        return MF_OK;
    return mf_json_fail(list, diag, MF_INVALID, "expected 1 to %zu of them, found %zu", most, n);
}

static mf_status read_arms(mf_plan *plan, mf_arena *arena, mf_diag *diag)
{
    mf_faults faults = {0};
    mf_json item = {0};
    MF_TRY(mf_json_array(&plan->root, "arms", &plan->list, diag));
    MF_TRY(check_size(&plan->list, MF_PLAN_MOST_ARMS, diag));
    plan->arms = MF_NEW_ARRAY(arena, mf_plan_arm, mf_json_size(&plan->list));
    if (!plan->arms)
        return mf_fail_memory(diag);
    while (mf_json_next(&plan->list, &item)) {
        mf_plan_arm *arm = &plan->arms[plan->n_arms++];
        arm->place = item;
        MF_ALSO(read_arm(plan, arm, arena, &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

static mf_status read_seeds(mf_plan *plan, mf_arena *arena, mf_diag *diag)
{
    mf_json list, item = {0};
    MF_TRY(mf_json_array(&plan->root, "seeds", &list, diag));
    MF_TRY(check_size(&list, MF_PLAN_MOST_SEEDS, diag));
    plan->seeds = MF_NEW_ARRAY(arena, uint64_t, mf_json_size(&list));
    if (!plan->seeds)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        uint64_t *seed = &plan->seeds[plan->n_seeds];
        MF_TRY(mf_json_read_count(&item, 0, (uint64_t)1 << 53, seed, diag));
        for (size_t i = 0; i < plan->n_seeds; i++)
            if (plan->seeds[i] == *seed)
                return mf_json_fail(&item, diag, MF_INVALID, "this seed is there already");
        plan->n_seeds++;
    }
    return MF_OK;
}

static mf_status add_set(mf_plan *plan, const mf_json *object, mf_diag *diag)
{
    mf_json *set = &plan->sets[plan->n_sets];
    if (!mf_json_find(object, "set", set))
        return MF_OK;
    plan->n_sets++;
    return check_set(set, diag);
}

static mf_status refuse_profile(const mf_json *list, const char *wanted, mf_arena *arena,
                                mf_diag *diag)
{
    const char *names = "";
    mf_json item = {0};
    while (names && mf_json_next(list, &item))
        names = mf_arena_format(arena, "%s%s%s", names, *names ? ", " : "", item.key);
    return names ? mf_json_fail(list, diag, MF_USAGE,
                                "--profile %s: there is no such profile; known: %s", wanted, names)
                 : mf_fail_memory(diag);
}

/* The profile that is asked for, and what is wrong with any. */
static mf_status read_profiles(mf_plan *plan, const char *wanted, mf_arena *arena, mf_diag *diag)
{
    static const char *const keys[] = {"about", "resolution", "width", "classes", "set", NULL};
    mf_faults faults = {0};
    mf_json list, item = {0};
    if (!mf_json_find(&plan->root, "profiles", &list))
        return wanted ? mf_json_fail(
                            &plan->root, diag, MF_USAGE,
                            "--profile counts only for experiments with profiles, and %s has none",
                            plan->name)
                      : MF_OK;
    if (!mf_json_is_object(&list) || !mf_json_size(&list))
        return mf_json_fail(&list, diag, MF_INVALID, "expected an object of profiles by name");
    while (mf_json_next(&list, &item)) {
        mf_status status =
            mf_json_is_object(&item)
                ? mf_json_only(&item, keys, &faults.latest)
                : mf_json_fail(&item, &faults.latest, MF_INVALID, "expected an object");
        MF_ALSO(status);
        if (status != MF_OK || plan->profile || (wanted && strcmp(item.key, wanted) != 0))
            continue;
        plan->of_profile = item;
        plan->profile = mf_arena_string(arena, item.key);
        if (!plan->profile)
            return mf_fail_memory(diag);
        MF_ALSO(add_set(plan, &item, &faults.latest));
    }
    MF_TRY(mf_faults_end(&faults, diag));
    return plan->profile ? MF_OK : refuse_profile(&list, wanted, arena, diag);
}

mf_status mf_plan_read(const mf_json_doc *doc, const char *profile, mf_arena *arena, mf_plan *plan,
                       mf_diag *diag)
{
    static const char *const keys[] = {"name",    "about",    "source",  "kind",       "set",
                                       "arms",    "seeds",    "network", "resolution", "width",
                                       "classes", "profiles", NULL};
    static const char *const kinds[] = {"training"};
    mf_faults faults = {0};
    size_t kind;
    *plan = (mf_plan){.root = mf_json_root(doc)};
    const mf_json *root = &plan->root;
    MF_ALSO(mf_json_only(root, keys, &faults.latest));
    MF_ALSO(mf_json_choice(root, "kind", kinds, 1, &kind, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "name", arena, &plan->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "about", arena, &plan->about, &faults.latest));
    MF_ALSO(add_set(plan, root, &faults.latest));
    MF_ALSO(read_profiles(plan, profile, arena, &faults.latest));
    MF_ALSO(read_arms(plan, arena, &faults.latest));
    MF_ALSO(read_seeds(plan, arena, &faults.latest));
    return mf_faults_end(&faults, diag);
}
