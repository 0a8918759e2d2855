/* price DATA: MobileNetV2 with shifts on the Eyeriss chip, by the consistent account. DATA is where
 * mulfree's networks and tables are: `pkg-config --variable=pkgdatadir mulfree`. */
#include <models/formats/network_file.h>
#include <sim/pricer.h>
#include <stdio.h>
#include <unistd.h>

#define TRY(EXPRESSION)                                                                            \
    if ((EXPRESSION) != MF_OK)                                                                     \
    return fprintf(stderr, "%s\n", diag.message), 1

static const char *const operator_files[] = {"models/operators/mult.json",
                                             "models/operators/shift.json"};

int main(int n, char **words)
{
    mf_diag diag = {0};
    mf_arena *arena = mf_arena_create();
    mf_operators *operators;
    mf_network *network;
    mf_energy_table *table;
    mf_accelerator accelerator;
    mf_assignment assignment;
    mf_pricer *pricer;
    mf_report report;
    if (n != 2 || chdir(words[1]) != 0)
        return 2;
    TRY(mf_operators_load(operator_files, 2, &operators, &diag));
    TRY(mf_network_load("models/zoo/mobilenetv2-w0.35.json", NULL, &network, &diag));
    TRY(mf_accelerator_load("models/accelerators/eyeriss-12x14.json", arena, &accelerator, &diag));
    TRY(mf_energy_table_load("energy_tables/consistent-45nm.json", &table, &diag));
    TRY(mf_assign(operators, network, "shift", NULL, 0, arena, &assignment, &diag));
    mf_pricer_basis basis = {.accelerator = &accelerator, .operators = operators, .table = table};
    basis.options.objective = MF_OBJECTIVE_EDP;
    TRY(mf_pricer_create(&basis, &pricer, &diag));
    TRY(mf_pricer_price(pricer, network, &assignment, MF_ENGINE_ANALYTIC, arena, &report, &diag));
    printf("%.12g mJ %.12g ms\n", report.energy_mj, report.latency_ms);
    mf_pricer_destroy(pricer);
    mf_energy_table_destroy(table);
    mf_network_destroy(network);
    mf_operators_destroy(operators);
    mf_arena_destroy(arena);
    return 0;
}
