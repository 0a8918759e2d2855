// Is classification's loss the cross entropy of smoothed targets, its gradient that of the loss,
// its score the rank of the target; and does a model learn what another task asks of it?
#include "base/random.h"
#include "tests/support/operators.h"
#include "train/quantise.h"
#include "train/resumption.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace
{
struct Answers {
    explicit Answers(uint64_t seed)
    {
        mf_random random = mf_random_seed(seed);
        uint64_t n = mf_random_between(&random, 1, 6);
        classes = mf_random_between(&random, 2, 9);
        for (uint64_t i = 0; i < n * classes; i++) // halves, so that some are equal
            outputs.push_back(static_cast<float>(mf_random_between(&random, 0, 12)) / 2 - 3);
        for (uint64_t i = 0; i < n; i++)
            targets.push_back(static_cast<uint32_t>(mf_random_between(&random, 0, classes - 1)));
    }

    mf_answers get() const
    {
        mf_shape shape = {};
        shape.n = targets.size();
        shape.m = classes;
        shape.e = shape.f = 1;
        mf_answers answers = {};
        answers.shape = shape;
        answers.outputs = outputs.data();
        answers.targets = targets.data();
        return answers;
    }

    // T^2 times the divergence of softened outputs, mean over pictures.
    double distance(const std::vector<float> &teacher, double temperature) const
    {
        double sum = 0;
        for (size_t i = 0; i < targets.size(); i++) {
            double own = 0, taught = 0;
            for (uint64_t k = 0; k < classes; k++) {
                own += std::exp(double{outputs[i * classes + k]} / temperature);
                taught += std::exp(double{teacher[i * classes + k]} / temperature);
            }
            for (uint64_t k = 0; k < classes; k++) {
                double p = std::exp(double{teacher[i * classes + k]} / temperature) / taught,
                       q = std::exp(double{outputs[i * classes + k]} / temperature) / own;
                sum += p * std::log(p / q);
            }
        }
        return temperature * temperature * sum / static_cast<double>(targets.size());
    }

    // -sum over classes of target times log of softmax, mean over pictures.
    double loss(double smoothing) const
    {
        double sum = 0;
        for (size_t i = 0; i < targets.size(); i++) {
            double all = 0;
            for (uint64_t k = 0; k < classes; k++)
                all += std::exp(double{outputs[i * classes + k]});
            for (uint64_t k = 0; k < classes; k++) {
                double target = smoothing / static_cast<double>(classes) +
                                (k == targets[i] ? 1 - smoothing : 0);
                sum -= target * std::log(std::exp(double{outputs[i * classes + k]}) / all);
            }
        }
        return sum / static_cast<double>(targets.size());
    }

    uint64_t classes;
    std::vector<float> outputs;
    std::vector<uint32_t> targets;
};
} // namespace

TEST(Classification, LossIsTheCrossEntropyOfSmoothedTargets)
{
    for (uint64_t seed = 0; seed < n_cases(100); seed++)
        for (double smoothing : {0.0, 0.1}) {
            Answers a(seed);
            mf_answers answers = a.get();
            std::vector<float> gradient(a.outputs.size());
            double loss = mf_task_classification.loss(&answers, smoothing, gradient.data());
            EXPECT_NEAR(loss, a.loss(smoothing), 1e-9);
            EXPECT_EQ(mf_task_classification.loss(&answers, smoothing, nullptr), loss);
            for (size_t i = 0; i < gradient.size(); i++) {
                Answers up = a, down = a;
                up.outputs[i] += 0.0625f;
                down.outputs[i] -= 0.0625f;
                EXPECT_NEAR(gradient[i], (up.loss(smoothing) - down.loss(smoothing)) / 0.125, 1e-3);
            }
        }
}

TEST(Classification, ATeachersShareIsTheDivergenceFromIt)
{
    for (uint64_t seed = 0; seed < n_cases(100); seed++) {
        Answers a(seed);
        mf_random random = mf_random_seed(seed + 1000);
        std::vector<float> teacher(a.outputs.size());
        for (float &x : teacher)
            x = static_cast<float>(mf_random_real(&random) * 8 - 4);
        for (double weight : {0.3, 1.0})
            for (double temperature : {0.5, 1.0, 4.0}) {
                auto whole = [&](const Answers &of) {
                    return (1 - weight) * of.loss(0.1) + weight * of.distance(teacher, temperature);
                };
                mf_answers answers = a.get();
                answers.lesson = {teacher.data(), temperature, weight};
                std::vector<float> gradient(a.outputs.size());
                double loss = mf_task_classification.loss(&answers, 0.1, gradient.data());
                EXPECT_NEAR(loss, whole(a), 1e-9);
                EXPECT_EQ(mf_task_classification.loss(&answers, 0.1, nullptr), loss);
                for (size_t i = 0; i < gradient.size(); i++) {
                    Answers up = a, down = a;
                    up.outputs[i] += 0.0078125f;
                    down.outputs[i] -= 0.0078125f;
                    EXPECT_NEAR(gradient[i], (whole(up) - whole(down)) / 0.015625, 1e-3);
                }
            }
        mf_answers same = a.get(); // what the teacher says already
        same.lesson = {a.outputs.data(), 3, 1};
        std::vector<float> none(a.outputs.size(), 1);
        EXPECT_NEAR(mf_task_classification.loss(&same, 0.1, none.data()), 0, 1e-12);
        for (float g : none)
            EXPECT_NEAR(g, 0, 1e-7);
    }
}

