/* One pass over the points, then words. A constraint binds where a point that violates it alone is better
 * than the best of those that meet all. */
#include "cli/sweep_choice.h"

#include "cli/sweep_view.h"

#include <math.h>

static double memory_bytes(const mf_accelerator *a)
{
    double registers = (double)a->ifmap_register_words + (double)a->weight_register_words +
                       (double)a->psum_register_words;
    if (!a->given[MF_KEY_word_bits])
        return NAN; /* which mf_sweep_check_base has refused where it is asked for */
    return (registers * (double)mf_accelerator_pes(a) + (double)a->buffer_words) *
           (double)a->word_bits / 8;
}

double mf_sweep_quantity_of(int quantity, const mf_sweep_result *r, const mf_sweep_point *p)
{
    switch (quantity) {
#define MF_SWEEP_QUANTITY(NAME, key, title, unit, direction, value)                                \
    case MF_SWEEP_##NAME:                                                                          \
        return value;
#include "cli/sweep_quantities.def"
#undef MF_SWEEP_QUANTITY
    default:
        return NAN;
    }
}

/* How far a value is beyond a bound, relative to it; 0 where it is not. */
static double excess(const mf_sweep_constraint *c, double value)
{
    double beyond = c->at_most ? value - c->bound : c->bound - value;
    if (!(beyond > 0))
        return 0;
    return c->bound != 0 ? beyond / fabs(c->bound) : INFINITY;
}

/* The constraints that a point violates, as bits, and its largest excess. */
static unsigned violated(const mf_sweep *s, const mf_sweep_result *r, const mf_sweep_point *p,
                         double *most)
{
    unsigned bits = 0;
    *most = 0;
    for (size_t i = 0; i < s->n_constraints; i++) {
        double x =
            excess(&s->constraints[i], mf_sweep_quantity_of(s->constraints[i].quantity, r, p));
        if (x > 0)
            bits |= 1u << i;
        *most = x > *most ? x : *most;
    }
    return bits;
}

bool mf_sweep_meets(const mf_sweep *sweep, const mf_sweep_result *result,
                    const mf_sweep_point *point)
{
    double most;
    return violated(sweep, result, point, &most) == 0;
}

/* ---- choosing ----------------------------------------------------------------------------------
 */

/* The best so far of each kind beside what makes it that: less is better. */
typedef struct scores {
    double best, unconstrained, without[MF_SWEEP_MOST_CONSTRAINTS], nearest, of_nearest;
} scores;

static void take(size_t index, double score, size_t *best, double *least)
{
    if (*best != SIZE_MAX && !(score < *least))
        return;
    *best = index;
    *least = score;
}

static void consider(const mf_sweep *s, const mf_sweep_result *r, const mf_sweep_point *p,
                     size_t index, mf_sweep_choice *c, scores *least)
{
    double most, value = mf_sweep_quantity_of(s->optimise, r, p),
                 score = mf_sweep_more_is_better(s->optimise) ? -value : value;
    unsigned bits = violated(s, r, p, &most);
    take(index, score, &c->unconstrained, &least->unconstrained);
    if (!bits)
        take(index, score, &c->best, &least->best);
    for (size_t i = 0; i < s->n_constraints; i++)
        if (!(bits & ~(1u << i)))
            take(index, score, &c->without[i], &least->without[i]);
    if (c->nearest == SIZE_MAX || most < least->nearest ||
        (most == least->nearest && score < least->of_nearest)) {
        c->nearest = index;
        least->nearest = most;
        least->of_nearest = score;
    }
}

