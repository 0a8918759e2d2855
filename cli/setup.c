/* Loading in the order in which things depend on each other. */
#include "cli/setup.h"

#include "cli/conditions.h"
#include "cli/file_kind.h"
#include "cli/set_keys.h"

#include <string.h>

mf_status mf_setup_operators(mf_cli *cli, mf_arena *arena, mf_operators **operators, mf_diag *diag)
{
    const char **names;
    size_t n;
    MF_TRY(mf_catalog_names(cli, MF_KIND_OPERATOR, arena, &names, &n, diag));
    for (size_t i = 0; i < n; i++)
        MF_TRY(mf_catalog_path(cli, MF_KIND_OPERATOR, names[i], arena, &names[i], diag));
    return mf_operators_load(names, n, operators, diag);
}

/* Apply those of the --set options that begin with `prefix` to a document; `keep` says whether the
 * prefix is part of the path in it. */
static mf_status apply_sets(const mf_arguments *arguments, const char *prefix, bool keep,
                            mf_json_doc *doc, mf_diag *diag)
{
    size_t n, length = strlen(prefix);
    const char **sets = mf_arguments_values(arguments, "set", &n);
    if (!sets)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        const char *equals = strchr(sets[i], '=');
        if (strncmp(sets[i], prefix, length) != 0)
            continue;
        const char *begin = keep ? sets[i] : sets[i] + length;
        char *path = mf_arena_string_n(arguments->arena, begin, (size_t)(equals - begin));
        if (!path)
            return mf_fail_memory(diag);
        MF_TRY(mf_json_override(doc, path, equals + 1, diag));
    }
    return MF_OK;
}

static mf_status load_table(mf_setup *setup, const char *name, mf_energy_table **table,
                            mf_diag *diag)
{
    const char *path;
    MF_TRY(mf_catalog_path(setup->cli, MF_KIND_ENERGY_TABLE, name, setup->arena, &path, diag));
    return mf_energy_table_load(path, table, diag);
}

static mf_status load_experiment(mf_setup *setup, mf_slips side, mf_diag *diag)
{
    const char *name = mf_arguments_value(setup->arguments, "experiment"), *path;
    mf_json_doc *doc = NULL;
    MF_TRY(mf_catalog_path(setup->cli, MF_KIND_EXPERIMENT, name ? name : "table3", setup->arena,
                           &path, diag));
    MF_TRY(
        mf_file_kind_check(path, MF_FILE_BIT(MF_FILE_EXPERIMENT), diag)); /* of two kinds there */
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_json root = mf_json_root(doc), conventions;
    mf_status status;
    MF_TRY_DONE(mf_experiment_read(doc, side, setup->arena, &setup->experiment, diag));
    MF_TRY_DONE(apply_sets(setup->arguments, "conventions.", true, doc, diag));
    MF_TRY_DONE(mf_json_get(&root, "conventions", &conventions, diag));
    MF_TRY_DONE(mf_published_conventions_read(&conventions, setup->operators, setup->arena,
                                              &setup->conventions, diag));
done:
    mf_json_destroy(doc);
    return status;
}

static mf_status find_accelerator(void *user, const char *name, mf_arena *arena, const char **path,
                                  mf_diag *diag)
{
    return mf_catalog_path(user, MF_KIND_ACCELERATOR, name, arena, path, diag);
}

mf_status mf_setup_accelerator(mf_cli *cli, const mf_json_doc *doc, unsigned groups,
                               mf_arena *arena, mf_accelerator *accelerator, mf_diag *diag)
{
    mf_accelerator_wants wants = {.find = find_accelerator, .user = cli, .groups = groups};
    return mf_accelerator_from_json_with(doc, &wants, arena, accelerator, diag);
}

/* What the accounts that run ask for. */
static unsigned wanted_groups(const mf_arguments *a)
{
    return (mf_arguments_hold(a, MF_IF_CONSISTENT) ? 1u << MF_GROUP_ACCOUNT : 0) |
           (mf_arguments_hold(a, MF_IF_SYSTEMC) ? 1u << MF_GROUP_CHIP : 0);
}

/* A value that is set is nobody's but the user's. */
static void drop_facts(const mf_arguments *arguments, mf_accelerator *accelerator)
{
    size_t n, prefix = strlen("accelerator.");
    const char **sets = mf_arguments_values(arguments, "set", &n);
    for (size_t i = 0; sets && i < n; i++)
        for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
            size_t length = strlen(mf_accelerator_keys[key]);
            if (strncmp(sets[i], "accelerator.", prefix) == 0 &&
                strncmp(sets[i] + prefix, mf_accelerator_keys[key], length) == 0 &&
                sets[i][prefix + length] == '=')
                accelerator->facts[key] = (mf_fact){0};
        }
}

