/* How fast are the kernels on this core? The peak of multiply-add in registers first; then forward,
 * gradient of the input and gradient of the weights of both families on the shapes of matrix
 * products, beside the share of the peak that each is: clocks change from one millisecond to the
 * next, so the peak is measured again before and after every call, and of the shares the median is
 * printed. Then every different layer of MobileNetV2 at width 0.35 and batch 128 as it runs in
 * training, batch norm and activation read on the way in and summed on the way out: forward and
 * both gradients together, in 10^9 MACs per second and in bytes of maps per second. Sums per
 * network and the images per second they would allow. CPU time of one thread, the least of several
 * runs.
 *
 *     bench_kernels [build] [runs] [threads] */
#include "base/team.h"
#include "models/formats/network_file.h"
#include "train/kernels/kernels.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { BATCH = 128, RESOLUTIONS = 3 };

/* ---- time --------------------------------------------------------------------------------------
 */

static int n_threads = 1;

/* Of one thread its processor time, which others on the machine do not add to; of several the
 * wall's.
 */
static double now_s(void)
{
    struct timespec t;
    clock_gettime(n_threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int n_runs = 7;

/* The least time of one call of `statement`, in seconds. */
#define LEAST(least, statement)                                                                    \
    do {                                                                                           \
        least = INFINITY;                                                                          \
        for (int run = 0; run < n_runs; run++) {                                                   \
            double begin = now_s();                                                                \
            statement;                                                                             \
            double took = now_s() - begin;                                                         \
            least = took < least ? took : least;                                                   \
        }                                                                                          \
    } while (0)

/* ---- peak --------------------------------------------------------------------------------------
 */

enum { PEAK_STEPS = 100000, PEAK_CHAINS = 12 };

#if defined __x86_64__
typedef float wide __attribute__((vector_size(64)));
typedef float narrow __attribute__((vector_size(32)));

/* 12 independent chains of multiply-adds, written out so that they stay in registers. */
#define FMA(k) "vfmadd231ps %" #k ", %" #k ", %" #k "\n\t"
#define PEAK(name, set, type)                                                                      \
    __attribute__((target(set))) static void name(void)                                            \
    {                                                                                              \
        type a = {0}, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a; \
        for (int n = 0; n < PEAK_STEPS; n++)                                                       \
            __asm__ volatile(FMA(0) FMA(1) FMA(2) FMA(3) FMA(4) FMA(5) FMA(6) FMA(7) FMA(8) FMA(9) \
                                 FMA(10) FMA(11)                                                   \
                             : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f), "+v"(g),      \
                               "+v"(h), "+v"(i), "+v"(j), "+v"(k), "+v"(l));                       \
    }
PEAK(peak_wide, "avx512f", wide)
PEAK(peak_narrow, "avx2,fma", narrow)

/* In 10^9 per second, within a fraction of a millisecond; NAN where nobody knows. */
static double measured_peak(const char *build)
{
    bool is_wide = !strcmp(build, "avx512");
    if (!__builtin_cpu_supports("fma"))
        return NAN;
    double begin = now_s();
    if (is_wide)
        peak_wide();
    else
        peak_narrow();
    return (is_wide ? 16 : 8) * PEAK_CHAINS * 1e-9 * PEAK_STEPS / (now_s() - begin);
}
#else
static double measured_peak(const char *build)
{
    (void)build;
    return NAN;
}
#endif

/* The most of several. */
static double best_peak(const char *build)
{
    double best = measured_peak(build);
    for (int i = 0; i < 50; i++)
        best = fmax(best, measured_peak(build));
    return best;
}

/* ---- layers ------------------------------------------------------------------------------------
 */

/* Seconds: forward, gradient of the weights, both gradients. */
typedef enum work { FORWARD, WEIGHTS, BOTH, PASSES } work;
typedef struct times {
    double pass[MF_N_FAMILIES][PASSES];
} times;

typedef struct buffers {
    float *x, *y, *g, *dx, *w, *dw, *scratch, *channels;
    double *sums, *norm;
} buffers;

/* In huge pages, as the trainer has its maps. */
static float *made(uint64_t n)
{
    enum { HUGE_PAGE = 1 << 21 };
    size_t bytes = (n * sizeof(float) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    float *p = aligned_alloc(HUGE_PAGE, bytes);
    if (!p)
        exit(1);
#ifdef MADV_HUGEPAGE
    madvise(p, bytes, MADV_HUGEPAGE);
#endif
    for (uint64_t i = 0; i < n; i++)
        p[i] = (float)(i % 1021) / 512 - 1;
    return p;
}

static buffers buffers_of(const mf_shape *p)
{
    uint64_t in = mf_shape_ifmap(p), out = mf_shape_ofmap(p), weights = mf_shape_weights(p);
    return (buffers){.x = made(in),
                     .y = made(out),
                     .g = made(out),
                     .dx = made(in),
                     .w = made(weights),
                     .dw = made(weights),
                     .scratch = made(mf_kernels_scratch(p, n_threads)),
                     .channels = made(5 * (p->m + p->c)),
                     .sums = (double *)(void *)made(4 * p->m),
                     .norm = (double *)(void *)made(4 * p->c)};
}

static void release(buffers *b)
{
    float *all[] = {b->x,
                    b->y,
                    b->g,
                    b->dx,
                    b->w,
                    b->dw,
                    b->scratch,
                    b->channels,
                    (float *)(void *)b->sums,
                    (float *)(void *)b->norm};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* Between two batch norms with ReLU6; of a classifier, which has none, with plain maps. */
static times measure(const mf_kernels *k, const mf_shape *p, bool norms)
{
    times t;
    buffers b = buffers_of(p);
    mf_channel_sums sums = {b.sums, b.sums + p->m};
    const float *c = b.channels, *m = b.channels + 5 * p->c;
    mf_conv_gradients both = {.shape = p, .x = {.y = b.x}, .w = b.w, .g = {.da = b.g}, .dw = b.dw};
    if (norms) {
        both.x.norm = (mf_norm){c, c + p->c, MF_ACTIVATION_RELU6};
        both.g =
            (mf_gradient){b.g, b.y, {m, m + p->m, MF_ACTIVATION_RELU6}, m + 2 * p->m, m + 3 * p->m};
    }
    for (int family = 0; family < MF_N_FAMILIES; family++) {
        both.family = (mf_family)family;
        both.dx = NULL;
        both.norm.sum = NULL;
        LEAST(t.pass[family][WEIGHTS], k->conv_backward(&both, b.scratch));
        both.dx = b.dx;
        if (norms)
            both.norm = (mf_norm_sums){c + 2 * p->c, b.norm, b.norm + p->c};
        LEAST(t.pass[family][BOTH], k->conv_backward(&both, b.scratch));
        LEAST(t.pass[family][FORWARD], k->conv_forward(p, both.family, &both.x, b.w, NULL, b.y,
                                                       norms ? &sums : NULL, b.scratch));
    }
    release(&b);
    return t;
}

static bool same_shape(const mf_shape *a, const mf_shape *b)
{
    return !memcmp(a, b, sizeof *a);
}

static bool is_depthwise(const mf_shape *p)
{
    return p->g == p->c && p->c == p->m;
}

/* Bytes of maps that a pass moves: x and y, with the gradients of both and, for norms, y again. */
static double bytes_of(const mf_shape *p, work pass)
{
    double in = 4 * (double)mf_shape_ifmap(p), out = 4 * (double)mf_shape_ofmap(p);
    return pass == FORWARD ? in + out : 2 * in + 2 * out;
}

static void print_layer(const mf_layer *layer, const times *t, int count)
{
    const mf_shape *p = &layer->shape;
    double macs = (double)mf_shape_macs(p) / 1e9;
    printf("%-12s %4" PRIu64 " ->%5" PRIu64 " %" PRIu64 "x%" PRIu64 "/%" PRIu64 " %3" PRIu64
           "x%-3" PRIu64 " x%d",
           layer->role, p->c, p->m, p->r, p->s, p->stride, p->h, p->w, count);
    for (int f = 0; f < MF_N_FAMILIES && !(f && is_depthwise(p)); f++)
        printf(" %6.1f %6.1f", macs / t->pass[f][FORWARD], 2 * macs / t->pass[f][BOTH]);
    printf("%s | %6.1f %6.1f\n", is_depthwise(p) ? "              " : "",
           1e-9 * bytes_of(p, FORWARD) / t->pass[0][FORWARD],
           1e-9 * bytes_of(p, BOTH) / t->pass[0][BOTH]);
}

/* Seconds of the whole network by kind of work; the stem has no gradient of its input. */
typedef struct totals {
    double dense[MF_N_FAMILIES][PASSES], depthwise[PASSES];
} totals;

static void add_layer(totals *sum, const mf_layer *layer, const times *t, int count)
{
    for (int pass = 0; pass < PASSES; pass++) {
        int taken = pass == BOTH && layer->number == 0 ? WEIGHTS : pass;
        if (is_depthwise(&layer->shape))
            sum->depthwise[pass] += count * t->pass[0][taken];
        for (int f = 0; f < MF_N_FAMILIES && !is_depthwise(&layer->shape); f++)
            sum->dense[f][pass] += count * t->pass[layer->kind == MF_LAYER_FC ? 0 : f][taken];
    }
}

static void print_totals(const totals *s)
{
    double whole[MF_N_FAMILIES];
    for (int f = 0; f < MF_N_FAMILIES; f++) {
        whole[f] =
            s->dense[f][FORWARD] + s->dense[f][BOTH] + s->depthwise[FORWARD] + s->depthwise[BOTH];
        printf("%s: dense %.2f ms forward, %.2f backward, depthwise %.2f, %.2f: %.2f ms, %.0f "
               "images/s\n",
               f ? "Add " : "Mult", 1e3 * s->dense[f][FORWARD], 1e3 * s->dense[f][BOTH],
               1e3 * s->depthwise[FORWARD], 1e3 * s->depthwise[BOTH], 1e3 * whole[f],
               BATCH / whole[f]);
    }
    printf("Add / Mult %.2f\n\n", whole[1] / whole[0]);
}

static void measure_network(const mf_kernels *k, uint64_t resolution)
{
    mf_network_options options = {.batch = BATCH, .rows = resolution, .columns = resolution};
    mf_network *network;
    mf_diag diag = {0};
    totals sum = {0};
    if (mf_network_load(MF_SOURCE_DIR "/models/zoo/mobilenetv2-w0.35.json", &options, &network,
                        &diag) != MF_OK) {
        fprintf(stderr, "bench_kernels: %s\n", diag.message);
        exit(1);
    }
    printf("%" PRIu64 " px                                   Mult          Add           | GB/s of "
           "Mult\n"
           "layer                                   fwd    bwd    fwd    bwd |    fwd    bwd\n",
           resolution);
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        const mf_layer *layer = mf_network_weight_layer(network, i);
        int count = 0;
        bool seen = false;
        for (size_t j = 0; j < network->n_weight_layers; j++) {
            bool same = same_shape(&layer->shape, &mf_network_weight_layer(network, j)->shape);
            seen = seen || (same && j < i);
            count += same;
        }
        if (seen)
            continue;
        times t = measure(k, &layer->shape, layer->norm);
        print_layer(layer, &t, count);
        add_layer(&sum, layer, &t, count);
    }
    print_totals(&sum);
    mf_network_destroy(network);
}

/* ---- products ----------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *of, int n)
{
    qsort(of, (size_t)n, sizeof *of, compare);
    return n % 2 ? of[n / 2] : (of[n / 2 - 1] + of[n / 2]) / 2;
}

/* One call: its seconds, and the peak around it: the larger, since something else may have run in
 * between. */
static double timed(const mf_kernels *k, const mf_conv_gradients *job, work pass, const buffers *b,
                    double *peak)
{
    double before = measured_peak(k->name), begin = now_s();
    mf_conv_gradients both = *job;
    if (pass == FORWARD)
        k->conv_forward(job->shape, job->family, &job->x, job->w, NULL, b->y, NULL, b->scratch);
    if (pass == WEIGHTS)
        both.dx = NULL;
    if (pass != FORWARD)
        k->conv_backward(&both, b->scratch);
    double took = now_s() - begin;
    *peak = fmax(before, measured_peak(k->name));
    return took;
}

/* Forward, dX and dW, 10^9 MACs per second and percent of the peak. dX is what both gradients take
 * beyond dW alone, both in one run. */
static void measure_product(const mf_kernels *k, const mf_shape *p, mf_family family)
{
    enum { COLUMNS = 3 };
    buffers b = buffers_of(p);
    mf_conv_gradients job = {.shape = p,
                             .family = family,
                             .x = {.y = b.x},
                             .w = b.w,
                             .g = {.da = b.g},
                             .dw = b.dw,
                             .dx = b.dx};
    double macs = (double)mf_shape_macs(p) / 1e9, *rates[COLUMNS], *shares[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        rates[i] = malloc((size_t)n_runs * sizeof(double));
        shares[i] = malloc((size_t)n_runs * sizeof(double));
        if (!rates[i] || !shares[i])
            exit(1);
    }
    for (int run = -1; run < n_runs; run++) { /* the first only warms up */
        double seconds[PASSES], peak[PASSES];
        for (int pass = 0; pass < PASSES; pass++)
            seconds[pass] = timed(k, &job, (work)pass, &b, &peak[pass]);
        double beyond = seconds[BOTH] - seconds[WEIGHTS] * peak[WEIGHTS] / peak[BOTH],
               of[COLUMNS] = {macs / seconds[FORWARD], macs / beyond, macs / seconds[WEIGHTS]},
               by[COLUMNS] = {peak[FORWARD], peak[BOTH], peak[WEIGHTS]};
        for (int i = 0; i < COLUMNS && run >= 0; i++) {
            rates[i][run] = of[i];
            shares[i][run] = 100 * of[i] / by[i];
        }
    }
    for (int i = 0; i < COLUMNS; i++) {
        printf(" %6.1f %3.0f", median(rates[i], n_runs), median(shares[i], n_runs));
        free(rates[i]);
        free(shares[i]);
    }
    release(&b);
}

/* Shapes as in tables of matrix products: pixels, outputs, inputs. */
static void measure_products(const mf_kernels *k)
{
    static const uint64_t shapes[][4] = {
        {8192, 64, 64, 3},  {12800, 24, 96, 1},  {32768, 96, 16, 1},
        {131072, 48, 8, 1}, {2048, 336, 56, 1},  {2048, 56, 336, 1},
        {8192, 192, 32, 1}, {512, 1280, 112, 1}, {4096, 256, 256, 1}};
    printf("pixels outputs inputs kernel       Mult, and %% of peak              Add\n"
           "                               fwd         dX         dW        fwd         dX         "
           "dW\n");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const uint64_t *s = shapes[i], side = s[3] == 3 ? 16 : 1;
        mf_shape p = {.n = s[0] / (side * side),
                      .m = s[1],
                      .c = s[2],
                      .g = 1,
                      .h = side,
                      .w = side,
                      .r = s[3],
                      .s = s[3],
                      .e = side,
                      .f = side,
                      .stride = 1,
                      .pad_rows = s[3] / 2,
                      .pad_columns = s[3] / 2};
        printf("%6" PRIu64 " %5" PRIu64 " %5" PRIu64 " %" PRIu64 "x%" PRIu64 "   ", s[0], s[1],
               s[2], s[3], s[3]);
        for (int f = 0; f < MF_N_FAMILIES; f++)
            measure_product(k, &p, (mf_family)f);
        printf("\n");
    }
    printf("\n");
}

int main(int n_arguments, char **arguments)
{
    static const uint64_t resolutions[RESOLUTIONS] = {32, 64, 160};
    const mf_kernels *k = n_arguments > 1 ? mf_kernels_named(arguments[1]) : mf_kernels_best();
    if (n_arguments > 2)
        n_runs = atoi(arguments[2]);
    if (n_arguments > 3)
        n_threads = atoi(arguments[3]);
    if (!k || n_runs < 1 || n_threads < 1) {
        fprintf(stderr, "usage: bench_kernels [build] [runs] [threads]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* whoever has seen enough may leave */
    mf_diag diag = {0};
    if (mf_team_set((size_t)n_threads, &diag) != MF_OK)
        return 1;
    printf("%s, %d thread%s; multiply-add in registers: %.1f 10^9/s a core\n\n", k->name, n_threads,
           n_threads > 1 ? "s" : "", best_peak(k->name));
    measure_products(k);
    for (int i = 0; i < RESOLUTIONS; i++)
        measure_network(k, resolutions[i]);
    return 0;
}
