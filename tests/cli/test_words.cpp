// Words from elsewhere: does each list say something true? A word must not be a key itself, or its
// hint would never be seen, and the key that a hint names must exist.
extern "C" {
#include "cli/file_kind.h"
#include "cli/sweep_spec.h"
#include "train/training.h"
}
#include "tests/support/support.h"

#include <filesystem>
#include <set>
#include <sys/stat.h>

namespace
{
std::set<std::string> accelerator_keys()
{
    std::set<std::string> keys;
    for (const char *const *key = mf_accelerator_keys; *key; key++)
        keys.insert(*key);
    return keys;
}

void check(const mf_other_word *words, const std::set<std::string> &keys)
{
    std::set<std::string> seen;
    for (; words->word; words++) {
        EXPECT_FALSE(keys.count(words->word)) << words->word << " is a key";
        EXPECT_TRUE(seen.insert(words->word).second) << words->word << " is there twice";
        EXPECT_TRUE(words->name || words->instead) << words->word;
        if (words->name) {
            EXPECT_TRUE(keys.count(words->name)) << words->name << " is no key";
        }
    }
}

bool has(const mf_other_word *words, const std::string &word)
{
    while (words->word && word != words->word)
        words++;
    return words->word;
}
} // namespace

TEST(OtherWords, OfAccelerators)
{
    check(mf_accelerator_other_words, accelerator_keys());
}

TEST(OtherWords, OfTrainings)
{
    std::set<std::string> keys;
    for (const mf_training_key *key = mf_training_keys; key->name; key++)
        keys.insert(key->name);
    check(mf_training_other_words, keys);
    for (const char *word :
         {"lr", "learning_rate", "lr_schedule", "ema_decay", "frozen", "distill", "optimizer"})
        EXPECT_TRUE(has(mf_training_other_words, word)) << word;
}

TEST(OtherWords, OfSweeps)
{
    std::set<std::string> keys = accelerator_keys();
    keys.insert({
#define MF_SWEEP_AXIS(NAME, name, title, needs) name,
#include "cli/sweep_axes.def"
#undef MF_SWEEP_AXIS
    });
    check(mf_sweep_other_words, keys);
    EXPECT_TRUE(has(mf_sweep_other_words, "accounting"));
}

// Every file that is shipped is of the kind whose folder it lies in; experiments are of two.
TEST(FileKind, OfWhatIsShipped)
{
    const struct {
        const char *folder;
        mf_file_kind kind;
    } folders[] = {
        {"models/zoo", MF_FILE_NETWORK},           {"models/accelerators", MF_FILE_ACCELERATOR},
        {"models/operators", MF_FILE_OPERATOR},    {"energy_tables", MF_FILE_ENERGY_TABLE},
        {"bench/experiments", MF_FILE_EXPERIMENT}, {"bench/sweeps", MF_FILE_SWEEP},
        {"bench/validation", MF_FILE_VALIDATION}};
    for (const auto &folder : folders)
        for (const auto &entry : std::filesystem::directory_iterator(source_path(folder.folder)))
            if (entry.path().extension() == ".json") {
                bool trains =
                    read_text(entry.path()).find("\"kind\": \"training\"") != std::string::npos;
                EXPECT_EQ(mf_file_kind_of(entry.path().c_str()),
                          trains ? MF_FILE_TRAININGS : folder.kind)
                    << entry.path();
            }
}

// What cannot be told, or must not be touched, passes.
TEST(FileKind, TouchesNoPipes)
{
    Scratch scratch;
    std::string pipe = scratch.file("pipe");
    ASSERT_EQ(0, mkfifo(pipe.c_str(), 0600));
    EXPECT_EQ(MF_FILE_UNKNOWN, mf_file_kind_of(pipe.c_str()));
    EXPECT_EQ(MF_FILE_UNKNOWN, mf_file_kind_of(scratch.file("nothing").c_str()));
    EXPECT_EQ(MF_FILE_UNKNOWN, mf_file_kind_of(scratch.write("empty", "").c_str()));
    EXPECT_EQ(MF_FILE_UNKNOWN, mf_file_kind_of(scratch.write("text", "hello\n").c_str()));
    EXPECT_EQ(MF_FILE_UNKNOWN,
              mf_file_kind_of(scratch.write("deep", "{\"a\": {\"parts\": 1}}").c_str()));
    EXPECT_EQ(MF_FILE_NETWORK, mf_file_kind_of(scratch.write("cut", "{\"parts\": [{").c_str()));
}
