// What a sweep says is best, held against all of its rows: by hand, for many bounds.
#include "tests/support/support.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <vector>

namespace
{
struct Row {
    size_t point;
    std::string group; // "mobilenetv2-tiny as mult"
    double energy, latency, edp, utilisation, pes, memory;
    bool meets, runs;
    double of(const std::string &quantity) const
    {
        return quantity == "energy_mj"      ? energy
               : quantity == "latency_ms"   ? latency
               : quantity == "edp_mj_ms"    ? edp
               : quantity == "utilisation"  ? utilisation
               : quantity == "memory_bytes" ? memory
                                            : pes;
    }
};

struct Said {
    std::string text;
    int code;
};

Said run(const Scratch &scratch, const std::string &words)
{
    const std::string line = "cd " + scratch.file("") + " && MULFREE_DATA=" + MF_SOURCE_DIR +
                             " NO_COLOR=1 " + program_path() + " " + words + " 2>err";
    Said said = {"", -1};
    FILE *pipe = popen(line.c_str(), "r");
    std::array<char, 4096> bytes;
    while (size_t n = fread(bytes.data(), 1, bytes.size(), pipe))
        said.text.append(bytes.data(), n);
    said.code = WEXITSTATUS(pclose(pipe));
    return said;
}

std::vector<std::string> split(const std::string &line, char by)
{
    std::vector<std::string> parts;
    std::stringstream stream(line);
    for (std::string part; std::getline(stream, part, by);)
        parts.push_back(part);
    return parts;
}

std::vector<Row> rows_of(const std::string &csv)
{
    std::stringstream stream(csv);
    std::string line;
    std::getline(stream, line);
    std::map<std::string, size_t> at;
    const auto head = split(line, ',');
    for (size_t i = 0; i < head.size(); i++)
        at[head[i]] = i;
    std::vector<Row> rows;
    while (std::getline(stream, line)) {
        auto cells = split(line, ',');
        cells.resize(head.size());
        const auto number = [&](const char *key) {
            return at.count(key) && !cells[at[key]].empty() ? std::stod(cells[at[key]]) : 0;
        };
        Row row = {};
        row.point = (size_t)number("point");
        row.group = cells[at["network"]] + " as " + cells[at["op"]];
        row.energy = number("energy_mj");
        row.latency = number("latency_ms");
        row.edp = number("edp_mj_ms");
        row.utilisation = number("utilisation");
        // the array and its memories, from the row's own keys
        row.pes = number("pe_rows") * number("pe_columns");
        row.memory = (row.pes * (number("ifmap_register_words") + number("weight_register_words") +
                                 number("psum_register_words")) +
                      number("buffer_words")) *
                     32 / 8;
        row.meets = !at.count("meets") || cells[at["meets"]] == "true";
        row.runs = !cells[at["energy_mj"]].empty();
        rows.push_back(row);
    }
    return rows;
}

struct Bound {
    std::string quantity;
    bool at_most;
    double bound;
    bool holds(const Row &row) const
    {
        const double value = row.of(quantity);
        return at_most ? value <= bound : value >= bound;
    }
};

// Is another point better, and not only another one?
bool is_better(const std::vector<Row> &rows, const std::string &optimise, size_t a, size_t b)
{
    return rows[a].of(optimise) != rows[b].of(optimise);
}

// The first of those with least (or most), SIZE_MAX for none.
size_t best_of(const std::vector<Row> &rows, const std::string &group, const std::string &optimise,
               const std::vector<Bound> &bounds, const Bound *but)
{
    size_t best = SIZE_MAX;
    double least = INFINITY;
    for (const Row &row : rows) {
        bool good = row.group == group && row.runs;
        for (const Bound &bound : bounds)
            good = good && (&bound == but || bound.holds(row));
        const double score = optimise == "utilisation" ? -row.of(optimise) : row.of(optimise);
        if (good && score < least) {
            least = score;
            best = row.point;
        }
    }
    return best;
}

std::string spec(const std::string &optimise, const std::vector<Bound> &bounds)
{
    std::stringstream text;
    text.precision(17);
    text << R"({"name": "s", "about": "a", "grid": {"network": "mobilenetv2-tiny",
        "pe_rows": [4, 8, 12, 32], "pe_columns": [6, 12, 14], "buffer_words": [2048, 65536],
        "op": ["mult", "shift", "add"]}, "optimise": ")"
         << optimise << "\"";
    for (size_t i = 0; i < bounds.size(); i++)
        text << (i ? ", " : ", \"subject_to\": {") << "\"" << bounds[i].quantity << "\": {\""
             << (bounds[i].at_most ? "at_most" : "at_least") << "\": " << bounds[i].bound << "}";
    text << (bounds.empty() ? "}" : "}}");
    return text.str();
}

