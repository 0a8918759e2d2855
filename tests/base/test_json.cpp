// Is JSON read to the letter, and does every complaint name its file and path?
#include "base/faults.h"
#include "base/units.h"
#include "tests/support/support.h"

#include <cmath>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace
{
mf_status parse(const std::string &text, mf_diag *diag)
{
    mf_json_doc *doc = nullptr;
    mf_status status = mf_json_parse(text.c_str(), text.size(), "text", &doc, diag);
    if (status == MF_OK)
        mf_json_destroy(doc);
    return status;
}
} // namespace

TEST(Json, RefusesWhatIsNotJson)
{
    const std::vector<std::string> bad = {"",
                                          "{",
                                          "[1,",
                                          "{\"a\":1} x",
                                          "01",
                                          "1.",
                                          ".5",
                                          "+1",
                                          "-",
                                          "1e",
                                          "[1,]",
                                          "{\"a\":1,}",
                                          "nul",
                                          "'a'",
                                          "\"a\nb\"",
                                          "\"\xff\"",
                                          "\"\\u0000\"",
                                          "\"open",
                                          "{\"a\" 1}",
                                          "[1 2]",
                                          "// x\n1",
                                          "\"\xed\xa0\x80\"",
                                          "{\"a\":1,\"a\":2}",
                                          "[{\"b\":{\"c\":1,\"c\":1}}]"};
    for (const std::string &text : bad) {
        Doc doc(text);
        EXPECT_EQ(MF_MALFORMED, doc.status) << "accepted: " << text;
        EXPECT_EQ(std::string(doc.diag.message).rfind("test.json: ", 0), 0u) << doc.diag.message;
    }
}

TEST(Json, AcceptsWhatIsJson)
{
    for (const char *text : {"0", "-0.5e+3", "[]", "{}",
                             " {\"a\": [1, true, null, \"\\u00e9\\n\"]} \n", "\"\xc3\xa9\""}) {
        Doc doc(text);
        EXPECT_EQ(MF_OK, doc.status) << doc.diag.message;
    }
}

TEST(Json, NamesLineAndColumn)
{
    Doc doc("{\n  \"a\": 01\n}");
    EXPECT_NE(std::string(doc.diag.message).find("line 2, column 8"), std::string::npos)
        << doc.diag.message;
}

TEST(Json, NamesThePathOfAValue)
{
    Doc doc("{\"parts\": [{}, {\"stride\": -2}]}");
    mf_json root = doc.root(), parts, item = {}, stride;
    uint64_t n;
    ASSERT_OK(mf_json_get(&root, "parts", &parts, D));
    mf_json_next(&parts, &item);
    mf_json_next(&parts, &item);
    ASSERT_OK(mf_json_get(&item, "stride", &stride, D));
    EXPECT_FAILS(MF_INVALID,
                 "test.json: parts[1].stride: expected a whole number from 1 to 9, found -2",
                 mf_json_read_count(&stride, 1, 9, &n, D));
}

TEST(Json, RefusesUnknownKeysWithTheNearestOrTheRightUnit)
{
    static const char *const keys[] = {"clock_mhz", "stride", nullptr};
    Doc near("{\"strid\": 1}"), unit("{\"clock_ghz\": 1}");
    mf_json a = near.root(), b = unit.root();
    EXPECT_FAILS(MF_INVALID, "did you mean \"stride\"", mf_json_only(&a, keys, D));
    EXPECT_FAILS(MF_INVALID, "mind the unit", mf_json_only(&b, keys, D));
}

TEST(Json, ChecksRangesAndKinds)
{
    Doc doc("{\"n\": 1.5, \"big\": 1e300, \"s\": \"x\", \"b\": true, \"max\": 9007199254740992}");
    mf_json root = doc.root();
    uint64_t n = 7;
    double x;
    bool flag = false;
    const char *text;
    EXPECT_FAILS(MF_INVALID, "found 1.5", mf_json_count(&root, "n", 0, 10, &n, D));
    EXPECT_FAILS(MF_INVALID, "big", mf_json_count(&root, "big", 0, UINT64_MAX, &n, D));
    EXPECT_FAILS(MF_INVALID, "found \"x\"", mf_json_real(&root, "s", 0, 1, &x, D));
    EXPECT_FAILS(MF_INVALID, "expected a string", mf_json_string(&root, "b", &text, D));
    EXPECT_FAILS(MF_INVALID, "is missing", mf_json_string(&root, "none", &text, D));
    EXPECT_EQ(n, 7u) << "a failed reader leaves its result alone";
    EXPECT_OK(mf_json_count(&root, "max", 0, UINT64_MAX, &n, D));
    EXPECT_EQ(n, uint64_t{1} << 53);
    EXPECT_OK(mf_json_bool_or(&root, "b", &flag, D));
    EXPECT_TRUE(flag);
}

