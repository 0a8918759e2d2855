// Energy tables of tests: from a text, and those that are shipped.
#ifndef MF_TESTS_TABLES_H
#define MF_TESTS_TABLES_H

#include "energy_tables/energy_table.h"
#include "tests/support/support.h"

struct Table {
    mf_energy_table *table = nullptr;
    mf_status status;
    mf_diag diag = {};
    explicit Table(const std::string &text)
    {
        Doc doc(text);
        EXPECT_EQ(doc.status, MF_OK) << doc.diag.message;
        status = mf_energy_table_from_json(doc.doc, &table, &diag);
    }
    Table(const Table &) = delete;
    ~Table()
    {
        mf_energy_table_destroy(table);
    }
};

inline std::string shipped(const std::string &name)
{
    return read_text(source_path("energy_tables/" + name + ".json"));
}

#endif