// The line that begins so, without what was asked for.
std::string line_of(const std::string &text, const std::string &begin)
{
    for (const auto &line : split(text, '\n'))
        if (line.rfind(begin, 0) == 0)
            return line.substr(begin.size());
    return "";
}
} // namespace

TEST(Sweep, ChoosesWhatItsRowsSay)
{
    Scratch scratch;
    const std::vector<std::string> quantities = {"energy_mj", "latency_ms",   "n_pes",
                                                 "edp_mj_ms", "memory_bytes", "utilisation"};
    scratch.write("s.json", spec("energy_mj", {}));
    const auto rows = rows_of(run(scratch, "sweep s.json --format csv").text);
    ASSERT_EQ(rows.size(), 72u);
    std::mt19937 random(7);
    size_t n_bound = 0, n_none = 0, n_free = 0;
    for (uint64_t i = 0; i < n_cases(12); i++) {
        const std::string optimise = quantities[random() % quantities.size()];
        std::vector<Bound> bounds;
        for (const auto &quantity : quantities)
            if (random() % 3 == 0) { // a bound that is a value of some row, or beyond all
                double bound = rows[random() % rows.size()].of(quantity);
                const bool at_most = random() % 4 != 0;
                if (random() % 8 == 0)
                    bound *= at_most ? 1e-3 : 1e3;
                bounds.push_back({quantity, at_most, bound});
            }
        SCOPED_TRACE(spec(optimise, bounds));
        scratch.write("s.json", spec(optimise, bounds));
        const Said table = run(scratch, "sweep s.json --format csv"),
                   text = run(scratch, "sweep s.json");
        const auto judged = rows_of(table.text);
        ASSERT_EQ(judged.size(), rows.size());
        for (size_t k = 0; k < rows.size(); k++) {
            bool meets = rows[k].runs;
            for (const Bound &bound : bounds)
                meets = meets && bound.holds(rows[k]);
            EXPECT_EQ(bounds.empty() || meets, judged[k].meets || bounds.empty()) << k;
        }
        bool any = false;
        for (const char *op : {"mult", "shift", "add"}) {
            const std::string group = std::string("mobilenetv2-tiny as ") + op;
            const std::string line = line_of(text.text, group + ": ");
            const size_t best = best_of(rows, group, optimise, bounds, nullptr);
            any = any || best != SIZE_MAX;
            if (best == SIZE_MAX) {
                EXPECT_EQ(line.rfind("no point meets ", 0), 0u) << line;
                n_none++;
                continue;
            }
            EXPECT_EQ(line.rfind("best is point " + std::to_string(best) + " (", 0), 0u) << line;
            size_t n_binding = 0;
            for (const Bound &bound : bounds) {
                const bool binds =
                    is_better(rows, optimise, best_of(rows, group, optimise, bounds, &bound), best);
                const std::string words =
                    "; " + bound.quantity + (bound.at_most ? " at most " : " at least ");
                n_binding += binds;
                EXPECT_EQ(line.find(words) != std::string::npos, binds) << line;
            }
            n_bound += n_binding;
            const bool frees =
                !is_better(rows, optimise, best_of(rows, group, optimise, {}, nullptr), best);
            EXPECT_EQ(line.find("no constraint binds") != std::string::npos,
                      !bounds.empty() && frees && !n_binding)
                << line;
            n_free += frees;
        }
        EXPECT_EQ(table.code, any ? 0 : 5);
        EXPECT_EQ(text.code, any ? 0 : 5);
    }
    if (n_cases(12) < 12)
        return; // too few of them for each kind of line to be there
    EXPECT_GT(n_bound, 0u);
    EXPECT_GT(n_none, 0u);
    EXPECT_GT(n_free, 0u);
}

