/* The reader goes from the end record to the directory to the entries; the writer the other way
 * round. Field offsets and signatures are those of the .ZIP file format specification (PKWARE
 * APPNOTE 6.3). */
#include "base/zip.h"

#include "base/unfinished.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum {
    LOCAL_BYTES = 30,
    DIRECTORY_BYTES = 46,
    END_BYTES = 22,
    LONGEST_COMMENT = 65535,
    STEP_BYTES = 1 << 16,
    LONGEST_NAME = 255,
    MOST_ENTRIES = 4096,
    STORED = 0,
    DEFLATED = 8
};

#define LOCAL_SIGNATURE     0x04034b50u
#define DIRECTORY_SIGNATURE 0x02014b50u
#define END_SIGNATURE       0x06054b50u

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

static void put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, value & 0xffff);
    put16(p + 2, value >> 16);
}

/* No way out of a folder, no control characters, nothing empty. */
static bool sound_name(const char *name, size_t length)
{
    if (length == 0 || length > LONGEST_NAME)
        return false;
    for (size_t i = 0, begin = 0; i <= length; i++) {
        unsigned char c = i < length ? (unsigned char)name[i] : '/';
        if (c < ' ' || c == 127 || c == '\\' || c == ':')
            return false;
        if (c != '/')
            continue;
        size_t part = i - begin;
        if (part == 0 || (part == 1 && name[begin] == '.') ||
            (part == 2 && name[begin] == '.' && name[begin + 1] == '.'))
            return false;
        begin = i + 1;
    }
    return true;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

struct mf_zip_reader {
    mf_arena *arena;
    FILE *file; /* NULL: the archive is at `bytes` */
    const uint8_t *bytes;
    const char *path;
    uint64_t n_bytes;   /* of the file */
    uint64_t directory; /* where entries end */
    mf_zip_entry *entries;
    size_t n_entries;
};

static mf_status malformed(const mf_zip_reader *r, mf_diag *diag, const char *why)
{
    return mf_fail(diag, MF_MALFORMED, "%s: not a sound zip archive: %s", r->path, why);
}

static mf_status read_at(mf_zip_reader *r, uint64_t offset, void *bytes, size_t n, mf_diag *diag)
{
    if (offset > r->n_bytes || n > r->n_bytes - offset)
        return malformed(r, diag, "it ends too early");
    if (!r->file) {
        if (n)
            memcpy(bytes, r->bytes + offset, n);
        return MF_OK;
    }
    if (fseeko(r->file, (off_t)offset, SEEK_SET) == 0 && fread(bytes, 1, n, r->file) == n)
        return MF_OK;
    if (feof(r->file)) /* it was longer when it was opened */
        return malformed(r, diag, "it ends too early");
    return mf_fail(diag, MF_IO, "%s: cannot be read: %s", r->path, strerror(errno));
}

/* The end record is the last thing but a comment. */
static mf_status find_end(mf_zip_reader *r, uint8_t *end, uint64_t *at, mf_diag *diag)
{
    size_t n =
        r->n_bytes < END_BYTES + LONGEST_COMMENT ? (size_t)r->n_bytes : END_BYTES + LONGEST_COMMENT;
    uint8_t *tail = MF_NEW_ARRAY(r->arena, uint8_t, n + 1);
    if (!tail)
        return mf_fail_memory(diag);
    MF_TRY(read_at(r, r->n_bytes - n, tail, n, diag));
    for (size_t i = n; i >= END_BYTES; i--) {
        const uint8_t *p = tail + i - END_BYTES;
        if (get32(p) == END_SIGNATURE && get16(p + 20) == n - i) {
            memcpy(end, p, END_BYTES);
            *at = r->n_bytes - n + i - END_BYTES;
            return MF_OK;
        }
    }
    return malformed(r, diag, "no directory at its end");
}

static mf_status read_entry(mf_zip_reader *r, const uint8_t *p, size_t left, size_t *length,
                            mf_diag *diag)
{
    if (left < DIRECTORY_BYTES || get32(p) != DIRECTORY_SIGNATURE)
        return malformed(r, diag, "damaged directory");
    uint32_t name_bytes = get16(p + 28), method = get16(p + 10), flags = get16(p + 8);
    *length = (size_t)DIRECTORY_BYTES + name_bytes + get16(p + 30) + get16(p + 32);
    if (*length > left)
        return malformed(r, diag, "damaged directory");
    const char *raw = (const char *)p + DIRECTORY_BYTES;
    if (!sound_name(raw, name_bytes))
        return malformed(r, diag, "an entry's name is no plain relative path");
    mf_zip_entry *e = &r->entries[r->n_entries];
    *e = (mf_zip_entry){.name = mf_arena_string_n(r->arena, raw, name_bytes),
                        .checksum = get32(p + 16),
                        .n_packed_bytes = get32(p + 20),
                        .n_bytes = get32(p + 24),
                        .offset = get32(p + 42),
                        .deflated = method == DEFLATED};
    if (!e->name)
        return mf_fail_memory(diag);
    if (flags & 1)
        return malformed(r, diag, "an entry is encrypted");
    if (method != STORED && method != DEFLATED)
        return malformed(r, diag, "an entry is packed in an unknown way");
    if (e->n_bytes == UINT32_MAX || e->n_packed_bytes == UINT32_MAX || e->offset == UINT32_MAX)
        return malformed(r, diag, "entries of 4 GiB are not read");
    if (!e->deflated && e->n_bytes != e->n_packed_bytes)
        return malformed(r, diag, "a stored entry has two sizes");
    if (e->offset + LOCAL_BYTES + e->n_packed_bytes > r->directory)
        return malformed(r, diag, "an entry reaches beyond the directory");
    if (mf_zip_find(r, e->name))
        return malformed(r, diag, "two entries have one name");
    r->n_entries++;
    return MF_OK;
}

static mf_status read_directory(mf_zip_reader *r, mf_diag *diag)
{
    uint8_t end[END_BYTES] = {0};
    uint64_t at = 0;
    size_t length = 0;
    MF_TRY(find_end(r, end, &at, diag));
    uint32_t n = get16(end + 10), n_bytes = get32(end + 12);
    r->directory = get32(end + 16);
    if (get16(end + 4) != 0 || get16(end + 8) != n)
        return malformed(r, diag, "archives in parts are not read");
    if (n > MOST_ENTRIES)
        return mf_fail(diag, MF_TOO_LARGE, "%s: more than %d entries", r->path, MOST_ENTRIES);
    if (r->directory > at || n_bytes != at - r->directory)
        return malformed(r, diag, "damaged directory");
    uint8_t *bytes = MF_NEW_ARRAY(r->arena, uint8_t, n_bytes);
    r->entries = MF_NEW_ARRAY(r->arena, mf_zip_entry, n);
    if (!bytes || !r->entries)
        return mf_fail_memory(diag);
    MF_TRY(read_at(r, r->directory, bytes, n_bytes, diag));
    size_t used = 0;
    for (uint32_t i = 0; i < n; i++, used += length)
        MF_TRY(read_entry(r, bytes + used, n_bytes - used, &length, diag));
    return used == n_bytes ? MF_OK : malformed(r, diag, "damaged directory");
}

static mf_zip_reader *new_reader(const char *name)
{
    mf_arena *arena = mf_arena_create();
    mf_zip_reader *r = arena ? MF_NEW(arena, mf_zip_reader) : NULL;
    const char *own_name = r ? mf_arena_string(arena, name) : NULL;
    if (!own_name) {
        mf_arena_destroy(arena);
        return NULL;
    }
    *r = (mf_zip_reader){.arena = arena, .path = own_name};
    return r;
}

static mf_status open_file(mf_zip_reader *r, mf_diag *diag)
{
    r->file = fopen(r->path, "rbe");
    if (!r->file)
        return mf_fail(diag, errno == ENOENT || errno == ENOTDIR ? MF_UNKNOWN_NAME : MF_IO,
                       "%s: cannot be read: %s", r->path, strerror(errno));
    off_t size = fseeko(r->file, 0, SEEK_END) == 0 ? ftello(r->file) : -1;
    if (size < 0)
        return mf_fail(diag, MF_IO, "%s: cannot be read: %s", r->path, strerror(errno));
    r->n_bytes = (uint64_t)size;
    return MF_OK;
}

static mf_status finish_opening(mf_zip_reader *r, mf_status status, mf_zip_reader **reader,
                                mf_diag *diag)
{
    if (status == MF_OK)
        status = read_directory(r, diag);
    if (status == MF_OK)
        *reader = r;
    else
        mf_zip_close(r);
    return status;
}

mf_status mf_zip_open(const char *path, mf_zip_reader **reader, mf_diag *diag)
{
    mf_zip_reader *r = new_reader(path);
    return r ? finish_opening(r, open_file(r, diag), reader, diag) : mf_fail_memory(diag);
}

mf_status mf_zip_open_bytes(const char *name, const void *bytes, size_t n_bytes,
                            mf_zip_reader **reader, mf_diag *diag)
{
    mf_zip_reader *r = new_reader(name);
    if (!r)
        return mf_fail_memory(diag);
    r->bytes = bytes;
    r->n_bytes = n_bytes;
    return finish_opening(r, MF_OK, reader, diag);
}

void mf_zip_close(mf_zip_reader *reader)
{
    if (!reader)
        return;
    if (reader->file)
        fclose(reader->file);
    mf_arena_destroy(reader->arena);
}

size_t mf_zip_count(const mf_zip_reader *reader)
{
    return reader->n_entries;
}

const mf_zip_entry *mf_zip_at(const mf_zip_reader *reader, size_t index)
{
    return &reader->entries[index];
}

const mf_zip_entry *mf_zip_find(const mf_zip_reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->n_entries; i++)
        if (strcmp(reader->entries[i].name, name) == 0)
            return &reader->entries[i];
    return NULL;
}

