/* What does a step of augmented training cost beside its two passes run alone, and what of it goes
 * into making weights (slices, maps, projections), into slices and maps there and back, and into
 * plans? Prints one line of JSON: processor time of one thread, for each drawn network the least of
 * three.
 *
 *     bench_augmented [--network FILE] [--op OP] [--augment OP] [--remap] [--fc affine|taps|mlp]
 *                     [--norms-apart] [--px N] [--batch N] [--draws N]
 */
#include "models/formats/network_file.h"
#include "models/operator.h"
#include "train/augmented.h"
#include "train/model_state.h"
#include "train/remap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *network_file = MF_SOURCE_DIR "/models/zoo/mobilenetv2-w0.35.json";
static const char *op = "shift", *augment = "mult";
static uint64_t px = 64, batch = 128, n_draws = 8;
static const char *fc = "no";
static bool remaps, norms_apart;

enum { REPEATS = 3, N_OPERATORS = 3 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(mf_status status, const mf_diag *diag)
{
    if (status == MF_OK)
        return;
    fprintf(stderr, "bench_augmented: %s\n", diag->message);
    exit(1);
}

typedef struct bench {
    mf_network *network;
    mf_operators *operators;
    size_t *op_of_layer;
    mf_arena *arena;
    mf_augmented *augmented;
    float *images;
    uint32_t *labels;
} bench;

static void build(bench *b)
{
    static const char *const files[] = {MF_SOURCE_DIR "/models/operators/mult.json",
                                        MF_SOURCE_DIR "/models/operators/shift.json",
                                        MF_SOURCE_DIR "/models/operators/add.json"};
    mf_network_options size = {.rows = px, .columns = px, .classes = 100};
    mf_augmented_options o = {.model = mf_model_defaults(),
                              .op = augment,
                              .width = {3, {1, 1.6, 2.2}},
                              .expand = {3, {1, 1.6, 2.2}},
                              .weight = 1,
                              .norms_apart = norms_apart};
    static const char *const fcs[MF_N_FCS] = {"no", "affine", "taps", "mlp"};
    mf_remap_options how = {0};
    while (how.fc < MF_N_FCS && strcmp(fcs[how.fc], fc) != 0)
        how.fc++;
    if (how.fc == MF_N_FCS) {
        fprintf(stderr, "bench_augmented: no FC is called \"%s\"\n", fc);
        exit(2);
    }
    how.fitted = how.fc != MF_FC_NO; /* with the numbers it begins with: they cost what others do */
    mf_diag diag = {0};
    size_t index;
    o.model.batch = batch;
    must(mf_network_load(network_file, &size, &b->network, &diag), &diag);
    must(mf_operators_load(files, N_OPERATORS, &b->operators, &diag), &diag);
    b->op_of_layer = calloc(b->network->n_weight_layers, sizeof *b->op_of_layer);
    b->arena = mf_arena_create();
    b->images = malloc(batch * px * px * 3 * sizeof *b->images);
    b->labels = malloc(batch * sizeof *b->labels);
    if (!b->op_of_layer || !b->arena || !b->images || !b->labels)
        exit(1);
    must(mf_operators_find(b->operators, op, &index, &diag), &diag);
    must(mf_operators_assign(b->operators, b->network, index, NULL, 0, b->op_of_layer, &diag),
         &diag);
    if (remaps)
        must(mf_remaps_create(b->network, b->operators, b->op_of_layer, &o.model, &how, b->arena,
                              &o.model.maps, &diag),
             &diag);
    must(mf_augmented_create(b->network, b->operators, b->op_of_layer, &o, &b->augmented, &diag),
         &diag);
    uint32_t state = 1; /* noise: pixels have to be there, not to mean anything */
    for (uint64_t i = 0; i < batch * px * px * 3; i++) {
        state = state * 1664525u + 1013904223u;
        b->images[i] = (float)(state >> 8) / (float)(1 << 24) - 0.5f;
    }
    for (uint64_t i = 0; i < batch; i++)
        b->labels[i] = (uint32_t)(i * 7 % 100);
}

static void keep_least(double *least, double seconds)
{
    *least = *least == 0 || seconds < *least ? seconds : *least;
}

typedef struct times {
    double target, drawn, step, weights, maps, plan;
} times;

/* The passes of one draw alone, and as a step; all of it on the same batch. */
static times measure(bench *b, uint64_t draw)
{
    times t = {0};
    mf_diag diag = {0};
    mf_model_score score;
    mf_model *target = mf_augmented_target(b->augmented);
    uint64_t *channels = calloc(mf_augmented_spaces(b->augmented)->n, sizeof *channels);
    if (!channels)
        exit(1);
    mf_augmented_draw(b->augmented, MF_AUGMENTED_RANDOM, draw, channels);
    for (int i = 0; i < REPEATS; i++) {
        mf_augmented_plan plan;
        double begin = now_s();
        must(mf_model_train(target, b->images, b->labels, batch, draw, &score, &diag), &diag);
        double after = now_s();
        keep_least(&t.target, after - begin);
        must(mf_augmented_plan_create(b->augmented, channels, &plan, &diag), &diag);
        begin = now_s();
        keep_least(&t.plan, begin - after);
        must(mf_model_train(plan.model, b->images, b->labels, batch, draw, &score, &diag), &diag);
        after = now_s();
        keep_least(&t.drawn, after - begin);
        mf_weights_round(plan.model);
        mf_weights_round(target);
        begin = now_s();
        keep_least(&t.weights, begin - after);
        mf_model *models[] = {plan.model, target};
        for (int k = 0; k < 2; k++) {
            mf_sources_take(models[k]);
            mf_sources_give(models[k], true);
        }
        keep_least(&t.maps, now_s() - begin);
        mf_augmented_plan_destroy(&plan);
        begin = now_s();
        must(mf_augmented_train(b->augmented, MF_AUGMENTED_RANDOM, b->images, b->labels, batch,
                                draw, &score, &diag),
             &diag);
        keep_least(&t.step, now_s() - begin);
    }
    free(channels);
    return t;
}

/* Of the largest network that can be drawn, alone. */
static uint64_t bytes_of_largest(bench *b)
{
    mf_model_options options = mf_model_defaults();
    mf_model *model;
    mf_diag diag = {0};
    options.batch = batch;
    must(mf_model_create(mf_augmented_widest(b->augmented), b->operators, b->op_of_layer, &options,
                         &model, &diag),
         &diag);
    uint64_t bytes = mf_model_bytes(model);
    mf_model_destroy(model);
    return bytes;
}

static void read_arguments(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--remap") == 0) {
            remaps = true;
            continue;
        }
        if (strcmp(word, "--norms-apart") == 0) {
            norms_apart = true;
            continue;
        }
        const struct {
            const char *name;
            uint64_t *number;
            const char **text;
        } options[] = {{"--network", NULL, &network_file},
                       {"--op", NULL, &op},
                       {"--augment", NULL, &augment},
                       {"--fc", NULL, &fc},
                       {"--px", &px, NULL},
                       {"--batch", &batch, NULL},
                       {"--draws", &n_draws, NULL}};
        size_t k = 0, n = sizeof options / sizeof *options;
        while (k < n && strcmp(word, options[k].name) != 0)
            k++;
        if (k == n || i + 1 == argc) {
            fprintf(stderr, "bench_augmented: what is \"%s\"? The head of the file says\n", word);
            exit(2);
        }
        i++;
        if (options[k].text)
            *options[k].text = argv[i];
        else
            *options[k].number = strtoull(argv[i], NULL, 10);
    }
}

