// Is a network on made-up numbers a network: does every layer read what its producer made, are the
// numbers those that its data promises, plausible, and the same for the same seed?
#include "models/formats/network_file.h"
#include "models/forward.h"
#include "models/kinds/kind.h"
#include "models/vector.h"
#include "tests/support/codes.h"
#include "tests/support/operators.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

namespace
{
struct Free {
    void operator()(mf_network *n) const
    {
        mf_network_destroy(n);
    }
    void operator()(mf_operators *o) const
    {
        mf_operators_destroy(o);
    }
};
using Network = std::unique_ptr<mf_network, Free>;
using Operators = std::unique_ptr<mf_operators, Free>;
using Codes = std::vector<int32_t>;

Operators load_operators()
{
    return Operators(load_all_operators());
}

Network load(const std::string &path, const mf_network_options &options)
{
    mf_network *network = nullptr;
    EXPECT_OK(mf_network_load(path.c_str(), &options, &network, D));
    return Network(network);
}

Network load_zoo(const std::string &name, const mf_network_options &options)
{
    return load(source_path("models/zoo/" + name + ".json"), options);
}

// A network at the smallest resolution that its strides permit, a quarter as wide: all layers, but
// few operations.
Network load_small(const std::string &path, uint64_t batch)
{
    mf_network *network = nullptr;
    mf_diag diag = {};
    for (uint64_t size : {16, 32, 64, 96, 128}) {
        mf_network_options options = {batch, 0, size, size, 0.25};
        if (mf_network_load(path.c_str(), &options, &network, &diag) == MF_OK)
            return Network(network);
    }
    ADD_FAILURE() << diag.message;
    return nullptr;
}

std::vector<std::string> zoo()
{
    std::vector<std::string> paths;
    for (const auto &file : std::filesystem::directory_iterator(source_path("models/zoo")))
        paths.push_back(file.path());
    paths.push_back(source_path("tests/models/joins.json"));
    paths.push_back(source_path("tests/models/inception.json"));
    std::sort(paths.begin(), paths.end());
    return paths;
}

// What a sink sees, copied.
struct Seen {
    mf_layer_data data = {};
    Codes ifmap, weights, multiplier, ofmap;
    std::vector<Codes> others;
    std::vector<int64_t> addend, psums;
};

template <class T> std::vector<T> copy(const T *values, uint64_t n)
{
    return values ? std::vector<T>(values, values + n) : std::vector<T>();
}

mf_status keep(void *user, size_t index, const mf_layer_data *data, mf_diag *)
{
    auto *all = static_cast<std::vector<Seen> *>(user);
    EXPECT_EQ(index, all->size());
    const mf_shape *s = &data->shape;
    Seen seen;
    seen.data = *data;
    seen.ifmap = copy(data->ifmap, mf_shape_ifmap(s));
    for (size_t k = 1; k <= data->n_others; k++) {
        const mf_layer_input input = mf_layer_data_input(data, k);
        seen.others.push_back(copy(input.codes, mf_kind_input_words(mf_layer_record_of(data->kind),
                                                                    s, input.channels, k)));
    }
    seen.weights = copy(data->weights, mf_shape_weights(s));
    seen.multiplier = copy(data->multiplier, s->m);
    seen.addend = copy(data->addend, s->m);
    seen.psums = copy(data->psums, mf_shape_ofmap(s));
    seen.ofmap = copy(data->ofmap, mf_shape_ofmap(s));
    all->push_back(std::move(seen));
    return MF_OK;
}

// A network with its operators and widths, ready to run.
struct Trial {
    Network network;
    Operators operators = load_operators();
    std::vector<size_t> op_of_layer;
    std::vector<mf_widths> widths;
    mf_forward_options options = {};

