/* Batches of each rank, and their sums. */
#include "train/evaluation.h"

#include "base/ranks.h"

#include <stdlib.h>
#include <string.h>

/* Batches [first, end) of n are this rank's. */
typedef struct part {
    size_t n, first, end;
} part;

static part part_of_rank(size_t n, size_t rank)
{
    size_t size = mf_ranks_size();
    return (part){n, n * rank / size, n * (rank + 1) / size};
}

/* Every rank's part of all[n], items of so many bytes, comes to rank 0. */
static mf_status collect(void *all, size_t n, size_t n_bytes, mf_diag *diag)
{
    char *items = all;
    part mine = part_of_rank(n, mf_ranks_rank());
    if (mf_ranks_rank())
        return mf_ranks_send(0, items + mine.first * n_bytes, (mine.end - mine.first) * n_bytes,
                             diag);
    for (size_t i = 1; i < mf_ranks_size(); i++) {
        part other = part_of_rank(n, i);
        MF_TRY(mf_ranks_receive(i, items + other.first * n_bytes,
                                (other.end - other.first) * n_bytes, diag));
    }
    return MF_OK;
}

/* ---- batch norm --------------------------------------------------------------------------------
 */

static mf_status show_part(mf_model *model, mf_loader *loader, part p, double *sums, mf_diag *diag)
{
    size_t size = mf_model_statistics_size(model);
    if (p.first == p.end)
        return MF_OK;
    MF_TRY(mf_loader_seek(loader, (mf_position){0, p.first}, diag));
    for (size_t i = p.first; i < p.end; i++) {
        mf_batch batch = mf_loader_next(loader);
        mf_model_statistics_begin(model);
        mf_model_statistics_show(model, batch.images, batch.n);
        mf_model_statistics_read(model, sums + i * size);
    }
    return MF_OK;
}

/* Sums of the first batch, then of the next: as if one model had been shown them all. */
static mf_status show_on_ranks(mf_model *model, mf_loader *loader, size_t n, mf_diag *diag)
{
    size_t size = mf_model_statistics_size(model);
    double *sums = calloc(n * size, sizeof *sums);
    mf_status status = sums ? show_part(model, loader, part_of_rank(n, mf_ranks_rank()), sums, diag)
                            : mf_fail_memory(diag);
    MF_TRY_DONE(mf_ranks_meet(status, 0, "", diag));
    MF_TRY_DONE(collect(sums, n, size * sizeof *sums, diag));
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < size; k++)
            sums[k] += sums[i * size + k];
    MF_TRY_DONE(mf_ranks_broadcast(sums, size * sizeof *sums, diag));
    mf_model_statistics_write(model, sums, n);
done:
    free(sums);
    return status;
}

static mf_status show_all(mf_model *model, mf_loader *loader, size_t n, mf_diag *diag)
{
    MF_TRY(mf_loader_seek(loader, (mf_position){0, 0}, diag));
    mf_model_statistics_begin(model);
    for (size_t i = 0; i < n; i++) {
        mf_batch batch = mf_loader_next(loader);
        mf_model_statistics_show(model, batch.images, batch.n);
    }
    return MF_OK;
}

mf_status mf_evaluation_norms(mf_model *model, mf_loader *loader, uint64_t n_batches,
                              mf_diag *diag)
{
    size_t most = mf_loader_n_batches(loader), n = n_batches < most ? (size_t)n_batches : most;
    if (!n)
        return MF_OK;
    MF_TRY(mf_ranks_size() > 1 ? show_on_ranks(model, loader, n, diag)
                               : show_all(model, loader, n, diag));
    mf_model_statistics_end(model);
    return MF_OK;
}

/* ---- scores ------------------------------------------------------------------------------------
 */

static mf_status test_part(mf_model *model, mf_loader *loader, part p, mf_model_score *scores,
                           mf_diag *diag)
{
    if (p.first == p.end)
        return MF_OK;
    MF_TRY(mf_loader_seek(loader, (mf_position){0, p.first}, diag));
    for (size_t i = p.first; i < p.end; i++) {
        mf_batch batch = mf_loader_next(loader);
        MF_TRY(mf_model_evaluate(model, batch.images, batch.labels, batch.n, &scores[i], diag));
    }
    return MF_OK;
}

mf_status mf_evaluation_score(mf_model *model, mf_loader *loader, mf_model_score *score,
                              mf_diag *diag)
{
    size_t n = mf_loader_n_batches(loader);
    mf_model_score *scores = calloc(n, sizeof *scores);
    mf_status status = scores
                           ? test_part(model, loader, part_of_rank(n, mf_ranks_rank()), scores, diag)
                           : mf_fail_memory(diag);
    *score = (mf_model_score){0};
    if (mf_ranks_size() > 1)
        MF_TRY_DONE(mf_ranks_meet(status, 0, "", diag));
    MF_TRY_DONE(status);
    MF_TRY_DONE(collect(scores, n, sizeof *scores, diag));
    MF_TRY_DONE(mf_ranks_broadcast(scores, n * sizeof *scores, diag));
    for (size_t i = 0; i < n; i++)
        mf_model_score_add(score, &scores[i]);
done:
    free(scores);
    return status;
}
