// Does a trace come back number by number, is every contradiction in one told with its place, and
// does nothing damaged get through?
#include "base/npy.h"
#include "base/random.h"
#include "base/zip.h"
#include "models/arithmetic/arithmetic.h"
#include "models/formats/network_file.h"
#include "models/kinds/kind.h"
#include "models/trace.h"
#include "models/trace_format.h"
#include "tests/support/support.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <list>
#include <memory>
#include <utility>
#include <vector>

namespace
{
using Entries = std::vector<std::pair<std::string, std::string>>;

struct Arena {
    mf_arena *arena = mf_arena_create();
    Arena() = default;
    Arena(const Arena &) = delete;
    ~Arena()
    {
        mf_arena_destroy(arena);
    }
};

// A trace that is closed with its holder.
struct Trace {
    mf_trace *trace = nullptr;
    mf_diag diag = {};
    mf_status status;
    explicit Trace(const std::string &path) : status(mf_trace_open(path.c_str(), &trace, &diag)) {}
    Trace(const Trace &) = delete;
    ~Trace()
    {
        mf_trace_close(trace);
    }
};

// ---- samples ------------------------------------------------------------------------------------

// A layer and its numbers; these need not follow from each other.
struct Sample {
    mf_layer_data data = {};
    std::vector<int32_t> ifmap, weights, multiplier, ofmap;
    std::vector<std::vector<int32_t>> others;
    std::vector<int64_t> addend, psums;

    void point()
    {
        data.ifmap = ifmap.data();
        data.ofmap = ofmap.data();
        for (size_t k = 0; k < others.size(); k++)
            data.others[k].codes = others[k].data();
        if (!weights.empty()) {
            data.weights = weights.data();
            data.multiplier = multiplier.data();
            data.addend = addend.data();
            data.psums = psums.data();
        }
    }
};

// Both ends of the range, zeros, and whatever lies between.
template <typename T>
std::vector<T> numbers(mf_random *random, uint64_t n, int64_t least, int64_t most)
{
    std::vector<T> out;
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t span = static_cast<uint64_t>(most) - static_cast<uint64_t>(least);
        const uint64_t way = mf_random_between(random, 0, 7);
        const auto any =
            static_cast<int64_t>(static_cast<uint64_t>(least) + mf_random_between(random, 0, span));
        out.push_back(static_cast<T>(way == 0 ? least : way == 1 ? most : way < 4 ? 0 : any));
    }
    return out;
}

