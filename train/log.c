/* Lines in and out. */
#include "train/log.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void write_line(const mf_logged *line, mf_text *text)
{
    mf_text_printf(text, "{\"epoch\": %" PRIu64, line->epoch);
#define MF_LOGGED(member, about)                                                                   \
    mf_text_puts(text, ", \"" #member "\": ");                                                     \
    mf_text_json_real(text, line->member);
    MF_EACH_LOGGED(MF_LOGGED)
#undef MF_LOGGED
    mf_text_puts(text, "}\n");
}

/* What is there stays whole lines, whatever happens. */
mf_status mf_log_append(const char *path, const mf_logged *line, mf_diag *diag)
{
    mf_text text = {0};
    mf_status status = MF_OK;
    write_line(line, &text);
    int file = text.failed ? -1 : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (text.failed)
        status = mf_fail_memory(diag);
    else if (file >= 0)
        status = mf_file_append(file, path, text.bytes, text.length, diag);
    if (!text.failed && (file < 0 || (close(file) != 0 && status == MF_OK)))
        status = mf_fail(diag, MF_IO, "%s: cannot be written: %s", path, strerror(errno));
    mf_text_free(&text);
    return status;
}

static mf_status read_line(const mf_json *root, mf_logged *line, mf_diag *diag)
{
    MF_TRY(mf_json_count(root, "epoch", 1, UINT32_MAX, &line->epoch, diag));
#define MF_LOGGED(member, about)                                                                   \
    MF_TRY(mf_json_real(root, #member, -HUGE_VAL, HUGE_VAL, &line->member, diag));
    MF_EACH_LOGGED(MF_LOGGED)
#undef MF_LOGGED
    return MF_OK;
}

mf_status mf_log_read(const char *path, mf_arena *arena, mf_logged **lines, size_t *n,
                      mf_diag *diag)
{
    char *bytes;
    size_t n_bytes;
    *n = 0;
    MF_TRY(mf_file_read(path, arena, &bytes, &n_bytes, diag));
    return mf_log_parse(path, bytes, n_bytes, arena, lines, n, diag);
}

mf_status mf_log_parse(const char *path, const char *bytes, size_t n_bytes, mf_arena *arena,
                       mf_logged **lines, size_t *n, mf_diag *diag)
{
    size_t most = 0;
    *n = 0;
    for (size_t i = 0; i < n_bytes; i++)
        most += bytes[i] == '\n';
    *lines = MF_NEW_ARRAY(arena, mf_logged, most + 1);
    if (!*lines)
        return mf_fail_memory(diag);
    for (const char *at = bytes, *end; at < bytes + n_bytes; at = end + 1) {
        const char *name = mf_arena_format(arena, "%s: line %zu", path, *n + 1);
        mf_json_doc *doc;
        if (!name)
            return mf_fail_memory(diag);
        end = memchr(at, '\n', (size_t)(bytes + n_bytes - at));
        bool whole = end != NULL;
        end = whole ? end : bytes + n_bytes;
        mf_diag why = {0};
        mf_status parsed = mf_json_parse(at, (size_t)(end - at), name, &doc, &why);
        if (parsed == MF_MALFORMED && !whole)
            break; /* a line that a crash cut off */
        if (parsed != MF_OK && diag)
            *diag = why;
        MF_TRY(parsed);
        mf_json root = mf_json_root(doc);
        mf_status status = read_line(&root, &(*lines)[*n], diag);
        mf_json_destroy(doc);
        MF_TRY(status);
        ++*n;
    }
    return MF_OK;
}

static mf_status cut(const char *path, uint64_t last, double best_top1, mf_arena *arena,
                     mf_diag *diag)
{
    double best = 0;
    mf_logged *lines;
    size_t n, kept = 0;
    mf_text text = {0};
    MF_TRY(mf_log_read(path, arena, &lines, &n, diag));
    for (size_t i = 0; i < n; i++)
        if (lines[i].epoch <= last) {
            write_line(&lines[i], &text);
            best = fmax(best, lines[i].test_top1);
            kept++;
        }
    mf_status status = MF_OK;
    if (text.failed)
        status = mf_fail_memory(diag);
    else if (best > best_top1 || (kept == last && best < best_top1))
        status = mf_fail(diag, MF_INVALID,
                         "%s: the log of another training: its best top-1 is %g, the checkpoint's "
                         "%g",
                         path, best, best_top1);
    else
        status = mf_file_write(path, kept ? text.bytes : "", text.length, diag);
    mf_text_free(&text);
    return status;
}

mf_status mf_log_cut(const char *path, uint64_t last, double best_top1, mf_diag *diag)
{
    if (access(path, F_OK) != 0)
        return MF_OK;
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    mf_status status = cut(path, last, best_top1, arena, diag);
    mf_arena_destroy(arena);
    return status;
}
