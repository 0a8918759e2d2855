/* A row per part, one for the chip, with a network one for DRAM and one for both together. */
#include "cli/chip_view.h"

#include "cli/output.h"

#include <inttypes.h>
#include <string.h>

static const mf_column columns[] = {{"part", "part", 0, 1},
                                    {"count", "count", 0, 1},
                                    {"each_um2", "each um2", 1, 1},
                                    {"area_um2", "area mm2", 4, 1e-6},
                                    {"area_share", "area %", 1, 100},
                                    {"leakage_mw", "leakage mW", 4, 1},
                                    {"energy_mj", "energy uJ", 2, 1e3},
                                    {"energy_share", "energy %", 1, 100},
                                    {"power_mw", "power mW", 3, 1},
                                    {"status", "area is", 0, 1},
                                    {"dynamic_mj", NULL, 0, 1},
                                    {"leakage_mj", NULL, 0, 1},
                                    {"peak_gops", NULL, 0, 1},
                                    {"latency_ms", NULL, 0, 1},
                                    {"frames_per_s", NULL, 0, 1},
                                    {"tops_per_w", NULL, 0, 1},
                                    {"arrays", NULL, 0, 1},
                                    {NULL, NULL, 0, 0}};
enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

/* People see what there is. */
static void choose_columns(const mf_chip_shown *chip, mf_column *shown)
{
    memcpy(shown, columns, sizeof columns);
    for (size_t i = 0; shown[i].key; i++) {
        bool energy = strcmp(shown[i].key, "energy_mj") == 0 ||
                      strcmp(shown[i].key, "energy_share") == 0 ||
                      strcmp(shown[i].key, "power_mw") == 0;
        if ((energy && !chip->power) ||
            (strcmp(shown[i].key, "leakage_mw") == 0 && !chip->area->knows_leakage))
            shown[i].title = NULL;
    }
}

static void real_or_none(mf_sheet *sheet, bool known, double value)
{
    if (known)
        mf_sheet_real(sheet, value);
    else
        mf_sheet_none(sheet);
}

static void add_area(mf_sheet *sheet, const mf_chip_shown *chip, const mf_area_part *part)
{
    bool known = part && !part->in_overhead;
    mf_sheet_text(sheet, part ? part->name : "");
    if (part)
        mf_sheet_count(sheet, part->count);
    else
        mf_sheet_none(sheet);
    real_or_none(sheet, known, known ? part->each_um2 : 0);
    real_or_none(sheet, known, known ? part->um2 : 0);
    real_or_none(sheet, known, known ? part->um2 / chip->area->um2 : 0);
    real_or_none(sheet, part && part->leakage_mw > 0, part ? part->leakage_mw : 0);
}

static void add_energy(mf_sheet *sheet, const mf_chip_shown *chip, const mf_spent *spent,
                       const char *status)
{
    bool known = spent && (spent->knows_dynamic || spent->leakage_mj > 0);
    real_or_none(sheet, known, known ? spent->energy_mj : 0);
    real_or_none(sheet, known, known ? spent->energy_mj / chip->power->system.energy_mj : 0);
    real_or_none(sheet, known, known ? spent->power_mw : 0);
    mf_sheet_text(sheet, status);
    real_or_none(sheet, spent && spent->knows_dynamic, known ? spent->dynamic_mj : 0);
    real_or_none(sheet, known && spent->leakage_mj > 0, known ? spent->leakage_mj : 0);
}

static void add_parts(mf_sheet *sheet, const mf_chip_shown *chip)
{
    enum { N_OF_CHIP = 5 };
    size_t n = chip->power ? chip->power->n_parts : chip->area->n_parts;
    for (size_t i = 0; i < n; i++) {
        const mf_spent *spent = chip->power ? &chip->power->parts[i] : NULL;
        const mf_area_part *part = spent ? spent->part : &chip->area->parts[i];
        mf_sheet_row(sheet, MF_ROW_PLAIN);
        if (part) {
            add_area(sheet, chip, part);
        } else {
            mf_sheet_text(sheet, spent->name);
            for (int k = 0; k < 5; k++)
                mf_sheet_none(sheet);
        }
        add_energy(sheet, chip, spent, part ? part->status : "");
        for (int k = 0; k < N_OF_CHIP; k++)
            mf_sheet_none(sheet);
    }
}

/* ---- sums --------------------------------------------------------------------------------------
 */

static double peak_gops(const mf_chip_shown *chip)
{
    const mf_datapath *d = chip->datapaths;
    uint64_t interval = d->op->initiation_interval_cycles;
    return 2 * (double)d->n_pes * chip->account->setup->accelerator.clock_mhz * 1e-3 /
           (double)(interval ? interval : 1);
}

