/* `mulfree validate`: does the model agree with what was published of real chips? */
#include "cli/catalog.h"
#include "cli/conditions.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "energy_tables/energy_table_node.h"
#include "sim/validation.h"

static const mf_column columns[] = {{"layer", "layer", 0, 1},
                                    {"quantity", NULL, 0, 1},
                                    {NULL, "quantity", 0, 1},
                                    {"model", "model", 2, 1},
                                    {"published", "published", 2, 1},
                                    {"difference_percent", "diff %", 2, 1},
                                    {"band_percent", "band %", 0, 1},
                                    {"within", "within", 0, 1},
                                    {NULL, NULL, 0, 0}};

/* What a description names, loaded. */
typedef struct parts {
    mf_operators *operators;
    mf_energy_table *table, *area_table;
    mf_accelerator accelerator;
    size_t op;
} parts;

static mf_status load_parts(mf_cli *cli, const mf_validation *v, mf_arena *arena, parts *p,
                            mf_diag *diag)
{
    const char *path;
    mf_json_doc *doc = NULL;
    MF_TRY(mf_setup_operators(cli, arena, &p->operators, diag));
    MF_TRY(mf_operators_find(p->operators, v->op, &p->op, diag));
    MF_TRY(mf_catalog_path(cli, MF_KIND_ACCELERATOR, v->accelerator, arena, &path, diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_status status = mf_setup_accelerator(cli, doc, 0, arena, &p->accelerator, diag);
    mf_json_destroy(doc);
    MF_TRY(status);
    MF_TRY(mf_catalog_path(cli, MF_KIND_ENERGY_TABLE, v->table, arena, &path, diag));
    MF_TRY(mf_energy_table_load(path, &p->table, diag));
    if (!v->area_table)
        return MF_OK;
    MF_TRY(mf_catalog_path(cli, MF_KIND_ENERGY_TABLE, v->area_table, arena, &path, diag));
    MF_TRY(mf_energy_table_load(path, &p->area_table, diag));
    return mf_energy_table_scale(p->area_table, v->area_node_nm, diag);
}

static void add_row(mf_sheet *sheet, const mf_validation_row *row)
{
    mf_sheet_row(sheet, row->first ? MF_ROW_FIRST : MF_ROW_PLAIN);
    mf_sheet_text(sheet, row->layer);
    mf_sheet_text(sheet, mf_quantity_name((int)row->quantity));
    mf_sheet_text(sheet, mf_quantity_text((int)row->quantity));
    mf_sheet_real(sheet, row->model);
    mf_sheet_real(sheet, row->published);
    mf_sheet_real(sheet, row->difference_percent);
    if (row->band_percent < 0) {
        mf_sheet_none(sheet);
        mf_sheet_text(sheet, "not held to");
        return;
    }
    mf_sheet_real(sheet, row->band_percent);
    mf_sheet_text(sheet, row->within ? "yes" : "NO");
}

/* Where the time went, against the time that all PEs at work all the time would take. */
static void note_chip(const mf_validation_result *r, double clock_mhz, mf_arena *arena,
                      mf_sheet *sheet)
{
    double per_ms = 1 / (clock_mhz * 1e3);
    mf_text text = {0};
    mf_text_printf(
        &text,
        "executed in SystemC, every sum checked: all PEs busy would take %.1f ms; idle PEs %.1f",
        r->peak_cycles * per_ms, (r->compute_cycles - r->peak_cycles) * per_ms);
    for (int stall = 0; stall < MF_N_STALLS; stall++)
        if (r->stall_cycles[stall] * per_ms >= 0.005)
            mf_text_printf(&text, ", %s %.1f", mf_stall_name(stall),
                           r->stall_cycles[stall] * per_ms);
    mf_text_puts(&text, " ms more");
    if (!text.failed)
        mf_sheet_note(sheet, mf_arena_string(arena, text.bytes));
    mf_text_free(&text);
}

/* What the power and the area are made of that no layer decides. */
static void note_parts(const mf_validation *v, const mf_validation_result *r, mf_arena *arena,
                       mf_sheet *sheet)
{
    const char *each = "";
    for (size_t i = 0; i < r->area.n_parts; i++)
        each = mf_arena_format(arena, "%s%s%s %.3f", each ? each : "", i ? ", " : "",
                               r->area.parts[i].name, r->area.parts[i].um2 * 1e-6);
    if (v->area_table)
        mf_sheet_note(
            sheet, mf_arena_format(arena, "mm2 by %s at %d nm: %s; its memories leak %.3f mW",
                                   v->area_table, (int)v->area_node_nm, each, r->area.leakage_mw));
    if (v->clocks.status)
        mf_sheet_note(sheet, mf_arena_format(arena, "clocks %.1f to %.1f mW: %s: %s", r->gated_mw,
                                             r->clocked_mw, v->clocks.status, v->clocks.source));
}

static mf_sheet *make_sheet(const mf_validation *v, const mf_validation_result *r, double clock_mhz,
                            mf_arena *arena)
{
    mf_sheet *sheet = mf_sheet_create(arena, columns);
    for (size_t i = 0; i < r->n_rows; i++)
        add_row(sheet, &r->rows[i]);
    for (size_t i = 0; i < r->n_best; i++)
        mf_sheet_note(sheet,
                      mf_arena_format(arena,
                                      "%s: the search's best mappings take %.3f of the energy "
                                      "(energy), %.3f of the time (latency), %.3f of the EDP "
                                      "(edp) of the given one",
                                      r->best[i].layer, r->best[i].energy, r->best[i].latency,
                                      r->best[i].edp));
    mf_sheet_heading(sheet, mf_arena_format(arena, "%s: %s", v->name, v->about));
    mf_sheet_note(sheet, mf_arena_format(arena,
                                         "%zu of %zu quantities within their band; "
                                         "docs/VALIDATION.md explains the rest",
                                         r->n_compared - r->n_outside, r->n_compared));
    note_parts(v, r, arena, sheet);
    if (v->on_chip)
        note_chip(r, clock_mhz, arena, sheet);
    mf_sheet_note(sheet, mf_arena_format(arena, "source: %s", v->source));
    return sheet;
}

static mf_status run_one(mf_cli *cli, const mf_arguments *arguments, const char *name,
                         size_t *n_outside, mf_diag *diag)
{
    mf_arena *arena = arguments->arena;
    mf_validation v;
    mf_validation_result result;
    parts p = {0};
    const char *path;
    mf_json_doc *doc = NULL;
    mf_status status;
    bool on_chip = mf_arguments_hold(arguments, MF_IF_SYSTEMC);
    if (on_chip)
        MF_TRY(mf_chip_check(diag));
    MF_TRY(mf_catalog_path(cli, MF_KIND_VALIDATION, name, arena, &path, diag));
    MF_TRY(mf_json_load(path, &doc, diag));
    MF_TRY_DONE(mf_validation_read(doc, on_chip, arena, &v, diag));
    MF_TRY_DONE(load_parts(cli, &v, arena, &p, diag));
    MF_TRY_DONE(mf_validation_run(&v, &p.accelerator, mf_operators_at(p.operators, p.op), p.table,
                                  p.area_table, arena, &result, diag));
    MF_TRY_DONE(mf_output_sheet(cli, arguments,
                                make_sheet(&v, &result, p.accelerator.clock_mhz, arena), diag));
    *n_outside += result.n_outside;
done:
    mf_json_destroy(doc);
    mf_energy_table_destroy(p.table);
    mf_energy_table_destroy(p.area_table);
    mf_operators_destroy(p.operators);
    return status;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    size_t n_outside = 0;
    MF_TRY(mf_arguments_expect(arguments, 0, 1, diag));
    MF_TRY(run_one(cli, arguments, arguments->n_words ? arguments->words[0] : "eyeriss-alexnet",
                   &n_outside, diag));
    if (n_outside)
        return mf_fail(diag, MF_DIFFERENT, "%zu quantities are outside their band", n_outside);
    return MF_OK;
}

static const mf_option options[] = {
    {"engine", 0, "ENGINE",
     .about =
         "analytic (default), or systemc: execute the layers on made-up numbers with the published zeros",
     .words = "=analytic systemc"},
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree validate", "AlexNet on the Eyeriss chip: PEs, latency, traffic, power"},
    {"mulfree validate eyeriss-isca16", "the energy breakdown of the ISCA 2016 analysis"},
    {"mulfree validate ./my-publication.json --format csv", "a publication of your own"},
    {NULL, NULL}};

const mf_command mf_command_validate = {
    .name = "validate",
    .summary = "hold the model against what was published of real chips",
    .arguments = "[NAME]",
    .about = "NAME is a file of bench/validation or a path (default eyeriss-alexnet). Exits with 1 "
             "when a quantity is outside its band.",
    .words = "validations",
    .options = options,
    .examples = examples,
    .run = run,
};
