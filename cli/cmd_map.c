/* `mulfree map`: which loop nest is best for a layer, or what does a given one cost? */
#include "base/escape.h"
#include "cli/account.h"
#include "cli/file_kind.h"
#include "cli/key_facts.h"
#include "cli/map_schedule.h"
#include "cli/map_why.h"
#include "cli/output.h"
#include "cli/set_keys.h"
#include "cli/timeloop.h"
#include "cli/width.h"
#include "dataflows/mapping_json.h"

#include <inttypes.h>
#include <string.h>

/* The one layer that --layer selects. */
static mf_status select_layer(const mf_network *network, const char *selector,
                              const mf_layer **found, mf_diag *diag)
{
    size_t n = 0;
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_layer *layer = mf_network_weight_layer(network, i);
        if (selector && !mf_layer_is_selected(layer, selector))
            continue;
        if (n++ == 0)
            *found = layer;
    }
    if (n == 1)
        return MF_OK;
    if (!selector)
        return mf_fail(diag, MF_USAGE,
                       "%s has %zu layers with weights: say which with --layer, a number or a name "
                       "from mulfree show",
                       network->name, n);
    return mf_fail(diag, MF_INVALID, "--layer %s selects %zu layers of %s, expected one", selector,
                   n, network->name);
}

static mf_status read_mapping(const char *path, const mf_mapped_layer *map, mf_mapping *mapping,
                              mf_diag *diag)
{
    mf_json_doc *doc = NULL;
    MF_TRY(mf_file_kind_check(path, MF_FILE_BIT(MF_FILE_MAPPING), diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_json root = mf_json_root(doc), inner;
    bool report = mf_json_is_object(&root) && mf_json_find(&root, "mapping", &inner);
    mf_status status = mf_mapping_read(report ? &inner : &root, &map->work, mapping, diag);
    mf_json_destroy(doc);
    MF_TRY(status);
    mf_diag why = {0};
    status = mf_mapping_check_capacity(mapping, &map->work, &map->machine.capacity, &why);
    return status == MF_OK ? MF_OK : mf_fail(diag, status, "%s: %s", path, why.message);
}

static mf_status check_admission(const mf_mapped_layer *map, const mf_dataflow *dataflow,
                                 mf_diag *why)
{
    return mf_dataflow_admits(dataflow, &map->work, &map->machine.capacity,
                              mf_machine_bypass(&map->account->setup->accelerator),
                              &map->found.mapping, why);
}

/* ---- output ------------------------------------------------------------------------------------
 */

static void write_head(const mf_mapped_layer *map, mf_text *text)
{
    const mf_setup *setup = map->account->setup;
    const mf_widths *w = &map->widths;
    const char *head = mf_arena_format(setup->arena, "%s of %s as %s on %s, ", map->layer->name,
                                       map->network->name, map->op->name, setup->accelerator.name);
    if (head)
        mf_escape_terminal(text, head);
    else
        text->failed = true;
    mf_text_printf(
        text,
        "%s\n%" PRIu64 "-bit activations, %" PRIu64 "-bit weights, %" PRIu64 "-bit psums%s\n\n",
        map->given
            ? "the mapping given"
            : mf_arena_format(setup->arena, "%s, best %s", map->account->options.dataflow->name,
                              mf_objective_name((int)map->account->options.objective)),
        w->activation_bits, w->weight_bits, w->psum_bits,
        w->floating ? ", floating point"
        : w->product_shift
            ? mf_arena_format(setup->arena, ", %" PRIu64 " low bits of each product given up",
                              w->product_shift)
            : "");
}

/* Does the dataflow admit the mapping given, and which others do? */
static void write_admission(const mf_mapped_layer *map, mf_text *text)
{
    const mf_dataflow *asked = map->account->options.dataflow;
    mf_diag why = {0};
    bool admitted = check_admission(map, asked, &why) == MF_OK;
    if (admitted)
        mf_text_printf(text, "%s admits it", asked->name);
    else
        mf_text_printf(text, "%s does not admit it: %s", asked->name, why.message);
    for (int i = 0, n = 0; mf_dataflows[i]; i++)
        if (mf_dataflows[i] != asked && check_admission(map, mf_dataflows[i], NULL) == MF_OK)
            mf_text_printf(text, "%s%s",
                           n++        ? ", "
                           : admitted ? "; so does "
                                      : "; admitted by ",
                           mf_dataflows[i]->name);
    mf_text_puts(text, "\n\n");
}

static void write_time(const mf_mapped_layer *map, mf_text *text)
{
    const mf_cost *c = &map->found.cost;
    double us = 1 / map->account->setup->accelerator.clock_mhz;
    mf_text_puts(text, "\ncycles");
    for (int b = 0; b < MF_N_BOUNDS; b++)
        mf_text_printf(text, "%s %s %.0f", b ? "," : "", mf_bound_name(b), c->bound_cycles[b]);
    mf_text_printf(text,
                   "\n       weight loading %.0f, fill %.0f, drain %.0f, DRAM not overlapped %.0f\n"
                   "total  %.0f cycles, %.2f us, bound by %s; %.1f nJ; %" PRIu64 "x%" PRIu64
                   " PEs %.1f %% busy\n",
                   c->load_cycles, c->fill_cycles, c->drain_cycles, c->exposed_dram_cycles,
                   c->cycles, c->cycles * us, mf_bound_name((int)c->bound), c->energy_pj * 1e-3,
                   map->machine.capacity.pe_rows, map->machine.capacity.pe_columns,
                   100 * (double)map->found.counts.n_macs / c->cycles / map->machine.array_pes);
    const mf_search_tally *t = &map->found.tally;
    if (!map->given)
        mf_text_printf(text,
                       "search %" PRIu64 " nests tried, %" PRIu64
                       " branches cut by a bound, %" PRIu64 " of %" PRIu64
                       " array tiles, too; rejected %" PRIu64 " by PEs, %" PRIu64
                       " by registers, %" PRIu64 " by the buffer\n",
                       t->n_tried, t->n_cut, t->n_pruned, t->n_array_tiles, t->n_rejected_pes,
                       t->n_rejected_registers, t->n_rejected_buffer);
}

static void write_json(const mf_mapped_layer *map, mf_text *text)
{
    const mf_found *f = &map->found;
    const char *level_comma = "";
    mf_text_puts(text, "{\"network\": ");
    mf_escape_json(text, map->network->name);
    mf_text_puts(text, ", \"layer\": ");
    mf_escape_json(text, map->layer->name);
    mf_text_puts(text, ", \"op\": ");
    mf_escape_json(text, map->op->name);
    mf_text_puts(text, ", \"accelerator\": ");
    mf_escape_json(text, map->account->setup->accelerator.name);
    if (map->account->options.iso_area)
        mf_text_printf(text, ", \"array\": \"%" PRIu64 "x%" PRIu64 "\"",
                       map->machine.capacity.pe_rows, map->machine.capacity.pe_columns);
    mf_text_puts(text, ",\n \"mapping\": ");
    mf_mapping_write(&f->mapping, 12, text);
    mf_diag why = {0};
    const mf_dataflow *dataflow = map->account->options.dataflow;
    bool admitted = check_admission(map, dataflow, &why) == MF_OK;
    mf_text_puts(text, ",\n \"dataflow\": ");
    mf_escape_json(text, dataflow->name);
    mf_text_printf(text, ", \"admitted\": %s", admitted ? "true" : "false");
    if (!admitted) {
        mf_text_puts(text, ", \"broken_rule\": ");
        mf_escape_json(text, why.message);
    }
    mf_text_puts(text, ",\n \"counts\": {");
    mf_text_printf(text,
                   "\"n_macs\": %" PRIu64 ", \"n_padded_macs\": %" PRIu64 ", \"n_steps\": %" PRIu64
                   ", \"n_compute_cycles\": %" PRIu64 ", \"n_psum_hops\": %" PRIu64,
                   f->counts.n_macs, f->counts.n_padded_macs, f->counts.n_steps,
                   f->counts.n_compute_cycles, f->counts.psum_hops);
    for (int t = 0; t < MF_N_TENSORS; t++) {
        const mf_flow moved = mf_flow_moved(&map->machine, &f->mapping, &f->counts, t),
                      *flow = &moved;
        mf_text_printf(text,
                       ",\n  \"%s\": {\"n_loads\": %" PRIu64 ", \"n_dram_reads\": %" PRIu64
                       ", \"n_dram_writes\": %" PRIu64 ", \"n_buffer_reads\": %" PRIu64
                       ", \"n_buffer_writes\": %" PRIu64 ", \"n_bus_words\": %" PRIu64
                       ", \"n_row_bus_words\": %" PRIu64 ", \"n_deliveries\": %" PRIu64 "}",
                       mf_tensor_name(t), flow->loads, flow->dram_reads, flow->dram_writes,
                       flow->buffer_reads, flow->buffer_writes, flow->bus_words, flow->row_words,
                       flow->deliveries);
    }
    mf_text_puts(text, "},\n \"energy_pj\": {\"total\": ");
    mf_text_json_real(text, f->cost.energy_pj);
    mf_text_puts(text, ", \"operations\": ");
    mf_text_json_real(text, f->cost.mac_pj);
    for (int l = 0; l < MF_N_LEVELS; l++)
        for (int t = 0; t < MF_N_TENSORS; t++) {
            mf_text_printf(text, ", \"%s_%s\": ", mf_level_name(l), mf_tensor_name(t));
            mf_text_json_real(text, f->cost.access_pj[l][t]);
        }
    mf_text_puts(text, "},\n");
    if (map->machine.by_length) {
        const mf_floorplan *plan = &map->floorplan;
        const char *const keys[] = {"pe_um2", "pitch_um", "column_bus_mm", "row_bus_mm", "hop_mm"};
        const double values[] = {plan->pe_um2, plan->pitch_um, plan->column_bus_mm,
                                 plan->row_bus_mm, plan->hop_mm};
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
            mf_text_printf(text, "%s\"%s\": ", i ? ", " : " \"floorplan\": {", keys[i]);
            mf_text_json_real(text, values[i]);
        }
        mf_text_puts(text, "},\n");
    }
    mf_text_puts(text, " \"cycles\": {");
    for (int b = 0; b < MF_N_BOUNDS; b++, level_comma = ", ") {
        mf_text_printf(text, "%s\"%s\": ", level_comma, mf_bound_name(b));
        mf_text_json_real(text, f->cost.bound_cycles[b]);
    }
    const struct {
        const char *key;
        double cycles;
    } rest[] = {{"weight_load", f->cost.load_cycles},
                {"fill", f->cost.fill_cycles},
                {"drain", f->cost.drain_cycles},
                {"processing", f->cost.array_cycles},
                {"exposed_dram", f->cost.exposed_dram_cycles},
                {"total", f->cost.cycles}};
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
        mf_text_printf(text, ", \"%s\": ", rest[i].key);
        mf_text_json_real(text, rest[i].cycles);
    }
    mf_text_printf(text, "},\n \"latency_us\": ");
    mf_text_json_real(text, f->cost.cycles / map->account->setup->accelerator.clock_mhz);
    mf_text_printf(text, ", \"bound\": \"%s\"}\n", mf_bound_name((int)f->cost.bound));
}