// The place of the target in a stable sort of the outputs, largest first.
TEST(Classification, ScoresTheRankOfTheTarget)
{
    mf_model_score score = {};
    uint64_t n = 0, n_top1 = 0, n_top5 = 0;
    for (uint64_t seed = 0; seed < n_cases(100); seed++) {
        Answers a(seed);
        mf_answers answers = a.get();
        mf_task_classification.score(&answers, &score);
        for (size_t i = 0; i < a.targets.size(); i++, n++) {
            std::vector<uint32_t> order(a.classes);
            for (uint32_t k = 0; k < a.classes; k++)
                order[k] = k;
            const float *row = &a.outputs[i * a.classes];
            std::stable_sort(order.begin(), order.end(),
                             [row](uint32_t x, uint32_t y) { return row[x] > row[y]; });
            auto rank = std::find(order.begin(), order.end(), a.targets[i]) - order.begin();
            n_top1 += rank == 0;
            n_top5 += rank < 5;
        }
    }
    EXPECT_EQ(score.n, n);
    EXPECT_EQ(score.n_top1, n_top1);
    EXPECT_EQ(score.n_top5, n_top5);
    EXPECT_LT(n_top1, n_top5);
}

namespace
{
// A number per pixel of the last map: how far is it from the target, in hundredths?
double distance(const mf_answers *a, double, float *gradient)
{
    uint64_t n = mf_shape_ofmap(&a->shape);
    double sum = 0;
    for (uint64_t i = 0; i < n; i++) {
        double off = double{a->outputs[i]} - a->targets[i] / 100.0;
        sum += off * off / static_cast<double>(n);
        if (gradient)
            gradient[i] = static_cast<float>(2 * off / static_cast<double>(n));
    }
    return sum;
}

void count_near(const mf_answers *a, mf_model_score *score)
{
    uint64_t n = mf_shape_ofmap(&a->shape);
    score->n += n;
    for (uint64_t i = 0; i < n; i++)
        score->n_top1 += std::fabs(double{a->outputs[i]} - a->targets[i] / 100.0) < 0.2;
}

const char *const network_text = R"({
  "name": "blur", "about": "test", "source": "test",
  "input": {"channels": 1, "rows": 8, "columns": 8}, "activation": "relu",
  "parts": [
    {"type": "conv", "channels": 8, "kernel": 3},
    {"type": "conv", "channels": 1, "kernel": 3, "norm": false, "activation": "none"}
  ]
})";
} // namespace

// A target per pixel.
TEST(Task, IsWhatAModelLearns)
{
    const mf_task near = {"near", nullptr, distance, count_near};
    Scratch scratch;
    mf_network *network = nullptr, *batched = nullptr;
    mf_model *model = nullptr;
    mf_operators *operators = load_all_operators();
    mf_model_options options = mf_model_defaults();
    options.batch = 16;
    options.task = &near;
    ASSERT_OK(
        mf_network_load(scratch.write("blur.json", network_text).c_str(), nullptr, &network, D));
    size_t mult;
    ASSERT_OK(mf_operators_find(operators, "mult", &mult, D));
    std::vector<size_t> op_of_layer(network->n_weight_layers, mult);
    ASSERT_OK(mf_model_create(network, operators, op_of_layer.data(), &options, &model, D));
    mf_random random = mf_random_seed(3);
    std::vector<float> images(16 * 64);
    std::vector<uint32_t> targets(16 * 64);
    for (size_t i = 0; i < images.size(); i++) {
        targets[i] = static_cast<uint32_t>(mf_random_between(&random, 0, 100));
        images[i] = static_cast<float>(targets[i]) / 50 - 1;
    }
    mf_model_score first = {}, score = {};
    ASSERT_OK(mf_model_train(model, images.data(), targets.data(), 16, 0, &first, D));
    for (uint64_t step = 1; step < 60; step++) {
        mf_model_update(model, 0.05, 0.9, 0);
        ASSERT_OK(mf_model_train(model, images.data(), targets.data(), 16, step, &score, D));
    }
    EXPECT_EQ(score.n, 16u * 64);
    EXPECT_LT(score.loss, 0.2 * first.loss);
    EXPECT_GT(score.n_top1, 2 * first.n_top1);

    // Integer codes are scored by the same task: codes of 16 bits are not far from floats.
    mf_model_score as_float = {}, as_codes = {};
    mf_quantised *quantised = nullptr;
    ASSERT_OK(mf_model_evaluate(model, images.data(), targets.data(), 16, &as_float, D));
    ASSERT_OK(mf_quantise(model, operators, op_of_layer.data(), images.data(), 16, 16, 32,
                          &quantised, D));
    mf_network_options of_batch = {};
    of_batch.batch = 16;
    ASSERT_OK(mf_network_load(scratch.write("blur.json", network_text).c_str(), &of_batch, &batched,
                              D));
    ASSERT_OK(mf_quantised_score(quantised, batched, images.data(), targets.data(), &as_codes, D));
    EXPECT_EQ(as_codes.n, 16u * 64);
    EXPECT_NEAR(static_cast<double>(as_codes.n_top1), static_cast<double>(as_float.n_top1), 16);
    EXPECT_GT(as_codes.n_top1, 256u);
    mf_quantised_destroy(quantised);
    mf_network_destroy(batched);
    mf_model_destroy(model);
    mf_network_destroy(network);
    mf_operators_destroy(operators);
}
