/* How fast does the chip run? Whole networks on made-up numbers on the 168 PEs of Eyeriss, layer by layer and
 * fused: time of the chip alone, of making numbers and reference, and of the search, on one core;
 * simulated cycles, array steps and MAC positions per second; and how the time grows with the
 * resolution. Every output is checked, and what is moved and done must be what the account says. */
#include "base/arena.h"
#include "models/formats/network_file.h"
#include "models/forward.h"
#include "sim/execution.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define OK(call)                                                                                   \
    do {                                                                                           \
        mf_diag diag = {0};                                                                        \
        if ((call) != MF_OK) {                                                                     \
            fprintf(stderr, "bench_chip: %s\n", diag.message);                                     \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

typedef struct bench {
    mf_arena *arena;
    mf_accelerator accelerator;
    mf_operators *operators;
    mf_energy_table *table;
    mf_chip *chip;
} bench;

static const char *path_of(const char *path)
{
    static char full[4096];
    snprintf(full, sizeof full, "%s/%s", MF_SOURCE_DIR, path);
    return full;
}

static void load(bench *b)
{
    static const char *const names[] = {"add", "mult", "shift"};
    const char *paths[3];
    mf_json_doc *doc;
    b->arena = mf_arena_create();
    OK(mf_json_load(path_of("models/accelerators/eyeriss-12x14.json"), &doc, &diag));
    OK(mf_accelerator_from_json(doc, b->arena, &b->accelerator, &diag));
    mf_json_destroy(doc);
    OK(mf_json_load(path_of("energy_tables/consistent-45nm.json"), &doc, &diag));
    OK(mf_energy_table_from_json(doc, &b->table, &diag));
    mf_json_destroy(doc);
    for (int i = 0; i < 3; i++)
        paths[i] =
            mf_arena_format(b->arena, "%s/models/operators/%s.json", MF_SOURCE_DIR, names[i]);
    OK(mf_operators_load(paths, 3, &b->operators, &diag));
    OK(mf_chip_create(b->accelerator.pe_rows, b->accelerator.pe_columns, NULL, &b->chip, &diag));
}

/* The sink of the forward pass: only time within it is the chip's. */
typedef struct stopwatch {
    mf_execution *execution;
    double chip_s;
} stopwatch;

static mf_status run_layer(void *user, size_t index, const mf_layer_data *data, mf_diag *diag)
{
    stopwatch *w = user;
    double begin = now_s();
    mf_status status = mf_execution_layer(w->execution, index, data, diag);
    w->chip_s += now_s() - begin;
    return status;
}

/* Is what was moved and done what the account said? */
static void hold_against(const char *name, const mf_analytic_result *account,
                         const mf_analytic_row *told)
{
    for (size_t i = 0; i < account->n_rows; i++) {
        const mf_analytic_row *row = &account->rows[i];
        if (memcmp(&row->traffic, &told[i].traffic, sizeof row->traffic) == 0 &&
            memcmp(&row->found.counts, &told[i].found.counts, sizeof row->found.counts) == 0)
            continue;
        fprintf(stderr, "bench_chip: %s: layer %s moved or did other than its account says\n", name,
                row->layer->name);
        exit(1);
    }
}

static void run(const bench *b, const char *name, uint64_t resolution, const char *op,
                mf_objective objective, mf_schedule_kind schedule)
{
    mf_arena *arena = mf_arena_create();
    mf_network *network;
    mf_network_options shape = {.rows = resolution, .columns = resolution};
    mf_prices prices;
    OK(mf_prices_make(&b->accelerator, b->table, MF_LAWS_OWN, &prices, &diag));
    const mf_analytic_basis basis = {.accelerator = &b->accelerator,
                                     .operators = b->operators,
                                     .prices = &prices,
                                     .options = {.dataflow = mf_dataflows[0],
                                                 .objective = objective,
                                                 .bits = {16, false},
                                                 .schedule = schedule}};
    mf_assignment assignment;
    mf_analytic_result account;
    OK(mf_network_load(path_of(mf_arena_format(arena, "models/zoo/%s.json", name)), &shape,
                       &network, &diag));
    OK(mf_assign(b->operators, network, op, NULL, 0, arena, &assignment, &diag));
    double begin = now_s();
    OK(mf_analytic_run(&basis, network, &assignment, NULL, arena, &account, &diag));
    double search_s = now_s() - begin;
    mf_analytic_row *told = MF_NEW_ARRAY(arena, mf_analytic_row, account.n_rows);
    memcpy(told, account.rows, account.n_rows * sizeof *told);
    mf_execution execution = {.basis = &basis,
                              .network = network,
                              .account = &account,
                              .chip = b->chip,
                              .rows = MF_NEW_ARRAY(arena, mf_execution_row, account.n_rows)};
    mf_widths *widths = MF_NEW_ARRAY(arena, mf_widths, network->n_weight_layers);
    for (size_t i = 0; i < account.n_rows; i++)
        if (!account.rows[i].vector)
            widths[account.rows[i].layer->number] = account.rows[i].widths;
    mf_forward_options numbers = {.seed = 1, .widths = widths, .activation_bits = 16};
    stopwatch w = {.execution = &execution};
    OK(mf_execution_begin(&execution, &diag));
    begin = now_s();
    OK(mf_forward_random(network, b->operators, assignment.op_of_layer, &numbers, run_layer, &w,
                         &diag));
    mf_execution_end(&execution);
    hold_against(name, &account, told);
    double forward_s = now_s() - begin - w.chip_s;
    double cycles = 0, steps = 0, macs = 0, compute = 0;
    for (size_t i = 0; i < account.n_rows; i++) {
        const mf_chip_report *r = &execution.rows[i].report;
        cycles += r->cycles;
        compute += r->compute_cycles;
        steps += (double)r->counts.n_steps;
        macs += (double)r->counts.n_macs;
    }
    printf("%-18s %4" PRIu64
           " px %-5s %-7s %-5s %6.1f M MACs, %5.0f k array cycles (%5.0f k with waiting), "
           "%5.0f k steps: chip %.3f s (%.2f M cycles/s, %3.0f M MACs/s); numbers and reference "
           "%.3f s; mappings %.3f s\n",
           name, resolution, op, mf_objective_name((int)objective),
           mf_schedule_kind_name((int)schedule), macs * 1e-6, compute * 1e-3, cycles * 1e-3,
           steps * 1e-3, w.chip_s, cycles * 1e-6 / w.chip_s, macs * 1e-6 / w.chip_s, forward_s,
           search_s);
    mf_network_destroy(network);
    mf_arena_destroy(arena);
}

int main(void)
{
    static const char *const ops[] = {"mult", "shift", "add"}, *const networks[] = {
                                                                   "mobilenetv2-w0.35",
                                                                   "mcunet-in3",
                                                                   "mobilenetv3-w0.35",
                                                                   "proxylessnas-w0.35",
                                                                   "mobilenetv2-tiny"};
    bench b = {0};
    struct rusage usage;
    load(&b);
    for (int k = 0; k < 5; k++)
        for (int i = 0; i < 3; i++)
            run(&b, networks[k], 160, ops[i], MF_OBJECTIVE_LATENCY, MF_SCHEDULE_LAYER);
    for (int k = 0; k < 5; k++)
        for (int i = 0; i < 3; i++)
            for (int kind = MF_SCHEDULE_LAYER; kind <= MF_SCHEDULE_FUSED; kind += 2)
                run(&b, networks[k], 160, ops[i], MF_OBJECTIVE_EDP, (mf_schedule_kind)kind);
    for (int scale = 0; scale < 3; scale++) { /* 1, 2, 4 times the area */
        static const uint64_t resolutions[] = {112, 160, 224};
        run(&b, "mobilenetv2-w0.35", resolutions[scale], "mult", MF_OBJECTIVE_LATENCY,
            MF_SCHEDULE_LAYER);
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("peak memory %.0f MB\n", (double)usage.ru_maxrss / 1024);
    mf_chip_destroy(b.chip);
    mf_energy_table_destroy(b.table);
    mf_operators_destroy(b.operators);
    mf_arena_destroy(b.arena);
    return 0;
}
