/* Answers by experiment: the search is run again with something changed. */
#include "cli/map_why.h"

#include <string.h>

static void write_other(const mf_mapped_layer *map, const char *name, const mf_found *other,
                        mf_text *text)
{
    const mf_cost *c = &map->found.cost, *o = &other->cost;
    mf_text_printf(text, "  %-34s energy %.3f, latency %.3f, EDP %.3f of this; bound by %s\n", name,
                   o->energy_pj / c->energy_pj, o->cycles / c->cycles,
                   o->energy_pj * o->cycles / (c->energy_pj * c->cycles),
                   mf_bound_name((int)o->bound));
}

/* Search again; what finds no mapping is said, not an error. */
static void try_again(const mf_mapped_layer *map, const char *name, const mf_machine *machine,
                      const mf_dataflow *dataflow, mf_objective objective, mf_text *text)
{
    mf_found other;
    if (mf_search(&map->work, machine, dataflow,
                  mf_machine_bypass(&map->account->setup->accelerator), objective, &other,
                  NULL) == MF_OK)
        write_other(map, name, &other, text);
    else
        mf_text_printf(text, "  %-34s no mapping fits\n", name);
}

static void write_alternatives(const mf_mapped_layer *map, mf_text *text)
{
    const mf_analytic_options *o = &map->account->options;
    mf_text_puts(text, "\nnext to it\n");
    for (int objective = 0; objective < MF_N_OBJECTIVES; objective++)
        if (map->given || objective != (int)o->objective) {
            mf_text name = {0};
            mf_text_printf(&name, "best %s", mf_objective_name(objective));
            try_again(map, name.bytes ? name.bytes : "", &map->machine, o->dataflow,
                      (mf_objective)objective, text);
            mf_text_free(&name);
        }
    for (int i = 0; mf_dataflows[i]; i++)
        if (map->given || mf_dataflows[i] != o->dataflow)
            try_again(map, mf_dataflows[i]->name, &map->machine, mf_dataflows[i], o->objective,
                      text);
}

/* The largest shares of the energy, largest first. */
static void write_shares(const mf_mapped_layer *map, mf_text *text)
{
    const mf_cost *c = &map->found.cost;
    bool told[MF_N_LEVELS * MF_N_TENSORS + 1] = {false};
    mf_text_puts(text, "\nenergy goes to");
    for (int n = 0; n < 4; n++) {
        int best = -1;
        double most = 0;
        for (int i = 0; i <= MF_N_LEVELS * MF_N_TENSORS; i++) {
            double pj = i == MF_N_LEVELS * MF_N_TENSORS
                            ? c->mac_pj
                            : c->access_pj[i / MF_N_TENSORS][i % MF_N_TENSORS];
            if (!told[i] && pj > most) {
                most = pj;
                best = i;
            }
        }
        if (best < 0)
            break;
        told[best] = true;
        if (best == MF_N_LEVELS * MF_N_TENSORS)
            mf_text_printf(text, "%s operations %.0f %%", n ? "," : "", 100 * most / c->energy_pj);
        else
            mf_text_printf(text, "%s %s of %s %.0f %%", n ? "," : "",
                           mf_level_name(best / MF_N_TENSORS), mf_tensor_name(best % MF_N_TENSORS),
                           100 * most / c->energy_pj);
    }
    if (map->machine.by_length)
        mf_text_printf(text,
                       "\nwords on the network pay for their way: a PE takes %.1f um2, pitch %.2f "
                       "um; column bus %.4f mm, row bus %.4f mm, hop %.4f mm",
                       map->floorplan.pe_um2, map->floorplan.pitch_um, map->floorplan.column_bus_mm,
                       map->floorplan.row_bus_mm, map->floorplan.hop_mm);
    double intensity = (double)map->found.counts.n_macs / c->cycles;
    mf_text_printf(text,
                   "\ntime is bound by %s (%s); the array does %.1f positions per cycle of %.0f "
                   "possible\n",
                   mf_bound_name((int)c->bound), mf_bound_text((int)c->bound), intensity,
                   map->machine.array_pes);
}

