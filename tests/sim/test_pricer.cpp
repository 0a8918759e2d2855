// Does one call say what each engine says on its own, whatever was priced before?
#include "models/formats/network_file.h"
#include "sim/attribution.h"
#include "sim/pricer.h"
#include "tests/sim/published_fixture.h"

#include <string>
#include <sys/mman.h>
#include <vector>

namespace
{
// What a pricer is made of: Table 3's conventions, and the chip's accelerator for the other
// engines.
struct Bench {
    Published base;
    mf_arena *arena = mf_arena_create();
    mf_accelerator accelerator = {};
    mf_energy_table *table = nullptr;
    mf_network *network = nullptr;
    mf_diag diag = {};

    explicit Bench(const std::string &name = "resnet20-cifar", uint64_t rows = 16)
    {
        mf_network_options size = {};
        size.rows = size.columns = rows;
        EXPECT_OK(mf_accelerator_load(source_path("models/accelerators/eyeriss-12x14.json").c_str(),
                                      arena, &accelerator, D));
        EXPECT_OK(mf_energy_table_load(source_path("energy_tables/consistent-45nm.json").c_str(),
                                       &table, D));
        EXPECT_OK(mf_network_load(source_path("models/zoo/" + name + ".json").c_str(), &size,
                                  &network, D));
    }
    Bench(const Bench &) = delete;
    ~Bench()
    {
        mf_network_destroy(network);
        mf_energy_table_destroy(table);
        mf_arena_destroy(arena);
    }
    mf_pricer_basis basis() const
    {
        mf_pricer_basis b = {};
        b.accelerator = &accelerator;
        b.operators = base.operators;
        b.conventions = &base.conventions;
        b.operation_energy = base.operation_energy;
        b.access_energy = base.access_energy;
        b.table = table;
        b.options.objective = MF_OBJECTIVE_EDP;
        b.options.bits = {8, false};
        b.seed = 1;
        return b;
    }
    mf_assignment assign(const std::string &op)
    {
        mf_assignment assignment = {};
        EXPECT_OK(
            mf_assign(base.operators, network, op.c_str(), nullptr, 0, arena, &assignment, D));
        return assignment;
    }
    mf_status price(mf_pricer *pricer, const std::string &op, mf_engine engine, mf_report *report)
    {
        mf_assignment assignment = assign(op);
        return mf_pricer_price(pricer, network, &assignment, engine, arena, report, &diag);
    }
};

struct Pricer {
    mf_pricer *pricer = nullptr;

    explicit Pricer(const mf_pricer_basis &basis)
    {
        EXPECT_OK(mf_pricer_create(&basis, &pricer, D));
    }
    Pricer(const Pricer &) = delete;
    ~Pricer()
    {
        mf_pricer_destroy(pricer);
    }
};
} // namespace

TEST(Pricer, SaysWhatThePublishedSimulatorSays)
{
    Bench b;
    mf_pricer_basis basis = b.basis();
    basis.accelerator = &b.base.accelerator;
    Pricer p(basis);
    for (const char *op : {"mult", "shift", "add", "mult"}) {
        mf_report report;
        mf_published_result alone;
        mf_assignment assignment = b.assign(op);
        EXPECT_OK(mf_published_run(b.base.simulator, b.network, assignment.variant,
                                   assignment.op_of_layer, b.arena, &alone, D));
        ASSERT_EQ(b.price(p.pricer, op, MF_ENGINE_PUBLISHED, &report), MF_OK) << b.diag.message;
        EXPECT_EQ(report.energy_mj, alone.energy_mj);
        EXPECT_EQ(report.latency_ms, alone.latency_ms);
        EXPECT_EQ(report.utilisation, alone.utilisation);
        EXPECT_EQ(report.published.n_layers, b.network->n_weight_layers);
    }
}

