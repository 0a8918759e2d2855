// Are the files for Timeloop what its own rules want? They are written for every layer of AlexNet
// and MobileNetV2 with each operator, and read back with a reader of their own. Timeloop itself is
// not needed; bench/peers/timeloop runs it.
extern "C" {
#include "cli/arguments.h"
#include "cli/timeloop_nest.h"
#include "models/formats/network_file.h"
}
#include "tests/dataflows/random_nest.h"
#include "tests/support/support.h"

#include <map>
#include <numeric>
#include <set>
#include <vector>

namespace
{
const std::string letters = "NGMCPQRS";

struct Factor {
    uint64_t steps, last;
};

// A level of the architecture, from the outside in, with what the other files say of it.
struct Level {
    std::string name;
    std::map<std::string, std::string> attributes;
    uint64_t instances = 1;
    std::set<std::string> keep;
    std::map<std::string, std::map<char, Factor>> factors; // "temporal", "spatial"
    std::map<std::string, std::string> keys;
    std::set<std::string> actions;
    bool has_area = false;
    uint64_t number(const std::string &key) const
    {
        return std::stoull(attributes.at(key));
    }
};

struct Files {
    std::map<std::string, uint64_t> instance;
    std::vector<Level> levels; // the last is the MAC
    Level &level(const std::string &name)
    {
        for (Level &l : levels)
            if (l.name == name)
                return l;
        throw std::runtime_error("no level " + name);
    }
};

// "key: value" without list dashes; the value may be empty.
bool split(std::string line, std::string *key, std::string *value)
{
    size_t start = line.find_first_not_of(" -"), colon = line.find(": ");
    if (start == std::string::npos || line[0] == '#')
        return false;
    if (colon == std::string::npos)
        colon = line.find(':');
    if (colon == std::string::npos)
        return false;
    *key = line.substr(start, colon - start);
    *value = colon + 2 < line.size() ? line.substr(colon + 2) : "";
    return true;
}

std::set<std::string> words(const std::string &list)
{
    std::set<std::string> found;
    std::string text = list;
    for (char &c : text)
        c = c == '[' || c == ']' || c == ',' ? ' ' : c;
    std::istringstream in(text);
    for (std::string word; in >> word;)
        found.insert(word);
    return found;
}

std::map<char, Factor> factors(const std::string &text)
{
    std::map<char, Factor> found;
    std::istringstream in(text);
    for (std::string word; in >> word;) {
        Factor f;
        char letter;
        int n = sscanf(word.c_str(), "%c=%lu,%lu", &letter, &f.steps, &f.last);
        EXPECT_GE(n, 2) << word;
        if (n == 2)
            f.last = f.steps;
        EXPECT_TRUE(found.insert({letter, f}).second) << word;
    }
    return found;
}

Files read(const std::string &folder)
{
    Files files;
    std::string key, value, line, section;
    std::ifstream problem(folder + "/problem.yaml");
    while (std::getline(problem, line))
        if (split(line, &key, &value) && !value.empty() && (key.size() == 1 || key == "Stride"))
            files.instance[key] = std::stoull(value);
    uint64_t instances = 1;
    std::ifstream architecture(folder + "/architecture.yaml");
    while (std::getline(architecture, line)) {
        if (!split(line, &key, &value))
            continue;
        if (key == "name" && value.find("[0..") != std::string::npos)
            instances = std::stoull(value.substr(value.find("..") + 2)) + 1;
        else if (key == "class") {
            files.levels.push_back({section, {{"class", value}}, instances});
        } else if (key == "name") {
            section = value;
        } else if (!value.empty() && !files.levels.empty()) {
            files.levels.back().attributes[key] = value;
        }
    }
    std::ifstream mapping(folder + "/mapping.yaml");
    std::string type;
    for (Level *level = nullptr; std::getline(mapping, line);) {
        if (!split(line, &key, &value))
            continue;
        if (key == "target")
            level = &files.level(value);
        else if (key == "type")
            type = value;
        else if (key == "keep")
            level->keep = words(value);
        else if (key == "factors")
            level->factors[type] = factors(value);
        else if (level)
            level->keys[type + " " + key] = value;
    }
    for (const char *table : {"/ert.yaml", "/art.yaml"}) {
        std::ifstream prices(folder + table);
        Level *level = nullptr;
        while (std::getline(prices, line)) {
            if (!split(line, &key, &value))
                continue;
            if (key == "name" && line.find("  - name") == 0)
                level = &files.level(value);
            else if (key == "name")
                level->actions.insert(value);
            else if (key == "area")
                level->has_area = std::stod(value) >= 0;
            else if (key == "energy") {
                EXPECT_GE(std::stod(value), 0);
            }
        }
    }
    return files;
}

// Every dimension at every level, in every order once, and together they are the problem: the
// last position of all has the last factors, less one, for digits.
void check_factors(const Files &files)
{
    for (char d : letters) {
        uint64_t position = 0;
        for (const Level &l : files.levels)
            for (const char *type : {"temporal", "spatial"}) {
                if (!l.factors.count(type))
                    continue;
                ASSERT_TRUE(l.factors.at(type).count(d)) << l.name << " " << d;
                Factor f = l.factors.at(type).at(d);
                EXPECT_TRUE(1 <= f.last && f.last <= f.steps) << l.name << " " << d;
                position = position * f.steps + f.last - 1;
            }
        EXPECT_EQ(files.instance.at(std::string(1, d)), position + 1) << d;
    }
    for (const Level &l : files.levels)
        for (const auto &[type, per_dimension] : l.factors) {
            std::string order = l.keys.at(type + " permutation");
            std::sort(order.begin(), order.end());
            std::string all = letters;
            std::sort(all.begin(), all.end());
            EXPECT_EQ(all, order);
            EXPECT_EQ(letters.size(), per_dimension.size());
        }
}

// Words of a tile of full loops.
uint64_t tile_words(const std::string &space, std::map<char, uint64_t> tile, uint64_t stride)
{
    if (space == "Weights")
        return tile['G'] * tile['M'] * tile['C'] * tile['R'] * tile['S'];
    if (space == "Outputs")
        return tile['N'] * tile['G'] * tile['M'] * tile['P'] * tile['Q'];
    return tile['N'] * tile['G'] * tile['C'] * ((tile['P'] - 1) * stride + tile['R']) *
           ((tile['Q'] - 1) * stride + tile['S']);
}

// Tiles fit, PEs suffice, and each tensor has a home outside and in the PEs.
void check_capacity(const Files &files)
{
    std::map<char, uint64_t> tile;
    std::map<std::string, int> homes;
    for (char d : letters)
        tile[d] = 1;
    for (size_t i = files.levels.size() - 1; i-- > 0;) {
        const Level &l = files.levels[i];
        uint64_t words = 0, pes = 1;
        for (char d : letters)
            if (l.factors.count("spatial")) {
                tile[d] *= l.factors.at("spatial").at(d).steps;
                pes *= l.factors.at("spatial").at(d).steps;
            }
        EXPECT_LE(pes, files.levels[i + 1].instances / l.instances) << l.name;
        for (char d : letters)
            tile[d] *= l.factors.at("temporal").at(d).steps;
        for (const std::string &space : l.keep) {
            words += tile_words(space, tile, files.instance.at("Stride"));
            homes[space] |= l.attributes.at("class") == "DRAM" ? 1 : l.instances > 1 ? 2 : 4;
        }
        EXPECT_EQ(0u, l.number("width") % (l.number("word-bits") * l.number("block-size")));
        if (l.attributes.count("depth")) {
            uint64_t tiles =
                l.attributes.count("multiple-buffering") ? l.number("multiple-buffering") : 1;
            EXPECT_LE(words, l.number("depth") / tiles) << l.name;
        }
    }
    for (const char *space : {"Inputs", "Weights", "Outputs"})
        EXPECT_EQ(3, homes[space] & 3) << space;
}

// Timeloop estimates what it is not told.
void check_prices(const Files &files)
{
    for (const Level &l : files.levels) {
        bool mac = l.name == "mac";
        EXPECT_EQ(mac ? std::set<std::string>{"compute"} : (std::set<std::string>{"read", "write"}),
                  l.actions)
            << l.name;
        EXPECT_TRUE(l.has_area) << l.name;
    }
}

// `mulfree map` in this process.
mf_status map(std::vector<std::string> arguments, mf_diag *diag)
{
    std::vector<char *> argv;
    arguments.insert(arguments.begin(), "map");
    for (std::string &a : arguments)
        argv.push_back(a.data());
    mf_arena *arena = mf_arena_create();
    mf_arguments parsed;
    mf_cli cli = {};
    mf_status status = mf_arguments_parse(&mf_command_map, static_cast<int>(argv.size()),
                                          argv.data(), arena, &parsed, diag);
    if (status == MF_OK)
        status = mf_command_map.run(&cli, &parsed, diag);
    mf_arena_destroy(arena);
    return status;
}

size_t n_layers(const std::string &path)
{
    mf_network *network = nullptr;
    mf_diag diag = {};
    EXPECT_EQ(MF_OK, mf_network_load(path.c_str(), nullptr, &network, &diag)) << diag.message;
    size_t n = network ? network->n_weight_layers : 0;
    mf_network_destroy(network);
    return n;
}
} // namespace

