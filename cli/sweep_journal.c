/* JSON lines, appended one write at a time. */
#include "cli/sweep_journal.h"

#include "base/escape.h"
#include "base/faults.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mf_status fail_write(const mf_sweep_journal *journal, mf_diag *diag)
{
    return mf_fail(diag, MF_IO, "%s: cannot be written: %s", journal->path, strerror(errno));
}

static mf_status write_line(mf_sweep_journal *journal, mf_text *line, mf_diag *diag)
{
    mf_text_puts(line, "\n");
    if (line->failed)
        return mf_fail_memory(diag);
    return mf_file_append(journal->descriptor, journal->path, line->bytes, line->length, diag);
}

static mf_status write_header(mf_sweep_journal *journal, uint64_t digest, size_t n_points,
                              mf_diag *diag)
{
    mf_text line = {0};
    mf_text_printf(&line, "{\"digest\": \"%016" PRIx64 "\", \"n_points\": %zu}", digest, n_points);
    mf_status status = write_line(journal, &line, diag);
    mf_text_free(&line);
    return status;
}

/* ---- reading back ------------------------------------------------------------------------------
 */

static mf_status read_header(const mf_json *line, const char *path, uint64_t digest,
                             size_t n_points, mf_diag *diag)
{
    const char *text;
    uint64_t n;
    char expected[17];
    snprintf(expected, sizeof expected, "%016" PRIx64, digest);
    MF_TRY(mf_json_string(line, "digest", &text, diag));
    MF_TRY(mf_json_count(line, "n_points", 0, SIZE_MAX >> 11, &n, diag));
    if (strcmp(text, expected) == 0 && n == n_points)
        return MF_OK;
    mf_fail(diag, MF_INVALID,
            "%s: belongs to another sweep, or something it reads has changed since", path);
    mf_hint(diag, "delete it to start from the beginning");
    return MF_INVALID;
}

static mf_status read_result(const mf_json *line, const mf_sweep_journal_of *to, mf_diag *diag)
{
    static const char *const keys[] = {"point",       "energy_mj", "latency_ms",
                                       "utilisation", "fault",     NULL};
    uint64_t point;
    mf_json fault;
    const char *why;
    mf_sweep_result result = {.done = true};
    MF_TRY(mf_json_only(line, keys, diag));
    MF_TRY(mf_json_count(line, "point", 0, to->n_points - 1, &point, diag));
    if (mf_json_find(line, "fault", &fault)) {
        MF_TRY(mf_json_string(line, "fault", &why, diag));
        MF_TRY(mf_sweep_faults_add(to->faults, why, &result.fault, diag));
    } else {
        MF_TRY(mf_json_real(line, "energy_mj", 0, 1e300, &result.energy_mj, diag));
        MF_TRY(mf_json_real(line, "latency_ms", 0, 1e300, &result.latency_ms, diag));
        MF_TRY(mf_json_real(line, "utilisation", 0, 1, &result.utilisation, diag));
    }
    to->results[point] = result;
    return MF_OK;
}

/* The rest of `at` behind `word`; NULL where something else stands there, or `at` is NULL. */
static char *skip(char *at, const char *word)
{
    size_t n = strlen(word);
    return at && strncmp(at, word, n) == 0 ? at + n : NULL;
}

static char *skip_digits(char *at)
{
    return at + strspn(at, "0123456789");
}

/* Read a number as JSON has them, from 0 to `most`, and go beyond it; NULL where none stands. */
static char *read_number(char *at, double most, double *number)
{
    if (!at)
        return NULL;
    char *end = skip_digits(at);
    if (end == at || (*at == '0' && end > at + 1))
        return NULL;
    if (*end == '.') {
        char *digits = end + 1;
        if ((end = skip_digits(digits)) == digits)
            return NULL;
    }
    if (*end == 'e') {
        char *digits = end + 1 + (end[1] == '-' || end[1] == '+');
        if ((end = skip_digits(digits)) == digits)
            return NULL;
    }
    *number = strtod(at, NULL);
    return *number <= most ? end : NULL;
}

/* A line as this program writes it for a point that can run, which is most of a million lines,
 * without a tree of JSON values for each. False for any other, sound or not: that is for the strict
 * reader to say. */
static bool read_plain_result(char *line, const mf_sweep_journal_of *to)
{
    double point, limit = (double)(to->n_points - 1);
    mf_sweep_result result = {.done = true};
    char *at = read_number(skip(line, "{\"point\": "), limit, &point);
    at = read_number(skip(at, ", \"energy_mj\": "), 1e300, &result.energy_mj);
    at = read_number(skip(at, ", \"latency_ms\": "), 1e300, &result.latency_ms);
    at = skip(read_number(skip(at, ", \"utilisation\": "), 1, &result.utilisation), "}");
    if (!at || *at || point != (double)(size_t)point)
        return false;
    to->results[(size_t)point] = result;
    return true;
}

