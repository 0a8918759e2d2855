/* How is a network trained? Every choice is a key of a JSON object, has a default, and is written
 * into each checkpoint. */
#ifndef MF_TRAIN_TRAINING_H
#define MF_TRAIN_TRAINING_H

#include "base/json.h"
#include "base/text.h"
#include "train/augmented.h"
#include "train/data/data.h"
#include "train/remap.h"
#include "train/training_uses.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Some numbers; none (n = 0) is what the key's word says. */
enum { MF_MOST_NUMBERS = 16 };
typedef struct mf_numbers {
    size_t n;
    double x[MF_MOST_NUMBERS];
} mf_numbers;

/* One field per key of training_keys.def; a word is its position. Texts are borrowed. */
typedef struct mf_training {
#define MF_COUNT(key, use, value, least, most, text)         uint64_t key;
#define MF_REAL(key, use, value, least, most, text)          double key;
#define MF_WORD(key, use, value, text, ...)                  uint64_t key;
#define MF_TEXT(key, use, value, text)                       const char *key;
#define MF_NUMBERS(key, use, word, count, least, most, text) mf_numbers key;
#include "train/training_keys.def"
#undef MF_COUNT
#undef MF_REAL
#undef MF_WORD
#undef MF_TEXT
#undef MF_NUMBERS
} mf_training;

/* One key as people see it. */
typedef struct mf_training_key {
    const char *name, *value, *range, *text; /* value: the default */
    mf_training_uses use;
} mf_training_key;

extern const mf_training_key mf_training_keys[]; /* ending in one without name */

/* "--set KEY counts only WHEN": MF_USAGE for `what`, a key with these uses, if there is something
 * missing that it needs. */
mf_status mf_training_need(const char *what, mf_training_uses uses, mf_training_uses missing,
                           mf_diag *diag);

/* Words that people bring from elsewhere for keys (training_words.def). */
extern const mf_other_word mf_training_other_words[];

mf_training mf_training_defaults(void);

/* Read the members of `object` that are keys over what `training` has; `others` are keys that the
 * caller reads itself, ending in NULL. Texts are copied into `arena`. */
mf_status mf_training_read(const mf_json *object, const char *const *others, mf_arena *arena,
                           mf_training *training, mf_diag *diag);

/* "key=value", as on a command line. */
mf_status mf_training_set(mf_training *training, const char *assignment, mf_arena *arena,
                          mf_diag *diag);

/* A key's value, as it is written; nothing for a name that is none. */
void mf_training_show(const mf_training *training, const char *name, mf_text *text);

/* Members without braces, one per line behind `indent`. */
void mf_training_write(const mf_training *training, const char *indent, mf_text *text);

/* "key": value of those that differ from their defaults, a line each. */
void mf_training_write_changed(const mf_training *training, mf_text *text);

/* The learning rate of a step: linear from warmup_rate, then as the schedule has it. */
double mf_training_rate(const mf_training *training, uint64_t step, uint64_t steps_per_epoch);

/* Does the rate fall in steps? */
bool mf_training_steps(const mf_training *training);

/* By which share of their distance averages of the weights go to them after a step: 1 - ema, more
 * in the first steps, so that they forget where the weights began. */
double mf_training_forgets(const mf_training *training, uint64_t step);

/* Freeze the layers of the model that the key names. MF_UNKNOWN_NAME for a word that names none. */
mf_status mf_training_freeze(const mf_training *training, mf_model *model, mf_diag *diag);

/* The checkpoint of the teacher, or NULL. */
const char *mf_training_teacher(const mf_training *training);

/* What it says about the model. */
mf_model_options mf_training_model(const mf_training *training);

/* Are weights mapped, and how? */
bool mf_training_remaps(const mf_training *training);
mf_remap_options mf_training_remap(const mf_training *training);

/* The file of fits that its parameters begin as, or NULL. */
const char *mf_training_remap_fit(const mf_training *training);

/* Is there an augmented network, and which? What of it an epoch trains, from 0; are channels sorted
 * at its end? */
bool mf_training_augments(const mf_training *training);
mf_augmented_options mf_training_augmented(const mf_training *training);
mf_augmented_mode mf_training_augmented_mode(const mf_training *training, uint64_t epoch);
bool mf_training_sorts(const mf_training *training, uint64_t epoch);

#ifdef __cplusplus
}
#endif

#endif
