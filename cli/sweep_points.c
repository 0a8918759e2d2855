/* Points from their numbers, and the networks they run. */
#include "cli/sweep_points.h"

#include "base/file.h"
#include "cli/conditions.h"
#include "models/formats/network_file.h"

#include <string.h>

enum { MOST_NETWORKS = 1024 /* at one resolution each: all of them are in memory */ };

static const int network_axes[MF_N_NETWORK_AXES] = {MF_AXIS_NETWORK, MF_AXIS_RESOLUTION,
                                                    MF_AXIS_WIDTH, MF_AXIS_BATCH};

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

/* What an axis says at one digit: the grid, or else the entry; NULL where neither does. */
static const mf_sweep_value *value_at(const mf_sweep_space *space, const mf_sweep_entry *entry,
                                      int which, size_t digit)
{
    const mf_sweep_axis *axis = find_axis(space, which);
    return axis ? &axis->values[digit] : find_setting(entry, which);
}

/* Digits of a point's number, [MF_SWEEP_MOST_AXES] by axis of the grid. */
static void split(const mf_sweep_space *space, size_t rest, size_t *digits)
{
    for (size_t i = space->n_axes; i-- > 0;) {
        digits[i] = rest % space->axes[i].n_values;
        rest /= space->axes[i].n_values;
    }
}

static void put_keys(const mf_sweep_space *space, const mf_sweep_entry *entry, const size_t *digits,
                     mf_accelerator *accelerator)
{
    for (size_t i = 0; i < entry->n_settings; i++)
        if (entry->settings[i].which >= MF_AXIS_FIRST_KEY)
            mf_accelerator_put(accelerator, entry->settings[i].which - MF_AXIS_FIRST_KEY,
                               entry->settings[i].value.key);
    for (size_t i = 0; i < space->n_axes; i++)
        if (space->axes[i].which >= MF_AXIS_FIRST_KEY)
            mf_accelerator_put(accelerator, space->axes[i].which - MF_AXIS_FIRST_KEY,
                               space->axes[i].values[digits[i]].key);
}

/* What replaces an option of the account. */
static void put_options(const mf_sweep *sweep, const mf_sweep_value *const *values,
                        mf_sweep_point *point)
{
    point->table = mf_sweep_table_of(sweep, values[MF_AXIS_TABLE], values[MF_AXIS_NODE]);
    point->dataflow = values[MF_AXIS_DATAFLOW] ? values[MF_AXIS_DATAFLOW]->dataflow : NULL;
    point->bits = values[MF_AXIS_BITS] ? &values[MF_AXIS_BITS]->bits : NULL;
    point->objective = values[MF_AXIS_OBJECTIVE] ? (int)values[MF_AXIS_OBJECTIVE]->index : -1;
}

void mf_sweep_at(const mf_sweep *sweep, size_t index, mf_sweep_point *point)
{
    const mf_sweep_space *space = sweep->space;
    size_t which_entry = index / space->n_per_entry, digits[MF_SWEEP_MOST_AXES] = {0},
           of_axis[MF_AXIS_FIRST_KEY] = {0};
    const mf_sweep_entry *entry = &space->entries[which_entry];
    const mf_sweep_value *values[MF_AXIS_FIRST_KEY];
    split(space, index % space->n_per_entry, digits);
    for (size_t i = 0; i < space->n_axes; i++)
        if (space->axes[i].which < MF_AXIS_FIRST_KEY)
            of_axis[space->axes[i].which] = digits[i];
    for (int which = 0; which < MF_AXIS_FIRST_KEY; which++) {
        values[which] = value_at(space, entry, which, of_axis[which]);
        point->text[which] = values[which] ? values[which]->text : NULL;
    }
    point->base = values[MF_AXIS_ACCELERATOR]
                      ? &sweep->accelerators[values[MF_AXIS_ACCELERATOR]->index]
                      : NULL;
    point->accelerator = point->base ? *point->base : space->accelerator;
    put_keys(space, entry, digits, &point->accelerator);
    put_options(sweep, values, point);
    size_t combination = which_entry;
    for (int k = 0; k < MF_N_NETWORK_AXES; k++)
        combination = combination * space->n_of[k] + of_axis[network_axes[k]];
    point->network = space->network_of[combination];
    point->op = values[MF_AXIS_OP] ? values[MF_AXIS_OP]->index : 0;
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
    if (n->width > 0)
        options.width_multiplier = n->width;
    if (n->batch)
        options.batch = n->batch;
    MF_TRY(mf_catalog_path(setup->cli, MF_KIND_NETWORK, n->name, setup->arena, &path, diag));
    if (mf_file_has_ending(path, ".npz"))
        return mf_fail(diag, MF_USAGE,
                       "%s: a trace has the numbers of one operator; use mulfree simulate", path);
    if (mf_file_has_ending(path, ".csv"))
        MF_TRY(mf_arguments_lack(setup->arguments, MF_IF_DESCRIBED, diag));
    return mf_network_load(path, &options, &n->network, diag);
}