// --sort puts the same rows in order; --top keeps the best of each operator.
TEST(Sweep, SortsAndKeepsTheBest)
{
    Scratch scratch;
    scratch.write("s.json", spec("energy_mj", {{"n_pes", true, 100}}));
    const auto rows = rows_of(run(scratch, "sweep s.json --format csv").text);
    for (const std::string key :
         {"energy_mj", "latency_ms", "edp_mj_ms", "n_pes", "memory_bytes", "utilisation"}) {
        const auto sorted = rows_of(run(scratch, "sweep s.json --format csv --sort " + key).text);
        ASSERT_EQ(sorted.size(), rows.size());
        std::vector<bool> seen(rows.size());
        for (size_t i = 0; i < sorted.size(); i++) {
            seen[sorted[i].point] = true;
            const double sign = key == "utilisation" ? -1 : 1;
            if (i > 0) {
                EXPECT_LE(sign * sorted[i - 1].of(key), sign * sorted[i].of(key)) << key << i;
            }
            EXPECT_EQ(sorted[i].energy, rows[sorted[i].point].energy);
        }
        EXPECT_EQ(std::count(seen.begin(), seen.end(), true), (long)rows.size()) << key;
    }
    const auto top = rows_of(run(scratch, "sweep s.json --format csv --top 3").text);
    ASSERT_EQ(top.size(), 9u);
    for (size_t i = 0; i < top.size(); i++) {
        EXPECT_TRUE(top[i].meets);
        size_t n_better = 0;
        for (const Row &row : rows)
            n_better += row.group == top[i].group && row.meets &&
                        (row.energy < top[i].energy ||
                         (row.energy == top[i].energy && row.point < top[i].point));
        EXPECT_EQ(n_better, i % 3);
    }
    EXPECT_EQ(run(scratch, "sweep s.json --sort energy").code, 2);
    EXPECT_EQ(run(scratch, "sweep s.json --top 0").code, 2);
}

// An axis says what its option says: each point of a sweep over axes is the point of a sweep that has
// the values as options.
TEST(Sweep, AxesAreOptions)
{
    Scratch scratch;
    const std::string one = R"("network": "mobilenetv2-tiny", "op": "shift", "pe_rows": [8])";
    scratch.write(
        "all.json",
        R"({"name": "s", "about": "a", "grid": {"accelerator": ["eyeriss-12x14", "mcu-8x8"],
        "dataflow": ["row-stationary", "weight-stationary"], "table": ["consistent-45nm", "flat-45nm"],
        "objective": ["edp", "energy"], "bits": [8, "16"], "width": [1, 0.5], "batch": [1, 2],
        "node": [45, 28], "resolution": 32, )" +
            one + "}}");
    scratch.write("one.json", R"({"name": "s", "about": "a", "grid": {)" + one + "}}");
    const auto all =
        rows_of(run(scratch, "sweep all.json --accounting consistent --format csv").text);
    ASSERT_EQ(all.size(), 256u);
    std::mt19937 random(3);
    for (uint64_t i = 0; i < n_cases(8); i++) {
        const size_t point = random() % all.size();
        const auto digit = [&](int k) { return point >> k & 1; };
        const std::string words =
            std::string("sweep one.json --accounting consistent --format csv -r 32") + " -a " +
            (digit(7) ? "mcu-8x8" : "eyeriss-12x14") + " --dataflow " +
            (digit(6) ? "weight" : "row") + "-stationary --table " +
            (digit(5) ? "flat-45nm" : "consistent-45nm") + " --objective " +
            (digit(4) ? "energy" : "edp") + " --bits " + (digit(3) ? "16" : "8") + " --width " +
            (digit(2) ? "0.5" : "1") + " --batch " + (digit(1) ? "2" : "1") + " --node " +
            (digit(0) ? "28" : "45");
        const auto alone = rows_of(run(scratch, words).text);
        ASSERT_EQ(alone.size(), 1u) << words;
        EXPECT_EQ(alone[0].energy, all[point].energy) << words;
        EXPECT_EQ(alone[0].latency, all[point].latency) << words;
    }
}

// A node is one of the table that the point has, whichever says which; what knows no such node is named.
TEST(Sweep, NodesAreThoseOfTheTable)
{
    Scratch scratch;
    const auto spec = [&](const std::string &axes) {
        scratch.write("n.json",
                      R"({"name": "s", "about": "a", "grid": {"network": "mobilenetv2-tiny",
            "op": "shift", "resolution": 32, )" +
                          axes + "}}");
    };
    const std::string consistent = "sweep n.json --accounting consistent --format csv ";
    spec(R"("node": [65, 45, 28, 7])");
    const auto nodes = rows_of(run(scratch, consistent).text);
    ASSERT_EQ(nodes.size(), 4u);
    for (size_t i = 1; i < nodes.size(); i++)
        EXPECT_LT(nodes[i].energy, nodes[i - 1].energy);
    // 45 nm is the table as it is
    spec(R"("pe_rows": 16)");
    EXPECT_EQ(rows_of(run(scratch, consistent).text).at(0).energy, nodes[1].energy);
    const struct {
        const char *axes, *options;
        int code;
        const char *says;
    } bad[] = {{R"("node": [45, 40])", "", 5, "knows no node of 40 nm"},
               {R"("node": [28], "table": ["wires-45nm", "horowitz-45nm"])", "", 5,
                "horowitz-45nm, of 45 nm, does not say what other nodes cost"},
               {R"("node": [0.5])", "", 5, "whole nanometres"},
               {R"("node": ["small"])", "", 5, "number"},
               {R"("node": [28])", "--node 16", 2, "the axis node replaces it"}};
    for (const auto &b : bad) {
        spec(b.axes);
        const auto told = run(scratch, consistent + b.options);
        const std::string why = read_text(scratch.file("err"));
        EXPECT_EQ(told.code, b.code) << b.axes << why;
        EXPECT_NE(why.find(b.says), std::string::npos) << why;
    }
    spec(R"("node": [28])");
    EXPECT_EQ(run(scratch, "sweep n.json").code, 2);
    EXPECT_NE(read_text(scratch.file("err")).find("axis node counts only with --accounting"),
              std::string::npos);
    spec(R"("node": [45, 28], "table": ["flat-45nm", "wires-45nm"])");
    const auto both = rows_of(run(scratch, consistent + "--dram hbm2").text);
    ASSERT_EQ(both.size(), 4u);
    spec(R"("pe_rows": 16)");
    const std::string alone = consistent + "--dram hbm2 --table wires-45nm --node 28";
    EXPECT_EQ(rows_of(run(scratch, alone).text).at(0).energy, both[3].energy);
}

