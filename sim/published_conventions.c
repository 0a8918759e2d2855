/* Reading the conventions: every key must be there, so that no convention is silent. */
#include "sim/published.h"

#include "base/arena.h"
#include "base/faults.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *const mf_published_convention_keys[] = {"depthwise",
                                                    "grouped",
                                                    "factors",
                                                    "single_row_tiles",
                                                    "limits",
                                                    "data_bits",
                                                    "latency_reference_bits",
                                                    "operations_billed",
                                                    "operation_type",
                                                    "operation_energy",
                                                    "access_energy",
                                                    "free_levels",
                                                    "objective",
                                                    "classifier_billed_as_stem",
                                                    NULL};

const char *const mf_published_limit_keys[] = {"pes",           "ifmap_register", "weight_register",
                                               "psum_register", "buffer",         NULL};

static const char *const level_names[] = {
#define MF_PUBLISHED_PART(NAME, name, text) #name,
#include "sim/published_parts.def"
#undef MF_PUBLISHED_PART
};

const char *mf_published_part_name(int part)
{
    return level_names[part];
}

static mf_status read_limits(const mf_json *object, mf_published_conventions *out, mf_diag *diag)
{
    const char *const *keys = mf_published_limit_keys;
    static const char *const bounds[] = {"below", "at_most"};
    bool *const inclusive[] = {&out->inclusive_pes, &out->inclusive_ifmap_register,
                               &out->inclusive_weight_register, &out->inclusive_psum_register,
                               &out->inclusive_buffer};
    mf_json limits;
    mf_faults faults = {0};
    MF_TRY(mf_json_get(object, "limits", &limits, diag));
    MF_ALSO(mf_json_only(&limits, keys, &faults.latest));
    for (size_t i = 0; keys[i]; i++) {
        size_t bound = 0;
        MF_ALSO(mf_json_choice(&limits, keys[i], bounds, COUNT(bounds), &bound, &faults.latest));
        *inclusive[i] = bound == 1;
    }
    return mf_faults_end(&faults, diag);
}

/* The operator that a member of an object, or a string in a list, names. */
static mf_status find_operator(const mf_json *place, const char *name,
                               const mf_operators *operators, size_t *index, mf_diag *diag)
{
    mf_diag why = {0};
    mf_status status = mf_operators_find(operators, name, index, &why);
    if (status == MF_OK)
        return MF_OK;
    mf_json_fail(place, diag, MF_INVALID, "%s", why.message);
    mf_hint(diag, "%s", why.hint);
    return MF_INVALID;
}

static mf_status read_types(const mf_json *object, const mf_operators *operators,
                            mf_published_conventions *out, mf_arena *arena, mf_diag *diag)
{
    mf_json types, item = {0};
    MF_TRY(mf_json_get(object, "operation_type", &types, diag));
    if (!mf_json_is_object(&types))
        return mf_json_fail(&types, diag, MF_INVALID,
                            "expected an object of operator: number type");
    while (mf_json_next(&types, &item)) {
        size_t op;
        const char *type;
        MF_TRY(find_operator(&item, item.key, operators, &op, diag));
        MF_TRY(mf_json_read_string(&item, &type, diag));
        out->operation_type[op] = mf_arena_string(arena, type);
        if (!out->operation_type[op])
            return mf_fail_memory(diag);
    }
    return MF_OK;
}

static mf_status read_free_levels(const mf_json *object, const mf_operators *operators,
                                  mf_published_conventions *out, mf_diag *diag)
{
    mf_json by_operator, item = {0};
    MF_TRY(mf_json_get(object, "free_levels", &by_operator, diag));
    if (!mf_json_is_object(&by_operator))
        return mf_json_fail(&by_operator, diag, MF_INVALID,
                            "expected an object of operator: levels");
    while (mf_json_next(&by_operator, &item)) {
        size_t op, level;
        mf_json name = {0};
        MF_TRY(find_operator(&item, item.key, operators, &op, diag));
        if (!mf_json_is_array(&item))
            return mf_json_fail(&item, diag, MF_INVALID, "expected an array of levels");
        while (mf_json_next(&item, &name)) {
            MF_TRY(mf_json_read_choice(&name, level_names, MF_PUBLISHED_LEVELS, &level, diag));
            out->free_level[op][level] = true;
        }
    }
    return MF_OK;
}

