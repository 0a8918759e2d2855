// The consistent account of a network on a shipped accelerator, with changes to it.
#ifndef MF_TESTS_SIM_ANALYTIC_FIXTURE_H
#define MF_TESTS_SIM_ANALYTIC_FIXTURE_H

#include "models/formats/network_file.h"
#include "sim/analytic.h"
#include "tests/sim/published_fixture.h"

struct Account {
    Published base; // operators, and an arena
    mf_accelerator accelerator = {};
    mf_energy_table *table = nullptr;
    mf_prices prices = {};
    mf_network *network = nullptr;
    mf_analytic_options options = {
        &mf_dataflow_row_stationary, MF_OBJECTIVE_EDP, {16, false}, MF_SCHEDULE_LAYER, nullptr, false, false, 0};
    const mf_bits *bits_of_layer = nullptr;
    mf_analytic_result result = {};
    std::vector<size_t> ops;
    mf_status status = MF_OK;
    mf_diag diag = {};

    explicit Account(const std::string &chip, const Published::Changes &changes = {})
    {
        Doc doc = Doc::load(source_path("models/accelerators/" + chip + ".json"));
        for (const auto &[key, value] : changes)
            EXPECT_OK(mf_json_override(doc.doc, key.c_str(), value.c_str(), D));
        EXPECT_OK(mf_accelerator_from_json(doc.doc, base.arena, &accelerator, D));
        Doc costs = Doc::load(source_path("energy_tables/consistent-45nm.json"));
        EXPECT_OK(mf_energy_table_from_json(costs.doc, &table, D));
    }
    ~Account()
    {
        mf_energy_table_destroy(table);
        mf_network_destroy(network);
    }
    const mf_analytic_result &run(const char *name, const char *op, uint64_t rows = 0,
                                  const mf_zeros *zeros = nullptr)
    {
        mf_network_options size = {};
        mf_network *loaded = nullptr;
        size.rows = size.columns = rows;
        EXPECT_OK(mf_network_load(source_path(std::string("models/zoo/") + name + ".json").c_str(),
                                  &size, &loaded, D));
        return run(loaded, op, zeros);
    }
    // Takes the network.
    const mf_analytic_result &run(mf_network *loaded, const char *op,
                                  const mf_zeros *zeros = nullptr)
    {
        mf_network_destroy(network);
        network = loaded;
        size_t variant = 0;
        EXPECT_OK(mf_operators_find(base.operators, op, &variant, D));
        ops.assign(network->n_weight_layers, 0);
        EXPECT_OK(mf_operators_assign(base.operators, network, variant, nullptr, 0, ops.data(), D));
        EXPECT_OK(mf_prices_make(&accelerator, table, MF_LAWS_OWN, &prices, D));
        mf_analytic_basis basis = {&accelerator, base.operators, &prices, options};
        mf_assignment assignment = {variant, ops.data(), bits_of_layer, zeros};
        status = mf_analytic_run(&basis, network, &assignment, nullptr, base.arena, &result, &diag);
        return result;
    }
};

#endif
