// Does every function that reads bytes from outside have a harness? All headers are searched for
// functions that are named like readers; each must be called by a harness, or be told in
// harnesses.def to be none.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace fs = std::filesystem;

namespace
{
const fs::path root = MF_SOURCE_DIR;

std::string text_of(const fs::path &path)
{
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::set<std::string> matches(const std::string &text, const std::string &pattern)
{
    std::set<std::string> found;
    const std::regex expression(pattern);
    for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

// The functions that read, by the header that declares them. Values within a document that was read
// already (mf_json_read_...) are part of every harness that takes JSON.
std::map<std::string, std::string> readers()
{
    std::map<std::string, std::string> found;
    for (const char *folder :
         {"base", "models", "energy_tables", "dataflows", "sim", "train", "cli"})
        for (const auto &entry : fs::recursive_directory_iterator(root / folder))
            if (entry.path().extension() == ".h")
                for (
                    const std::string &name : matches(
                        text_of(entry.path()),
                        "mf_status (mf(?:_\\w+)?(?:_load|_read|_parse|_open|_from|_decode|_resume|_"
                        "override)(?:_\\w+)?)\\("))
                    if (name.rfind("mf_json_read_", 0) != 0)
                        found[name] = entry.path().lexically_relative(root);
    return found;
}

std::string all_harnesses()
{
    std::string text;
    for (const auto &entry : fs::directory_iterator(root / "tests/fuzz"))
        if (entry.path().filename().string().rfind("fuzz", 0) == 0)
            text += text_of(entry.path());
    return text;
}
} // namespace

TEST(Readers, EachHasAHarness)
{
    const std::string harnesses = all_harnesses();
    const std::set<std::string> none =
        matches(text_of(root / "tests/fuzz/harnesses.def"), "MF_NO_READER\\((mf_\\w+)");
    const auto all = readers();
    EXPECT_GT(all.size(), 25u);
    for (const auto &[name, header] : all) {
        const bool called = std::regex_search(harnesses, std::regex("\\b" + name + "\\b"));
        EXPECT_TRUE(called != (none.count(name) > 0))
            << header << ": " << name
            << (called ? " has a harness, and harnesses.def says that it is no reader"
                       : " reads and has no harness: add one, or say in harnesses.def why not");
    }
    for (const std::string &name : none)
        EXPECT_TRUE(all.count(name)) << "harnesses.def: there is no " << name;
}

TEST(Readers, EachHarnessHasACorpus)
{
    const auto names =
        matches(text_of(root / "tests/fuzz/harnesses.def"), "\\nMF_HARNESS\\((\\w+)");
    uintmax_t n_bytes = 0;
    for (const std::string &name : names) {
        const fs::path folder = root / "tests/fuzz/corpus" / name;
        ASSERT_TRUE(fs::is_directory(folder)) << folder;
        EXPECT_FALSE(fs::is_empty(folder)) << folder;
        for (const auto &entry : fs::directory_iterator(folder)) {
            EXPECT_LE(entry.file_size(), 12288u) << entry.path();
            n_bytes += entry.file_size();
        }
    }
    EXPECT_LE(n_bytes, 500u * 1024);
    for (const auto &entry : fs::directory_iterator(root / "tests/fuzz/corpus"))
        EXPECT_TRUE(names.count(entry.path().filename())) << entry.path() << ": of no harness";
}
