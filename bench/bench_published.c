/* How many candidate mappings does the published engine go through per second on one core? Searches
 * every distinct layer of Table 3's networks for three operators, as `mulfree table 3` does,
 * without reading files and printing; takes the least of several repeats.
 *
 *   bench_published [REPEATS]
 */
#include "base/arena.h"
#include "models/formats/network_file.h"
#include "sim/published.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *const networks[] = {"mobilenetv2-w0.35", "mobilenetv3-w0.35", "mcunet-in3",
                                       "proxylessnas-w0.35", "mobilenetv2-tiny"};
static const char *const operator_files[] = {MF_SOURCE_DIR "/models/operators/mult.json",
                                             MF_SOURCE_DIR "/models/operators/shift.json",
                                             MF_SOURCE_DIR "/models/operators/add.json"};

enum { N_NETWORKS = 5, N_OPERATORS = 3, MOST_LAYERS = 128 };

typedef struct bench {
    mf_arena *arena;
    mf_operators *operators;
    mf_network *networks[N_NETWORKS];
    mf_accelerator accelerator;
    mf_published_conventions conventions;
    mf_energy_table *prices;
} bench;

static mf_status load(bench *b, mf_diag *diag)
{
    mf_json_doc *doc = NULL;
    mf_json object;
    MF_TRY(mf_operators_load(operator_files, N_OPERATORS, &b->operators, diag));
    for (size_t i = 0; i < N_NETWORKS; i++)
        MF_TRY(mf_network_load(
            mf_arena_format(b->arena, "%s/models/zoo/%s.json", MF_SOURCE_DIR, networks[i]), NULL,
            &b->networks[i], diag));
    MF_TRY(mf_json_load(MF_SOURCE_DIR "/models/accelerators/shiftaddaug-16x12.json", &doc, diag));
    MF_TRY(mf_accelerator_from_json(doc, b->arena, &b->accelerator, diag));
    mf_json_destroy(doc);
    MF_TRY(mf_json_load(MF_SOURCE_DIR "/energy_tables/published-predictor.json", &doc, diag));
    MF_TRY(mf_energy_table_from_json(doc, &b->prices, diag));
    mf_json_destroy(doc);
    MF_TRY(mf_json_load(MF_SOURCE_DIR "/bench/experiments/table3.json", &doc, diag));
    mf_json root = mf_json_root(doc);
    MF_TRY(mf_json_get(&root, "conventions", &object, diag));
    MF_TRY(mf_published_conventions_read(&object, b->operators, b->arena, &b->conventions, diag));
    mf_json_destroy(doc);
    return MF_OK;
}

/* All networks and operators once; a simulator per network, as the program has one per job. */
static mf_status search_all(const bench *b, mf_published_tally *tally, mf_diag *diag)
{
    for (size_t i = 0; i < N_NETWORKS; i++) {
        mf_arena *arena = mf_arena_create();
        mf_published *simulator = NULL;
        size_t op_of_layer[MOST_LAYERS];
        mf_published_result result;
        MF_TRY(mf_published_create(&b->accelerator, b->operators, &b->conventions, b->prices,
                                   b->prices, NULL, &simulator, diag));
        for (size_t op = 0; op < N_OPERATORS; op++) {
            MF_TRY(
                mf_operators_assign(b->operators, b->networks[i], op, NULL, 0, op_of_layer, diag));
            MF_TRY(
                mf_published_run(simulator, b->networks[i], op, op_of_layer, arena, &result, diag));
        }
        tally->n_candidates += mf_published_total(simulator).n_candidates;
        tally->n_legal += mf_published_total(simulator).n_legal;
        mf_published_destroy(simulator);
        mf_arena_destroy(arena);
    }
    return MF_OK;
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    long repeats = argc > 1 ? strtol(argv[1], NULL, 10) : 20;
    bench b = {.arena = mf_arena_create()};
    mf_diag diag = {0};
    mf_published_tally tally = {0};
    double least = 1e9;
    mf_status status = load(&b, &diag);
    for (long i = 0; i < repeats && status == MF_OK; i++) {
        tally = (mf_published_tally){0};
        double begin = cpu_seconds();
        status = search_all(&b, &tally, &diag);
        double spent = cpu_seconds() - begin;
        least = spent < least ? spent : least;
    }
    if (status != MF_OK) {
        fprintf(stderr, "bench_published: %s\n", diag.message);
        return mf_status_exit_code(status);
    }
    printf("distinct layers of Table 3, %d operators, least of %ld repeats: %.2f ms\n", N_OPERATORS,
           repeats, least * 1e3);
    printf("candidate mappings   %10" PRIu64 "   %8.1f M per second and core\n", tally.n_candidates,
           (double)tally.n_candidates / least / 1e6);
    printf("within the limits    %10" PRIu64 "   %8.1f M per second and core, each priced for %d\n",
           tally.n_legal, (double)tally.n_legal / least / 1e6, N_OPERATORS);
    for (size_t i = 0; i < N_NETWORKS; i++)
        mf_network_destroy(b.networks[i]);
    mf_operators_destroy(b.operators);
    mf_energy_table_destroy(b.prices);
    mf_arena_destroy(b.arena);
    return 0;
}
