/* Zip archives in and out: named entries, each stored or deflated, with a checksum. Just what .npz
 * needs: no encryption, no spanning, no entry or archive of 4 GiB or more, no
 * more than 4096 entries.
 *
 * Reading trusts nothing: sizes, offsets, names and checksums are checked, an entry that unpacks to
 * another size than it says is an error, and nothing is unpacked beyond what the caller allows. */
#ifndef MF_BASE_ZIP_H
#define MF_BASE_ZIP_H

#include "base/arena.h"
#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One entry of an archive that is open for reading. The name is one path component or several
 * separated by
 * '/', none of them empty, "." or "..". */
typedef struct mf_zip_entry {
    const char *name;
    uint64_t n_bytes, n_packed_bytes, offset;
    uint32_t checksum;
    bool deflated;
} mf_zip_entry;

typedef struct mf_zip_reader mf_zip_reader;

/* Open an archive; its entries are listed in the order of its directory. Owned by the caller; close
 * accepts NULL. MF_UNKNOWN_NAME where there is no file, MF_MALFORMED where it is no sound archive.
 */
mf_status mf_zip_open(const char *path, mf_zip_reader **reader, mf_diag *diag);

/* The same for an archive in memory, which stays the caller's and must outlive the reader. `name`
 * is what messages begin with. */
mf_status mf_zip_open_bytes(const char *name, const void *bytes, size_t n_bytes,
                            mf_zip_reader **reader, mf_diag *diag);
void mf_zip_close(mf_zip_reader *reader);

size_t mf_zip_count(const mf_zip_reader *reader);
const mf_zip_entry *mf_zip_at(const mf_zip_reader *reader, size_t index);
const mf_zip_entry *mf_zip_find(const mf_zip_reader *reader, const char *name);

/* Unpack a whole entry into `bytes[entry->n_bytes]`, which the caller allocates after looking at
 * the size. */
mf_status mf_zip_read(mf_zip_reader *reader, const mf_zip_entry *entry, void *bytes, mf_diag *diag);

typedef struct mf_zip_writer mf_zip_writer;

/* Write an archive beside `path`; it takes the name `path` in mf_zip_finish and not before. Same
 * entries, same bytes: no time stamps. Abandon removes what was written; it accepts NULL. */
mf_status mf_zip_create(const char *path, mf_zip_writer **writer, mf_diag *diag);
mf_status mf_zip_add(mf_zip_writer *writer, const char *name, const void *bytes, size_t n_bytes,
                     mf_diag *diag);
mf_status mf_zip_finish(mf_zip_writer *writer, mf_diag *diag);
void mf_zip_abandon(mf_zip_writer *writer);

#ifdef __cplusplus
}
#endif

#endif