/* Where an entry's bytes begin: after its own header, whose lengths may differ from the
 * directory's. */
static mf_status find_bytes(mf_zip_reader *r, const mf_zip_entry *e, uint64_t *at, mf_diag *diag)
{
    uint8_t local[LOCAL_BYTES];
    MF_TRY(read_at(r, e->offset, local, sizeof local, diag));
    *at = e->offset + LOCAL_BYTES + get16(local + 26) + get16(local + 28);
    if (get32(local) != LOCAL_SIGNATURE || *at + e->n_packed_bytes > r->directory)
        return malformed(r, diag, "damaged entry");
    return MF_OK;
}

/* Unpack exactly n_bytes; more or less is an error, and more is never stored. */
static mf_status inflate_entry(mf_zip_reader *r, const mf_zip_entry *e, uint64_t at, uint8_t *bytes,
                               mf_diag *diag)
{
    uint8_t *step = malloc(STEP_BYTES), beyond;
    z_stream z = {0};
    int code = Z_OK;
    mf_status status = MF_OK;
    uint64_t left = e->n_packed_bytes;
    if (!step || inflateInit2(&z, -MAX_WBITS) != Z_OK) {
        free(step);
        return mf_fail_memory(diag);
    }
    z.next_out = e->n_bytes ? bytes : &beyond;
    z.avail_out = (uInt)e->n_bytes;
    while (code == Z_OK && status == MF_OK) {
        if (z.avail_in == 0 && left > 0) {
            size_t n = left < STEP_BYTES ? (size_t)left : STEP_BYTES;
            status = read_at(r, at, step, n, diag);
            at += n;
            left -= n;
            z.next_in = step;
            z.avail_in = (uInt)n;
        }
        if (z.avail_out == 0) { /* room for one byte that must not come */
            z.next_out = &beyond;
            z.avail_out = 1;
        }
        if (status == MF_OK)
            code = inflate(&z, Z_NO_FLUSH);
        if (z.total_out > e->n_bytes)
            break;
    }
    bool whole = code == Z_STREAM_END && z.total_out == e->n_bytes && left == 0 && z.avail_in == 0;
    inflateEnd(&z);
    free(step);
    if (status == MF_OK && !whole)
        status = mf_fail(diag, MF_MALFORMED, "%s: entry %s: damaged, or not the size it says",
                         r->path, e->name);
    return status;
}

