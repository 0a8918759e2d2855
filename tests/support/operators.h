// All operators that the project ships.
#ifndef MF_TESTS_OPERATORS_H
#define MF_TESTS_OPERATORS_H

#include "models/integer.h"
#include "models/operator.h"
#include "tests/support/support.h"

#include <algorithm>
#include <string>
#include <vector>

// In alphabetical order; to be destroyed by the caller.
inline mf_operators *load_all_operators()
{
    std::vector<std::string> names;
    std::vector<const char *> paths;
    mf_operators *operators = nullptr;
    for (const auto &entry : std::filesystem::directory_iterator(source_path("models/operators")))
        names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    for (const std::string &name : names)
        paths.push_back(name.c_str());
    EXPECT_OK(mf_operators_load(paths.data(), paths.size(), &operators, D));
    return operators;
}

// The names of those that can be executed on integer codes.
inline std::vector<std::string> executed_operators()
{
    std::vector<std::string> names;
    mf_operators *operators = load_all_operators();
    for (size_t i = 0; i < mf_operators_count(operators); i++) {
        mf_arithmetic arithmetic;
        const mf_operator *op = mf_operators_at(operators, i);
        if (mf_arithmetic_find(op->arithmetic, &arithmetic, nullptr) == MF_OK)
            names.push_back(op->name);
    }
    mf_operators_destroy(operators);
    return names;
}

#endif