mf_shape shape_of(mf_layer_kind kind)
{
    switch (kind) {
    case MF_LAYER_CONV:
        return {2, 6, 4, 2, 5, 7, 3, 1, 3, 4, 2, 1, 0};
    case MF_LAYER_DEPTHWISE:
        return {1, 3, 3, 3, 4, 4, 3, 3, 4, 4, 1, 1, 1};
    case MF_LAYER_FC:
        return {2, 5, 7, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    case MF_LAYER_POOL:
        return {1, 2, 2, 2, 6, 5, 3, 3, 3, 2, 2, 0, 0}; // ceil_mode: 6 rows give 3
    case MF_LAYER_GLOBAL_POOL:
        return {2, 3, 3, 3, 4, 2, 4, 2, 1, 1, 1, 0, 0};
    case MF_LAYER_CONCAT:
        return {2, 5, 3, 1, 4, 2, 1, 1, 4, 2, 1, 0, 0};
    case MF_LAYER_UPSAMPLE_NEAREST:
    case MF_LAYER_UPSAMPLE_BILINEAR:
        return {2, 3, 3, 3, 4, 2, 1, 1, 12, 6, 1, 0, 0};
    default:
        return {2, 3, 3, 3, 4, 2, 1, 1, 4, 2, 1, 0, 0};
    }
}

void fill(Sample *s, mf_random *random)
{
    int64_t x0, x1, w0, w1;
    mf_layer_data *d = &s->data;
    const bool weights = mf_trace_kind_has_weights(d->kind);
    mf_integer_activations(&d->format, &x0, &x1);
    const int64_t y1 = (int64_t{1} << (mf_layer_data_ofmap_bits(d) - 1)) - 1;
    s->ifmap = numbers<int32_t>(random, mf_shape_ifmap(&d->shape), x0, x1);
    for (int32_t &x : s->ifmap)
        x = mf_integer_on_signs(&d->format) ? mf_integer_sign(x) : x;
    s->ofmap = numbers<int32_t>(random, mf_shape_ofmap(&d->shape), -y1 - 1, y1);
    for (size_t k = 1; k <= d->n_others; k++) {
        const mf_layer_record *kind = mf_layer_record_of(d->kind);
        const uint64_t channels = mf_layer_data_input(d, k).channels;
        s->others.push_back(
            numbers<int32_t>(random, mf_kind_input_words(kind, &d->shape, channels, k), x0, x1));
    }
    if (weights) {
        const auto sum = static_cast<int64_t>((uint64_t{1} << (d->format.psum_bits - 1)) - 1);
        mf_integer_weights(&d->format, &w0, &w1);
        s->weights = numbers<int32_t>(random, mf_shape_weights(&d->shape), w0, w1);
        s->multiplier = numbers<int32_t>(random, d->shape.m, INT32_MIN, INT32_MAX);
        s->addend = numbers<int64_t>(random, d->shape.m, INT64_MIN, INT64_MAX);
        s->psums = numbers<int64_t>(random, mf_shape_ofmap(&d->shape), -sum - 1, sum);
    }
    s->point();
}

Sample sample(const char *name, mf_layer_kind kind, mf_arithmetic arithmetic = MF_ARITHMETIC_MULT,
              uint64_t bits = 8, uint64_t psum_bits = 32, uint64_t seed = 1)
{
    Sample s;
    mf_random random = mf_random_seed(seed);
    mf_layer_data *d = &s.data;
    d->name = name;
    d->kind = kind;
    d->shape = shape_of(kind);
    d->format.activation_bits = bits;
    d->ifmap_fraction_bits = bits - 1;
    d->ofmap_fraction_bits = bits / 2;
    d->activation = static_cast<mf_activation>(mf_random_between(&random, 0, MF_N_ACTIVATIONS - 1));
    d->maximum = kind == MF_LAYER_POOL;
    if (mf_trace_kind_has_second(kind)) {
        d->n_others = 1;
        d->others[0].channels = kind == MF_LAYER_CONCAT ? d->shape.m - d->shape.c : d->shape.c;
        d->others[0].fraction_bits = 1;
    }
    if (mf_trace_kind_has_weights(kind)) {
        const bool shift = arithmetic == MF_ARITHMETIC_SHIFT;
        const mf_arithmetic_record *record = mf_arithmetic_record_of(arithmetic);
        d->op = record->name;
        d->format = {
            arithmetic, bits, std::clamp(bits, record->least_weight_bits, record->most_weight_bits),
            psum_bits,  3,    shift};
        if (record->on_signs) {
            d->format.activation_bits = 1;
            d->ifmap_fraction_bits = 0;
            d->ofmap_bits = bits;
            d->written_bits = bits + 1;
        }
        d->weight_fraction_bits = shift ? 63 : 7;
        d->requantise_shift = 17;
    }
    fill(&s, &random);
    return s;
}

// Maps of so many channels behind each other, each with a scale of its own.
Sample concat_of(const std::vector<uint64_t> &channels)
{
    Sample s = sample("many", MF_LAYER_CONCAT);
    mf_layer_data *d = &s.data;
    mf_random random = mf_random_seed(channels.size());
    d->shape.c = channels[0];
    d->shape.m = 0;
    for (uint64_t n : channels)
        d->shape.m += n;
    d->n_others = channels.size() - 1;
    for (size_t k = 0; k < d->n_others; k++)
        d->others[k] = {nullptr, channels[k + 1], k % 8};
    s.others.clear();
    fill(&s, &random);
    return s;
}

// One layer of each kind; "conv" first.
std::vector<Sample> samples()
{
    std::vector<Sample> all;
    all.push_back(sample("conv", MF_LAYER_CONV));
    all.push_back(sample("depthwise_1", MF_LAYER_DEPTHWISE, MF_ARITHMETIC_SHIFT));
    all.push_back(sample("pool.2", MF_LAYER_POOL));
    all.push_back(sample("sum-3", MF_LAYER_RESIDUAL_ADD));
    all.push_back(sample("SCALE", MF_LAYER_SCALE));
    all.push_back(sample("..", MF_LAYER_GLOBAL_POOL));
    all.push_back(sample("fc", MF_LAYER_FC, MF_ARITHMETIC_ADD));
    all.push_back(sample("concat_7", MF_LAYER_CONCAT));
    all.push_back(concat_of({3, 1, 2, 4}));
    all.push_back(sample("upsample_8", MF_LAYER_UPSAMPLE_NEAREST));
    all.push_back(sample("upsample_9", MF_LAYER_UPSAMPLE_BILINEAR));
    std::set<mf_layer_kind> kinds;
    for (const Sample &s : all)
        kinds.insert(s.data.kind);
    EXPECT_EQ(kinds.size(), size_t{MF_N_LAYER_KINDS});
    return all;
}

std::string write(const Scratch &scratch, const std::vector<Sample> &layers,
                  const char *about = nullptr)
{
    mf_trace_writer *w = nullptr;
    const std::string path = scratch.file("t.npz");
    EXPECT_OK(mf_trace_create(path.c_str(), "tiny \"net\"", about, &w, D));
    for (const Sample &s : layers)
        EXPECT_OK(mf_trace_add(w, &s.data, D));
    EXPECT_OK(mf_trace_finish(w, D));
    return path;
}

// ---- comparing ----------------------------------------------------------------------------------

template <typename T> std::vector<T> listed(const T *items, uint64_t n)
{
    return items ? std::vector<T>(items, items + n) : std::vector<T>();
}

void expect_same_description(const mf_layer_data &a, const mf_layer_data &b)
{
    EXPECT_STREQ(a.name, b.name);
    EXPECT_STREQ(a.op, b.op);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(std::memcmp(&a.shape, &b.shape, sizeof a.shape), 0);
    EXPECT_EQ(a.maximum, b.maximum);
    EXPECT_EQ(a.format.arithmetic, b.format.arithmetic);
    EXPECT_EQ(a.format.activation_bits, b.format.activation_bits);
    EXPECT_EQ(a.format.weight_bits, b.format.weight_bits);
    EXPECT_EQ(a.format.psum_bits, b.format.psum_bits);
    EXPECT_EQ(a.format.product_shift, b.format.product_shift);
    EXPECT_EQ(a.format.zero_code, b.format.zero_code);
    EXPECT_EQ(a.ifmap_fraction_bits, b.ifmap_fraction_bits);
    ASSERT_EQ(a.n_others, b.n_others);
    for (size_t k = 0; k < a.n_others; k++) {
        EXPECT_EQ(a.others[k].channels, b.others[k].channels);
        EXPECT_EQ(a.others[k].fraction_bits, b.others[k].fraction_bits);
    }
    EXPECT_EQ(a.weight_fraction_bits, b.weight_fraction_bits);
    EXPECT_EQ(a.ofmap_fraction_bits, b.ofmap_fraction_bits);
    EXPECT_EQ(a.requantise_shift, b.requantise_shift);
    EXPECT_EQ(mf_layer_data_ofmap_bits(&a), mf_layer_data_ofmap_bits(&b));
    EXPECT_EQ(mf_layer_data_written_bits(&a), mf_layer_data_written_bits(&b));
    EXPECT_EQ(a.activation, b.activation);
}

void expect_same(const mf_layer_data &a, const Sample &b)
{
    const mf_shape &s = b.data.shape;
    expect_same_description(a, b.data);
    EXPECT_EQ(listed(a.ifmap, mf_shape_ifmap(&s)), b.ifmap);
    for (size_t k = 0; k < a.n_others; k++)
        EXPECT_EQ(listed(a.others[k].codes, b.others[k].size()), b.others[k]);
    EXPECT_EQ(listed(a.weights, mf_shape_weights(&s)), b.weights);
    EXPECT_EQ(listed(a.multiplier, s.m), b.multiplier);
    EXPECT_EQ(listed(a.addend, s.m), b.addend);
    EXPECT_EQ(listed(a.psums, mf_shape_ofmap(&s)), b.psums);
    EXPECT_EQ(listed(a.ofmap, mf_shape_ofmap(&s)), b.ofmap);
    EXPECT_EQ(mf_layer_data_has_weights(&a), b.data.weights != nullptr);
}

void expect_reads_back(const std::string &path, const std::vector<Sample> &layers)
{
    Trace t(path);
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    ASSERT_EQ(mf_trace_count(t.trace), layers.size());
    for (size_t i = 0; i < layers.size(); i++) {
        Arena arena;
        mf_layer_data data = {};
        ASSERT_OK(mf_trace_load(t.trace, i, arena.arena, &data, D));
        SCOPED_TRACE(data.name);
        expect_same(data, layers[i]);
    }
}

// Open and load everything; the first failure must leave nothing half done.
mf_status read_all(const std::string &path, mf_diag *diag)
{
    Trace t(path);
    *diag = t.diag;
    if (t.status != MF_OK) {
        EXPECT_EQ(t.trace, nullptr);
        return t.status;
    }
    for (size_t i = 0; i < mf_trace_count(t.trace); i++) {
        Arena arena;
        mf_layer_data data, before;
        std::memset(&data, 0x5a, sizeof data);
        std::memcpy(&before, &data, sizeof data);
        const mf_status status = mf_trace_load(t.trace, i, arena.arena, &data, diag);
        if (status != MF_OK) {
            EXPECT_EQ(std::memcmp(&before, &data, sizeof data), 0);
            return status;
        }
        for (int k = 0; k < MF_N_TRACE_ARRAYS; k++) {
            mf_trace_array array;
            const auto what = static_cast<mf_trace_what>(k);
            EXPECT_EQ(mf_trace_array_of(&data, what, &array),
                      mf_trace_items(&data, what) != nullptr);
        }
    }
    return MF_OK;
}

void expect_fails(const std::string &path, mf_status status, const std::string &text)
{
    mf_diag diag = {};
    EXPECT_EQ(read_all(path, &diag), status) << diag.message;
    const std::string message = diag.message, all = message + " | " + diag.hint;
    EXPECT_EQ(message.rfind(path + ": ", 0), 0u) << message;
    EXPECT_NE(all.find(text), std::string::npos) << all << "\nexpected: " << text;
}

// ---- archives -----------------------------------------------------------------------------------

Entries entries_of(const std::string &path)
{
    mf_zip_reader *r = nullptr;
    Entries out;
    EXPECT_OK(mf_zip_open(path.c_str(), &r, D));
    for (size_t i = 0; i < mf_zip_count(r); i++) {
        const mf_zip_entry *e = mf_zip_at(r, i);
        std::string bytes(e->n_bytes, '?');
        EXPECT_OK(mf_zip_read(r, e, bytes.data(), D));
        out.emplace_back(e->name, bytes);
    }
    mf_zip_close(r);
    return out;
}

std::string archive(const Scratch &scratch, const Entries &entries)
{
    mf_zip_writer *w = nullptr;
    const std::string path = scratch.file("edited.npz");
    EXPECT_OK(mf_zip_create(path.c_str(), &w, D));
    for (const auto &[name, bytes] : entries)
        EXPECT_OK(mf_zip_add(w, name.c_str(), bytes.data(), bytes.size(), D));
    EXPECT_OK(mf_zip_finish(w, D));
    return path;
}

std::string &entry(Entries *entries, const std::string &name)
{
    for (auto &[other, bytes] : *entries)
        if (other == name)
            return bytes;
    ADD_FAILURE() << "no " << name;
    return entries->front().second;
}

// The first occurrence of `from` becomes `to`.
void replace(std::string *text, const std::string &from, const std::string &to)
{
    const size_t at = text->find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text->replace(at, from.size(), to);
}

// As Python's zipfile writes without compression, which is what numpy.savez asks for.
std::string stored_zip(const Entries &entries)
{
    std::string out, directory;
    auto put = [](std::string *to, uint64_t value, int n) {
        for (int i = 0; i < n; i++)
            *to += static_cast<char>(value >> 8 * i);
    };
    for (const auto &[name, bytes] : entries) {
        std::string common;
        put(&common, 20, 2);
        put(&common, 0, 4);
        put(&common, 0x5a215c3b, 4); // some date
        put(&common, mf_trace_crc32(bytes.data(), bytes.size()), 4);
        put(&common, bytes.size(), 4);
        put(&common, bytes.size(), 4);
        put(&common, name.size(), 2);
        put(&common, 0, 2);
        directory += std::string("PK\x01\x02\x14\x03", 6) + common + std::string(10, 0);
        put(&directory, 0, 2);
        put(&directory, 0, 2);
        directory.resize(directory.size() - 4);
        put(&directory, out.size(), 4);
        directory += name;
        out += "PK\x03\x04" + common + name + bytes;
    }
    const size_t begin = out.size();
    out += directory + std::string("PK\x05\x06\0\0\0\0", 8);
    put(&out, entries.size(), 2);
    put(&out, entries.size(), 2);
    put(&out, directory.size(), 4);
    put(&out, begin, 4);
    put(&out, 0, 2);
    return out;
}

template <typename T>
std::string npy(mf_npy_type type, const std::vector<uint64_t> &size, const std::vector<T> &items)
{
    Arena arena;
    void *bytes = nullptr;
    size_t n = 0;
    mf_npy a = {};
    a.type = type;
    a.n_dimensions = size.size();
    std::copy(size.begin(), size.end(), a.size);
    a.items = items.data();
    EXPECT_OK(mf_npy_format(&a, arena.arena, &bytes, &n, D));
    return std::string(static_cast<char *>(bytes), n);
}

const char tiny_manifest[] = R"({"format": "mulfree-trace", "version": 1, "network": "n",
 "layers": [{"name": "a", "kind": "fc", "op": "mult",
  "shape": {"n": 1, "m": 2, "c": 3, "g": 1, "h": 1, "w": 1, "r": 1, "s": 1, "e": 1, "f": 1,
            "stride": 1, "pad_rows": 0, "pad_columns": 0},
  "activation_bits": 8, "weight_bits": 4, "psum_bits": 20, "product_shift_bits": 0,
  "ifmap_fraction_bits": 4, "weight_fraction_bits": 3, "ofmap_fraction_bits": 4,
  "requantise_shift_bits": 3},
  {"name": "b", "kind": "scale", "activation_bits": 8, "ifmap_fraction_bits": 0,
   "second_fraction_bits": 0, "ofmap_fraction_bits": 0,
   "shape": {"n": 1, "m": 2, "c": 2, "g": 2, "h": 1, "w": 1, "r": 1, "s": 1, "e": 1, "f": 1,
             "stride": 1, "pad_rows": 0, "pad_columns": 0}}]})";

