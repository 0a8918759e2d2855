/* The search walks the legal mappings twice: once for the extremes that the predictor's objective
 * is normalised by, once for the choice. Nothing is stored per mapping, so memory does not grow
 * with the layer. Both walks cost a handful of additions per mapping and operator, because
 * everything that one factorisation alone determines is computed once, in the tables.
 *
 * Every floating-point operation is done in the order in which the reference formulation does it
 * (words as exact integers, then times the price, then summed part by part), so that ties fall
 * alike; the build must not contract or reorder them. */
#include "sim/published_search.h"

#include "models/shape.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MOST_PRICES = 16 };

typedef struct n_split {
    uint64_t n0, n3;
} n_split;

/* Factors of M, with the words they alone determine: DRAM, buffer and register ifmap. */
typedef struct m_split {
    uint64_t m0, m1, m2, m3;
    double dram_ifmap, buffer_ifmap, network_ifmap, register_ifmap;
} m_split;

/* Factors of C, with the psum words they alone determine. */
typedef struct c_split {
    uint64_t c0, c1, c2;
    double buffer_psum, network_psum, register_psum;
} c_split;

typedef struct e_split {
    uint64_t e1, e3;
} e_split;

typedef struct space {
    const mf_published_problem *problem;
    const mf_published_limits *limits;
    n_split *n;
    m_split *m;
    c_split *c;
    e_split *e;
    size_t n_n, n_m, n_c, n_e;
    double weights, ofmap, macs;
} space;

/* A legal mapping during a walk. */
typedef struct visit {
    const n_split *n;
    const m_split *m;
    const c_split *c;
    const e_split *e;
} visit;

/* ---- factorisations ----------------------------------------------------------------------------
 */

/* The divisors of `value`, ascending; NULL when memory is out. */
static uint64_t *divisors(uint64_t value, mf_arena *arena, size_t *count)
{
    size_t n = 0;
    for (uint64_t d = 1; d * d <= value; d++)
        n += value % d ? 0 : d * d == value ? 1 : 2;
    uint64_t *list = MF_NEW_ARRAY(arena, uint64_t, n);
    size_t low = 0, high = n;
    for (uint64_t d = 1; list && d * d <= value; d++)
        if (value % d == 0) {
            list[low++] = d;
            if (d * d != value)
                list[--high] = value / d;
        }
    *count = n;
    return list;
}

static double at_least_one(double words)
{
    return words > 1 ? words : 1;
}

static bool split_n(space *s, mf_arena *arena)
{
    size_t n;
    uint64_t *d = divisors(s->problem->n, arena, &n);
    s->n = MF_NEW_ARRAY(arena, n_split, n);
    if (!d || !s->n)
        return false;
    for (size_t i = 0; i < n; i++)
        s->n[i] = (n_split){d[i], s->problem->n / d[i]};
    s->n_n = n;
    return true;
}

static m_split make_m_split(const mf_published_problem *p, uint64_t m0, uint64_t m1, uint64_t m2,
                            uint64_t m3)
{
    double ifmap = (double)(p->n * p->c * p->h * p->w);
    double network = (double)(m3 * m2 * m1 * p->r * p->e) / (double)p->h * ifmap;
    return (m_split){.m0 = m0,
                     .m1 = m1,
                     .m2 = m2,
                     .m3 = m3,
                     .dram_ifmap = (double)m3 * ifmap,
                     .buffer_ifmap = (double)(m3 * m2) * ifmap,
                     .network_ifmap = network,
                     .register_ifmap =
                         network * (double)m0 * (double)p->s * (double)p->f / (double)p->w};
}

/* Every ordered factorisation of M within the psum register; the first pass counts, the second
 * lists. */
static bool split_m(space *s, mf_arena *arena)
{
    const mf_published_problem *p = s->problem;
    size_t n;
    uint64_t *d = divisors(p->m, arena, &n);
    if (!d)
        return false;
    for (int pass = 0; pass < 2; pass++) {
        size_t count = 0;
        for (size_t i = 0; i < n && d[i] <= s->limits->psum_register_words; i++)
            for (size_t j = 0; j < n; j++) {
                if (p->m / d[i] % d[j])
                    continue;
                uint64_t rest = p->m / d[i] / d[j];
                for (size_t k = 0; k < n && d[k] <= rest; k++) {
                    if (rest % d[k])
                        continue;
                    if (pass == 1)
                        s->m[count] = make_m_split(p, d[i], d[j], d[k], rest / d[k]);
                    count++;
                }
            }
        if (pass == 0 && !(s->m = MF_NEW_ARRAY(arena, m_split, count)))
            return false;
        s->n_m = count;
    }
    return true;
}