static mf_status read_classifier(const mf_json *object, const mf_operators *operators,
                                 mf_published_conventions *out, mf_diag *diag)
{
    mf_json list, item = {0};
    MF_TRY(mf_json_array(object, "classifier_billed_as_stem", &list, diag));
    while (mf_json_next(&list, &item)) {
        const char *name;
        size_t op;
        MF_TRY(mf_json_read_string(&item, &name, diag));
        MF_TRY(find_operator(&item, name, operators, &op, diag));
        out->classifier_as_stem[op] = true;
    }
    return MF_OK;
}

/* Conventions with one value: they are written down, but there is no other yet. */
static const char *const grouped[] = {"one_layer_per_group"};
static const char *const factors[] = {"exact"};

const char *mf_published_convention_fixed(const char *key)
{
    return strcmp(key, "grouped") == 0   ? grouped[0]
           : strcmp(key, "factors") == 0 ? factors[0]
                                         : NULL;
}

static mf_status read_words(const mf_json *object, mf_published_conventions *out, mf_diag *diag)
{
    static const char *const depthwise[] = {"one_shared_input", "own_input"};
    static const char *const single_rows[] = {"one_by_one_maps", "all"};
    static const char *const data_bits[] = {"floor_average", "activation"};
    static const char *const billed[] = {"costliest", "all"};
    const char *objectives[MF_N_OBJECTIVES];
    size_t choice = 0;
    mf_faults faults = {0};
    MF_ALSO(
        mf_json_choice(object, "depthwise", depthwise, COUNT(depthwise), &choice, &faults.latest));
    out->depthwise = (mf_published_depthwise)choice;
    MF_ALSO(mf_json_choice(object, "grouped", grouped, COUNT(grouped), &choice, &faults.latest));
    MF_ALSO(mf_json_choice(object, "factors", factors, COUNT(factors), &choice, &faults.latest));
    MF_ALSO(mf_json_choice(object, "single_row_tiles", single_rows, COUNT(single_rows), &choice,
                           &faults.latest));
    out->single_row_tiles = choice == 1;
    MF_ALSO(
        mf_json_choice(object, "data_bits", data_bits, COUNT(data_bits), &choice, &faults.latest));
    out->data_bits = (mf_published_data_bits)choice;
    MF_ALSO(mf_json_choice(object, "operations_billed", billed, COUNT(billed), &choice,
                           &faults.latest));
    out->bill_all_operations = choice == 1;
    for (int i = 0; i < MF_N_OBJECTIVES; i++)
        objectives[i] = mf_objective_name(i);
    MF_ALSO(
        mf_json_choice(object, "objective", objectives, MF_N_OBJECTIVES, &choice, &faults.latest));
    out->objective = (mf_objective)choice;
    return mf_faults_end(&faults, diag);
}

mf_status mf_published_conventions_read(const mf_json *object, const mf_operators *operators,
                                        mf_arena *arena, mf_published_conventions *out,
                                        mf_diag *diag)
{
    mf_faults faults = {0};
    size_t n = mf_operators_count(operators);
    *out = (mf_published_conventions){0};
    out->operation_type = MF_NEW_ARRAY(arena, const char *, n);
    out->free_level = mf_arena_array(arena, n, sizeof *out->free_level);
    out->classifier_as_stem = MF_NEW_ARRAY(arena, bool, n);
    if (!out->operation_type || !out->free_level || !out->classifier_as_stem)
        return mf_fail_memory(diag);
    MF_ALSO(mf_json_only(object, mf_published_convention_keys, &faults.latest));
    MF_ALSO(read_words(object, out, &faults.latest));
    MF_ALSO(read_limits(object, out, &faults.latest));
    MF_ALSO(mf_json_count(object, "latency_reference_bits", 1, 64, &out->latency_reference_bits,
                          &faults.latest));
    MF_ALSO(mf_json_copy_string(object, "operation_energy", arena, &out->operation_energy,
                                &faults.latest));
    MF_ALSO(
        mf_json_copy_string(object, "access_energy", arena, &out->access_energy, &faults.latest));
    MF_ALSO(read_types(object, operators, out, arena, &faults.latest));
    MF_ALSO(read_free_levels(object, operators, out, &faults.latest));
    MF_ALSO(read_classifier(object, operators, out, &faults.latest));
    return mf_faults_end(&faults, diag);
}
