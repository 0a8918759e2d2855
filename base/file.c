/* Reading through zlib (which passes plain files on as they are) and atomic writing. */
#include "base/file.h"

#include "base/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { LARGEST_FILE_BYTES = 256 << 20, STEP_BYTES = 1 << 16 }; /* the largest data sets unpacked */

/* Grows one malloc block and copies it once into the arena: the unpacked size is not known before.
 */
static mf_status read_all(gzFile file, const char *path, size_t most_bytes, char **bytes,
                          size_t *n_bytes, mf_diag *diag)
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
        if (n < 0 || used + (size_t)n > most_bytes) {
            int code = Z_OK, fault = errno;
            const char *why = gzerror(file, &code);
            free(block);
            if (n >= 0)
                return mf_fail(diag, MF_TOO_LARGE, "%s: larger than %zu MiB", path,
                               most_bytes >> 20);
            if (code == Z_ERRNO)
                return mf_fail(diag, MF_IO, "%s: cannot be read: %s", path, strerror(fault));
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
    return mf_file_read_most(path, LARGEST_FILE_BYTES, arena, bytes, n_bytes, diag);
}

mf_status mf_file_read_most(const char *path, size_t most_bytes, mf_arena *arena, char **bytes,
                            size_t *n_bytes, mf_diag *diag)
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
    mf_status status = read_all(file, path, most_bytes, &block, &length, diag);
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

size_t mf_file_peek(const char *path, char *bytes, size_t size)
{
    struct stat about;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return 0;
    bool regular = fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
    gzFile file = regular ? gzdopen(descriptor, "rb") : NULL;
    if (!file) {
        close(descriptor);
        return 0;
    }
    int n = gzread(file, bytes, (unsigned)size);
    gzclose(file);
    return n > 0 ? (size_t)n : 0;
}

