/* Texts with their ends, one behind the other: place p is byte p - 1 of those in memory, and of
 * those in the file what is beyond. */
#include "cli/sweep_faults.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20 /* in memory */, N_SLOTS = 4096 };

typedef struct mf_sweep_fault_slot {
    uint64_t hash, place;
} mf_sweep_fault_slot;

static mf_status fail_file(const char *what, mf_diag *diag)
{
    return mf_fail(diag, MF_IO,
                   "a temporary file for the reasons of points that cannot run cannot be %s: %s",
                   what, strerror(errno));
}

static mf_status prepare(mf_sweep_faults *f, mf_diag *diag)
{
    if (!f->bytes)
        f->bytes = malloc(MOST_BYTES);
    if (!f->slots)
        f->slots = calloc(N_SLOTS, sizeof *f->slots);
    return f->bytes && f->slots ? MF_OK : mf_fail_memory(diag);
}

static mf_status put(mf_sweep_faults *f, const char *text, size_t n, uint64_t *place, mf_diag *diag)
{
    if (!f->file && f->n_bytes + n <= MOST_BYTES) {
        memcpy(f->bytes + f->n_bytes, text, n);
        *place = 1 + f->n_bytes;
        f->n_bytes += n;
        return MF_OK;
    }
    if (!f->file && !(f->file = tmpfile()))
        return fail_file("made", diag);
    if (fwrite(text, 1, n, f->file) != n)
        return fail_file("written", diag);
    *place = 1 + MOST_BYTES + f->n_file_bytes;
    f->n_file_bytes += n;
    return MF_OK;
}

mf_status mf_sweep_faults_add(mf_sweep_faults *f, const char *text, uint64_t *place, mf_diag *diag)
{
    const size_t n = strlen(text) + 1;
    const uint64_t hash = mf_hash_bytes(MF_HASH_BEGIN, text, n);
    char there[MF_SWEEP_FAULT_BYTES];
    if (n > MF_SWEEP_FAULT_BYTES)
        return mf_fail(diag, MF_TOO_LARGE,
                       "the reason of a point that cannot run has more than %d bytes",
                       MF_SWEEP_FAULT_BYTES - 1);
    MF_TRY(prepare(f, diag));
    mf_sweep_fault_slot *slot = &f->slots[hash % N_SLOTS];
    if (slot->place && slot->hash == hash) {
        MF_TRY(mf_sweep_faults_get(f, slot->place, there, diag));
        if (strcmp(there, text) == 0) {
            *place = slot->place;
            return MF_OK;
        }
    }
    MF_TRY(put(f, text, n, place, diag));
    *slot = (mf_sweep_fault_slot){hash, *place};
    return MF_OK;
}

mf_status mf_sweep_faults_get(const mf_sweep_faults *f, uint64_t place,
                              char text[MF_SWEEP_FAULT_BYTES], mf_diag *diag)
{
    if (place <= f->n_bytes) {
        strcpy(text, f->bytes + (place - 1));
        return MF_OK;
    }
    const off_t at = (off_t)(place - 1 - MOST_BYTES);
    if (fflush(f->file) != 0)
        return fail_file("written", diag);
    ssize_t n = pread(fileno(f->file), text, MF_SWEEP_FAULT_BYTES, at);
    if (n <= 0 || !memchr(text, '\0', (size_t)n)) {
        errno = n < 0 ? errno : EIO;
        return fail_file("read", diag);
    }
    return MF_OK;
}

void mf_sweep_faults_free(mf_sweep_faults *f)
{
    free(f->bytes);
    free(f->slots);
    if (f->file)
        fclose(f->file);
    *f = (mf_sweep_faults){0};
}