    Trial(Network n, const std::string &op, uint64_t bits = 16, uint64_t psum_bits = 32)
        : network(std::move(n)), op_of_layer(network->n_weight_layers),
          widths(network->n_weight_layers)
    {
        size_t variant = 0;
        EXPECT_OK(mf_operators_find(operators.get(), op.c_str(), &variant, D));
        EXPECT_OK(mf_operators_assign(operators.get(), network.get(), variant, nullptr, 0,
                                      op_of_layer.data(), D));
        for (size_t i = 0; i < widths.size(); i++)
            set_width(i, bits, psum_bits);
        options = {1, widths.data(), bits, false};
    }
    void set_width(size_t number, uint64_t bits, uint64_t psum_bits)
    {
        const mf_shape &s = mf_network_weight_layer(network.get(), number)->shape;
        EXPECT_OK(mf_operator_widths(mf_operators_at(operators.get(), op_of_layer[number]),
                                     {bits, false}, psum_bits, s.c / s.g * s.r * s.s,
                                     &widths[number], D));
    }
    mf_status run(mf_forward_sink *sink, void *user, mf_diag *diag) const
    {
        return mf_forward_random(network.get(), operators.get(), op_of_layer.data(), &options, sink,
                                 user, diag);
    }
    std::vector<Seen> run() const
    {
        std::vector<Seen> seen;
        EXPECT_OK(run(keep, &seen, D));
        EXPECT_EQ(seen.size(), network->n_layers);
        return seen;
    }
};

// Every zoo network, small, with every operator.
void for_each_small(uint64_t batch, const std::function<void(const Trial &)> &body)
{
    for (const std::string &path : zoo())
        for (const std::string &op : executed_operators()) {
            SCOPED_TRACE(path + " on " + op);
            Trial trial(load_small(path, batch), op);
            ASSERT_NO_FATAL_FAILURE(body(trial));
        }
}

// What the second input of a residual sum becomes where it has another shape: every step-th
// position, half of the missing channels before the others.
Codes padded(const mf_shape &from, const Codes &codes, const mf_shape &to)
{
    Codes result;
    uint64_t before = (to.c - from.m) / 2, step = from.e / to.h + (from.e % to.h != 0);
    for (uint64_t n = 0; n < to.n; n++)
        for (uint64_t c = 0; c < to.c; c++)
            for (uint64_t h = 0; h < to.h; h++)
                for (uint64_t w = 0; w < to.w; w++) {
                    bool zero = c < before || c >= before + from.m;
                    uint64_t plane = (n * from.m + c - before) * from.e;
                    result.push_back(zero ? 0 : codes[(plane + h * step) * from.f + w * step]);
                }
    return result;
}

void expect_reads(const Trial &trial, const std::vector<Seen> &seen, size_t i, int input,
                  const Codes &codes)
{
    if (input < 0)
        return;
    const Seen &from = seen[static_cast<size_t>(input)];
    const mf_layer &layer = trial.network->layers[i];
    if (mf_integer_on_signs(&seen[i].data.format)) {
        ASSERT_EQ(from.ofmap.size(), codes.size());
        for (size_t k = 0; k < codes.size(); k++)
            ASSERT_EQ(codes[k], from.ofmap[k] > 0 ? 1 : -1) << k;
    } else if (from.ofmap.size() == codes.size())
        ASSERT_EQ(from.ofmap, codes);
    else
        ASSERT_EQ(padded(from.data.shape, from.ofmap, layer.shape), codes);
}

struct Moments {
    double mean = 0, deviation = 0;
};

template <class T> Moments moments(const std::vector<T> &values)
{
    Moments m;
    for (T value : values)
        m.mean += static_cast<double>(value) / static_cast<double>(values.size());
    for (T value : values)
        m.deviation +=
            std::pow(static_cast<double>(value) - m.mean, 2) / static_cast<double>(values.size());
    m.deviation = std::sqrt(m.deviation);
    return m;
}
} // namespace

TEST(Forward, EveryLayerReadsWhatItsProducersMade)
{
    for_each_small(1, [](const Trial &trial) {
        std::vector<Seen> seen = trial.run();
        for (size_t i = 0; i < seen.size(); i++) {
            const mf_layer &layer = trial.network->layers[i];
            SCOPED_TRACE(layer.name);
            ASSERT_NO_FATAL_FAILURE(expect_reads(trial, seen, i, layer.input[0], seen[i].ifmap));
            ASSERT_EQ(seen[i].others.size(), layer.n_inputs - 1);
            for (size_t k = 1; k < layer.n_inputs; k++) {
                ASSERT_NO_FATAL_FAILURE(
                    expect_reads(trial, seen, i, layer.input[k], seen[i].others[k - 1]));
            }
        }
    });
}