namespace
{
// Energies, and energy x area, of MobileNetV2 as Mult by the words of one memory.
struct Sized {
    std::vector<double> energy, times_area;
    Sized(const Scratch &scratch, const std::string &key, const std::string &values,
          const std::string &table)
    {
        scratch.write("m.json",
                      R"({"name": "m", "about": "a", "grid": {"network": "mobilenetv2-w0.35",
            "op": "mult", ")" +
                          key + "\": [" + values + R"(]}, "pareto": {"minimise": ["energy_mj")" +
                          (table == "flat-45nm" ? "]}}" : R"(, "area_mm2"]}})"));
        const std::string csv =
            run(scratch, "sweep m.json --accounting consistent --bits 16 --objective "
                         "energy --format csv --table " +
                             table)
                .text;
        std::stringstream stream(csv);
        std::string line;
        std::getline(stream, line);
        const auto names = split(line, ',');
        const auto at = [&](const char *name) {
            return static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
        };
        while (std::getline(stream, line)) {
            const auto cells = split(line, ',');
            energy.push_back(std::stod(cells.at(at("energy_mj"))));
            if (at("area_mm2") < names.size())
                times_area.push_back(energy.back() * std::stod(cells.at(at("area_mm2"))));
        }
    }
};

bool is_inside(const std::vector<double> &of)
{
    const auto best = std::min_element(of.begin(), of.end());
    return of.size() > 2 && best != of.begin() && best != of.end() - 1;
}
} // namespace

// Where a memory costs what its size costs, the best is neither the smallest nor the largest, in energy
// and in energy x area; where it costs the same whatever its size, more is never worse.
TEST(Sweep, MemoriesHaveABestSizeInBetween)
{
    Scratch scratch;
    const struct {
        const char *key, *words;
    } memories[] = {{"buffer_words", "512, 1024, 2048, 4096, 8192, 65536, 262144"},
                    {"ifmap_register_words", "4, 8, 12, 24, 48, 96"},
                    {"weight_register_words", "1, 4, 8, 12, 16, 48, 96, 224, 960"},
                    {"psum_register_words", "1, 2, 4, 8, 16, 32"}};
    for (const auto &m : memories) {
        const Sized sized(scratch, m.key, m.words, "consistent-45nm"),
            flat(scratch, m.key, m.words, "flat-45nm");
        EXPECT_TRUE(is_inside(sized.energy)) << m.key;
        EXPECT_TRUE(is_inside(sized.times_area)) << m.key;
        ASSERT_EQ(flat.energy.size(), sized.energy.size());
        for (size_t i = 1; i < flat.energy.size(); i++)
            EXPECT_LE(flat.energy[i], flat.energy[i - 1] * (1 + 1e-9)) << m.key;
    }
    // and --why has the reason: twice the scratchpad costs more per access, half brings words again
    const std::string why =
        run(scratch,
            "map mobilenetv2-w0.35 -l 12 --bits 16 --objective energy --why --set "
            "accelerator.weight_register_words=48 --set accelerator.buffer_words=2048 --set "
            "accelerator.psum_register_words=8")
            .text;
    size_t n = 0;
    for (size_t at = 0; (at = why.find("weight registers", at)) != std::string::npos; at++, n++)
        EXPECT_GT(std::stod(why.substr(why.find("energy ", at) + 7)), 1.0) << why;
    EXPECT_EQ(n, 2u) << why;
}
