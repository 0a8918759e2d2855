// Does a model learn what its gradients say, whatever its layers; are Shift's weights rounded as
// DeepShift rounds them; does a checkpoint bring everything back, bit for bit; does the integer
// model say what the float model says?
#include "base/arena.h"
#include "base/random.h"
#include "base/zip.h"
#include "tests/train/fixture.h"
#include "tests/train/gradients.h"
#include "train/quantise.h"
#include "train/resumption.h"
#include "train/trainer.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace
{
void expect_gradients_of_the_loss(Fixture &f)
{
    f.train(3);
    expect_gradients(f.model, [&] { return f.loss(); });
}
} // namespace

TEST(Model, GradientsAreThoseOfTheLoss)
{
    Fixture f("mult");
    expect_gradients_of_the_loss(f);
}

TEST(Model, GradientsPassThroughMapsThatMeet)
{
    for (const char *name : {"joins", "inception"}) {
        SCOPED_TRACE(name);
        Fixture f("mult", joins_text(name));
        expect_gradients_of_the_loss(f);
    }
}

TEST(Model, LearnsAFewPicturesByHeart)
{
    for (const std::string &op : executed_operators()) {
        Fixture f(op);
        double first = f.loss();
        f.train(op == "xnor" ? 240 : 80); // whose signs turn slowly
        EXPECT_LT(f.loss(), 0.7 * first) << op;
    }
}

TEST(Model, RoundsShiftWeightsInTheLogDomain)
{
    Fixture f("shift");
    size_t n;
    mf_parameter *p = mf_model_parameters(f.model, &n);
    mf_random random = mf_random_seed(3);
    for (uint64_t i = 0; i < p[0].n; i++)
        p[0].value[i] = static_cast<float>(std::exp2(-18 * mf_random_real(&random)) *
                                           (mf_random_real(&random) < 0.5 ? -1.3 : 1.3));
    p[0].value[0] = 0;
    std::vector<float> latent(p[0].value, p[0].value + p[0].n);
    f.loss();
    const float *rounded = mf_model_forward_weights(f.model, 0);
    for (uint64_t i = 0; i < p[0].n; i++) {
        double w = latent[i], m = std::min(std::max(std::fabs(w), std::exp2(-15)), 1.0);
        double expected = w == 0 ? 0 : std::copysign(std::exp2(std::round(std::log2(m))), w);
        EXPECT_EQ(rounded[i], static_cast<float>(expected)) << w;
        EXPECT_EQ(p[0].value[i], static_cast<float>(w == 0 ? 0 : std::copysign(m, w)));
    }
}

// Half of them zero, the others of every power of two that so many bits have, alike, up to 2^-7.
TEST(Model, FixedShiftsStayAsTheyWereDrawn)
{
    for (uint64_t bits : {2, 3, 4, 5}) {
        mf_model_options options = Fixture::small_options();
        options.shift_mode = MF_SHIFT_FIXED;
        options.shift_bits = bits;
        Fixture f("shift", options);
        f.loss();
        const auto weights = [&] {
            std::vector<float> all;
            for (size_t i = 0; i < f.network->n_weight_layers; i++) {
                const float *w = mf_model_forward_weights(f.model, i);
                all.insert(all.end(), w,
                           w + mf_shape_weights(&mf_network_weight_layer(f.network, i)->shape));
            }
            return all;
        };
        const std::vector<float> drawn = weights();
        std::map<int, size_t> powers;
        size_t n_zeros = 0;
        for (float w : drawn)
            w == 0 ? ++n_zeros : ++powers[std::ilogb(w)];
        const auto n = static_cast<double>(drawn.size());
        const double n_powers = std::min(7, (1 << (bits - 1)) - 2);
        EXPECT_NEAR(static_cast<double>(n_zeros) / n, 0.5, 0.05) << bits;
        for (const auto &[power, times] : powers)
            EXPECT_NEAR(static_cast<double>(times) / n, 0.5 / std::max(n_powers, 1.0), 0.06)
                << bits << " bits, 2^" << power;
        f.train(20);
        EXPECT_EQ(drawn, weights()) << bits;
    }
}