TEST(Json, OverridesByPath)
{
    Doc doc("{\"a\": {\"b\": 1}, \"list\": [1, 2]}");
    EXPECT_OK(mf_json_override(doc.doc, "a.b", "[\"x\"]", D));
    EXPECT_OK(mf_json_override(doc.doc, "a.c", "word", D));
    EXPECT_OK(mf_json_override(doc.doc, "list[1]", "5", D));
    mf_json root = doc.root(), a, b;
    const char *text = nullptr;
    ASSERT_OK(mf_json_get(&root, "a", &a, D));
    ASSERT_OK(mf_json_array(&a, "b", &b, D));
    ASSERT_OK(mf_json_string(&a, "c", &text, D));
    EXPECT_STREQ(text, "word");
    for (const char *path : {"x.y", "list[7]", "a..b", "", "list[", "a[0]", "list[99999999999]"})
        EXPECT_NE(MF_OK, mf_json_override(doc.doc, path, "1", nullptr)) << path;
}

// Of many keys in no order, the first that comes again is named.
TEST(Json, FindsARepeatedKeyAmongMany)
{
    std::string text = "{";
    for (int i = 0; i < 60000; i++)
        text += "\"k" + std::to_string(i * 7919 % 60000) + "\": {\"a\": 1, \"b\": 2}, ";
    EXPECT_EQ(MF_OK, Doc(text + "\"end\": 1}").status);
    EXPECT_FAILS(MF_MALFORMED, "k31337: this key is given twice",
                 parse(text + "\"k31337\": 1, \"k5\": 2, \"k31337\": 3}", D));
    EXPECT_FAILS(MF_MALFORMED, "k9.b: this key is given twice",
                 parse("{\"k9\": {\"b\": 1, \"a\": 2, \"b\": 3}}", D));
}

TEST(Json, RefusesMoreValuesThanItWillHold)
{
    std::string text = "[1";
    for (int i = 1; i < MF_JSON_MOST_VALUES - 1; i++)
        text += ",1";
    EXPECT_OK(parse(text + "]", D));
    EXPECT_FAILS(MF_TOO_LARGE, "more than 1048576 values", parse(text + ",1]", D));
    EXPECT_OK(parse("\"" + std::string(2 * MF_JSON_MOST_VALUES, ',') + "\\\"[\"", D));
}

namespace
{
// In a process of its own.
[[noreturn]] void parse_in_little_memory(const std::string &text, bool overrides)
{
    Doc small("{\"a\": 1}");
    const rlimit limit = {64 << 20, 64 << 20}; // whatever is there already counts, too
    setrlimit(RLIMIT_AS, &limit);
    mf_diag diag = {};
    mf_status status =
        overrides ? mf_json_override(small.doc, "a", text.c_str(), &diag) : parse(text, &diag);
    _exit(status == MF_NO_MEMORY ? 0 : 1);
}
} // namespace

