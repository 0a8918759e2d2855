// The same as price.c, from C++.
#include <models/formats/network_file.h>
#include <sim/pricer.h>

#include <cstdio>
#include <stdexcept>
#include <unistd.h>

static mf_diag diag;

static void need(mf_status status)
{
    if (status != MF_OK)
        throw std::runtime_error(diag.message);
}

int main(int, char **words)
try {
    const char *files[] = {"models/operators/mult.json", "models/operators/shift.json"};
    mf_arena *arena = mf_arena_create();
    mf_operators *operators;
    mf_network *network;
    mf_pricer *pricer;
    mf_energy_table *table;
    mf_accelerator accelerator;
    mf_assignment assignment;
    mf_report report;
    if (chdir(words[1]) != 0)
        return 2;
    need(mf_operators_load(files, 2, &operators, &diag));
    need(mf_network_load("models/zoo/mobilenetv2-w0.35.json", nullptr, &network, &diag));
    need(mf_accelerator_load("models/accelerators/eyeriss-12x14.json", arena, &accelerator, &diag));
    need(mf_energy_table_load("energy_tables/consistent-45nm.json", &table, &diag));
    need(mf_assign(operators, network, "shift", nullptr, 0, arena, &assignment, &diag));
    mf_pricer_basis basis = {};
    basis.accelerator = &accelerator;
    basis.operators = operators;
    basis.table = table;
    basis.options.objective = MF_OBJECTIVE_EDP;
    need(mf_pricer_create(&basis, &pricer, &diag));
    need(mf_pricer_price(pricer, network, &assignment, MF_ENGINE_ANALYTIC, arena, &report, &diag));
    std::printf("%.12g mJ %.12g ms\n", report.energy_mj, report.latency_ms);
} catch (const std::exception &fault) {
    std::fprintf(stderr, "%s\n", fault.what());
    return 1;
}