/* ---- the command -------------------------------------------------------------------------------
 */

/* The layer alone decides, unless others say which maps stay on the chip, or how large the array
 * is. No vector unit runs here: its time only says whether a map had better stay. */
static mf_status check_keys(const mf_mapped_layer *map, const char *op, const char *mapping,
                            mf_diag *diag)
{
    const mf_account *account = map->account;
    const mf_setup *setup = account->setup;
    const mf_analytic_options *o = &account->options;
    mf_key_facts facts;
    mf_assignment assignment;
    MF_TRY(mf_key_facts_begin(&facts, setup, account, diag));
    MF_TRY(
        mf_setup_assign(setup->operators, setup->arguments, map->network, op, &assignment, diag));
    MF_TRY(mf_account_bits_of(account, map->network, &assignment.bits_of_layer, diag));
    MF_TRY(mf_key_facts_layer(&facts, account, &assignment, map->layer, diag));
    mf_conditions alone = facts.hold;
    if (o->schedule != MF_SCHEDULE_LAYER || o->iso_area)
        MF_TRY(mf_key_facts_variant(&facts, account, map->network, &assignment, diag));
    if (o->schedule == MF_SCHEDULE_LAYER) /* areas follow from operators and widths */
        facts.hold = (alone & ~(mf_conditions)MF_IF_VECTORS) |
                     (facts.hold & (MF_IF_INTEGERS | MF_IF_OTHER_PES));
    if (mapping || mf_arguments_has(setup->arguments, "why")) /* has its own, tries the others */
        facts.hold |= MF_IF_REGISTERS | MF_IF_LOCAL_REUSE;
    if (mapping)
        facts.hold |= MF_IF_WEIGHT_TILES;
    return mf_key_facts_check(&facts, setup->arguments, diag);
}