// What a script would make without a thought for types: int64 here, uint8 there; nothing optional.
Entries python_trace()
{
    return {
        {"000_a/ifmap.npy", npy<uint8_t>(MF_NPY_U8, {1, 3, 1, 1}, {0, 127, 5})},
        {"000_a/weights.npy", npy<int64_t>(MF_NPY_I64, {2, 3, 1, 1}, {-8, 7, 0, 1, 2, -3})},
        {"000_a/multiplier.npy", npy<int64_t>(MF_NPY_I64, {2}, {INT32_MIN, INT32_MAX})},
        {"000_a/addend.npy", npy<int16_t>(MF_NPY_I16, {2}, {-300, 300})},
        {"000_a/psums.npy", npy<int32_t>(MF_NPY_I32, {1, 2, 1, 1}, {-524288, 524287})},
        {"000_a/ofmap.npy", npy<int8_t>(MF_NPY_I8, {1, 2, 1, 1}, {-128, 127})},
        {"001_b/ifmap.npy", npy<int32_t>(MF_NPY_I32, {1, 2, 1, 1}, {1, 2})},
        {"001_b/second.npy", npy<int64_t>(MF_NPY_I64, {1, 2}, {-128, 127})},
        {"001_b/ofmap.npy", npy<int64_t>(MF_NPY_I64, {1, 2, 1, 1}, {3, 4})},
        {"manifest.json", tiny_manifest},
    };
}

// The trace above with one thing changed in its manifest.
std::string changed_manifest(const Scratch &scratch, const std::string &from, const std::string &to)
{
    Entries entries = python_trace();
    replace(&entry(&entries, "manifest.json"), from, to);
    return archive(scratch, entries);
}

std::string changed_entry(const Scratch &scratch, const std::string &name, const std::string &bytes)
{
    Entries entries = python_trace();
    entry(&entries, name) = bytes;
    return archive(scratch, entries);
}
} // namespace

// The check value of the catalogue of CRCs, and Python's zlib.crc32(b"") and zlib.crc32(b"\0").
TEST(Trace, ChecksumIsZlibs)
{
    EXPECT_EQ(mf_trace_crc32("123456789", 9), 0xcbf43926u);
    EXPECT_EQ(mf_trace_crc32("", 0), 0u);
    EXPECT_EQ(mf_trace_crc32("\0", 1), 0xd202ef8du);
}

// ---- there and back -----------------------------------------------------------------------------

TEST(Trace, EveryKindAndOperatorComesBack)
{
    Scratch scratch;
    std::vector<Sample> all = samples();
    std::list<std::string> names;
    uint64_t seed = 10;
    for (mf_layer_kind kind : {MF_LAYER_CONV, MF_LAYER_DEPTHWISE, MF_LAYER_FC})
        for (int a = 0; a < MF_N_ARITHMETICS; a++) {
            names.push_back("layer" + std::to_string(seed));
            all.push_back(
                sample(names.back().c_str(), kind, static_cast<mf_arithmetic>(a), 8, 32, seed++));
        }
    expect_reads_back(write(scratch, all), all);
}

// Commands that take it as a network hold its layers' operators against this.
TEST(Trace, AsANetworkItSaysWhatComputesItsLayers)
{
    Scratch scratch;
    std::vector<Sample> all;
    all.push_back(sample("a", MF_LAYER_CONV, MF_ARITHMETIC_SHIFT));
    all.push_back(sample("b", MF_LAYER_CONV, MF_ARITHMETIC_ADD));
    all.push_back(sample("c", MF_LAYER_GLOBAL_POOL));
    mf_network *network = nullptr;
    ASSERT_OK(mf_network_load(write(scratch, all).c_str(), nullptr, &network, D));
    EXPECT_STREQ(network->layers[0].arithmetic, "shift");
    EXPECT_STREQ(network->layers[1].arithmetic, "add");
    EXPECT_EQ(network->layers[2].arithmetic, nullptr);
    mf_network_destroy(network);
}

TEST(Trace, EveryWidthComesBack)
{
    Scratch scratch;
    for (uint64_t bits : {2, 7, 8, 9, 15, 16, 17, 31, 32})
        for (uint64_t psum_bits : {2, 16, 31, 32, 33, 62, 63}) {
            std::vector<Sample> all;
            all.push_back(sample("x", MF_LAYER_CONV, MF_ARITHMETIC_ADD, bits, psum_bits, bits));
            all.push_back(sample("y", MF_LAYER_SCALE, MF_ARITHMETIC_MULT, bits));
            SCOPED_TRACE(std::to_string(bits) + " bits, psums " + std::to_string(psum_bits));
            expect_reads_back(write(scratch, all), all);
        }
}

