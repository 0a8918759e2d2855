/* From a file to runs: each arm a training, each training a digest. */
#include "cli/plan_runs.h"

#include "base/faults.h"
#include "base/hash.h"
#include "cli/file_kind.h"
#include "cli/set_keys.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* ---- keys --------------------------------------------------------------------------------------
 */

static mf_status check_sets(mf_plan_runs *r, mf_diag *diag)
{
    size_t n;
    const char **sets = mf_arguments_values(r->arguments, "set", &n);
    mf_train_setup scratch = {.cli = r->cli, .arguments = r->arguments};
    if (!sets)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++)
        if (strncmp(sets[i], "seed=", 5) == 0)
            return mf_fail(
                diag, MF_USAGE,
                "--set seed counts only in mulfree train: the seeds are those of the file");
    scratch.training = mf_training_defaults();
    scratch.training.threads = 1;
    MF_TRY(mf_train_setup_sets(&scratch, diag));
    return scratch.training.threads
               ? MF_OK
               : mf_fail(
                     diag, MF_USAGE,
                     "--set threads=0: runs at once have each a number of threads of their own");
}

/* Keys and values that are none, in every object of the file, once for all arms. */
static mf_status check_keys(const mf_plan_runs *r, mf_diag *diag)
{
    static const char *const none[] = {NULL};
    mf_training scratch = mf_training_defaults();
    mf_arena *arena = r->arguments->arena;
    mf_faults faults = {0};
    for (size_t i = 0; i < r->plan.n_sets; i++)
        MF_ALSO(mf_training_read(&r->plan.sets[i], none, arena, &scratch, &faults.latest));
    for (size_t i = 0; i < r->plan.n_arms; i++)
        if (r->plan.arms[i].has_set)
            MF_ALSO(mf_training_read(&r->plan.arms[i].set, none, arena, &scratch, &faults.latest));
    return mf_faults_end(&faults, diag);
}

/* Does the key count in an arm that lacks this? */
static mf_status need(const mf_plan_runs *r, const char *name, mf_training_uses missing,
                      mf_diag *diag)
{
    const mf_training_key *key = mf_set_training_key(name);
    if (!key) /* whoever reads it says so */
        return MF_OK;
    MF_TRY(mf_arguments_need(r->arguments, name, mf_set_conditions_of(key), diag));
    return mf_training_need(name, key->use, missing, diag);
}

/* The same in one of the arms at least. */
static mf_status need_somewhere(const mf_plan_runs *r, const char *key, mf_diag *diag)
{
    mf_diag first = {0};
    for (size_t i = 0; i < r->plan.n_arms; i++) {
        mf_status status = need(r, key, mf_train_setup_lacks(&r->setups[i]), i ? NULL : &first);
        if (status == MF_OK)
            return MF_OK;
    }
    return mf_fail(diag, MF_USAGE, "%s, and no arm is such", first.message);
}

/* A complaint about a value of the file. */
static mf_status complain(const mf_json *place, mf_status status, const mf_diag *why, mf_diag *diag)
{
    const char *name = mf_json_name(place->doc);
    if (strncmp(why->message, name, strlen(name)) == 0) { /* it has its place already */
        if (diag)
            *diag = *why;
        return status;
    }
    mf_json_fail(place, diag, status, "%s", why->message);
    if (*why->hint)
        mf_hint(diag, "%s", why->hint);
    return status;
}

static mf_status check_counts(const mf_plan_runs *r, mf_diag *diag)
{
    mf_faults faults = {0};
    for (size_t i = 0; i < r->plan.n_sets; i++) {
        mf_json item = {0};
        while (mf_json_next(&r->plan.sets[i], &item)) {
            mf_diag why = {0};
            mf_status status = need_somewhere(r, item.key, &why);
            if (status != MF_OK)
                MF_ALSO(complain(&item, MF_INVALID, &why, &faults.latest));
        }
    }
    for (size_t i = 0; i < r->plan.n_arms; i++) {
        const mf_plan_arm *arm = &r->plan.arms[i];
        mf_training_uses lacks = mf_train_setup_lacks(&r->setups[i]);
        mf_json own = {0};
        while (arm->has_set && mf_json_next(&arm->set, &own)) {
            mf_diag why = {0};
            if (need(r, own.key, lacks, &why) != MF_OK)
                MF_ALSO(complain(&own, MF_INVALID, &why, &faults.latest));
        }
    }
    return mf_faults_end(&faults, diag);
}

