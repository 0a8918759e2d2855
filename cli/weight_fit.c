/* `mulfree weights fit`: the distributions of each layer's weights, over all checkpoints together, as
 * a file that programs read. */
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/weight_tensors.h"
#include "train/weight_fits.h"

#include <inttypes.h>
#include <string.h>

/* Numbers of all checkpoints, tensor by tensor: of those that are fitted, and behind them of those
 * that FC starts from. */
typedef struct pool {
    mf_arena *arena;
    const char *first; /* checkpoint */
    mf_weight_tensors of_first;
    float **numbers; /* of each tensor, [n_checkpoints + n_from][n] */
    size_t n_checkpoints, n_from, n_done;
} pool;

static mf_status begin(pool *p, const char *path, const mf_weight_tensors *t, mf_diag *diag)
{
    p->first = path;
    p->of_first = *t;
    p->numbers = MF_NEW_ARRAY(p->arena, float *, t->n);
    if (!p->numbers)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < t->n; i++)
        if (!(p->numbers[i] =
                  MF_NEW_ARRAY(p->arena, float, (p->n_checkpoints + p->n_from) * t->all[i].n)))
            return mf_fail_memory(diag);
    return MF_OK;
}

/* Layers of one name must be one layer. */
static mf_status check(const pool *p, const char *path, const mf_weight_tensors *t, mf_diag *diag)
{
    if (t->n != p->of_first.n)
        return mf_fail(diag, MF_INVALID,
                       "%s: %zu tensors of weights, %s has %zu: fits are of one network", path,
                       t->n, p->first, p->of_first.n);
    for (size_t i = 0; i < t->n; i++) {
        const mf_weight_tensor *own = &t->all[i], *first = &p->of_first.all[i];
        bool other_op = p->n_done < p->n_checkpoints && strcmp(own->op, first->op) != 0;
        if (strcmp(own->layer, first->layer) != 0 || strcmp(own->name, first->name) != 0 ||
            other_op || own->n != first->n)
            return mf_fail(diag, MF_INVALID,
                           "%s: %s.%s has %" PRIu64 " weights of %s, but in %s %s.%s has %" PRIu64
                           " of %s: fits are of one network and its operators",
                           path, own->layer, own->name, own->n, own->op, p->first, first->layer,
                           first->name, first->n, first->op);
    }
    return MF_OK;
}

static mf_status add(void *user, const char *path, const mf_weight_tensors *t, mf_diag *diag)
{
    pool *p = user;
    MF_TRY(mf_interrupt_check(diag));
    if (!p->n_done)
        MF_TRY(begin(p, path, t, diag));
    MF_TRY(check(p, path, t, diag));
    for (size_t i = 0; i < t->n; i++)
        memcpy(p->numbers[i] + p->n_done * t->all[i].n, t->all[i].w, t->all[i].n * sizeof(float));
    p->n_done++;
    return MF_OK;
}

/* Layers that are as they were, the multiplicative ones, need none. */
static mf_status fit_fc(const pool *p, size_t i, mf_weight_fit *f, mf_diag *diag)
{
    const mf_weight_tensor *t = &p->of_first.all[i];
    uint64_t n = p->n_checkpoints * t->n;
    mf_taps taps = t->taps;
    if (!p->n_from || strcmp(t->op, "mult") == 0)
        return MF_OK;
    taps.n_outer *= p->n_checkpoints;
    if (taps.n_taps > MF_MOST_TAPS || taps.n_outer * taps.n_taps * taps.n_inner != n)
        return mf_fail(diag, MF_INVALID,
                       "%s.%s: FC is of kernels of at most %d weights, not of %" PRIu64 " numbers",
                       t->layer, t->name, MF_MOST_TAPS, t->n);
    mf_status status = mf_remap_fit_of(p->numbers[i] + n, p->numbers[i], n, &taps, f->statistics.u,
                                       f->statistics.b, p->arena, &f->fc, diag);
    f->has_fc = status == MF_OK;
    if (status == MF_INVALID && diag)
        mf_hint(diag, "%s.%s: --layers leaves it out", t->layer, t->name);
    return status;
}

static mf_status fit(const pool *p, mf_weight_fits *fits, mf_diag *diag)
{
    bool from_counts = !p->n_from;
    for (size_t i = 0; i < p->of_first.n; i++) {
        const mf_weight_tensor *t = &p->of_first.all[i];
        mf_weight_fit *f = &fits->all[fits->n++];
        *f = (mf_weight_fit){.layer = t->layer, .tensor = t->name, .op = t->op};
        MF_TRY(
            mf_weight_statistics_of(p->numbers[i], p->n_checkpoints * t->n, &f->statistics, diag));
        if (!f->statistics.varies)
            return mf_fail(diag, MF_INVALID,
                           "%s: %s.%s: all its numbers are %g, which no density fits (--layers "
                           "leaves it out)",
                           p->first, t->layer, t->name, f->statistics.least);
        MF_TRY(fit_fc(p, i, f, diag));
        from_counts = from_counts || f->has_fc;
    }
    if (!from_counts)
        return mf_fail(diag, MF_USAGE,
                       "--from counts only for layers that are not multiplicative: %s has none",
                       p->first);
    return MF_OK;
}

/* As many as are fitted, so that ranks pair. */
static mf_status check_from(const pool *p, mf_diag *diag)
{
    return !p->n_from || p->n_from == p->n_checkpoints
               ? MF_OK
               : mf_fail(diag, MF_USAGE,
                         "--from names %zu checkpoints, but %zu are fitted: as many are compared",
                         p->n_from, p->n_checkpoints);
}

static mf_status collect(mf_cli *cli, const mf_arguments *arguments, pool *p, mf_diag *diag)
{
    const char **from, **all;
    MF_TRY(mf_arguments_list(arguments, "from", &from, &p->n_from, diag));
    MF_TRY(check_from(p, diag));
    all = MF_NEW_ARRAY(p->arena, const char *, p->n_checkpoints + p->n_from);
    if (!all)
        return mf_fail_memory(diag);
    memcpy(all, arguments->words + 1, p->n_checkpoints * sizeof *all);
    if (p->n_from)
        memcpy(all + p->n_checkpoints, from, p->n_from * sizeof *all);
    return mf_weight_tensors_each(cli, arguments, all, p->n_checkpoints + p->n_from, add, p, diag);
}

mf_status mf_weight_fit_command(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    pool p = {.arena = arguments->arena, .n_checkpoints = arguments->n_words - 1};
    mf_text text = {0};
    MF_TRY(mf_arguments_expect(arguments, 2, 1000, diag));
    MF_TRY(collect(cli, arguments, &p, diag));
    mf_weight_fits fits = {.network = p.of_first.network,
                           .learnt = mf_arguments_has(arguments, "learnt"),
                           .n_checkpoints = p.n_checkpoints,
                           .all = MF_NEW_ARRAY(p.arena, mf_weight_fit, p.of_first.n)};
    if (!fits.all)
        return mf_fail_memory(diag);
    MF_TRY(fit(&p, &fits, diag));
    mf_weight_fits_write(&fits, &text);
    return mf_output_result(arguments, &text, diag);
}