// The memo must not mistake one price for another: the same layers, one after the other, on
// machines and for aims that differ in a single number each, and again in another order.
TEST(Pricer, RemembersByAllThatASearchDependsOn)
{
    Bench b;
    mf_accelerator bus = b.accelerator, registers = b.accelerator, gated = b.accelerator,
                   held = b.accelerator;
    bus.psum_out_bus_bits /= 2;
    registers.weight_register_words /= 4;
    gated.zero_gating = 1;
    held.weights_in_buffer = 1;
    std::vector<mf_zeros> half(b.network->n_weight_layers, mf_zeros{0.5, 0.5});
    struct Case {
        const mf_accelerator *accelerator;
        mf_objective objective;
        const mf_dataflow *dataflow;
        const mf_zeros *zeros;
        const char *op;
    };
    const std::vector<Case> cases = {
        {&b.accelerator, MF_OBJECTIVE_EDP, mf_dataflows[0], nullptr, "mult"},
        {&bus, MF_OBJECTIVE_EDP, mf_dataflows[0], nullptr, "mult"},
        {&registers, MF_OBJECTIVE_EDP, mf_dataflows[0], nullptr, "mult"},
        {&held, MF_OBJECTIVE_EDP, mf_dataflows[0], nullptr, "mult"},
        {&gated, MF_OBJECTIVE_EDP, mf_dataflows[0], half.data(), "mult"},
        {&b.accelerator, MF_OBJECTIVE_LATENCY, mf_dataflows[0], nullptr, "mult"},
        {&b.accelerator, MF_OBJECTIVE_EDP, mf_dataflows[1], nullptr, "mult"},
        {&b.accelerator, MF_OBJECTIVE_EDP, mf_dataflows[0], nullptr, "shift"}};
    mf_memo *memo = nullptr;
    EXPECT_OK(mf_analytic_memo_create(&memo, D));
    std::vector<double> fresh;
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < cases.size(); i++) {
            const Case &c = cases[round ? cases.size() - 1 - i : i];
            mf_assignment assignment = b.assign(c.op);
            assignment.zeros = c.zeros;
            mf_prices prices;
            EXPECT_OK(mf_prices_make(c.accelerator, b.table, MF_LAWS_OWN, &prices, D));
            mf_analytic_basis basis = {c.accelerator,
                                       b.base.operators,
                                       &prices,
                                       {c.dataflow, c.objective, {16, false}, MF_SCHEDULE_LAYER, nullptr, false, false, 0}};
            mf_analytic_result shared, alone;
            size_t n = mf_memo_count(memo);
            EXPECT_OK(mf_analytic_run(&basis, b.network, &assignment, memo, b.arena, &shared, D));
            EXPECT_OK(mf_analytic_run(&basis, b.network, &assignment, nullptr, b.arena, &alone, D));
            EXPECT_EQ(shared.energy_mj, alone.energy_mj) << "case " << i << " of round " << round;
            EXPECT_EQ(shared.latency_ms, alone.latency_ms);
            if (round == 0) {
                EXPECT_GT(mf_memo_count(memo), n);
                for (double other : fresh)
                    EXPECT_NE(alone.energy_mj * alone.latency_ms, other) << "case " << i;
                fresh.push_back(alone.energy_mj * alone.latency_ms);
            } else {
                EXPECT_EQ(mf_memo_count(memo), n) << "all of it was searched before";
            }
        }
    mf_memo_destroy(memo);
}

TEST(Pricer, SaysWhatItLacks)
{
    Bench b;
    mf_report report;
    mf_pricer_basis basis = b.basis();
    basis.conventions = nullptr;
    basis.table = nullptr;
    Pricer p(basis);
    EXPECT_EQ(b.price(p.pricer, "mult", MF_ENGINE_PUBLISHED, &report), MF_INVALID);
    EXPECT_NE(std::string(b.diag.message).find("conventions"), std::string::npos);
    EXPECT_EQ(b.price(p.pricer, "mult", MF_ENGINE_ANALYTIC, &report), MF_INVALID);
    EXPECT_NE(std::string(b.diag.message).find("energy table"), std::string::npos);
}