static mf_status check_set_counts(const mf_plan_runs *r, mf_diag *diag)
{
    size_t n;
    const char **sets = mf_arguments_values(r->arguments, "set", &n);
    for (size_t i = 0; i < n; i++) {
        const char *key = mf_arena_string_n(r->arguments->arena, sets[i], strcspn(sets[i], "="));
        mf_diag why = {0};
        if (!key)
            return mf_fail_memory(diag);
        mf_status status = need_somewhere(r, key, &why);
        if (status != MF_OK)
            return mf_fail(diag, status, "--set %s", why.message);
    }
    return MF_OK;
}

/* ---- pictures ----------------------------------------------------------------------------------
 */

/* A set, at a size, for all arms that want it. */
typedef struct mf_plan_pictures {
    const char *data;
    uint64_t rows, columns;
    mf_pictures *pictures, *held_out;
    struct mf_plan_pictures *next;
} mf_plan_pictures;

static mf_status load_pictures(mf_plan_runs *r, mf_train_setup *s, mf_diag *diag)
{
    const mf_plan_pictures *p = r->pictures;
    while (p && (strcmp(p->data, s->training.data) != 0 || p->rows != s->network->input_rows ||
                 p->columns != s->network->input_columns))
        p = p->next;
    if (p) {
        s->pictures = p->pictures;
        s->held_out = p->held_out;
        mf_inputs_measure(&s->training, s->pictures);
        return MF_OK;
    }
    mf_plan_pictures *own = MF_NEW_ARRAY(r->arguments->arena, mf_plan_pictures, 1);
    if (!own)
        return mf_fail_memory(diag);
    *own = (mf_plan_pictures){
        s->training.data, s->network->input_rows, s->network->input_columns, NULL, NULL,
        r->pictures};
    r->pictures = own;
    mf_status status = mf_train_setup_pictures(s, true, diag);
    if (status == MF_UNKNOWN_NAME && !mf_arguments_has(r->arguments, "data"))
        mf_hint(diag, "--data says where the pictures are, as cifar100:DIR; the file says %s",
                s->training.data);
    own->pictures = s->pictures;
    own->held_out = s->held_out;
    return status;
}

static mf_status check_pictures(const mf_train_setup *s, mf_diag *diag)
{
    const mf_inputs inputs = {s->network, &s->training, NULL};
    MF_TRY(mf_inputs_check(&inputs, s->pictures, diag));
    return mf_pictures_match(s->pictures, s->held_out, diag);
}

/* ---- arms --------------------------------------------------------------------------------------
 */

static mf_status make_setup(mf_plan_runs *r, size_t i, mf_diag *diag)
{
    const mf_plan_arm *arm = &r->plan.arms[i];
    mf_train_run run = {.subject = &arm->subject, .seed = r->plan.seeds[0]};
    for (size_t k = 0; k < r->plan.n_sets; k++)
        run.keys[run.n_keys++] = &r->plan.sets[k];
    if (arm->has_set)
        run.keys[run.n_keys++] = &arm->set;
    r->n_setups = i + 1;
    MF_TRY(mf_train_setup_run(&r->setups[i], r->cli, r->arguments, &run, diag));
    if (!r->setups[i].training.epochs)
        return mf_fail(diag, MF_INVALID, "epochs=0: nothing would be trained");
    return MF_OK;
}