mf_status mf_setup_load_accelerator(mf_setup *setup, const char *name, mf_accelerator *accelerator,
                                    mf_diag *diag)
{
    const char *path;
    mf_json_doc *doc = NULL;
    MF_TRY(mf_catalog_path(setup->cli, MF_KIND_ACCELERATOR, name, setup->arena, &path, diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_status status;
    MF_TRY_DONE(apply_sets(setup->arguments, "accelerator.", false, doc, diag));
    MF_TRY_DONE(mf_setup_accelerator(setup->cli, doc, wanted_groups(setup->arguments), setup->arena,
                                     accelerator, diag));
    drop_facts(setup->arguments, accelerator);
done:
    mf_json_destroy(doc);
    return status;
}

static mf_status load_accelerator(mf_setup *setup, mf_diag *diag)
{
    const char *name = mf_arguments_value(setup->arguments, "accelerator");
    return mf_setup_load_accelerator(setup, name ? name : setup->experiment.accelerator,
                                     &setup->accelerator, diag);
}

mf_pricer_basis mf_setup_basis(const mf_setup *setup)
{
    return (mf_pricer_basis){.accelerator = &setup->accelerator,
                             .operators = setup->operators,
                             .conventions = &setup->conventions,
                             .operation_energy = setup->operation_energy,
                             .access_energy = setup->access_energy,
                             .log = &setup->cli->log};
}

mf_status mf_setup_pricer(mf_setup *setup, mf_diag *diag)
{
    mf_pricer_basis basis = mf_setup_basis(setup);
    return mf_pricer_create(&basis, &setup->pricer, diag);
}

mf_status mf_setup_open(mf_setup *setup, mf_cli *cli, const mf_arguments *arguments, mf_slips side,
                        mf_diag *diag)
{
    *setup = (mf_setup){.cli = cli, .arguments = arguments, .arena = arguments->arena};
    MF_TRY(mf_set_check(arguments, diag));
    MF_TRY(mf_setup_operators(cli, setup->arena, &setup->operators, diag));
    MF_TRY(load_experiment(setup, side, diag));
    MF_TRY(load_accelerator(setup, diag));
    MF_TRY(load_table(setup, setup->conventions.operation_energy, &setup->operation_energy, diag));
    MF_TRY(load_table(setup, setup->conventions.access_energy, &setup->access_energy, diag));
    return mf_setup_pricer(setup, diag);
}

void mf_setup_close(mf_setup *setup)
{
    mf_pricer_destroy(setup->pricer);
    mf_energy_table_destroy(setup->operation_energy);
    mf_energy_table_destroy(setup->access_energy);
    mf_operators_destroy(setup->operators);
}

/* ---- networks ----------------------------------------------------------------------------------
 */

static mf_status parse_resolution(const char *text, mf_network_options *options, mf_diag *diag)
{
    uint64_t sizes[2] = {0, 0};
    int n = 0;
    const char *p = text;
    for (; n < 2; n++) {
        int digits = 0;
        for (; *p >= '0' && *p <= '9' && digits < 8; p++, digits++)
            sizes[n] = sizes[n] * 10 + (uint64_t)(*p - '0');
        if (!digits || *p != 'x')
            break;
        p++;
    }
    bool good = *p == '\0' && n <= 1 && sizes[0] > 0 && (n == 0 || sizes[1] > 0);
    if (!good)
        return mf_fail(diag, MF_USAGE,
                       "--resolution: expected 160 or 120x160 (rows x columns), found "
                       "\"%s\"",
                       text);
    options->rows = sizes[0];
    options->columns = n ? sizes[1] : sizes[0];
    return MF_OK;
}

mf_status mf_setup_network_options(const mf_arguments *arguments, mf_network_options *options,
                                   mf_diag *diag)
{
    *options = (mf_network_options){0};
    const char *resolution = mf_arguments_value(arguments, "resolution");
    if (resolution)
        MF_TRY(parse_resolution(resolution, options, diag));
    MF_TRY(mf_arguments_count(arguments, "batch", 1, MF_LARGEST_DIMENSION, &options->batch, diag));
    MF_TRY(
        mf_arguments_count(arguments, "classes", 1, MF_LARGEST_DIMENSION, &options->classes, diag));
    return mf_arguments_real(arguments, "width", 0.01, 100.0, &options->width_multiplier, diag);
}

mf_status mf_setup_network(mf_cli *cli, const mf_arguments *arguments, const char *name,
                           mf_network **network, mf_diag *diag)
{
    mf_network_options options;
    const char *path;
    MF_TRY(mf_setup_network_options(arguments, &options, diag));
    MF_TRY(mf_catalog_path(cli, MF_KIND_NETWORK, name, arguments->arena, &path, diag));
    return mf_network_load(path, &options, network, diag);
}

mf_status mf_setup_assign(const mf_operators *operators, const mf_arguments *arguments,
                          const mf_network *network, const char *variant, mf_assignment *assignment,
                          mf_diag *diag)
{
    size_t n;
    const char **words = mf_arguments_values(arguments, "op-of", &n);
    mf_op_rule *rules = MF_NEW_ARRAY(arguments->arena, mf_op_rule, n);
    if (!words || !rules)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++) {
        const char *equals = strrchr(words[i], '=');
        if (!equals || equals == words[i] || !equals[1])
            return mf_fail(diag, MF_USAGE,
                           "--op-of: expected LAYERS=OP such as stem=mult, found \"%s\"", words[i]);
        rules[i].selector =
            mf_arena_string_n(arguments->arena, words[i], (size_t)(equals - words[i]));
        rules[i].op = equals + 1;
        if (!rules[i].selector)
            return mf_fail_memory(diag);
    }
    return mf_assign(operators, network, variant, rules, n, arguments->arena, assignment, diag);
}

/* A word as a shell takes it back. */
static void add_word(mf_text *line, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "._-+/=,:@%";
    mf_text_puts(line, " ");
    if (*word && word[strspn(word, plain)] == '\0') {
        mf_text_puts(line, word);
        return;
    }
    mf_text_puts(line, "'");
    for (; *word; word++)
        mf_text_printf(line, *word == '\'' ? "'\\%c'" : "%c", *word);
    mf_text_puts(line, "'");
}

/* What the user called the network. */
static const char *word_of(const mf_arguments *arguments, const mf_network *network)
{
    for (size_t i = 0; i < arguments->n_words; i++)
        if (strcmp(arguments->words[i], network->name) == 0)
            return network->name;
    bool one = arguments->n_words == 1 && strcmp(arguments->command->name, "table") != 0;
    return one ? arguments->words[0] : network->name;
}

/* The published account has limits that come from its closed forms and not from the array: say how
 * to run the same network without them. */
void mf_setup_offer_consistent(const mf_setup *setup, const mf_network *network, const char *op,
                               mf_diag *diag)
{
    static const char *const kept[] = {"resolution", "batch", "classes",     "width",
                                       "op-of",      "set",   "accelerator", NULL};
    const mf_arguments *arguments = setup->arguments;
    mf_text line = {0};
    if (mf_accelerator_demand(&setup->accelerator, MF_GROUP_ACCOUNT, NULL) != MF_OK) {
        mf_hint(diag,
                "this is the published account's limit; the consistent account has none such, "
                "but asks for keys that the accelerator does not have (`mulfree show "
                "eyeriss-12x14` has all)");
        return;
    }
    mf_text_puts(&line, "mulfree simulate");
    add_word(&line, word_of(arguments, network));
    mf_text_puts(&line, " --op");
    add_word(&line, op);
    for (const char *const *name = kept; *name; name++) {
        size_t n;
        const char **values = mf_arguments_values(arguments, *name, &n);
        for (size_t i = 0; values && i < n; i++) {
            if (strcmp(*name, "set") == 0 && strncmp(values[i], "accelerator.", 12) != 0)
                continue;
            mf_text_printf(&line, " --%s", *name);
            add_word(&line, values[i]);
        }
    }
    mf_text_puts(&line, " --accounting consistent");
    if (!line.failed && line.length < sizeof diag->hint - 100)
        mf_hint(diag,
                "this is the published account's limit; the consistent one has none such: `%s`",
                line.bytes);
    mf_text_free(&line);
}

mf_status mf_setup_run(mf_setup *setup, const mf_network *network, const char *op,
                       mf_variant *variant, mf_diag *diag)
{
    mf_assignment assignment;
    mf_report report;
    *variant = (mf_variant){.network = network, .op = op};
    MF_TRY(mf_setup_assign(setup->operators, setup->arguments, network, op, &assignment, diag));
    MF_TRY(mf_operation_counts_of(network, setup->operators, assignment.variant,
                                  assignment.op_of_layer, &variant->counts, diag));
    mf_status status = mf_pricer_price(setup->pricer, network, &assignment, MF_ENGINE_PUBLISHED,
                                       setup->arena, &report, diag);
    variant->result = report.published;
    if (status == MF_NO_MAPPING)
        mf_setup_offer_consistent(setup, network, op, diag);
    return status;
}

void mf_variant_put(const mf_variant *variant, mf_sheet *sheet)
{
    mf_sheet_text(sheet, variant->network->name);
    mf_sheet_text(sheet, variant->op);
    mf_sheet_count(sheet, variant->counts.n_params);
    mf_sheet_count(sheet, variant->counts.n_events[MF_EVENT_MULT]);
    mf_sheet_count(sheet, variant->counts.n_events[MF_EVENT_SHIFT]);
    mf_sheet_count(sheet, variant->counts.n_events[MF_EVENT_ADD]);
}

mf_status mf_setup_each(mf_setup *setup, const char *const *networks, size_t n_networks,
                        const char *const *ops, size_t n_ops,
                        mf_status (*at)(void *user, const mf_variant *variant, bool first,
                                        mf_diag *diag),
                        void *user, mf_diag *diag)
{
    for (size_t i = 0; i < n_networks; i++) {
        mf_network *network = NULL;
        mf_status status =
            mf_setup_network(setup->cli, setup->arguments, networks[i], &network, diag);
        for (size_t k = 0; k < n_ops && status == MF_OK; k++) {
            mf_variant variant;
            status = mf_setup_run(setup, network, ops[k], &variant, diag);
            if (status == MF_OK)
                status = at(user, &variant, k == 0, diag);
        }
        mf_network_destroy(network);
        MF_TRY(status);
    }
    return MF_OK;
}