static c_split make_c_split(const space *s, uint64_t c0, uint64_t c1, uint64_t c2)
{
    const mf_published_problem *p = s->problem;
    double chain = (double)(c2 * (c1 * p->r - 1));
    double kept = (double)(c2 * c1 * p->r * (c0 * p->s - 1) * 2);
    return (c_split){.c0 = c0,
                     .c1 = c1,
                     .c2 = c2,
                     .buffer_psum = at_least_one((double)(2 * (c2 - 1))) * s->ofmap,
                     .network_psum = at_least_one(chain) * s->ofmap,
                     .register_psum = at_least_one(kept) * s->ofmap};
}

static bool split_c(space *s, mf_arena *arena)
{
    const mf_published_problem *p = s->problem;
    size_t n;
    uint64_t *d = divisors(p->c, arena, &n);
    if (!d)
        return false;
    for (int pass = 0; pass < 2; pass++) {
        size_t count = 0;
        for (size_t i = 0; i < n && d[i] * p->s <= s->limits->ifmap_register_words; i++)
            for (size_t j = 0; j < n; j++) {
                if (p->c / d[i] % d[j])
                    continue;
                if (pass == 1)
                    s->c[count] = make_c_split(s, d[i], d[j], p->c / d[i] / d[j]);
                count++;
            }
        if (pass == 0 && !(s->c = MF_NEW_ARRAY(arena, c_split, count)))
            return false;
        s->n_c = count;
    }
    return true;
}

static bool split_e(space *s, mf_arena *arena)
{
    size_t n;
    uint64_t *d = divisors(s->problem->e, arena, &n);
    s->e = MF_NEW_ARRAY(arena, e_split, n);
    if (!d || !s->e)
        return false;
    for (size_t i = 0; i < n; i++)
        if (d[i] > 1 || s->problem->single_rows)
            s->e[s->n_e++] = (e_split){d[i], s->problem->e / d[i]};
    return true;
}

/* The number of ordered factorisations of `value` into `parts` factors. */
static uint64_t count_splits(uint64_t value, unsigned parts)
{
    uint64_t count = 1;
    for (uint64_t prime = 2; value > 1; prime++) {
        if (prime * prime > value)
            prime = value;
        uint64_t ways = 1, power = 0;
        for (; value % prime == 0; value /= prime) {
            power++;
            ways = ways * (power + parts - 1) / power;
        }
        count *= ways;
    }
    return count;
}

/* ---- the walk ----------------------------------------------------------------------------------
 */

/* Calls `at` for every legal mapping in enumeration order. Both PEs and buffer words grow with E1,
 * so a row of E splits ends at the first that is too large. Inlined with its visitor. */
static inline __attribute__((always_inline)) void
walk(const space *s, void (*at)(void *user, const visit *v), void *user)
{
    const mf_published_problem *p = s->problem;
    const mf_published_limits *most = s->limits;
    const uint64_t window = (p->f - 1) * p->stride + p->s;
    if (s->n_e == 0)
        return;
    for (const n_split *n = s->n; n < s->n + s->n_n; n++)
        for (const m_split *m = s->m; m < s->m + s->n_m; m++)
            for (const c_split *c = s->c; c < s->c + s->n_c; c++) {
                if (m->m0 * c->c0 * p->s > most->weight_register_words)
                    continue;
                const uint64_t pes = m->m1 * c->c1 * p->r;
                const uint64_t ifmap = c->c1 * c->c0 * window, psum = m->m2 * m->m1 * m->m0 * p->f;
                for (const e_split *e = s->e; e < s->e + s->n_e; e++) {
                    if (pes * e->e1 > most->pes)
                        break;
                    uint64_t rows = (e->e1 - 1) * p->stride + p->r;
                    if (n->n0 * (ifmap * rows + psum * e->e1) > most->buffer_words)
                        break;
                    const visit v = {n, m, c, e};
                    at(user, &v);
                }
            }
}

static inline uint64_t cycles_of(const mf_published_problem *p, const visit *v)
{
    return p->n * v->m->m3 * v->m->m2 * v->m->m0 * v->c->c2 * v->c->c0 * v->e->e3 * p->f * p->s;
}

static inline double latency_of(const mf_published_price *price, uint64_t n_cycles)
{
    return (double)n_cycles / price->clock_hz * 1e3 * price->latency_bits / price->reference_bits;
}

static inline void words_of(const space *s, const visit *v, double *words)
{
    const mf_published_problem *p = s->problem;
    words[MF_PUBLISHED_DRAM] =
        v->m->dram_ifmap + (double)(v->n->n3 * v->e->e3) * s->weights + s->ofmap;
    words[MF_PUBLISHED_BUFFER] = v->m->buffer_ifmap + v->c->buffer_psum;
    words[MF_PUBLISHED_NETWORK] = v->m->network_ifmap + (double)(v->n->n3 * p->e) * s->weights;
    words[MF_PUBLISHED_NETWORK_PSUM] = v->c->network_psum;
    words[MF_PUBLISHED_REGISTER] = v->m->register_ifmap + v->c->register_psum;
    words[MF_PUBLISHED_REGISTER_WEIGHT] = (double)(p->n * p->e * p->f) * s->weights;
}

