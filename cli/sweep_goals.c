/* What is wanted of points: objectives of fronts, what the best one has least of, and what it keeps to. */
#include "cli/sweep_points.h"

#include "base/faults.h"
#include "base/nearest.h"
#include "base/units.h"

#include <float.h>
#include <string.h>

enum { LEAST, MOST };

static const struct {
    const char *key, *title, *unit;
    int direction;
} quantities[] = {
#define MF_SWEEP_QUANTITY(NAME, key, title, unit, direction, value) {key, title, unit, direction},
#include "cli/sweep_quantities.def"
#undef MF_SWEEP_QUANTITY
};

const char *mf_sweep_quantity_name(int quantity)
{
    return quantities[quantity].key;
}

const char *mf_sweep_quantity_title(int quantity)
{
    return quantities[quantity].title;
}

bool mf_sweep_more_is_better(int quantity)
{
    return quantities[quantity].direction == MOST;
}

int mf_sweep_quantity_find(const char *name)
{
    for (int q = 0; q < MF_N_SWEEP_QUANTITIES; q++)
        if (strcmp(quantities[q].key, name) == 0)
            return q;
    return -1;
}

bool mf_sweep_judges_by(const mf_sweep *s, int quantity)
{
    bool asked = s->optimise == quantity || s->minimise >> quantity & 1 || s->sort == quantity;
    for (size_t i = 0; i < s->n_constraints; i++)
        asked = asked || s->constraints[i].quantity == quantity;
    return asked;
}

/* Their names, those alone that are to be small where `least`; how many. */
static size_t names_of(bool least, const char **names, int *of_name)
{
    size_t n = 0;
    for (int q = 0; q < MF_N_SWEEP_QUANTITIES; q++)
        if (!least || !mf_sweep_more_is_better(q)) {
            of_name[n] = q;
            names[n++] = quantities[q].key;
        }
    return n;
}

static mf_status read_minimise(const mf_json *pareto, mf_sweep *s, mf_diag *diag)
{
    const char *names[MF_N_SWEEP_QUANTITIES];
    int of_name[MF_N_SWEEP_QUANTITIES];
    size_t n = names_of(true, names, of_name), choice;
    mf_json list, item = {0};
    if (!mf_json_find(pareto, "minimise", &list))
        return MF_OK;
    MF_TRY(mf_json_array(pareto, "minimise", &list, diag));
    s->minimise = 0;
    while (mf_json_next(&list, &item)) {
        MF_TRY(mf_json_read_choice(&item, names, n, &choice, diag));
        s->minimise |= 1u << of_name[choice];
    }
    return s->minimise ? MF_OK : mf_json_fail(&list, diag, MF_INVALID, "nothing to minimise");
}

static mf_status read_within(const mf_json *pareto, mf_sweep *s, mf_diag *diag)
{
    static const char *const separators[] = {"network", "op"};
    mf_json list, item = {0};
    size_t choice;
    if (!mf_json_find(pareto, "within", &list))
        return MF_OK;
    MF_TRY(mf_json_array(pareto, "within", &list, diag));
    s->within_network = s->within_op = false;
    while (mf_json_next(&list, &item)) {
        MF_TRY(mf_json_read_choice(&item, separators, 2, &choice, diag));
        s->within_network = s->within_network || choice == 0;
        s->within_op = s->within_op || choice == 1;
    }
    return MF_OK;
}

static mf_status read_pareto(const mf_json *root, mf_sweep *s, mf_diag *diag)
{
    static const char *const keys[] = {"minimise", "within", NULL};
    mf_json pareto;
    if (!mf_json_find(root, "pareto", &pareto))
        return MF_OK;
    MF_TRY(mf_json_only(&pareto, keys, diag));
    MF_TRY(read_minimise(&pareto, s, diag));
    return read_within(&pareto, s, diag);
}

