/* Points from their numbers, and the networks they run. */
#include "cli/sweep_points.h"

#include "base/file.h"
#include "cli/conditions.h"
#include "models/formats/network_file.h"

#include <string.h>

enum { MOST_NETWORKS = 1024 /* at one resolution each: all of them are in memory */ };

static const mf_sweep_axis *find_axis(const mf_sweep_space *space, int which)
{
    for (size_t i = 0; i < space->n_axes; i++)
        if (space->axes[i].which == which)
            return &space->axes[i];
    return NULL;
}

static const mf_sweep_value *find_setting(const mf_sweep_entry *entry, int which)
{
    for (size_t i = 0; i < entry->n_settings; i++)
        if (entry->settings[i].which == which)
            return &entry->settings[i].value;
    return NULL;
}

/* What an axis of no key says at one digit: the grid, or else the entry, or else `otherwise`. */
static mf_sweep_value value_at(const mf_sweep_space *space, const mf_sweep_entry *entry, int which,
                               size_t digit, mf_sweep_value otherwise)
{
    const mf_sweep_axis *axis = find_axis(space, which);
    const mf_sweep_value *set = axis ? &axis->values[digit] : find_setting(entry, which);
    return set ? *set : otherwise;
}

void mf_sweep_at(const mf_sweep *sweep, size_t index, mf_sweep_point *point)
{
    const mf_sweep_space *space = sweep->space;
    size_t which_entry = index / space->n_per_entry, rest = index % space->n_per_entry;
    size_t digits[MF_AXIS_FIRST_KEY] = {0};
    const mf_sweep_entry *entry = &space->entries[which_entry];
    point->accelerator = space->accelerator;
    for (size_t i = 0; i < entry->n_settings; i++)
        if (entry->settings[i].which >= MF_AXIS_FIRST_KEY)
            mf_accelerator_put(&point->accelerator, entry->settings[i].which - MF_AXIS_FIRST_KEY,
                               entry->settings[i].value.key);
    for (size_t i = space->n_axes; i-- > 0;) {
        const mf_sweep_axis *axis = &space->axes[i];
        size_t digit = rest % axis->n_values;
        rest /= axis->n_values;
        if (axis->which >= MF_AXIS_FIRST_KEY)
            mf_accelerator_put(&point->accelerator, axis->which - MF_AXIS_FIRST_KEY,
                               axis->values[digit].key);
        else
            digits[axis->which] = digit;
    }
    size_t combination =
        (which_entry * space->n_networks + digits[MF_AXIS_NETWORK]) * space->n_resolutions +
        digits[MF_AXIS_RESOLUTION];
    point->network = space->network_of[combination];
    point->op =
        value_at(space, entry, MF_AXIS_OP, digits[MF_AXIS_OP], (mf_sweep_value){.op = 0}).op;
}

/* ---- networks ----------------------------------------------------------------------------------
 */

static mf_status load_network(mf_setup *setup, mf_sweep_network *n, mf_diag *diag)
{
    mf_network_options options;
    const char *path;
    n->assignments =
        MF_NEW_ARRAY(setup->arena, mf_assignment, mf_operators_count(setup->operators));
    if (!n->assignments)
        return mf_fail_memory(diag);
    MF_TRY(mf_setup_network_options(setup->arguments, &options, diag));
    if (n->resolution)
        options.rows = options.columns = n->resolution;
    MF_TRY(mf_catalog_path(setup->cli, MF_KIND_NETWORK, n->name, setup->arena, &path, diag));
    if (mf_file_has_ending(path, ".npz"))
        return mf_fail(diag, MF_USAGE,
                       "%s: a trace has the numbers of one operator; use mulfree simulate", path);
    if (mf_file_has_ending(path, ".csv"))
        MF_TRY(mf_arguments_lack(setup->arguments, MF_IF_DESCRIBED, diag));
    return mf_network_load(path, &options, &n->network, diag);
}

static mf_status network_index(mf_setup *setup, mf_sweep *s, const char *name, uint64_t resolution,
                               size_t *index, mf_diag *diag)
{
    for (*index = 0; *index < s->n_networks; ++*index)
        if (s->networks[*index].resolution == resolution &&
            strcmp(s->networks[*index].name, name) == 0)
            return MF_OK;
    if (s->n_networks == MOST_NETWORKS)
        return mf_fail(diag, MF_TOO_LARGE,
                       "sweep: more than %d networks and resolutions: split it into several",
                       (int)MOST_NETWORKS);
    if (!s->networks)
        s->networks = MF_NEW_ARRAY(setup->arena, mf_sweep_network, MOST_NETWORKS);
    if (!s->networks)
        return mf_fail_memory(diag);
    mf_sweep_network *n = &s->networks[s->n_networks++];
    *n = (mf_sweep_network){.name = name, .resolution = resolution};
    return load_network(setup, n, diag);
}

/* Assign the operators that points of this entry run the network with. */
static mf_status assign(mf_setup *setup, mf_sweep *s, const mf_sweep_entry *entry,
                        const mf_sweep_network *network, mf_diag *diag)
{
    for (size_t i = 0; i < s->n_ops; i++) {
        size_t op = value_at(s->space, entry, MF_AXIS_OP, i, (mf_sweep_value){.op = 0}).op;
        mf_assignment *assignment = &network->assignments[op];
        if (!assignment->op_of_layer)
            MF_TRY(mf_setup_assign(setup->operators, setup->arguments, network->network,
                                   mf_operators_at(setup->operators, op)->name, assignment, diag));
    }
    return MF_OK;
}

static mf_status find_networks(mf_setup *setup, mf_sweep *s, mf_diag *diag)
{
    mf_sweep_space *space = s->space;
    size_t n_each = space->n_networks * space->n_resolutions, index;
    space->network_of = MF_NEW_ARRAY(setup->arena, uint16_t, space->n_entries * n_each);
    if (!space->network_of)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < space->n_entries * n_each; i++) {
        const mf_sweep_entry *entry = &space->entries[i / n_each];
        size_t digit = i / space->n_resolutions % space->n_networks;
        mf_sweep_value name = value_at(space, entry, MF_AXIS_NETWORK, digit,
                                       (mf_sweep_value){.network = space->network});
        mf_sweep_value resolution =
            value_at(space, entry, MF_AXIS_RESOLUTION, i % space->n_resolutions,
                     (mf_sweep_value){.resolution = 0});
        MF_TRY(network_index(setup, s, name.network, resolution.resolution, &index, diag));
        MF_TRY(assign(setup, s, entry, &s->networks[index], diag));
        space->network_of[i] = (uint16_t)index;
    }
    return MF_OK;
}

static size_t count_values(const mf_sweep_space *space, int which)
{
    const mf_sweep_axis *axis = find_axis(space, which);
    return axis ? axis->n_values : 1;
}

mf_status mf_sweep_lay_out(mf_setup *setup, mf_sweep *sweep, mf_diag *diag)
{
    mf_sweep_space *space = sweep->space;
    space->n_per_entry = 1;
    sweep->op_stride = 1;
    for (size_t i = space->n_axes; i-- > 0;) {
        if (space->axes[i].which == MF_AXIS_OP)
            sweep->op_stride = space->n_per_entry;
        space->n_per_entry *= space->axes[i].n_values;
    }
    sweep->n_points = space->n_entries * space->n_per_entry;
    sweep->n_ops = count_values(space, MF_AXIS_OP);
    space->n_networks = count_values(space, MF_AXIS_NETWORK);
    space->n_resolutions = count_values(space, MF_AXIS_RESOLUTION);
    return find_networks(setup, sweep, diag);
}