// Every output is checked, counts are those of the account (the chip's numbers have zeros, which
// gate), and the sums are those of the rows that came back from the child.
TEST(Pricer, ExecutesOnTheChip)
{
    Bench b;
    Pricer p(b.basis());
    mf_report account, report;
    mf_status status = b.price(p.pricer, "shift", MF_ENGINE_SYSTEMC, &report);
    if (mf_chip_check(nullptr) != MF_OK) {
        EXPECT_EQ(status, MF_INVALID);
        return;
    }
    ASSERT_EQ(status, MF_OK) << b.diag.message;
    ASSERT_EQ(b.price(p.pricer, "shift", MF_ENGINE_ANALYTIC, &account), MF_OK);
    uint64_t n_outputs = 0;
    for (size_t i = 0; i < b.network->n_layers; i++)
        n_outputs += mf_shape_ofmap(&b.network->layers[i].shape);
    EXPECT_EQ(report.n_checked, n_outputs);
    ASSERT_EQ(report.account.n_rows, account.account.n_rows);
    double energy_pj = 0;
    for (size_t i = 0; i < report.account.n_rows; i++) {
        const mf_analytic_row &row = report.account.rows[i], &told = account.account.rows[i];
        EXPECT_EQ(row.layer, told.layer);
        EXPECT_EQ(report.executed[i].executed, !row.vector);
        EXPECT_EQ(row.found.counts.n_macs, told.found.counts.n_macs);
        energy_pj += row.energy_pj;
    }
    EXPECT_NEAR(report.energy_mj, energy_pj * 1e-9 + report.account.static_mj,
                1e-12 * report.energy_mj);
    EXPECT_NE(report.latency_ms, account.latency_ms);

    std::vector<mf_zeros> zeros(b.network->n_weight_layers, mf_zeros{0.9, 0.9});
    mf_assignment told = b.assign("shift");
    mf_report again;
    told.zeros = zeros.data();
    ASSERT_EQ(
        mf_pricer_price(p.pricer, b.network, &told, MF_ENGINE_SYSTEMC, b.arena, &again, &b.diag),
        MF_OK);
    EXPECT_EQ(again.energy_mj, report.energy_mj) << "the chip counts zeros for itself";
}

namespace
{
// What observers of a child see, in memory that both processes have.
struct Seen {
    uint64_t n_begun, n_layers, n_on_array, n_transfers, n_ended, n_pes, n_macs;