mf_status mf_sweep_choose(const mf_sweep_run *run, mf_sweep_choice **choices, mf_diag *diag)
{
    const mf_sweep *s = run->sweep;
    size_t n_ops = mf_operators_count(run->setup->operators), n = s->n_networks * n_ops;
    mf_sweep_choice *all = MF_NEW_ARRAY(run->setup->arena, mf_sweep_choice, n);
    scores *least = MF_NEW_ARRAY(run->setup->arena, scores, n);
    mf_sweep_point p;
    if (!all || !least)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        all[i] =
            (mf_sweep_choice){.best = SIZE_MAX, .unconstrained = SIZE_MAX, .nearest = SIZE_MAX};
        for (size_t k = 0; k < MF_SWEEP_MOST_CONSTRAINTS; k++)
            all[i].without[k] = SIZE_MAX;
    }
    for (size_t i = 0; i < s->n_points; i++) {
        mf_sweep_at(s, i, &p);
        size_t group = p.network * n_ops + p.op;
        all[group].occurs = true;
        if (!run->results[i].fault)
            consider(s, &run->results[i], &p, i, &all[group], &least[group]);
    }
    *choices = all;
    return MF_OK;
}

/* ---- words -------------------------------------------------------------------------------------
 */

static double value_at(const mf_sweep_run *run, int quantity, size_t index)
{
    mf_sweep_point p;
    mf_sweep_at(run->sweep, index, &p);
    return mf_sweep_quantity_of(quantity, &run->results[index], &p);
}

static void put_constraint(const mf_sweep_constraint *c, mf_text *text)
{
    mf_text_printf(text, "%s %s %.6g", mf_sweep_quantity_name(c->quantity),
                   c->at_most ? "at most" : "at least", c->bound);
}

/* "point 12 (rows 16, columns 12): energy_mj 0.72": its axes but network and operator. */
static void put_point(const mf_sweep_run *run, size_t index, mf_text *text)
{
    mf_sweep_point p;
    char value[64];
    const char *before = " (";
    mf_sweep_at(run->sweep, index, &p);
    mf_text_printf(text, "point %zu", index);
    for (size_t i = 0; i < run->sweep->n_axes; i++) {
        int which = mf_sweep_axis_find(run->sweep->axes[i]);
        if (which == MF_AXIS_NETWORK || which == MF_AXIS_OP || which == MF_AXIS_RESOLUTION ||
            which == MF_AXIS_WIDTH || which == MF_AXIS_BATCH)
            continue;
        mf_sweep_axis_text(run->sweep, &p, which, value, sizeof value);
        mf_text_printf(text, "%s%s %s", before, run->sweep->axes[i], value);
        before = ", ";
    }
    mf_text_printf(text, "%s: %s %.6g", *before == ',' ? ")" : "",
                   mf_sweep_quantity_name(run->sweep->optimise),
                   value_at(run, run->sweep->optimise, index));
}

static bool is_better(const mf_sweep_run *run, size_t index, size_t than)
{
    return value_at(run, run->sweep->optimise, index) != value_at(run, run->sweep->optimise, than);
}

/* Which constraint, taken away alone, lets a better point in. */
static void put_binding(const mf_sweep_run *run, const mf_sweep_choice *c, mf_text *text)
{
    const mf_sweep *s = run->sweep;
    size_t n = 0;
    for (size_t i = 0; i < s->n_constraints; i++) {
        if (!is_better(run, c->without[i], c->best))
            continue;
        n++;
        mf_text_puts(text, "; ");
        put_constraint(&s->constraints[i], text);
        mf_text_puts(text, " binds: without it ");
        put_point(run, c->without[i], text);
        mf_text_printf(text, ", %s %.6g", mf_sweep_quantity_name(s->constraints[i].quantity),
                       value_at(run, s->constraints[i].quantity, c->without[i]));
    }
    if (!n && is_better(run, c->unconstrained, c->best)) {
        mf_text_puts(text, "; constraints bind together: without them ");
        put_point(run, c->unconstrained, text);
    } else if (!n && s->n_constraints) {
        mf_text_puts(text, "; no constraint binds");
    }
}

