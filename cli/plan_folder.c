/* What is in the folder of an experiment, and what becomes of its runs. */
#include "cli/plan_runs.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mf_status make_folder(const mf_plan_runs *r, mf_diag *diag)
{
    struct stat info;
    if (mkdir(r->folder, 0777) == 0)
        return MF_OK;
    if (errno != EEXIST)
        return mf_fail(diag, MF_IO, "%s: cannot be made: %s", r->folder, strerror(errno));
    if (stat(r->folder, &info) != 0 || !S_ISDIR(info.st_mode))
        return mf_fail(diag, MF_USAGE, "--folder: %s is no folder", r->folder);
    return MF_OK;
}

static bool has_files(const mf_plan_run *run)
{
    return access(run->checkpoint, F_OK) == 0 || access(run->log, F_OK) == 0;
}

static mf_status fail_other(const mf_plan_runs *r, const mf_plan_run *run, mf_diag *diag)
{
    mf_fail(diag, MF_INVALID,
            "%s: arm %s, seed %" PRIu64 " was trained with other keys, pictures or another network",
            r->journal.path, run->arm->name, run->seed);
    mf_hint(diag, "give another --folder, or delete %s/%s-%" PRIu64 ".* to train it anew",
            r->folder, run->arm->name, run->seed);
    return MF_INVALID;
}

/* Is the checkpoint of what would be trained now? One that cannot be read fails where it is needed.
 */
static mf_status check_checkpoint(const mf_plan_runs *r, const mf_plan_run *run, mf_diag *diag)
{
    mf_resumption before = {0};
    uint64_t digest = 0;
    if (access(run->checkpoint, F_OK) != 0)
        return MF_OK;
    mf_status status;
    MF_TRY_DONE(mf_resumption_read(run->checkpoint, r->arguments->arena, &before, diag));
    MF_TRY_DONE(mf_plan_digest(&before.subject, &before.training, before.network_text, run->setup,
                            &digest, diag));
    if (digest != run->digest)
        status = fail_other(r, run, diag);
done:
    mf_json_destroy(before.network);
    return status;
}

static mf_status find_run(mf_plan_runs *r, mf_plan_run *run, mf_diag *diag)
{
    const mf_outcome *outcome = NULL;
    for (size_t i = 0; i < r->journal.n; i++) {
        const mf_outcome *o = &r->journal.outcomes[i];
        if (o->seed == run->seed && strcmp(o->arm, run->arm->name) == 0)
            outcome = o;
    }
    bool same = outcome && outcome->digest == run->digest;
    if (same && (outcome->fault || access(run->log, F_OK) == 0)) {
        run->outcome = outcome;
        return MF_OK;
    }
    if (outcome && !same && has_files(run)) /* who deletes a run's files wants it anew */
        return fail_other(r, run, diag);
    return check_checkpoint(r, run, diag);
}

/* "runs.3-of-16.journal". */
static bool is_part(const char *name)
{
    uint64_t k, n;
    int end = 0;
    return sscanf(name, "runs.%7" SCNu64 "-of-%7" SCNu64 ".journal%n", &k, &n, &end) == 2 && end &&
           !name[end];
}

/* Journals of parts, which may be other machines', beside the own one: read into it, or, with NULL,
 * counted. */
static mf_status for_parts(const mf_plan_runs *r, size_t *n, mf_plan_journal *into, mf_diag *diag)
{
    mf_arena *arena = r->arguments->arena;
    DIR *folder = opendir(r->folder);
    mf_status status = MF_OK;
    *n = 0;
    for (struct dirent *e; folder && status == MF_OK && (e = readdir(folder));) {
        if (!is_part(e->d_name))
            continue;
        ++*n;
        const char *path = mf_arena_format(arena, "%s/%s", r->folder, e->d_name);
        if (!path)
            status = mf_fail_memory(diag);
        else if (into && !mf_file_same(path, into->path))
            status = mf_plan_journal_join(into, path, r->plan.name, arena, diag);
    }
    if (folder)
        closedir(folder);
    return status;
}