static bool put_plain(int descriptor, const char *bytes, size_t n_bytes)
{
    for (size_t done = 0; done < n_bytes;) {
        ssize_t n = write(descriptor, bytes + done, n_bytes - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; /* write does not say why */
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* zlib sets errno only where a call of the system failed. */
static bool gzip_good(int code)
{
    if (code == Z_MEM_ERROR)
        errno = ENOMEM;
    else if (code != Z_OK && (code != Z_ERRNO || !errno))
        errno = EIO;
    return code == Z_OK;
}

/* Close, and leave errno to the failure that came first. */
static bool close_after(int descriptor, bool good)
{
    int fault = errno;
    bool closed = close(descriptor) == 0;
    errno = good ? errno : fault;
    return good && closed;
}

static mf_status fail_write(const char *path, mf_diag *diag)
{
    return mf_fail(diag, MF_IO, "%s: cannot be written: %s", path, strerror(errno));
}

/* zlib on a copy of the descriptor, which it closes. */
static bool open_gzip(mf_file_writer *writer)
{
    int copy = dup(writer->descriptor);
    if (copy < 0)
        return false;
    writer->gzip = gzdopen(copy, "wb9");
    if (writer->gzip)
        return true;
    close(copy);
    return gzip_good(Z_MEM_ERROR);
}

static mf_status open_beside(mf_file_writer *writer, mf_diag *diag)
{
    writer->descriptor = mf_unfinished_open(writer->path, &writer->beside);
    if (writer->descriptor < 0) {
        mf_status status = fail_write(writer->path, diag);
        free(writer->path);
        return status;
    }
    if (!mf_file_has_ending(writer->path, ".gz") || open_gzip(writer))
        return MF_OK;
    mf_status status = fail_write(writer->path, diag);
    mf_file_end(writer, false, NULL);
    return status;
}

mf_status mf_file_begin(mf_file_writer *writer, const char *path, mf_diag *diag)
{
    struct stat info;
    bool there = stat(path, &info) == 0;
    *writer = (mf_file_writer){.descriptor = -1};
    if (there && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return fail_write(path, diag);
    }
    /* Write where a symbolic link points, instead of replacing the link. */
    char *real = realpath(path, NULL);
    writer->path = real ? real : strdup(path);
    if (!writer->path)
        return mf_fail_memory(diag);
    if (!there || S_ISREG(info.st_mode))
        return open_beside(writer, diag);
    writer->descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (writer->descriptor >= 0)
        return MF_OK;
    free(writer->path);
    return fail_write(path, diag);
}

mf_status mf_file_put(mf_file_writer *writer, const char *bytes, size_t n_bytes, mf_diag *diag)
{
    int code = Z_OK;
    if (!writer->gzip)
        return put_plain(writer->descriptor, bytes, n_bytes) ? MF_OK
                                                             : fail_write(writer->path, diag);
    if (!n_bytes || gzfwrite(bytes, 1, n_bytes, writer->gzip) == n_bytes)
        return MF_OK;
    gzerror(writer->gzip, &code);
    gzip_good(code == Z_OK ? Z_STREAM_ERROR : code);
    return fail_write(writer->path, diag);
}

mf_status mf_file_end(mf_file_writer *writer, bool good, mf_diag *diag)
{
    bool whole = true;
    if (writer->gzip)
        whole = gzip_good(gzclose(writer->gzip));
    if (writer->beside && good)
        whole = whole && fsync(writer->descriptor) == 0;
    whole = close_after(writer->descriptor, whole);
    mf_status status = !good || whole ? MF_OK : fail_write(writer->path, diag);
    if (writer->beside && !(good && whole))
        mf_unfinished_remove(writer->beside);
    else if (writer->beside && !mf_unfinished_replace(writer->beside, writer->path))
        status = fail_write(writer->path, diag);
    free(writer->beside);
    free(writer->path);
    return status;
}

mf_status mf_file_write(const char *path, const char *bytes, size_t n_bytes, mf_diag *diag)
{
    mf_file_writer writer;
    MF_TRY(mf_file_begin(&writer, path, diag));
    mf_status status = mf_file_put(&writer, bytes, n_bytes, diag);
    mf_status ended = mf_file_end(&writer, status == MF_OK, diag);
    return status != MF_OK ? status : ended;
}

mf_status mf_file_append(int descriptor, const char *path, const char *bytes, size_t n_bytes,
                         mf_diag *diag)
{
    off_t before = lseek(descriptor, 0, SEEK_END);
    if (put_plain(descriptor, bytes, n_bytes))
        return MF_OK;
    mf_status status = fail_write(path, diag);
    if (before >= 0 && ftruncate(descriptor, before) != 0) /* then who reads it must pass it over */
        errno = 0;
    return status;
}

mf_status mf_file_check(const char *path, mf_diag *diag)
{
    struct stat info;
    size_t n = strlen(path);
    char *folder = malloc(n + 2);
    if (!folder)
        return mf_fail_memory(diag);
    while (n && path[n - 1] != '/')
        n--;
    memcpy(folder, n ? path : ".", n ? n : 1);
    folder[n ? n : 1] = '\0';
    int fault = 0;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        fault = EISDIR;
    else if (access(folder, W_OK) != 0)
        fault = errno;
    free(folder);
    errno = fault;
    return fault ? fail_write(path, diag) : MF_OK;
}

static mf_status fail_locked(const char *path, int descriptor, mf_diag *diag)
{
    char owner[32] = "";
    ssize_t n = read(descriptor, owner, sizeof owner - 1);
    owner[n > 0 ? n : 0] = '\0';
    return mf_fail(diag, MF_INVALID, "%s: process %s is at work on it", path,
                   *owner ? owner : "unknown");
}

/* A plain file of one name that holds nothing or a number. */
static bool is_lock(int descriptor)
{
    char held[32];
    struct stat info;
    if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink > 1)
        return false;
    ssize_t n = pread(descriptor, held, sizeof held, 0);
    for (ssize_t i = 0; i < n; i++)
        if (held[i] < '0' || held[i] > '9')
            return false;
    return n >= 0 && n < (ssize_t)sizeof held;
}

mf_status mf_file_lock_take(const char *path, mf_file_lock *lock, mf_diag *diag)
{
    char *real = realpath(path, NULL); /* one lock, through whatever links */
    size_t size = strlen(real ? real : path) + 8;
    char owner[32], *name = malloc(size);
    struct stat mine, there;
    mf_status status = MF_OK;
    *lock = (mf_file_lock){-1, NULL};
    if (name)
        snprintf(name, size, "%s.lock", real ? real : path);
    free(real);
    if (!name)
        return mf_fail_memory(diag);
    int descriptor = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno != ELOOP)
        status = fail_write(name, diag);
    else if (descriptor < 0 || !is_lock(descriptor))
        status = mf_fail(diag, MF_INVALID, "%s: not a lock of ours, and %s needs one of that name",
                         name, path);
    else if (flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        status = fail_locked(path, descriptor, diag);
    else if (fstat(descriptor, &mine) != 0 || stat(name, &there) != 0 ||
             mine.st_ino != there.st_ino) /* removed by the one who had it, this very moment */
        status = fail_locked(path, descriptor, diag);
    snprintf(owner, sizeof owner, "%ld", (long)getpid());
    if (status == MF_OK &&
        (ftruncate(descriptor, 0) != 0 || !put_plain(descriptor, owner, strlen(owner)))) {
        status = fail_write(name, diag);
        unlink(name); /* ours already */
    }
    if (status != MF_OK) {
        if (descriptor >= 0)
            close(descriptor);
        free(name);
        return status;
    }
    mf_unfinished_begin(name);
    *lock = (mf_file_lock){descriptor, name};
    return MF_OK;
}

void mf_file_lock_release(mf_file_lock *lock)
{
    if (!lock->path)
        return;
    mf_unfinished_remove(lock->path);
    close(lock->descriptor);
    free(lock->path);
    lock->path = NULL;
}

/* The folder of a path, links and detours resolved, or NULL; freed by the caller. */
static char *real_folder(const char *path)
{
    size_t n = (size_t)(mf_file_name(path) - path);
    char *folder = malloc(n + 2), *real = NULL;
    if (folder) {
        memcpy(folder, n ? path : ".", n ? n : 1);
        folder[n ? n : 1] = '\0';
        real = realpath(folder, NULL);
    }
    free(folder);
    return real;
}

static bool same_name(const char *a, const char *b)
{
    char *of_a = real_folder(a), *of_b = real_folder(b);
    bool same = strcmp(mf_file_name(a), mf_file_name(b)) == 0 &&
                (of_a && of_b ? strcmp(of_a, of_b) == 0 : strcmp(a, b) == 0);
    free(of_a);
    free(of_b);
    return same;
}

bool mf_file_same(const char *a, const char *b)
{
    struct stat one, other;
    bool a_there = stat(a, &one) == 0, b_there = stat(b, &other) == 0;
    if (!a_there && !b_there)
        return same_name(a, b);
    return a_there && b_there && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

const char *mf_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool mf_file_has_ending(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcmp(path + n - m, ending) == 0;
}