TEST(Trace, ItsHeadComesBack)
{
    Scratch scratch;
    {
        Trace t(write(scratch, samples(), "made by \\ hand"));
        ASSERT_EQ(t.status, MF_OK) << t.diag.message;
        EXPECT_STREQ(mf_trace_network(t.trace), "tiny \"net\"");
        EXPECT_STREQ(mf_trace_about(t.trace), "made by \\ hand");
    }
    Trace t(write(scratch, samples()));
    EXPECT_EQ(mf_trace_about(t.trace), nullptr);
}

// Its texts are shown on terminals and in pictures.
TEST(Trace, ItsTextsHaveNoControlCharacters)
{
    Scratch scratch;
    mf_trace_writer *writer = nullptr;
    mf_diag diag = {};
    EXPECT_EQ(mf_trace_create(scratch.file("t.npz").c_str(), "a\033[2J", nullptr, &writer, &diag),
              MF_INVALID);
    EXPECT_EQ(mf_trace_create(scratch.file("t.npz").c_str(), "a", "b\n", &writer, &diag),
              MF_INVALID);
}

TEST(Trace, OpeningTellsTheLayersWithoutTheirArrays)
{
    Scratch scratch;
    const std::vector<Sample> all = samples();
    Trace t(write(scratch, all));
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    ASSERT_EQ(mf_trace_count(t.trace), all.size());
    for (size_t i = 0; i < all.size(); i++) {
        const mf_layer_data *d = mf_trace_layer(t.trace, i);
        expect_same_description(*d, all[i].data);
        EXPECT_EQ(mf_trace_has_weights(t.trace, i), !all[i].weights.empty());
        for (int k = 0; k < MF_N_TRACE_ARRAYS; k++)
            EXPECT_EQ(mf_trace_items(d, static_cast<mf_trace_what>(k)), nullptr);
    }
}

TEST(Trace, SameDataGiveTheSameBytes)
{
    Scratch scratch;
    const std::string first = read_text(write(scratch, samples(), "x"));
    EXPECT_EQ(read_text(write(scratch, samples(), "x")), first);
}

TEST(Trace, NumbersAreWrittenInTheNarrowestType)
{
    Scratch scratch;
    const struct {
        mf_arithmetic arithmetic;
        uint64_t bits, psum_bits;
        const char *map, *weights, *psums;
    } expected[] = {
        {MF_ARITHMETIC_MULT, 2, 2, "|i1", "|i1", "<i4"},
        {MF_ARITHMETIC_MULT, 8, 32, "|i1", "|i1", "<i4"},
        {MF_ARITHMETIC_ADD, 9, 33, "<i2", "<i2", "<i8"},
        {MF_ARITHMETIC_SHIFT, 16, 63, "<i2", "|i1", "<i8"},
        {MF_ARITHMETIC_SHIFT, 17, 31, "<i4", "|i1", "<i4"},
        {MF_ARITHMETIC_MULT, 32, 32, "<i4", "<i4", "<i4"},
    };
    for (const auto &e : expected) {
        std::vector<Sample> all;
        all.push_back(sample("x", MF_LAYER_CONV, e.arithmetic, e.bits, e.psum_bits));
        Entries entries = entries_of(write(scratch, all));
        auto type = [&](const char *what) {
            const std::string bytes = entry(&entries, std::string("000_x/") + what + ".npy");
            return bytes.substr(bytes.find("'descr': '") + 10, 3);
        };
        EXPECT_EQ(type("ifmap"), e.map) << e.bits;
        EXPECT_EQ(type("ofmap"), e.map) << e.bits;
        EXPECT_EQ(type("weights"), e.weights) << e.bits;
        EXPECT_EQ(type("psums"), e.psums) << e.psum_bits;
        EXPECT_EQ(type("multiplier"), "<i4");
        EXPECT_EQ(type("addend"), "<i8");
        EXPECT_EQ(entries.back().first, "manifest.json");
    }
}

TEST(Trace, ReadsOtherIntegerTypesStoredAndWithoutWhatIsOptional)
{
    Scratch scratch;
    Trace t(scratch.write("python.npz", stored_zip(python_trace())));
    ASSERT_EQ(t.status, MF_OK) << t.diag.message;
    Arena arena;
    mf_layer_data a = {}, b = {};
    ASSERT_OK(mf_trace_load(t.trace, 0, arena.arena, &a, D));
    ASSERT_OK(mf_trace_load(t.trace, 1, arena.arena, &b, D));
    EXPECT_EQ(listed(a.ifmap, 3), (std::vector<int32_t>{0, 127, 5}));
    EXPECT_EQ(listed(a.weights, 6), (std::vector<int32_t>{-8, 7, 0, 1, 2, -3}));
    EXPECT_EQ(listed(a.multiplier, 2), (std::vector<int32_t>{INT32_MIN, INT32_MAX}));
    EXPECT_EQ(listed(a.addend, 2), (std::vector<int64_t>{-300, 300}));
    EXPECT_EQ(listed(a.psums, 2), (std::vector<int64_t>{-524288, 524287}));
    EXPECT_EQ(listed(a.ofmap, 2), (std::vector<int32_t>{-128, 127}));
    EXPECT_EQ(listed(b.others[0].codes, 2), (std::vector<int32_t>{-128, 127}));
    EXPECT_EQ(a.activation, MF_ACTIVATION_NONE);
    EXPECT_EQ(a.format.zero_code, false);
}

TEST(Trace, WindowsOfPoolsMayBeRoundedEitherWay)
{
    Scratch scratch;
    for (uint64_t e : {2, 3}) {
        std::vector<Sample> all(1);
        all[0].data = sample("p", MF_LAYER_POOL).data;
        all[0].data.shape.e = e;
        mf_random random = mf_random_seed(1);
        fill(&all[0], &random);
        expect_reads_back(write(scratch, all), all);
    }
}

// ---- many inputs --------------------------------------------------------------------------------

// Of two inputs nothing is new in the file; further ones have names and an entry of their own.
TEST(Trace, NamesAsManyInputsAsThereAre)
{
    Scratch scratch;
    std::string manifest = entries_of(write(scratch, {concat_of({3, 2})})).back().second;
    EXPECT_EQ(manifest.find("more_inputs"), std::string::npos);
    EXPECT_EQ(manifest.find("input_3"), std::string::npos);
    Entries four = entries_of(write(scratch, {concat_of({3, 1, 2, 4})}));
    std::vector<std::string> names;
    for (const auto &entry : four)
        names.push_back(entry.first);
    EXPECT_EQ(names, (std::vector<std::string>{"000_many/ifmap.npy", "000_many/second.npy",
                                               "000_many/input_3.npy", "000_many/input_4.npy",
                                               "000_many/ofmap.npy", "manifest.json"}));
    EXPECT_NE(four.back().second.find(R"("second_fraction_bits": 0, "ofmap_fraction_bits": 4, )"
                                      R"("more_inputs": [{"channels": 2, "fraction_bits": 1}, )"
                                      R"({"channels": 4, "fraction_bits": 2}])"),
              std::string::npos)
        << four.back().second;
    std::vector<Sample> most;
    most.push_back(concat_of(std::vector<uint64_t>(MF_MOST_INPUTS, 2)));
    expect_reads_back(write(scratch, most), most);
}

