/* On what does an account rest: facts that were assumed, prices that were not found, laws that lead
 * from the memory that was priced to the one at hand; and what if another law held? */
#include "cli/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- memories ----------------------------------------------------------------------------------
 */

enum { SIZE_TEXT = 32 };

/* 1 KB is 1,024 B. */
static const char *size_text(uint64_t bits, char *text)
{
    double bytes = (double)bits / 8;
    if (bytes < 1024)
        snprintf(text, SIZE_TEXT, "%.4g B", bytes);
    else if (bytes < 1024 * 1024)
        snprintf(text, SIZE_TEXT, "%.5g KB", bytes / 1024);
    else
        snprintf(text, SIZE_TEXT, "%.5g MB", bytes / 1024 / 1024);
    return text;
}

const char *mf_account_law_text(mf_arena *arena, const mf_memory_law *law)
{
    char size[SIZE_TEXT];
    const mf_memory_exponents *r = &law->reads, *w = &law->writes;
    const char *banks = law->anchor.banks == 1
                            ? ""
                            : mf_arena_format(arena, " in %" PRIu64 " banks", law->anchor.banks),
               *reads = mf_arena_format(arena, "capacity^%g, port^%g", r->capacity, r->port);
    if (r->capacity != w->capacity || r->port != w->port)
        reads = mf_arena_format(arena, "read capacity^%g, port^%g, write capacity^%g, port^%g",
                                r->capacity, r->port, w->capacity, w->port);
    return mf_arena_format(arena, "at %s%s with ports of %" PRIu64 " bits; %s, banks^%g",
                           size_text(law->anchor.bits, size), banks, law->anchor.port_bits, reads,
                           law->bank_exponent);
}

static void note_memories(const mf_account *account, mf_sheet *sheet)
{
    mf_arena *arena = account->setup->arena;
    const mf_energy_table *t = account->table;
    mf_sized_memory memories[MF_MOST_SIZED_MEMORIES];
    size_t n = 0;
    if (mf_sized_memories(&account->setup->accelerator, t, memories, &n, NULL) != MF_OK)
        return; /* and no account has been made */
    for (size_t i = 0; i < n; i++) {
        const mf_sized_memory *m = &memories[i];
        const mf_memory_law *law = m->cost->law;
        char size[SIZE_TEXT];
        double read, write;
        mf_memory_law_prices(law, &m->memory, &read, &write);
        mf_sheet_note(
            sheet,
            mf_arena_format(arena,
                            "%s: %s: %s of %s: %.4g pJ to read, %.4g to write %" PRIu64
                            " bits: %s: %s%s",
                            law->status, t->name, m->name, size_text(m->memory.bits, size), read,
                            write, m->cost->word_bits, mf_account_law_text(arena, law), law->source,
                            mf_memory_law_holds(law, &m->memory) ? "" : " (extrapolated)"));
    }
}

void mf_account_warn_of_sizes(const mf_account *account, const mf_accelerator *a, const char *more)
{
    mf_sized_memory memories[MF_MOST_SIZED_MEMORIES];
    size_t n = 0;
    if (mf_sized_memories(a, account->table, memories, &n, NULL) != MF_OK)
        return; /* which the account will say */
    for (size_t i = 0; i < n; i++) {
        const mf_sized_memory *m = &memories[i];
        const mf_memory_law *law = m->cost->law;
        char size[SIZE_TEXT], least[SIZE_TEXT], most[SIZE_TEXT];
        if (mf_memory_law_holds(law, &m->memory))
            continue;
        mf_log_write(&account->setup->cli->log, MF_LOG_WARNING,
                     "warning: the %s of %s, %s with ports of %" PRIu64
                     " bits, is extrapolated%s: the law of %s holds from %s to %s and from %" PRIu64
                     " to %" PRIu64 " bits",
                     m->name, a->name, size_text(m->memory.bits, size), m->memory.port_bits, more,
                     account->table->name, size_text(law->least.bits, least),
                     size_text(law->most.bits, most), law->least.port_bits, law->most.port_bits);
    }
}

/* ---- other laws --------------------------------------------------------------------------------
 */

static bool has_other_laws(const mf_energy_table *table)
{
    if (table->n_other_wires)
        return true;
    for (size_t i = 0; i < table->n_accesses; i++)
        if (table->accesses[i].n_other_laws)
            return true;
    return false;
}

static mf_status price_by(mf_account *account, const mf_network *network, const char *op,
                          mf_laws laws, double *energy_mj, double *latency_ms, mf_diag *diag)
{
    mf_account other = *account;
    mf_report report = {0};
    mf_pricer_basis basis = mf_account_basis(account);
    basis.laws = laws;
    MF_TRY(mf_pricer_create(&basis, &other.pricer, diag));
    mf_status status = mf_account_price(&other, network, op, MF_ENGINE_ANALYTIC, &report, diag);
    mf_pricer_destroy(other.pricer);
    *energy_mj = report.energy_mj;
    *latency_ms = report.latency_ms;
    return status;
}

