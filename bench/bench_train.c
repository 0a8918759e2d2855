/* How long does a training step take? Everything that belongs to one: a batch made from 8-bit
 * pictures (crop, flip, normalise), forward, loss, backward, update. Prints one line of JSON, for
 * bench/peers/training to set beside PyTorch's.
 *
 *     bench_train [--network FILE] [--op mult|shift|add] [--px N] [--batch N] [--threads N]
 *                 [--steps N]
 *
 * With one thread the time is the processor time of the whole process, what the loader's thread
 * spends included, and the step is the least of all; with several it is the wall's. */
#include "base/status.h"
#include "models/formats/network_file.h"
#include "models/operator.h"
#include "train/data/data.h"
#include "train/model.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char *network_file = MF_SOURCE_DIR "/models/zoo/mobilenetv2-w0.35.json";
static const char *op = "mult";
static uint64_t px = 32, batch = 128, n_threads = 1, n_steps = 20;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(n_threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(mf_status status, const mf_diag *diag)
{
    if (status == MF_OK)
        return;
    fprintf(stderr, "bench_train: %s\n", diag->message);
    exit(1);
}

/* A generator of no quality: pixels have to be there, not to mean anything. */
static uint32_t next(uint32_t *state)
{
    return *state = *state * 1664525u + 1013904223u;
}

static mf_pictures make_pictures(void)
{
    mf_pictures p = {.name = "noise",
                     .n = 4 * batch,
                     .rows = (uint32_t)px,
                     .columns = (uint32_t)px,
                     .channels = 3,
                     .n_classes = 100};
    size_t n_bytes = p.n * px * px * 3;
    uint32_t state = 1;
    p.pixels = malloc(n_bytes);
    p.labels = malloc(p.n * sizeof *p.labels);
    if (!p.pixels || !p.labels)
        exit(1);
    for (size_t i = 0; i < n_bytes; i++)
        p.pixels[i] = (uint8_t)(next(&state) >> 24);
    for (size_t i = 0; i < p.n; i++)
        p.labels[i] = (next(&state) >> 8) % p.n_classes;
    return p;
}

static mf_model *make_model(mf_network **network, mf_operators **operators)
{
    static const char *const operator_files[] = {MF_SOURCE_DIR "/models/operators/mult.json",
                                                 MF_SOURCE_DIR "/models/operators/shift.json",
                                                 MF_SOURCE_DIR "/models/operators/add.json"};
    mf_network_options options = {.rows = px, .columns = px, .classes = 100};
    mf_diag diag = {0};
    mf_model *model;
    size_t index;
    must(mf_network_load(network_file, &options, network, &diag), &diag);
    must(mf_operators_load(operator_files, 3, operators, &diag), &diag);
    must(mf_operators_find(*operators, op, &index, &diag), &diag);
    size_t *op_of_layer = calloc((*network)->n_weight_layers, sizeof *op_of_layer);
    if (!op_of_layer)
        exit(1);
    must(mf_operators_assign(*operators, *network, index, NULL, 0, op_of_layer, &diag), &diag);
    mf_model_options o = mf_model_defaults();
    o.batch = batch;
    o.n_threads = (int)n_threads;
    must(mf_model_create(*network, *operators, op_of_layer, &o, &model, &diag), &diag);
    free(op_of_layer);
    return model;
}

static void measure(mf_model *model, mf_loader *loader)
{
    double least = INFINITY, sum = 0;
    mf_diag diag = {0};
    for (uint64_t step = 0; step < n_steps + 2; step++) {
        mf_model_score score;
        double begin = now_s();
        mf_batch b = mf_loader_next(loader);
        must(mf_model_train(model, b.images, b.labels, b.n, step, &score, &diag), &diag);
        mf_model_update(model, 0.01, 0.9, 4e-5);
        double took = now_s() - begin;
        least = took < least ? took : least;
        sum += step < 2 ? 0 : took;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"op\": \"%s\", \"px\": %" PRIu64 ", \"batch\": %" PRIu64 ", \"threads\": %" PRIu64
           ", \"step_ms\": %.2f, \"mean_ms\": %.2f, \"images_per_s\": %.0f, \"peak_mb\": %.0f}\n",
           op, px, batch, n_threads, 1e3 * least, 1e3 * sum / (double)n_steps,
           (double)batch / least, (double)usage.ru_maxrss / 1024);
}

static void read_arguments(int n, char **arguments)
{
    struct {
        const char *name;
        const char **text;
        uint64_t *count;
    } all[] = {{"--network", &network_file, NULL},
               {"--op", &op, NULL},
               {"--px", NULL, &px},
               {"--batch", NULL, &batch},
               {"--threads", NULL, &n_threads},
               {"--steps", NULL, &n_steps}};
    for (int i = 1; i < n; i += 2) {
        size_t k = 0;
        while (k < sizeof all / sizeof *all && strcmp(arguments[i], all[k].name) != 0)
            k++;
        if (k == sizeof all / sizeof *all || i + 1 == n) {
            fprintf(stderr, "bench_train: what is %s? bench/bench_train.c says what there is\n",
                    arguments[i]);
            exit(2);
        }
        if (all[k].text)
            *all[k].text = arguments[i + 1];
        else
            *all[k].count = strtoull(arguments[i + 1], NULL, 10);
    }
}

int main(int n_arguments, char **arguments)
{
    mf_network *network;
    mf_operators *operators;
    mf_loader *loader;
    mf_diag diag = {0};
    read_arguments(n_arguments, arguments);
    mf_pictures pictures = make_pictures();
    mf_model *model = make_model(&network, &operators);
    mf_loader_options options = {.batch_size = batch,
                                 .augmentation = {.pad_pixels = 4,
                                                  .flip = true,
                                                  .mean = {.5, .5, .5},
                                                  .deviation = {.25, .25, .25}},
                                 .seed = 1,
                                 .n_threads = 1,
                                 .shuffle = true,
                                 .drop_last = true};
    must(mf_loader_create(&pictures, &options, &loader, &diag), &diag);
    measure(model, loader);
    mf_loader_destroy(loader);
    mf_model_destroy(model);
    mf_operators_destroy(operators);
    mf_network_destroy(network);
    free(pictures.pixels);
    free(pictures.labels);
    return 0;
}
