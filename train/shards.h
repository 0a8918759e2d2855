/* What does a step learn of a batch that is cut into shards? Each shard passes forward and backward by
 * itself, as if it were on a machine of its own: batch norm sees that shard alone, and operators that
 * bring a gradient to a size of their own (Add) do so per shard, as data-parallel training does. The
 * step is made of the mean over all shards, of gradients and of what running statistics moved by.
 *
 * Sums are those of one fixed binary tree over the shards, so that whoever computes a subtree of
 * them finds the same bits: sum(first, n) = sum(first, h) + sum(first + h, n - h) with h the largest
 * power of two below n. Several ranks (base/ranks.h) have a subtree each; what they find goes up the
 * rest of the tree to rank 0, and the mean from there to all. */
#ifndef MF_TRAIN_SHARDS_H
#define MF_TRAIN_SHARDS_H

#include "train/parameters.h"
#include "train/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_shards mf_shards;

/* For n shards over a store, which is borrowed; memory for its gradients and statistics once per level of
 * the tree, none for one shard. Destroy accepts NULL. */
mf_status mf_shards_create(uint64_t n, const mf_parameters *store, mf_shards **shards,
                           mf_diag *diag);
void mf_shards_destroy(mf_shards *shards);

/* Which of n shards a rank passes: [first, end), a subtree; a rank has at least one, so there must not be
 * more ranks than shards. */
void mf_shards_of_rank(uint64_t n, size_t n_ranks, size_t rank, uint64_t *first, uint64_t *end);

/* Passes a shard, 0 to n - 1, forward and backward: its gradients overwrite those of the store. */
typedef mf_status mf_shard_pass(void *user, uint64_t shard, mf_model_score *score, mf_diag *diag);

/* All of them, by all ranks; the store has the mean gradients and statistics then, and `score` is that of
 * all pictures. A failure of one rank is that of all. With one shard nothing is done but its pass. */
mf_status mf_shards_step(mf_shards *shards, mf_shard_pass *pass, void *user, mf_model_score *score,
                         mf_diag *diag);

/* The number of a step by which random streams of shards differ (dropout): that of the step in its
 * lower 48 bits, by which all shards draw the same wider networks. Shard 0's is the step's own. */
uint64_t mf_shard_step(uint64_t step, uint64_t shard);
uint64_t mf_step_of_shards(uint64_t step);

#ifdef __cplusplus
}
#endif

#endif