// APoT's levels are those of a width; a file may name any, if nothing but prices is wanted of it.
TEST(Model, TakesOnlyWidthsThatItsOperatorHas)
{
    Scratch scratch;
    std::ifstream file(source_path("models/operators/apot3.json"));
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const auto replace = [&](const std::string &what, const std::string &with) {
        ASSERT_NE(text.find(what), std::string::npos);
        text.replace(text.find(what), what.size(), with);
    };
    replace(R"("name": "apot3")", R"("name": "apot")");
    replace(R"("arithmetic": "apot",)", "");
    replace(R"("weight_bits": 3)", R"("weight_bits": 7)");
    const std::string mine = scratch.write("apot.json", text),
                      mult = source_path("models/operators/mult.json");
    const char *const paths[] = {mine.c_str(), mult.c_str()};
    mf_operators *operators = nullptr;
    mf_model *model = nullptr;
    ASSERT_OK(mf_operators_load(paths, 2, &operators, D));
    mf_network *network = Fixture::parse(network_text, 0);
    std::vector<size_t> op_of_layer(network->n_weight_layers, 0);
    const mf_model_options options = mf_model_defaults();
    EXPECT_FAILS(MF_INVALID, "operator apot: weights of 7 bits cannot be executed, only of 3 to 5",
                 mf_model_create(network, operators, op_of_layer.data(), &options, &model, D));
    mf_network_destroy(network);
    mf_operators_destroy(operators);
}

// With weights of zero an output is its bias. A linear layer of DeepShift leaves it as it is.
TEST(Model, FloorsBiasesOfShiftConvolutionsToTheGrid)
{
    mf_model_options options = Fixture::small_options();
    options.activation_integer_bits = 4;
    options.activation_fraction_bits = 2;
    Fixture f("shift", options);
    size_t n, n_seen = 0;
    mf_parameter *p = mf_model_parameters(f.model, &n);
    const std::vector<float> biases = {0.3f, 100, 2.75f, 0.2f}, on_grid = {0.25f, 7, 2.75f, 0};
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; k < p[i].n; k++) {
            std::string role = strrchr(p[i].name, '.') + 1;
            if (role == "weight")
                p[i].value[k] = 0;
            else if (role == "bias")
                p[i].value[k] = biases[k % 4];
        }
    f.loss();
    for (size_t i = 0; i < f.network->n_layers; i++) {
        const mf_layer &layer = f.network->layers[i];
        if (!layer.bias ||
            (layer.activation != MF_ACTIVATION_NONE && layer.activation != MF_ACTIVATION_RELU))
            continue;
        mf_shape shape = layer.shape;
        shape.n = options.batch;
        std::vector<float> out(mf_shape_ofmap(&shape));
        mf_model_output(f.model, i, options.batch, out.data());
        for (size_t k = 0; k < out.size(); k++)
            EXPECT_EQ(out[k], (layer.kind == MF_LAYER_FC ? biases : on_grid)[k % shape.m % 4])
                << layer.name;
        n_seen++;
    }
    EXPECT_EQ(n_seen, 2u); // the squeeze, and the classifier
}

TEST(Model, ScalesAdderGradientsToTheirLayersSize)
{
    Fixture f("add");
    f.loss();
    size_t n, found = 0;
    const mf_parameter *p = mf_model_parameters(f.model, &n);
    for (size_t i = 0; i < n; i++) {
        std::string name = p[i].name;
        if (name.find(".weight") == std::string::npos ||
            name.find("depthwise") != std::string::npos || name.find("fc") != std::string::npos)
            continue; // those stay multiplicative
        double squares = 0;
        for (uint64_t k = 0; k < p[i].n; k++)
            squares += double{p[i].gradient[k]} * p[i].gradient[k];
        if (squares > 0) {
            found++;
            EXPECT_NEAR(std::sqrt(squares / static_cast<double>(p[i].n)), 0.2, 1e-4) << name;
        }
    }
    EXPECT_GT(found, 3u);
}

const mf_checkpoint_texts texts = {"{\"what\": \"is trained\"}", network_text};

TEST(Checkpoint, BringsEverythingBack)
{
    mf_arena *arena = mf_arena_create();
    std::string path = testing::TempDir() + "/mulfree_checkpoint.npz";
    for (const std::string &op : executed_operators()) {
        mf_diag diag = {};
        Fixture whole(op), first(op), second(op);
        whole.train(7);
        first.train(4);
        ASSERT_EQ(mf_checkpoint_save(path.c_str(), &texts, mf_model_store(first.model), &diag),
                  MF_OK)
            << diag.message;
        ASSERT_EQ(mf_checkpoint_load(path.c_str(), true, mf_model_store(second.model), &diag),
                  MF_OK)
            << diag.message;
        second.step = first.step;
        second.train(3);
        EXPECT_EQ(whole.everything(), second.everything()) << op;
        mf_checkpoint_texts found;
        ASSERT_EQ(mf_checkpoint_read_texts(path.c_str(), arena, &found, &diag), MF_OK);
        EXPECT_STREQ(found.training, texts.training);
        EXPECT_STREQ(found.network, texts.network);
    }
    mf_arena_destroy(arena);
    std::remove(path.c_str());
}