// The description of the layer, its sums and its outputs, from the codes alone.
TEST(Forward, TheNumbersAreThoseOfTheLayer)
{
    for (const char *name : {"mobilenetv3-w0.35", "resnet20-cifar-padshortcut", "alexnet"})
        for (const std::string &op : executed_operators()) {
            SCOPED_TRACE(std::string(name) + " on " + op);
            Trial trial(load_small(source_path(std::string("models/zoo/") + name + ".json"), 2),
                        op);
            std::vector<Seen> all = trial.run();
            for (size_t i = 0; i < all.size(); i++) {
                Seen &s = all[i];
                const mf_layer &layer = trial.network->layers[i];
                SCOPED_TRACE(layer.name);
                EXPECT_STREQ(s.data.name, layer.name);
                EXPECT_EQ(s.data.kind, layer.kind);
                EXPECT_EQ(s.data.activation, layer.activation);
                EXPECT_EQ(s.data.ofmap_fraction_bits, 11u);
                s.data.ifmap = s.ifmap.data();
                for (size_t k = 0; k < s.others.size(); k++)
                    s.data.others[k].codes = s.others[k].data();
                Codes ofmap(s.ofmap.size());
                if (!mf_layer_has_weights(&layer)) {
                    ASSERT_FALSE(mf_layer_data_has_weights(&s.data));
                    ASSERT_OK(mf_vector_compute(&s.data, ofmap.data(), D));
                    ASSERT_EQ(ofmap, s.ofmap);
                    continue;
                }
                const mf_operator *runs_on = mf_operators_at(
                    trial.operators.get(), trial.op_of_layer[static_cast<size_t>(layer.number)]);
                EXPECT_STREQ(s.data.op, runs_on->name);
                int drawn = codes::rows()
                                .at(s.data.format.arithmetic)
                                .drawn_fraction_bits(static_cast<int>(s.data.format.weight_bits));
                EXPECT_EQ(s.data.weight_fraction_bits,
                          drawn < 0 ? s.data.ifmap_fraction_bits : static_cast<uint64_t>(drawn));
                std::vector<int64_t> psums(s.psums.size());
                ASSERT_OK(mf_integer_layer(&s.data.shape, &s.data.format, s.ifmap.data(),
                                           s.weights.data(), psums.data(), D));
                ASSERT_EQ(psums, s.psums);
                s.data.multiplier = s.multiplier.data();
                s.data.addend = s.addend.data();
                mf_requantiser r = mf_layer_data_requantiser(&s.data);
                for (uint64_t k = 0; k < ofmap.size(); k++)
                    ofmap[k] = mf_requantise(
                        &r, k / (layer.shape.e * layer.shape.f) % layer.shape.m, psums[k]);
                ASSERT_EQ(ofmap, s.ofmap);
            }
        }
}

// Layer by layer where channels are normalised over many sums; of the other layers (where maps are
// 1 x 1 a whole image may be on one side of the mean) only as they weigh in the whole network. Sums
// of Add share the magnitude of their position over all channels, so that they are more skewed.
TEST(Forward, OutputsAreNormalised)
{
    for_each_small(2, [](const Trial &trial) {
        double n_all = 0, n_all_zeros = 0;
        for (const Seen &s : trial.run()) {
            if (s.psums.empty())
                continue;
            SCOPED_TRACE(s.data.name);
            const double one = 2048, n = static_cast<double>(s.ofmap.size());
            if (s.data.activation == MF_ACTIVATION_NONE && s.ofmap.size() >= 500) {
                Moments m = moments(s.ofmap);
                EXPECT_NEAR(m.mean / one, 0, 0.1);
                EXPECT_NEAR(m.deviation / one, 1, 0.1);
            }
            if (s.data.activation != MF_ACTIVATION_RELU && s.data.activation != MF_ACTIVATION_RELU6)
                continue;
            auto zeros = static_cast<double>(std::count(s.ofmap.begin(), s.ofmap.end(), 0));
            n_all += n;
            n_all_zeros += zeros;
            if (s.data.shape.n * s.data.shape.e * s.data.shape.f < 64)
                continue;
            EXPECT_GT(zeros / n, std::string(s.data.op) == "add" ? 0.15 : 0.3);
            EXPECT_LT(zeros / n, 0.7);
        }
        EXPECT_GT(n_all_zeros / n_all, 0.3);
        EXPECT_LT(n_all_zeros / n_all, 0.7);
    });
}

