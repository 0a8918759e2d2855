/* The beginning and the end of a search. */
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

/* MAC positions of themselves, without a word moved; and the transfers that no nest undercuts. */
static void find_least_energy(mf_searcher *s)
{
    mf_counts counts = {.n_macs = s->n_macs, .n_padded_macs = s->n_padded_macs};
    mf_tiles tiles = {0};
    mf_cost cost;
    mf_cost_of(s->machine, &s->mapping, &counts, &tiles, &cost);
    s->least_pj = cost.energy_pj + s->floor_pj;
}

/* The least that a nest of `like` costs here, and a margin: nests that differ by rounding alone must not
 * decide which of them is found. */
static void find_ceiling(mf_searcher *s)
{
    const double margin = 1 + 1e-9; /* ten times what mf_searcher_hopeless takes for the same */
    s->ceiling = DBL_MAX;
    for (size_t i = 0; i < s->n_like; i++) {
        const mf_mapping *m = &s->like[i];
        mf_counts counts;
        mf_cost cost;
        if (mf_dataflow_admits(s->dataflow, s->work, &s->machine->capacity,
                               s->mapping.bypass_buffer, m, NULL) != MF_OK ||
            mf_mapping_check_capacity(m, s->work, &s->machine->capacity, NULL) != MF_OK)
            continue;
        mf_cost_of_mapping(s->machine, s->work, m, &counts, &cost);
        double value = mf_searcher_objective(s, cost.energy_pj, cost.cycles) * margin;
        s->ceiling = value < s->ceiling ? value : s->ceiling;
    }
}

static mf_status search_once(mf_searcher *s, mf_objective objective, mf_diag *diag)
{
    s->objective = objective;
    find_ceiling(s);
    s->best = (mf_value){DBL_MAX, DBL_MAX, DBL_MAX};
    MF_TRY(mf_searcher_go_through(s, diag));
    if (s->best.value == DBL_MAX)
        return fail_empty(s, diag);
    return MF_OK;
}

/* What does not depend on the nest. */
static void measure(mf_searcher *s)
{
    const uint32_t *size = s->work->size;
    const mf_halo *rows = mf_searcher_whole(s, true, 0, 0),
                  *columns = mf_searcher_whole(s, false, 0, 0);
    uint64_t images = (uint64_t)size[MF_N] * size[MF_G],
             kernels = (uint64_t)size[MF_G] * size[MF_C] * size[MF_R] * size[MF_S];
    s->words[MF_IFMAP] = images * size[MF_C];
    s->words[MF_WEIGHT] = kernels * size[MF_M];
    s->words[MF_PSUM] = images * size[MF_M] * size[MF_E] * size[MF_F];
    s->n_macs = mf_work_macs(s->work);
    s->n_padded_macs =
        s->n_macs - images * size[MF_M] * size[MF_C] * rows->inside * columns->inside;
}

mf_status mf_search(const mf_work *work, const mf_machine *machine, const mf_dataflow *dataflow,
                    const bool *bypass_buffer, mf_objective objective, mf_found *found,
                    mf_diag *diag)
{
    return mf_search_like(work, machine, dataflow, bypass_buffer, objective, NULL, 0, found, diag);
}

mf_status mf_search_like(const mf_work *work, const mf_machine *machine,
                         const mf_dataflow *dataflow, const bool *bypass_buffer,
                         mf_objective objective, const mf_mapping *like, size_t n_like,
                         mf_found *found, mf_diag *diag)
{
    mf_searcher s = {.work = work,
                     .machine = machine,
                     .dataflow = dataflow,
                     .by_pe_row = machine->by_length,
                     .arena = mf_arena_create(),
                     .like = like,
                     .n_like = n_like,
                     .found = found};
    mf_status status;
    *found = (mf_found){0};
    if (!s.arena)
        return mf_fail_memory(diag);
    memcpy(s.mapping.bypass_buffer, bypass_buffer, sizeof s.mapping.bypass_buffer);
    memcpy(s.mapping.bypass_register, dataflow->bypass_register, sizeof s.mapping.bypass_register);
    MF_TRY_DONE(mf_searcher_list_choices(&s, diag));
    measure(&s);
    MF_TRY_DONE(mf_searcher_find_floor(&s, diag));
    find_least_energy(&s);
    if (objective == MF_OBJECTIVE_BALANCED) {
        MF_TRY_DONE(search_once(&s, MF_OBJECTIVE_ENERGY, diag));
        s.least_energy = s.best.energy_pj;
        MF_TRY_DONE(search_once(&s, MF_OBJECTIVE_LATENCY, diag));
        s.least_cycles = s.best.cycles;
    }
    MF_TRY_DONE(search_once(&s, objective, diag));
    mf_mapping_normalise(&found->mapping, work);
    mf_cost_of_mapping(machine, work, &found->mapping, &found->counts, &found->cost);
done:
    free(s.nodes.list);
    free(s.children.list);
    free(s.leaves.list);
    free(s.outputs);
    mf_arena_destroy(s.arena);
    return status;
}
