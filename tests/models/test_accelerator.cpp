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

// Sizes with units are the words that they are, whatever the order of the keys; others need word_bits.
TEST(Accelerator, ReadsUnits)
{
    mf_accelerator a = {};
    auto units = [](const std::string &more) {
        std::string text = good;
        text.replace(text.find("\"buffer_words\": 7"), 17, "\"buffer_words\": \"108 KB\"");
        return text.replace(text.find("8.5"), 3, "\"0.2 GHz\"" + more);
    };
    EXPECT_OK(read(units(R"(, "dram_mb_per_s": "480 MB/s", "word_bits": "2 bytes")"), &a, D));
    EXPECT_EQ(a.buffer_words, 55296u);
    EXPECT_EQ(a.clock_mhz, 200);
    EXPECT_EQ(a.dram_mb_per_s, 480);
    EXPECT_EQ(a.word_bits, 16u);
    EXPECT_FAILS(MF_INVALID, "words of how many bits", read(units(""), &a, D));
    EXPECT_FAILS(MF_INVALID, "found 2.5", read(with("\"pe_rows\": 2", "\"pe_rows\": 2.5"), &a, D));
    EXPECT_FAILS(MF_INVALID, "whole number",
                 read(units(R"(, "word_bits": 16, "weight_prefetch_words": "3 B")"), &a, D));
}

// Everything that is missing, everything unknown and everything wrong, in one message.
TEST(Accelerator, SaysAllAtOnce)
{
    mf_accelerator a = {};
    mf_diag diag = {};
    EXPECT_EQ(read(R"({"name": "x", "pe_rowz": 2, "clock": 1, "pe_columns": -1})", &a, &diag),
              MF_INVALID);
    for (const char *part :
         {"pe_rows, ifmap_register_words, weight_register_words, psum_register_words, "
          "buffer_words, clock_mhz are missing",
          "pe_rowz", "\"clock\"", "about", "source", "pe_columns: expected", "based_on"})
        EXPECT_NE(std::string(diag.message).find(part), std::string::npos)
            << part << ": " << diag.message;
    // with what an account asks for, too
    mf_arena *arena = mf_arena_create();
    Doc doc(R"({"name": "x", "about": "y", "source": "z", "pe_rows": 2})");
    mf_accelerator_wants wants = {};
    wants.groups = 1u << MF_GROUP_ACCOUNT | 1u << MF_GROUP_CHIP;
    EXPECT_EQ(mf_accelerator_from_json_with(doc.doc, &wants, arena, &a, &diag), MF_INVALID);
    size_t n = 0;
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++)
        n += std::string(diag.message).find(std::string(mf_accelerator_keys[key])) !=
             std::string::npos;
    EXPECT_EQ(n, MF_N_ACCELERATOR_KEYS - 3u)
        << diag.message; /* pe_rows, pe_overhead_um2 and one more */
    mf_arena_destroy(arena);
}