TEST(Trace, InputsAreThoseOfTheirKind)
{
    Scratch scratch;
    std::string many;
    for (int k = 0; k < MF_MOST_INPUTS - 1; k++)
        many += std::string(k ? ", " : "") + R"({"channels": 1, "fraction_bits": 0})";
    const struct {
        std::string from, to;
        const char *text;
    } cases[] = {
        {R"({"channels": 4, "fraction_bits": 2}])", "5]", "more_inputs[1]: expected an object"},
        {R"({"channels": 4,)", "{", "more_inputs[1]: the key \"channels\" is missing"},
        {R"({"channels": 4,)", R"({"channels": 0,)", "more_inputs[1].channels: expected"},
        {R"({"channels": 4,)", R"({"channel": 4,)", "did you mean \"channels\"?"},
        {R"({"channels": 4,)", R"({"channels": 5,)",
         "c and more_inputs are 10 channels of the 10 of m: none are left for the second input"},
        {R"({"channels": 4,)", R"({"channels": 3,)", "second: shape (2, 1, 4, 2), expected (2, 2"},
        {R"("fraction_bits": 2})", R"("fraction_bits": 32})", "fraction_bits: expected"},
        {R"("fraction_bits": 2})", R"("fraction_bits": 8})",
         "input_4_fraction_bits is 8, expected less than activation_bits, 8"},
        {R"({"channels": 2, "fraction_bits": 1}, {"channels": 4, "fraction_bits": 2})", "",
         "more_inputs: expected 1 to 30 inputs, found 0"},
        {R"({"channels": 2, "fraction_bits": 1}, {"channels": 4, "fraction_bits": 2})", many,
         "more_inputs: expected 1 to 30 inputs, found 31"},
        {R"(, {"channels": 4, "fraction_bits": 2})", "", "crc32.input_4: a layer of kind concat"},
        {R"("kind": "concat")", R"("kind": "residual_add")",
         "more_inputs: a layer of kind residual_add has none"},
    };
    for (const auto &c : cases) {
        SCOPED_TRACE(c.to);
        Entries entries = entries_of(write(scratch, {concat_of({3, 1, 2, 4})}));
        replace(&entries.back().second, c.from.c_str(), c.to.c_str());
        expect_fails(archive(scratch, entries), MF_INVALID, c.text);
    }
    Entries entries = entries_of(write(scratch, {concat_of({3, 1, 2, 4})}));
    entries.erase(entries.begin() + 3);
    expect_fails(archive(scratch, entries), MF_INVALID,
                 "input_4 is missing: there is no 000_many/input_4.npy");
    Sample lacking = concat_of({3, 1, 2, 4});
    lacking.data.others[2].codes = nullptr;
    mf_trace_writer *w = nullptr;
    ASSERT_OK(mf_trace_create(scratch.file("w.npz").c_str(), "n", nullptr, &w, D));
    EXPECT_FAILS(MF_INVALID, "input_4 of a layer of kind concat is missing",
                 mf_trace_add(w, &lacking.data, D));
    lacking = sample("sum", MF_LAYER_RESIDUAL_ADD);
    lacking.data.n_others = 2;
    EXPECT_FAILS(MF_INVALID, "a layer of kind residual_add has 2 inputs, not 3",
                 mf_trace_add(w, &lacking.data, D));
    mf_trace_abandon(w);
}

// ---- manifests that contradict ------------------------------------------------------------------

TEST(Trace, ManifestsAreReadStrictly)
{
    Scratch scratch;
    const struct {
        const char *from, *to;
        mf_status status;
        const char *text;
    } cases[] = {
        {"{", "", MF_MALFORMED, "manifest.json: line 1"},
        {"mulfree-trace", "trace", MF_INVALID, "manifest.json: format: expected mulfree-trace"},
        {"\"version\": 1,", "\"version\": 2, \"new\": 1,", MF_INVALID,
         "version: this is version 2 of the format; only 1 is read"},
        {"\"version\": 1", "\"version\": \"1\"", MF_INVALID, "version: expected a whole number"},
        {"\"version\": 1,", "", MF_INVALID, "the key \"version\" is missing"},
        {"\"version\": 1,", "\"version\": 1, \"abuot\": \"x\",", MF_INVALID,
         "did you mean \"about\"?"},
        {"\"network\": \"n\",", "", MF_INVALID, "the key \"network\" is missing"},
        {"\"op\": \"mult\",", "\"op\": \"mult\", \"op\": \"mult\",", MF_MALFORMED, "given twice"},
        {"\"op\": \"mult\",", "", MF_INVALID, "layers[0]: the key \"op\" is missing"},
        {"\"op\": \"mult\"", "\"op\": \"mul\"", MF_INVALID, "did you mean \"mult\"?"},
        {"\"op\": \"mult\"", "\"op\": \"mult\", \"zero_code\": true", MF_INVALID,
         "layers[0]: zero_code is true, but mult has no code"},
        {"\"op\": \"mult\"", "\"op\": \"shift\"", MF_INVALID,
         "layers[0]: weight_bits is 4, expected 5 for shift"},
        {"\"kind\": \"fc\"", "\"kind\": \"cf\"", MF_INVALID, "layers[0].kind: expected one of"},
        {"\"weight_bits\"", "\"wieght_bits\"", MF_INVALID, "did you mean \"weight_bits\"?"},
        {"\"kind\": \"scale\"", "\"kind\": \"scale\", \"psum_bits\": 8", MF_INVALID,
         "layers[1].psum_bits: a layer of kind scale has none"},
        {"\"kind\": \"scale\"", "\"kind\": \"scale\", \"op\": \"add\"", MF_INVALID,
         "layers[1].op: a layer of kind scale has none"},
        {"\"kind\": \"scale\"", "\"kind\": \"scale\", \"maximum\": true", MF_INVALID,
         "layers[1].maximum: a layer of kind scale has none"},
        {"\"kind\": \"fc\"", "\"kind\": \"fc\", \"second_fraction_bits\": 1", MF_INVALID,
         "layers[0].second_fraction_bits: a layer of kind fc has none"},
        {"\"kind\": \"fc\"", "\"kind\": \"fc\", \"activation\": \"rleu\"", MF_INVALID,
         "did you mean \"relu\"?"},
        {"\"activation_bits\": 8", "\"activation_bits\": 1", MF_INVALID, "from 2 to 32"},
        {"\"activation_bits\": 8", "\"activation_bits\": 33", MF_INVALID, "from 1 to 32"},
        {"\"weight_bits\": 4", "\"weight_bits\": 1", MF_INVALID,
         "weight_bits is 1, expected 2 to 32 for mult"},
        {"\"psum_bits\": 20", "\"psum_bits\": 64", MF_INVALID, "from 2 to 63, found 64"},
        {"\"product_shift_bits\": 0", "\"product_shift_bits\": 63", MF_INVALID, "from 0 to 62"},
        {"\"requantise_shift_bits\": 3", "\"requantise_shift_bits\": 63", MF_INVALID,
         "from 0 to 62, found 63"},
        {"\"weight_fraction_bits\": 3", "\"weight_fraction_bits\": 64", MF_INVALID, "from 0 to 63"},
        {"\"ifmap_fraction_bits\": 4", "\"ifmap_fraction_bits\": 8", MF_INVALID,
         "layers[0]: ifmap_fraction_bits is 8, expected less than activation_bits, 8"},
        {"\"second_fraction_bits\": 0", "\"second_fraction_bits\": 8", MF_INVALID,
         "layers[1]: second_fraction_bits is 8, expected less than activation_bits, 8"},
        {"\"name\": \"b\"", "\"name\": \"a\"", MF_INVALID,
         "layers[1]: layers[0] has the name \"a\", too"},
        {"\"name\": \"b\"", "\"name\": \"../b\"", MF_INVALID,
         "layers[1]: \"../b\" is no name for a layer"},
        {"\"name\": \"b\"", "\"name\": \"\"", MF_INVALID, "\"\" is no name"},
        {"\"name\": \"b\"", "\"name\": 7", MF_INVALID, "layers[1].name: expected a string"},
        {"\"name\": \"b\"", "\"name\": \"c\"", MF_INVALID,
         "layer c: ifmap is missing: there is no 001_c/ifmap.npy"},
        {"\"kind\": \"fc\"", "\"kind\": \"fc\", \"crc32\": {\"ifmap\": \"1234567\"}", MF_INVALID,
         "layers[0].crc32.ifmap: expected 8 hexadecimal digits, found \"1234567\""},
        {"\"kind\": \"fc\"", "\"kind\": \"fc\", \"crc32\": {\"ifmap\": \"12345678x\"}", MF_INVALID,
         "digits, found \"12345678x\""},
        {"\"kind\": \"fc\"", "\"kind\": \"fc\", \"crc32\": {\"second\": \"12345678\"}", MF_INVALID,
         "layers[0].crc32.second: a layer of kind fc has none"},
        {"\"kind\": \"fc\"", "\"kind\": \"fc\", \"crc32\": {\"ifamp\": \"12345678\"}", MF_INVALID,
         "did you mean \"ifmap\"?"},
        {"\"kind\": \"fc\"", "\"kind\": \"fc\", \"zero_fraction\": {\"ifmap\": 1.5}", MF_INVALID,
         "layers[0].zero_fraction.ifmap: expected a number from 0 to 1"},
        {"\"kind\": \"fc\"", "\"kind\": \"fc\", \"zero_fraction\": {\"psums\": 0}", MF_INVALID,
         "unknown key \"psums\""},
    };
    for (const auto &c : cases) {
        SCOPED_TRACE(c.to);
        expect_fails(changed_manifest(scratch, c.from, c.to), c.status, c.text);
    }
}

