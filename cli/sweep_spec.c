/* Reading a specification. What its points are is sweep_points.c. */
#include "cli/sweep_points.h"

#include "base/faults.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "cli/conditions.h"
#include "cli/help.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    MOST_AXES = MF_SWEEP_MOST_AXES,
    MOST_POINTS = 1000000 /* whose results are in memory */
};

/* ---- axes --------------------------------------------------------------------------------------
 */

static void note_axis(mf_sweep *sweep, int which, size_t n_set)
{
    const char *name = mf_sweep_axis_name(which);
    size_t i = 0;
    while (i < sweep->n_axes && strcmp(sweep->axes[i], name) != 0)
        i++;
    if (i == MOST_AXES)
        return;
    sweep->n_axes = i < sweep->n_axes ? sweep->n_axes : i + 1;
    sweep->axes[i] = name;
    sweep->n_set[i] += n_set;
}

static mf_status read_grid(mf_sweep_reader *r, const mf_json *root, mf_diag *diag)
{
    mf_json grid, member = {0};
    if (!mf_json_find(root, "grid", &grid))
        return MF_OK;
    if (!mf_json_is_object(&grid))
        return mf_json_fail(&grid, diag, MF_INVALID, "expected an object of axis: values");
    while (mf_json_next(&grid, &member)) {
        if (r->space->n_axes == MOST_AXES)
            return mf_json_fail(&grid, diag, MF_TOO_LARGE, "more than %d axes", MOST_AXES);
        MF_TRY(mf_sweep_axis_take(r, &member, &r->space->axes[r->space->n_axes++], diag));
    }
    return MF_OK;
}

/* An axis that the specification leaves out takes its values from the experiment, innermost. */
static mf_status add_default(mf_sweep_reader *r, int which, const char *const *names, size_t n,
                             mf_diag *diag)
{
    if (r->space->n_axes == MOST_AXES)
        return mf_fail(diag, MF_TOO_LARGE, "more than %d axes", MOST_AXES);
    mf_sweep_axis *a = &r->space->axes[r->space->n_axes++];
    *a =
        (mf_sweep_axis){.which = which, .values = MF_NEW_ARRAY(r->setup->arena, mf_sweep_value, n)};
    if (!a->values)
        return mf_fail_memory(diag);
    for (; a->n_values < n; a->n_values++) {
        mf_sweep_value *value = &a->values[a->n_values];
        value->text = names[a->n_values];
        if (which == MF_AXIS_OP)
            MF_TRY(mf_operators_find(r->setup->operators, value->text, &value->index, diag));
    }
    return MF_OK;
}

/* ---- points ------------------------------------------------------------------------------------
 */

/* Every axis that is named must be one, before any is spread out. */
static mf_status check_axes(const mf_json *root, mf_diag *diag)
{
    mf_json grid, list, entry = {0}, member = {0};
    mf_faults faults = {0};
    if (mf_json_find(root, "grid", &grid) && mf_json_is_object(&grid))
        while (mf_json_next(&grid, &member))
            MF_ALSO(mf_sweep_axis_check(&member, &faults.latest));
    if (mf_json_find(root, "list", &list) && mf_json_is_array(&list))
        while (mf_json_next(&list, &entry)) {
            member = (mf_json){0};
            while (mf_json_is_object(&entry) && mf_json_next(&entry, &member))
                MF_ALSO(mf_sweep_axis_check(&member, &faults.latest));
        }
    return mf_faults_end(&faults, diag);
}

/* Is this an axis of the grid or the list? */
static bool names_axis(const mf_json *root, const char *axis)
{
    mf_json grid, list, entry = {0}, member;
    if (mf_json_find(root, "grid", &grid) && mf_json_is_object(&grid) &&
        mf_json_find(&grid, axis, &member))
        return true;
    if (mf_json_find(root, "list", &list) && mf_json_is_array(&list))
        while (mf_json_next(&list, &entry))
            if (mf_json_is_object(&entry) && mf_json_find(&entry, axis, &member))
                return true;
    return false;
}

