/* Random codes, the reference's sums, an output threshold that leaves the right share of zeros. */
#include "sim/validation_chip.h"

#include "base/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 1, SAMPLES = 100000 };

static void fill(mf_random *random, int32_t *codes, uint64_t n, int64_t least, int64_t most,
                 double zeros)
{
    for (uint64_t i = 0; i < n; i++) {
        int64_t code = least + (int64_t)mf_random_between(random, 0, (uint64_t)(most - least));
        bool zero = mf_random_real(random) < zeros;
        codes[i] = zero ? 0 : code ? (int32_t)code : 1;
    }
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The sum below which a share `zeros` of all sums lies. */
static mf_status find_threshold(const int64_t *sums, uint64_t n, double zeros, int64_t *threshold,
                                mf_diag *diag)
{
    uint64_t stride = n / SAMPLES + 1, n_samples = 0;
    int64_t *samples = malloc((n / stride + 1) * sizeof *samples);
    if (!samples)
        return mf_fail_memory(diag);
    for (uint64_t i = 0; i < n; i += stride)
        samples[n_samples++] = sums[i];
    qsort(samples, n_samples, sizeof *samples, by_value);
    uint64_t at = zeros > 0 ? (uint64_t)(zeros * (double)(n_samples - 1)) : 0;
    *threshold = zeros > 0 ? samples[at] : samples[0] - 1;
    free(samples);
    return MF_OK;
}

typedef struct numbers {
    int32_t *ifmap, *weights, *multiplier;
    int64_t *addend, *expected, *sums;
} numbers;

static mf_status make_numbers(const mf_validation_chip *job, const mf_shape *s,
                              const mf_integer_format *format, mf_arena *arena, numbers *x,
                              mf_diag *diag)
{
    mf_random random = mf_random_seed(SEED);
    int64_t least, most, threshold = 0;
    x->ifmap = MF_NEW_ARRAY(arena, int32_t, mf_shape_ifmap(s));
    x->weights = MF_NEW_ARRAY(arena, int32_t, mf_shape_weights(s));
    x->multiplier = MF_NEW_ARRAY(arena, int32_t, s->m);
    x->addend = MF_NEW_ARRAY(arena, int64_t, s->m);
    x->expected = MF_NEW_ARRAY(arena, int64_t, mf_shape_ofmap(s));
    x->sums = MF_NEW_ARRAY(arena, int64_t, mf_shape_ofmap(s));
    if (!x->ifmap || !x->weights || !x->multiplier || !x->addend || !x->expected || !x->sums)
        return mf_fail_memory(diag);
    mf_integer_activations(format, &least, &most);
    fill(&random, x->ifmap, mf_shape_ifmap(s), least, most, job->zeros.ifmap);
    for (uint64_t i = 0; i < mf_shape_ifmap(s) && mf_integer_on_signs(format); i++)
        x->ifmap[i] = mf_integer_sign(x->ifmap[i]);
    mf_integer_weights(format, &least, &most);
    fill(&random, x->weights, mf_shape_weights(s), least, most, 0);
    MF_TRY(mf_integer_layer(s, format, x->ifmap, x->weights, x->expected, diag));
    MF_TRY(find_threshold(x->expected, mf_shape_ofmap(s), job->zeros.ofmap, &threshold, diag));
    for (uint64_t m = 0; m < s->m; m++) {
        x->multiplier[m] = 1;
        x->addend[m] = -threshold;
    }
    return MF_OK;
}

static mf_status run(const mf_validation_chip *job, mf_chip *chip, mf_arena *arena,
                     mf_chip_report *report, mf_cost *cost, mf_diag *diag)
{
    mf_shape s = mf_work_shape(job->work);
    mf_integer_format format;
    mf_machine machine;
    numbers x;
    uint64_t bits = job->widths->activation_bits;
    MF_TRY(mf_integer_format_of(job->op, job->widths, &format, diag));
    MF_TRY(make_numbers(job, &s, &format, arena, &x, diag));
    MF_TRY(mf_machine_make(job->accelerator, job->op, job->widths, job->prices, MF_ZEROS_UNKNOWN,
                           &machine, diag));
    mf_requantiser requantiser = {.multiplier = x.multiplier,
                                  .addend = x.addend,
                                  .activation_bits = job->widths->ofmap_bits,
                                  .activation = MF_ACTIVATION_RELU};
    mf_chip_layer layer = {
        .name = job->name,
        .work = job->work,
        .mapping = job->mapping,
        .machine = &machine,
        .format = format,
        .requantiser = &requantiser,
        .codes_ifmap = !mf_operator_on_signs(job->op) &&
                       mf_execution_codes(job->accelerator, bits, job->zeros.ifmap),
        .codes_output = mf_execution_codes(job->accelerator, machine.output_bits, job->zeros.ofmap),
        .gates_zero = job->op->gates_zero && job->accelerator->zero_gating == 1,
        .ifmap = x.ifmap,
        .weights = x.weights,
        .psums = x.sums};
    MF_TRY(mf_execution_timing(job->accelerator, job->op, &layer.timing, diag));
    MF_TRY(mf_chip_run(chip, &layer, report, diag));
    if (memcmp(x.sums, x.expected, mf_shape_ofmap(&s) * sizeof *x.sums) != 0)
        return mf_fail(diag, MF_DIFFERENT, "the chip's sums are not those of the reference");
    mf_execution_price(&machine, job->work, job->mapping, report, cost);
    return MF_OK;
}

mf_status mf_validation_on_chip(const mf_validation_chip *job, mf_chip *chip,
                                mf_chip_report *report, mf_cost *cost, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    mf_status status = run(job, chip, arena, report, cost, diag);
    mf_arena_destroy(arena);
    return mf_fail_at(diag, status, "layer %s", job->name);
}