// Memory that is out is no fault of the text.
TEST(Json, SaysWhenMemoryIsOut)
{
    if (is_sanitized())
        GTEST_SKIP() << "a sanitizer needs its own address space";
    std::string text = "[1";
    for (int i = 1; i < MF_JSON_MOST_VALUES - 1; i++)
        text += ",1";
    text += "]";
    EXPECT_EXIT(parse_in_little_memory(text, false), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(parse_in_little_memory(text, true), testing::ExitedWithCode(0), "");
}

TEST(Json, NestsDeeplyWithoutCrashing)
{
    Doc doc(std::string(100000, '[') + std::string(100000, ']'));
    EXPECT_EQ(MF_MALFORMED, doc.status);
}

TEST(Json, SaysAllThatIsWrongWithAnObjectAtOnce)
{
    static const char *const keys[] = {"rows", "clock_mhz", "name", nullptr};
    Doc doc("{\"row\": 1, \"clock_mhz\": \"0.2 GHz\", \"colour\": 2}");
    mf_json root = doc.root();
    uint64_t rows = 7;
    double clock = 8;
    const char *name = nullptr;
    mf_faults faults = {};
    MF_ALSO(mf_json_only(&root, keys, &faults.latest));
    MF_ALSO(mf_json_count(&root, "rows", 1, 9, &rows, &faults.latest));
    MF_ALSO(mf_json_real(&root, "clock_mhz", 1, 1000, &clock, &faults.latest));
    MF_ALSO(mf_json_string(&root, "name", &name, &faults.latest));
    mf_diag diag = {};
    EXPECT_EQ(MF_INVALID, mf_faults_end(&faults, &diag));
    EXPECT_STREQ(diag.message,
                 "test.json: 5 things are wrong: unknown key \"row\" (did you mean \"rows\"?); "
                 "unknown key \"colour\"; the key \"rows\" is missing; clock_mhz: expected a "
                 "number from 1 to 1000, found \"0.2 GHz\" (clock_mhz has its unit in its name: "
                 "write 200); the key \"name\" is missing");
    EXPECT_EQ(rows, 7u);
    EXPECT_EQ(clock, 8);
}

TEST(Json, ListsOfFaultsAreBounded)
{
    static const char *const none[] = {nullptr};
    std::string text = "{";
    for (int i = 0; i < 1000; i++)
        text += (i ? ",\"unheard-of-" : "\"unheard-of-") + std::to_string(i) + "\": 1";
    Doc doc(text + "}");
    mf_json root = doc.root();
    EXPECT_FAILS(MF_INVALID, "1000 things are wrong", mf_json_only(&root, none, D));
    EXPECT_FAILS(MF_INVALID, " more", mf_json_only(&root, none, D));
    Doc list("[1]");
    mf_json array = list.root();
    uint64_t n;
    mf_faults faults = {};
    for (const char *key : {"a", "b", "c"})
        MF_ALSO(mf_json_count(&array, key, 0, 1, &n, &faults.latest));
    mf_diag diag = {};
    EXPECT_EQ(MF_INVALID, mf_faults_end(&faults, &diag));
    EXPECT_STREQ(diag.message, "test.json: expected an object, found an array");
}

// What is read is the number in the key's unit, each unit of the list and by hand.
TEST(Units, AreRead)
{
    static const struct {
        const char *name, *text;
        double word_bits, value;
    } right[] = {{"clock_mhz", "200 MHz", 0, 200},         {"clock_mhz", "0.2GHz", 0, 200},
                 {"clock_mhz", "200mhz", 0, 200},          {"clock_mhz", "250000 kHz", 0, 250},
                 {"dram_mb_per_s", "480 MB/s", 0, 480},    {"dram_mb_per_s", "6.4 GB/s", 0, 6400},
                 {"dram_mb_per_s", "8 Mb/s", 0, 1},        {"dram_mb_per_s", "1 Gbit/s", 0, 125},
                 {"word_bits", "16 bits", 0, 16},          {"psum_bits", "4 B", 0, 32},
                 {"buffer_words", "108 KB", 16, 55296},    {"buffer_words", "108 KiB", 16, 55296},
                 {"buffer_words", "1 MB", 8, 1048576},     {"buffer_words", "512 words", 0, 512},
                 {"buffer_words", "20 bits", 8, 2.5},      {"area_um2", "1 mm2", 0, 1e6},
                 {"pe_overhead_um2", "2e4 um2", 0, 20000}, {"some_bits", "1 kB", 0, 8192}};
    for (const auto &r : right) {
        double value = 0;
        char why[256] = "";
        EXPECT_TRUE(mf_units_value(r.name, r.text, r.word_bits, &value, why, sizeof why))
            << r.text << ": " << why;
        EXPECT_EQ(value, r.value) << r.name << " " << r.text;
    }
    static const struct {
        const char *name, *text, *why;
    } wrong[] = {{"dram_mb_per_s", "480 mb/s", "bits or bytes"},
                 {"buffer_words", "100 kb", "bits or bytes"},
                 {"buffer_words", "108 KB", "word_bits"},
                 {"clock_mhz", "200 MB", "MHz, GHz, kHz, Hz"},
                 {"clock_mhz", "200", "MHz"},
                 {"clock_mhz", "fast", "MHz"},
                 {"clock_mhz", "inf MHz", "MHz"},
                 {"clock_mhz", "nan MHz", "MHz"},
                 {"clock_mhz", "", "MHz"},
                 {"pe_rows", "3 rows", "without a unit"}};
    for (const auto &w : wrong) {
        double value = -1;
        char why[256] = "";
        EXPECT_FALSE(mf_units_value(w.name, w.text, 0, &value, why, sizeof why)) << w.text;
        EXPECT_NE(std::string(why).find(w.why), std::string::npos) << w.text << ": " << why;
        EXPECT_EQ(value, -1) << w.text;
    }
}

// Each unit of the list, with and without a blank: what is suggested is the number in the key's
// unit.
TEST(Json, ExplainsUnits)
{
    static const struct {
        const char *end, *written;
        double factor;
    } units[] = {
#define MF_UNIT(end, written, factor) {end, written, factor},
#include "base/units.def"
#undef MF_UNIT
    };
    for (const auto &unit : units)
        for (const char *blank : {"", " "}) {
            std::string key = std::string("some_") + unit.end,
                        text = std::string("1.5") + blank + unit.written;
            char hint[256];
            ASSERT_TRUE(mf_units_hint(key.c_str(), text.c_str(), hint, sizeof hint)) << text;
            std::string words = hint;
            size_t at = words.find("write ");
            ASSERT_NE(at, std::string::npos) << key << " " << text << ": " << words;
            EXPECT_DOUBLE_EQ(std::stod(words.substr(at + 6)), 1.5 * unit.factor) << words;
        }
    char hint[256];
    EXPECT_FALSE(mf_units_hint("clock_mhz", "fast", hint, sizeof hint));
    EXPECT_FALSE(mf_units_hint("clock_mhz", "200", hint, sizeof hint));
    ASSERT_TRUE(mf_units_hint("buffer_words", "108KB", hint, sizeof hint));
    EXPECT_NE(std::string(hint).find("word_bits"), std::string::npos);
}
