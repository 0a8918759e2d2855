// The small helpers: statuses, nearest names, text, random numbers, hashes, the parallel loop, the
// log.
#include "base/hash.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/escape.h"
#include "base/text.h"
#include "tests/support/support.h"

#include <atomic>
#include <cmath>
#include <set>
#include <vector>

TEST(Status, ExitCodesAreDistinct)
{
    std::set<int> codes;
    for (int i = 0; i < MF_N_STATUS; i++)
        EXPECT_TRUE(codes.insert(mf_status_exit_code(static_cast<mf_status>(i))).second)
            << mf_status_name(static_cast<mf_status>(i));
    EXPECT_EQ(mf_status_exit_code(MF_OK), 0);
}

TEST(Status, MessagesKeepTheBytesAndSayWhereTheyAreCut)
{
    mf_diag diag = {};
    EXPECT_EQ(MF_IO, mf_fail(&diag, MF_IO, "a\nb\x1b[31m"));
    EXPECT_STREQ(diag.message, "a\nb\x1b[31m");
    std::string accents;
    while (accents.size() < sizeof diag.message)
        accents += "\xc3\xa9";
    for (const char *before : {"", "x"}) {
        mf_fail(&diag, MF_IO, "%s%s", before, accents.c_str());
        std::string message = diag.message;
        size_t n = message.size();
        EXPECT_GT(n, sizeof diag.message - 6);
        EXPECT_EQ(message.substr(n - 5), "\xc3\xa9...");
    }
    EXPECT_EQ(MF_IO, mf_fail(nullptr, MF_IO, "nobody listens"));
}

TEST(Nearest, FindsTypingMistakesAndBeginnings)
{
    const char *names[] = {"simulate", "compare", "sweep", "mobilenetv2-w0.35"};
    EXPECT_STREQ(mf_nearest("simualte", names, 4), "simulate");
    EXPECT_STREQ(mf_nearest("Compare", names, 4), "compare");
    EXPECT_STREQ(mf_nearest("mobilenetv2", names, 4), "mobilenetv2-w0.35");
    EXPECT_STREQ(mf_nearest("mobilnetv2", names, 4), "mobilenetv2-w0.35");
    EXPECT_STREQ(mf_nearest("do_compare_them", names, 4), "compare");
    EXPECT_EQ(mf_nearest("zzzzzzz", names, 4), nullptr);
    EXPECT_EQ(mf_nearest("", names, 4), nullptr);
    EXPECT_EQ(mf_nearest(std::string(500, 'x').c_str(), names, 4), nullptr);
}

TEST(Text, RealsReadBackExactly)
{
    mf_random random = mf_random_seed(1);
    for (int i = 0; i < 10000; i++) {
        double value = std::ldexp(mf_random_real(&random) - 0.5, static_cast<int>(i % 200) - 100);
        mf_text text = {};
        mf_text_json_real(&text, value);
        EXPECT_EQ(std::strtod(text.bytes, nullptr), value) << text.bytes;
        mf_text_free(&text);
    }
    mf_text text = {};
    mf_text_json_real(&text, 250.0);
    mf_text_json_real(&text, -0.0);
    EXPECT_STREQ(text.bytes, "2500");
    mf_text_free(&text);
}

TEST(Text, JsonStringsReadBack)
{
    mf_text text = {};
    const char *nasty = "a\"b\\c\n\t\x01 \xc3\xa9";
    mf_escape_json(&text, nasty);
    Doc doc(text.bytes);
    mf_json root = doc.root();
    const char *back = nullptr;
    ASSERT_OK(mf_json_read_string(&root, &back, D));
    EXPECT_STREQ(back, nasty);
    mf_text_free(&text);
}

TEST(Random, IsReproducibleAndInRange)
{
    // First output of xoshiro256** seeded by splitmix64(0), as its authors' reference code gives
    // it.
    mf_random reference = mf_random_seed(0);
    EXPECT_EQ(mf_random_bits(&reference), 0x99ec5f36cb75f2b4u);
    mf_random a = mf_random_seed(7), b = mf_random_seed(7), c = mf_random_stream(7, 1);
    bool differs = false;
    for (int i = 0; i < 1000; i++) {
        uint64_t x = mf_random_between(&a, 10, 12);
        EXPECT_EQ(x, mf_random_between(&b, 10, 12));
        EXPECT_GE(x, 10u);
        EXPECT_LE(x, 12u);
        differs = differs || x != mf_random_between(&c, 10, 12);
    }
    EXPECT_TRUE(differs);
}

TEST(Hash, MatchesPublishedValues)
{
    EXPECT_EQ(mf_hash_bytes(MF_HASH_BEGIN, "", 0), 0xcbf29ce484222325u);
    EXPECT_EQ(mf_hash_bytes(MF_HASH_BEGIN, "a", 1), 0xaf63dc4c8601ec8cu);
    EXPECT_EQ(mf_hash_bytes(MF_HASH_BEGIN, "foobar", 6), 0x85944171f73967e8u);
}

TEST(Parallel, DoesEachItemOnce)
{
    std::vector<std::atomic<int>> seen(1000);
    bool finished = false;
    auto work = [](void *user, size_t item, size_t) {
        ++(*static_cast<std::vector<std::atomic<int>> *>(user))[item];
        return true;
    };
    for (size_t workers : {1u, 3u})
        EXPECT_OK(mf_parallel_for(seen.size(), workers, work, &seen, &finished, D));
    EXPECT_TRUE(finished);
    for (const auto &n : seen)
        EXPECT_EQ(n, 2);
}

TEST(Parallel, StopsWhenAskedTo)
{
    std::atomic<size_t> n{0};
    bool finished = true;
    auto work = [](void *user, size_t, size_t) {
        return ++*static_cast<std::atomic<size_t> *>(user) < 10;
    };
    EXPECT_OK(mf_parallel_for(100000, 2, work, &n, &finished, D));
    EXPECT_FALSE(finished);
    EXPECT_LT(n, 20u);
}

TEST(Log, OnlySpeaksAtItsLevel)
{
    std::vector<std::string> lines;
    mf_log log = {MF_LOG_INFO,
                  [](void *user, mf_log_level, const char *line) {
                      static_cast<std::vector<std::string> *>(user)->push_back(line);
                  },
                  &lines};
    mf_log_write(&log, MF_LOG_DEBUG, "no");
    mf_log_write(&log, MF_LOG_WARNING, "yes %d", 1);
    mf_log_write(nullptr, MF_LOG_WARNING, "nobody");
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0], "yes 1");
}