mf_status mf_account_note_spread(mf_account *account, const mf_network *network, const char *op,
                                 const char *against, mf_sheet *sheet, mf_diag *diag)
{
    static const struct {
        mf_laws laws;
        const char *name;
    } all[] = {
        {MF_LAWS_CHEAPEST, "cheapest"}, {MF_LAWS_OWN, "table's own"}, {MF_LAWS_DEAREST, "dearest"}};
    mf_arena *arena = account->setup->arena;
    const char *text = "";
    if (!has_other_laws(account->table))
        return MF_OK;
    if (against && strcmp(op, against) == 0)
        against = NULL;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        double mj, ms, of_mj, of_ms;
        MF_TRY(price_by(account, network, op, all[i].laws, &mj, &ms, diag));
        text = mf_arena_format(arena, "%s%s laws %.4f mJ, %.4f ms", *text ? text : "", all[i].name,
                               mj, ms);
        if (against) {
            MF_TRY(price_by(account, network, against, all[i].laws, &of_mj, &of_ms, diag));
            text = mf_arena_format(arena, "%s (%.3f and %.3f of %s)", text, mj / of_mj, ms / of_ms,
                                   against);
        }
        text = mf_arena_format(arena, "%s%s", text, i < 2 ? "; " : "");
    }
    mf_sheet_note(sheet, mf_arena_format(arena, "spread: %s as %s, each mapped anew: %s",
                                         network->name, op, text));
    return MF_OK;
}

/* ---- node --------------------------------------------------------------------------------------
 */

static void note_ratios(const mf_account *account, const char *what, const mf_node_ratios *r,
                        mf_sheet *sheet)
{
    mf_arena *arena = account->setup->arena;
    const char *leakage =
        r->leakage > 0 ? mf_arena_format(arena, ", leakage x %g", r->leakage) : "";
    mf_sheet_note(sheet, mf_arena_format(arena, "%s: %s: %s: energy x %g, area x %g%s: %s",
                                         r->status, mf_account_table_text(account), what, r->energy,
                                         r->area, leakage, r->source));
}

/* What the table was scaled by. */
static void note_node(const mf_account *account, mf_sheet *sheet)
{
    const mf_table_node *node = account->table->scaled_to;
    if (!node)
        return;
    note_ratios(account, "logic", &node->logic, sheet);
    note_ratios(account, "memories", &node->memory, sheet);
}

/* ---- wires -------------------------------------------------------------------------------------
 */

const char *mf_account_floorplan_text(mf_arena *arena, const mf_floorplan *plan)
{
    return mf_arena_format(arena,
                           "a PE takes %.1f um2, pitch %.2f um: column bus %.4f mm, row bus %.4f "
                           "mm, hop %.4f mm",
                           plan->pe_um2, plan->pitch_um, plan->column_bus_mm, plan->row_bus_mm,
                           plan->hop_mm);
}

void mf_account_note_floorplans(const mf_account *account, const mf_network *network,
                                const char *op, const mf_analytic_result *result, mf_sheet *sheet)
{
    const mf_setup *setup = account->setup;
    mf_arena *arena = setup->arena;
    bool *told = account->table->wire
                     ? MF_NEW_ARRAY(arena, bool, mf_operators_count(setup->operators))
                     : NULL;
    for (size_t i = 0; told && i < result->n_rows; i++) {
        const mf_analytic_row *row = &result->rows[i];
        if (row->vector || told[row->op])
            continue;
        told[row->op] = true;
        mf_sheet_note(
            sheet,
            mf_arena_format(
                arena, "floorplan: %s as %s, layers on %s: %" PRIu64 "x%" PRIu64 " PEs, %s",
                network->name, op, mf_operators_at(setup->operators, row->op)->name, row->pe_rows,
                row->pe_columns, mf_account_floorplan_text(arena, &row->floorplan)));
    }
}

static void note_wires(const mf_account *account, mf_sheet *sheet)
{
    const mf_energy_table *t = account->table;
    if (t->wire)
        mf_sheet_note(sheet, mf_arena_format(account->setup->arena,
                                             "%s: %s: array network %g pJ per mm and bit: %s",
                                             t->wire->status, mf_account_table_text(account),
                                             t->wire->energy_pj_per_mm_bit, t->wire->source));
    if (t->wire && t->scaled_to)
        mf_sheet_note(sheet, "assumed: wires: energy per mm x 1: what a mm holds of capacitance "
                             "hardly depends on the node; ways shrink with the areas");
}

/* ---- facts -------------------------------------------------------------------------------------
 */

void mf_account_provenance(const mf_account *account, mf_sheet *sheet)
{
    mf_arena *arena = account->setup->arena;
    const mf_accelerator *a = &account->setup->accelerator;
    const mf_energy_table *t = account->table;
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        char value[64];
        if (!a->facts[key].status || strcmp(a->facts[key].status, "assumed") != 0)
            continue;
        mf_accelerator_value_text(a, key, value, sizeof value);
        mf_sheet_note(sheet,
                      mf_arena_format(arena, "assumed: %s.%s = %s: %s", a->name,
                                      mf_accelerator_keys[key], value, a->facts[key].source));
    }
    for (size_t i = 0; i < t->n_operations; i++)
        if (strcmp(t->operations[i].status, "found") != 0)
            mf_sheet_note(sheet, mf_arena_format(arena, "%s: %s: %s %s %g pJ: %s",
                                                 t->operations[i].status, t->name,
                                                 t->operations[i].type, t->operations[i].operation,
                                                 t->operations[i].energy, t->operations[i].source));
    for (size_t i = 0; i < t->n_accesses; i++) {
        const mf_access_cost *c = &t->accesses[i];
        if (strcmp(c->status, "found") == 0)
            continue;
        const char *price =
            c->read == c->write
                ? mf_arena_format(arena, "%g pJ", c->read)
                : mf_arena_format(arena, "%g pJ to read, %g to write", c->read, c->write);
        mf_sheet_note(sheet,
                      mf_arena_format(arena, "%s: %s: %s %s per %" PRIu64 " bits: %s", c->status,
                                      t->name, c->level, price, c->word_bits, c->source));
    }
    note_memories(account, sheet);
    note_wires(account, sheet);
    note_node(account, sheet);
}