/* One step for every arm, with what is wrong with all of them. */
static mf_status for_arms(mf_plan_runs *r,
                          mf_status (*step)(mf_plan_runs *r, size_t i, mf_diag *diag),
                          mf_diag *diag)
{
    mf_faults faults = {0};
    for (size_t i = 0; i < r->plan.n_arms; i++) {
        mf_diag why = {0};
        mf_status status = step(r, i, &why);
        if (status == MF_NO_MEMORY)
            return mf_fail_memory(diag);
        if (status != MF_OK)
            MF_ALSO(complain(&r->plan.arms[i].place, status, &why, &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

static mf_status fit_pictures(mf_plan_runs *r, size_t i, mf_diag *diag)
{
    return check_pictures(&r->setups[i], diag);
}

/* ---- runs --------------------------------------------------------------------------------------
 */

/* Of what determines a run, wherever its pictures lie. Keys that are as they are by default do not
 * count, so that a run stays what it was when there are more keys; when a default changes, so does
 * this number. */
enum { DEFAULTS_VERSION = 1 };

mf_status mf_plan_digest(const mf_subject *subject, const mf_training *training,
                             const char *network, const mf_train_setup *s, uint64_t *digest,
                             mf_diag *diag)
{
    const size_t n[] = {s->pictures->n, s->held_out->n};
    mf_training anywhere = *training;
    mf_text text = {0};
    anywhere.data = "";
    mf_resumption_digest(subject, &anywhere, &text);
    mf_text_printf(&text, "%d", DEFAULTS_VERSION);
    if (text.failed) {
        mf_text_free(&text);
        return mf_fail_memory(diag);
    }
    *digest = mf_hash_bytes(MF_HASH_BEGIN, text.bytes, text.length);
    *digest = mf_hash_bytes(*digest, network, strlen(network));
    *digest = mf_hash_bytes(*digest, n, sizeof n);
    mf_text_free(&text);
    return MF_OK;
}

static mf_status make_run(mf_plan_runs *r, size_t arm, uint64_t seed, mf_plan_run *run,
                          mf_diag *diag)
{
    mf_arena *arena = r->arguments->arena;
    mf_train_setup *s = &r->setups[arm];
    mf_training training = s->training;
    training.seed = seed;
    *run = (mf_plan_run){
        .arm = &r->plan.arms[arm], .setup = s, .seed = seed, .pipe = -1, .last_top1 = -1};
    const char *stem = mf_arena_format(arena, "%s/%s-%" PRIu64, r->folder, run->arm->name, seed);
    run->checkpoint = stem ? mf_arena_format(arena, "%s.npz", stem) : NULL;
    run->log = stem ? mf_arena_format(arena, "%s.jsonl", stem) : NULL;
    if (!run->checkpoint || !run->log)
        return mf_fail_memory(diag);
    return mf_plan_digest(&s->subject, &training, s->network_text, s, &run->digest, diag);
}

/* --folder, or one here that is called as the experiment is, which may be any text. */
static mf_status choose_folder(mf_plan_runs *r, mf_diag *diag)
{
    enum { MOST_LETTERS = 80 };
    r->folder = mf_arguments_value(r->arguments, "folder");
    if (r->folder)
        return *r->folder ? MF_OK : mf_fail(diag, MF_USAGE, "--folder: expected a name");
    const char *profile = r->plan.profile;
    char *name = mf_arena_format(r->arguments->arena, "%.*s%s%s", MOST_LETTERS, r->plan.name,
                                 profile ? "-" : "", profile ? profile : "");
    if (!name)
        return mf_fail_memory(diag);
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_' && !((*c == '.' || *c == '-') && c > name))
            *c = '_';
    r->folder = *name ? name : "experiment";
    return MF_OK;
}

static bool is_listed(const char *name, const char *list)
{
    size_t n = strlen(name);
    for (const char *word = list; *word; word += strcspn(word, ","), word += *word == ',')
        if (strcspn(word, ",") == n && strncmp(word, name, n) == 0)
            return true;
    return false;
}

static mf_status check_arms(const mf_plan_runs *r, const char *list, mf_diag *diag)
{
    mf_arena *arena = r->arguments->arena;
    for (const char *word = list; *word; word += strcspn(word, ","), word += *word == ',') {
        const char *name = mf_arena_string_n(arena, word, strcspn(word, ","));
        size_t i = 0;
        if (!name)
            return mf_fail_memory(diag);
        while (i < r->plan.n_arms && strcmp(r->plan.arms[i].name, name) != 0)
            i++;
        if (i == r->plan.n_arms)
            return mf_fail(diag, MF_USAGE, "--arms %s: %s has no such arm; its first is %s", name,
                           r->plan.name, r->plan.arms[0].name);
    }
    return *list ? MF_OK : mf_fail(diag, MF_USAGE, "--arms: expected names with commas between");
}

/* Those of --arms alone, in the order of the file. */
static mf_status choose_arms(mf_plan_runs *r, mf_diag *diag)
{
    const char *list = mf_arguments_value(r->arguments, "arms");
    size_t n = 0;
    if (!list)
        return MF_OK;
    MF_TRY(check_arms(r, list, diag));
    for (size_t i = 0; i < r->plan.n_arms; i++)
        if (is_listed(r->plan.arms[i].name, list))
            r->plan.arms[n++] = r->plan.arms[i];
    r->plan.n_arms = n;
    return MF_OK;
}

static mf_status choose_seeds(mf_plan_runs *r, mf_diag *diag)
{
    uint64_t n = 0;
    MF_TRY(mf_arguments_count(r->arguments, "seeds", 1, MF_PLAN_MOST_SEEDS, &n, diag));
    if (n >= r->plan.n_seeds)
        return mf_fail(diag, MF_USAGE, "--seeds counts only below the %zu that %s has",
                       r->plan.n_seeds, r->plan.name);
    if (n)
        r->plan.n_seeds = (size_t)n;
    return MF_OK;
}

static mf_status read_plan(mf_plan_runs *r, const char *name, mf_diag *diag)
{
    const char *path;
    mf_arena *arena = r->arguments->arena;
    MF_TRY(mf_catalog_path(r->cli, MF_KIND_EXPERIMENT, name, arena, &path, diag));
    MF_TRY(mf_file_kind_check(path, MF_FILE_BIT(MF_FILE_TRAININGS), diag));
    MF_TRY(mf_json_load(path, &r->doc, diag));
    return mf_plan_read(r->doc, mf_arguments_value(r->arguments, "profile"), arena, &r->plan, diag);
}

mf_status mf_plan_runs_read(mf_plan_runs *r, mf_cli *cli, const mf_arguments *arguments,
                            const char *path, mf_diag *diag)
{
    mf_arena *arena = arguments->arena;
    *r = (mf_plan_runs){.cli = cli, .arguments = arguments, .journal = {.descriptor = -1}};
    MF_TRY(read_plan(r, path, diag));
    MF_TRY(choose_arms(r, diag));
    MF_TRY(choose_seeds(r, diag));
    MF_TRY(mf_part_take(arguments, &r->part, diag));
    MF_TRY(check_keys(r, diag));
    MF_TRY(check_sets(r, diag));
    r->setups = MF_NEW_ARRAY(arena, mf_train_setup, r->plan.n_arms);
    r->runs = MF_NEW_ARRAY(arena, mf_plan_run, r->plan.n_arms * r->plan.n_seeds);
    if (!r->setups || !r->runs)
        return mf_fail_memory(diag);
    MF_TRY(for_arms(r, make_setup, diag));
    MF_TRY(check_counts(r, diag));
    MF_TRY(check_set_counts(r, diag));
    for (size_t i = 0; i < r->plan.n_arms; i++)
        MF_TRY(load_pictures(r, &r->setups[i], diag));
    MF_TRY(for_arms(r, fit_pictures, diag));
    MF_TRY(choose_folder(r, diag));
    for (size_t i = 0; i < r->plan.n_arms; i++)
        for (size_t k = 0; k < r->plan.n_seeds; k++)
            MF_TRY(make_run(r, i, r->plan.seeds[k], &r->runs[r->n_runs++], diag));
    return MF_OK;
}

void mf_plan_runs_close(mf_plan_runs *r)
{
    mf_plan_journal_close(&r->journal);
    mf_file_lock_release(&r->lock);
    for (size_t i = 0; i < r->n_setups; i++) {
        r->setups[i].pictures = NULL;
        r->setups[i].held_out = NULL;
        mf_train_setup_close(&r->setups[i]);
    }
    for (mf_plan_pictures *p = r->pictures; p; p = p->next) {
        mf_pictures_destroy(p->pictures);
        mf_pictures_destroy(p->held_out);
    }
    mf_json_destroy(r->doc);
}
