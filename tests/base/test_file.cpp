// Are files read whole and written in one step, gzip included, and is every failure named?
#include "base/file.h"
#include "base/json.h"
#include "base/zip.h"
#include "tests/support/support.h"

#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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

// Whoever knows the number of the process could have put a link where the new file is written
// first.
TEST(File, FollowsNothingWhereItWritesFirst)
{
    Scratch scratch;
    std::string victim = scratch.write("victim", "untouched"), path = scratch.file("out.txt");
    std::string beside = path + "." + std::to_string(getpid()) + ".tmp";
    for (int kind = 0; kind < 3; kind++) {
        if (kind == 0)
            std::filesystem::create_symlink(victim, beside);
        else if (kind == 1)
            std::filesystem::create_hard_link(victim, beside);
        else
            ASSERT_EQ(mkfifo(beside.c_str(), 0600), 0);
        EXPECT_OK(mf_file_write(path.c_str(), "new", 3, D));
        EXPECT_EQ(read_text(path), "new");
        EXPECT_EQ(read_text(victim), "untouched");
        EXPECT_TRUE(std::filesystem::exists(std::filesystem::symlink_status(beside)));
        std::filesystem::remove(beside);
    }
}

TEST(File, TakesNothingForALockThatIsNone)
{
    Scratch scratch;
    std::string victim = scratch.write("victim", "untouched"), path = scratch.file("out.npz"),
                lock = path + ".lock";
    mf_file_lock taken;
    for (int kind = 0; kind < 5; kind++) {
        if (kind == 0)
            std::filesystem::create_symlink(victim, lock);
        else if (kind == 1)
            std::filesystem::create_symlink(scratch.file("nosuch"), lock);
        else if (kind == 2)
            std::filesystem::create_hard_link(victim, lock);
        else if (kind == 3)
            ASSERT_EQ(mkfifo(lock.c_str(), 0600), 0);
        else
            scratch.write("out.npz.lock", "a letter to somebody");
        EXPECT_FAILS(MF_INVALID, "not a lock of ours", mf_file_lock_take(path.c_str(), &taken, D));
        mf_file_lock_release(&taken);
        EXPECT_EQ(read_text(victim), "untouched");
        EXPECT_FALSE(std::filesystem::exists(scratch.file("nosuch")));
        EXPECT_TRUE(std::filesystem::exists(std::filesystem::symlink_status(lock)));
        std::filesystem::remove(lock);
    }
    // One that died left its number; and a link leads to the same lock.
    scratch.write("out.npz.lock", "4194305");
    EXPECT_OK(mf_file_lock_take(path.c_str(), &taken, D));
    EXPECT_EQ(read_text(lock), std::to_string(getpid()));
    std::filesystem::create_symlink(scratch.write("out.npz", ""), scratch.file("link.npz"));
    mf_file_lock other;
    EXPECT_FAILS(MF_INVALID, "is at work on it",
                 mf_file_lock_take(scratch.file("link.npz").c_str(), &other, D));
    mf_file_lock_release(&other);
    mf_file_lock_release(&taken);
    EXPECT_FALSE(std::filesystem::exists(lock));
}

// A file that must not grow takes half of what is written, and then nothing.
TEST(File, AppendsAllOrNothing)
{
    Scratch scratch;
    std::string path = scratch.write("lines", "first\n");
    int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    struct rlimit before, now;
    auto handler = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    now = before;
    for (rlim_t room = 6; room < 20; room++) {
        now.rlim_cur = room;
        setrlimit(RLIMIT_FSIZE, &now);
        mf_diag diag = {};
        mf_status status = mf_file_append(file, path.c_str(), "second line\n", 12, &diag);
        setrlimit(RLIMIT_FSIZE, &before);
        EXPECT_EQ(status, room < 18 ? MF_IO : MF_OK);
        EXPECT_EQ(read_text(path), room < 18 ? "first\n" : "first\nsecond line\n");
        EXPECT_EQ(ftruncate(file, 6), 0);
    }
    std::signal(SIGXFSZ, handler);
    close(file);
}

// A short gzip file can be anything unpacked; text of that size is nobody's.
TEST(File, UnpacksTextOnlyUpToItsLimit)
{
    Scratch scratch;
    std::string path = scratch.file("long.json.gz"), text(MF_LARGEST_TEXT_BYTES + 1, ' ');
    mf_json_doc *doc = nullptr;
    EXPECT_OK(mf_file_write(path.c_str(), text.data(), text.size(), D));
    EXPECT_LT(std::filesystem::file_size(path), 100000u);
    EXPECT_FAILS(MF_TOO_LARGE, "long.json.gz: larger than 32 MiB",
                 mf_json_load(path.c_str(), &doc, D));
    EXPECT_EQ(text.size(), read_back(path).size()) << "data may be larger";
}

namespace
{
// The writers' message when a file may not grow past `most` bytes.
std::string message_of(const std::string &path, size_t most)
{
    std::string text(1 << 20, 'x');
    for (size_t i = 0; i < text.size(); i++) // no text that packs well
        text[i] = static_cast<char>(i * i * 2654435761u >> 13);
    rlimit limit = {most, most};
    std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    mf_diag diag = {};
    if (path.find(".npz") == std::string::npos) {
        mf_file_write(path.c_str(), text.data(), text.size(), &diag);
        return diag.message;
    }
    mf_zip_writer *writer = nullptr;
    if (mf_zip_create(path.c_str(), &writer, &diag) != MF_OK)
        return diag.message;
    if (mf_zip_add(writer, "a", text.data(), text.size(), &diag) == MF_OK)
        mf_zip_finish(writer, &diag);
    else
        mf_zip_abandon(writer);
    return diag.message;
}
} // namespace

// The reason is that of the call that failed, whichever call that is and whatever came after it.
TEST(File, SaysWhyItCannotBeWritten)
{
    Scratch scratch;
    for (const char *name : {"plain.txt", "packed.gz", "archive.npz"})
        for (size_t most : {0, 1, 4095, 4096, 65536, 500000}) {
            SCOPED_TRACE(name + std::string(" up to ") + std::to_string(most));
            EXPECT_EXIT(
                {
                    std::string message = message_of(scratch.file(name), most);
                    bool good =
                        message.find("cannot be written: File too large") != std::string::npos;
                    if (!good) // standard error is read by the test
                        std::fprintf(stderr, "%s\n", message.c_str());
                    _exit(good ? 0 : 1);
                },
                testing::ExitedWithCode(0), "");
        }
}