static mf_status read_line(const char *path, size_t number, char *line, size_t n_bytes,
                           const mf_sweep_journal_of *to, mf_diag *diag)
{
    char name[512];
    mf_json_doc *doc = NULL;
    if (number > 1 && strlen(line) == n_bytes && read_plain_result(line, to))
        return MF_OK;
    snprintf(name, sizeof name, "%s: line %zu", path, number);
    MF_TRY(mf_json_parse(line, n_bytes, name, &doc, diag));
    mf_json root = mf_json_root(doc);
    mf_status status = number == 1 ? read_header(&root, path, to->digest, to->n_points, diag)
                                   : read_result(&root, to, diag);
    mf_json_destroy(doc);
    return status;
}

/* Reads all whole lines, one at a time: there may be a million. `*good_bytes` is where a line torn
 * by a crash begins. */
static mf_status read_lines(const char *path, const mf_sweep_journal_of *to, size_t *good_bytes,
                            mf_diag *diag)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t n;
    mf_status status = MF_OK;
    *good_bytes = 0;
    if (!file)
        return mf_fail(diag, MF_IO, "%s: cannot be read: %s", path, strerror(errno));
    while (status == MF_OK && (n = getline(&line, &room, file)) > 0 && line[n - 1] == '\n') {
        line[n - 1] = '\0';
        status = read_line(path, ++number, line, (size_t)n - 1, to, diag);
        *good_bytes += (size_t)n;
    }
    if (status == MF_OK && (ferror(file) || !(feof(file) || line)))
        status = mf_fail(diag, MF_IO, "%s: cannot be read: %s", path, strerror(errno));
    free(line);
    fclose(file);
    return status;
}

char *mf_sweep_journal_name(const char *output, mf_part part, mf_arena *arena)
{
    return part.n ? mf_arena_format(arena, "%s.%" PRIu64 "-of-%" PRIu64 ".journal", output, part.k,
                                    part.n)
                  : mf_arena_format(arena, "%s.journal", output);
}

mf_status mf_sweep_journal_open(mf_sweep_journal *journal, const char *output, bool resume,
                                mf_part part, const mf_sweep_journal_of *of, mf_diag *diag)
{
    *journal = (mf_sweep_journal){.descriptor = -1};
    if (!output)
        return MF_OK;
    journal->path = mf_sweep_journal_name(output, part, of->arena);
    if (!journal->path)
        return mf_fail_memory(diag);
    struct stat info;
    bool exists = lstat(journal->path, &info) == 0;
    if (exists && !resume && !part.n) {
        mf_fail(diag, MF_INVALID, "%s: left by an interrupted sweep", journal->path);
        mf_hint(diag, "add --resume to go on from there, or delete it");
        return MF_INVALID;
    }
    journal->found = exists;
    size_t good_bytes = 0;
    if (exists)
        MF_TRY(read_lines(journal->path, of, &good_bytes, diag));
    int how = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (exists ? 0 : O_CREAT | O_EXCL);
    journal->descriptor = open(journal->path, how, 0666);
    if (journal->descriptor < 0 || ftruncate(journal->descriptor, (off_t)good_bytes) != 0)
        return fail_write(journal, diag);
    return good_bytes ? MF_OK : write_header(journal, of->digest, of->n_points, diag);
}

mf_status mf_sweep_journal_merge(const char *output, uint64_t n, const mf_sweep_journal_of *of,
                                 mf_diag *diag)
{
    mf_faults faults = {0};
    for (uint64_t k = 1; k <= n; k++) {
        const char *path = mf_sweep_journal_name(output, (mf_part){k, n}, of->arena);
        struct stat info;
        size_t good_bytes;
        if (!path)
            return mf_fail_memory(diag);
        MF_ALSO(lstat(path, &info) == 0
                    ? read_lines(path, of, &good_bytes, &faults.latest)
                    : mf_fail(&faults.latest, MF_INVALID, "--merge %" PRIu64 ": there is no %s", n,
                              path));
    }
    return mf_faults_end(&faults, diag);
}

mf_status mf_sweep_journal_add(mf_sweep_journal *journal, size_t point,
                               const mf_sweep_result *result, const char *why, mf_diag *diag)
{
    if (!journal->path)
        return MF_OK;
    mf_text line = {0};
    mf_text_printf(&line, "{\"point\": %zu", point);
    if (why) {
        mf_text_puts(&line, ", \"fault\": ");
        mf_escape_json(&line, why);
    } else {
        mf_text_puts(&line, ", \"energy_mj\": ");
        mf_text_json_real(&line, result->energy_mj);
        mf_text_puts(&line, ", \"latency_ms\": ");
        mf_text_json_real(&line, result->latency_ms);
        mf_text_puts(&line, ", \"utilisation\": ");
        mf_text_json_real(&line, result->utilisation);
    }
    mf_text_puts(&line, "}");
    mf_status status = write_line(journal, &line, diag);
    mf_text_free(&line);
    return status;
}

void mf_sweep_journal_close(mf_sweep_journal *journal, bool finished)
{
    if (journal->descriptor >= 0)
        close(journal->descriptor);
    if (finished && journal->path)
        unlink(journal->path);
}