// In every channel by itself, with multipliers of many bits that stay inside 64-bit arithmetic.
TEST(Forward, EachChannelIsNormalisedByItself)
{
    mf_network_options options = {1, 0, 64, 64, 0};
    for (const std::string &op : executed_operators()) {
        Trial trial(load_zoo("mobilenetv2-w0.35", options), op);
        for (const Seen &s : trial.run()) {
            uint64_t plane = s.data.shape.e * s.data.shape.f, n_silent = 0;
            if (s.psums.empty() || plane < 64 || s.data.activation != MF_ACTIVATION_NONE)
                continue;
            SCOPED_TRACE(s.data.name);
            for (size_t m = 0; m < s.data.shape.m; m++) {
                auto first = s.ofmap.begin() + static_cast<std::ptrdiff_t>(m * plane);
                Moments own = moments(Codes(first, first + static_cast<std::ptrdiff_t>(plane)));
                EXPECT_NEAR(own.mean, 0, 20);
                n_silent += own.deviation == 0;
                if (own.deviation != 0) {
                    EXPECT_NEAR(own.deviation, 2048, 20);
                }
            }
            EXPECT_LE(n_silent, s.data.shape.m / 8);
        }
        for (const Seen &s : trial.run())
            for (int32_t multiplier : s.multiplier) {
                EXPECT_GE(multiplier, 1 << 14) << s.data.name;
                EXPECT_LE(multiplier, 1 << 30) << s.data.name;
            }
    }
}

TEST(Forward, TheSeedDecidesAllNumbers)
{
    mf_network_options options = {1, 0, 32, 32, 0};
    Trial trial(load_zoo("mobilenetv3-w0.35", options), "shift");
    std::vector<Seen> once = trial.run(), again = trial.run();
    trial.options.seed = 2;
    std::vector<Seen> other = trial.run();
    for (size_t i = 0; i < once.size(); i++) {
        SCOPED_TRACE(once[i].data.name);
        EXPECT_EQ(once[i].ifmap, again[i].ifmap);
        EXPECT_EQ(once[i].weights, again[i].weights);
        EXPECT_EQ(once[i].multiplier, again[i].multiplier);
        EXPECT_EQ(once[i].addend, again[i].addend);
        EXPECT_EQ(once[i].ofmap, again[i].ofmap);
        EXPECT_NE(once[i].ifmap, other[i].ifmap);
        EXPECT_EQ(once[i].weights == other[i].weights, once[i].weights.empty());
    }
}

// The same numbers on every machine: this one's were written down once.
TEST(Forward, TheNumbersOfASeedStayTheSame)
{
    mf_network_options options = {1, 0, 32, 32, 0};
    for (const auto &[op, expected] :
         {std::pair{"mult", 4086925767u}, {"shift", 2075982862u}, {"add", 2698341173u}}) {
        Trial trial(load_zoo("mobilenetv2-w0.35", options), op);
        uint32_t hash = 2166136261u; // FNV-1a over all outputs
        for (const Seen &s : trial.run())
            for (int32_t code : s.ofmap)
                hash = (hash ^ static_cast<uint32_t>(code)) * 16777619u;
        EXPECT_EQ(hash, expected) << op;
    }
}

TEST(Forward, WeightsDependOnNoOtherLayer)
{
    mf_network_options options = {1, 0, 32, 32, 0};
    Trial trial(load_zoo("resnet20-cifar", options), "mult");
    std::vector<Seen> all = trial.run();
    trial.set_width(3, 8, 32);
    std::vector<Seen> changed = trial.run();
    for (size_t i = 0; i < all.size(); i++)
        if (trial.network->layers[i].number >= 0) {
            EXPECT_EQ(all[i].weights == changed[i].weights, trial.network->layers[i].number != 3)
                << all[i].data.name;
        }
}

TEST(Forward, ShiftWeightsHaveBothSignsAndAllExponents)
{
    mf_network_options options = {1, 0, 32, 32, 0};
    Trial trial(load_zoo("mobilenetv2-w0.35", options), "shift");
    for (bool zero_code : {false, true}) {
        trial.options.zero_code = zero_code;
        std::vector<uint64_t> n(32);
        uint64_t n_weights = 0;
        for (const Seen &s : trial.run()) {
            EXPECT_EQ(s.data.format.zero_code, zero_code && s.data.op);
            for (int32_t code : s.weights)
                n[static_cast<size_t>(code)]++, n_weights++;
        }
        for (size_t code = 0; code < 16; code++) {
            EXPECT_GT(n[code], 0u) << code;
            EXPECT_NEAR(static_cast<double>(n[code]) / static_cast<double>(n[code + 16]), 1, 0.2);
        }
        uint64_t middle = 0;
        for (size_t exponent = 4; exponent < 12; exponent++)
            middle += n[exponent] + n[exponent + 16];
        EXPECT_GT(middle, n_weights * 3 / 4);
    }
}