/* What the point that comes nearest violates. */
static void put_nearest(const mf_sweep_run *run, size_t index, mf_text *text)
{
    const mf_sweep *s = run->sweep;
    const char *before = ", with ";
    put_point(run, index, text);
    for (size_t i = 0; i < s->n_constraints; i++) {
        double value = value_at(run, s->constraints[i].quantity, index);
        if (excess(&s->constraints[i], value) == 0)
            continue;
        mf_text_printf(text, "%s%s %.6g", before,
                       mf_sweep_quantity_name(s->constraints[i].quantity), value);
        before = " and ";
    }
}

static void put_constraints(const mf_sweep *s, mf_text *text)
{
    for (size_t i = 0; i < s->n_constraints; i++) {
        mf_text_puts(text, i ? " and " : "");
        put_constraint(&s->constraints[i], text);
    }
}

/* The line of one network and operator. */
static void put_choice(const mf_sweep_run *run, size_t network, size_t op, const mf_sweep_choice *c,
                       mf_text *text)
{
    const mf_sweep_network *n = &run->sweep->networks[network];
    mf_sweep_put_network(run->sweep, n, text);
    mf_text_printf(text, " as %s: ", mf_operators_at(run->setup->operators, op)->name);
    if (c->best != SIZE_MAX) {
        mf_text_puts(text, "best is ");
        put_point(run, c->best, text);
        put_binding(run, c, text);
    } else if (c->nearest != SIZE_MAX) {
        mf_text_puts(text, "no point meets ");
        put_constraints(run->sweep, text);
        mf_text_puts(text, "; nearest comes ");
        put_nearest(run, c->nearest, text);
    } else {
        mf_text_puts(text, "no point can run");
    }
}

mf_status mf_sweep_note_choices(const mf_sweep_run *run, mf_sheet *sheet, mf_diag *diag)
{
    enum { MOST_LINES = 60 };
    mf_sweep_choice *choices;
    size_t n_ops = mf_operators_count(run->setup->operators), n = 0;
    MF_TRY(mf_sweep_choose(run, &choices, diag));
    for (size_t i = 0; i < run->sweep->n_networks * n_ops; i++) {
        mf_text text = {0};
        if (!choices[i].occurs || ++n > MOST_LINES)
            continue;
        put_choice(run, i / n_ops, i % n_ops, &choices[i], &text);
        const char *line = text.failed ? NULL : mf_arena_string(run->setup->arena, text.bytes);
        mf_text_free(&text);
        if (!line)
            return mf_fail_memory(diag);
        mf_sheet_note(sheet, line);
    }
    if (n > MOST_LINES)
        mf_sheet_note(sheet, mf_arena_format(run->setup->arena, "and %zu more", n - MOST_LINES));
    return MF_OK;
}

mf_status mf_sweep_check_choices(const mf_sweep_run *run, mf_diag *diag)
{
    const mf_sweep *s = run->sweep;
    mf_sweep_choice *choices;
    size_t n_ops = mf_operators_count(run->setup->operators), nearest = SIZE_MAX;
    double least = INFINITY, most;
    mf_text text = {0};
    if (!s->n_constraints)
        return MF_OK;
    MF_TRY(mf_sweep_choose(run, &choices, diag));
    for (size_t i = 0; i < s->n_networks * n_ops; i++) {
        mf_sweep_point p;
        if (choices[i].best != SIZE_MAX)
            return MF_OK;
        if (choices[i].nearest == SIZE_MAX)
            continue;
        mf_sweep_at(s, choices[i].nearest, &p);
        violated(s, &run->results[choices[i].nearest], &p, &most);
        if (nearest == SIZE_MAX || most < least) {
            nearest = choices[i].nearest;
            least = most;
        }
    }
    put_constraints(s, &text);
    if (nearest != SIZE_MAX) {
        mf_text_puts(&text, "; nearest comes ");
        put_nearest(run, nearest, &text);
    }
    mf_status status =
        text.failed ? mf_fail_memory(diag)
                    : mf_fail(diag, MF_INVALID, "%s: no point meets %s", s->name, text.bytes);
    mf_text_free(&text);
    return status;
}
