// Do archives come back as they were written, does nothing hostile get through, and is nothing left
// behind?
#include "base/random.h"
#include "base/zip.h"
#include "tests/support/support.h"

#include <map>
#include <vector>

namespace
{
using Entries = std::map<std::string, std::string>;

Entries samples()
{
    Entries all = {{"empty.txt", ""}, {"one", "x"}, {"manifest.json", "{\"a\": 1}"}};
    mf_random random = mf_random_seed(3);
    std::string noise(70000, 0), flat(300000, 'a');
    for (char &c : noise)
        c = static_cast<char>(mf_random_bits(&random));
    all["layers/noise.npy"] = noise;
    all["layers/flat.npy"] = flat;
    return all;
}

std::string write(const Scratch &scratch, const Entries &entries)
{
    mf_zip_writer *w = nullptr;
    std::string path = scratch.file("a.npz");
    EXPECT_OK(mf_zip_create(path.c_str(), &w, D));
    for (const auto &[name, bytes] : entries)
        EXPECT_OK(mf_zip_add(w, name.c_str(), bytes.data(), bytes.size(), D));
    EXPECT_OK(mf_zip_finish(w, D));
    return path;
}

// Everything in an archive, or the status of the first failure.
mf_status read_all(const std::string &path, Entries *out, mf_diag *diag)
{
    mf_zip_reader *r = nullptr;
    mf_status status = mf_zip_open(path.c_str(), &r, diag);
    if (status != MF_OK)
        return status;
    for (size_t i = 0; i < mf_zip_count(r) && status == MF_OK; i++) {
        const mf_zip_entry *e = mf_zip_at(r, i);
        if (e->n_bytes > (1 << 24)) {
            status = MF_TOO_LARGE; // as any caller would say
            break;
        }
        std::string bytes(e->n_bytes, '?');
        status = mf_zip_read(r, e, bytes.data(), diag);
        (*out)[e->name] = bytes;
    }
    mf_zip_close(r);
    return status;
}
} // namespace

TEST(Zip, ComesBackAsItWasWritten)
{
    Scratch scratch;
    Entries entries = samples(), back;
    std::string path = write(scratch, entries);
    EXPECT_OK(read_all(path, &back, D));
    EXPECT_EQ(back, entries);
    std::string first = read_text(path);
    EXPECT_LT(first.size(), 75000u) << "flat bytes are packed, noise is stored";
    write(scratch, entries);
    EXPECT_EQ(read_text(path), first) << "the same entries, the same bytes";
    mf_zip_reader *r = nullptr;
    EXPECT_OK(mf_zip_open(path.c_str(), &r, D));
    EXPECT_EQ(mf_zip_find(r, "nosuch"), nullptr);
    ASSERT_NE(mf_zip_find(r, "one"), nullptr);
    EXPECT_EQ(mf_zip_find(r, "one")->n_bytes, 1u);
    mf_zip_close(r);
}

TEST(Zip, IsNoArchiveWhenCutAnywhere)
{
    Scratch scratch;
    std::string whole = read_text(write(scratch, {{"a", "hello"}, {"b/c", std::string(500, 'z')}}));
    for (size_t n = 0; n < whole.size(); n++) {
        Entries back;
        mf_diag diag = {};
        std::string path = scratch.write("cut.npz", whole.substr(0, n));
        EXPECT_EQ(read_all(path, &back, &diag), MF_MALFORMED) << n;
        EXPECT_NE(std::string(diag.message).find("cut.npz"), std::string::npos) << diag.message;
    }
}