TEST(Timeloop, FilesOfEveryLayerAreWhatItReads)
{
    setenv("MULFREE_DATA", MF_SOURCE_DIR, 1);
    Scratch scratch;
    std::string folder = scratch.file("tl"), out = scratch.file("out.json");
    size_t n_checked = 0;
    for (const char *network : {"alexnet", "mobilenetv2-w0.35"})
        for (const char *op : {"mult", "shift", "add"})
            for (const char *accelerator : {"shiftaddaug-16x12", "eyeriss-12x14"}) {
                std::string path = source_path(std::string("models/zoo/") + network + ".json");
                for (size_t i = 0; i < n_layers(path); i++) {
                    std::vector<std::string> arguments = {
                        path, "-l", std::to_string(i), "--op", op, "-a", accelerator, "-f", "json",
                        "-o", out};
                    std::vector<std::string> write = arguments, back = arguments;
                    write.insert(write.end(), {"--timeloop", folder});
                    back.insert(back.end(), {"-m", folder + "/nest.json"});
                    SCOPED_TRACE(std::string(network) + " layer " + std::to_string(i) + " as " +
                                 op + " on " + accelerator);
                    mf_diag diag = {};
                    ASSERT_EQ(MF_OK, map(write, &diag)) << diag.message;
                    Files files = read(folder);
                    ASSERT_EQ(11u, files.levels.size());
                    check_factors(files);
                    check_capacity(files);
                    check_prices(files);
                    EXPECT_EQ(MF_OK, map(back, &diag)) << diag.message;
                    n_checked++;
                }
            }
    EXPECT_EQ(6u * (8 + 53), n_checked);
}

