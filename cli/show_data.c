/* The two kinds of data, beside networks, that `mulfree show` prints. */
#include "cli/show_data.h"

#include "cli/account.h"

#include <string.h>

static const mf_column accelerator_columns[] = {{"key", "key", 0, 1},
                                                {"value", "value", 0, 1},
                                                {"status", "status", 0, 1},
                                                {"source", "source", 0, 1},
                                                {NULL, NULL, 0, 0}};

mf_status mf_show_accelerator(mf_cli *cli, const mf_arguments *arguments, const mf_json_doc *doc,
                              mf_diag *diag)
{
    mf_arena *arena = arguments->arena;
    mf_accelerator a;
    MF_TRY(mf_setup_accelerator(cli, doc, 0, arena, &a, diag));
    mf_sheet *sheet = mf_sheet_create(arena, accelerator_columns);
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        char value[64];
        if (!a.given[key])
            continue;
        mf_accelerator_value_text(&a, key, value, sizeof value);
        mf_sheet_row(sheet, MF_ROW_PLAIN);
        mf_sheet_text(sheet, mf_accelerator_keys[key]);
        mf_sheet_text(sheet, mf_arena_string(arena, value));
        mf_sheet_text(sheet, a.facts[key].status ? a.facts[key].status : "");
        mf_sheet_text(sheet, a.facts[key].source ? a.facts[key].source : "");
    }
    mf_sheet_heading(sheet, mf_arena_format(arena, "%s: %s", a.name, a.about));
    mf_sheet_note(sheet, mf_arena_format(arena, "source: %s", a.source));
    for (size_t i = a.n_bases; i-- > 0;)
        mf_sheet_note(sheet, mf_arena_format(arena, "based on %s", a.bases[i]));
    return mf_output_sheet(cli, arguments, sheet, diag);
}

/* Reads and writes, and laws, are told apart where the table does. */
enum { PRICE = 3, WRITE_PRICE, LAW };
static const mf_column table_columns[] = {
    {"what", "what", 0, 1},     {"type", "type", 0, 1},     {"word_bits", "bits", 0, 1},
    {"energy_pj", "pJ", 3, 1},  {"write_pj", NULL, 3, 1},   {"law", NULL, 0, 1},
    {"status", "status", 0, 1}, {"source", "source", 0, 1}, {NULL, NULL, 0, 0}};

static void choose_columns(const mf_energy_table *table, mf_column *columns)
{
    memcpy(columns, table_columns, sizeof table_columns);
    if (table->relative) {
        columns[PRICE].key = "energy_macs";
        columns[PRICE].title = "MACs";
        columns[WRITE_PRICE].key = "write_macs";
    }
    for (size_t i = 0; i < table->n_accesses; i++) {
        if (table->accesses[i].read != table->accesses[i].write)
            columns[WRITE_PRICE].title = "to write";
        if (table->accesses[i].law)
            columns[LAW].title = "law";
    }
}

mf_status mf_show_energy_table(mf_cli *cli, const mf_arguments *arguments, const mf_json_doc *doc,
                               mf_diag *diag)
{
    mf_arena *arena = arguments->arena;
    mf_energy_table *table = NULL;
    mf_column columns[sizeof table_columns / sizeof table_columns[0]];
    MF_TRY(mf_energy_table_from_json(doc, &table, diag));
    choose_columns(table, columns);
    mf_sheet *sheet = mf_sheet_create(arena, columns);
    for (size_t i = 0; i < table->n_operations; i++) {
        const mf_operation_cost *cost = &table->operations[i];
        mf_sheet_row(sheet, MF_ROW_PLAIN);
        mf_sheet_text(sheet, cost->operation);
        mf_sheet_text(sheet, cost->type);
        mf_sheet_none(sheet);
        mf_sheet_real(sheet, cost->energy);
        mf_sheet_none(sheet);
        mf_sheet_text(sheet, "");
        mf_sheet_text(sheet, cost->status);
        mf_sheet_text(sheet, cost->source);
    }
    for (size_t i = 0; i < table->n_accesses; i++) {
        const mf_access_cost *cost = &table->accesses[i];
        mf_sheet_row(sheet, i == 0 && table->n_operations ? MF_ROW_FIRST : MF_ROW_PLAIN);
        mf_sheet_text(sheet, cost->level);
        mf_sheet_text(sheet, "access");
        mf_sheet_count(sheet, cost->word_bits);
        mf_sheet_real(sheet, cost->read);
        mf_sheet_real(sheet, cost->write);
        mf_sheet_text(sheet, cost->law ? mf_account_law_text(arena, cost->law) : "");
        mf_sheet_text(sheet, cost->status);
        mf_sheet_text(sheet, cost->source);
    }
    mf_sheet_heading(sheet, mf_arena_format(arena, "%s: %s", table->name, table->about));
    const char *nodes = "";
    for (size_t i = 0; i < table->n_nodes; i++)
        nodes = mf_arena_format(arena, "%s%s%d", nodes ? nodes : "", i ? ", " : "; --node ",
                                (int)table->nodes[i].node_nm);
    mf_sheet_note(sheet, mf_arena_format(arena, "%d nm%s", (int)table->technology_nm, nodes));
    for (size_t i = 0; table->wire && i <= table->n_other_wires; i++) {
        const mf_wire *wire = i == 0 ? table->wire : &table->other_wires[i - 1];
        mf_sheet_note(sheet, mf_arena_format(arena, "wires%s%s: %s: %g pJ per mm and bit: %s",
                                             *wire->name ? " by " : "", wire->name, wire->status,
                                             wire->energy_pj_per_mm_bit, wire->source));
    }
    for (size_t i = 0; i < table->n_drams; i++)
        mf_sheet_note(sheet,
                      mf_arena_format(arena, "--dram %s: %s: %g pJ per bit: %s",
                                      table->drams[i].kind, table->drams[i].status,
                                      table->drams[i].energy_pj_per_bit, table->drams[i].source));
    mf_energy_table_destroy(table);
    return mf_output_sheet(cli, arguments, sheet, diag);
}