TEST(Trace, ShapesAreThoseOfTheirKind)
{
    Scratch scratch;
    const struct {
        mf_layer_kind kind;
        const char *from, *to;
        mf_status status;
        const char *text;
    } cases[] = {
        {MF_LAYER_CONV, "\"n\": 2", "\"n\": 0", MF_INVALID, "layers[0].shape.n: expected"},
        {MF_LAYER_CONV, "\"n\": 2", "\"n\": 1048577", MF_INVALID, "shape.n: expected a whole"},
        {MF_LAYER_CONV, "\"n\": 2, ", "", MF_INVALID, "the key \"n\" is missing"},
        {MF_LAYER_CONV, "\"n\": 2", "\"n\": 2, \"u\": 2", MF_INVALID, "unknown key \"u\""},
        {MF_LAYER_CONV, "\"stride\": 2", "\"stride\": 0", MF_INVALID, "shape.stride: expected"},
        {MF_LAYER_CONV, "\"e\": 3", "\"e\": 4", MF_INVALID,
         "layers[0]: shape: e x f is 4 x 4, but map, kernel, stride and padding give 3 x 4"},
        {MF_LAYER_CONV, "\"r\": 3", "\"r\": 9", MF_INVALID, "give 0 x 4"},
        {MF_LAYER_CONV, "\"g\": 2", "\"g\": 4", MF_INVALID, "kind conv: g must divide c and m"},
        {MF_LAYER_CONV, "\"g\": 2", "\"g\": 3", MF_INVALID, "kind conv: g must divide c and m"},
        {MF_LAYER_DEPTHWISE, "\"g\": 3", "\"g\": 1", MF_INVALID, "must be equal"},
        {MF_LAYER_DEPTHWISE, "\"m\": 3", "\"m\": 6", MF_INVALID, "must be equal"},
        {MF_LAYER_FC, "\"h\": 1", "\"h\": 2", MF_INVALID, "kind fc: g, h, w, r, s, e and f must"},
        {MF_LAYER_POOL, "\"m\": 2", "\"m\": 4", MF_INVALID, "kind pool: g, c and m must be equal"},
        {MF_LAYER_POOL, "\"pad_rows\": 0", "\"pad_rows\": 3", MF_INVALID, "lies in the padding"},
        {MF_LAYER_POOL, "\"e\": 3", "\"e\": 4", MF_INVALID, "e x f is 4 x 2"},
        {MF_LAYER_POOL, "\"maximum\": true, ", "", MF_INVALID, "the key \"maximum\" is missing"},
        {MF_LAYER_GLOBAL_POOL, "\"r\": 4", "\"r\": 3", MF_INVALID, "kind global_pool: g, c and m"},
        {MF_LAYER_GLOBAL_POOL, "\"shape\"", "\"maximum\": true, \"shape\"", MF_INVALID,
         "a global_pool takes the average"},
        {MF_LAYER_RESIDUAL_ADD, "\"e\": 4", "\"e\": 3", MF_INVALID, "kind residual_add: g, c"},
        {MF_LAYER_SCALE, "\"stride\": 1", "\"stride\": 2", MF_INVALID, "kind scale: g, c and m"},
        {MF_LAYER_CONCAT, "\"m\": 5", "\"m\": 3", MF_INVALID, "kind concat: c must be less than m"},
        {MF_LAYER_CONCAT, "\"m\": 5", "\"m\": 6", MF_INVALID, "second"},
        {MF_LAYER_CONCAT, "\"g\": 1", "\"g\": 3", MF_INVALID, "kind concat: c must be less than m"},
        {MF_LAYER_UPSAMPLE_NEAREST, "\"e\": 12", "\"e\": 8", MF_INVALID,
         "e and f the same multiple"},
        {MF_LAYER_UPSAMPLE_BILINEAR, "\"f\": 6", "\"f\": 7", MF_INVALID,
         "e and f the same multiple"},
        {MF_LAYER_SCALE, "\"n\": 2", "\"n\": 3", MF_INVALID,
         "layer x: ifmap: shape (2, 3, 4, 2), expected (3, 3, 4, 2)"},
    };
    for (const auto &c : cases) {
        std::vector<Sample> all;
        all.push_back(sample("x", c.kind));
        Entries entries = entries_of(write(scratch, all));
        SCOPED_TRACE(c.to);
        replace(&entries.back().second, c.from, c.to);
        expect_fails(archive(scratch, entries), c.status, c.text);
    }
}

TEST(Trace, RefusesHugeShapesWithoutTakingMemory)
{
    Scratch scratch;
    const std::string one = "\"n\": 1, \"m\": 2, \"c\": 3";
    expect_fails(changed_manifest(scratch, one, "\"n\": 1048576, \"m\": 2, \"c\": 1048576"),
                 MF_TOO_LARGE, "layers[0]: ifmap would take 4398046511104 bytes, 1073741824");
    expect_fails(changed_manifest(scratch, one, "\"n\": 1048576, \"m\": 1048576, \"c\": 1048576"),
                 MF_TOO_LARGE, "layers[0]: N=1048576 C=1048576 M=1048576");
    expect_fails(changed_manifest(scratch, one, "\"n\": 1, \"m\": 16384, \"c\": 16385"),
                 MF_TOO_LARGE, "layers[0]: weights would take 1073807360 bytes");
    expect_fails(changed_manifest(scratch, one, "\"n\": 1, \"m\": 16384, \"c\": 16384"), MF_INVALID,
                 "layer a: ifmap: shape (1, 3, 1, 1), expected (1, 16384, 1, 1)");
}

// The size in the archive's directory, which costs whoever lies about it nothing.
TEST(Trace, RefusesHugeEntriesBeforeUnpacking)
{
    Scratch scratch;
    std::string bytes = read_text(archive(scratch, python_trace()));
    const size_t name = bytes.rfind("000_a/weights.npy"), directory = name - 46;
    const uint32_t size = (1u << 30) + (1u << 16) + 1;
    for (size_t i = 0; i < 4; i++)
        bytes[directory + 24 + i] = static_cast<char>(size >> 8 * i);
    expect_fails(scratch.write("huge.npz", bytes), MF_TOO_LARGE,
                 "layer a: weights unpacks to 1073807361 bytes, 1073741824 are the most");
}

