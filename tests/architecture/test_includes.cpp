// Does any file include upward? Reads every quoted include and holds it against the table of
// docs/ARCHITECTURE.md; and checks that third-party headers stay in the one place each that has
// them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace
{
// Folder -> folders it may include from, beside itself.
const std::map<std::string, std::set<std::string>> allowed = {
    {"base", {}},
    {"models", {"base"}},
    {"energy_tables", {"base", "models"}},
    {"dataflows", {"base", "models"}},
    {"sim", {"base", "models", "dataflows", "energy_tables"}},
    {"train", {"base", "models"}},
    {"cli", {"base", "models", "dataflows", "energy_tables", "sim", "train"}},
    {"bench", {"base", "models", "dataflows", "energy_tables", "sim", "train"}},
    {"tests", {"base", "models", "dataflows", "energy_tables", "sim", "train", "cli"}},
};

// Third-party header -> the only files (or folders, ending in '/') that may include it.
const std::map<std::string, std::vector<std::string>> confined = {
    {"cjson/", {"base/json.c"}},
    {"zlib.h", {"base/"}},
    {"mpi.h", {"base/ranks_mpi.c"}},
    {"gtest/", {"tests/"}},
    {"systemc", {"sim/systemc/", "tests/sim/systemc/"}},
    {"jpeglib.h", {"train/data/jpeg.c", "tests/train/data/files.h"}},
    {"png.h", {"train/data/png.c", "tests/train/data/files.h"}}};

struct Include {
    std::string file, name;
    bool quoted;
};

std::vector<Include> all_includes()
{
    static const std::regex line_pattern("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]");
    std::vector<Include> found;
    for (const auto &[folder, others] : allowed)
        for (const auto &entry :
             fs::recursive_directory_iterator(fs::path(MF_SOURCE_DIR) / folder)) {
            std::string extension = entry.path().extension();
            if (extension != ".c" && extension != ".h" && extension != ".cpp" &&
                extension != ".hpp" && extension != ".def")
                continue;
            std::ifstream in(entry.path());
            std::string file = fs::relative(entry.path(), MF_SOURCE_DIR), line;
            std::smatch match;
            while (std::getline(in, line))
                if (std::regex_search(line, match, line_pattern))
                    found.push_back({file, match[2], match[1] == "\""});
        }
    return found;
}
} // namespace

TEST(Architecture, NothingIncludesUpward)
{
    size_t n = 0;
    for (const Include &include : all_includes()) {
        if (!include.quoted)
            continue;
        std::string from = include.file.substr(0, include.file.find('/'));
        std::string to = include.name.substr(0, include.name.find('/'));
        n++;
        EXPECT_TRUE(fs::exists(fs::path(MF_SOURCE_DIR) / include.name))
            << include.file << " includes " << include.name
            << ": write includes from the root of the repository";
        EXPECT_TRUE(from == to || allowed.at(from).count(to))
            << include.file << " includes " << include.name << ", which " << from << "/ may not";
    }
    EXPECT_GT(n, 100u) << "the search for includes found too few";
}

TEST(Architecture, ThirdPartyHeadersStayInOnePlace)
{
    std::set<std::string> seen;
    for (const Include &include : all_includes())
        for (const auto &[header, places] : confined)
            if (!include.quoted && include.name.rfind(header, 0) == 0) {
                seen.insert(header);
                bool allowed_here = false;
                for (const std::string &place : places)
                    allowed_here |= include.file.rfind(place, 0) == 0;
                EXPECT_TRUE(allowed_here) << include.file << " includes " << include.name
                                          << "; only " << places.front() << " may";
            }
    EXPECT_EQ(seen.size(), confined.size()) << "an entry of the list is stale";
}

TEST(Architecture, OnlyTheCommandLinePrintsExitsOrReadsTheEnvironment)
{
    static const std::regex banned("\\b(printf|puts|fputs|exit|abort|getenv)\\s*\\(");
    // How many ranks there are only their launcher says, and only there.
    static const std::map<std::string, std::string> may = {{"base/ranks.c", "getenv"}};
    for (const char *folder : {"base", "models", "dataflows", "energy_tables", "sim", "train"})
        for (const auto &entry :
             fs::recursive_directory_iterator(fs::path(MF_SOURCE_DIR) / folder)) {
            std::string extension = entry.path().extension();
            if (extension != ".c" && extension != ".cpp")
                continue;
            std::ifstream in(entry.path());
            auto allowed_here = may.find(fs::relative(entry.path(), MF_SOURCE_DIR));
            std::string line;
            std::smatch match;
            for (size_t number = 1; std::getline(in, line); number++)
                EXPECT_TRUE(!std::regex_search(line, match, banned) ||
                            (allowed_here != may.end() && match[1] == allowed_here->second))
                    << entry.path().string() << ":" << number << ": " << line;
        }
}
