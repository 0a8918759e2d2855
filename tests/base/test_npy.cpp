// Do arrays come back as they were written, in the bytes that numpy documents, and does nothing
// malformed get through?
#include "base/npy.h"
#include "base/random.h"
#include "tests/support/support.h"

#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

namespace
{
struct Arena {
    mf_arena *arena = mf_arena_create();
    Arena() = default;
    Arena(const Arena &) = delete;
    ~Arena()
    {
        mf_arena_destroy(arena);
    }
};

// A block of exactly this size, so that the sanitizer sees one byte too far.
struct Block {
    size_t n;
    std::unique_ptr<char[]> bytes;
    explicit Block(const std::string &text) : n(text.size()), bytes(new char[text.size()])
    {
        std::memcpy(bytes.get(), text.data(), n);
    }
};

mf_status parse(const Block &block, mf_npy *array, mf_diag *diag)
{
    return mf_npy_parse("w.npy", block.bytes.get(), block.n, array, diag);
}

mf_npy describe(mf_npy_type type, const std::vector<uint64_t> &size, const void *items)
{
    mf_npy a = {};
    a.type = type;
    a.n_dimensions = size.size();
    a.items = items;
    for (size_t i = 0; i < size.size() && i < MF_NPY_MAX_DIMENSIONS; i++)
        a.size[i] = size[i];
    return a;
}

std::string format(mf_npy_type type, const std::vector<uint64_t> &size, const void *items)
{
    Arena arena;
    mf_npy a = describe(type, size, items);
    void *bytes = nullptr;
    size_t n = 0;
    EXPECT_OK(mf_npy_format(&a, arena.arena, &bytes, &n, D));
    return bytes ? std::string(static_cast<char *>(bytes), n) : "";
}

// A .npy of any version around any header; its length is told, or told wrongly.
std::string wrap(const std::string &header, const std::string &items = "", char major = 1,
                 long long told = -1)
{
    std::string out = "\x93NUMPY";
    out += major;
    out += '\0';
    const auto n = static_cast<uint64_t>(told < 0 ? static_cast<long long>(header.size()) : told);
    for (int i = 0; i < (major == 1 ? 2 : 4); i++)
        out += static_cast<char>(n >> 8 * i);
    return out + header + items;
}

std::string dictionary(const std::string &descr, const std::string &order, const std::string &shape)
{
    return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

// Fails, in one line that begins with the name and holds `text`.
void expect_malformed(const std::string &bytes, const std::string &text)
{
    const Block block(bytes);
    mf_npy a = {};
    a.n_items = 77;
    mf_diag diag = {};
    EXPECT_EQ(parse(block, &a, &diag), MF_MALFORMED) << text;
    const std::string message = diag.message;
    EXPECT_EQ(message.rfind("w.npy: ", 0), 0u) << message;
    EXPECT_NE(message.find(text), std::string::npos) << message << "\nexpected: " << text;
    EXPECT_EQ(a.n_items, 77u) << "the array is left as it was";
}

void expect_malformed_header(const std::string &header, const std::string &text)
{
    SCOPED_TRACE(header);
    expect_malformed(wrap(header), text);
}

std::string noise(size_t n, uint64_t seed)
{
    mf_random random = mf_random_seed(seed);
    std::string out(n, 0);
    for (char &c : out)
        c = static_cast<char>(mf_random_bits(&random));
    return out;
}

template <typename T> void expect_reads_back(mf_npy_type type, const std::vector<T> &values)
{
    const Block block(format(type, {values.size()}, values.data()));
    mf_npy a = {};
    EXPECT_OK(parse(block, &a, D));
    ASSERT_EQ(a.n_items, values.size());
    for (size_t i = 0; i < values.size(); i++)
        EXPECT_EQ(mf_npy_integer(&a, i), static_cast<int64_t>(values[i])) << i;
}

template <typename T> void expect_extremes_read_back(mf_npy_type type)
{
    using Limits = std::numeric_limits<T>;
    expect_reads_back<T>(type, {Limits::min(), static_cast<T>(Limits::min() + 1),
                                static_cast<T>(-1), 0, 1, 2, Limits::max()});
}
} // namespace

TEST(Npy, TypesAreNamedAsNumpyNamesThem)
{
    const struct {
        mf_npy_type type;
        const char *name;
        size_t n_bytes;
        bool integer;
    } expected[] = {{MF_NPY_I8, "|i1", 1, true},  {MF_NPY_U8, "|u1", 1, true},
                    {MF_NPY_I16, "<i2", 2, true}, {MF_NPY_I32, "<i4", 4, true},
                    {MF_NPY_I64, "<i8", 8, true}, {MF_NPY_F32, "<f4", 4, false}};
    ASSERT_EQ(std::size(expected), static_cast<size_t>(MF_N_NPY_TYPES));
    for (const auto &e : expected) {
        EXPECT_STREQ(mf_npy_type_name(e.type), e.name);
        EXPECT_EQ(mf_npy_item_bytes(e.type), e.n_bytes) << e.name;
        EXPECT_EQ(mf_npy_is_integer(e.type), e.integer) << e.name;
    }
}

// Every type, 0 to 8 dimensions, with each dimension in turn zero as well.
TEST(Npy, ComesBackAsItWasWritten)
{
    for (int type = 0; type < MF_N_NPY_TYPES; type++)
        for (size_t n = 0; n <= MF_NPY_MAX_DIMENSIONS; n++)
            for (size_t zero = 0; zero <= n; zero++) {
                std::vector<uint64_t> size;
                size_t n_items = zero < n ? 0 : 1;
                for (size_t i = 0; i < n; i++) {
                    size.push_back(i == zero ? 0 : 1 + i % 3);
                    n_items *= size[i];
                }
                const auto t = static_cast<mf_npy_type>(type);
                const std::string items = noise(n_items * mf_npy_item_bytes(t), n);
                const Block block(format(t, size, n_items ? items.data() : nullptr));
                mf_npy a = {};
                ASSERT_OK(parse(block, &a, D));
                EXPECT_EQ(a.type, t);
                EXPECT_EQ(std::vector<uint64_t>(a.size, a.size + a.n_dimensions), size);
                EXPECT_EQ(a.n_items, n_items);
                EXPECT_EQ(std::string(static_cast<const char *>(a.items), items.size()), items);
            }
}

TEST(Npy, IntegersKeepTheirValues)
{
    expect_extremes_read_back<int8_t>(MF_NPY_I8);
    expect_extremes_read_back<uint8_t>(MF_NPY_U8);
    expect_extremes_read_back<int16_t>(MF_NPY_I16);
    expect_extremes_read_back<int32_t>(MF_NPY_I32);
    expect_extremes_read_back<int64_t>(MF_NPY_I64);
}

TEST(Npy, ItemsMayLieAtOddAddresses)
{
    const std::vector<int64_t> values = {1, -2, std::numeric_limits<int64_t>::min()};
    const std::string items(reinterpret_cast<const char *>(values.data()), 8 * values.size());
    for (size_t spaces = 0; spaces < 8; spaces++) {
        const Block block(
            wrap(dictionary("'<i8'", "False", "(3,)") + std::string(spaces, ' '), items));
        mf_npy a = {};
        ASSERT_OK(parse(block, &a, D));
        for (size_t i = 0; i < values.size(); i++)
            EXPECT_EQ(mf_npy_integer(&a, i), values[i]) << spaces;
    }
}

// numpy.lib.format, "Format Version 1.0": magic, version, length of the header (0x76: 118 and the
// ten bytes before are 128), header, items.
TEST(Npy, BytesAreThoseNumpyDocuments)
{
    const int32_t items[] = {1, -2, 3, 0x01020304, 5, 6};
    const std::string expected =
        std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
        "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }" + // 59 characters
        std::string(58, ' ') + "\n" +
        std::string("\x01\x00\x00\x00"
                    "\xfe\xff\xff\xff"
                    "\x03\x00\x00\x00"
                    "\x04\x03\x02\x01"
                    "\x05\x00\x00\x00"
                    "\x06\x00\x00\x00",
                    24);
    EXPECT_EQ(format(MF_NPY_I32, {2, 3}, items), expected);
}

TEST(Npy, ShapesAreWrittenAsPythonTuples)
{
    const std::string items(120, 'x');
    auto shape = [&](const std::vector<uint64_t> &size) {
        const std::string bytes = format(MF_NPY_I8, size, items.data());
        const size_t begin = bytes.find('(');
        return bytes.substr(begin, bytes.find(", }") - begin);
    };
    EXPECT_EQ(shape({}), "()");
    EXPECT_EQ(shape({7}), "(7,)");
    EXPECT_EQ(shape({0, 5}), "(0, 5)");
    EXPECT_EQ(shape({1, 2, 3, 4, 5, 1, 1, 1}), "(1, 2, 3, 4, 5, 1, 1, 1)");
}

// numpy's rule in full (1.24.2, numpy.lib.format): room for the first size to grow to 21 digits,
// then the newline and spaces to the next multiple of 64, which is never the length itself.
TEST(Npy, PaddingIsNumpys)
{
    const uint64_t seed = 5;
    SCOPED_TRACE("seed " + std::to_string(seed));
    mf_random random = mf_random_seed(seed);
    for (int round = 0; round < 2000; round++) {
        std::vector<uint64_t> size(mf_random_between(&random, 0, MF_NPY_MAX_DIMENSIONS));
        uint64_t room = INT64_MAX / 8;
        for (uint64_t &s : size) {
            s = mf_random_between(&random, 1, room) >> mf_random_between(&random, 0, 40);
            room /= s ? s : 1;
        }
        if (!size.empty())
            size[mf_random_between(&random, 0, size.size() - 1)] = 0; // so that nothing is stored
        const int64_t item = 1;
        const std::string bytes = format(MF_NPY_I64, size, &item);
        size_t n = bytes.find('}') + 1 + 1;
        if (!size.empty())
            n += 21 - std::to_string(size[0]).size();
        n += 64 - n % 64;
        ASSERT_EQ(bytes.size(), n + (size.empty() ? 8 : 0));
        ASSERT_EQ(bytes[n - 1], '\n');
        ASSERT_EQ(static_cast<unsigned char>(bytes[8]) +
                      256u * static_cast<unsigned char>(bytes[9]),
                  n - 10);
        const size_t end = bytes.find('}') + 1;
        ASSERT_EQ(bytes.find_first_not_of(' ', end), n - 1);
    }
}

TEST(Npy, LongestShapesFitTheHeader)
{
    const uint64_t most = INT64_MAX, ten = 10;
    for (const std::vector<uint64_t> &size : {std::vector<uint64_t>{0, most},
                                              {most, 0},
                                              {0, 1, 1, 1, 1, 1, 1, most},
                                              {0, ten, ten, 1000, 1000, 10000, 10000, ten},
                                              {1000000000000000000, 0, 1, 1, 1, 1, 1, 9}}) {
        const std::string bytes = format(MF_NPY_U8, size, nullptr);
        mf_npy a = {};
        ASSERT_OK(parse(Block(bytes), &a, D));
        EXPECT_EQ(std::vector<uint64_t>(a.size, a.size + a.n_dimensions), size);
    }
}

TEST(Npy, KeysMayComeInAnyOrderAndSpacing)
{
    for (const char *header :
         {"{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2), }\n",
          "{'shape': (1, 2), 'descr': '<i2', 'fortran_order': False}",
          "{\"fortran_order\":False,\"shape\":(1,2,),\"descr\":\"<i2\"}",
          " \t{ 'descr' :\n'<i2' , 'fortran_order' : False,\r\n'shape' : ( 1 , 2 ) , } \n \n"}) {
        const Block block(wrap(header, std::string("\x05\x00\xff\xff", 4)));
        mf_npy a = {};
        ASSERT_OK(parse(block, &a, D));
        ASSERT_EQ(a.n_items, 2u) << header;
        EXPECT_EQ(mf_npy_integer(&a, 0), 5);
        EXPECT_EQ(mf_npy_integer(&a, 1), -1);
    }
}

TEST(Npy, SingleBytesHaveNoOrder)
{
    for (const char *descr : {"'|u1'", "'<u1'", "'>u1'", "'=u1'"}) {
        const Block block(wrap(dictionary(descr, "False", "()"), "\xfe"));
        mf_npy a = {};
        ASSERT_OK(parse(block, &a, D));
        EXPECT_EQ(a.type, MF_NPY_U8) << descr;
        EXPECT_EQ(mf_npy_integer(&a, 0), 254) << descr;
    }
}

TEST(Npy, ReadsVersionsTwoAndThree)
{
    const std::string header = dictionary("'<i2'", "False", "(2,)") + std::string(70000, ' ');
    for (char major : {'\2', '\3'}) {
        const Block block(wrap(header, std::string("\x05\x00\xff\xff", 4), major));
        mf_npy a = {};
        ASSERT_OK(parse(block, &a, D));
        ASSERT_EQ(a.n_items, 2u);
        EXPECT_EQ(mf_npy_integer(&a, 1), -1);
    }
}

TEST(Npy, RefusesWhatIsNoArray)
{
    const std::string whole = wrap(dictionary("'|i1'", "False", "()"), "x");
    expect_malformed("", "it is empty");
    expect_malformed("PK\x03\x04 and so on", "does not begin as one");
    expect_malformed("\x93NUMPX" + whole.substr(6), "does not begin as one");
    expect_malformed("x", "does not begin as one");
    expect_malformed("\x93NUMPY", "ends within its header");
    mf_npy a = {};
    EXPECT_FAILS(MF_MALFORMED, "it is empty", mf_npy_parse("w.npy", nullptr, 0, &a, D));
}

TEST(Npy, RefusesUnknownVersions)
{
    for (const char *version : {"00", "11", "40", "\x93N"}) {
        std::string bytes = wrap(dictionary("'|i1'", "False", "()"), "x");
        bytes[6] = static_cast<char>(version[0] - '0');
        bytes[7] = static_cast<char>(version[1] - '0');
        expect_malformed(bytes, "only 1.0, 2.0 and 3.0");
    }
    expect_malformed(std::string("\x93NUMPY\x09\x05", 8), "version 9.5 is not read");
}

TEST(Npy, BelievesNoHeaderLength)
{
    const std::string header = dictionary("'|i1'", "False", "()");
    const auto n = static_cast<long long>(header.size());
    expect_malformed(wrap(header, "x", 1, 65535), "ends within its header");
    expect_malformed(wrap(header, "x", 1, n + 2), "ends within its header");
    expect_malformed(wrap(header, "x", 1, n + 1), "there is something after '}'");
    expect_malformed(wrap(header, "x", 1, n - 1), "needs 1 bytes of items, but it has 2");
    expect_malformed(wrap(header, "x", 1, n - 2), "a text in quotes is expected");
    expect_malformed(wrap(header, "x", 1, 0), "'{' is expected");
    for (long long told : {0xffffffffll, 0x80000000ll, n + 2})
        for (char major : {'\2', '\3'})
            expect_malformed(wrap(header, "x", major, told), "ends within its header");
}

TEST(Npy, RefusesOtherTypesAndSaysWhatToConvertTo)
{
    auto with = [](const std::string &descr) { return dictionary(descr, "False", "(2,)"); };
    expect_malformed_header(with("'>i4'"), "big-endian ('>i4'): convert with array.astype('<i4')");
    expect_malformed_header(with("'>f4'"), "big-endian ('>f4'): convert with array.astype('<f4')");
    for (const char *descr : {"<f8", ">f8", "|b1", "<u2", "<u8", "|O", "<U5", "|V3", "<c8",
                              "<M8[s]", "", "i", "i4", "i1", "|i", "|i1 ", "|i4", "=i4", "<i42"})
        expect_malformed_header(with("'" + std::string(descr) + "'"),
                                "items of type '" + std::string(descr) +
                                    "' are not read: convert with array.astype() to one of '|i1' "
                                    "'|u1' '<i2' '<i4' '<i8' '<f4'");
    expect_malformed_header(with("'>" + std::string(500, 'x') + "'"), ">xxx");
    for (const char *descr : {"[('a', '<i4')]", "[]", "('<i4', (2,))", "{'names': ['a']}"})
        expect_malformed_header(with(descr), "structures, not numbers: save each field");
    for (const char *descr : {"None", "4", "<i4", "b'<i4'"})
        expect_malformed_header(with(descr), "a text in quotes is expected");
}

TEST(Npy, RefusesFortranOrderAndSaysWhatToDo)
{
    auto with = [](const std::string &order) { return dictionary("'|i1'", order, "(2, 3)"); };
    expect_malformed(wrap(with("True"), "123456"),
                     "Fortran order: convert with numpy.ascontiguousarray(array)");
    for (const char *order : {"", "None", "0", "'False'", "false", "Fals"})
        expect_malformed_header(with(order), "neither True nor False");
    expect_malformed_header(with("Falsey"), "',' or '}' is expected");
}

TEST(Npy, RefusesOtherShapes)
{
    auto with = [](const std::string &shape) { return dictionary("'|i1'", "False", shape); };
    for (const char *shape : {"", "3", "[3]", "None", "'(3,)'"})
        expect_malformed_header(with(shape), "no tuple of sizes");
    expect_malformed_header(with("(3)"), "a number, not a tuple");
    for (const char *shape : {"(,)", "(3,,)", "(3, x)", "(None,)", "((3,),)", "(((((((((((",
                              "(+3,)", "(.5,)", "(True,)", "(3, 'a')"})
        expect_malformed_header(with(shape), "a size is expected here");
    for (const char *shape : {"(3 4)", "(3.5,)", "(3L,)", "(1_0,)", "(0x3,)", "(3;)"})
        expect_malformed_header(with(shape), "',' or ')' is expected");
    expect_malformed_header(with("(03,)"), "begins with 0");
    expect_malformed_header(with("(-1,)"), "a size is negative");
    expect_malformed_header(with("(2, -0)"), "a size is negative");
    expect_malformed_header(with("(1, 1, 1, 1, 1, 1, 1, 1, 1)"), "more than 8 dimensions");
}

TEST(Npy, RefusesSizesThatOverflow)
{
    auto with = [](const std::string &descr, const std::string &shape) {
        return dictionary(descr, "False", shape);
    };
    for (const char *shape : {"(9223372036854775808,)", "(18446744073709551616,)",
                              "(0, 18446744073709551617)", "(99999999999999999999999999999999,)"})
        expect_malformed_header(with("'|i1'", shape), "a size is too large");
    // 2^63 bytes: as items of eight, as 2^64 + 1 when it wraps, behind a zero and before one
    for (const char *shape :
         {"(1152921504606846976,)", "(2305843009213693952,)", "(4294967296, 4294967296)",
          "(0, 9223372036854775807, 3)", "(4294967296, 4294967296, 0)", "(274177, 67280421310721)"})
        expect_malformed_header(with("'<i8'", shape), "more than memory can hold");
    const Block most(wrap(with("'|i1'", "(0, 9223372036854775807)")));
    mf_npy a = {};
    EXPECT_OK(parse(most, &a, D));
    EXPECT_EQ(a.n_items, 0u);
}

TEST(Npy, RefusesAnotherNumberOfItems)
{
    const std::string header = dictionary("'<i4'", "False", "(2, 3)");
    expect_malformed(wrap(header, std::string(23, 'x')), "needs 24 bytes of items, but it has 23");
    expect_malformed(wrap(header, std::string(25, 'x')), "needs 24 bytes of items, but it has 25");
    expect_malformed(wrap(header), "needs 24 bytes of items, but it has 0");
    expect_malformed(wrap(dictionary("'<i4'", "False", "(0,)"), "x"), "needs 0 bytes");
    expect_malformed(wrap(dictionary("'<i4'", "False", "()"), "x"), "needs 4 bytes");
    expect_malformed(wrap(dictionary("'<i4'", "False", "(9223372036854775807, 0)"), ""),
                     "more than memory");
}

TEST(Npy, RefusesOtherKeys)
{
    const std::string d = "'descr': '|i1'", f = "'fortran_order': False", s = "'shape': (2,)";
    expect_malformed_header("{}", "key 'descr' is missing");
    expect_malformed_header("{" + f + ", " + s + "}", "key 'descr' is missing");
    expect_malformed_header("{" + d + ", " + s + "}", "key 'fortran_order' is missing");
    expect_malformed_header("{" + d + ", " + f + "}", "key 'shape' is missing");
    expect_malformed_header("{" + d + ", " + d + ", " + f + ", " + s + "}",
                            "'descr' is there twice");
    expect_malformed_header("{" + d + ", " + f + ", " + f + ", " + s + "}",
                            "'fortran_order' is there twice");
    expect_malformed_header("{" + s + ", " + s + ", " + d + ", " + f + "}",
                            "'shape' is there twice");
    for (const char *key : {"", "Shape", "shape ", "shap", "shapes", "version"})
        expect_malformed_header("{" + d + ", '" + key + "': 1}",
                                "unknown key '" + std::string(key) + "'");
}

TEST(Npy, RefusesOtherPython)
{
    const std::string all = "'descr': '|i1', 'fortran_order': False, 'shape': ()";
    for (const char *header : {"", "   \n", "[1]", "None", "'a'", "#{}", "\xef\xbb\xbf{}"})
        expect_malformed_header(header, "'{' is expected");
    for (const char *header : {"{", "{,}", "{descr: 1}", "{1: 2}", "{{}: 1}", "{'shape': (),, }",
                               "{b'descr': 1}", "{u'shape': ()}"})
        expect_malformed_header(header, "a text in quotes is expected");
    for (const char *header : {"{'descr'}", "{'descr' '|i1'}", "{'descr'", "{'descr', '|i1'}"})
        expect_malformed_header(header, "':' is expected");
    for (const char *header : {"{'shape': () 'descr': 1}", "{'shape': ()", "{'shape': ()]"})
        expect_malformed_header(header, "',' or '}' is expected");
    for (const char *header : {"{'", "{'descr", "{'descr\"", "{'descr': '<i4"})
        expect_malformed_header(header, "a text has no end");
    for (const char *header : {"{'de\\x73cr'", "{'de\ncr'", "{'d\xc3\xa9'", "{'shape\\'"})
        expect_malformed_header(header, "plain ASCII");
    expect_malformed_header(std::string("{'a\0b': 1}", 10), "plain ASCII");
    expect_malformed_header(std::string("\0{}", 3), "'{' is expected");
    for (const char *tail : {"x", "{}", ",", "}", "# comment", ".clear()"})
        expect_malformed_header("{" + all + "}" + tail, "there is something after '}'");
    expect_malformed_header("{" + all + "}" + std::string(1, '\0'), "something after '}'");
}

TEST(Npy, SurvivesNestingWithoutEnd)
{
    const std::string deep(60000, '('), braces(60000, '{'), brackets(60000, '[');
    for (const std::string &junk : {deep, braces, brackets}) {
        const Block blocks[] = {Block(wrap(junk)), Block(wrap("{'descr': " + junk)),
                                Block(wrap("{'shape': (" + junk)),
                                Block(wrap("{'fortran_order': " + junk))};
        for (const Block &block : blocks) {
            mf_npy a = {};
            EXPECT_FAILS(MF_MALFORMED, "w.npy: ", parse(block, &a, D));
        }
    }
}

TEST(Npy, MessagesAreOneLineWhateverTheFileSays)
{
    expect_malformed_header("{'" + std::string(5000, 'k') + "': 1}",
                            "unknown key '" + std::string(40, 'k') + "'");
    const Block block(wrap(dictionary("'%s%n'", "False", "()")));
    mf_npy a = {};
    EXPECT_FAILS(MF_MALFORMED, "items of type '%s%n'", parse(block, &a, D));
    EXPECT_EQ(parse(block, &a, nullptr), MF_MALFORMED) << "nobody listens";
}

TEST(Npy, IsNoArrayWhenCutAnywhere)
{
    const std::string items = noise(48, 1);
    for (const std::string &whole :
         {format(MF_NPY_I32, {2, 3, 2}, items.data()), format(MF_NPY_F32, {0, 3}, nullptr),
          wrap(dictionary("'|u1'", "False", "()"), "x", 2)}) {
        mf_npy a = {};
        ASSERT_OK(parse(Block(whole), &a, D));
        for (size_t n = 0; n < whole.size(); n++)
            EXPECT_FAILS(MF_MALFORMED, "w.npy: ", parse(Block(whole.substr(0, n)), &a, D));
    }
}

// A few bytes changed anywhere in the header, many by one another that means something there:
// refused, or an array whose items lie within the bytes.
TEST(Npy, SurvivesRandomDamage)
{
    const uint64_t seed = 20240607;
    SCOPED_TRACE("seed " + std::to_string(seed));
    RecordProperty("seed", std::to_string(seed));
    const std::string items = noise(24, seed), spice = "{}()[],:'\"0123456789-<>|=iufTrue \\";
    const std::string wholes[] = {format(MF_NPY_I16, {2, 3, 2}, items.data()),
                                  wrap(dictionary("'<i8'", "False", "(3,)"), items, 3)};
    mf_random random = mf_random_seed(seed);
    size_t n_refused = 0, n_read = 0;
    for (int round = 0; round < 100000; round++) {
        std::string bytes = wholes[round % 2];
        for (uint64_t n = mf_random_between(&random, 1, 4); n > 0; n--)
            bytes[mf_random_between(&random, 0, 80)] =
                mf_random_between(&random, 0, 3) == 0
                    ? static_cast<char>(mf_random_bits(&random))
                    : spice[mf_random_between(&random, 0, spice.size() - 1)];
        const Block block(bytes);
        mf_npy a = {};
        mf_diag diag = {};
        if (parse(block, &a, &diag) != MF_OK) {
            n_refused++;
            ASSERT_EQ(std::string(diag.message).rfind("w.npy: ", 0), 0u) << diag.message;
            continue;
        }
        n_read++;
        const char *end =
            static_cast<const char *>(a.items) + a.n_items * mf_npy_item_bytes(a.type);
        ASSERT_EQ(end, block.bytes.get() + block.n);
        for (uint64_t i = 0; i < a.n_items && mf_npy_is_integer(a.type); i++)
            mf_npy_integer(&a, i); // where the sanitizer looks on
    }
    std::printf("seed %llu: %zu refused, %zu read\n", static_cast<unsigned long long>(seed),
                n_refused, n_read);
    EXPECT_GT(n_refused, n_read) << "most damage matters";
    EXPECT_GT(n_read, 0u) << "some damage does not";
}

TEST(Npy, WritesNoArrayThatCannotBe)
{
    Arena arena;
    void *bytes = nullptr;
    size_t n = 0;
    mf_npy nine = describe(MF_NPY_I8, std::vector<uint64_t>(9, 1), "x");
    EXPECT_FAILS(MF_INVALID, "9 dimensions", mf_npy_format(&nine, arena.arena, &bytes, &n, D));
    for (const std::vector<uint64_t> &size : {std::vector<uint64_t>{1ull << 32, 1ull << 32},
                                              {UINT64_MAX},
                                              {0, UINT64_MAX},
                                              {1ull << 62}}) {
        mf_npy huge = describe(MF_NPY_I16, size, nullptr);
        EXPECT_FAILS(MF_TOO_LARGE, "more than memory",
                     mf_npy_format(&huge, arena.arena, &bytes, &n, D));
    }
    mf_npy large = describe(MF_NPY_I8, {INT64_MAX}, nullptr);
    EXPECT_FAILS(MF_NO_MEMORY, "memory", mf_npy_format(&large, arena.arena, &bytes, &n, D));
    EXPECT_EQ(bytes, nullptr);
}