TEST(Trace, RefusesNoLayersAndTooMany)
{
    Scratch scratch;
    Entries none = {{"manifest.json", "{\"format\": \"mulfree-trace\", \"version\": 1, "
                                      "\"network\": \"n\", \"layers\": []}"}};
    expect_fails(archive(scratch, none), MF_INVALID, "layers: there is no layer");
    std::string many = "0";
    for (int i = 0; i < MF_TRACE_MOST_LAYERS; i++)
        many += ",0";
    replace(&none[0].second, "[]", "[" + many + "]");
    expect_fails(archive(scratch, none), MF_TOO_LARGE, "layers: 501 layers, 500 are the most");
    replace(&none[0].second, "[0", std::string(3 << 20, ' ') + "[0");
    expect_fails(archive(scratch, none), MF_TOO_LARGE, "manifest.json has 31");
}

// ---- archives and arrays that contradict --------------------------------------------------------

TEST(Trace, MissesAndRefusesEntries)
{
    Scratch scratch;
    expect_fails(scratch.file("nosuch.npz"), MF_UNKNOWN_NAME, "cannot be read");
    expect_fails(scratch.write("x.npz", "hello"), MF_MALFORMED, "not a sound zip archive");
    expect_fails(archive(scratch, {}), MF_INVALID, "not a trace: there is no manifest.json");
    Entries entries = python_trace();
    entries.erase(entries.begin() + 4);
    expect_fails(archive(scratch, entries), MF_INVALID,
                 "layer a: psums is missing: there is no 000_a/psums.npy");
    entries = python_trace();
    entries.emplace_back("001_b/weights.npy", "");
    expect_fails(archive(scratch, entries), MF_INVALID,
                 "no layer of the manifest has an array 001_b/weights.npy");
}

TEST(Trace, ChecksArraysAgainstTheirDescription)
{
    Scratch scratch;
    const struct {
        const char *name;
        std::string bytes;
        mf_status status;
        const char *text;
    } cases[] = {
        {"000_a/ifmap.npy", "", MF_MALFORMED, "layer a: ifmap: not a .npy array: it is empty"},
        {"000_a/ifmap.npy", npy<int8_t>(MF_NPY_I8, {1, 3, 1}, {1, 2, 3}), MF_INVALID,
         "layer a: ifmap: shape (1, 3, 1), expected (1, 3, 1, 1)"},
        {"000_a/ifmap.npy", npy<int8_t>(MF_NPY_I8, {3, 1, 1, 1}, {1, 2, 3}), MF_INVALID,
         "layer a: ifmap: shape (3, 1, 1, 1), expected (1, 3, 1, 1)"},
        {"000_a/addend.npy", npy<int64_t>(MF_NPY_I64, {}, {1}), MF_INVALID,
         "layer a: addend: shape (), expected (2,)"},
        {"000_a/addend.npy", npy<int64_t>(MF_NPY_I64, {0}, {}), MF_INVALID,
         "layer a: addend: shape (0,), expected (2,)"},
        {"000_a/ifmap.npy", npy<float>(MF_NPY_F32, {1, 3, 1, 1}, {1, 2, 3}), MF_INVALID,
         "layer a: ifmap: items of type '<f4', expected integers: convert with "
         "array.astype('|i1')"},
        {"000_a/ifmap.npy", npy<uint8_t>(MF_NPY_U8, {1, 3, 1, 1}, {0, 0, 128}), MF_INVALID,
         "layer a: ifmap[0][2][0][0] is 128, expected -128 to 127"},
        {"000_a/ofmap.npy", npy<int16_t>(MF_NPY_I16, {1, 2, 1, 1}, {-129, 0}), MF_INVALID,
         "layer a: ofmap[0][0][0][0] is -129, expected -128 to 127"},
        {"000_a/weights.npy", npy<int8_t>(MF_NPY_I8, {2, 3, 1, 1}, {0, 0, 0, 0, 8, 0}), MF_INVALID,
         "layer a: weights[1][1][0][0] is 8, expected -8 to 7"},
        {"000_a/multiplier.npy", npy<int64_t>(MF_NPY_I64, {2}, {0, 1ll << 31}), MF_INVALID,
         "layer a: multiplier[1] is 2147483648, expected -2147483648 to 2147483647"},
        {"000_a/psums.npy", npy<int32_t>(MF_NPY_I32, {1, 2, 1, 1}, {0, 524288}), MF_INVALID,
         "layer a: psums[0][1][0][0] is 524288, expected -524288 to 524287"},
        {"001_b/second.npy", npy<int32_t>(MF_NPY_I32, {1, 2}, {0, 1000}), MF_INVALID,
         "layer b: second[0][1] is 1000, expected -128 to 127"},
        {"001_b/second.npy", npy<int8_t>(MF_NPY_I8, {1, 2, 1, 1}, {0, 1}), MF_INVALID,
         "layer b: second: shape (1, 2, 1, 1), expected (1, 2)"},
    };
    for (const auto &c : cases)
        expect_fails(changed_entry(scratch, c.name, c.bytes), c.status, c.text);
}

TEST(Trace, ShiftWeightsAreCodesFrom0To31)
{
    Scratch scratch;
    for (int code : {-1, 32}) {
        std::vector<Sample> all;
        all.push_back(sample("x", MF_LAYER_FC, MF_ARITHMETIC_SHIFT));
        Entries entries = entries_of(write(scratch, all));
        std::string &manifest = entries.back().second; // which shall know no digests
        const size_t begin = manifest.find(", \"crc32\""), end = manifest.find('}', begin) + 1;
        manifest.erase(begin, end - begin);
        entry(&entries, "000_x/weights.npy").back() = static_cast<char>(code);
        expect_fails(archive(scratch, entries), MF_INVALID,
                     "layer x: weights[4][6][0][0] is " + std::to_string(code) +
                         ", expected 0 to 31");
    }
}

TEST(Trace, DigestsAreThoseOfTheBytesInTheFile)
{
    Scratch scratch;
    std::vector<Sample> all;
    all.push_back(sample("x", MF_LAYER_CONV));
    const Entries whole = entries_of(write(scratch, all));
    for (size_t i = 0; i + 1 < whole.size(); i++) {
        Entries entries = whole;
        const std::string name = whole[i].first, what = name.substr(6, name.size() - 10);
        std::string &bytes = entries[i].second;
        bytes[128] = static_cast<char>(bytes[128] ^ 1);
        expect_fails(archive(scratch, entries), MF_INVALID, "layer x: " + what + ": crc32 is ");
    }
    Entries entries = whole;
    std::string &digest = entries.back().second;
    const size_t at = digest.find("\"crc32\": {\"ifmap\": \"") + 20;
    for (size_t i = 0; i < 8; i++)
        digest[at + i] = static_cast<char>(std::toupper(digest[at + i]));
    mf_diag diag = {};
    EXPECT_EQ(read_all(archive(scratch, entries), &diag), MF_OK) << diag.message;
}

TEST(Trace, ZeroFractionsAgreeToAMillionth)
{
    Scratch scratch;
    auto with = [&](const std::string &fraction) {
        return changed_manifest(scratch, "\"kind\": \"fc\"",
                                "\"kind\": \"fc\", \"zero_fraction\": {\"ifmap\": " + fraction +
                                    "}");
    };
    mf_diag diag = {};
    for (const char *near : {"0.3333333333333333", "0.333333", "0.3333342"})
        EXPECT_EQ(read_all(with(near), &diag), MF_OK) << diag.message;
    for (const char *far : {"0.33333", "0.3333345", "0", "1"})
        expect_fails(with(far), MF_INVALID,
                     "layer a: ifmap: the fraction of zeros is 0.333333333, but the manifest says");
}

// ---- writing ------------------------------------------------------------------------------------