static inline double price_words(const space *s, const mf_published_price *price,
                                 const double *words)
{
    double energy_pj = 0;
    for (int i = 0; i < MF_PUBLISHED_LEVELS; i++)
        energy_pj += words[i] * price->access_pj[i];
    return energy_pj + s->macs * price->operation_pj;
}

static inline double mj(double pj)
{
    return pj / 1e9;
}

/* First walk: the extremes of each operator. */
typedef struct extremes {
    const space *space;
    const mf_published_price *prices;
    size_t n_prices;
    uint64_t n_legal;
    uint64_t least_cycles, most_cycles;
    double least_pj[MOST_PRICES], most_pj[MOST_PRICES];
} extremes;

static inline __attribute__((always_inline)) void note_extremes(void *user, const visit *v)
{
    extremes *x = user;
    double words[MF_PUBLISHED_LEVELS];
    words_of(x->space, v, words);
    uint64_t n_cycles = cycles_of(x->space->problem, v);
    x->n_legal++;
    x->least_cycles = n_cycles < x->least_cycles ? n_cycles : x->least_cycles;
    x->most_cycles = n_cycles > x->most_cycles ? n_cycles : x->most_cycles;
    for (size_t i = 0; i < x->n_prices; i++) {
        double pj = price_words(x->space, &x->prices[i], words);
        x->least_pj[i] = pj < x->least_pj[i] ? pj : x->least_pj[i];
        x->most_pj[i] = pj > x->most_pj[i] ? pj : x->most_pj[i];
    }
}

/* Second walk: the best of each operator so far. */
typedef struct best {
    const space *space;
    const mf_published_price *prices;
    size_t n_prices;
    mf_objective objective;
    double least_mj[MOST_PRICES], most_mj[MOST_PRICES];
    double least_ms[MOST_PRICES], most_ms[MOST_PRICES];
    double score[MOST_PRICES], tie[MOST_PRICES];
    visit chosen[MOST_PRICES];
} best;

static inline double score_of(const best *b, size_t i, double energy_mj, double latency_ms,
                              double *tie)
{
    *tie = 0;
    switch (b->objective) {
    case MF_OBJECTIVE_ENERGY:
        *tie = latency_ms;
        return energy_mj;
    case MF_OBJECTIVE_LATENCY:
        *tie = energy_mj;
        return latency_ms;
    case MF_OBJECTIVE_EDP:
        return energy_mj * latency_ms;
    case MF_OBJECTIVE_BALANCED:
    default:
        return (energy_mj - b->least_mj[i]) / b->most_mj[i] +
               (latency_ms - b->least_ms[i]) / b->most_ms[i];
    }
}

static inline __attribute__((always_inline)) void note_best(void *user, const visit *v)
{
    best *b = user;
    double words[MF_PUBLISHED_LEVELS];
    words_of(b->space, v, words);
    uint64_t n_cycles = cycles_of(b->space->problem, v);
    for (size_t i = 0; i < b->n_prices; i++) {
        double tie, energy_mj = mj(price_words(b->space, &b->prices[i], words));
        double score = score_of(b, i, energy_mj, latency_of(&b->prices[i], n_cycles), &tie);
        if (score < b->score[i] || (score == b->score[i] && tie < b->tie[i])) {
            b->score[i] = score;
            b->tie[i] = tie;
            b->chosen[i] = *v;
        }
    }
}

/* ---- the answer --------------------------------------------------------------------------------
 */

static void fill_choice(const space *s, const mf_published_price *price, const visit *v,
                        mf_published_choice *choice)
{
    const mf_published_problem *p = s->problem;
    words_of(s, v, choice->words);
    for (int i = 0; i < MF_PUBLISHED_LEVELS; i++)
        choice->parts_pj[i] = choice->words[i] * price->access_pj[i];
    choice->parts_pj[MF_PUBLISHED_COMPUTE] = s->macs * price->operation_pj;
    choice->energy_mj = mj(price_words(s, price, choice->words));
    choice->n_cycles = cycles_of(p, v);
    choice->latency_ms = latency_of(price, choice->n_cycles);
    choice->n_active_pes = v->m->m1 * v->c->c1 * v->e->e1 * p->r;
    choice->mapping =
        (mf_published_mapping){v->n->n0, v->n->n3, v->m->m0, v->m->m1, v->m->m2, v->m->m3,
                               v->c->c0, v->c->c1, v->c->c2, v->e->e1, v->e->e3};
}

