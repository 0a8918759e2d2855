// The published engine with Table 3's conventions, and changes to them, for one network and
// operator.
#ifndef MF_TESTS_PUBLISHED_FIXTURE_H
#define MF_TESTS_PUBLISHED_FIXTURE_H

#include "base/arena.h"
#include "models/formats/network_file.h"
#include "sim/published.h"
#include "tests/support/support.h"

#include <utility>
#include <vector>

struct Published {
    mf_arena *arena = mf_arena_create();
    mf_operators *operators = nullptr;
    mf_energy_table *operation_energy = nullptr, *access_energy = nullptr;
    mf_accelerator accelerator = {};
    mf_published_conventions conventions = {};
    mf_published *simulator = nullptr;
    mf_published_result result = {};
    mf_network *network = nullptr;
    mf_diag diag = {};

    using Changes = std::vector<std::pair<std::string, std::string>>;

    // `changes` override conventions, `array` the accelerator.
    explicit Published(const Changes &changes = {}, const Changes &array = {})
    {
        std::vector<std::string> paths;
        for (const char *name : {"mult", "shift", "add", "xnor"})
            paths.push_back(source_path(std::string("models/operators/") + name + ".json"));
        const char *list[] = {paths[0].c_str(), paths[1].c_str(), paths[2].c_str(),
                              paths[3].c_str()};
        EXPECT_OK(mf_operators_load(list, 4, &operators, D));
        Doc experiment = Doc::load(source_path("bench/experiments/table3.json"));
        for (const auto &[key, value] : changes)
            EXPECT_OK(
                mf_json_override(experiment.doc, ("conventions." + key).c_str(), value.c_str(), D));
        mf_json root = experiment.root(), object;
        EXPECT_OK(mf_json_get(&root, "conventions", &object, D));
        EXPECT_OK(mf_published_conventions_read(&object, operators, arena, &conventions, D));
        Doc chip = Doc::load(source_path("models/accelerators/shiftaddaug-16x12.json"));
        for (const auto &[key, value] : array)
            EXPECT_OK(mf_json_override(chip.doc, key.c_str(), value.c_str(), D));
        EXPECT_OK(mf_accelerator_from_json(chip.doc, arena, &accelerator, D));
        operation_energy = table(conventions.operation_energy);
        access_energy = table(conventions.access_energy);
        EXPECT_OK(mf_published_create(&accelerator, operators, &conventions, operation_energy,
                                      access_energy, nullptr, &simulator, D));
    }
    Published(const Published &) = delete;
    ~Published()
    {
        mf_published_destroy(simulator);
        mf_energy_table_destroy(operation_energy);
        mf_energy_table_destroy(access_energy);
        mf_operators_destroy(operators);
        mf_network_destroy(network);
        mf_arena_destroy(arena);
    }

    mf_energy_table *table(const std::string &name)
    {
        mf_energy_table *loaded = nullptr;
        Doc doc = Doc::load(source_path("energy_tables/" + name + ".json"));
        EXPECT_OK(mf_energy_table_from_json(doc.doc, &loaded, D));
        return loaded;
    }

    mf_status run(const std::string &name, const std::string &op,
                  const mf_network_options *options = nullptr)
    {
        mf_network_destroy(network);
        network = nullptr;
        EXPECT_OK(mf_network_load(source_path("models/zoo/" + name + ".json").c_str(), options,
                                  &network, D));
        size_t variant = 0;
        EXPECT_OK(mf_operators_find(operators, op.c_str(), &variant, D));
        std::vector<size_t> ops(network->n_weight_layers);
        EXPECT_OK(mf_operators_assign(operators, network, variant, nullptr, 0, ops.data(), D));
        return mf_published_run(simulator, network, variant, ops.data(), arena, &result, &diag);
    }
};

#endif
