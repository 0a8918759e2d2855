/* A byte that chooses options, then a small network: through the published or the consistent
 * account. Its rows must be finite and add up to its totals. */
#include "models/formats/network_json.h"
#include "tests/fuzz/fuzz.h"

#include "cli/account.h"

#include <math.h>

enum { MOST_LAYERS = 12, MOST_MACS = 3000000 };

static const char *const choices[][6] = {
    {"--accounting", "consistent"},
    {"--accounting", "consistent", "--schedule", "resident"},
    {"--accounting", "consistent", "--schedule", "fused"},
    {"--accounting", "consistent", "--bits", "8"},
    {"--accounting", "consistent", "--iso-area"},
    {"--accounting", "consistent", "--batch", "3"},
    {"--accounting", "consistent", "--dataflow", "no-local-reuse"},
    {"--accounting", "consistent", "--dataflow", "weight-stationary"},
    {"--accounting", "consistent", "--objective", "balanced"},
    {NULL},
    {"--accelerator", "eyeriss-12x14"}};
enum { N_CHOICES = sizeof choices / sizeof choices[0] };

static bool is_small(const mf_network *network)
{
    unsigned __int128 n_macs = 0;
    if (network->n_layers > MOST_LAYERS)
        return false;
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_shape *s = &network->layers[i].shape;
        n_macs += (unsigned __int128)s->n * s->m * (s->c / s->g) * s->r * s->s * s->e * s->f;
        if (s->n > 4 || s->e > 64 || s->f > 64 || s->m > 512 || s->c > 2048 || s->r > 16)
            return false;
    }
    return n_macs <= MOST_MACS;
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static void check_consistent(mf_setup *setup, const mf_network *network)
{
    mf_account account;
    mf_report report = {0};
    mf_diag diag = {0};
    mf_status status = mf_account_open(&account, setup, &diag);
    if (status == MF_OK)
        status = mf_account_price(&account, network, "add", MF_ENGINE_ANALYTIC, &report, &diag);
    mf_fuzz_check_status(status, &diag);
    const mf_analytic_result result = report.account;
    double energy_pj = 0, cycles = 0;
    for (size_t i = 0; status == MF_OK && i < result.n_rows; i++) {
        const mf_analytic_row *row = &result.rows[i];
        MF_FUZZ_CHECK(isfinite(row->energy_pj) && row->energy_pj >= 0);
        MF_FUZZ_CHECK(isfinite(row->cycles) && row->cycles >= 0);
        MF_FUZZ_CHECK(row->vector || row->utilisation <= 1 + 1e-9);
        energy_pj += row->energy_pj;
        cycles += row->cycles;
    }
    if (status == MF_OK) {
        MF_FUZZ_CHECK(near(energy_pj * 1e-9 + result.static_mj, result.energy_mj));
        MF_FUZZ_CHECK(
            near(result.array_mj + result.vector_mj + result.static_mj, result.energy_mj));
        MF_FUZZ_CHECK((cycles > 0) == (result.latency_ms > 0));
    }
    mf_account_close(&account);
}

static void check_published(mf_setup *setup, const mf_network *network)
{
    mf_variant variant;
    mf_diag diag = {0};
    mf_status status = mf_setup_run(setup, network, "add", &variant, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status != MF_OK)
        return;
    const mf_published_result *result = &variant.result;
    double energy_mj = 0;
    for (size_t i = 0; i < result->n_layers; i++)
        energy_mj += result->layers[i].cost.energy_mj;
    MF_FUZZ_CHECK(isfinite(result->energy_mj) && near(energy_mj, result->energy_mj));
    MF_FUZZ_CHECK(isfinite(result->latency_ms) && result->latency_ms >= 0);
}

static void check(const mf_network *network, const char *const *words)
{
    mf_cli cli = {.data_root = MF_SOURCE_DIR};
    mf_arena *arena = mf_arena_create();
    mf_arguments arguments;
    mf_setup setup;
    mf_diag diag = {0};
    size_t n = 0;
    while (n < 6 && words[n])
        n++;
    mf_fuzz_arguments(&mf_command_simulate, words, n, arena, &arguments);
    MF_FUZZ_CHECK(mf_setup_open(&setup, &cli, &arguments, MF_SLIPS_PLAIN, &diag) == MF_OK);
    if (mf_arguments_has(&arguments, "accounting"))
        check_consistent(&setup, network);
    else
        check_published(&setup, network);
    mf_setup_close(&setup);
    mf_arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    mf_json_doc *doc = mf_fuzz_json(data + 1, size - 1);
    mf_network *network = NULL;
    if (!doc)
        return 0;
    if (mf_network_from_json(doc, NULL, &network, NULL) == MF_OK && is_small(network))
        check(network, choices[data[0] % N_CHOICES]);
    mf_network_destroy(network);
    mf_json_destroy(doc);
    return 0;
}
