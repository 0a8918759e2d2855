// What most tests need: paths of the shipped data, a scratch folder, JSON from a string, and
// statuses that print their diagnostic.
#ifndef MF_TESTS_SUPPORT_H
#define MF_TESTS_SUPPORT_H

#include "base/json.h"
#include "base/status.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

// Does a sanitizer watch? Asked of the program itself: tests may be compiled once for the builds
// with and without one (MULFREE_TEST_OBJECTS).
extern "C" __attribute__((weak)) void __asan_init();

inline bool is_sanitized()
{
    return __asan_init != nullptr;
}

// How many of a property's random cases are tried: all of them in the builds that are made to be
// used; an eighth under sanitizers, which take ten times as long and watch how it is computed, not
// what.
inline uint64_t n_cases(uint64_t n)
{
    return is_sanitized() ? (n + 7) / 8 : n;
}

// The program of this build.
inline const char *program_path()
{
    static const std::string path =
        (std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "mulfree")
            .string();
    return path.c_str();
}

inline std::string source_path(const std::string &relative)
{
    return std::string(MF_SOURCE_DIR) + "/" + relative;
}

// A folder of its own for each test, removed at the end.
class Scratch
{
  public:
    Scratch()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "mulfree-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Scratch()
    {
        std::filesystem::remove_all(path_);
    }
    std::string file(const std::string &name) const
    {
        return path_ + "/" + name;
    }
    std::string write(const std::string &name, const std::string &text) const
    {
        std::ofstream(file(name), std::ios::binary) << text;
        return file(name);
    }

  private:
    std::string path_;
};

inline std::string read_text(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// A document that goes away with its holder.
struct Doc {
    mf_json_doc *doc = nullptr;
    mf_diag diag = {};
    mf_status status;

    explicit Doc(const std::string &text)
    {
        status = mf_json_parse(text.c_str(), text.size(), "test.json", &doc, &diag);
    }
    static Doc load(const std::string &path)
    {
        return Doc(path, 0);
    }
    Doc(const Doc &) = delete;
    ~Doc()
    {
        mf_json_destroy(doc);
    }
    mf_json root() const
    {
        return mf_json_root(doc);
    }

  private:
    Doc(const std::string &path, int)
    {
        status = mf_json_load(path.c_str(), &doc, &diag);
    }
};

#define EXPECT_OK(call)                                                                            \
    do {                                                                                           \
        mf_diag macro_diag = {};                                                                   \
        mf_diag *const D = &macro_diag;                                                            \
        EXPECT_EQ(MF_OK, (call)) << macro_diag.message;                                            \
    } while (0)

#define ASSERT_OK(call)                                                                            \
    do {                                                                                           \
        mf_diag macro_diag = {};                                                                   \
        mf_diag *const D = &macro_diag;                                                            \
        ASSERT_EQ(MF_OK, (call)) << macro_diag.message;                                            \
    } while (0)

// The call, written with D for its diagnostic, fails as expected and its message holds `text`.
#define EXPECT_FAILS(expected, text, call)                                                         \
    do {                                                                                           \
        mf_diag macro_diag = {};                                                                   \
        mf_diag *const D = &macro_diag;                                                            \
        EXPECT_EQ(expected, (call)) << macro_diag.message;                                         \
        std::string all = std::string(macro_diag.message) + " | " + macro_diag.hint;               \
        EXPECT_NE(all.find(text), std::string::npos) << "message: " << all;                        \
    } while (0)

#endif
