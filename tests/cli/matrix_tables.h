// What the matrix tries: every command in every account and on every kind of input, and for every
// option a value that must matter there. What has no row here fails the test.
#ifndef MF_TESTS_MATRIX_TABLES_H
#define MF_TESTS_MATRIX_TABLES_H

#include "tests/cli/matrix_world.h"

#include <thread>

namespace matrix
{

// Values of which one must matter ("" for switches), and what must stand beside it to matter on
// these small files, in both runs.
struct Row {
    Words values;
    Words with;
};

// A command as it runs without the option in question. `own` are values of options that
// are other ones here: what the table names is what this setting has already, or is not there.
struct Setting {
    std::string command;
    Words words;
    std::map<std::string, Row> own;
    Words keeps; // files of the world that lie where it runs
};

inline const std::vector<Setting> &settings()
{
    static const std::map<std::string, Row> consistent = {{"accounting", {{"published"}, {}}}};
    static const std::map<std::string, Row> executed = {{"accounting", {{"published"}, {}}},
                                                        {"engine", {{"analytic"}, {}}}};
    static const Row light = {{""}, {"--set", "accelerator.pe_overhead_um2=100"}};
    static const std::map<std::string, Row> traced = {{"accounting", {{"published"}, {}}},
                                                      {"init-head", {{"fresh"}, {}}},
        {"iso-area", light}};
    static const std::map<std::string, Row> traced_chip = {
        {"accounting", {{"published"}, {}}}, {"engine", {{"analytic"}, {}}}, {"iso-area", light}};
    static const std::map<std::string, Row> given = {
        {"layer", {{"depthwise_6"}, {}}},
        {"mapping", {{"../nest2.json"}, {}}},
        {"resolution", {{"32"}, {"-m", "../nest_large.json"}}},
        {"classes", {{"7"}, {"-l", "fc_8", "-m", "../nest_fc.json"}}},
        {"width", {{"2"}, {"-m", "../nest_wide.json"}}}};
    static const std::vector<Setting> all = {
        {"list", {"-f", "json"}, {}, {}},
        {"show", {"../net.json", "-f", "json"}, {}, {}},
        {"show", {"../net.json"}, {}, {}},
        {"show", {"../net.json", "--file"}, {}, {}},
        {"show", {"../layers.csv", "-f", "json"}, {}, {}},
        {"show", {"../run.npz", "-f", "json"}, {}, {}},
        {"show", {"../acc.json", "-f", "json"}, {}, {}},
        {"show", {"consistent-45nm", "-f", "json"}, {}, {}},
        {"check", {"../acc.json", "../net.json", "-f", "json"}, {}, {}},
        {"table", {"1", "-f", "json"}, {}, {}},
        {"table", {"3", "-f", "json", "-e", "../experiment.json"}, {}, {}},
        {"simulate", {"../net.json", "-f", "json"}, {}, {}},
        {"simulate", {"../layers.csv", "-f", "json"}, {}, {}},
        {"simulate", {"../net.json", "--accounting", "consistent", "-f", "json"}, consistent, {}},
        {"simulate",
         {"../net.json", "--accounting", "consistent", "-a", "../acc.json", "-f", "json"},
         consistent,
         {}},
        {"simulate", {"../net.json", "--accounting", "consistent"}, consistent, {}},
        {"simulate", {"../layers.csv", "--accounting", "consistent", "-f", "json"}, consistent, {}},
        {"simulate", {"../run.npz", "-f", "json"}, traced, {}},
        {"simulate", {"../net.json", "--engine", "systemc", "-f", "json"}, executed, {}},
        {"simulate", {"../layers.csv", "--engine", "systemc", "-f", "json"}, executed, {}},
        {"simulate", {"../run.npz", "--engine", "systemc", "-f", "json"}, traced_chip, {}},
        {"compare", {"../net.json", "-f", "json"}, {}, {}},
        {"compare", {"../layers.csv", "-f", "json"}, {}, {}},
        {"compare", {"../net.json", "--accounting", "consistent", "-f", "json"}, consistent, {}},
        {"compare", {"../net.json", "--accounting", "consistent"}, consistent, {}},
        {"compare",
         {"../net.json", "--accounting", "published,consistent", "-f", "json"},
         consistent,
         {}},
        {"compare",
         {"--accounting", "consistent", "-e", "../experiment.json", "-f", "json"},
         consistent,
         {}},
        {"compare",
         {"../net.json", "--ops", "mult,shift", "-a", "../acc.json", "--accounting", "consistent",
          "-f", "json"},
         consistent,
         {}},
        {"compare", {"../net.json", "--engine", "systemc", "-f", "json"}, executed, {}},
        {"trace",
         {"make", "../net.json", "--random", "1", "-o", "t.npz"},
         {{"output", {{"other.npz"}, {}}}},
         {}},
        {"trace",
         {"make", "../layers.csv", "--random", "1", "-o", "t.npz"},
         {{"output", {{"other.npz"}, {}}}},
         {}},
        {"trace",
         {"export", "../mult.npz", "-o", "t.npz", "-f", "json"},
         {{"output", {{"other.npz"}, {}}}},
         {}},
        {"trace",
         {"export", "../shift.npz", "-o", "t.npz", "-f", "json"},
         {{"output", {{"other.npz"}, {}}}},
         {}},
        {"trace", {"info", "../run.npz", "-f", "json"}, {}, {}},
        {"trace", {"zeros", "../run.npz"}, {}, {}},
        {"trace", {"verify", "../run.npz", "-f", "json"}, {}, {}},
        {"map", {"../net.json", "-l", "depthwise_3", "-f", "json"}, {}, {}},
        {"map", {"../net.json", "-l", "depthwise_3"}, {}, {}},
        {"map", {"../net.json", "-l", "depthwise_3", "-a", "../acc.json"}, {}, {}},
        {"map",
         {"../net.json", "-l", "depthwise_3", "-m", "../nest.json", "-f", "json"},
         given,
         {}},
        {"map", {"../net.json", "-l", "depthwise_3", "-m", "../nest.json", "--why"}, given, {}},
        {"map", {"../run.npz", "-l", "depthwise_3", "-f", "json"}, traced, {}},
        {"map",
         {"../layers.csv", "-l", "0", "-f", "json"},
         {{"layer", {{"1"}, {}}}, {"mapping", {{"../nest_csv.json"}, {}}}},
         {}},
        {"chip", {"../acc.json", "-f", "json"}, {{"table", {{"cacti-45nm-lop"}, {}}}}, {}},
        {"chip", {"../acc.json", "--provenance"}, {{"table", {{"cacti-45nm-lop"}, {}}}}, {}},
        {"chip", {"../acc.json", "../net.json", "-f", "json"}, {}, {}},
        {"chip", {"../acc.json", "../net.json"}, {}, {}},
        {"chip", {"../acc.json", "../layers.csv", "-f", "json"}, {}, {}},
        {"chip", {"../acc.json", "../run.npz", "-f", "json"}, traced, {}},
        {"train",
         {"../net.json", "--data", "cifar10:../c10", "--set", "epochs=2", "--set", "batch=16",
          "--checkpoint", "c.npz", "--log", "c.jsonl"},
         {},
         {}},
        {"train",
         {"../net.json", "--op", "shift", "--data", "cifar10:../c10", "--set", "epochs=2", "--set",
          "batch=16", "--checkpoint", "c.npz", "--log", "c.jsonl"},
         {{"op", {{"add"}, {}}}, {"op-of", {{"depthwise_3=mult"}, {}}}},
         {}},
        {"train",
         {"../net.json", "--op", "add", "--data", "cifar10:../c10", "--set", "epochs=2", "--set",
          "batch=16", "--checkpoint", "c.npz", "--log", "c.jsonl"},
         {{"op-of", {{"pw_expand_2=mult"}, {}}}},
         {}},
        {"train",
         {"../net.json", "--init", "../begin.npz", "--data", "cifar10:../c10", "--set", "epochs=2",
          "--set", "batch=16", "--checkpoint", "c.npz", "--log", "c.jsonl"},
         {{"init", {{"../mult.npz"}, {}}},
          {"width", {{"2"}, {"--init", "../wide.npz"}}},
          {"classes", {{"100"}, {"--data", "cifar100:../c100", "--init", "../hundred.npz"}}}},
         {}},
        {"train",
         {"--resume", "mult.npz", "--set", "epochs=2", "--log", "c.jsonl"},
         {{"resume", {{"../shift.npz"}, {}}}},
         {"mult.npz"}},
        {"train", {"--keys", "-f", "json"}, {}, {}},
        {"eval", {"../mult.npz", "-f", "json"}, {}, {}},
        {"eval", {"../shift.npz", "-f", "json"}, {}, {}},
        {"eval", {"../add.npz", "-f", "json"}, {}, {}},
        {"experiment",
         {"../trainings_two.json", "-f", "json", "-j", "1"},
         {{"jobs", {{"2"}, {"-v"}}}},
         {}},
        {"experiment",
         {"../trainings_profiles.json", "-f", "json", "-j", "1"},
         {{"jobs", {{"2"}, {"-v"}}}},
         {}},
        {"curves", {"../mult.jsonl", "../add.jsonl", "-f", "json"}, {}, {}},
        {"weights", {"../mult.npz", "-f", "json"}, {}, {}},
        {"weights", {"../shift.npz", "-f", "json"}, {}, {}},
        {"weights", {"fit", "../mult.npz", "../mult.npz"}, {}, {}},
        {"weights", {"fit", "../shift.npz"}, {}, {}},
        {"tradeoff",
         {"../mult.npz", "../shift.npz", "-f", "json"},
         {{"iso-area", {{""}, {"-a", "../light.json"}}}},
         {}},
        {"validate", {"../chip.json", "-f", "json"}, {}, {}},
        {"validate",
         {"../chip.json", "--engine", "systemc", "-f", "json"},
         {{"engine", {{"analytic"}, {}}}},
         {}},
        {"sweep", {"../sweep.json", "-f", "json"}, {}, {}},
        {"sweep", {"../sweep.json", "--accounting", "consistent", "-f", "json"}, consistent, {}},
        {"sweep",
         {"../sweep.json", "-a", "../acc.json", "--accounting", "consistent", "-f", "json"},
         consistent,
         {}},
        {"sweep", {"../sweep.json", "--engine", "systemc", "-f", "json"}, executed, {}},
        {"sweep", {"../sweep.json", "-o", "rows.json", "-f", "json"}, {}, {}},
        {"diff", {"../a.json", "../b.json", "-f", "json"}, {}, {}},
        {"completion", {"bash"}, {}, {}},
        {"completion", {"names", "networks"}, {}, {}},
        {"man", {}, {}, {}},
    };
    return all;
}

// By option, or "command option" where that has another meaning.
inline const std::map<std::string, Row> &option_values()
{
    const bool one_core = std::thread::hardware_concurrency() == 1;
    static const std::map<std::string, Row> all = {
        {"accelerator", {{"../acc2.json"}, {}}},
        {"accounting", {{"consistent"}, {}}},
        {"all", {{""}, {}}},
        {"area-um2", {{"2000000"}, {}}},
        {"batch", {{"2"}, {}}},
        {"arms", {{"two"}, {}}},
        {"bits", {{"8"}, {}}},
        {"bits-of", {{"depthwise_3=8"}, {}}},
        {"checkpoint", {{"other.npz"}, {}}},
        {"classes", {{"7"}, {}}},
        {"config", {{"../config.json"}, {}}},
        {"corrected", {{""}, {}}},
        {"data", {{"cifar10:../other10"}, {}}},
        {"dataflow", {{"no-local-reuse"}, {}}},
        {"engine", {{"systemc"}, {}}},
        {"experiment", {{"../experiment2.json"}, {}}},
        {"fidelity", {{"cycle"}, {"--vcd", "waves.vcd"}}},
        {"file", {{""}, {}}},
        {"folder", {{"elsewhere"}, {}}},
        {"format", {{"csv"}, {}}},
        {"heatmap", {{"pes.svg"}, {}}},
        {"help", {{""}, {}}},
        {"from", {{"../mult.npz", "../mult.npz,../mult.npz"}, {}}},
        {"histogram", {{"5"}, {}}},
        {"init", {{"../begin.npz"}, {}}},
        {"init-head", {{"fresh"}, {"--init", "../begin.npz"}}},
        {"iso-area", {{""}, {"--op", "shift", "--set", "accelerator.pe_overhead_um2=100"}}},
        {"timeout", {{"60"}, {}}}, // refused: there is one process
        {"jobs", {{one_core ? "2" : "1"}, {"-v"}}},
        {"sort", {{"latency_ms", "n_pes", "energy_mj"}, {}}},
        {"top", {{"1"}, {}}},
        {"keys", {{""}, {}}},
        {"layer", {{"depthwise_6"}, {}}},
        {"layers", {{"depthwise"}, {}}},
        {"learnt", {{""}, {}}},
        {"log", {{"other.jsonl"}, {}}},
        {"mapping", {{"../nest2.json"}, {}}},
        {"node", {{"28"}, {}}},
        {"dram", {{"ddr3"}, {}}},
        {"objective", {{"latency", "energy"}, {"--set", "accelerator.dram_mb_per_s=40000"}}},
        {"op", {{"shift"}, {}}},
        {"op-of", {{"depthwise_3=shift"}, {}}},
        {"ops", {{"shift"}, {}}},
        {"output", {{"other.json"}, {}}},
        {"pictures", {{"2"}, {}}},
        {"plot", {{"plot.svg"}, {}}},
        {"profile", {{"b"}, {}}},
        {"provenance", {{""}, {}}},
        {"psum-bits", {{"16"}, {}}},
        {"random", {{"2"}, {}}},
        {"resolution", {{"12"}, {}}},
        {"resume", {{""}, {"-o", "rows.json"}}},
        {"schedule", {{"resident"}, {}}},
        {"score", {{"7"}, {}}},
        {"seed", {{"5"}, {}}},
        {"seeds", {{"1"}, {}}},
        {"set", {{"accelerator.clock_mhz=100"}, {}}},
        {"statistics", {{"../zeros.json"}, {}}},
        {"table", {{"../table2.json"}, {}}},
        {"timeline", {{"time.json"}, {}}},
        {"timeloop", {{"files"}, {}}},
        {"tolerance", {{"0.5"}, {}}},
        {"traces", {{"kept"}, {}}},
        {"vcd", {{"waves.vcd"}, {}}},
        {"verbose", {{""}, {}}},
        {"why", {{""}, {}}},
        {"wide", {{""}, {}}},
        {"width", {{"2"}, {}}},
        {"map classes", {{"7"}, {"-l", "fc_8"}}},
        {"eval set", {{"norm_epsilon=0.01"}, {}}},
        {"experiment set", {{"norm_epsilon=0.01"}, {}}},
        {"map format", {{"json", "text"}, {}}},
        {"trace set", {{"norm_epsilon=0.01"}, {}}},
        {"train classes", {{"100"}, {"--data", "cifar100:../c100"}}},
        {"train resume", {{"../mult.npz"}, {}}},
        {"train set", {{"norm_epsilon=0.01"}, {}}},
    };
    return all;
}

} // namespace matrix

#endif
