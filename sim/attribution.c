/* Taken back, then billed instead. */
#include "sim/attribution.h"

#include "base/arena.h"

typedef struct attributor {
    const mf_pricer_basis *basis;
    const mf_network *network;
    const mf_assignment *assignment;
    mf_arena *arena;
    double energy_mj, latency_ms; /* so far */
    mf_attribution *out;
} attributor;

static void add_step(attributor *a, double energy_mj, double latency_ms, const char *because)
{
    a->energy_mj += energy_mj;
    a->latency_ms += latency_ms;
    a->out->steps[a->out->n++] = (mf_attribution_step){energy_mj, latency_ms, because};
}

/* ---- conventions that the published engine takes back -------------------------------------------
 */

/* One more convention taken back: `result` is what that gives. */
static mf_status take_back(attributor *a, const mf_published_conventions *conventions,
                           const char *because, mf_published_result *result, mf_diag *diag)
{
    mf_pricer_basis basis = *a->basis;
    mf_pricer *pricer;
    mf_report report;
    basis.conventions = conventions;
    MF_TRY(mf_pricer_create(&basis, &pricer, diag));
    mf_status status = mf_pricer_price(pricer, a->network, a->assignment, MF_ENGINE_PUBLISHED,
                                       a->arena, &report, diag);
    mf_pricer_destroy(pricer);
    MF_TRY(status);
    *result = report.published;
    add_step(a, result->energy_mj - a->energy_mj, result->latency_ms - a->latency_ms, because);
    return MF_OK;
}

static mf_status bill_all_levels(const attributor *a, mf_published_conventions *conventions,
                                 mf_diag *diag)
{
    size_t n = mf_operators_count(a->basis->operators);
    bool(*levels)[MF_PUBLISHED_LEVELS] =
        mf_arena_array(a->arena, n, sizeof(bool[MF_PUBLISHED_LEVELS]));
    if (!levels)
        return mf_fail_memory(diag);
    conventions->free_level = levels;
    return MF_OK;
}

static double per_ms(const attributor *a)
{
    return 1 / (a->basis->accelerator->clock_mhz * 1e3);
}

/* Latency without the scaling by word width: cycles over clock. */
static double unscaled_ms(const attributor *a, const mf_published_result *result)
{
    double cycles = 0;
    for (size_t i = 0; i < result->n_layers; i++)
        cycles += (double)result->layers[i].cost.n_cycles;
    return cycles / (a->basis->accelerator->clock_mhz * 1e3);
}

static mf_status take_all_back(attributor *a, mf_published_result *result, mf_diag *diag)
{
    mf_published_conventions conventions = *a->basis->conventions;
    MF_TRY(bill_all_levels(a, &conventions, diag));
    MF_TRY(take_back(a, &conventions,
                     "free_levels: DRAM, buffer and network are billed for this operator, too",
                     result, diag));
    conventions.depthwise = MF_PUBLISHED_OWN_INPUT;
    MF_TRY(take_back(a, &conventions, "depthwise: each channel reads its own input", result, diag));
    conventions.data_bits = MF_PUBLISHED_ACTIVATION;
    MF_TRY(take_back(a, &conventions,
                     "data_bits: activations are as wide as they are, not averaged with weights",
                     result, diag));
    add_step(a, 0, unscaled_ms(a, result) - a->latency_ms,
             "latency_reference_bits: time is cycles over clock, narrow words or not");
    return MF_OK;
}

/* ---- what is billed instead ---------------------------------------------------------------------
 */

static double published_mj(const mf_published_result *r, int part)
{
    double mj = 0;
    for (size_t i = 0; i < r->n_layers; i++)
        mj += r->layers[i].cost.parts_pj[part] * 1e-9;
    return mj;
}

static double level_mj(const mf_analytic_result *r, int level)
{
    return r->access_mj[level][0] + r->access_mj[level][1] + r->access_mj[level][2];
}

static void bill_instead(attributor *a, const mf_published_result *p, const mf_report *consistent)
{
    const mf_analytic_result *r = &consistent->account;
    const struct {
        double was, is;
        const char *because;
    } levels[] = {
        {published_mj(p, MF_PUBLISHED_COMPUTE), r->mac_mj,
         "operations: all of a position, at their own widths and the table's prices"},
        {published_mj(p, MF_PUBLISHED_DRAM), level_mj(r, MF_LEVEL_DRAM),
         "DRAM: each tensor's own width; padding not fetched; rows at tile borders read again"},
        {published_mj(p, MF_PUBLISHED_BUFFER), level_mj(r, MF_LEVEL_GLOBAL_BUFFER),
         "buffer: fills from DRAM counted, psums at psum_bits"},
        {published_mj(p, MF_PUBLISHED_NETWORK) + published_mj(p, MF_PUBLISHED_NETWORK_PSUM),
         level_mj(r, MF_LEVEL_NETWORK), "network: a delivery per PE, a hop per link"},
        {published_mj(p, MF_PUBLISHED_REGISTER) + published_mj(p, MF_PUBLISHED_REGISTER_WEIGHT),
         level_mj(r, MF_LEVEL_REGISTERS),
         "registers: four accesses per position, at the table's price"},
        {0, r->vector_mj, "vector unit: requantisation, activations, pooling, sums, scaling"},
        {0, r->static_mj, "static power"}};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        add_step(a, levels[i].is - levels[i].was, 0, levels[i].because);
    double compute_ms = 0;
    for (size_t i = 0; i < r->n_rows; i++)
        if (!r->rows[i].vector)
            compute_ms += r->rows[i].found.cost.bound_cycles[MF_BOUND_COMPUTE] * per_ms(a);
    add_step(
        a, 0, compute_ms - a->latency_ms,
        "mapping: remainders instead of exact factors, all PEs, chosen with bandwidth in mind");
    add_step(a, 0, r->array_ms - compute_ms,
             consistent->engine == MF_ENGINE_SYSTEMC
                 ? "bandwidth, as the chip was seen to wait: buses, DRAM, weights, fill and drain"
                 : "bandwidth: buses, DRAM, loading weights, filling and draining the array");
    add_step(a, 0, r->vector_ms, "vector unit: passes of its own");
}

mf_status mf_attribute(const mf_pricer_basis *basis, const mf_network *network,
                       const mf_assignment *assignment, const mf_published_result *published,
                       const mf_report *consistent, mf_attribution *attribution, mf_diag *diag)
{
    attributor a = {.basis = basis,
                    .network = network,
                    .assignment = assignment,
                    .arena = mf_arena_create(),
                    .energy_mj = published->energy_mj,
                    .latency_ms = published->latency_ms,
                    .out = attribution};
    mf_published_result taken_back;
    attribution->n = 0;
    if (!a.arena)
        return mf_fail_memory(diag);
    mf_status status = take_all_back(&a, &taken_back, diag);
    if (status == MF_OK)
        bill_instead(&a, &taken_back, consistent);
    mf_arena_destroy(a.arena);
    return status;
}
