/* A list of failures that share the name of their document, as one line. */
#include "base/faults.h"

#include <stdio.h>
#include <string.h>

/* The place at which a message of the same document says something of its own: behind "name: ". */
static const char *behind_name(const char *message, const char *first)
{
    const char *end = strstr(first, ": ");
    size_t n = end ? (size_t)(end - first) + 2 : 0;
    return strncmp(message, first, n) == 0 ? message + n : message;
}

/* A fault is appended whole or not at all. */
static bool append(mf_faults *faults, const char *message, const char *hint)
{
    enum { ROOM_FOR_HEAD = 320 }; /* the name, how many there are, how many are left out */
    size_t n = strlen(faults->list), room = sizeof faults->list - ROOM_FOR_HEAD;
    size_t wanted = strlen(message) + strlen(hint) + 8;
    if (n + wanted > room)
        return false;
    snprintf(faults->list + n, sizeof faults->list - n, "%s%s%s%s%s", n ? "; " : "", message,
             *hint ? " (" : "", hint, *hint ? ")" : "");
    return true;
}

/* Behind "3 things are wrong: ", where the message is a list itself. */
static const char *behind_count(const char *message)
{
    const char *end = strstr(message, ": ");
    return end ? end + 2 : message;
}

static void keep(mf_faults *faults, mf_status status)
{
    const mf_diag *latest = &faults->latest;
    if (faults->n && strcmp(latest->message, faults->first.message) == 0)
        return; /* each member of what is no object says that it is none */
    if (faults->n == 0 || status == MF_NO_MEMORY) {
        faults->first = *latest;
        faults->first.status = status;
    }
    const char *message = behind_name(latest->message, faults->first.message);
    size_t n = latest->n_things ? latest->n_things : 1;
    bool all_shown = faults->n_shown == faults->n;
    faults->n += n;
    if (all_shown &&
        append(faults, latest->n_things ? behind_count(message) : message, latest->hint))
        faults->n_shown += n;
}

void mf_faults_add(mf_faults *faults, mf_status status)
{
    if (status != MF_OK && faults->first.status != MF_NO_MEMORY)
        keep(faults, status);
    faults->latest = (mf_diag){0};
}

mf_status mf_faults_end(const mf_faults *faults, mf_diag *diag)
{
    const mf_diag *first = &faults->first;
    if (faults->n == 0)
        return MF_OK;
    bool alone = faults->n == 1 || faults->n == first->n_things || first->status == MF_NO_MEMORY;
    if (alone || faults->n_shown == 0) {
        if (diag)
            *diag = *first;
        return first->status;
    }
    const char *end = strstr(first->message, ": ");
    int name = end ? (int)(end - first->message) + 2 : 0;
    char rest[64] = "";
    if (faults->n > faults->n_shown)
        snprintf(rest, sizeof rest, "; and %zu more", faults->n - faults->n_shown);
    mf_fail(diag, first->status, "%.*s%zu things are wrong: %s%s", name, first->message, faults->n,
            faults->list, rest);
    if (diag)
        diag->n_things = faults->n;
    return first->status;
}
