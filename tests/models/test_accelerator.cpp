// Are accelerators read strictly, and do all shipped ones load?
#include "base/arena.h"
#include "models/accelerator.h"
#include "tests/support/support.h"

#include <cmath>

namespace
{
const char *good = R"({"name": "x", "about": "y", "source": "z", "pe_rows": 2, "pe_columns": 3,
  "ifmap_register_words": 4, "weight_register_words": 5, "psum_register_words": 6,
  "buffer_words": 7, "clock_mhz": 8.5})";

mf_status read(const std::string &text, mf_accelerator *out, mf_diag *diag)
{
    Doc doc(text);
    EXPECT_EQ(doc.status, MF_OK) << doc.diag.message;
    mf_arena *arena = mf_arena_create();
    mf_status status = mf_accelerator_from_json(doc.doc, arena, out, diag);
    mf_arena_destroy(arena);
    return status;
}

std::string with(const std::string &from, const std::string &to)
{
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
}
} // namespace

TEST(Accelerator, ReadsEveryKey)
{
    mf_accelerator a = {};
    EXPECT_OK(read(good, &a, D));
    EXPECT_EQ(mf_accelerator_pes(&a), 6u);
    EXPECT_EQ(a.ifmap_register_words, 4u);
    EXPECT_EQ(a.weight_register_words, 5u);
    EXPECT_EQ(a.psum_register_words, 6u);
    EXPECT_EQ(a.buffer_words, 7u);
    EXPECT_EQ(a.clock_mhz, 8.5);
}

TEST(Accelerator, RefusesBadValues)
{
    mf_accelerator a;
    EXPECT_FAILS(MF_INVALID, "pe_rows", read(with("\"pe_rows\": 2", "\"pe_rows\": 0"), &a, D));
    EXPECT_FAILS(MF_INVALID, "pe_rows", read(with("\"pe_rows\": 2", "\"pe_rows\": -2"), &a, D));
    EXPECT_FAILS(MF_INVALID, "2.5", read(with("\"pe_rows\": 2", "\"pe_rows\": 2.5"), &a, D));
    EXPECT_FAILS(MF_INVALID, "buffer_words", read(with("7", "1e30"), &a, D));
    EXPECT_FAILS(MF_INVALID, "clock_mhz", read(with("8.5", "0"), &a, D));
    EXPECT_FAILS(MF_INVALID, "mind the unit", read(with("clock_mhz", "clock_ghz"), &a, D));
    EXPECT_FAILS(MF_INVALID, "missing", read(with("\"buffer_words\": 7, ", ""), &a, D));
}

TEST(Accelerator, AllShippedOnesLoad)
{
    size_t n = 0;
    for (const auto &file :
         std::filesystem::directory_iterator(source_path("models/accelerators"))) {
        mf_accelerator a;
        SCOPED_TRACE(file.path());
        EXPECT_OK(read(read_text(file.path()), &a, D));
        n++;
    }
    EXPECT_GE(n, 3u);
}

TEST(Accelerator, ReadsRatesWordsFactsAndPools)
{
    mf_accelerator a = {};
    std::string more = R"("clock_mhz": 8.5, "dram_mb_per_s": "unlimited", "ifmap_bus_bits": 16,
      "psum_buffering": "freed", "facts": {"ifmap_bus_bits": {"status": "assumed", "source": "s"}},
      "pools": [{"name": "p", "pe_rows": 1, "pe_columns": 2, "operators": ["mult"]},
                {"name": "q", "pe_rows": 3, "pe_columns": 4, "operators": ["shift", "add"]}])";
    Doc doc(with("\"clock_mhz\": 8.5", more));
    mf_arena *arena = mf_arena_create();
    EXPECT_OK(mf_accelerator_from_json(doc.doc, arena, &a, D));
    EXPECT_TRUE(std::isinf(a.dram_mb_per_s));
    EXPECT_EQ(a.ifmap_bus_bits, 16);
    EXPECT_EQ(a.psum_buffering, 2u);
    EXPECT_STREQ(a.facts[MF_KEY_ifmap_bus_bits].status, "assumed");
    EXPECT_EQ(a.facts[MF_KEY_psum_bits].status, nullptr);
    mf_pool pool;
    EXPECT_OK(mf_accelerator_pool(&a, "add", &pool, D));
    EXPECT_EQ(pool.pe_rows * pool.pe_columns, 12u);
    EXPECT_FAILS(MF_NO_MAPPING, "no pool", mf_accelerator_pool(&a, "other", &pool, D));
    EXPECT_FAILS(MF_INVALID, "psum_bits, weight_bus_bits",
                 mf_accelerator_demand(&a, MF_GROUP_ACCOUNT, D));
    EXPECT_OK(mf_accelerator_demand(&a, MF_GROUP_MACHINE, D));
    mf_arena_destroy(arena);
}

// Written before weights_in_buffer was a key: complete, and weights go by the buffer.
TEST(Accelerator, OlderFilesStayComplete)
{
    std::string text = read_text(source_path("models/accelerators/eyeriss-12x14.json"));
    for (const char *key : {"\"weights_in_buffer\": \"", "\"weights_in_buffer\": {"}) {
        size_t begin = text.find(key), end = text.find('\n', begin);
        ASSERT_NE(begin, std::string::npos);
        text.erase(begin, end - begin);
    }
    mf_accelerator a = {};
    mf_arena *arena = mf_arena_create();
    Doc doc(text);
    EXPECT_OK(mf_accelerator_from_json(doc.doc, arena, &a, D));
    EXPECT_OK(mf_accelerator_demand(&a, MF_GROUP_ACCOUNT, D));
    EXPECT_EQ(a.weights_in_buffer, 0u);
    a.given[MF_KEY_psum_bits] = false;
    EXPECT_FAILS(MF_INVALID, "psum_bits is missing",
                 mf_accelerator_demand(&a, MF_GROUP_ACCOUNT, D));
    mf_arena_destroy(arena);
}

TEST(Accelerator, RefusesBadRatesAndWords)
{
    mf_accelerator a;
    auto extra = [](const std::string &member) {
        return with("\"clock_mhz\": 8.5", "\"clock_mhz\": 8.5, " + member);
    };
    EXPECT_FAILS(MF_INVALID, "\"unlimited\"", read(extra("\"dram_mb_per_s\": 0"), &a, D));
    EXPECT_FAILS(MF_INVALID, "dram_mb_per_s", read(extra("\"dram_mb_per_s\": \"lots\""), &a, D));
    EXPECT_FAILS(MF_INVALID, "double", read(extra("\"psum_buffering\": \"triple\""), &a, D));
    EXPECT_FAILS(MF_INVALID, "psum_bits", read(extra("\"psum_bits\": 65"), &a, D));
    EXPECT_FAILS(MF_INVALID, "clok",
                 read(extra(R"("facts": {"clok": {"status": "found", "source": "s"}})"), &a, D));
}