TEST(Forward, ImagesOfABatchDiffer)
{
    mf_network_options options = {2, 0, 32, 32, 0};
    Trial trial(load_zoo("resnet20-cifar", options), "add");
    for (const Seen &s : trial.run()) {
        EXPECT_EQ(s.data.shape.n, 2u);
        auto half = static_cast<std::ptrdiff_t>(s.ofmap.size() / 2);
        EXPECT_NE(Codes(s.ofmap.begin(), s.ofmap.begin() + half),
                  Codes(s.ofmap.begin() + half, s.ofmap.end()))
            << s.data.name;
    }
}

// Layers of 16 and 8 bits in turns; what needs no weights has 12.
TEST(Forward, WiderMapsAreBroughtToTheirReadersScale)
{
    mf_network_options options = {1, 0, 32, 32, 0};
    Trial trial(load_zoo("resnet20-cifar", options), "mult");
    for (size_t i = 1; i < trial.widths.size(); i += 2)
        trial.set_width(i, 8, 32);
    trial.options.activation_bits = 12;
    std::vector<Seen> seen = trial.run();
    auto expected = [&](int input, const mf_layer_data &reader) {
        const Seen &from = seen[static_cast<size_t>(input)];
        Codes codes = from.ofmap;
        uint64_t bits = reader.format.activation_bits;
        if (from.data.format.activation_bits > bits)
            for (int32_t &code : codes) {
                double most = std::pow(2.0, static_cast<double>(bits - 1)),
                       unit = std::pow(
                           2.0, static_cast<double>(from.data.format.activation_bits - bits));
                code = static_cast<int32_t>(
                    std::min(std::max(std::floor(code / unit + 0.5), -most), most - 1));
            }
        return codes;
    };
    size_t n_narrowed = 0, n_widened = 0;
    for (size_t i = 0; i < seen.size(); i++) {
        const mf_layer &layer = trial.network->layers[i];
        const mf_layer_data &d = seen[i].data;
        SCOPED_TRACE(layer.name);
        for (size_t k = 0; k < layer.n_inputs; k++) {
            if (layer.input[k] < 0)
                continue;
            const mf_layer_data &from = seen[static_cast<size_t>(layer.input[k])].data;
            EXPECT_EQ(k ? seen[i].others[k - 1] : seen[i].ifmap, expected(layer.input[k], d));
            EXPECT_EQ(mf_layer_data_input(&d, k).fraction_bits,
                      std::min(from.ofmap_fraction_bits, d.ofmap_fraction_bits));
            n_narrowed += from.ofmap_fraction_bits > d.ofmap_fraction_bits;
            n_widened += from.ofmap_fraction_bits < d.ofmap_fraction_bits;
        }
    }
    EXPECT_GT(n_narrowed, 5u);
    EXPECT_GT(n_widened, 5u);
}

TEST(Forward, EveryWidthRuns)
{
    mf_network_options options = {1, 0, 32, 32, 0.25};
    for (const std::string &op : executed_operators())
        for (uint64_t bits : {2, 3, 4, 5, 6, 8, 12, 24, 32}) {
            SCOPED_TRACE(std::string(op) + " of " + std::to_string(bits) + " bits");
            EXPECT_EQ(mf_forward_fraction_bits(bits), bits < 5 ? 0 : bits - 5);
            for (uint64_t psum_bits : {uint64_t{32}, uint64_t{63}}) {
                Trial trial(load_zoo("mobilenetv3-w0.35", options), op, bits, psum_bits);
                std::vector<Seen> seen = trial.run();
                EXPECT_GT(moments(seen[0].ofmap).deviation, 0);
            }
        }
}

