// The same from C++: see price.c.
#include <models/network.h>
#include <sim/analytic.h>

#include <cstdio>
#include <string>
#include <vector>

int main(int, char **words)
{
    const std::string data = std::string(words[1]) + "/",
                      mult = data + "models/operators/mult.json",
                      shift = data + "models/operators/shift.json";
    const char *files[] = {mult.c_str(), shift.c_str()};
    mf_arena *arena = mf_arena_create();
    mf_diag diag = {};
    mf_operators *operators;
    mf_network *network;
    mf_energy_table *table;
    mf_json_doc *doc;
    mf_accelerator accelerator;
    mf_analytic_result result;
    mf_analytic_options options = {};
    size_t op;
    options.objective = MF_OBJECTIVE_EDP;
    bool loaded =
        mf_operators_load(files, 2, &operators, &diag) == MF_OK &&
        mf_operators_find(operators, "shift", &op, &diag) == MF_OK &&
        mf_dataflow_find("row-stationary", &options.dataflow, &diag) == MF_OK &&
        mf_network_load((data + "models/zoo/mobilenetv2-w0.35.json").c_str(), nullptr, &network,
                        &diag) == MF_OK &&
        mf_json_load((data + "energy_tables/consistent-45nm.json").c_str(), &doc, &diag) == MF_OK &&
        mf_energy_table_from_json(doc, &table, &diag) == MF_OK &&
        mf_json_load((data + "models/accelerators/eyeriss-12x14.json").c_str(), &doc, &diag) ==
            MF_OK &&
        mf_accelerator_from_json(doc, arena, &accelerator, &diag) == MF_OK;
    if (!loaded)
        return std::fprintf(stderr, "%s\n", diag.message), 1;
    std::vector<size_t> op_of_layer(network->n_weight_layers);
    if (mf_operators_assign(operators, network, op, nullptr, 0, op_of_layer.data(), &diag) !=
            MF_OK ||
        mf_analytic_run(&accelerator, operators, table, &options, network, op, op_of_layer.data(),
                        nullptr, nullptr, arena, &result, &diag) != MF_OK)
        return std::fprintf(stderr, "%s\n", diag.message), 1;
    std::printf("%.12g mJ %.12g ms\n", result.energy_mj, result.latency_ms);
}