/* Names the first limit that even the smallest mapping breaks. */
static mf_status fail_no_mapping(const space *s, mf_diag *diag)
{
    const mf_published_problem *p = s->problem;
    const mf_published_limits *most = s->limits;
    if (s->n_e == 0)
        return mf_fail(
            diag, MF_NO_MAPPING,
            "one output row (E = 1) leaves no tile of two or more rows, which the convention "
            "single_row_tiles demands");
    uint64_t e1 = s->e[0].e1;
    uint64_t tile = ((e1 - 1) * p->stride + p->r) * ((p->f - 1) * p->stride + p->s) + e1 * p->f;
    const struct {
        const char *what;
        uint64_t needs, has;
    } checks[] = {{"psum register words", 1, most->psum_register_words},
                  {"ifmap register words", p->s, most->ifmap_register_words},
                  {"weight register words", p->s, most->weight_register_words},
                  {"PEs", p->r * e1, most->pes},
                  {"buffer words", tile, most->buffer_words}};
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (checks[i].needs > checks[i].has)
            return mf_fail(diag, MF_NO_MAPPING,
                           "even the smallest mapping needs %" PRIu64 " %s, and %" PRIu64
                           " may be used",
                           checks[i].needs, checks[i].what, checks[i].has);
    return mf_fail(diag, MF_NO_MAPPING, "no exact factorisation keeps all limits at once");
}

/* All words and cycles must be exact as doubles. */
static mf_status check_sizes(const mf_published_problem *p, mf_diag *diag)
{
    double n = (double)p->n, m = (double)p->m, c = (double)p->c, e = (double)p->e, f = (double)p->f;
    double rs = (double)p->r * (double)p->s, ifmap = n * c * (double)p->h * (double)p->w;
    double weights = m * c * rs, ofmap = n * m * e * f;
    double largest = fmax(m * ifmap + n * e * weights + ofmap, 2 * c * rs * ofmap + m * ifmap);
    largest = fmax(largest, n * e * f * weights);
    largest = fmax(largest, m * (double)p->r * e);
    double tile = n * (c * ((e - 1) * (double)p->stride + (double)p->r) *
                           ((f - 1) * (double)p->stride + (double)p->s) +
                       m * e * f);
    if (fmax(largest, tile) <= (double)MF_LARGEST_COUNT)
        return MF_OK;
    return mf_fail(diag, MF_TOO_LARGE, "more than 2^53 words move");
}

mf_status mf_published_search(const mf_published_problem *p, const mf_published_limits *limits,
                              mf_objective objective, const mf_published_price *prices,
                              size_t n_prices, mf_arena *scratch, mf_published_choice *choices,
                              mf_published_tally *tally, mf_diag *diag)
{
    if (n_prices > MOST_PRICES)
        return mf_fail(diag, MF_TOO_LARGE, "more than %d operators at once", MOST_PRICES);
    MF_TRY(check_sizes(p, diag));
    space s = {.problem = p, .limits = limits};
    s.weights = (double)(p->r * p->s * p->c * p->m);
    s.ofmap = (double)(p->n * p->e * p->f * p->m);
    s.macs = s.ofmap * (double)(p->r * p->s * p->c);
    if (!split_n(&s, scratch) || !split_m(&s, scratch) || !split_c(&s, scratch) ||
        !split_e(&s, scratch))
        return mf_fail_memory(diag);

    extremes x = {.space = &s, .prices = prices, .n_prices = n_prices, .least_cycles = UINT64_MAX};
    for (size_t i = 0; i < n_prices; i++)
        x.least_pj[i] = DBL_MAX;
    walk(&s, note_extremes, &x);
    tally->n_candidates =
        s.n_n * count_splits(p->m, 4) * count_splits(p->c, 3) * count_splits(p->e, 2);
    tally->n_legal = x.n_legal;
    if (x.n_legal == 0)
        return fail_no_mapping(&s, diag);

    best b = {.space = &s, .prices = prices, .n_prices = n_prices, .objective = objective};
    for (size_t i = 0; i < n_prices; i++) {
        b.score[i] = b.tie[i] = DBL_MAX;
        b.least_mj[i] = mj(x.least_pj[i]);
        b.most_mj[i] = mj(x.most_pj[i]);
        b.least_ms[i] = latency_of(&prices[i], x.least_cycles);
        b.most_ms[i] = latency_of(&prices[i], x.most_cycles);
    }
    walk(&s, note_best, &b);
    for (size_t i = 0; i < n_prices; i++)
        fill_choice(&s, &prices[i], &b.chosen[i], &choices[i]);
    return MF_OK;
}