static mf_status prepare(mf_mapped_layer *map, mf_diag *diag)
{
    mf_account *account = map->account;
    mf_setup *setup = account->setup;
    const mf_arguments *arguments = setup->arguments;
    const char *op = mf_arguments_value(arguments, "op"),
               *mapping = mf_arguments_value(arguments, "mapping");
    mf_analytic_row row;
    MF_TRY(select_layer(map->network, mf_arguments_value(arguments, "layer"), &map->layer, diag));
    MF_TRY(mf_account_row(account, map->network, op ? op : "mult", map->layer, &row, diag));
    map->op = mf_operators_at(setup->operators, row.op);
    map->widths = row.widths;
    map->machine = row.machine;
    map->floorplan = row.floorplan;
    map->work = mf_work_of(&row.shape);
    MF_TRY(check_keys(map, op ? op : "mult", mapping, diag));
    if (!mapping)
        return mf_search(&map->work, &map->machine, account->options.dataflow,
                         mf_machine_bypass(&setup->accelerator), account->options.objective,
                         &map->found, diag);
    map->given = true;
    MF_TRY(read_mapping(mapping, map, &map->found.mapping, diag));
    bool searches = setup->accelerator.weights_in_buffer && mf_arguments_has(arguments, "why");
    if (map->found.mapping.bypass_buffer[MF_WEIGHT] && !searches) {
        mf_arguments told = *arguments;
        told.holds &= ~(mf_conditions)MF_IF_WEIGHT_TILES;
        MF_TRY(mf_set_check(&told, diag));
    }
    mf_cost_of_mapping(&map->machine, &map->work, &map->found.mapping, &map->found.counts,
                       &map->found.cost);
    return MF_OK;
}

