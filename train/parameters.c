/* Tensors are added one by one; where they lie follows once all are known. */
#include "train/parameters.h"

#include "base/arena.h"
#include "train/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct mf_parameters {
    mf_arena *arena;
    mf_parameter *all;
    size_t n, most;
    mf_parameter_runs runs;
    float *block; /* values, gradients, momenta */
    uint64_t n_block;
    float *averages; /* [runs.n_learn], or NULL */
};

mf_status mf_parameters_create(size_t most, mf_parameters **out, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_parameters *p = arena ? MF_NEW(arena, mf_parameters) : NULL;
    *out = NULL;
    if (p)
        *p = (mf_parameters){
            .arena = arena, .most = most, .all = MF_NEW_ARRAY(arena, mf_parameter, most)};
    if (!p || !p->all) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *out = p;
    return MF_OK;
}

void mf_parameters_destroy(mf_parameters *p)
{
    if (!p)
        return;
    mf_memory_give(p->block, p->n_block);
    mf_memory_give(p->averages, p->runs.n_learn);
    mf_arena_destroy(p->arena);
}

mf_parameter *mf_parameters_add(mf_parameters *p, const char *layer, const char *role,
                                const uint64_t *size, bool learns, bool decays)
{
    mf_parameter added = {.name = mf_arena_format(p->arena, "%s.%s", layer, role),
                          .n = 1,
                          .learns = learns,
                          .decays = decays};
    assert(p->n < p->most && !p->block && (learns || !decays));
    if (!added.name)
        return NULL;
    while (added.n_sizes < MF_MOST_AXES && size[added.n_sizes]) {
        added.size[added.n_sizes] = size[added.n_sizes];
        added.n *= size[added.n_sizes++];
    }
    p->all[p->n] = added;
    return &p->all[p->n++];
}

/* In which third of the values? */
static int third_of(const mf_parameter *p)
{
    return p->decays ? 0 : p->learns ? 1 : 2;
}

mf_status mf_parameters_allocate(mf_parameters *p, mf_diag *diag)
{
    uint64_t ends[3] = {0, 0, 0}, *offsets = MF_NEW_ARRAY(p->arena, uint64_t, p->n + 1), at = 0;
    if (!offsets)
        return mf_fail_memory(diag);
    for (int third = 0; third < 3; third++) {
        for (size_t i = 0; i < p->n; i++)
            if (third_of(&p->all[i]) == third) {
                offsets[i] = at;
                at += mf_whole_lines(p->all[i].n);
            }
        ends[third] = at;
    }
    p->runs = (mf_parameter_runs){.n_values = ends[2], .n_learn = ends[1], .n_decay = ends[0]};
    p->n_block = ends[2] + 2 * ends[1];
    MF_TRY(mf_memory_take(p->n_block, &p->block, diag));
    p->runs.values = p->block;
    p->runs.gradients = p->block + ends[2];
    p->runs.momenta = p->runs.gradients + ends[1];
    for (size_t i = 0; i < p->n; i++) {
        mf_parameter *one = &p->all[i];
        one->value = p->runs.values + offsets[i];
        one->gradient = one->learns ? p->runs.gradients + offsets[i] : NULL;
        one->momentum = one->learns ? p->runs.momenta + offsets[i] : NULL;
    }
    return MF_OK;
}

mf_parameter *mf_parameters_all(mf_parameters *p, size_t *n)
{
    *n = p->n;
    return p->all;
}

mf_parameter *mf_parameters_find(mf_parameters *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->all[i].name, name) == 0)
            return &p->all[i];
    return NULL;
}

mf_parameter_runs mf_parameters_runs(const mf_parameters *p)
{
    return p->runs;
}

/* Tensor by tensor, for the sake of those that are frozen. */
static void update_others(mf_parameters *p, const mf_kernels *kernels, double rate, double momentum,
                          double decay)
{
    for (size_t i = 0; i < p->n; i++) {
        mf_parameter *one = &p->all[i];
        if (one->learns && !one->frozen)
            kernels->sgd(one->n, (float)rate, (float)momentum, one->decays ? (float)decay : 0,
                         one->gradient, one->momentum, one->value);
    }
}

void mf_parameters_update(mf_parameters *p, const mf_kernels *kernels, double rate, double momentum,
                          double decay)
{
    const mf_parameter_runs *r = &p->runs;
    uint64_t others = r->n_learn - r->n_decay;
    for (size_t i = 0; i < p->n; i++)
        if (p->all[i].frozen) {
            update_others(p, kernels, rate, momentum, decay);
            return;
        }
    kernels->sgd(r->n_decay, (float)rate, (float)momentum, (float)decay, r->gradients, r->momenta,
                 r->values);
    kernels->sgd(others, (float)rate, (float)momentum, 0, r->gradients + r->n_decay,
                 r->momenta + r->n_decay, r->values + r->n_decay);
}

mf_status mf_parameters_keep_averages(mf_parameters *p, mf_diag *diag)
{
    if (!p->averages)
        MF_TRY(mf_memory_take(p->runs.n_learn, &p->averages, diag));
    memcpy(p->averages, p->runs.values, p->runs.n_learn * sizeof *p->averages);
    for (size_t i = 0; i < p->n; i++)
        if (p->all[i].learns)
            p->all[i].average = p->averages + (p->all[i].value - p->runs.values);
    return MF_OK;
}

void mf_parameters_average(mf_parameters *p, double share)
{
    const float *value = p->runs.values, by = (float)share;
    for (uint64_t i = 0; p->averages && i < p->runs.n_learn; i++)
        p->averages[i] += by * (value[i] - p->averages[i]);
}

void mf_parameters_swap_averages(mf_parameters *p)
{
    float *value = p->runs.values;
    for (uint64_t i = 0; p->averages && i < p->runs.n_learn; i++) {
        float kept = value[i];
        value[i] = p->averages[i];
        p->averages[i] = kept;
    }
}

mf_status mf_parameters_check(const mf_parameters *p, mf_diag *diag)
{
    for (size_t i = 0; i < p->n; i++)
        for (uint64_t k = 0; k < p->all[i].n; k++)
            if (!isfinite(p->all[i].value[k]))
                return mf_fail(diag, MF_DIVERGED, "training diverged: %s is no longer finite",
                               p->all[i].name);
    return MF_OK;
}

uint64_t mf_parameters_bytes(const mf_parameters *p)
{
    uint64_t n = p->n_block + (p->averages ? p->runs.n_learn : 0);
    return n * sizeof(float) + mf_arena_used_bytes(p->arena);
}

void mf_sizes_write(const uint64_t *size, size_t n, char *text, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; i < n && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%" PRIu64, i ? " x " : "", size[i]);
    if (!n)
        snprintf(text, room, "one number");
}
