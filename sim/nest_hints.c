/* A memo of short lists. */
#include "sim/nest_hints.h"

#include "base/memo.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_WORKS = 20000 /* some 20 MB */ };

struct mf_nest_hints {
    mf_memo *memo;
};

typedef struct hint_key {
    mf_work work;
    uint32_t zero; /* where padding would be */
    uint64_t dataflow;
} hint_key;

_Static_assert(sizeof(hint_key) == sizeof(mf_work) + 12, "hint_key has padding");

typedef struct hint_list {
    mf_mapping list[MF_MOST_HINTS];
    size_t n;
} hint_list;

mf_status mf_nest_hints_create(mf_nest_hints **hints, mf_diag *diag)
{
    mf_nest_hints *h = calloc(1, sizeof *h);
    if (!h)
        return mf_fail_memory(diag);
    mf_status status = mf_memo_create(sizeof(hint_key), sizeof(hint_list), &h->memo, diag);
    if (status != MF_OK)
        free(h);
    else
        *hints = h;
    return status;
}

void mf_nest_hints_destroy(mf_nest_hints *hints)
{
    if (hints)
        mf_memo_destroy(hints->memo);
    free(hints);
}

static hint_key key_of(const mf_work *work, const mf_dataflow *dataflow)
{
    return (hint_key){*work, 0, (uintptr_t)dataflow};
}

size_t mf_nest_hints_of(const mf_nest_hints *hints, const mf_work *work,
                        const mf_dataflow *dataflow, const mf_mapping **like)
{
    hint_key key = key_of(work, dataflow);
    const hint_list *known = hints ? mf_memo_find(hints->memo, &key) : NULL;
    *like = known ? known->list : NULL;
    return known ? known->n : 0;
}

void mf_nest_hints_keep(mf_nest_hints *hints, const mf_work *work, const mf_dataflow *dataflow,
                        const mf_mapping *mapping)
{
    hint_key key = key_of(work, dataflow);
    hint_list *known = hints ? mf_memo_find(hints->memo, &key) : NULL;
    if (hints && !known && mf_memo_count(hints->memo) < MOST_WORKS)
        known = mf_memo_add(hints->memo, &key);
    if (!known)
        return;
    size_t i = 0;
    while (i < known->n && memcmp(&known->list[i], mapping, sizeof *mapping) != 0)
        i++;
    if (i == known->n && known->n < MF_MOST_HINTS)
        known->n++;
    else if (i == known->n)
        i = 0; /* the oldest goes */
    memmove(&known->list[i], &known->list[i + 1], (known->n - 1 - i) * sizeof *mapping);
    known->list[known->n - 1] = *mapping;
}