static void fold(mf_text *text, size_t width)
{
    mf_text folded = {0};
    if (!text->failed)
        mf_width_fold(&folded, text->bytes, width);
    folded.failed = folded.failed || text->failed;
    mf_text_free(text);
    *text = folded;
}

/* All but --why. */
static void compose(const mf_mapped_layer *map, size_t width, mf_text *text)
{
    const char *format = mf_arguments_value(map->account->setup->arguments, "format");
    if (format && strcmp(format, "json") == 0) {
        write_json(map, text);
        return;
    }
    write_head(map, text);
    if (map->given)
        write_admission(map, text);
    mf_mapping_program(&map->found.mapping, &map->work, text);
    mf_map_traffic(map, width, text);
    write_time(map, text);
}

static mf_status write_map(mf_mapped_layer *map, mf_diag *diag)
{
    mf_setup *setup = map->account->setup;
    const mf_arguments *arguments = setup->arguments;
    const char *format = mf_arguments_value(arguments, "format");
    const size_t width = mf_arguments_value(arguments, "output") ? 0 : setup->cli->width;
    mf_text text = {0};
    mf_status status;
    if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
        return mf_fail(diag, MF_USAGE, "--format: expected text or json here, found \"%s\"",
                       format);
    compose(map, width, &text);
    if (mf_arguments_has(arguments, "why"))
        MF_TRY_DONE(mf_map_why(map, &text, diag));
    if (width && !(format && strcmp(format, "json") == 0))
        fold(&text, width);
    MF_TRY_DONE(mf_output_result(arguments, &text, diag));
done:
    mf_text_free(&text);
    return status;
}

/* ---- keys of a mapping that is given -----------------------------------------------------------
 */

