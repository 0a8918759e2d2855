/* Best first: the array tile with the best bound is completed, then all that may still beat it. */
#include "dataflows/searcher.h"

#include <float.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *mf_objective_name(int objective)
{
    static const char *const names[MF_N_OBJECTIVES] = {"energy", "latency", "edp", "balanced"};
    return names[objective];
}

static int by_bound(const void *a, const void *b)
{
    const mf_array_tile *x = a, *y = b;
    if (x->bound != y->bound)
        return x->bound < y->bound ? -1 : 1;
    if (x->energy != y->energy)
        return x->energy < y->energy ? -1 : 1;
    return memcmp(x->choice, y->choice, sizeof x->choice);
}

static bool hopeless(const mf_searcher *s, const mf_array_tile *tile)
{
    return tile->bound > s->best ||
           (tile->bound * (1 + 2e-9) >= s->best && tile->energy * (1 - 1e-9) > s->best_energy);
}

/* Complete the most promising array tile, then those that still may beat it, best first. */
static void complete_all(mf_searcher *s)
{
    size_t first = 0, n = 0;
    for (size_t i = 1; i < s->n_tiles; i++)
        if (by_bound(&s->tiles[i], &s->tiles[first]) < 0)
            first = i;
    if (s->n_tiles)
        mf_searcher_complete(s, &s->tiles[first]);
    for (size_t i = 0; i < s->n_tiles; i++)
        if (i != first && !hopeless(s, &s->tiles[i]))
            s->tiles[n++] = s->tiles[i];
    s->found->tally.n_pruned += s->n_tiles - n - (s->n_tiles > 0);
    if (n)
        qsort(s->tiles, n, sizeof *s->tiles, by_bound);
    for (size_t i = 0; i < n; i++)
        if (hopeless(s, &s->tiles[i]))
            s->found->tally.n_pruned++;
        else
            mf_searcher_complete(s, &s->tiles[i]);
}

static mf_status fail_empty(const mf_searcher *s, mf_diag *diag)
{
    const mf_search_tally *t = &s->found->tally;
    if (t->n_array_tiles == 0)
        return mf_fail(diag, MF_NO_MAPPING,
                       "no %s nest fits: of the array tiles, %" PRIu64
                       " need too many PEs and %" PRIu64 " overfill the registers of a PE",
                       s->dataflow->name, t->n_rejected_pes, t->n_rejected_registers);
    return mf_fail(diag, MF_NO_MAPPING,
                   "no %s nest fits: all %" PRIu64 " tried with %" PRIu64
                   " array tiles overfill the buffer of %" PRIu64 " bits",
                   s->dataflow->name, t->n_rejected_buffer, t->n_array_tiles,
                   s->machine->capacity.buffer_bits);
}

static mf_status search_once(mf_searcher *s, const bool *bypass_buffer, mf_objective objective,
                             mf_diag *diag)
{
    s->objective = objective;
    s->best = s->best_energy = s->best_cycles = DBL_MAX;
    s->n_tiles = 0;
    s->mapping = (mf_mapping){0};
    memcpy(s->mapping.bypass_buffer, bypass_buffer, sizeof s->mapping.bypass_buffer);
    memcpy(s->mapping.bypass_register, s->dataflow->bypass_register,
           sizeof s->mapping.bypass_register);
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        mf_searcher_take(s, d, &s->choices[d][0]);
        s->mapping.order[MF_DRAM_LOOPS][d] = s->mapping.order[MF_BUFFER_LOOPS][d] =
            s->dataflow->buffer_order[d];
    }
    mf_searcher_list_tiles(s);
    if (s->failed)
        return mf_fail_memory(diag);
    s->found->tally.n_array_tiles += s->n_tiles;
    complete_all(s);
    if (s->best == DBL_MAX)
        return fail_empty(s, diag);
    return MF_OK;
}

mf_status mf_search(const mf_work *work, const mf_machine *machine, const mf_dataflow *dataflow,
                    const bool *bypass_buffer, mf_objective objective, mf_found *found,
                    mf_diag *diag)
{
    mf_searcher s = {.work = work,
                     .machine = machine,
                     .dataflow = dataflow,
                     .arena = mf_arena_create(),
                     .found = found};
    mf_status status;
    *found = (mf_found){0};
    if (!s.arena)
        return mf_fail_memory(diag);
    mf_searcher_find_floor(&s, bypass_buffer);
    MF_TRY_DONE(mf_searcher_prepare(&s, diag));
    if (objective == MF_OBJECTIVE_BALANCED) {
        MF_TRY_DONE(search_once(&s, bypass_buffer, MF_OBJECTIVE_ENERGY, diag));
        s.least_energy = found->cost.energy_pj;
        MF_TRY_DONE(search_once(&s, bypass_buffer, MF_OBJECTIVE_LATENCY, diag));
        s.least_cycles = found->cost.cycles;
    }
    MF_TRY_DONE(search_once(&s, bypass_buffer, objective, diag));
    mf_mapping_normalise(&found->mapping, work);
done:
    free(s.tiles);
    mf_arena_destroy(s.arena);
    return status;
}
