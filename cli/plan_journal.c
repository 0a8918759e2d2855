/* JSON lines in and out. */
#include "cli/plan_journal.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mf_status write_line(const mf_plan_journal *journal, mf_text *line, mf_diag *diag)
{
    mf_text_puts(line, "}\n");
    mf_status status = line->failed ? mf_fail_memory(diag)
                                    : mf_file_append(journal->descriptor, journal->path,
                                                     line->bytes, line->length, diag);
    mf_text_free(line);
    return status;
}

static mf_status write_header(const mf_plan_journal *journal, const char *experiment, mf_diag *diag)
{
    mf_text line = {0};
    mf_text_puts(&line, "{\"experiment\": ");
    mf_escape_json(&line, experiment);
    return write_line(journal, &line, diag);
}

mf_status mf_plan_journal_add(mf_plan_journal *journal, const mf_outcome *o, mf_diag *diag)
{
    mf_text line = {0};
    mf_text_puts(&line, "{\"arm\": ");
    mf_escape_json(&line, o->arm);
    mf_text_printf(&line, ", \"seed\": %" PRIu64 ", \"digest\": \"%016" PRIx64 "\"", o->seed,
                   o->digest);
    if (o->fault) {
        mf_text_puts(&line, ", \"fault\": ");
        mf_escape_json(&line, o->fault);
    } else {
        mf_text_printf(&line, ", \"epochs\": %" PRIu64, o->epochs);
#define MF_OUTCOME(member)                                                                         \
    mf_text_puts(&line, ", \"" #member "\": ");                                                    \
    mf_text_json_real(&line, o->member);
        MF_EACH_OUTCOME(MF_OUTCOME)
#undef MF_OUTCOME
    }
    return write_line(journal, &line, diag);
}

/* ---- reading back ------------------------------------------------------------------------------
 */

static mf_status read_header(const mf_json *line, const char *path, const char *experiment,
                             mf_diag *diag)
{
    static const char *const keys[] = {"experiment", NULL};
    const char *name;
    MF_TRY(mf_json_only(line, keys, diag));
    MF_TRY(mf_json_string(line, "experiment", &name, diag));
    if (strcmp(name, experiment) == 0)
        return MF_OK;
    mf_fail(diag, MF_INVALID, "%s: the journal of another experiment, \"%s\"", path, name);
    mf_hint(diag, "give another --folder");
    return MF_INVALID;
}

static mf_status read_digest(const mf_json *line, uint64_t *digest, mf_diag *diag)
{
    static const char digits[] = "0123456789abcdef";
    const char *text;
    MF_TRY(mf_json_string(line, "digest", &text, diag));
    if (strlen(text) != 16 || strspn(text, digits) != 16)
        return mf_json_fail(line, diag, MF_INVALID, "digest: expected 16 digits, found \"%s\"",
                            text);
    *digest = 0;
    for (; *text; text++)
        *digest = *digest << 4 | (uint64_t)(strchr(digits, *text) - digits);
    return MF_OK;
}

static mf_status read_outcome(const mf_json *line, mf_arena *arena, mf_outcome *o, mf_diag *diag)
{
    static const char *const keys[] = {"arm",
                                       "seed",
                                       "digest",
                                       "fault",
                                       "epochs",
#define MF_OUTCOME(member) #member,
                                       MF_EACH_OUTCOME(MF_OUTCOME)
#undef MF_OUTCOME
                                           NULL};
    mf_json fault;
    MF_TRY(mf_json_only(line, keys, diag));
    MF_TRY(mf_json_copy_string(line, "arm", arena, &o->arm, diag));
    MF_TRY(mf_json_count(line, "seed", 0, (uint64_t)1 << 53, &o->seed, diag));
    MF_TRY(read_digest(line, &o->digest, diag));
    if (mf_json_find(line, "fault", &fault))
        return mf_json_copy_string(line, "fault", arena, &o->fault, diag);
    MF_TRY(mf_json_count(line, "epochs", 1, UINT32_MAX, &o->epochs, diag));
#define MF_OUTCOME(member)                                                                         \
    MF_TRY(mf_json_real(line, #member, -HUGE_VAL, HUGE_VAL, &o->member, diag));
    MF_EACH_OUTCOME(MF_OUTCOME)
#undef MF_OUTCOME
    return MF_OK;
}

static mf_status read_line(mf_plan_journal *journal, size_t number, const char *line, size_t n,
                           const char *experiment, mf_arena *arena, mf_diag *diag)
{
    mf_json_doc *doc = NULL;
    const char *name = mf_arena_format(arena, "%s: line %zu", journal->path, number);
    char *text = mf_arena_string_n(arena, line, n);
    if (!name || !text)
        return mf_fail_memory(diag);
    if (strlen(text) != n)
        return mf_fail(diag, MF_MALFORMED, "%s: a zero byte", name);
    MF_TRY(mf_json_parse(text, n, name, &doc, diag));
    mf_json root = mf_json_root(doc);
    mf_status status = number == 1
                           ? read_header(&root, journal->path, experiment, diag)
                           : read_outcome(&root, arena, &journal->outcomes[journal->n], diag);
    journal->n += number > 1 && status == MF_OK;
    mf_json_destroy(doc);
    return status;
}

/* All whole lines; `*good_bytes` is where one that a crash cut off begins. */
static mf_status read_lines(mf_plan_journal *journal, const char *experiment, mf_arena *arena,
                            size_t *good_bytes, mf_diag *diag)
{
    char *bytes;
    size_t n_bytes, n_lines = 0, number = 0;
    MF_TRY(mf_file_read_most(journal->path, MF_LARGEST_TEXT_BYTES, arena, &bytes, &n_bytes, diag));
    for (size_t i = 0; i < n_bytes; i++)
        n_lines += bytes[i] == '\n';
    mf_outcome *all = MF_NEW_ARRAY(arena, mf_outcome, journal->n + n_lines + 1);
    if (!all)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < journal->n; i++)
        all[i] = journal->outcomes[i];
    journal->outcomes = all;
    for (const char *at = bytes, *end; (end = memchr(at, '\n', n_bytes - *good_bytes));
         at = end + 1) {
        MF_TRY(read_line(journal, ++number, at, (size_t)(end - at), experiment, arena, diag));
        *good_bytes = (size_t)(end - bytes) + 1;
    }
    return MF_OK;
}

mf_status mf_plan_journal_open(mf_plan_journal *journal, const char *path, const char *experiment,
                               mf_arena *arena, mf_diag *diag)
{
    struct stat info;
    size_t good_bytes = 0;
    *journal = (mf_plan_journal){.path = path, .descriptor = -1};
    bool found = lstat(path, &info) == 0;
    if (found && !S_ISREG(info.st_mode))
        return mf_fail(diag, MF_IO, "%s: is no plain file", path);
    if (found)
        MF_TRY(read_lines(journal, experiment, arena, &good_bytes, diag));
    int how = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (found ? 0 : O_CREAT | O_EXCL);
    journal->descriptor = open(path, how, 0666);
    if (journal->descriptor < 0 || ftruncate(journal->descriptor, (off_t)good_bytes) != 0)
        return mf_fail(diag, MF_IO, "%s: cannot be written: %s", path, strerror(errno));
    return good_bytes ? MF_OK : write_header(journal, experiment, diag);
}

mf_status mf_plan_journal_join(mf_plan_journal *journal, const char *path,
                                    const char *experiment, mf_arena *arena, mf_diag *diag)
{
    mf_plan_journal also = {.path = path, .outcomes = journal->outcomes, .n = journal->n};
    size_t good_bytes = 0;
    MF_TRY(read_lines(&also, experiment, arena, &good_bytes, diag));
    journal->outcomes = also.outcomes;
    journal->n = also.n;
    return MF_OK;
}

void mf_plan_journal_name(mf_part part, char name[64])
{
    if (part.n)
        snprintf(name, 64, "runs.%" PRIu64 "-of-%" PRIu64 ".journal", part.k, part.n);
    else
        snprintf(name, 64, "runs.journal");
}

void mf_plan_journal_close(mf_plan_journal *journal)
{
    if (journal->descriptor >= 0)
        close(journal->descriptor);
}