/* What is shown with another accelerator; nothing where the mapping does not fit. */
static mf_status show_again(const mf_mapped_layer *map, const mf_accelerator *accelerator,
                            mf_text *text, mf_diag *diag)
{
    mf_setup setup = *map->account->setup;
    mf_account account = *map->account;
    mf_mapped_layer again = *map;
    const char *op = mf_arguments_value(setup.arguments, "op");
    mf_analytic_row row;
    setup.accelerator = *accelerator;
    account.setup = &setup;
    again.account = &account;
    const mf_pricer_basis basis = mf_account_basis(&account);
    MF_TRY(mf_pricer_create(&basis, &account.pricer, diag));
    if (mf_account_row(&account, map->network, op ? op : "mult", map->layer, &row, NULL) == MF_OK) {
        again.machine = row.machine;
        again.floorplan = row.floorplan;
        again.widths = row.widths;
        if (mf_mapping_check_capacity(&again.found.mapping, &again.work, &again.machine.capacity,
                                      NULL) == MF_OK) {
            mf_cost_of_mapping(&again.machine, &again.work, &again.found.mapping,
                               &again.found.counts, &again.found.cost);
            compose(&again, 0, text);
        }
    }
    mf_pricer_destroy(account.pricer);
    return MF_OK;
}

static bool same_text(const mf_text *a, const mf_text *b)
{
    return a->length == b->length && (!a->length || memcmp(a->bytes, b->bytes, a->length) == 0);
}

/* Would no value of the key show anything else? */
static mf_status is_idle(const mf_mapped_layer *map, int key, bool *idle, mf_diag *diag)
{
    mf_accelerator other = map->account->setup->accelerator;
    mf_text shown = {0};
    mf_status status = show_again(map, &other, &shown, diag);
    *idle = true;
    for (size_t i = 0; status == MF_OK && *idle && mf_accelerator_try(&other, key, i); i++) {
        mf_text again = {0};
        status = show_again(map, &other, &again, diag);
        *idle = same_text(&shown, &again);
        mf_text_free(&again);
    }
    mf_text_free(&shown);
    return status;
}

/* A search takes another mapping where a key makes this one worse; one that is given has what it
 * has. Its files for Timeloop, and what --why finds, depend on every key. */
static mf_status check_given(const mf_mapped_layer *map, mf_diag *diag)
{
    const mf_arguments *arguments = map->account->setup->arguments;
    size_t n;
    const char **sets = mf_arguments_values(arguments, "set", &n);
    if (!sets)
        return mf_fail_memory(diag);
    if (mf_arguments_has(arguments, "why") || mf_arguments_has(arguments, "timeloop"))
        return MF_OK;
    for (size_t i = 0; i < n; i++)
        for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
            const char *name =
                mf_arena_format(arguments->arena, "accelerator.%s", mf_accelerator_keys[key]);
            if (!name)
                return mf_fail_memory(diag);
            size_t length = strlen(name);
            bool idle = false;
            if (strncmp(sets[i], name, length) == 0 && sets[i][length] == '=')
                MF_TRY(is_idle(map, key, &idle, diag));
            if (idle)
                return mf_fail(diag, MF_USAGE,
                               "--set %s changes nothing here: whatever it is, the mapping given "
                               "costs the same",
                               name);
        }
    return MF_OK;
}

