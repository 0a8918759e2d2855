/* An energy table; every price it gives is a number, and none is negative. */
#include "tests/fuzz/fuzz.h"

#include "energy_tables/energy_table_area.h"
#include "energy_tables/energy_table_dram.h"
#include "energy_tables/energy_table_node.h"

#include <math.h>

static void check_price(mf_status status, double price, mf_diag *diag)
{
    mf_fuzz_check_status(status, diag);
    if (status == MF_OK)
        MF_FUZZ_CHECK(!isnan(price) && price >= 0);
    *diag = (mf_diag){0};
}

static void ask_operations(const mf_energy_table *table, const char *operation)
{
    mf_diag diag = {0};
    double x = 0;
    for (uint64_t bits = 2; bits <= 32; bits += 6) {
        mf_status status =
            mf_energy_table_energy(table, operation, false, bits, bits / 2 + 1, &x, &diag);
        check_price(status, x, &diag);
        status = mf_energy_table_area_um2(table, operation, false, bits, bits, &x, &diag);
        check_price(status, x, &diag);
    }
    check_price(mf_energy_table_energy(table, operation, true, 16, 16, &x, &diag), x, &diag);
    check_price(mf_energy_table_operation_pj(table, operation, "int8", &x, &diag), x, &diag);
}

/* In memories of any size, however far from what the law was made from. */
static void ask_law(const mf_memory_law *law)
{
    mf_diag diag = {0};
    for (uint64_t bits = 1; bits <= (uint64_t)1 << 40; bits <<= 13) {
        const mf_memory memory = {bits, bits, 1 + bits % 4096};
        double read, write;
        mf_memory_law_prices(law, &memory, &read, &write);
        check_price(MF_OK, read, &diag);
        check_price(MF_OK, write, &diag);
        check_price(MF_OK, mf_memory_law_whole(law, &memory), &diag);
        (void)mf_memory_law_holds(law, &memory);
    }
}

static void ask_accesses(const mf_energy_table *table)
{
    static const char *const levels[] = {"dram", "buffer", "register", "network", "none"};
    mf_diag diag = {0};
    double x = 0;
    for (size_t i = 0; i < 5; i++) {
        const mf_access_cost *cost = NULL;
        mf_status status = mf_energy_table_find_access(table, levels[i], "ifmap", &cost, &diag);
        check_price(status, cost ? cost->read : 0, &diag);
        if (cost && cost->law)
            ask_law(cost->law);
        for (size_t k = 0; cost && k < cost->n_other_laws; k++)
            ask_law(&cost->other_laws[k]);
        check_price(mf_energy_table_access_pj(table, levels[i], 64, &x, &diag), x, &diag);
    }
}

static void ask_sizes(const mf_size_law *laws)
{
    if (!laws)
        return;
    ask_law(&laws->law);
    for (size_t k = 0; k < laws->n_other_laws; k++)
        ask_law(&laws->other_laws[k]);
}

/* Of all that a chip has, or of nothing. */
static void ask_areas(const mf_energy_table *table)
{
    for (int t = 0; t < 2; t++) {
        const char *level = t ? "register" : "buffer";
        const mf_size_law *area = mf_energy_table_memory_area(table, level, "psum"),
                          *leakage = mf_energy_table_memory_leakage(table, level, "psum");
        MF_FUZZ_CHECK(!area == !mf_energy_table_has_areas(table));
        MF_FUZZ_CHECK(!leakage == !mf_energy_table_has_leakages(table));
        ask_sizes(area);
        ask_sizes(leakage);
    }
    for (int i = 0; i < MF_N_LOGIC_PARTS; i++)
        MF_FUZZ_CHECK(!table->logic_areas[i].status == !mf_energy_table_has_areas(table));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mf_json_doc *doc = mf_fuzz_json(data, size);
    if (!doc)
        return 0;
    mf_diag diag = {0};
    mf_energy_table *table;
    mf_status status = mf_energy_table_from_json(doc, &table, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK) {
        ask_operations(table, "mult");
        ask_operations(table, "add");
        ask_operations(table, "shift");
        ask_accesses(table);
        ask_areas(table);
        if (table->n_drams) {
            const char *kind = table->drams[table->n_drams - 1].kind;
            mf_fuzz_check_status(mf_energy_table_choose_dram(table, kind, &diag), &diag);
            ask_accesses(table);
        }
        if (table->n_nodes) {
            uint64_t node_nm = table->nodes[table->n_nodes - 1].node_nm;
            mf_fuzz_check_status(mf_energy_table_scale(table, node_nm, &diag), &diag);
            ask_operations(table, "mult");
            ask_accesses(table);
            ask_areas(table);
        }
        mf_energy_table_destroy(table);
    }
    mf_json_destroy(doc);
    return 0;
}