// training.json says what it was told, names that would break out of JSON included; changed keys
// are refused only where they matter to what is left.
TEST(Resumption, ReadsWhatItWrote)
{
    mf_arena *arena = mf_arena_create();
    std::string path = testing::TempDir() + "/mulfree_resumption.npz";
    mf_diag diag = {};
    Fixture a("shift");
    const char *rules[] = {"stem=mult", "\"quoted\",\n\\=add"};
    mf_subject subject = {"a \"network\"", "shift", rules, 2, {}};
    subject.options.rows = 12;
    subject.options.columns = 18;
    subject.options.classes = 7;
    subject.options.width_multiplier = 0.35;
    mf_training training = mf_training_defaults();
    training.seed = 123456789;
    mf_trained_so_far so_far = {3, 5, {}, 0.625};
    so_far.training.n = 640;
    so_far.training.n_top1 = 100;
    so_far.training.n_top5 = 400;
    so_far.training.loss = 1.0 / 3;
    mf_text text = {};
    mf_resumption_write(&subject, &training, &so_far, &text);
    const mf_checkpoint_texts written = {text.bytes, network_text};
    ASSERT_EQ(mf_checkpoint_save(path.c_str(), &written, mf_model_store(a.model), &diag), MF_OK)
        << diag.message;
    mf_resumption r;
    ASSERT_EQ(mf_resumption_read(path.c_str(), arena, &r, &diag), MF_OK) << diag.message;
    EXPECT_STREQ(r.subject.network, subject.network);
    EXPECT_STREQ(r.subject.op, "shift");
    ASSERT_EQ(r.subject.n_op_of, 2u);
    EXPECT_STREQ(r.subject.op_of[1], rules[1]);
    EXPECT_EQ(r.subject.options.rows, 12u);
    EXPECT_EQ(r.subject.options.columns, 18u);
    EXPECT_EQ(r.subject.options.classes, 7u);
    EXPECT_EQ(r.subject.options.width_multiplier, 0.35);
    EXPECT_EQ(r.training.seed, training.seed);
    EXPECT_EQ(r.so_far.epoch, 3u);
    EXPECT_EQ(r.so_far.batch, 5u);
    EXPECT_EQ(r.so_far.training.n_top5, 400u);
    EXPECT_EQ(r.so_far.training.loss, 1.0 / 3);
    EXPECT_EQ(r.so_far.best_top1, 0.625);
    EXPECT_STREQ(r.network_text, network_text);
    mf_text again = {};
    mf_resumption_write(&r.subject, &r.training, &r.so_far, &again);
    EXPECT_STREQ(again.bytes, text.bytes);

    mf_training other = r.training;
    other.seed++;
    EXPECT_EQ(mf_resumption_check(&r, &other, true, &diag), MF_INVALID);
    EXPECT_EQ(mf_resumption_check(&r, &other, false, &diag), MF_OK) << "nothing goes on";
    r.so_far.batch = 0;
    EXPECT_EQ(mf_resumption_check(&r, &other, true, &diag), MF_OK) << "at the end of an epoch";
    mf_text_free(&text);
    mf_text_free(&again);
    mf_json_destroy(r.network);
    mf_arena_destroy(arena);
    std::remove(path.c_str());
}

TEST(Checkpoint, RefusesAnotherNetworksWithoutTouchingAnything)
{
    std::string path = testing::TempDir() + "/mulfree_other.npz";
    mf_diag diag = {};
    mf_model_options ps = Fixture::small_options();
    ps.shift_mode = MF_SHIFT_PS;
    Fixture a("shift", ps), b("shift");
    ASSERT_EQ(mf_checkpoint_save(path.c_str(), &texts, mf_model_store(a.model), &diag), MF_OK);
    std::vector<float> before = b.everything();
    EXPECT_EQ(mf_checkpoint_load(path.c_str(), true, mf_model_store(b.model), &diag), MF_INVALID);
    EXPECT_NE(std::string(diag.message).find("stem_0.weight"), std::string::npos) << diag.message;
    EXPECT_EQ(b.everything(), before);
    std::remove(path.c_str());
}

