// What the matrix of keys tries: every command that takes --set, in every account and on every kind
// of input, and for every key a value that must matter there. A key without a row fails the test.
#ifndef MF_TESTS_MATRIX_KEYS_H
#define MF_TESTS_MATRIX_KEYS_H

extern "C" {
#include "sim/published.h"
#include "train/training.h"
}
#include "tests/cli/matrix_world.h"

#include <thread>

namespace matrix
{

// Values of which one must matter, alone or with one of `withs` beside it in both runs.
struct KeyRow {
    Words values;
    std::vector<Words> withs;
};

// A command without the key. `lacks`: why a key may be refused here, as messages say it; a refusal
// for any other reason fails, so that no key is refused that could count.
struct KeySetting {
    std::string command;
    Words words;
    Words lacks;
    std::string axes; // of a sweep: keys are axes beside these
    Words keeps;
};

// ---- simulating commands -----------------------------------------------------------------------

namespace reason
{
const char *const
    description = "a description changes no number", *const base = "which file the others are of",
    *const fixed = "its only value is", *const consistent = "with --accounting consistent",
    *const published = "with --accounting published", *const chip = "with --engine systemc",
    *const nest = "with weights_in_buffer",
    *const zeros = "with --statistics, --engine systemc or a trace",
    *const depthwise = "for networks with depthwise layers",
    *const gated = "for layers that read zeros", *const coded = "for maps with so many zeros",
    *const given = "the mapping given costs the same",
    *const vectors = "where the vector unit has something to do",
    *const runs = "where a layer runs on";
} // namespace reason

inline Words operator+(Words a, const Words &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline const Words &operator_names()
{
    static Words all;
    if (all.empty())
        for (const auto &file : fs::directory_iterator(source_path("models/operators")))
            all.push_back(file.path().stem().string());
    return all;
}

inline const std::vector<KeySetting> &simulating()
{
    using namespace reason;
    static const Words every = {description, base, fixed}, closed = every + Words{published, chip, nest},
                       table = every + Words{consistent, chip}, both = every + Words{chip, nest},
                       executed = every + Words{published, nest}, csv = {depthwise}, one = {runs},
                       network = {"--accounting", "consistent"},
                       net = {"../net.json", "-f", "json"},
                       layers = {"../layers.csv", "-f", "json"},
                       trace = {"../run.npz", "-f", "json"}, systemc = {"--engine", "systemc"},
                       ops = {"--ops", "shift,add"},
                       accounts = {"--accounting", "published,consistent"},
                       layer = {"-l", "depthwise_3"};
    const std::string grid = R"("network": ["NET"], "op": ["mult", "shift", "add"])",
                      grid_csv = R"("network": ["CSV"], "op": ["mult", "shift", "add"])";
    static const std::vector<KeySetting> all = {
        {"simulate", net, table + one, "", {}},
        {"simulate", layers, table + one + csv, "", {}},
        {"simulate", net + network, closed, "", {}},
        {"simulate",
         net + network + Words{"--dataflow", "no-local-reuse"},
         closed + Words{"with a dataflow whose PEs have registers",
                        "with a dataflow that keeps words in registers"},
         "",
         {}},
        {"simulate",
         net + network + Words{"--area-um2", "2000000"},
         closed + Words{"without --area-um2"},
         "",
         {}},
        {"simulate", layers + network, closed, "", {}},
        {"simulate", trace, closed, "", {}},
        {"simulate", net + systemc, executed, "", {}},
        // 16-bit numbers that are made up are hardly ever zero, and no activation makes them so
        {"simulate", layers + systemc, executed + Words{gated, coded}, "", {}},
        {"simulate", trace + systemc, executed, "", {}},
        {"compare", net + ops, table, "", {}},
        {"compare", layers + ops, table + csv, "", {}},
        {"compare", net + network, closed, "", {}},
        {"compare", layers + network, closed, "", {}},
        {"compare", net + accounts, both, "", {}},
        {"compare", layers + accounts, both + csv, "", {}},
        {"compare", net + systemc, executed, "", {}},
        {"compare", layers + systemc, executed + Words{gated, coded}, "", {}},
        {"map", net + layer, closed + Words{vectors}, "", {}},
        {"map", {"../layers.csv", "-l", "0", "-f", "json"}, closed + Words{vectors}, "", {}},
        {"map", trace + layer, closed + Words{vectors}, "", {}},
        {"map", net + layer + Words{"-m", "../nest.json"}, closed + Words{vectors, given}, "", {}},
        {"map",
         net + layer + Words{"-m", "../nest_weights.json"},
         every + Words{published, chip, vectors, given},
         "",
         {}},
        {"chip",
         {"../acc.json", "-f", "json"},
         every + Words{published, chip, "counts only with a network"},
         "",
         {}},
        {"chip", Words{"../acc.json"} + net, closed, "", {}},
        {"chip", Words{"../acc.json"} + layers, closed, "", {}},
        {"chip", Words{"../acc.json"} + trace, closed, "", {}},
        {"table", {"3", "-e", "../experiment.json", "-f", "json"}, table + one, "", {}},
        {"table", {"1", "-f", "json"}, {"--set counts only for table 3"}, "", {}},
        {"sweep", {"../plain.json", "-f", "json"}, table + one, "", {}},
        {"sweep", {"../plain_csv.json", "-f", "json"}, table + one + csv, "", {}},
        {"sweep", Words{"../plain.json", "-f", "json"} + network, closed + Words{zeros}, "", {}},
        {"sweep",
         Words{"../plain_csv.json", "-f", "json"} + network,
         closed + Words{zeros},
         "",
         {}},
        {"sweep", Words{"../plain.json", "-f", "json"} + systemc, executed, "", {}},
        {"sweep",
         Words{"../plain_csv.json", "-f", "json"} + systemc,
         executed + Words{gated, coded},
         "",
         {}},
        {"sweep", {"-f", "json"}, table, grid, {}},
        {"sweep", {"-f", "json"}, table + csv, grid_csv, {}},
        {"sweep", Words{"-f", "json"} + network, closed + Words{zeros}, grid, {}},
        {"sweep", Words{"-f", "json"} + network, closed + Words{zeros}, grid_csv, {}},
        {"sweep", Words{"-f", "json"} + systemc, executed, grid, {}},
        {"sweep", Words{"-f", "json"} + systemc, executed + Words{gated, coded}, grid_csv, {}},
    };
    return all;
}

// By key, or "command key" where that takes another value.
inline const std::map<std::string, KeyRow> &simulation_values()
{
    static const Words set = {"--set"};
    static const auto with = [](const Words &keys) {
        Words all;
        for (const auto &key : keys) {
            all.push_back("--set");
            all.push_back(key);
        }
        return all;
    };
    static const Words few_words = with({"accelerator.buffer_words=150"}),
                       scarce = with({"accelerator.buffer_words=150",
                                      "accelerator.ifmap_register_words=3",
                                      "accelerator.psum_register_words=1"}),
                       bytes = with({"accelerator.word_bits=8"}),
                       held = with({"accelerator.weights_in_buffer=yes"}),
                       stationary = {"--dataflow", "weight-stationary"}, shift = {"--op", "shift"},
                       integers = {"--bits", "16"}, shares = {"--statistics", "../zeros.json"},
                       prices = with({"conventions.operation_energy=paper-table1"}),
                       small = with({"accelerator.pe_rows=2", "accelerator.pe_columns=4"}),
                       by_area = {"--iso-area", "--op", "shift"};
    static std::map<std::string, KeyRow> all = {
        {"accelerator.name", {{"other"}, {}}},
        {"accelerator.about", {{"other"}, {}}},
        {"accelerator.source", {{"other"}, {}}},
        {"accelerator.facts", {{"{}"}, {}}},
        {"accelerator.based_on", {{"eyeriss-12x14"}, {}}},
        {"accelerator.pools", // by area only who runs in them decides
         {{R"([{"name": "all", "pe_rows": 2, "pe_columns": 2, "operators": ["mult", "shift", "add"]}])",
           R"([{"name": "none", "pe_rows": 2, "pe_columns": 2, "operators": []}])"},
          {}}},
        {"accelerator.pe_rows", {{"2"}, {}}},
        {"accelerator.pe_columns", {{"2"}, {}}},
        {"accelerator.ifmap_register_words", {{"2", "1"}, {bytes}}},
        {"accelerator.weight_register_words", {{"2", "1"}, {bytes}}},
        {"accelerator.psum_register_words", {{"1"}, {bytes}}},
        {"accelerator.buffer_words", {{"150", "60"}, {}}},
        {"accelerator.clock_mhz", {{"100"}, {}}},
        {"accelerator.word_bits", {{"8", "1"}, {few_words}}},
        {"accelerator.weights_in_buffer", {{"yes"}, {}}},
        {"accelerator.weight_prefetch_words", {{"65400"}, {}}},
        {"accelerator.psum_bits", {{"24", "40"}, {integers}}},
        {"accelerator.ifmap_bus_bits", {{"0.01"}, {}}},
        {"accelerator.weight_bus_bits", {{"0.01"}, {}}},
        {"accelerator.psum_in_bus_bits",
         {{"0.01"}, {scarce, stationary, stationary + Words{"--layer", "conv_1"}}}},
        {"accelerator.psum_out_bus_bits", {{"0.01"}, {}}},
        {"accelerator.dram_mb_per_s", {{"1"}, {}}},
        {"accelerator.ifmap_buffering", {{"single"}, {few_words}}},
        {"accelerator.weight_buffering", {{"single"}, {few_words, held, held + few_words}}},
        {"accelerator.psum_buffering", {{"single"}, {few_words}}},
        {"accelerator.weight_loading", {{"overlapped"}, {}}},
        {"accelerator.buffer_halo", {{"kept"}, {few_words}}},
        {"accelerator.first_psum_read", {{"zeroed"}, {}}},
        {"accelerator.zero_gating", {{"no"}, {shares + with({"accelerator.run_length_bits=4"})}}},
        {"accelerator.run_length_bits", {{"4"}, {shares}}},
        {"accelerator.vector_lanes", {{"1"}, {integers}}},
        {"accelerator.pe_overhead_um2",
         {{"100"}, {by_area, small + by_area, small + Words{"--iso-area"}}}},
        {"accelerator.dram_latency_cycles", {{"5000"}, {}}},
        {"accelerator.dram_burst_bits", {{"8192"}, {}}},
        {"accelerator.buffer_banks", {{"1"}, {}}},
        {"accelerator.buffer_bank_bits", {{"1"}, {}}},
        {"accelerator.input_fifo_tiles", {{"1"}, {{"--dataflow", "output-stationary"}}}},
        {"conventions.depthwise", {{"own_input"}, {}}},
        {"conventions.grouped", {{"one_layer_per_group"}, {}}},
        {"conventions.factors", {{"exact"}, {}}},
        {"conventions.single_row_tiles",
         {{"all"}, {with({"accelerator.buffer_words=90"}), with({"accelerator.buffer_words=50"})}}},
        // machines at their limit: the smallest windows and tiles that the layers here have
        {"conventions.limits.pes",
         {{"at_most"}, {with({"accelerator.pe_rows=8", "accelerator.pe_columns=8"})}}},
        {"conventions.limits.ifmap_register",
         {{"at_most"}, {with({"accelerator.ifmap_register_words=3"})}}},
        {"conventions.limits.weight_register",
         {{"at_most"}, {with({"accelerator.weight_register_words=3"})}}},
        {"conventions.limits.psum_register",
         {{"below"}, {with({"accelerator.psum_register_words=1"})}}},
        {"conventions.limits.buffer",
         {{"at_most"},
          {with({"accelerator.buffer_words=101"}), with({"accelerator.buffer_words=56"})}}},
        {"conventions.data_bits", {{"activation"}, {shift}}},
        {"conventions.latency_reference_bits", {{"16"}, {}}},
        {"conventions.operations_billed", {{"all"}, {prices}}},
        {"conventions.operation_type",
         {{R"({"mult": "int8", "shift": "int32", "add": "fp32"})"}, {}}},
        {"conventions.operation_energy", {{"paper-table1"}, {{"--op", "add"}}}},
        {"conventions.access_energy", {{"../accesses.json"}, {}}},
        {"conventions.free_levels", {{R"({"mult": ["dram"], "shift": ["dram"]})"}, {}}},
        {"conventions.objective", {{"energy", "latency"}, {}}},
        {"conventions.classifier_billed_as_stem", {{R"(["mult", "add"])"}, {}}},
    };
    for (const auto &op : operator_names()) { // run it, and give it a type that has a price
        const Words run = {"--op", op, "--ops", op},
                    typed = with({"conventions.operation_type." + op + "=int32"});
        all["conventions.operation_type." + op] = {{"int8", "int32"}, {run, run + prices, prices}};
        all["conventions.free_levels." + op] = {{R"(["dram"])", "[]"}, {run, run + prices + typed}};
    }
    return all;
}

// Every key that there is, from the program's own tables.
inline Words simulation_keys()
{
    Words all;
    for (const char *const *k = mf_accelerator_other_members; *k; k++)
        all.push_back(std::string("accelerator.") + *k);
    for (const char *const *k = mf_accelerator_keys; *k; k++)
        all.push_back(std::string("accelerator.") + *k);
    for (const char *const *k = mf_published_convention_keys; *k; k++) {
        std::string key = std::string("conventions.") + *k, name = *k;
        if (name != "limits")
            all.push_back(key);
        for (const char *const *limit = mf_published_limit_keys; name == "limits" && *limit;
             limit++)
            all.push_back(key + "." + *limit);
        if (name == "operation_type" || name == "free_levels") // by operator
            for (const auto &op : operator_names())
                all.push_back(key + "." + op);
    }
    return all;
}

// ---- training ----------------------------------------------------------------------------------

inline const std::vector<KeySetting> &training()
{
    static const Words run = {"--set",    "data=cifar10:../c10", "--set", "epochs=2", "--set",
                              "batch=16", "--checkpoint",        "c.npz", "--log",    "c.jsonl"},
                       learning = {"counts only in mulfree train"},
                       begun = {"counts only without --resume and --init"},
                       shifts = {"counts only where Shift layers are trained"},
                       adds = {"counts only where Add layers are trained"},
                       mode = {"shift_mode cannot change"},
                       seeds = {"the seeds are those of the file"},
                       single = {"counts only with an augmented network",
                                 "counts only with --set mutate_stop above 0",
                                 "counts only where Add layers with batch norm get added channels",
                                 "counts only with --set remap=laplace",
                                 "counts only where an operator makes its weights",
                                 "counts only with --set remap_scale above 0"},
                       stays = {"augment cannot change", "remap cannot change"},
                       fits = {"counts only with --set remap_fit", "counts only without remap_fit",
                               "counts only with remap_fc"};
    static const std::vector<KeySetting> all = {
        {"train", Words{"../net.json"} + run, single + shifts + adds, "", {}},
        {"train", Words{"../net.json", "--op", "shift"} + run, single + adds, "", {}},
        {"train", Words{"../net.json", "--op", "add"} + run, single + shifts, "", {}},
        {"train",
         Words{"../wide.json", "--op", "shift", "--set", "augment=mult", "--set", "remap=laplace",
               "--set", "remap_scale=0.05"} +
             run,
         adds + single + fits + Words{"freeze counts only without augment"},
         "",
         {}},
        {"train",
         Words{"../wide.json", "--op", "shift", "--set", "remap=laplace", "--set",
               "remap_fit=../fits1.json", "--set", "remap_fc=affine"} +
             run,
         adds + single + fits,
         "",
         {}},
        {"train",
         Words{"../net.json", "--op", "shift", "--set", "augment=mult", "--set",
               "weight_sharing=no"} +
             run,
         adds + single +
             Words{"counts only with weight_sharing", "freeze counts only without augment",
                   "counts only for networks in which channels between blocks"},
         "",
         {}},
        {"train",
         Words{"../wide.json", "--op", "add", "--set", "augment=mult"} + run,
         shifts + single + Words{"freeze counts only without augment"},
         "",
         {}},
        {"train",
         Words{"../net.json", "--init", "../begin.npz"} + run,
         single + shifts + adds + begun,
         "",
         {}},
        {"train",
         {"--resume", "mult.npz", "--set", "epochs=2", "--log", "c.jsonl"},
         single + stays + shifts + adds + begun,
         "",
         {"mult.npz"}},
        {"train",
         {"--resume", "shift.npz", "--set", "epochs=2", "--log", "c.jsonl"},
         single + stays + adds + begun + mode,
         "",
         {"shift.npz"}},
        {"train",
         {"--resume", "add.npz", "--set", "epochs=2", "--log", "c.jsonl"},
         single + stays + shifts + begun,
         "",
         {"add.npz"}},
        // all that was asked for is done, and there is nothing to write
        {"train",
         {"--resume", "mult.npz"},
         single + stays + shifts + adds + begun +
             Words{"counts only with epochs left", "counts only with --set norm_batches=0",
                   "counts only with --set schedule=step", "counts only with a teacher"},
         "",
         {"mult.npz"}},
        {"experiment",
         {"../trainings_mult.json", "-f", "json"},
         single + shifts + adds + seeds,
         "",
         {}},
        {"experiment", {"../trainings_shift.json", "-f", "json"}, single + adds + seeds, "", {}},
        {"experiment", {"../trainings_add.json", "-f", "json"}, single + shifts + seeds, "", {}},
        {"eval", {"../mult.npz", "-f", "json"}, learning + single + shifts + adds, "", {}},
        {"eval", {"../shift.npz", "-f", "json"}, single + stays + learning + adds + mode, "", {}},
        {"eval", {"../add.npz", "-f", "json"}, single + stays + learning + shifts, "", {}},
        {"trace",
         {"export", "../mult.npz", "-o", "t.npz", "-f", "json"},
         learning + single + shifts + adds,
         "",
         {}},
        {"trace",
         {"export", "../shift.npz", "-o", "t.npz", "-f", "json"},
         single + stays + learning + adds + mode,
         "",
         {}},
        {"trace",
         {"export", "../add.npz", "-o", "t.npz", "-f", "json"},
         single + stays + learning + shifts,
         "",
         {}},
        {"trace",
         {"make", "../net.json", "--random", "1", "-o", "t.npz"},
         {"--set counts only in trace export"},
         "",
         {}},
        {"trace",
         {"info", "../run.npz", "-f", "json"},
         {"--set counts only in trace export"},
         "",
         {}},
    };
    return all;
}

inline const std::map<std::string, KeyRow> &training_values()
{
    static const std::string threads = std::thread::hardware_concurrency() == 1 ? "2" : "1";
    static const Words heard = {"-v"}, averages = {"--set", "norm_batches=0"},
                       taught = {"--set", "teacher=../mult.npz"},
                       fall = {"--set", "warmup_epochs=0"},
                       steps = {"--set", "warmup_epochs=0", "--set", "schedule=step"};
    static const std::map<std::string, KeyRow> all = {
        {"data", {{"cifar10:../other10"}, {}}},
        {"epochs", {{"3"}, {}}},
        {"batch", {{"8", "1"}, {heard}}},
        {"shards", {{"2"}, {}}},
        {"rate", {{"0.5"}, {}}},
        {"warmup_epochs", {{"1"}, {}}},
        {"warmup_rate", {{"0.3"}, {}}},
        {"schedule", {{"triangular", "step"}, {fall}}},
        {"milestones", {{"1"}, {steps}}},
        {"step_factor", {{"0.5"}, {steps}}},
        {"momentum", {{"0.5"}, {}}},
        {"weight_decay", {{"0.5"}, {}}},
        {"freeze", {{"depthwise_3", "depthwise_2"}, {}}},
        {"label_smoothing", {{"0.5"}, {}}},
        {"teacher", {{"../mult.npz"}, {}}},
        {"teacher_weight", {{"0.9"}, {taught}}},
        {"teacher_temperature", {{"1"}, {taught}}},
        {"dropout", {{"0.5"}, {}}},
        {"ema", {{"0.5"}, {}}},
        {"norm_momentum", {{"0.5"}, {averages}}},
        {"norm_epsilon", {{"0.1"}, {}}},
        {"norm_batches", {{"1", "0"}, {}}},
        {"shift_mode", {{"ps"}, {}}},
        {"shift_bits", {{"3"}, {}}},
        {"activation_integer_bits", {{"2"}, {}}},
        {"activation_fraction_bits", {{"2"}, {}}},
        {"add_eta", {{"2"}, {}}},
        {"add_deviation", {{"2"}, {}}},
        {"residual_gamma", {{"0.5"}, {}}},
        {"crop_padding", {{"1"}, {}}},
        {"flip", {{"no"}, {}}},
        {"resized_crop", {{"0.5"}, {{"--set", "crop_padding=0"}}}},
        {"brightness", {{"0.5"}, {}}},
        {"saturation", {{"0.5"}, {}}},
        {"mean", {{"0.1,0.2,0.3"}, {}}},
        {"deviation", {{"0.1,0.2,0.3"}, {}}},
        {"seed", {{"7"}, {}}},
        {"threads", {{threads, "2"}, {heard}}},
        {"augment", {{"mult", "shift"}, {}}},
        {"augment_width", {{"1,3"}, {}}},
        {"augment_expand", {{"1,3"}, {}}},
        {"augment_weight", {{"0.2"}, {}}},
        {"augment_width_until", {{"1", "0"}, {}}},
        {"augment_expand_until", {{"0"}, {}}},
        {"augment_sort_until", {{"0", "1"}, {}}},
        {"augment_sort_momentum", {{"no"}, {}}},
        {"augment_depth", {{"1"}, {}}},
        {"augment_depth_start", {{"0.4"}, {{"--set", "augment_depth=1"}}}},
        {"augment_depth_stop", {{"0.9"}, {{"--set", "augment_depth=1"}}}},
        {"weight_sharing", {{"no", "yes"}, {}}},
        {"augment_mix", {{"0.5"}, {}}},
        {"augment_norms", {{"parts"}, {}}},
        {"mutate_start", {{"0.4"}, {{"--set", "mutate_stop=0.5"}}}},
        {"mutate_stop", {{"0.9", "0"}, {}}},
        {"remap", {{"laplace", "no"}, {}}},
        {"remap_fit", {{"../fits2.json"}, {}}},
        {"remap_fc", {{"taps", "mlp"}, {}}},
        {"remap_scale", {{"0.3"}, {}}},
        {"remap_location", {{"0.3"}, {}}},
        {"remap_skip", {{"yes"}, {}}},
        {"remap_moments", {{"tensor"}, {}}},
        {"remap_gradient", {{"whole"}, {}}},
        {"remap_kl", {{"100"}, {}}},
    };
    return all;
}

inline Words training_keys()
{
    Words all;
    for (const mf_training_key *k = mf_training_keys; k->name; k++)
        all.push_back(k->name);
    return all;
}

} // namespace matrix

#endif