mf_status mf_zip_read(mf_zip_reader *r, const mf_zip_entry *e, void *bytes, mf_diag *diag)
{
    uint64_t at = 0;
    MF_TRY(find_bytes(r, e, &at, diag));
    if (e->deflated)
        MF_TRY(inflate_entry(r, e, at, bytes, diag));
    else
        MF_TRY(read_at(r, at, bytes, (size_t)e->n_bytes, diag));
    if (crc32_z(0, bytes, (size_t)e->n_bytes) != e->checksum)
        return mf_fail(diag, MF_MALFORMED, "%s: entry %s: its checksum does not agree", r->path,
                       e->name);
    return MF_OK;
}

/* ---- writing -----------------------------------------------------------------------------------
 */

struct mf_zip_writer {
    mf_arena *arena;
    FILE *file;
    char *path, *temporary;
    mf_zip_entry *entries;
    size_t n_entries, most_entries;
    uint64_t n_bytes;
    z_stream deflater; /* one for all entries: its tables are larger than most of them */
    bool deflates;     /* it is there */
};

static mf_status fail_write(const mf_zip_writer *w, mf_diag *diag)
{
    return mf_fail(diag, MF_IO, "%s: cannot be written: %s", w->path, strerror(errno));
}

static mf_status put(mf_zip_writer *w, const void *bytes, size_t n, mf_diag *diag)
{
    if (n && fwrite(bytes, 1, n, w->file) != n)
        return fail_write(w, diag);
    w->n_bytes += n;
    return MF_OK;
}