/* The memories of a machine: scratchpads in the order of tensors, then the buffer. */
enum { BUFFER = MF_N_TENSORS, N_MEMORIES };
static const char *const memories[N_MEMORIES] = {"ifmap registers", "weight registers",
                                                 "psum registers", "buffer"};

/* Wires are as long as other PEs make them, of the accelerator `a`. */
static mf_status stretch_wires(const mf_mapped_layer *map, const mf_accelerator *a,
                               const mf_prices *prices, mf_machine *m, mf_diag *diag)
{
    mf_floorplan plan = map->floorplan;
    if (!m->by_length)
        return MF_OK;
    MF_TRY(mf_floorplan_resize(&map->account->setup->accelerator, a, map->account->table,
                               m->capacity.pe_rows, m->capacity.pe_columns, &plan, diag));
    mf_floorplan_price(&plan, prices, m);
    return MF_OK;
}

/* One memory holds twice or half as much, and costs what a memory of that size costs. */
static mf_status resize(const mf_mapped_layer *map, int memory, bool twice, mf_machine *m,
                        mf_diag *diag)
{
    mf_accelerator a = map->account->setup->accelerator;
    uint64_t *words[] = {&a.ifmap_register_words, &a.weight_register_words, &a.psum_register_words,
                         &a.buffer_words},
             *bits =
                 memory < BUFFER ? &m->capacity.register_bits[memory] : &m->capacity.buffer_bits;
    mf_prices prices;
    *bits = twice ? *bits * 2 : *bits / 2;
    *words[memory] = twice ? *words[memory] * 2 : (*words[memory] + 1) / 2;
    MF_TRY(mf_prices_make(&a, map->account->table, MF_LAWS_OWN, &prices, diag));
    mf_machine_price_memories(m, &prices);
    return stretch_wires(map, &a, &prices, m, diag);
}

/* Smaller memories hold less and cost less: which of it counts for more? */
static mf_status write_halves(const mf_mapped_layer *map, mf_text *text, mf_diag *diag)
{
    const mf_analytic_options *o = &map->account->options;
    mf_text_puts(text, "\nwith half of one memory, best mapping again\n");
    for (int memory = 0; memory < N_MEMORIES; memory++) {
        mf_machine m = map->machine;
        MF_TRY(resize(map, memory, false, &m, diag));
        try_again(map, memories[memory], &m, o->dataflow, o->objective, text);
    }
    return MF_OK;
}

static mf_status write_doubles(const mf_mapped_layer *map, mf_text *text, mf_diag *diag)
{
    static const char *const others[] = {"PE columns", "array buses", "DRAM bandwidth",
                                         "weights loaded while PEs work"};
    const mf_analytic_options *o = &map->account->options;
    mf_text_puts(text, "\nwith twice of one resource, best mapping again\n");
    for (int memory = 0; memory < N_MEMORIES; memory++) {
        mf_machine m = map->machine;
        MF_TRY(resize(map, memory, true, &m, diag));
        try_again(map, memories[memory], &m, o->dataflow, o->objective, text);
    }
    for (int what = 0; what < 4; what++) {
        mf_machine m = map->machine;
        if (what == 0) {
            m.capacity.pe_columns *= 2;
            m.array_pes *= 2;
            MF_TRY(stretch_wires(map, &map->account->setup->accelerator,
                                 mf_pricer_analytic(map->account->pricer)->prices, &m, diag));
        } else if (what == 1) {
            for (int b = 0; b < MF_N_BOUNDS; b++)
                m.bus_cycles[b] /= 2;
        } else if (what == 2) {
            for (int t = 0; t < MF_N_TENSORS; t++)
                m.dram_cycles[t] /= 2;
            m.output_cycles /= 2;
        } else {
            m.weights_overlap = true;
        }
        try_again(map, others[what], &m, o->dataflow, o->objective, text);
    }
    return MF_OK;
}

mf_status mf_map_why(const mf_mapped_layer *map, mf_text *text, mf_diag *diag)
{
    write_shares(map, text);
    write_alternatives(map, text);
    MF_TRY(write_doubles(map, text, diag));
    return write_halves(map, text, diag);
}