mf_status mf_plan_runs_find(mf_plan_runs *r, mf_diag *diag)
{
    char name[64];
    size_t n_parts;
    mf_plan_journal_name(r->part, name);
    const char *path = mf_arena_format(r->arguments->arena, "%s/%s", r->folder, name);
    if (!path)
        return mf_fail_memory(diag);
    MF_TRY(make_folder(r, diag));
    MF_TRY(mf_file_lock_take(path, &r->lock, diag));
    MF_TRY(for_parts(r, &n_parts, NULL, diag));
    for (size_t i = 0; i < r->n_runs && !n_parts && access(path, F_OK) != 0; i++)
        if (has_files(&r->runs[i]))
            return mf_fail(diag, MF_USAGE, "--folder: %s is there already, from another training",
                           access(r->runs[i].log, F_OK) == 0 ? r->runs[i].log
                                                             : r->runs[i].checkpoint);
    MF_TRY(mf_plan_journal_open(&r->journal, path, r->plan.name, r->arguments->arena, diag));
    MF_TRY(for_parts(r, &n_parts, &r->journal, diag));
    for (size_t i = 0; i < r->n_runs; i++)
        MF_TRY(find_run(r, &r->runs[i], diag));
    return MF_OK;
}

mf_status mf_plan_runs_keep(mf_plan_runs *r, mf_plan_run *run, const mf_outcome *outcome,
                            mf_diag *diag)
{
    mf_outcome *kept = MF_NEW_ARRAY(r->arguments->arena, mf_outcome, 1);
    if (!kept)
        return mf_fail_memory(diag);
    *kept = *outcome;
    kept->arm = run->arm->name;
    kept->seed = run->seed;
    kept->digest = run->digest;
    MF_TRY(mf_plan_journal_add(&r->journal, kept, diag));
    run->outcome = kept;
    return MF_OK;
}

bool mf_plan_run_wanted(const mf_plan_runs *r, size_t i)
{
    return !r->runs[i].outcome && mf_part_has(r->part, i);
}

size_t mf_plan_runs_over(const mf_plan_runs *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_runs; i++)
        n += r->runs[i].outcome != NULL;
    return n;
}

/* ---- the end -----------------------------------------------------------------------------------
 */

static mf_status fail_interrupted(const mf_plan_runs *r, mf_diag *diag)
{
    mf_fail(diag, MF_INTERRUPTED, "interrupted: %zu of %zu runs are done", mf_plan_runs_over(r),
            r->n_runs);
    mf_hint(diag, "the same command goes on from there");
    return MF_INTERRUPTED;
}

/* The first that came to nothing. */
static mf_status find_failure(const mf_plan_runs *r, mf_diag *diag)
{
    for (size_t i = 0; i < r->n_runs; i++) {
        const mf_plan_run *run = &r->runs[i];
        if (!mf_plan_run_wanted(r, i))
            continue;
        mf_fail(diag, run->status, "arm %s, seed %" PRIu64 ": %s", run->arm->name, run->seed,
                run->diag.message);
        if (*run->diag.hint)
            mf_hint(diag, "%s", run->diag.hint);
        else if (run->status == MF_IO || run->status == MF_NO_MEMORY ||
                 run->status == MF_INTERRUPTED) /* which may be over */
            mf_hint(diag, "the same command goes on from there");
        return run->status;
    }
    return MF_OK;
}

mf_status mf_plan_runs_end(const mf_plan_runs *r, bool interrupted, mf_diag *diag)
{
    size_t n_left = 0;
    for (size_t i = 0; i < r->n_runs; i++)
        n_left += mf_plan_run_wanted(r, i);
    return interrupted && n_left ? fail_interrupted(r, diag) : find_failure(r, diag);
}
