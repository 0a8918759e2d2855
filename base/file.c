/* Reading through zlib (which passes plain files on as they are) and atomic writing. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { LARGEST_FILE_BYTES = 256 << 20, STEP_BYTES = 1 << 16 };

/* Grows one malloc block and copies it once into the arena: the unpacked size is not known before.
 */
static mf_status read_all(gzFile file, const char *path, char **bytes, size_t *n_bytes,
                          mf_diag *diag)
{
    size_t capacity = 0, used = 0;
    char *block = NULL;
    for (;;) {
        if (capacity - used < STEP_BYTES) {
            capacity = capacity ? capacity * 2 : STEP_BYTES * 2;
            char *grown = realloc(block, capacity);
            if (!grown) {
                free(block);
                return mf_fail_memory(diag);
            }
            block = grown;
        }
        int n = gzread(file, block + used, STEP_BYTES);
        if (n == 0)
            break;
        if (n < 0 || used + (size_t)n > LARGEST_FILE_BYTES) {
            int code = Z_OK;
            const char *why = gzerror(file, &code);
            free(block);
            if (n >= 0)
                return mf_fail(diag, MF_TOO_LARGE, "%s: larger than %d MiB", path,
                               LARGEST_FILE_BYTES >> 20);
            if (code == Z_ERRNO)
                return mf_fail(diag, MF_IO, "%s: cannot be read: %s", path, strerror(errno));
            return mf_fail(diag, MF_MALFORMED, "%s: damaged gzip stream: %s", path, why);
        }
        used += (size_t)n;
    }
    *bytes = block;
    *n_bytes = used;
    return MF_OK;
}

mf_status mf_file_read(const char *path, mf_arena *arena, char **bytes, size_t *n_bytes,
                       mf_diag *diag)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return mf_fail(diag, errno == ENOENT || errno == ENOTDIR ? MF_UNKNOWN_NAME : MF_IO,
                       "%s: cannot be read: %s", path, strerror(errno));
    gzFile file = gzdopen(descriptor, "rb");
    if (!file) {
        close(descriptor);
        return mf_fail_memory(diag);
    }
    char *block = NULL;
    size_t length = 0;
    mf_status status = read_all(file, path, &block, &length, diag);
    int closed = gzclose(file);
    if (status == MF_OK && closed == Z_BUF_ERROR)
        status = mf_fail(diag, MF_MALFORMED, "%s: gzip stream ends too early", path);
    if (status == MF_OK) {
        *bytes = mf_arena_string_n(arena, block, length);
        *n_bytes = length;
        if (!*bytes)
            status = mf_fail_memory(diag);
    }
    free(block);
    return status;
}

static bool put_plain(int descriptor, const char *bytes, size_t n_bytes)
{
    for (size_t done = 0; done < n_bytes;) {
        ssize_t n = write(descriptor, bytes + done, n_bytes - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static bool put_gzip(int descriptor, const char *bytes, size_t n_bytes)
{
    int copy = dup(descriptor);
    gzFile file = copy < 0 ? NULL : gzdopen(copy, "wb9");
    if (!file) {
        if (copy >= 0)
            close(copy);
        return false;
    }
    bool good = n_bytes == 0 || gzfwrite(bytes, 1, n_bytes, file) == n_bytes;
    return gzclose(file) == Z_OK && good;
}

static mf_status fail_write(const char *path, mf_diag *diag)
{
    return mf_fail(diag, MF_IO, "%s: cannot be written: %s", path, strerror(errno));
}

static mf_status write_through(const char *path, const char *bytes, size_t n_bytes, mf_diag *diag)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_write(path, diag);
    bool good = put_plain(descriptor, bytes, n_bytes);
    good = close(descriptor) == 0 && good;
    return good ? MF_OK : fail_write(path, diag);
}

static mf_status replace(const char *path, const char *bytes, size_t n_bytes, mf_diag *diag)
{
    size_t size = strlen(path) + 32;
    char *beside = malloc(size);
    if (!beside)
        return mf_fail_memory(diag);
    snprintf(beside, size, "%s.%ld.tmp", path, (long)getpid());
    mf_status status = MF_OK;
    int descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        status = fail_write(path, diag);
        free(beside);
        return status;
    }
    bool good = mf_file_has_ending(path, ".gz") ? put_gzip(descriptor, bytes, n_bytes)
                                                : put_plain(descriptor, bytes, n_bytes);
    good = good && fsync(descriptor) == 0;
    good = close(descriptor) == 0 && good;
    if (!good || rename(beside, path) != 0) {
        status = fail_write(path, diag);
        unlink(beside);
    }
    free(beside);
    return status;
}

mf_status mf_file_write(const char *path, const char *bytes, size_t n_bytes, mf_diag *diag)
{
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return fail_write(path, diag);
    }
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return write_through(path, bytes, n_bytes, diag);
    /* Write where a symbolic link points, instead of replacing the link. */
    char *real = realpath(path, NULL);
    mf_status status = replace(real ? real : path, bytes, n_bytes, diag);
    free(real);
    return status;
}

bool mf_file_same(const char *a, const char *b)
{
    struct stat one, other;
    if (stat(a, &one) != 0 || stat(b, &other) != 0)
        return strcmp(a, b) == 0;
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool mf_file_has_ending(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcmp(path + n - m, ending) == 0;
}
