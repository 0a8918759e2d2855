// Runs of CACTI over sizes, ports and nodes, one bank: what laws of area, leakage and nodes are held against.
#ifndef MF_TESTS_CACTI_NODES_H
#define MF_TESTS_CACTI_NODES_H

#include "energy_tables/memory_law.h"
#include "tests/support/support.h"

#include <cmath>

struct NodeRun {
    std::string cells; // lstp, lop
    double node_nm = 0;
    mf_memory memory = {};
    double read_pj = 0, write_pj = 0, area_um2 = 0, leakage_mw = 0;
};

inline std::vector<NodeRun> node_runs()
{
    std::vector<NodeRun> runs;
    Doc doc = Doc::load(source_path("tests/energy_tables/cacti_nodes.json"));
    mf_json root = mf_json_root(doc.doc), list, item = {};
    EXPECT_OK(mf_json_array(&root, "runs", &list, D));
    while (mf_json_next(&list, &item)) {
        mf_json value = {};
        const char *cells = nullptr;
        double numbers[7];
        EXPECT_TRUE(mf_json_next(&item, &value));
        EXPECT_OK(mf_json_read_string(&value, &cells, D));
        for (double &number : numbers) {
            EXPECT_TRUE(mf_json_next(&item, &value));
            EXPECT_OK(mf_json_read_real(&value, 0, 1e12, &number, D));
        }
        NodeRun run;
        run.cells = cells;
        run.node_nm = numbers[0];
        run.memory = {static_cast<uint64_t>(numbers[1]) * 8, 1, static_cast<uint64_t>(numbers[2])};
        run.read_pj = numbers[3], run.write_pj = numbers[4];
        run.area_um2 = numbers[5], run.leakage_mw = numbers[6];
        runs.push_back(run);
    }
    return runs;
}

#endif