// A block's first map is of signs alone; the sum before it is read as numbers by the next sum, too.
TEST(Forward, MapsAreWrittenAsTheirReadersTakeThem)
{
    Trial trial(load_zoo("resnet20-cifar", {1, 0, 16, 16, 0}), "xnor");
    std::vector<Seen> seen = trial.run();
    size_t n_written[3] = {};
    for (size_t i = 0; i < seen.size(); i++) {
        const mf_layer_data &d = seen[i].data;
        SCOPED_TRACE(d.name);
        bool numbers = i + 1 == seen.size(), signs = false;
        for (size_t k = 0; k < seen.size(); k++)
            for (size_t in = 0; in < trial.network->layers[k].n_inputs; in++)
                if (trial.network->layers[k].input[in] == static_cast<int>(i)) {
                    bool reads_signs = seen[k].data.op && !strcmp(seen[k].data.op, "xnor");
                    (reads_signs ? signs : numbers) = true;
                }
        EXPECT_EQ(d.ofmap_bits, 16u);
        EXPECT_EQ(d.written_bits, (numbers ? 16u : 0u) + (signs ? 1u : 0u));
        n_written[numbers * 2 + signs - 1]++;
        if (d.op && !strcmp(d.op, "xnor")) {
            EXPECT_EQ(d.format.activation_bits, 1u);
            EXPECT_EQ(d.ifmap_fraction_bits, 0u);
        }
    }
    EXPECT_GT(n_written[0], 5u) << "signs alone";
    EXPECT_GT(n_written[1], 5u) << "numbers alone";
    EXPECT_GT(n_written[2], 5u) << "both";
}

// All layers of a topology name the network's input, but only the first has its size.
TEST(Forward, LayersOfATopologyGetInputsOfTheirOwn)
{
    Scratch scratch;
    std::string path = scratch.write("two.csv", "Layer, H, W, R, S, C, M, U,\n"
                                                "a, 9, 9, 3, 3, 2, 4, 2,\n"
                                                "b, 7, 7, 3, 3, 4, 5, 1,\n"
                                                "c, 7, 7, 3, 3, 4, 5, 1,\n"
                                                "d, 1, 1, 1, 1, 60, 10, 1,\n");
    for (const std::string &op : executed_operators()) {
        Trial trial(load(path, {2, 0, 0, 0, 0}), op);
        std::vector<Seen> seen = trial.run();
        ASSERT_EQ(seen.size(), 4u);
        EXPECT_NE(seen[1].ifmap, seen[2].ifmap);
        for (const Seen &s : seen) {
            Moments m = moments(s.ifmap);
            if (mf_integer_on_signs(&s.data.format)) {
                EXPECT_GT(m.deviation, 0.5) << "signs of both kinds";
                continue;
            }
            EXPECT_GT(m.deviation, 1024);
            EXPECT_LT(m.deviation, 10240);
        }
    }
}

TEST(Forward, FailuresNameTheirLayer)
{
    mf_network_options options = {1, 0, 32, 32, 0};
    Trial trial(load_zoo("mobilenetv2-w0.35", options), "mult");
    std::vector<Seen> seen;
    const char *name = mf_network_weight_layer(trial.network.get(), 5)->name;
    std::string start = std::string("layer ") + name + ": ";
    mf_widths good = trial.widths[5];
    trial.widths[5].psum_bits = 20;
    trial.widths[5].product_shift = 0;
    EXPECT_FAILS(MF_TOO_LARGE, start + "the sum of image 0, channel", trial.run(keep, &seen, D));
    EXPECT_EQ(seen.size(), static_cast<size_t>(mf_network_weight_layer(trial.network.get(), 5) -
                                               trial.network->layers));
    trial.widths[5] = good;
    trial.widths[5].floating = true;
    EXPECT_FAILS(MF_INVALID, start + "operator mult: fp16",
                 (seen.clear(), trial.run(keep, &seen, D)));
    trial.widths[5] = good;
    trial.widths[5].activation_bits = 33;
    EXPECT_FAILS(MF_INVALID, start + "activation_bits is 33, expected 2 to 32",
                 (seen.clear(), trial.run(keep, &seen, D)));
}

TEST(Forward, TheSinkCanStopTheRun)
{
    Trial trial(load_zoo("resnet20-cifar", {1, 0, 32, 32, 0}), "shift");
    size_t n_calls = 0;
    auto stop = [](void *user, size_t index, const mf_layer_data *, mf_diag *diag) {
        ++*static_cast<size_t *>(user);
        return index == 3 ? mf_fail(diag, MF_INTERRUPTED, "enough") : MF_OK;
    };
    EXPECT_FAILS(MF_INTERRUPTED, "enough | ", trial.run(stop, &n_calls, D));
    EXPECT_EQ(n_calls, 4u);
}
