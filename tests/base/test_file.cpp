// Are files read whole and written in one step, gzip included, and is every failure named?
#include "base/file.h"
#include "tests/support/support.h"

#include <sys/stat.h>

namespace
{
std::string read_back(const std::string &path)
{
    mf_arena *arena = mf_arena_create();
    char *bytes = nullptr;
    size_t n = 0;
    mf_diag diag = {};
    EXPECT_EQ(MF_OK, mf_file_read(path.c_str(), arena, &bytes, &n, &diag)) << diag.message;
    std::string text = bytes ? std::string(bytes, n) : "";
    mf_arena_destroy(arena);
    return text;
}

mf_status read_status(const std::string &path, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    char *bytes;
    size_t n;
    mf_status status = mf_file_read(path.c_str(), arena, &bytes, &n, diag);
    mf_arena_destroy(arena);
    return status;
}
} // namespace

TEST(File, WritesAndReadsPlainAndGzip)
{
    Scratch scratch;
    std::string text(300000, 'x');
    text += "the end";
    for (const char *name : {"plain.txt", "packed.txt.gz"}) {
        EXPECT_OK(mf_file_write(scratch.file(name).c_str(), text.data(), text.size(), D));
        EXPECT_EQ(read_back(scratch.file(name)), text);
    }
    EXPECT_LT(std::filesystem::file_size(scratch.file("packed.txt.gz")), text.size() / 10);
}

TEST(File, LeavesNothingBesideTheResult)
{
    Scratch scratch;
    EXPECT_OK(mf_file_write(scratch.file("a").c_str(), "1", 1, D));
    EXPECT_OK(mf_file_write(scratch.file("a").c_str(), "2", 1, D));
    EXPECT_EQ(read_back(scratch.file("a")), "2");
    size_t n = 0;
    for (const auto &entry : std::filesystem::directory_iterator(
             std::filesystem::path(scratch.file("a")).parent_path()))
        n += entry.is_regular_file();
    EXPECT_EQ(n, 1u);
}

TEST(File, WritesThroughASymbolicLink)
{
    Scratch scratch;
    scratch.write("real", "old");
    std::filesystem::create_symlink(scratch.file("real"), scratch.file("link"));
    EXPECT_OK(mf_file_write(scratch.file("link").c_str(), "new", 3, D));
    EXPECT_TRUE(std::filesystem::is_symlink(scratch.file("link")));
    EXPECT_EQ(read_back(scratch.file("real")), "new");
}

TEST(File, NamesWhatCannotBeReadOrWritten)
{
    Scratch scratch;
    EXPECT_FAILS(MF_UNKNOWN_NAME, "nowhere.json", read_status(scratch.file("nowhere.json"), D));
    EXPECT_FAILS(MF_IO, "cannot be written",
                 mf_file_write(scratch.file("no/such/folder").c_str(), "x", 1, D));
    EXPECT_FAILS(MF_IO, "directory", mf_file_write(scratch.file("").c_str(), "x", 1, D));
    EXPECT_FAILS(MF_IO, "No space left", mf_file_write("/dev/full", "x", 1, D));
}

TEST(File, RefusesDamagedGzip)
{
    Scratch scratch;
    std::string text(100000, 'y');
    for (size_t i = 0; i < text.size(); i++)
        text[i] = static_cast<char>('a' + (i * i) % 23);
    EXPECT_OK(mf_file_write(scratch.file("x.gz").c_str(), text.data(), text.size(), D));
    std::string packed = read_text(scratch.file("x.gz"));
    scratch.write("short.gz", packed.substr(0, packed.size() / 2));
    EXPECT_FAILS(MF_MALFORMED, "short.gz", read_status(scratch.file("short.gz"), D));
    packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x55);
    scratch.write("flipped.gz", packed);
    EXPECT_FAILS(MF_MALFORMED, "flipped.gz", read_status(scratch.file("flipped.gz"), D));
}