int main(int argc, char **argv)
{
    bench b = {0};
    times sum = {0};
    read_arguments(argc, argv);
    build(&b);
    for (uint64_t i = 0; i < n_draws; i++) {
        times t = measure(&b, i);
        sum.target += t.target;
        sum.drawn += t.drawn;
        sum.step += t.step;
        sum.weights += t.weights;
        sum.maps += t.maps;
        sum.plan += t.plan;
    }
    double n = (double)n_draws;
    printf(
        "{\"kernels\": \"%s\", \"op\": \"%s\", \"augment\": \"%s\", \"remap\": %s, \"fc\": \"%s\", \"norms_apart\": %s, \"px\": %" PRIu64
        ", \"batch\": %" PRIu64 ", \"target_ms\": %.2f, \"drawn_ms\": %.2f, \"step_ms\": %.2f, "
        "\"step_over_passes\": %.3f, \"weights_share\": %.4f, \"maps_share\": %.4f, \"plan_share\": %.4f, "
        "\"bytes\": %" PRIu64 ", \"bytes_of_largest\": %" PRIu64 "}\n",
        mf_kernels_best()->name, op, augment, remaps ? "true" : "false", fc,
        norms_apart ? "true" : "false", px, batch, 1e3 * sum.target / n, 1e3 * sum.drawn / n,
        1e3 * sum.step / n, sum.step / (sum.target + sum.drawn), sum.weights / sum.step,
        sum.maps / sum.step, sum.plan / sum.step, mf_augmented_bytes(b.augmented),
        bytes_of_largest(&b));
    mf_augmented_destroy(b.augmented);
    mf_arena_destroy(b.arena);
    free(b.op_of_layer);
    free(b.images);
    free(b.labels);
    mf_operators_destroy(b.operators);
    mf_network_destroy(b.network);
    return 0;
}