/* What each entry of the list sets. Without a list there is one that sets nothing. */
static mf_status read_list(mf_sweep_reader *r, const mf_json *root, mf_diag *diag)
{
    mf_json list, entry = {0};
    bool has_list = mf_json_find(root, "list", &list);
    if (has_list && (!mf_json_is_array(&list) || mf_json_size(&list) == 0))
        return mf_json_fail(&list, diag, MF_INVALID, "expected an array of objects of axis: value");
    size_t n = has_list ? mf_json_size(&list) : 1;
    if (n > MOST_POINTS)
        return mf_json_fail(&list, diag, MF_TOO_LARGE, "%zu entries; %d points are the most", n,
                            MOST_POINTS);
    mf_sweep_entry *entries = MF_NEW_ARRAY(r->setup->arena, mf_sweep_entry, n);
    if (!entries)
        return mf_fail_memory(diag);
    r->space->entries = entries;
    r->space->n_entries = n;
    while (has_list && mf_json_next(&list, &entry)) {
        mf_json member = {0};
        if (!mf_json_is_object(&entry))
            return mf_json_fail(&entry, diag, MF_INVALID, "expected an object of axis: value");
        entries->settings = MF_NEW_ARRAY(r->setup->arena, mf_sweep_setting, mf_json_size(&entry));
        if (!entries->settings)
            return mf_fail_memory(diag);
        while (mf_json_next(&entry, &member)) {
            MF_TRY(mf_sweep_axis_check(&member, diag));
            mf_sweep_setting *setting = &entries->settings[entries->n_settings++];
            setting->which = mf_sweep_axis_find(member.key);
            note_axis(r->sweep, setting->which, 1);
            MF_TRY(mf_sweep_value_take(r, member.key, &member, &setting->value, diag));
        }
        entries++;
    }
    return MF_OK;
}

static mf_status read_points(mf_sweep_reader *r, const mf_json *root, mf_diag *diag)
{
    mf_sweep_space *space = r->space;
    mf_json list;
    bool has[MF_AXIS_FIRST_KEY] = {false};
    MF_TRY(read_grid(r, root, diag));
    r->sweep->n_entries = mf_json_find(root, "list", &list) ? mf_json_size(&list) : 1;
    for (size_t i = 0; i < space->n_axes; i++)
        note_axis(r->sweep, space->axes[i].which, r->sweep->n_entries);
    MF_TRY(read_list(r, root, diag));
    for (size_t i = 0; i < r->sweep->n_axes; i++)
        if (mf_sweep_axis_find(r->sweep->axes[i]) < MF_AXIS_FIRST_KEY)
            has[mf_sweep_axis_find(r->sweep->axes[i])] = true;
    const mf_experiment *e = &r->setup->experiment;
    if (!has[MF_AXIS_NETWORK])
        MF_TRY(add_default(r, MF_AXIS_NETWORK, e->networks, e->n_networks, diag));
    if (!has[MF_AXIS_OP])
        MF_TRY(add_default(r, MF_AXIS_OP, e->ops, e->n_ops, diag));
    double n = (double)space->n_entries;
    for (size_t i = 0; i < space->n_axes; i++)
        n *= (double)space->axes[i].n_values;
    if (n > MOST_POINTS)
        return mf_json_fail(root, diag, MF_TOO_LARGE, "%.0f points; %d are the most", n,
                            MOST_POINTS);
    space->accelerator = r->setup->accelerator;
    space->network = e->networks[0];
    return mf_sweep_lay_out(r->setup, r->sweep, diag);
}

/* ---- the rest ----------------------------------------------------------------------------------
 */

mf_status mf_sweep_read(mf_setup *setup, const char *name, mf_sweep *sweep, mf_diag *diag)
{
    static const char *const keys[] = {"name",   "about",    "grid",       "list",
                                       "pareto", "optimise", "subject_to", NULL};
    mf_sweep_reader r = {
        .setup = setup, .sweep = sweep, .space = MF_NEW(setup->arena, mf_sweep_space)};
    const char *path;
    mf_json_doc *doc = NULL;
    mf_status status;
    *sweep = (mf_sweep){.axes = MF_NEW_ARRAY(setup->arena, const char *, MOST_AXES),
                        .n_set = MF_NEW_ARRAY(setup->arena, size_t, MOST_AXES),
                        .space = r.space};
    if (!sweep->axes || !sweep->n_set || !r.space)
        return mf_fail_memory(diag);
    MF_TRY(mf_catalog_path(setup->cli, MF_KIND_SWEEP, name, setup->arena, &path, diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_json root = mf_json_root(doc);
    mf_faults faults = {0};
    MF_ALSO(mf_json_only(&root, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "name", setup->arena, &sweep->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "about", setup->arena, &sweep->about, &faults.latest));
    MF_ALSO(mf_sweep_goals_take(&root, sweep, &faults.latest));
    MF_ALSO(check_axes(&root, &faults.latest));
    MF_TRY_DONE(mf_faults_end(&faults, diag));
    r.sizes_vary = names_axis(&root, "word_bits") || names_axis(&root, "accelerator");
    MF_TRY_DONE(read_points(&r, &root, diag));
    MF_TRY_DONE(mf_sweep_make_digest(setup, name, sweep, diag));
done:
    mf_json_destroy(doc);
    return status;
}

void mf_sweep_free(mf_sweep *sweep)
{
    for (size_t i = 0; i < sweep->n_networks; i++)
        mf_network_destroy(sweep->networks[i].network);
    mf_sweep_tables_free(sweep);
}
