// Does a teacher say what its network says, of inputs as it learnt them; is one that does not fit
// refused; is a lesson learnt?
#include "tests/train/saved.h"
#include "train/teacher.h"

#include <cmath>

namespace
{
std::vector<float> outputs_of(Fixture &f)
{
    mf_diag diag = {};
    const float *outputs;
    EXPECT_EQ(mf_model_answer(f.model, f.images.data(), f.labels.size(), &outputs, &diag), MF_OK);
    return std::vector<float>(outputs, outputs + f.labels.size() * f.network->classes);
}

mf_status open(const std::string &path, Fixture &student, const mf_training &training,
               mf_teacher **teacher, std::string &message)
{
    mf_diag diag = {};
    mf_status status = mf_teacher_open(path.c_str(), student.operators, student.network, &training,
                                       1, teacher, &diag);
    message = diag.message;
    return status;
}
} // namespace

TEST(Teacher, SaysWhatItsNetworkSays)
{
    for (const std::string op : {"mult", "shift", "add"}) {
        SCOPED_TRACE(op);
        Scratch scratch;
        Fixture taught(op), student("mult");
        taught.train(3);
        mf_training own = normalised(0.4, 0.2), same = own, other = normalised(0.5, 0.3);
        std::string path = checkpoint_of(taught, op, text_for(op), own, scratch), message;
        std::vector<float> expected = outputs_of(taught), again;
        mf_teacher *teacher;
        const float *outputs;
        mf_diag diag = {};
        ASSERT_EQ(open(path, student, same, &teacher, message), MF_OK) << message;
        ASSERT_EQ(mf_teacher_answer(teacher, student.images.data(), 16, &outputs, &diag), MF_OK);
        EXPECT_EQ(std::vector<float>(outputs, outputs + expected.size()), expected);
        mf_teacher_destroy(teacher);
        // The same pictures, as a student with other numbers reads them.
        std::vector<float> images = student.images;
        for (size_t i = 0; i < images.size(); i++) {
            size_t c = i % 3;
            double value = images[i] * own.deviation.x[c] + own.mean.x[c];
            images[i] = static_cast<float>((value - other.mean.x[c]) / other.deviation.x[c]);
        }
        ASSERT_EQ(open(path, student, other, &teacher, message), MF_OK) << message;
        ASSERT_EQ(mf_teacher_answer(teacher, images.data(), 16, &outputs, &diag), MF_OK);
        for (size_t i = 0; op == "mult" && i < expected.size(); i++) // no grid, no kinks
            EXPECT_NEAR(outputs[i], expected[i], 1e-3 * std::fabs(expected[i]) + 1e-4);
        mf_teacher_destroy(teacher);
    }
}

TEST(Teacher, OneThatDoesNotFitIsRefused)
{
    Scratch scratch;
    mf_training training = normalised(0.4, 0.2);
    auto changed = [](std::string text, const std::string &from, const std::string &to) {
        return text.replace(text.find(from), from.size(), to);
    };
    const std::string text = text_for("mult");
    Fixture student("mult");
    const struct {
        std::string text, word;
    } cases[] = {
        {changed(text, "\"classes\": 5", "\"classes\": 7"), "7 classes apart, small tells 5"},
        {changed(text, "\"rows\": 12", "\"rows\": 14"), "14 x 12 x 3"},
        {changed(text, "\"columns\": 12", "\"columns\": 10"), "12 x 10 x 3"}};
    for (const auto &c : cases) {
        Fixture taught("mult", c.text);
        mf_teacher *teacher;
        std::string message, path = checkpoint_of(taught, "mult", c.text, training, scratch);
        EXPECT_EQ(open(path, student, training, &teacher, message), MF_INVALID);
        EXPECT_NE(message.find(c.word), std::string::npos) << message;
        EXPECT_EQ(teacher, nullptr);
    }
    Fixture taught("mult");
    mf_training without = training;
    without.mean.n = 0;
    mf_teacher *teacher;
    std::string message, path = checkpoint_of(taught, "mult", text, without, scratch);
    EXPECT_EQ(open(path, student, training, &teacher, message), MF_INVALID);
    EXPECT_NE(message.find("mean"), std::string::npos) << message;
    EXPECT_NE(open(scratch.file("nosuch.npz"), student, training, &teacher, message), MF_OK);
}

// A pass with a lesson has the loss and the gradients of the lesson, and the next one without it not.
TEST(Teacher, ALessonIsLearnt)
{
    Fixture f("mult");
    f.train(2);
    double alone = f.loss();
    std::vector<float> outputs(f.labels.size() * 5), taught(outputs.size(), 0.5f);
    mf_model_output(f.model, f.network->n_layers - 1, f.labels.size(), outputs.data());
    mf_lesson lesson = {taught.data(), 2, 0.25};
    mf_answers answers = {};
    answers.shape = f.network->layers[f.network->n_layers - 1].shape;
    answers.shape.n = f.labels.size();
    answers.outputs = outputs.data();
    answers.targets = f.labels.data();
    answers.lesson = lesson;
    double expected = mf_task_classification.loss(&answers, 0.1, nullptr);
    mf_model_teach(f.model, &lesson);
    EXPECT_EQ(f.loss(), expected);
    EXPECT_NE(expected, alone);
    mf_model_teach(f.model, nullptr);
    EXPECT_EQ(f.loss(), alone);
}