TEST(Timeloop, EveryNestCanBeEvenedOut)
{
    mf_random random = mf_random_seed(14);
    for (int trial = 0; trial < 2000; trial++) {
        mf_work work = random_nest::work(&random, {3, 3, 12, 9, 11, 10, 4, 5});
        mf_mapping mapping = random_nest::mapping(&random, work), even, again;
        unsigned changed, unchanged;
        mf_diag diag = {};
        // Room for the mapping itself and no more than its own PEs and registers.
        mf_capacity capacity = {};
        mf_contributions contributions = mf_contributions_of(&work, &mapping);
        capacity.pe_rows = mf_mapping_pes(&mapping, MF_ROWS);
        capacity.pe_columns = mf_mapping_pes(&mapping, MF_COLUMNS);
        for (int t = 0; t < MF_N_TENSORS; t++) {
            capacity.bits[t] = 1;
            capacity.register_bits[t] = mf_tile_words(&mapping, MF_REGISTER, t, &contributions);
            capacity.buffer_bits += mf_tile_words(&mapping, MF_BUFFER, t, &contributions);
        }
        capacity.buffer_bits *= 2; // padding may leave a smaller tile more words
        for (uint64_t &bits : capacity.register_bits)
            bits *= 2;
        ASSERT_EQ(MF_OK, mf_timeloop_even(&mapping, &work, &capacity, &even, &changed, &diag))
            << diag.message;
        ASSERT_EQ(MF_OK, mf_mapping_check_nest(&even, &work, &diag)) << diag.message;
        EXPECT_EQ(MF_OK, mf_timeloop_even(&even, &work, &capacity, &again, &unchanged, &diag));
        EXPECT_EQ(0u, unchanged);
        for (int d = 0; d < MF_N_DIMENSIONS; d++) {
            mf_timeloop_factor f[MF_N_TIMELOOP_LEVELS];
            EXPECT_TRUE(mf_timeloop_is_even(&even, &work, d));
            mf_timeloop_factors(&even, &work, d, f);
            uint64_t position = 0;
            for (int level = MF_N_TIMELOOP_LEVELS - 1; level >= 0; level--)
                position = position * f[level].steps + f[level].last - 1;
            EXPECT_EQ(work.size[d], position + 1);
            mf_split split =
                mf_split_of(work.size[d], even.tile[MF_REGISTER][d], even.tile[MF_COLUMNS][d],
                            even.tile[MF_ROWS][d], even.tile[MF_BUFFER][d]);
            EXPECT_EQ(split.n[1], f[MF_TIMELOOP_DRAM].last);
            EXPECT_EQ(split.n[2], (f[MF_TIMELOOP_DRAM].last - 1) * f[MF_TIMELOOP_BUFFER].steps +
                                      f[MF_TIMELOOP_BUFFER].last);
        }
    }
}