// One byte changed anywhere: found, or without meaning (a date, say); never other contents under a
// known name.
TEST(Zip, NoticesDamage)
{
    Scratch scratch;
    const Entries entries = {{"a", "hello"}, {"b/c", std::string(500, 'z')}};
    const std::string whole = read_text(write(scratch, entries));
    size_t found = 0;
    for (size_t i = 0; i < whole.size(); i++)
        for (int change : {1, 128, 255}) {
            std::string bytes = whole;
            bytes[i] = static_cast<char>(bytes[i] ^ change);
            Entries back;
            mf_diag diag = {};
            mf_status status = read_all(scratch.write("bad.npz", bytes), &back, &diag);
            if (status != MF_OK) {
                found++;
                continue;
            }
            for (const auto &[name, text] : back)
                if (entries.count(name)) {
                    EXPECT_EQ(text, entries.at(name)) << "byte " << i;
                }
        }
    EXPECT_GT(found, whole.size()) << "most damage matters";
}

// An entry that says it is small and unpacks to much, and one that says it is large and unpacks to
// little.
TEST(Zip, BelievesNoSize)
{
    Scratch scratch;
    const std::string whole = read_text(write(scratch, {{"bomb", std::string(1 << 20, 0)}}));
    const size_t directory = whole.rfind("PK\x01\x02");
    for (uint32_t size : {0u, 1u, 1000u, (1u << 20) - 1, (1u << 20) + 1}) {
        std::string bytes = whole;
        for (size_t i = 0; i < 4; i++)
            bytes[directory + 24 + i] = static_cast<char>(size >> 8 * i);
        Entries back;
        EXPECT_FAILS(MF_MALFORMED, "bomb", read_all(scratch.write("bomb.npz", bytes), &back, D));
    }
}

TEST(Zip, KeepsEntriesInside)
{
    Scratch scratch;
    mf_zip_writer *w = nullptr;
    EXPECT_OK(mf_zip_create(scratch.file("n.npz").c_str(), &w, D));
    for (const char *name :
         {"", "/etc/passwd", "..", "a/../b", "a//b", "a/", "./a", "a\\b", "c:a", "a\nb"})
        EXPECT_FAILS(MF_INVALID, "no name", mf_zip_add(w, name, "x", 1, D));
    EXPECT_OK(mf_zip_add(w, "...", "x", 1, D));
    EXPECT_OK(mf_zip_finish(w, D));
    for (const char *name : {"/evl", "../e", "a//b", "a/..", "a\\bb"}) {
        std::string bytes = read_text(write(scratch, {{"NAME", "x"}}));
        for (size_t at = 0; (at = bytes.find("NAME", at)) != std::string::npos; at++)
            bytes.replace(at, 4, name);
        Entries back;
        EXPECT_FAILS(MF_MALFORMED, "plain relative path",
                     read_all(scratch.write("evil.npz", bytes), &back, D));
    }
}

TEST(Zip, RefusesTwoOfOneName)
{
    Scratch scratch;
    std::string bytes = read_text(write(scratch, {{"aa", "x"}, {"ab", "y"}}));
    for (size_t at = 0; (at = bytes.find("ab", at)) != std::string::npos; at++)
        bytes.replace(at, 2, "aa");
    Entries back;
    EXPECT_FAILS(MF_MALFORMED, "one name", read_all(scratch.write("two.npz", bytes), &back, D));
}

TEST(Zip, LeavesNothingHalfWritten)
{
    Scratch scratch;
    mf_zip_writer *w = nullptr;
    std::string path = scratch.file("a.npz");
    EXPECT_OK(mf_zip_create(path.c_str(), &w, D));
    EXPECT_OK(mf_zip_add(w, "a", "x", 1, D));
    EXPECT_FALSE(std::filesystem::exists(path)) << "not before it is finished";
    mf_zip_abandon(w);
    EXPECT_TRUE(std::filesystem::is_empty(std::filesystem::path(path).parent_path()));
    EXPECT_FAILS(MF_IO, "nosuch", mf_zip_create("/nosuch/a.npz", &w, D));
    mf_zip_reader *r = nullptr;
    EXPECT_FAILS(MF_UNKNOWN_NAME, "cannot be read", mf_zip_open(path.c_str(), &r, D));
    mf_zip_close(nullptr);
    mf_zip_abandon(nullptr);
}
