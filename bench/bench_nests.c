/* How fast are nests counted and priced, and searches done? Prints evaluations per second on one
 * core, and the time of the best-mapping search of AlexNet CONV1-5 and of MobileNetV2 w0.35 on
 * Eyeriss. */
#include "base/arena.h"
#include "dataflows/search.h"
#include "models/formats/network_file.h"
#include "sim/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
            fprintf(stderr, "bench_nests: %s\n", diag.message);                                    \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static mf_json_doc *load(const char *path)
{
    char full[4096];
    mf_json_doc *doc;
    snprintf(full, sizeof full, "%s/%s", MF_SOURCE_DIR, path);
    OK(mf_json_load(full, &doc, &diag));
    return doc;
}

typedef struct bench {
    mf_arena *arena;
    mf_accelerator accelerator;
    mf_operators *operators;
    const mf_operator *op;
    mf_energy_table *table;
    mf_prices prices;
} bench;

static void search_network(const bench *b, const char *path, mf_network_options options,
                           bool convolutions_only, int dataflow, int objective)
{
    char full[4096];
    mf_network *network;
    mf_work seen[256];
    size_t n_seen = 0;
    uint64_t tried = 0, array_tiles = 0, pruned = 0;
    double energy = 0, cycles = 0, begin;
    snprintf(full, sizeof full, "%s/%s", MF_SOURCE_DIR, path);
    OK(mf_network_load(full, &options, &network, &diag));
    begin = now_s();
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_layer *layer = mf_network_weight_layer(network, i);
        mf_work work = mf_work_of(&layer->shape);
        size_t k = 0;
        if (convolutions_only && layer->kind == MF_LAYER_FC)
            continue;
        while (k < n_seen && memcmp(&seen[k], &work, sizeof work) != 0)
            k++;
        if (k < n_seen)
            continue;
        seen[n_seen++] = work;
        mf_widths widths;
        mf_machine machine;
        mf_found found;
        double t0 = now_s();
        OK(mf_operator_widths(b->op, (mf_bits){16, false}, b->accelerator.psum_bits, 1, &widths,
                              &diag));
        OK(mf_machine_make(&b->accelerator, b->op, &widths, &b->prices, MF_ZEROS_UNKNOWN, &machine,
                           &diag));
        OK(mf_search(&work, &machine, mf_dataflows[dataflow], mf_machine_bypass(&b->accelerator),
                     (mf_objective)objective, &found, &diag));
        if (getenv("VERBOSE"))
            printf("%-14s %6.3f s  array tiles %8" PRIu64 " pruned %8" PRIu64 " tried %8" PRIu64
                   "  %.4g pJ %.4g cycles\n",
                   layer->name, now_s() - t0, found.tally.n_array_tiles, found.tally.n_pruned,
                   found.tally.n_tried, found.cost.energy_pj, found.cost.cycles);
        tried += found.tally.n_tried;
        array_tiles += found.tally.n_array_tiles;
        pruned += found.tally.n_pruned;
        energy += found.cost.energy_pj;
        cycles += found.cost.cycles;
    }
    double took = now_s() - begin;
    printf("%-20s %-18s %-8s %2zu layers  %7.3f s  %9" PRIu64 " array tiles, %9" PRIu64
           " pruned, %9" PRIu64 " nests tried\n",
           network->name, mf_dataflows[dataflow]->name, mf_objective_name(objective), n_seen, took,
           array_tiles, pruned, tried);
    mf_network_destroy(network);
}

/* All counts, energy and latency of one nest after the other, nothing remembered. */
static void evaluate_nests(const bench *b)
{
    enum { N = 2000000 };
    mf_work work = {.size = {4, 1, 256, 48, 27, 27, 5, 5}, .h = 31, .w = 31, .stride = 1};
    mf_widths widths;
    mf_machine machine;
    OK(mf_operator_widths(b->op, (mf_bits){16, false}, 16, 1, &widths, &diag));
    OK(mf_machine_make(&b->accelerator, b->op, &widths, &b->prices, MF_ZEROS_UNKNOWN, &machine,
                       &diag));
    mf_mapping mapping = {.tile = {{1, 1, 16, 2, 1, 1, 1, 5},
                                   {1, 1, 16, 2, 14, 1, 1, 5},
                                   {1, 1, 16, 2, 27, 1, 5, 5},
                                   {1, 1, 64, 2, 27, 27, 5, 5}},
                          .order = {{0, 1, 4, 5, 2, 3, 6, 7}, {1, 2, 3, 6, 7, 0, 4, 5}},
                          .bypass_buffer = {false, true, false}};
    mf_contributions contributions = mf_contributions_of(&work, &mapping);
    double sum = 0, begin = now_s();
    for (int i = 0; i < N; i++) {
        mf_counts counts;
        mf_cost cost;
        mapping.tile[MF_BUFFER][MF_M] = 16 + (uint32_t)i % 240;
        mapping.tile[MF_BUFFER][MF_N] = 1 + (uint32_t)i % 4;
        mf_splits_of(&work, &mapping, contributions.split);
        mf_reuse_combine(&work, &mapping, false, &contributions, &counts);
        mf_tiles tiles = mf_tiles_of(&mapping, &contributions);
        mf_cost_of(&machine, &mapping, &counts, &tiles, &cost);
        sum += cost.energy_pj;
    }
    double took = now_s() - begin;
    printf("full evaluations (splits, counts, energy, latency): %.2f M/s (checksum %.6g)\n",
           N / took / 1e6, sum);
}

int main(void)
{
    bench b = {.arena = mf_arena_create()};
    char full[4096];
    const char *path = full;
    mf_json_doc *doc = load("models/accelerators/eyeriss-12x14.json");
    OK(mf_accelerator_from_json(doc, b.arena, &b.accelerator, &diag));
    mf_json_destroy(doc);
    doc = load("energy_tables/consistent-45nm.json");
    OK(mf_energy_table_from_json(doc, &b.table, &diag));
    OK(mf_prices_make(&b.accelerator, b.table, MF_LAWS_OWN, &b.prices, &diag));
    mf_json_destroy(doc);
    snprintf(full, sizeof full, "%s/models/operators/mult.json", MF_SOURCE_DIR);
    OK(mf_operators_load(&path, 1, &b.operators, &diag));
    b.op = mf_operators_at(b.operators, 0);
    evaluate_nests(&b);
    for (int dataflow = 0; mf_dataflows[dataflow]; dataflow++)
        for (int objective = 0; objective < MF_N_OBJECTIVES; objective++) {
            search_network(&b, "models/zoo/alexnet.json", (mf_network_options){.batch = 4}, true,
                           dataflow, objective);
            search_network(&b, "models/zoo/mobilenetv2-w0.35.json", (mf_network_options){0}, false,
                           dataflow, objective);
        }
    mf_energy_table_destroy(b.table);
    mf_operators_destroy(b.operators);
    mf_arena_destroy(b.arena);
    return 0;
}