/* Without it, the first objective of the fronts. */
static mf_status read_optimise(const mf_json *root, mf_sweep *s, mf_diag *diag)
{
    const char *names[MF_N_SWEEP_QUANTITIES];
    int of_name[MF_N_SWEEP_QUANTITIES];
    size_t choice, n = names_of(false, names, of_name);
    mf_json member;
    for (s->optimise = 0; !(s->minimise >> s->optimise & 1);)
        s->optimise++;
    if (!mf_json_find(root, "optimise", &member))
        return MF_OK;
    MF_TRY(mf_json_read_choice(&member, names, n, &choice, diag));
    s->optimise = of_name[choice];
    return MF_OK;
}

/* A number, or one with a unit. */
static mf_status read_bound(const mf_json *value, int quantity, double *bound, mf_diag *diag)
{
    const char *text, *unit = quantities[quantity].unit;
    char why[256];
    if (!unit || !mf_json_is_string(value))
        return mf_json_read_real(value, 0, DBL_MAX, bound, diag);
    MF_TRY(mf_json_read_string(value, &text, diag));
    if (!mf_units_value(unit, text, 0, bound, why, sizeof why) || *bound < 0)
        return mf_json_fail(value, diag, MF_INVALID, "%s, found \"%.60s\"",
                            *text == '-' ? "expected a number of at least 0" : why, text);
    return MF_OK;
}

static mf_status read_constraint(const mf_json *member, mf_sweep *s, mf_diag *diag)
{
    static const char *const keys[] = {"at_most", "at_least", NULL};
    const char *names[MF_N_SWEEP_QUANTITIES];
    int of_name[MF_N_SWEEP_QUANTITIES], quantity = mf_sweep_quantity_find(member->key);
    mf_json bound;
    if (quantity < 0) {
        size_t n = names_of(false, names, of_name);
        const char *near = mf_nearest(member->key, names, n);
        mf_json_fail(member, diag, MF_INVALID, "unknown quantity");
        if (near)
            mf_hint(diag, "did you mean \"%s\"?", near);
        else
            mf_hint(diag, "quantities are energy_mj, latency_ms and others (docs/SWEEPS.md)");
        return MF_INVALID;
    }
    MF_TRY(mf_json_only(member, keys, diag));
    if (mf_json_size(member) == 0)
        return mf_json_fail(member, diag, MF_INVALID, "expected {\"at_most\": NUMBER} or at_least");
    for (int at_most = 0; at_most < 2; at_most++) {
        mf_sweep_constraint *c = &s->constraints[s->n_constraints];
        if (!mf_json_find(member, keys[!at_most], &bound))
            continue;
        *c = (mf_sweep_constraint){.quantity = quantity, .at_most = at_most};
        MF_TRY(read_bound(&bound, quantity, &c->bound, diag));
        s->n_constraints++;
    }
    return MF_OK;
}

static mf_status read_constraints(const mf_json *root, mf_sweep *s, mf_diag *diag)
{
    mf_json all, member = {0};
    mf_faults faults = {0};
    if (!mf_json_find(root, "subject_to", &all))
        return MF_OK;
    if (!mf_json_is_object(&all))
        return mf_json_fail(&all, diag, MF_INVALID,
                            "expected an object such as {\"latency_ms\": "
                            "{\"at_most\": 5}}");
    while (mf_json_next(&all, &member))
        MF_ALSO(read_constraint(&member, s, &faults.latest));
    return mf_faults_end(&faults, diag);
}

mf_status mf_sweep_goals_take(const mf_json *root, mf_sweep *s, mf_diag *diag)
{
    mf_faults faults = {0};
    s->minimise = 1u << MF_SWEEP_ENERGY | 1u << MF_SWEEP_LATENCY;
    s->within_network = s->within_op = true;
    if (!mf_json_is_object(root))
        return MF_OK; /* which others complain about */
    MF_ALSO(read_pareto(root, s, &faults.latest));
    if (s->minimise)
        MF_ALSO(read_optimise(root, s, &faults.latest));
    MF_ALSO(read_constraints(root, s, &faults.latest));
    return mf_faults_end(&faults, diag);
}