// A misspelt array would silently be lost.
TEST(Checkpoint, RefusesArraysThatNoLayerHas)
{
    std::string path = testing::TempDir() + "/mulfree_strange.npz";
    mf_diag diag = {};
    Fixture a("mult"), b("mult", Fixture::small_options());
    ASSERT_EQ(mf_checkpoint_save(path.c_str(), &texts, mf_model_store(a.model), &diag), MF_OK);
    mf_zip_reader *reader;
    mf_zip_writer *writer;
    ASSERT_EQ(mf_zip_open(path.c_str(), &reader, &diag), MF_OK);
    ASSERT_EQ(mf_zip_create(path.c_str(), &writer, &diag), MF_OK);
    for (size_t i = 0; i < mf_zip_count(reader); i++) {
        const mf_zip_entry *entry = mf_zip_at(reader, i);
        std::string bytes(entry->n_bytes, '\0');
        ASSERT_EQ(mf_zip_read(reader, entry, bytes.data(), &diag), MF_OK);
        ASSERT_EQ(mf_zip_add(writer, entry->name, bytes.data(), bytes.size(), &diag), MF_OK);
    }
    mf_zip_close(reader);
    ASSERT_EQ(mf_zip_add(writer, "stem_0.runing_mean.npy", "", 0, &diag), MF_OK);
    ASSERT_EQ(mf_zip_finish(writer, &diag), MF_OK);
    std::vector<float> before = b.everything();
    EXPECT_EQ(mf_checkpoint_load(path.c_str(), false, mf_model_store(b.model), &diag), MF_INVALID);
    EXPECT_NE(std::string(diag.message).find("stem_0.runing_mean.npy"), std::string::npos)
        << diag.message;
    EXPECT_EQ(b.everything(), before);
    std::remove(path.c_str());
}

TEST(Quantise, IntegersSayWhatFloatsSay)
{
    std::vector<std::pair<std::string, std::string>> cases;
    for (const std::string &op : executed_operators()) {
        cases.push_back({op, text_for(op)});
        cases.push_back({op, joins_text()});
        cases.push_back({op, joins_text("inception")});
    }
    for (const auto &[op, text] : cases) {
        mf_diag diag = {};
        Fixture f(op, text);
        f.train(60);
        mf_model_statistics_begin(f.model);
        mf_model_statistics_show(f.model, f.images.data(), f.labels.size());
        mf_model_statistics_end(f.model);
        mf_quantised *q = nullptr;
        ASSERT_EQ(mf_quantise(f.model, f.operators, f.op_of_layer.data(), f.images.data(),
                              f.labels.size(), 16, 32, &q, &diag),
                  MF_OK)
            << diag.message;
        mf_network *network = Fixture::parse(text, f.labels.size());
        struct Compare {
            const mf_model *model;
            double worst, share; // of outputs that are further away than the others may be
        } compare = {f.model, 0, 0};
        auto sink = [](void *user, size_t index, const mf_layer_data *data, mf_diag *) {
            auto *c = static_cast<Compare *>(user);
            const mf_shape &s = data->shape;
            std::vector<float> out(mf_shape_ofmap(&s));
            std::vector<double> off;
            mf_model_output(c->model, index, s.n, out.data());
            double peak = 1e-9, unit = std::exp2(-double(data->ofmap_fraction_bits));
            for (uint64_t n = 0; n < s.n; n++)
                for (uint64_t m = 0; m < s.m; m++)
                    for (uint64_t i = 0; i < s.e * s.f; i++) {
                        double real = out[(n * s.e * s.f + i) * s.m + m],
                               code = data->ofmap[(n * s.m + m) * s.e * s.f + i] * unit;
                        peak = std::max(peak, std::fabs(real));
                        off.push_back(std::fabs(real - code));
                    }
            double n_far = 0;
            for (double distance : off) {
                c->worst = std::max(c->worst, distance / peak);
                n_far += distance > 0.03 * peak;
            }
            c->share = std::max(c->share, n_far / static_cast<double>(off.size()));
            return MF_OK;
        };
        mf_model_score score = {};
        ASSERT_EQ(mf_model_evaluate(f.model, f.images.data(), f.labels.data(), f.labels.size(),
                                    &score, &diag),
                  MF_OK);
        ASSERT_EQ(mf_quantised_run(q, network, f.images.data(), sink, &compare, &diag), MF_OK)
            << diag.message;
        if (op ==
            "xnor") // what rounds to the other side of 0 is of the other sign for all behind it
            EXPECT_LT(compare.share, 0.1);
        else
            EXPECT_LT(compare.worst, 0.03) << op;
        mf_network_destroy(network);
        mf_quantised_destroy(q);
    }
}

TEST(Training, RateRisesAndFalls)
{
    mf_training t = mf_training_defaults();
    t.epochs = 10;
    t.warmup_epochs = 2;
    t.warmup_rate = 0.01;
    t.rate = 0.05;
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 0, 100), 0.01);
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 100, 100), 0.03);
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 200, 100), 0.05);
    EXPECT_NEAR(mf_training_rate(&t, 600, 100), 0.025, 1e-12);
    EXPECT_NEAR(mf_training_rate(&t, 1000, 100), 0, 1e-12);
}