/* A row of sums: area where it is on the chip, throughput per watt where energy is known. */
static void add_sum(mf_sheet *sheet, const mf_chip_shown *chip, const char *name,
                    const mf_spent *spent, bool on_chip, double tops_per_w)
{
    const mf_area *area = chip->area;
    mf_sheet_row(sheet, on_chip ? MF_ROW_FIRST : MF_ROW_PLAIN);
    mf_sheet_text(sheet, name);
    mf_sheet_none(sheet);
    mf_sheet_none(sheet);
    real_or_none(sheet, on_chip, area->um2);
    real_or_none(sheet, on_chip, 1);
    real_or_none(sheet, on_chip && area->knows_leakage, area->leakage_mw);
    add_energy(sheet, chip, spent, "");
    real_or_none(sheet, on_chip, peak_gops(chip));
    real_or_none(sheet, spent != NULL, spent ? chip->power->latency_ms : 0);
    real_or_none(sheet, spent != NULL, spent ? chip->power->frames_per_s : 0);
    real_or_none(sheet, tops_per_w > 0, tops_per_w);
    if (on_chip)
        mf_sheet_text(sheet, chip->arrays);
    else
        mf_sheet_none(sheet);
}

static void add_sums(mf_sheet *sheet, const mf_chip_shown *chip)
{
    const mf_power *p = chip->power;
    add_sum(sheet, chip, "chip", p ? &p->chip : NULL, true, p ? p->chip_tops_per_w : 0);
    if (!p)
        return;
    add_sum(sheet, chip, p->dram.name, &p->dram, false, 0);
    add_sum(sheet, chip, p->system.name, &p->system, false, p->system_tops_per_w);
}

/* ---- lines below -------------------------------------------------------------------------------
 */

static void note_power(mf_sheet *sheet, const mf_chip_shown *chip)
{
    const mf_power *p = chip->power;
    mf_arena *arena = chip->account->setup->arena;
    const mf_energy_table *table = chip->account->table;
    mf_sheet_note(
        sheet, mf_arena_format(
                   arena,
                   "%s: %.4f ms, %.4g frames/s (batch %" PRIu64
                   "); chip %.4g mW (%.4g of them leakage%s), %.4g TOPS/W; with DRAM %.4g mW, "
                   "%.4g TOPS/W; powers are averages over the run, shares those of chip and DRAM",
                   chip->network->name, p->latency_ms, p->frames_per_s, chip->network->batch,
                   p->chip.power_mw, p->chip.leakage_mj / p->latency_ms * 1e3,
                   table->static_mw > 0 ? " and static" : "", p->chip_tops_per_w,
                   p->system.power_mw, p->system_tops_per_w));
    mf_sheet_note(sheet,
                  mf_arena_format(arena,
                                  "%s has no power of clock trees, control and leaking logic: none "
                                  "is counted",
                                  table->name));
}

/* Every part with its law or source, and the chip by the least and the most of the laws. */
static void note_provenance(mf_sheet *sheet, const mf_chip_shown *chip)
{
    mf_arena *arena = chip->account->setup->arena;
    mf_account_provenance(chip->account, sheet);
    if (chip->network)
        mf_account_note_floorplans(chip->account, chip->network, chip->op, chip->result, sheet);
    for (size_t i = 0; i < chip->area->n_parts; i++) {
        const mf_area_part *part = &chip->area->parts[i];
        if (!*part->source)
            continue;
        const char *law =
            part->law ? mf_arena_format(
                            arena, "%s%s: ", mf_account_law_text(arena, part->law),
                            mf_memory_law_holds(part->law, &part->memory) ? "" : " (extrapolated)")
                      : "";
        mf_sheet_note(sheet, mf_arena_format(arena, "%s: area of %s: %.4g um2: %s%s", part->status,
                                             part->name, part->each_um2, law, part->source));
    }
    if (chip->least && chip->most)
        mf_sheet_note(sheet, mf_arena_format(arena,
                                             "spread: the chip by the smallest laws of its "
                                             "memories %.4f mm2; table's own %.4f; largest %.4f",
                                             chip->least->um2 * 1e-6, chip->area->um2 * 1e-6,
                                             chip->most->um2 * 1e-6));
}

mf_status mf_chip_show(const mf_chip_shown *chip, mf_diag *diag)
{
    mf_column shown[N_COLUMNS];
    const mf_setup *setup = chip->account->setup;
    const mf_accelerator *a = &setup->accelerator;
    choose_columns(chip, shown);
    mf_sheet *sheet = mf_sheet_create(setup->arena, shown);
    add_parts(sheet, chip);
    add_sums(sheet, chip);
    const mf_energy_table *table = chip->account->table;
    const char *own_nm =
        table->scaled_to ? ""
                         : mf_arena_format(setup->arena, ", %" PRIu64 " nm", table->technology_nm);
    mf_sheet_heading(sheet,
                     mf_arena_format(setup->arena, "%s%s%s as %s (%s PEs, %g MHz), table %s%s",
                                     chip->network ? chip->network->name : "",
                                     chip->network ? " on " : "", a->name, chip->op, chip->arrays,
                                     a->clock_mhz, mf_account_table_text(chip->account),
                                     own_nm ? own_nm : ""));
    mf_sheet_note(sheet, mf_arena_format(setup->arena,
                                         "peak %.4g GOPS as %s: %" PRIu64
                                         " PEs, a MAC position is two operations",
                                         peak_gops(chip), chip->datapaths->op->name,
                                         chip->datapaths->n_pes));
    if (chip->power)
        note_power(sheet, chip);
    if (mf_arguments_has(setup->arguments, "provenance"))
        note_provenance(sheet, chip);
    return mf_output_sheet(setup->cli, setup->arguments, sheet, diag);
}
