// What the matrix runs the program on, and what a run leaves: small files of every kind, made by
// the program where it makes them, and the outcome of a run without what only echoes an option.
#ifndef MF_TESTS_MATRIX_WORLD_H
#define MF_TESTS_MATRIX_WORLD_H

extern "C" {
#include "base/zip.h"
#include "models/accelerator.h"
}
#include "tests/support/support.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <regex>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace matrix
{
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// Exit code, streams, and the files that were written, by name.
struct Outcome {
    int code;
    std::string out, err;
    std::map<std::string, std::string> files;
};

inline std::string line_of(const Words &words)
{
    std::string line;
    for (const auto &word : words)
        line += (line.empty() ? "" : " ") + word;
    return line;
}

// Columns that repeat what was asked for would differ whatever is done with it; those of time
// differ by themselves.
inline bool is_echo(const std::string &key)
{
    static const Words others = {"accelerator", "op", "data", "seconds", "images_per_s", "digest"};
    for (const char *const *k = mf_accelerator_keys; *k; k++)
        if (key == *k)
            return true;
    return std::find(others.begin(), others.end(), key) != others.end();
}

// JSON without the values of such columns; other text is left as it is.
inline std::string without_echo(const std::string &json)
{
    std::string kept;
    if (json.empty() || (json[0] != '[' && json[0] != '{'))
        return json;
    for (size_t i = 0; i < json.size();) {
        size_t quote = json[i] == '"' ? json.find('"', i + 1) : std::string::npos;
        bool key = quote != std::string::npos && json.compare(quote + 1, 2, ": ") == 0;
        if (!key || !is_echo(json.substr(i + 1, quote - i - 1))) {
            kept += json[i++];
            continue;
        }
        for (i = quote + 3; i < json.size() && !strchr(",}\n", json[i]); i++) {
        }
    }
    return kept;
}

// What trainings at work say of their speed.
inline std::string without_times(const std::string &lines)
{
    static const std::regex times(", [0-9.]+ images/s, [^\n]* left");
    return std::regex_replace(lines, times, "");
}

// The arrays of an .npz: its texts say how it was made.
inline std::string arrays_of(const std::string &path)
{
    std::string all;
    mf_zip_reader *reader = nullptr;
    EXPECT_OK(mf_zip_open(path.c_str(), &reader, D));
    for (size_t i = 0; reader && i < mf_zip_count(reader); i++) {
        const mf_zip_entry *entry = mf_zip_at(reader, i);
        std::string name = entry->name, bytes(entry->n_bytes, '\0');
        if (fs::path(name).extension() == ".json")
            continue;
        EXPECT_OK(mf_zip_read(reader, entry, bytes.data(), D));
        all += name + bytes;
    }
    mf_zip_close(reader);
    return all;
}

class World
{
  public:
    World()
    {
        fs::create_directory(scratch_.file("run"));
        setenv("MULFREE_DATA", MF_SOURCE_DIR, 1);
        posix_spawn_file_actions_init(&places_);
        posix_spawn_file_actions_addchdir_np(&places_, scratch_.file("run").c_str());
        for (int fd : {1, 2})
            posix_spawn_file_actions_addopen(&places_, fd, fd == 1 ? "../out" : "../err",
                                             O_WRONLY | O_CREAT | O_TRUNC, 0666);
        write_networks();
        write_data();
        write_descriptions();
        make(
            {"trace", "make", "../net.json", "--random", "1", "--op", "shift", "-o", "../run.npz"});
        nest("nest.json", "depthwise_3", {});
        nest("nest2.json", "depthwise_3", {"--dataflow", "no-local-reuse"});
        nest("nest_large.json", "depthwise_3", {"-r", "32"});
        nest("nest_wide.json", "depthwise_3", {"-w", "2"});
        make({"map", "../layers.csv", "-l", "0", "--dataflow", "no-local-reuse", "-f", "json", "-o",
              "../nest_csv.json"});
        nest("nest_fc.json", "fc_8", {"--classes", "7"});
        scratch_.write("nest_weights.json",
                       changed(scratch_.file("nest.json"), "[\"weight\"]", "[]"));
        for (const char *op : {"mult", "shift", "add"})
            make({"train", "../net.json", "--op", op, "--data", "cifar10:../c10", "--set",
                  "epochs=1", "--set", "batch=16", "--log", "../" + std::string(op) + ".jsonl",
                  "--checkpoint", "../" + std::string(op) + ".npz"});
        begin("begin.npz", {"--data", "cifar10:../c10", "--set", "seed=9"});
        begin("wide.npz", {"--data", "cifar10:../c10", "--width", "2"});
        for (const char *seed : {"1", "2"}) {
            for (const char *op : {"mult", "shift"})
                make({"train", "../wide.json", "--op", op, "--data", "cifar10:../c10", "--set",
                      "epochs=0", "--set", "batch=16", "--set", "seed=" + std::string(seed),
                      "--checkpoint", "../wide_" + std::string(op) + seed + ".npz"});
            make({"weights", "fit", std::string("../wide_shift") + seed + ".npz", "--learnt",
                  "--from", std::string("../wide_mult") + seed + ".npz", "-o",
                  "../fits" + std::string(seed) + ".json"});
        }
        begin("hundred.npz", {"--data", "cifar100:../c100", "--classes", "100"});
    }

    ~World()
    {
        posix_spawn_file_actions_destroy(&places_);
    }

    // In an empty folder, beside the files that `keeps` names from the world.
    Outcome run(const Words &words, const Words &keeps = {}) const
    {
        for (const auto &entry : fs::directory_iterator(scratch_.file("run")))
            fs::remove_all(entry.path());
        for (const auto &name : keeps)
            fs::copy(scratch_.file(name), scratch_.file("run/" + name));
        Outcome o = {execute(words), text("out"), text("err"), {}};
        o.err = without_times(o.err);
        bool echoes = words[0] == "show" || words[0] == "trace"; // there, operators are the answer
        if (!echoes)
            o.out = without_echo(o.out);
        for (const auto &entry : fs::recursive_directory_iterator(scratch_.file("run")))
            if (entry.is_regular_file()) {
                std::string name = fs::relative(entry.path(), scratch_.file("run"));
                bool npz = entry.path().extension() == ".npz";
                o.files[name] =
                    npz ? arrays_of(entry.path()) : without_echo(read_text(entry.path()));
            }
        return o;
    }

    // A file of the world, by its path.
    std::string write(const std::string &name, const std::string &bytes) const
    {
        scratch_.write(name, bytes);
        return "../" + name;
    }

    std::string path(const std::string &name) const
    {
        return scratch_.file(name);
    }

  private:
    std::string text(const std::string &name) const
    {
        return read_text(scratch_.file(name));
    }

    int execute(const Words &words) const
    {
        std::vector<char *> argv = {const_cast<char *>(program_path())};
        for (const auto &word : words)
            argv.push_back(const_cast<char *>(word.c_str()));
        argv.push_back(nullptr);
        pid_t child = 0;
        int how = 0,
            error = posix_spawn(&child, program_path(), &places_, nullptr, argv.data(), environ);
        if (error || waitpid(child, &how, 0) != child)
            return -1;
        return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
    }

    void make(const Words &words) const
    {
        EXPECT_EQ(execute(words), 0) << line_of(words) << "\n" << text("err");
    }

    void nest(const std::string &name, const std::string &layer, const Words &more) const
    {
        Words words = {"map", "../net.json", "-l", layer, "-f", "json", "-o", "../" + name};
        words.insert(words.end(), more.begin(), more.end());
        make(words);
    }

    // Weights that nobody has trained.
    void begin(const std::string &name, const Words &more) const
    {
        Words words = {"train", "../net.json", "--set",        "epochs=0",
                       "--set", "batch=16",    "--checkpoint", "../" + name};
        words.insert(words.end(), more.begin(), more.end());
        make(words);
    }

    void write_networks() const
    {
        // A stem, an inverted residual with its sum, groups, and a classifier.
        scratch_.write("net.json",
                       R"({"name": "small", "about": "a", "source": "s",
 "input": {"channels": 3, "rows": 16, "columns": 16}, "classes": 10, "activation": "relu6",
 "parts": [{"type": "conv", "name": "stem", "channels": 8, "kernel": 3, "stride": 2},
 {"type": "conv", "channels": 8, "kernel": 3, "groups": 2},
 {"type": "inverted_residual", "expand": 2, "channels": 8, "repeat": 2},
 {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})");
        // What nothing holds together can be widened.
        scratch_.write("wide.json",
                       R"({"name": "wide", "about": "a", "source": "s",
 "input": {"channels": 3, "rows": 16, "columns": 16}, "classes": 10, "activation": "relu6",
 "parts": [{"type": "conv", "name": "stem", "channels": 8, "kernel": 3, "stride": 2},
 {"type": "inverted_residual", "expand": 2, "channels": 8, "repeat": 2},
 {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})");
        scratch_.write("layers.csv",
                       "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter "
                       "Width, Channels, Num Filter, Strides,\n"
                       "depthwise_3, 10, 10, 3, 3, 4, 8, 1,\nConv2, 8, 8, 1, 1, 8, 8, 1,\n");
    }

    // CIFAR's records: labels, and pixels that no pattern repeats.
    void write_data() const
    {
        uint32_t state = 1;
        auto records = [&](size_t n, size_t n_labels, unsigned classes) {
            std::string all;
            for (size_t i = 0; i < n; i++) {
                for (size_t k = 0; k < n_labels; k++)
                    all += static_cast<char>(i % (k + 1 < n_labels ? 20 : classes)); // coarse, fine
                for (size_t k = 0; k < 3072; k++)
                    all += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
            }
            return all;
        };
        for (const char *folder : {"c10", "other10", "c100"})
            fs::create_directory(scratch_.file(folder));
        for (std::string folder : {"c10", "other10"}) {
            for (int i = 1; i <= 5; i++)
                scratch_.write(folder + "/data_batch_" + std::to_string(i) + ".bin",
                               records(8, 1, 10));
            scratch_.write(folder + "/test_batch.bin", records(40, 1, 10));
        }
        scratch_.write("c100/train.bin", records(100, 2, 100));
        scratch_.write("c100/test.bin", records(100, 2, 100));
    }

    // The text of a file with one thing changed.
    static std::string changed(const std::string &file, const std::string &from,
                               const std::string &to)
    {
        std::string text = read_text(file);
        size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << file << ": " << from;
        return at == std::string::npos ? text : text.replace(at, from.size(), to);
    }

    void write_descriptions() const
    {
        const char *array = "models/accelerators/shiftaddaug-16x12.json",
                   *table = "energy_tables/consistent-45nm.json";
        scratch_.write("acc.json", read_text(source_path(array)));
        scratch_.write("acc2.json",
                       changed(source_path(array), "\"clock_mhz\": 250", "\"clock_mhz\": 100"));
        scratch_.write("light.json", changed(source_path(array), "\"clock_mhz\": 250",
                                             "\"pe_overhead_um2\": 100, \"clock_mhz\": 250"));
        scratch_.write("accesses.json",
                       changed(source_path("energy_tables/published-predictor.json"),
                               "\"energy_pj\": 200", "\"energy_pj\": 300"));
        scratch_.write("experiment.json",
                       experiment("acc.json", "balanced", R"("mult", "shift", "add")"));
        scratch_.write("experiment2.json",
                       experiment("acc2.json", "latency", R"("mult", "shift")"));
        scratch_.write("table2.json", changed(source_path(table), "166.67", "200.5"));
        scratch_.write("sweep.json", R"({"name": "s", "about": "a", "grid": {"pe_rows": [8, 12],
 "network": ")" + scratch_.file("net.json") +
                                         R"(", "op": ["mult", "shift", "add"]}})");
        for (const char *network : {"net.json", "layers.csv"})
            scratch_.write(*network == 'n' ? "plain.json" : "plain_csv.json",
                           R"({"name": "s", "about": "a", "grid": {"network": ")" +
                               scratch_.file(network) + R"(", "op": ["mult", "shift", "add"]}})");
        scratch_.write("zeros.json",
                       R"({"layers": {"depthwise_3": {"ifmap_zero_fraction": 0.9}}})");
        for (const char *op : {"mult", "shift", "add"})
            scratch_.write("trainings_" + std::string(op) + ".json",
                           trainings(R"({"name": "one", "op": ")" + std::string(op) + R"("})"));
        scratch_.write("trainings_two.json",
                       trainings(R"({"name": "one"}, {"name": "two", "op": "add"})"));
        scratch_.write("trainings_profiles.json",
                       trainings(R"({"name": "one"}, {"name": "two", "op": "add"})",
                                 R"([1, 2], "profiles": {"a": {}, "b": {"set": {"rate": 0.5}}})"));
        scratch_.write("config.json", R"({"label_smoothing": 0.4})");
        scratch_.write("chip.json", R"({"name": "chip", "about": "a", "source": "s",
 "accelerator": "eyeriss-12x14", "table": "eyeriss-normalised", "op": "mult", "bits": "16",
 "mapping": "search", "objective": "energy", "band_percent": {"processing_ms": 100},
 "lower_is_better": [], "layers": [{"name": "L", "published": {"processing_ms": 0.001},
 "shape": {"n": 1, "g": 1, "m": 8, "c": 3, "h": 10, "r": 3, "e": 8, "stride": 1}}]})");
        scratch_.write("a.json", R"([{"network": "n", "x": 1.0}])");
        scratch_.write("b.json", R"([{"network": "n", "x": 1.1}])");
    }

    // An experiment; runs at once would say what they do in another order each time.
    std::string trainings(const std::string &arms, const std::string &seeds = "[1]") const
    {
        return R"({"name": "t", "about": "a", "kind": "training", "network": ")" +
               scratch_.file("net.json") +
               R"(", "set": {"data": "cifar10:../c10", "epochs": 2, "batch": 16},
 "arms": [)" + arms +
               R"(], "seeds": )" + seeds + "}";
    }

    // Table 3's own, with another array, networks, operators and objective.
    std::string experiment(const std::string &array, const std::string &objective,
                           const std::string &ops) const
    {
        std::string text = read_text(source_path("bench/experiments/table3.json"));
        auto put = [&](const std::string &key, const std::string &value, char end) {
            size_t at = text.find("\"" + key + "\": ") + key.size() + 4;
            text.replace(at, text.find(end, at) - at, value);
        };
        put("accelerator", "\"" + scratch_.file(array) + "\"", ',');
        put("networks", "[\"" + scratch_.file("net.json") + "\"", ']');
        put("ops", "[" + ops, ']');
        put("objective", "\"" + objective + "\"", ',');
        return text;
    }

    Scratch scratch_;
    posix_spawn_file_actions_t places_;
};

} // namespace matrix

#endif