    static Seen *shared()
    {
        void *at =
            mmap(nullptr, sizeof(Seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        EXPECT_NE(at, MAP_FAILED);
        return static_cast<Seen *>(at);
    }
    static mf_observers observers(Seen *seen)
    {
        mf_observers o = {};
        o.user = seen;
        o.begin = [](void *user) { static_cast<Seen *>(user)->n_begun++; };
        o.layer_done = [](void *user, const mf_analytic_row *row, const mf_execution_row *x) {
            static_cast<Seen *>(user)->n_layers++;
            static_cast<Seen *>(user)->n_on_array += x->executed;
            EXPECT_EQ(x->executed, !row->vector);
        };
        o.watch = [](void *user, mf_component, const char *, double, double) {
            static_cast<Seen *>(user)->n_transfers++;
        };
        o.end = [](void *user, const mf_chip *chip, uint64_t pe_rows, uint64_t pe_columns) {
            static_cast<Seen *>(user)->n_ended++;
            static_cast<Seen *>(user)->n_pes = pe_rows * pe_columns;
            for (uint64_t i = 0; i < pe_rows * pe_columns; i++)
                static_cast<Seen *>(user)->n_macs += mf_chip_activity(chip)[i].n_macs;
        };
        return o;
    }
};
} // namespace

TEST(Pricer, IsObserved)
{
    if (mf_chip_check(nullptr) != MF_OK)
        GTEST_SKIP() << "a build without SystemC";
    Bench b;
    Pricer p(b.basis());
    Seen *seen = Seen::shared();
    mf_observers observers = Seen::observers(seen);
    mf_report unseen, report;
    ASSERT_EQ(b.price(p.pricer, "mult", MF_ENGINE_SYSTEMC, &unseen), MF_OK);
    mf_pricer_observe(p.pricer, &observers);
    ASSERT_EQ(b.price(p.pricer, "mult", MF_ENGINE_SYSTEMC, &report), MF_OK) << b.diag.message;
    EXPECT_EQ(report.energy_mj, unseen.energy_mj);
    EXPECT_EQ(report.latency_ms, unseen.latency_ms);
    EXPECT_EQ(seen->n_begun, 1u);
    EXPECT_EQ(seen->n_ended, 1u);
    EXPECT_EQ(seen->n_layers, b.network->n_layers);
    EXPECT_EQ(seen->n_on_array, b.network->n_weight_layers);
    EXPECT_EQ(seen->n_pes, 12u * 14u);
    EXPECT_GT(seen->n_transfers, seen->n_layers);
    uint64_t n_macs = 0;
    for (size_t i = 0; i < report.account.n_rows; i++)
        n_macs += report.account.rows[i].found.counts.n_macs;
    EXPECT_EQ(seen->n_macs, n_macs);

    observers.stop = [] { return true; };
    EXPECT_EQ(b.price(p.pricer, "mult", MF_ENGINE_SYSTEMC, &report), MF_INTERRUPTED);
    EXPECT_EQ(seen->n_ended, 2u) << "of one that was stopped, too";
    mf_pricer_observe(p.pricer, nullptr);
    EXPECT_EQ(b.price(p.pricer, "mult", MF_ENGINE_SYSTEMC, &report), MF_OK);
    EXPECT_EQ(seen->n_begun, 2u);
    munmap(seen, sizeof *seen);
}

TEST(Pricer, ExecutesIntegersOnly)
{
    Bench b;
    mf_pricer_basis basis = b.basis();
    basis.options.bits = {32, true};
    Pricer p(basis);
    mf_report report;
    EXPECT_EQ(b.price(p.pricer, "mult", MF_ENGINE_SYSTEMC, &report), MF_INVALID) << b.diag.message;
}

// The steps between the two accounts add up to their difference, whatever the network.
TEST(Attribution, LeadsFromOneAccountToTheOther)
{
    for (const char *name : {"mcunet-in3", "mobilenetv2-w0.35"}) {
        Bench b(name, 0);
        mf_pricer_basis basis = b.basis();
        basis.accelerator = &b.base.accelerator;
        Pricer p(basis);
        for (const char *op : {"mult", "shift", "add"}) {
            mf_report published, consistent;
            mf_attribution attribution;
            mf_assignment assignment = b.assign(op);
            ASSERT_EQ(b.price(p.pricer, op, MF_ENGINE_PUBLISHED, &published), MF_OK);
            ASSERT_EQ(b.price(p.pricer, op, MF_ENGINE_ANALYTIC, &consistent), MF_OK);
            EXPECT_OK(mf_attribute(&basis, b.network, &assignment, &published.published,
                                   &consistent, &attribution, D));
            double energy_mj = published.energy_mj, latency_ms = published.latency_ms;
            for (size_t i = 0; i < attribution.n; i++) {
                energy_mj += attribution.steps[i].energy_mj;
                latency_ms += attribution.steps[i].latency_ms;
                EXPECT_FALSE(std::string(attribution.steps[i].because).empty());
            }
            EXPECT_NEAR(energy_mj, consistent.energy_mj, 1e-12 * consistent.energy_mj)
                << name << op;
            EXPECT_NEAR(latency_ms, consistent.latency_ms, 1e-12 * consistent.latency_ms);
            EXPECT_GT(attribution.n, 10u);
        }
    }
}