mf_status mf_zip_create(const char *path, mf_zip_writer **writer, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_zip_writer *w = arena ? MF_NEW(arena, mf_zip_writer) : NULL;
    if (!w) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    w->arena = arena;
    w->path = mf_arena_string(arena, path);
    mf_status status = MF_OK;
    int file = w->path ? mf_unfinished_open(path, &w->temporary) : -1;
    if (!w->path)
        status = mf_fail_memory(diag);
    else if (file < 0 || !(w->file = fdopen(file, "wb")))
        status = fail_write(w, diag);
    if (file >= 0 && !w->file)
        close(file);
    if (status != MF_OK)
        mf_zip_abandon(w);
    else
        *writer = w;
    return status;
}

void mf_zip_abandon(mf_zip_writer *writer)
{
    if (!writer)
        return;
    if (writer->file)
        fclose(writer->file);
    if (writer->deflates)
        deflateEnd(&writer->deflater);
    if (writer->temporary)
        mf_unfinished_remove(writer->temporary);
    free(writer->temporary);
    free(writer->entries);
    mf_arena_destroy(writer->arena);
}

/* Deflate into a block of its own; NULL when memory is out. */
static uint8_t *pack(mf_zip_writer *w, const void *bytes, size_t n_bytes, size_t *n_packed)
{
    z_stream *z = &w->deflater;
    if (!w->deflates &&
        deflateInit2(z, Z_BEST_SPEED + 5, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    w->deflates = true;
    deflateReset(z);
    size_t room = deflateBound(z, n_bytes);
    uint8_t *packed = malloc(room + 1);
    z->next_in = (Bytef *)bytes;
    z->avail_in = (uInt)n_bytes;
    z->next_out = packed;
    z->avail_out = (uInt)room;
    bool whole = packed && deflate(z, Z_FINISH) == Z_STREAM_END;
    *n_packed = z->total_out;
    if (!whole) {
        free(packed);
        return NULL;
    }
    return packed;
}

/* What local header and directory have in common: 26 bytes from "version needed" on. */
static void put_common(uint8_t *p, const mf_zip_entry *e)
{
    put16(p, 20);
    put16(p + 4, e->deflated ? DEFLATED : STORED);
    put16(p + 8, 1 << 5 | 1); /* 1 January 1980, the earliest date there is */
    put32(p + 10, e->checksum);
    put32(p + 14, (uint32_t)e->n_packed_bytes);
    put32(p + 18, (uint32_t)e->n_bytes);
    put16(p + 22, (uint32_t)strlen(e->name));
}

static mf_status list_entry(mf_zip_writer *w, const mf_zip_entry *e, mf_diag *diag)
{
    if (w->n_entries == w->most_entries) {
        size_t most = w->most_entries ? 2 * w->most_entries : 64;
        mf_zip_entry *grown = realloc(w->entries, most * sizeof *grown);
        if (!grown)
            return mf_fail_memory(diag);
        w->entries = grown;
        w->most_entries = most;
    }
    w->entries[w->n_entries++] = *e;
    return MF_OK;
}

mf_status mf_zip_add(mf_zip_writer *w, const char *name, const void *bytes, size_t n_bytes,
                     mf_diag *diag)
{
    uint8_t local[LOCAL_BYTES] = {0};
    size_t n_packed = 0;
    if (!sound_name(name, strlen(name)))
        return mf_fail(diag, MF_INVALID, "%s: \"%s\" is no name for an entry", w->path, name);
    if (n_bytes > UINT32_MAX / 2 || w->n_bytes > UINT32_MAX / 2 || w->n_entries == MOST_ENTRIES)
        return mf_fail(diag, MF_TOO_LARGE, "%s: more than a zip archive holds here", w->path);
    uint8_t *packed = pack(w, bytes, n_bytes, &n_packed);
    if (!packed)
        return mf_fail_memory(diag);
    mf_zip_entry e = {.name = mf_arena_string(w->arena, name),
                      .n_bytes = n_bytes,
                      .offset = w->n_bytes,
                      .checksum = (uint32_t)crc32_z(0, bytes, n_bytes),
                      .deflated = n_packed < n_bytes};
    e.n_packed_bytes = e.deflated ? n_packed : n_bytes;
    mf_status status = e.name ? list_entry(w, &e, diag) : mf_fail_memory(diag);
    put32(local, LOCAL_SIGNATURE);
    put_common(local + 4, &e);
    if (status == MF_OK)
        status = put(w, local, sizeof local, diag);
    if (status == MF_OK)
        status = put(w, name, strlen(name), diag);
    if (status == MF_OK)
        status = put(w, e.deflated ? packed : bytes, (size_t)e.n_packed_bytes, diag);
    free(packed);
    return status;
}

static mf_status put_directory(mf_zip_writer *w, mf_diag *diag)
{
    uint64_t begin = w->n_bytes;
    uint8_t end[END_BYTES] = {0};
    for (size_t i = 0; i < w->n_entries; i++) {
        const mf_zip_entry *e = &w->entries[i];
        uint8_t record[DIRECTORY_BYTES] = {0};
        put32(record, DIRECTORY_SIGNATURE);
        put16(record + 4, 20);
        put_common(record + 6, e);
        put32(record + 42, (uint32_t)e->offset);
        MF_TRY(put(w, record, sizeof record, diag));
        MF_TRY(put(w, e->name, strlen(e->name), diag));
    }
    put32(end, END_SIGNATURE);
    put16(end + 8, (uint32_t)w->n_entries);
    put16(end + 10, (uint32_t)w->n_entries);
    put32(end + 12, (uint32_t)(w->n_bytes - begin));
    put32(end + 16, (uint32_t)begin);
    return put(w, end, sizeof end, diag);
}

mf_status mf_zip_finish(mf_zip_writer *w, mf_diag *diag)
{
    mf_status status = put_directory(w, diag);
    if (status == MF_OK && (fflush(w->file) != 0 || fsync(fileno(w->file)) != 0))
        status = fail_write(w, diag);
    if (status == MF_OK) {
        if (!mf_unfinished_replace(w->temporary, w->path))
            status = fail_write(w, diag);
        free(w->temporary);
        w->temporary = NULL; /* nothing left to remove */
    }
    mf_zip_abandon(w);
    return status;
}