/* Into the list, unless it is there. */
static mf_status network_index(mf_setup *setup, mf_sweep *s, const mf_sweep_network *wanted,
                               size_t *index, mf_diag *diag)
{
    for (*index = 0; *index < s->n_networks; ++*index) {
        const mf_sweep_network *n = &s->networks[*index];
        if (n->resolution == wanted->resolution && n->batch == wanted->batch &&
            n->width == wanted->width && strcmp(n->name, wanted->name) == 0)
            return MF_OK;
    }
    if (s->n_networks == MOST_NETWORKS)
        return mf_fail(diag, MF_TOO_LARGE,
                       "sweep: more than %d networks and resolutions: split it into several",
                       (int)MOST_NETWORKS);
    if (!s->networks)
        s->networks = MF_NEW_ARRAY(setup->arena, mf_sweep_network, MOST_NETWORKS);
    if (!s->networks)
        return mf_fail_memory(diag);
    mf_sweep_network *n = &s->networks[s->n_networks++];
    *n = *wanted;
    return load_network(setup, n, diag);
}

/* Assign the operators that points of this entry run the network with. */
static mf_status assign(mf_setup *setup, mf_sweep *s, const mf_sweep_entry *entry,
                        const mf_sweep_network *network, mf_diag *diag)
{
    for (size_t i = 0; i < s->n_ops; i++) {
        const mf_sweep_value *value = value_at(s->space, entry, MF_AXIS_OP, i);
        size_t op = value ? value->index : 0;
        mf_assignment *assignment = &network->assignments[op];
        if (!assignment->op_of_layer)
            MF_TRY(mf_setup_assign(setup->operators, setup->arguments, network->network,
                                   mf_operators_at(setup->operators, op)->name, assignment, diag));
    }
    return MF_OK;
}

/* The network of one combination of an entry and the values of axes that make networks. */
static mf_sweep_network network_of(const mf_sweep_space *space, const mf_sweep_entry *entry,
                                   size_t combination)
{
    const mf_sweep_value *values[MF_N_NETWORK_AXES];
    for (int k = MF_N_NETWORK_AXES; k-- > 0;) {
        values[k] = value_at(space, entry, network_axes[k], combination % space->n_of[k]);
        combination /= space->n_of[k];
    }
    return (mf_sweep_network){.name = values[0] ? values[0]->text : space->network,
                              .resolution = values[1] ? values[1]->count : 0,
                              .width = values[2] ? values[2]->real : 0,
                              .batch = values[3] ? values[3]->count : 0};
}

static mf_status find_networks(mf_setup *setup, mf_sweep *s, mf_diag *diag)
{
    mf_sweep_space *space = s->space;
    size_t n_each = 1, index;
    for (int k = 0; k < MF_N_NETWORK_AXES; k++)
        n_each *= space->n_of[k];
    space->network_of = MF_NEW_ARRAY(setup->arena, uint16_t, space->n_entries * n_each);
    if (!space->network_of)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < space->n_entries * n_each; i++) {
        const mf_sweep_entry *entry = &space->entries[i / n_each];
        const mf_sweep_network wanted = network_of(space, entry, i % n_each);
        MF_TRY(network_index(setup, s, &wanted, &index, diag));
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
    for (int k = 0; k < MF_N_NETWORK_AXES; k++)
        space->n_of[k] = count_values(space, network_axes[k]);
    for (size_t i = 0; i < sweep->n_axes; i++)
        if (strcmp(sweep->axes[i], mf_sweep_axis_name(MF_AXIS_TABLE)) == 0)
            sweep->tables_replaced = sweep->n_set[i] == sweep->n_entries;
    MF_TRY(mf_sweep_scale_tables(setup, sweep, diag));
    return find_networks(setup, sweep, diag);
}
