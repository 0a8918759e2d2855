/* price DATA: MobileNetV2 with shifts on the chip's array, by the consistent account, with what is
 * installed only. */
#include <models/network.h>
#include <sim/analytic.h>
#include <stdio.h>

#define TRY(EXPRESSION)                                                                            \
    if ((EXPRESSION) != MF_OK)                                                                     \
    return fprintf(stderr, "%s\n", diag.message), 1

static const char *in(mf_arena *arena, const char *data, const char *file)
{
    return mf_arena_format(arena, "%s/%s", data, file);
}

int main(int n, char **words)
{
    mf_arena *arena = mf_arena_create();
    const char *data = n > 1 ? words[1] : ".",
               *files[] = {in(arena, data, "models/operators/mult.json"),
                           in(arena, data, "models/operators/shift.json")};
    mf_diag diag = {0};
    mf_operators *operators;
    mf_network *network;
    mf_energy_table *table;
    mf_json_doc *doc;
    mf_accelerator accelerator;
    mf_analytic_result result;
    mf_analytic_options options = {.objective = MF_OBJECTIVE_EDP};
    size_t op, op_of_layer[200];
    TRY(mf_operators_load(files, 2, &operators, &diag));
    TRY(mf_operators_find(operators, "shift", &op, &diag));
    TRY(mf_dataflow_find("row-stationary", &options.dataflow, &diag));
    TRY(mf_network_load(in(arena, data, "models/zoo/mobilenetv2-w0.35.json"), NULL, &network,
                        &diag));
    TRY(mf_operators_assign(operators, network, op, NULL, 0, op_of_layer, &diag));
    TRY(mf_json_load(in(arena, data, "energy_tables/consistent-45nm.json"), &doc, &diag));
    TRY(mf_energy_table_from_json(doc, &table, &diag));
    mf_json_destroy(doc);
    TRY(mf_json_load(in(arena, data, "models/accelerators/eyeriss-12x14.json"), &doc, &diag));
    TRY(mf_accelerator_from_json(doc, arena, &accelerator, &diag));
    mf_json_destroy(doc);
    TRY(mf_analytic_run(&accelerator, operators, table, &options, network, op, op_of_layer, NULL,
                        NULL, arena, &result, &diag));
    printf("%.12g mJ %.12g ms\n", result.energy_mj, result.latency_ms);
}
