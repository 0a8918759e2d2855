/* Whole files in and out, gzip included. The only place that includes zlib. */
#ifndef MF_BASE_FILE_H
#define MF_BASE_FILE_H

#include "base/arena.h"
#include "base/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Read a file, unpacking it if it is gzip. `*bytes` belongs to the arena and is followed by a zero
 * that `*n_bytes` does not count. A missing file is MF_UNKNOWN_NAME, a damaged gzip stream MF_MALFORMED,
 * all else MF_IO. Files above 256 MiB unpacked are refused. */
mf_status mf_file_read(const char *path, mf_arena *arena, char **bytes, size_t *n_bytes,
                       mf_diag *diag);

/* The same with a limit of one's own: what a person or a program writes as text is never long, and
 * a short gzip file can be anything once it is unpacked. MF_TOO_LARGE above `most_bytes`. */
#define MF_LARGEST_TEXT_BYTES ((size_t)32 << 20)
mf_status mf_file_read_most(const char *path, size_t most_bytes, mf_arena *arena, char **bytes,
                            size_t *n_bytes, mf_diag *diag);

/* How a file begins, unpacked if it is gzip: up to `size` bytes; how many they are. 0 for what
 * cannot be read or is no regular file: a pipe would lose what is looked at. */
size_t mf_file_peek(const char *path, char *bytes, size_t size);

/* Replace `path` by `bytes` in one step: written beside it, synced, then renamed, so that a reader
 * or a crash never sees half a file. Packed if the name ends in ".gz". Devices and pipes are
 * written directly. */
mf_status mf_file_write(const char *path, const char *bytes, size_t n_bytes, mf_diag *diag);

/* The same for what is made piece by piece: begin, put again and again, end. After a failed begin
 * nothing may follow; after anything else mf_file_end must, with `good` false where something else
 * went wrong: then the file is as it was. */
typedef struct mf_file_writer {
    char *path, *beside; /* NULL: written directly */
    int descriptor;
    void *gzip;
} mf_file_writer;
mf_status mf_file_begin(mf_file_writer *writer, const char *path, mf_diag *diag);
mf_status mf_file_put(mf_file_writer *writer, const char *bytes, size_t n_bytes, mf_diag *diag);
mf_status mf_file_end(mf_file_writer *writer, bool good, mf_diag *diag);

/* Append to an open file all of `bytes`, or nothing: what could be written of them is cut off
 * again. For files of lines that others must be able to read whatever happens. */
mf_status mf_file_append(int descriptor, const char *path, const char *bytes, size_t n_bytes,
                         mf_diag *diag);

/* Will it be possible to write there? For those who would find out after long work. */
mf_status mf_file_check(const char *path, mf_diag *diag);

/* This process alone works on `path` until the lock is released: a file PATH.lock holds its number,
 * and is taken over from one that died. MF_INVALID while another has it, or where something else
 * than a lock stands there: it is neither followed nor overwritten. */
typedef struct mf_file_lock {
    int descriptor;
    char *path;
} mf_file_lock;
mf_status mf_file_lock_take(const char *path, mf_file_lock *lock, mf_diag *diag);
void mf_file_lock_release(mf_file_lock *lock); /* also of one that was not taken, all zero */

/* Are these the same file, under whatever names? Two that are not there yet are if the folders and
 * the names in them are. */
bool mf_file_same(const char *a, const char *b);

/* The name without folders, within `path`. */
const char *mf_file_name(const char *path);

/* Does the name end in `ending`, for example ".csv"? */
bool mf_file_has_ending(const char *path, const char *ending);

#ifdef __cplusplus
}
#endif

#endif