TEST(Accelerator, Inherits)
{
    Scratch files;
    mf_arena *arena = mf_arena_create();
    mf_accelerator a = {}, b = {};
    EXPECT_OK(mf_accelerator_load(source_path("models/accelerators/eyeriss-12x14.json").c_str(),
                                  arena, &b, D));
    files.write("base.json", read_text(source_path("models/accelerators/eyeriss-12x14.json")));
    files.write("middle.json", R"({"name": "m", "about": "y", "based_on": "base", "pe_rows": 8,
        "dram_mb_per_s": "1 GB/s"})");
    const std::string path =
        files.write("heir.json",
                    R"({"name": "h", "about": "z", "source": "s", "based_on": "./middle.json",
            "buffer_words": "32 KB", "facts": {"buffer_words": {"status": "found", "source": "f"}}})");
    EXPECT_OK(mf_accelerator_load(path.c_str(), arena, &a, D));
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
        char x[64], y[64];
        mf_accelerator_value_text(&a, key, x, sizeof x);
        mf_accelerator_value_text(&b, key, y, sizeof y);
        const bool own =
            key == MF_KEY_pe_rows || key == MF_KEY_dram_mb_per_s || key == MF_KEY_buffer_words;
        EXPECT_EQ(std::string(x) == y, !own) << mf_accelerator_keys[key];
        // what was said of an inherited value holds on; of another one, nothing does
        const char *source = a.facts[key].source, *inherited = b.facts[key].source;
        if (key == MF_KEY_buffer_words)
            EXPECT_STREQ(source, "f");
        else if (own)
            EXPECT_EQ(source, nullptr) << mf_accelerator_keys[key];
        else
            EXPECT_STREQ(source, inherited) << mf_accelerator_keys[key];
    }
    EXPECT_STREQ(a.name, "h");
    EXPECT_STREQ(a.source, "s");
    ASSERT_EQ(a.n_bases, 2u);
    EXPECT_STREQ(a.bases[0], "eyeriss-12x14");
    EXPECT_STREQ(a.bases[1], "m");
    EXPECT_EQ(a.buffer_words, 16384u);
    mf_arena_destroy(arena);
}

TEST(Accelerator, RefusesBasesThatCannotBe)
{
    Scratch files;
    mf_arena *arena = mf_arena_create();
    mf_accelerator a = {};
    auto based = [](const std::string &name, const std::string &on) {
        return "{\"name\": \"" + name + "\", \"about\": \"y\", \"based_on\": \"" + on + "\"}";
    };
    std::string path = files.write("self.json", based("self", "self"));
    EXPECT_FAILS(MF_INVALID, "in a circle", mf_accelerator_load(path.c_str(), arena, &a, D));
    files.write("one.json", based("one", "two"));
    files.write("two.json", based("two", "sub/../three.json"));
    std::filesystem::create_directory(files.file("sub"));
    path = files.write("three.json", based("three", "./one.json"));
    EXPECT_FAILS(MF_INVALID, "three.json -> ", mf_accelerator_load(path.c_str(), arena, &a, D));
    path = files.write("none.json", based("none", "nothing"));
    EXPECT_FAILS(MF_UNKNOWN_NAME, "based_on", mf_accelerator_load(path.c_str(), arena, &a, D));
    // what is wrong in a base is said of that file
    files.write("bad.json", R"({"name": "b", "about": "y", "source": "z", "pe_rows": -4})");
    path = files.write("good.json", based("g", "bad"));
    EXPECT_FAILS(MF_INVALID, "bad.json: pe_rows", mf_accelerator_load(path.c_str(), arena, &a, D));
    // a long line of files ends
    files.write("0.json", good);
    for (int i = 1; i < 40; i++)
        path = files.write(std::to_string(i) + ".json", based("n", std::to_string(i - 1)));
    EXPECT_FAILS(MF_TOO_LARGE, "more than 16", mf_accelerator_load(path.c_str(), arena, &a, D));
    path = files.file("15.json");
    EXPECT_OK(mf_accelerator_load(path.c_str(), arena, &a, D));
    mf_arena_destroy(arena);
}

// Every key of the accelerators that say so has a fact, and none has one that it does not have.
TEST(Accelerator, EachKeyHasAFact)
{
    for (const char *name : {"tpu-like-32x32", "eyeriss-v2-24x8", "mcu-8x8"}) {
        mf_accelerator a = {};
        mf_arena *arena = mf_arena_create();
        const std::string path = source_path("models/accelerators/") + name + ".json";
        EXPECT_OK(mf_accelerator_load(path.c_str(), arena, &a, D));
        for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++) {
            if (key == MF_KEY_pe_overhead_um2 && !a.given[key])
                continue; // an override of what tables say
            EXPECT_TRUE(a.given[key]) << name << " " << mf_accelerator_keys[key];
            EXPECT_NE(a.facts[key].source, nullptr) << name << " " << mf_accelerator_keys[key];
        }
        mf_arena_destroy(arena);
    }
}