TEST(Trace, WritesNothingThatItWouldNotRead)
{
    Scratch scratch;
    mf_trace_writer *w = nullptr;
    const std::string path = scratch.file("t.npz");
    const Sample good = sample("x", MF_LAYER_CONV), pool = sample("p", MF_LAYER_POOL);
    ASSERT_OK(mf_trace_create(path.c_str(), "n", nullptr, &w, D));
    EXPECT_OK(mf_trace_add(w, &good.data, D));
    auto refused = [&](mf_layer_data data, const char *text) {
        EXPECT_FAILS(MF_INVALID, path + ": " + text, mf_trace_add(w, &data, D));
    };
    refused(good.data, "two layers are named \"x\"");
    mf_layer_data d = good.data;
    d.name = "a/b";
    refused(d, "layer a/b: \"a/b\" is no name for a layer");
    const std::string longest(MF_TRACE_LONGEST_NAME + 1, 'n');
    d.name = longest.c_str();
    refused(d, "layer nnn");
    d.name = "y";
    d.format.psum_bits = 64;
    refused(d, "layer y: psum_bits is 64, expected a whole number from 2 to 63");
    d = good.data;
    d.name = "y";
    d.format.activation_bits = 7;
    refused(d, "layer y: ifmap_fraction_bits is 7, expected less than activation_bits, 7");
    d.ifmap_fraction_bits = 6;
    refused(d, "layer y: ifmap[");
    d = good.data;
    d.name = "y";
    d.addend = nullptr;
    refused(d, "layer y: addend of a layer of kind conv is missing");
    d = good.data;
    d.name = "y";
    d.op = nullptr;
    refused(d, "layer y: a layer of kind conv needs an op");
    d = pool.data;
    d.weights = good.data.weights;
    refused(d, "layer p: weights of a layer of kind pool has no meaning");
    d = pool.data;
    d.op = "mult";
    refused(d, "layer p: a layer of kind pool has no op");
    d = pool.data;
    d.written_bits = 7;
    refused(d, "layer p: written_bits is 7, expected 1 (signs), 8 (numbers) or 9 (both)");
    d.ofmap_bits = d.written_bits;
    refused(d, "layer p: ofmap_bits is 7, expected activation_bits");
    Sample signs = sample("s", MF_LAYER_CONV, MF_ARITHMETIC_XNOR);
    signs.ifmap[3] = 0;
    refused(signs.data, "layer s: ifmap[0][0][0][3] is 0, expected -1 or 1");
    d = signs.data;
    d.format.activation_bits = 2;
    refused(d, "layer s: activation_bits is 2, expected 1: the operator computes on signs");
    EXPECT_OK(mf_trace_add(w, &pool.data, D)); // none of these left anything behind
    ASSERT_OK(mf_trace_finish(w, D));
    std::vector<Sample> both;
    both.push_back(sample("x", MF_LAYER_CONV));
    both.push_back(sample("p", MF_LAYER_POOL));
    expect_reads_back(path, both);
}

TEST(Trace, TakesItsNameOnlyWhenFinished)
{
    Scratch scratch;
    mf_trace_writer *w = nullptr;
    const std::string path = scratch.file("t.npz");
    const Sample s = sample("x", MF_LAYER_FC);
    const auto folder = std::filesystem::path(path).parent_path();
    ASSERT_OK(mf_trace_create(path.c_str(), "n", nullptr, &w, D));
    EXPECT_OK(mf_trace_add(w, &s.data, D));
    EXPECT_FALSE(std::filesystem::exists(path));
    mf_trace_abandon(w);
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    ASSERT_OK(mf_trace_create(path.c_str(), "n", nullptr, &w, D));
    EXPECT_FAILS(MF_INVALID, "a trace needs a layer", mf_trace_finish(w, D));
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    EXPECT_FAILS(MF_IO, "/nosuch/t.npz: cannot be written",
                 mf_trace_create("/nosuch/t.npz", "n", nullptr, &w, D));
    mf_trace_abandon(nullptr);
    mf_trace_close(nullptr);
}

TEST(Trace, HoldsAsManyLayersAsItMay)
{
    Scratch scratch;
    mf_trace_writer *w = nullptr;
    const std::string path = scratch.file("t.npz");
    Sample s = sample("x", MF_LAYER_SCALE);
    std::string name = std::string(MF_TRACE_LONGEST_NAME - 3, 'n');
    ASSERT_OK(mf_trace_create(path.c_str(), "n", nullptr, &w, D));
    for (int i = 0; i < MF_TRACE_MOST_LAYERS; i++) {
        const std::string own = name + std::to_string(100 + i);
        s.data.name = own.c_str();
        ASSERT_OK(mf_trace_add(w, &s.data, D));
    }
    s.data.name = "one_more";
    EXPECT_FAILS(MF_TOO_LARGE, "more than 500 layers", mf_trace_add(w, &s.data, D));
    ASSERT_OK(mf_trace_finish(w, D));
    mf_diag diag = {};
    EXPECT_EQ(read_all(path, &diag), MF_OK) << diag.message;
}

// ---- damage -------------------------------------------------------------------------------------

// Every failure is a status with a message that begins with the path.
mf_status read_damaged(const std::string &path)
{
    mf_diag diag = {};
    const mf_status status = read_all(path, &diag);
    if (status != MF_OK) {
        const std::string message = diag.message;
        EXPECT_EQ(message.rfind(path + ": ", 0), 0u) << message;
        EXPECT_TRUE(status == MF_MALFORMED || status == MF_INVALID || status == MF_TOO_LARGE)
            << message;
    }
    return status;
}

TEST(Trace, IsNoTraceWhenCutAnywhere)
{
    Scratch scratch;
    const std::string whole = read_text(write(scratch, samples()));
    for (size_t n = 0; n < whole.size(); n += 1 + n % 7)
        EXPECT_EQ(read_damaged(scratch.write("cut.npz", whole.substr(0, n))), MF_MALFORMED) << n;
}

// The archive's checksums find what is damaged: what is read all the same has the right numbers.
TEST(Trace, NoticesDamage)
{
    Scratch scratch;
    const uint64_t seed = 7;
    SCOPED_TRACE("seed " + std::to_string(seed));
    mf_random random = mf_random_seed(seed);
    const std::vector<Sample> all = samples();
    const std::string whole = read_text(write(scratch, all));
    size_t found = 0;
    for (int round = 0; round < static_cast<int>(n_cases(3000)); round++) {
        std::string bytes = whole;
        for (uint64_t n = mf_random_between(&random, 1, 3); n > 0; n--)
            bytes[mf_random_between(&random, 0, bytes.size() - 1)] =
                static_cast<char>(mf_random_bits(&random));
        const std::string path = scratch.write("bad.npz", bytes);
        if (read_damaged(path) == MF_OK)
            expect_reads_back(path, all);
        else
            found++;
    }
    EXPECT_GT(found, n_cases(1500));
}

// Damage under sound checksums: to the manifest's text, as a hand would, and to the arrays.
TEST(Trace, SurvivesRandomChangesToItsEntries)
{
    Scratch scratch;
    const uint64_t seed = 8;
    SCOPED_TRACE("seed " + std::to_string(seed));
    static const char hostile[] = "0123456789\"{}[]:,-.eE xn\\\x01\xff";
    mf_random random = mf_random_seed(seed);
    const Entries python = python_trace(), own = entries_of(write(scratch, samples()));
    size_t found = 0;
    for (int round = 0; round < static_cast<int>(n_cases(4000)); round++) {
        Entries entries = round % 2 ? python : own;
        const size_t last = entries.size() - 1;
        const size_t which = round % 4 < 2 ? last : mf_random_between(&random, 0, last);
        std::string &bytes = entries[which].second;
        for (uint64_t n = mf_random_between(&random, 1, 3); n > 0; n--) {
            const size_t at = mf_random_between(&random, 0, bytes.size() - 1);
            const uint64_t way = mf_random_between(&random, 0, 3);
            if (way == 0)
                bytes.erase(at, mf_random_between(&random, 1, 20));
            else if (way == 1 && which != last)
                bytes[at] = static_cast<char>(mf_random_bits(&random));
            else
                bytes[at] = hostile[mf_random_between(&random, 0, sizeof hostile - 2)];
            if (bytes.empty())
                break;
        }
        found += read_damaged(scratch.write("bad.npz", stored_zip(entries))) != MF_OK;
    }
    EXPECT_GT(found, n_cases(2000));
}
