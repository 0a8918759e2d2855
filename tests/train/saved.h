// A small model's checkpoint, as a training leaves it.
#ifndef MF_TESTS_TRAIN_SAVED_H
#define MF_TESTS_TRAIN_SAVED_H

#include "tests/train/fixture.h"
#include "train/checkpoint.h"
#include "train/resumption.h"

inline std::string checkpoint_of(Fixture &f, const std::string &op, const std::string &text,
                                 const mf_training &training, const Scratch &scratch)
{
    std::string path = scratch.file(op + ".npz");
    mf_subject subject = {};
    mf_trained_so_far so_far = {};
    mf_text json = {};
    mf_diag diag = {};
    subject.network = "small";
    subject.op = op.c_str();
    mf_resumption_write(&subject, &training, &so_far, &json);
    mf_checkpoint_texts texts = {json.bytes, text.c_str()};
    EXPECT_EQ(mf_checkpoint_save(path.c_str(), &texts, mf_model_store(f.model), &diag), MF_OK)
        << diag.message;
    mf_text_free(&json);
    return path;
}

inline mf_training normalised(double mean, double deviation)
{
    mf_training t = mf_training_defaults();
    t.batch = 16;
    t.mean = {3, {mean, mean + 0.1, mean - 0.1}};
    t.deviation = {3, {deviation, 2 * deviation, deviation}};
    return t;
}

#endif