/* Of all layers: how the network runs. */
static mf_status run_schedule(mf_account *account, const mf_network *network, mf_diag *diag)
{
    const mf_setup *setup = account->setup;
    const mf_arguments *arguments = setup->arguments;
    const char *op = mf_arguments_value(arguments, "op");
    mf_text text = {0};
    if (mf_arguments_has(arguments, "mapping") || mf_arguments_has(arguments, "timeloop"))
        return mf_fail(diag, MF_USAGE, "--%s is of one layer: say which with --layer",
                       mf_arguments_has(arguments, "mapping") ? "mapping" : "timeloop");
    op = op ? op : "mult";
    MF_TRY(mf_key_facts_check_all(setup, account, arguments->words, 1, &op, 1, diag));
    mf_status status = mf_map_schedule(
        account, network, op, mf_arguments_value(arguments, "output") ? 0 : setup->cli->width,
        &text, diag);
    if (status == MF_OK)
        status = mf_account_check_zeros(account, diag);
    if (status == MF_OK)
        status = mf_output_result(arguments, &text, diag);
    mf_text_free(&text);
    return status;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_setup setup = {0};
    mf_account account = {0};
    mf_network *network = NULL;
    mf_mapped_layer map = {.account = &account};
    const char *timeloop = mf_arguments_value(arguments, "timeloop");
    mf_status status;
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    MF_TRY_DONE(mf_setup_open(&setup, cli, arguments, MF_SLIPS_PLAIN, diag));
    MF_TRY_DONE(mf_account_open(&account, &setup, diag));
    MF_TRY_DONE(mf_setup_network(cli, arguments, arguments->words[0], &network, diag));
    map.network = network;
    if (mf_arguments_has(arguments, "schedule") && !mf_arguments_has(arguments, "layer")) {
        status = run_schedule(&account, network, diag);
        goto done;
    }
    MF_TRY_DONE(prepare(&map, diag));
    MF_TRY_DONE(mf_account_check_zeros(&account, diag));
    if (map.given)
        MF_TRY_DONE(check_given(&map, diag));
    mf_account_warn_of_sizes(&account, &setup.accelerator, "");
    if (timeloop)
        MF_TRY_DONE(mf_timeloop_write(&map, timeloop, diag));
    MF_TRY_DONE(write_map(&map, diag));
done:
    mf_network_destroy(network);
    mf_account_close(&account);
    mf_setup_close(&setup);
    return status;
}

static const mf_option options[] = {
    {"layer", 'l', "LAYER", .about = "number or name of the layer, as mulfree show lists them"},
    {"op", 0, "OP", .about = "operator of the variant (default mult)", .words = "operators",
     .needs = MF_IF_NETWORK},
    {"mapping", 'm', "FILE", .about = "cost the mapping in a JSON file instead of searching",
     .words = "files"},
    {"why", 0, NULL, .about = "why this mapping won, and what limits the layer",
     .needs = MF_IF_TEXT},
    {"timeloop", 0, "DIR",
     .about = "also write problem, architecture, prices and mapping for Timeloop",
     .words =
         ">files /problem.yaml /architecture.yaml /ert.yaml /art.yaml /mapping.yaml /nest.json"},
    MF_NETWORK_OPTIONS(MF_IF_NETWORK),
    MF_BATCH_OPTION(MF_IF_NETWORK),
    MF_SIMULATION_OPTIONS(0),
    MF_CONSISTENT_OPTIONS,
    MF_LAYER_OPTIONS,
    MF_CHAIN_OPTIONS,
    {"format", 'f', "FORMAT", .about = "text (default) or json, which --mapping reads back",
     .words = "=text json"},
    MF_OUTPUT_OPTION(""),
    MF_WIDE_OPTION(0),
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree map mobilenetv2-w0.35 --layer 7", "the best nest as a program, traffic, time"},
    {"mulfree map alexnet -l conv_2 -a eyeriss-12x14 --bits 16 --batch 4 --why",
     "and why it is the best, and what would help"},
    {"mulfree map mcunet-in3 -l 3 --format json -o nest.json",
     "as JSON, to be changed and given back with --mapping nest.json"},
    {"mulfree map mobilenetv2-tiny -a eyeriss-12x14 --bits 16 --schedule fused --why",
     "how the network runs, in which bands, and what stops it from moving less"},
    {"mulfree map mobilenetv2-tiny -a eyeriss-12x14 --bits 16 --schedule fused --format json -o fused.json",
     "the schedule as JSON, to be changed and given back with --schedule fused.json"},
    {NULL, NULL}};

const mf_command mf_command_map = {
    .name = "map",
    .summary = "show the best loop nest of a layer, or cost a given one",
    .arguments = "NETWORK",
    .about =
        "The nest is read from the outside in: loops over tiles in DRAM, over tiles in the "
        "buffer, PEs in parallel, loops within a PE. A mapping that does not fit is refused "
        "with the capacity that it breaks; whether the dataflow admits it, or which rule "
        "it breaks, is said. With --schedule and without --layer the schedule of the whole network is shown.",
    .words = "networks",
    .always = MF_IF_CONSISTENT,
    .options = options,
    .examples = examples,
    .run = run,
};