// What the program reads is what is set; what happens in the warm-up is the same in all of them.
TEST(Training, RateFallsAsItsScheduleHasIt)
{
    mf_arena *arena = mf_arena_create();
    mf_training t = mf_training_defaults();
    mf_diag diag = {};
    auto set = [&](const char *words) {
        ASSERT_EQ(mf_training_set(&t, words, arena, &diag), MF_OK) << diag.message;
    };
    for (const char *words : {"epochs=10", "warmup_epochs=2", "warmup_rate=0.01", "rate=0.05"})
        set(words);
    set("schedule=triangular");
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 100, 100), 0.03);
    for (uint64_t step : {200, 300, 777, 1000}) // a line from 0.05 to nothing over eight epochs
        EXPECT_NEAR(mf_training_rate(&t, step, 100),
                    0.05 * (1000.0 - static_cast<double>(step)) / 800, 1e-12);
    set("schedule=step");
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 100, 100), 0.03);
    EXPECT_EQ(mf_training_rate(&t, 499, 100), 0.05);
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 500, 100), 0.005);
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 749, 100), 0.005);
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 750, 100), 0.0005);
    set("milestones=8,3.5"); // in any order, also within an epoch
    set("step_factor=0.5");
    EXPECT_EQ(mf_training_rate(&t, 349, 100), 0.05);
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 350, 100), 0.025);
    EXPECT_DOUBLE_EQ(mf_training_rate(&t, 800, 100), 0.0125);
    set("milestones=halves");
    EXPECT_EQ(t.milestones.n, 0u);
    EXPECT_NE(
        mf_training_set(&t, "milestones=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", arena, &diag),
        MF_OK);
    EXPECT_NE(mf_training_set(&t, "mean=0.1,0.2,0.3,0.4", arena, &diag), MF_OK);
    mf_arena_destroy(arena);
}

TEST(Training, KeysAreReadBackAsTheyWereWritten)
{
    static const char *const none[] = {nullptr};
    mf_arena *arena = mf_arena_create();
    mf_training t = mf_training_defaults(), back = mf_training_defaults();
    mf_diag diag = {};
    for (const char *set :
         {"rate=0.125", "shift_mode=ps", "epochs=3", "data=cifar10:x y", "flip=no"})
        ASSERT_EQ(mf_training_set(&t, set, arena, &diag), MF_OK) << diag.message;
    mf_text text = {};
    mf_text_puts(&text, "{\n");
    mf_training_write(&t, "  ", &text);
    mf_text_puts(&text, "}");
    mf_json_doc *doc = nullptr;
    ASSERT_EQ(mf_json_parse(text.bytes, text.length, "t", &doc, &diag), MF_OK) << diag.message;
    mf_json root = mf_json_root(doc);
    ASSERT_EQ(mf_training_read(&root, none, arena, &back, &diag), MF_OK) << diag.message;
    EXPECT_EQ(back.rate, 0.125);
    EXPECT_EQ(back.shift_mode, static_cast<uint64_t>(MF_SHIFT_PS));
    EXPECT_EQ(back.epochs, 3u);
    EXPECT_STREQ(back.data, "cifar10:x y");
    EXPECT_EQ(back.flip, 0u);
    EXPECT_EQ(mf_training_set(&t, "rat=0.1", arena, &diag), MF_INVALID);
    EXPECT_NE(std::string(diag.hint).find("rate"), std::string::npos) << diag.message << diag.hint;
    EXPECT_EQ(mf_training_set(&t, "epochs=100001", arena, &diag), MF_INVALID);
    mf_json_destroy(doc);
    mf_text_free(&text);
    mf_arena_destroy(arena);
}

// A key that is none, or no sign before it, would leave the advice empty or wrong.
TEST(Trained, AdviceNamesKeysOfTheTraining)
{
    for (int trained = 0; trained < MF_N_TRAINED; trained++) {
        std::istringstream words(mf_trained_advice(static_cast<mf_trained>(trained)));
        std::string word;
        int n = 0;
        for (; words >> word; n++) {
            EXPECT_TRUE(word[0] == '-' || word[0] == '+') << word;
            bool known = false;
            for (const mf_training_key *k = mf_training_keys; k->name; k++)
                known = known || word.substr(1) == k->name;
            EXPECT_TRUE(known) << word;
        }
        EXPECT_GT(n, 0) << mf_trained_name(static_cast<mf_trained>(trained));
    }
}
