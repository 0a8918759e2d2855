/* Reading operators and giving each layer its own. */
#include "models/operator.h"

#include "base/arena.h"
#include "base/escape.h"
#include "base/faults.h"
#include "base/nearest.h"
#include "models/arithmetic/arithmetic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mf_operators {
    mf_arena *arena;
    mf_operator *items;
    size_t n;
};

static const char *const event_names[MF_N_EVENTS + 1] = {
#define MF_EVENT(NAME, name, text) #name,
#include "models/events.def"
#undef MF_EVENT
};

const char *mf_event_name(mf_event event)
{
    return event_names[event];
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static mf_status read_events(const mf_json *root, const char *key, uint64_t *counts, mf_diag *diag)
{
    mf_json events;
    MF_TRY(mf_json_get(root, key, &events, diag));
    MF_TRY(mf_json_only(&events, event_names, diag));
    for (int i = 0; i < MF_N_EVENTS; i++)
        MF_TRY(mf_json_count_or(&events, event_names[i], 0, 16, &counts[i], diag));
    return MF_OK;
}

static const char *const width_names[MF_N_EVENT_WIDTHS] = {"operands", "activation", "psum"};

/* A word for all operations of an event, or a list with one for each. */
static mf_status read_event_width(const mf_json *widths, mf_event event, mf_operator *op,
                                  mf_diag *diag)
{
    mf_json value, item = {0};
    size_t choice;
    MF_TRY(mf_json_get(widths, event_names[event], &value, diag));
    if (!mf_json_is_array(&value)) {
        MF_TRY(mf_json_read_choice(&value, width_names, MF_N_EVENT_WIDTHS, &choice, diag));
        op->of_width[event][choice] = op->per_mac[event];
        return MF_OK;
    }
    if (mf_json_size(&value) != op->per_mac[event])
        return mf_json_fail(&value, diag, MF_INVALID,
                            "expected as many widths as a MAC position has of this operation, "
                            "%" PRIu64 ", found %zu",
                            op->per_mac[event], mf_json_size(&value));
    while (mf_json_next(&value, &item)) {
        MF_TRY(mf_json_read_choice(&item, width_names, MF_N_EVENT_WIDTHS, &choice, diag));
        op->of_width[event][choice]++;
    }
    return MF_OK;
}

static mf_status read_arithmetic(const mf_json *root, mf_operator *op, mf_diag *diag)
{
    static const char *const members[] = {"weight_bits", "extra_bits", NULL};
    static const char *const numbers[] = {"integer", "float"};
    mf_json product, events, width;
    size_t choice;
    MF_TRY(mf_json_choice(root, "number", numbers, 2, &choice, diag));
    op->floating = choice == 1;
    MF_TRY(mf_json_get(root, "product", &product, diag));
    MF_TRY(mf_json_only(&product, members, diag));
    MF_TRY(mf_json_count(&product, "weight_bits", 0, 1, &op->product_weight_bits, diag));
    MF_TRY(mf_json_count(&product, "extra_bits", 0, 64, &op->product_extra_bits, diag));
    MF_TRY(mf_json_bool_or(root, "gates_zero", &op->gates_zero, diag));
    MF_TRY(mf_json_get(root, "event_width", &events, diag));
    MF_TRY(mf_json_only(&events, event_names, diag));
    for (int i = 0; i < MF_N_EVENTS; i++)
        if (op->per_mac[i] || mf_json_find(&events, event_names[i], &width))
            MF_TRY(read_event_width(&events, (mf_event)i, op, diag));
    return MF_OK;
}

static mf_status read_datapath(mf_arena *arena, const mf_json *root, mf_operator *op, mf_diag *diag)
{
    static const char *const members[] = {"initiation_interval_cycles", "pipeline_cycles", "status",
                                          "source", NULL};
    mf_json datapath;
    size_t status = 0;
    mf_faults faults = {0};
    if (!mf_json_find(root, "datapath", &datapath))
        return MF_OK;
    MF_ALSO(mf_json_only(&datapath, members, &faults.latest));
    MF_ALSO(mf_json_count(&datapath, members[0], 1, 1000, &op->initiation_interval_cycles,
                          &faults.latest));
    MF_ALSO(mf_json_count(&datapath, members[1], 1, 1000, &op->pipeline_cycles, &faults.latest));
    MF_ALSO(mf_json_choice(&datapath, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                           &faults.latest));
    op->datapath.status = mf_fact_statuses[status];
    MF_ALSO(mf_json_copy_string(&datapath, "source", arena, &op->datapath.source, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status read_keeps(mf_arena *arena, const mf_json *root, mf_operator *op, mf_diag *diag)
{
    static const char *const keys[] = {"layers", "op", "because", NULL};
    mf_json list, item = {0};
    MF_TRY(mf_json_array(root, "keeps", &list, diag));
    mf_op_rule *rules = MF_NEW_ARRAY(arena, mf_op_rule, mf_json_size(&list));
    if (!rules)
        return mf_fail_memory(diag);
    op->keeps = rules;
    while (mf_json_next(&list, &item)) {
        mf_op_rule *rule = &rules[op->n_keeps++];
        MF_TRY(mf_json_only(&item, keys, diag));
        MF_TRY(mf_json_copy_string(&item, "layers", arena, &rule->selector, diag));
        MF_TRY(mf_json_copy_string(&item, "op", arena, &rule->op, diag));
    }
    return MF_OK;
}

/* Its name, where the file does not say, and then it may be priced alone. What the file does say
 * must be there, and have weights of so many bits. */
static mf_status read_computes(const mf_json *root, mf_operator *op, mf_diag *diag)
{
    static const char *const names[MF_N_ARITHMETICS] = {
#define MF_ARITHMETIC(name, NAME) #name,
#include "models/arithmetic/arithmetics.def"
#undef MF_ARITHMETIC
    };
    mf_json member;
    mf_diag why = {0};
    size_t choice;
    op->arithmetic = op->name;
    if (!mf_json_find(root, "arithmetic", &member))
        return MF_OK;
    MF_TRY(mf_json_read_choice(&member, names, MF_N_ARITHMETICS, &choice, diag));
    op->arithmetic = names[choice];
    mf_integer_format format = {.arithmetic = (mf_arithmetic)choice,
                                .activation_bits = op->activation_bits,
                                .weight_bits = op->weight_bits};
    if (op->weight_bits && mf_integer_check_format(&format, &why) != MF_OK)
        return mf_json_fail(&member, diag, MF_INVALID, "%s: %s", op->arithmetic, why.message);
    return MF_OK;
}

/* What has signs as activations must say how wide the numbers are that it makes. */
static mf_status check_signs(const mf_json *root, const mf_operator *op, mf_diag *diag)
{
    if (!mf_operator_on_signs(op) || op->kept_bits)
        return MF_OK;
    return mf_json_fail(
        root, diag, MF_INVALID,
        "activations of 1 bit are signs: \"kept_bits\" must say how wide the numbers "
        "are that its layers write");
}

static mf_status read_operator(mf_arena *arena, const mf_json *root, mf_operator *op, mf_diag *diag)
{
    mf_json member;
    mf_faults faults = {0};
    static const char *const keys[] = {"name",        "about",           "source",
                                       "per_mac",     "per_norm_output", "per_bias_output",
                                       "weight_bits", "activation_bits", "number",
                                       "product",     "event_width",     "gates_zero",
                                       "datapath",    "keeps",           "recipes",
                                       "arithmetic",  "kept_bits",       NULL};
    MF_ALSO(mf_json_only(root, keys, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "name", arena, &op->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "about", arena, &op->about, &faults.latest));
    MF_ALSO(mf_json_copy_string(root, "source", arena, &op->source, &faults.latest));
    MF_ALSO(read_events(root, "per_mac", op->per_mac, &faults.latest));
    MF_ALSO(read_events(root, "per_norm_output", op->per_norm_output, &faults.latest));
    MF_ALSO(read_events(root, "per_bias_output", op->per_bias_output, &faults.latest));
    MF_ALSO(mf_json_count(root, "weight_bits", 1, 64, &op->weight_bits, &faults.latest));
    MF_ALSO(mf_json_count(root, "activation_bits", 1, 64, &op->activation_bits, &faults.latest));
    MF_ALSO(read_arithmetic(root, op, &faults.latest));
    MF_ALSO(read_datapath(arena, root, op, &faults.latest));
    MF_ALSO(read_keeps(arena, root, op, &faults.latest));
    if (mf_json_find(root, "kept_bits", &member))
        MF_ALSO(mf_json_count(root, "kept_bits", 2, 32, &op->kept_bits, &faults.latest));
    MF_ALSO(check_signs(root, op, &faults.latest));
    MF_ALSO(read_computes(root, op, &faults.latest));
    MF_ALSO(mf_recipes_read(root, arena, &op->recipes, &op->n_recipes, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    for (int i = 0; i < MF_N_EVENTS; i++)
        if (op->per_mac[i])
            return MF_OK;
    return mf_json_fail(root, diag, MF_INVALID, "a MAC position must do at least one operation");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const mf_operator *)a)->name, ((const mf_operator *)b)->name);
}

/* Names must be unique, and what an operator keeps must exist. */
static mf_status check_names(const mf_operators *operators, mf_diag *diag)
{
    for (size_t i = 0; i < operators->n; i++) {
        const mf_operator *op = &operators->items[i];
        size_t index;
        if (i > 0 && strcmp(op->name, operators->items[i - 1].name) == 0)
            return mf_fail(diag, MF_INVALID, "two operators are named \"%s\"", op->name);
        for (size_t k = 0; k < op->n_keeps; k++)
            MF_TRY(mf_operators_find(operators, op->keeps[k].op, &index, diag));
    }
    return MF_OK;
}

mf_status mf_operators_load(const char *const *paths, size_t n_paths, mf_operators **out,
                            mf_diag *diag)
{
    mf_status status = MF_OK;
    mf_arena *arena = mf_arena_create();
    mf_operators *operators = arena ? MF_NEW(arena, mf_operators) : NULL;
    if (!operators) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *operators = (mf_operators){.arena = arena, .items = MF_NEW_ARRAY(arena, mf_operator, n_paths)};
    if (!operators->items)
        MF_TRY_DONE(mf_fail_memory(diag));
    for (; operators->n < n_paths; operators->n++) {
        mf_json_doc *doc = NULL;
        MF_TRY_DONE(mf_json_load(paths[operators->n], &doc, diag));
        mf_json root = mf_json_root(doc);
        status = read_operator(arena, &root, &operators->items[operators->n], diag);
        mf_json_destroy(doc);
        if (status != MF_OK)
            goto done;
    }
    if (operators->n)
        qsort(operators->items, operators->n, sizeof *operators->items, by_name);
    MF_TRY_DONE(check_names(operators, diag));
    *out = operators;
done:
    if (status != MF_OK)
        mf_arena_destroy(arena);
    return status;
}

void mf_operators_destroy(mf_operators *operators)
{
    if (operators)
        mf_arena_destroy(operators->arena);
}

/* ---- widths ------------------------------------------------------------------------------------
 */

mf_status mf_bits_parse(const char *text, mf_bits *bits, mf_diag *diag)
{
    *bits = (mf_bits){0};
    if (strcmp(text, "fp32") == 0 || strcmp(text, "fp16") == 0) {
        *bits = (mf_bits){.activation_bits = text[2] == '3' ? 32 : 16, .floating = true};
        return MF_OK;
    }
    char *end;
    unsigned long n = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    if (n < 2 || n > 32 || *end != '\0')
        return mf_fail(diag, MF_USAGE, "expected 2 to 32, fp16 or fp32 as width, found \"%s\"",
                       text);
    bits->activation_bits = n;
    return MF_OK;
}

bool mf_operator_on_signs(const mf_operator *op)
{
    return op->activation_bits == 1;
}

mf_bits mf_operator_bits(const mf_operator *variant, const mf_operator *op, mf_bits asked)
{
    bool kept = op != variant && variant->kept_bits && asked.activation_bits == 0;
    return kept ? (mf_bits){.activation_bits = variant->kept_bits} : asked;
}

static uint64_t bits_to_count(uint64_t n)
{
    uint64_t bits = 0;
    while (n > (uint64_t)1 << bits)
        bits++;
    return bits;
}

mf_status mf_operator_widths(const mf_operator *op, mf_bits bits, uint64_t psum_bits,
                             uint64_t n_products, mf_widths *widths, mf_diag *diag)
{
    bool own = bits.activation_bits == 0, on_signs = mf_operator_on_signs(op);
    uint64_t activation = own || on_signs ? op->activation_bits : bits.activation_bits;
    uint64_t number = own ? op->kept_bits : bits.activation_bits;
    bool follows = op->weight_bits == op->activation_bits;
    *widths = (mf_widths){.activation_bits = activation,
                          .weight_bits = follows ? activation : op->weight_bits,
                          .psum_bits = psum_bits,
                          .floating = op->floating && (own || bits.floating),
                          .ofmap_bits = on_signs ? number : activation};
    widths->written_bits = widths->ofmap_bits;
    if (widths->floating) {
        widths->psum_bits = widths->exact_bits = activation;
        return MF_OK;
    }
    uint64_t carry = bits_to_count(n_products);
    uint64_t product =
        activation + op->product_weight_bits * widths->weight_bits + op->product_extra_bits;
    widths->exact_bits = product + carry;
    if (psum_bits < carry + 2)
        return mf_fail(diag, MF_INVALID,
                       "psum_bits is %" PRIu64 ", but a sum of %" PRIu64
                       " products takes at least %" PRIu64 " bits (%" PRIu64 " to lose nothing)",
                       psum_bits, n_products, carry + 2, widths->exact_bits);
    widths->product_shift = widths->exact_bits > psum_bits ? widths->exact_bits - psum_bits : 0;
    return MF_OK;
}

/* ---- looking up --------------------------------------------------------------------------------
 */

size_t mf_operators_count(const mf_operators *operators)
{
    return operators->n;
}

const mf_operator *mf_operators_at(const mf_operators *operators, size_t index)
{
    return &operators->items[index];
}

mf_status mf_operators_find(const mf_operators *operators, const char *name, size_t *index,
                            mf_diag *diag)
{
    const char *names[64];
    size_t n_names = 0;
    for (size_t i = 0; i < operators->n; i++) {
        const char *known = operators->items[i].name;
        if (strcmp(known, name) == 0) {
            *index = i;
            return MF_OK;
        }
        if (n_names < sizeof names / sizeof names[0])
            names[n_names++] = known;
    }
    mf_fail(diag, MF_UNKNOWN_NAME, "unknown operator \"%s\"", name);
    const char *near = mf_nearest(name, names, n_names);
    if (near)
        mf_hint(diag, "did you mean \"%s\"?", near);
    return MF_UNKNOWN_NAME;
}

/* ---- assigning ---------------------------------------------------------------------------------
 */

bool mf_layer_is_selected(const mf_layer *layer, const char *selector)
{
    char number[32], part[32];
    snprintf(number, sizeof number, "%d", layer->number);
    snprintf(part, sizeof part, "parts[%d]", layer->part);
    return strcmp(selector, layer->name) == 0 || strcmp(selector, layer->role) == 0 ||
           (layer->id && strcmp(selector, layer->id) == 0) ||
           strcmp(selector, mf_layer_kind_name(layer->kind)) == 0 ||
           strcmp(selector, number) == 0 || strcmp(selector, part) == 0;
}

static mf_status fail_no_layer(const mf_network *network, const char *selector, mf_diag *diag)
{
    mf_fail(diag, MF_UNKNOWN_NAME, "%s has no layer \"%s\"", network->name, selector);
    enum { MOST = 768 };
    const char *names[MOST];
    size_t n = 0;
    for (size_t i = 0; i < network->n_layers && n + 3 <= MOST; i++)
        if (mf_layer_has_weights(&network->layers[i])) {
            names[n++] = network->layers[i].role;
            names[n++] = network->layers[i].name;
            if (network->layers[i].id)
                names[n++] = network->layers[i].id;
        }
    const char *near = mf_nearest(selector, names, n);
    mf_text word = {0};
    mf_escape_shell(&word, network->name);
    if (word.failed)
        mf_hint(diag, "`mulfree show` lists the layers");
    else if (near)
        mf_hint(diag, "did you mean \"%s\"? `mulfree show %s` lists the layers", near, word.bytes);
    else
        mf_hint(diag, "`mulfree show %s` lists the layers", word.bytes);
    mf_text_free(&word);
    return MF_UNKNOWN_NAME;
}

mf_status mf_layers_select(const mf_network *network, const char *const *selectors, size_t n,
                           bool *selected, mf_diag *diag)
{
    memset(selected, 0, network->n_weight_layers * sizeof *selected);
    for (size_t i = 0; i < n; i++) {
        bool any = false;
        for (size_t k = 0; k < network->n_weight_layers; k++)
            if (mf_layer_is_selected(mf_network_weight_layer(network, k), selectors[i]))
                selected[k] = any = true;
        if (!any)
            return fail_no_layer(network, selectors[i], diag);
    }
    return MF_OK;
}

static mf_status apply(const mf_operators *operators, const mf_network *network,
                       const mf_op_rule *rule, size_t *op_of_layer, size_t *n_selected,
                       mf_diag *diag)
{
    size_t op;
    MF_TRY(mf_operators_find(operators, rule->op, &op, diag));
    *n_selected = 0;
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_layer *layer = &network->layers[i];
        if (mf_layer_has_weights(layer) && mf_layer_is_selected(layer, rule->selector)) {
            op_of_layer[layer->number] = op;
            ++*n_selected;
        }
    }
    return MF_OK;
}

/* Numbers that exist already are of one arithmetic: another operator's price is not theirs. */
static mf_status check_numbers(const mf_operators *operators, const mf_network *network,
                               const size_t *op_of_layer, mf_diag *diag)
{
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_layer *layer = mf_network_weight_layer(network, i);
        const mf_operator *op = &operators->items[op_of_layer[i]];
        if (layer->arithmetic && strcmp(layer->arithmetic, op->arithmetic) != 0)
            return mf_fail(diag, MF_INVALID,
                           "%s: layer %s: its numbers are computed by %s, but operator %s computes "
                           "by %s",
                           network->name, layer->name, layer->arithmetic, op->name, op->arithmetic);
    }
    return MF_OK;
}

mf_status mf_operators_assign(const mf_operators *operators, const mf_network *network,
                              size_t variant, const mf_op_rule *rules, size_t n_rules,
                              size_t *op_of_layer, mf_diag *diag)
{
    const mf_operator *op = &operators->items[variant];
    size_t n_selected;
    for (size_t i = 0; i < network->n_weight_layers; i++)
        op_of_layer[i] = variant;
    for (size_t i = 0; i < op->n_keeps; i++)
        MF_TRY(apply(operators, network, &op->keeps[i], op_of_layer, &n_selected, diag));
    for (size_t i = 0; i < network->n_layers; i++)
        if (network->layers[i].number >= 0 && network->layers[i].op)
            MF_TRY(mf_operators_find(operators, network->layers[i].op,
                                     &op_of_layer[network->layers[i].number], diag));
    for (size_t i = 0; i < n_rules; i++) {
        MF_TRY(apply(operators, network, &rules[i], op_of_layer, &n_selected, diag));
        if (n_selected == 0)
            return fail_no_layer(network, rules[i].selector, diag);
    }
    return check_numbers(operators, network, op_of_layer, diag);
}
