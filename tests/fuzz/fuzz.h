/* What harnesses share. A harness is one file fuzz_<name>.c with libFuzzer's entry point, which
 * takes any bytes, hands them to readers, and checks what must hold whatever they are: the readers
 * themselves are watched by the sanitizers. harnesses.def lists them. */
#ifndef MF_TESTS_FUZZ_FUZZ_H
#define MF_TESTS_FUZZ_FUZZ_H

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* libFuzzer's, defined by each harness. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An assertion in every build. */
#define MF_FUZZ_CHECK(condition)                                                                   \
    do {                                                                                           \
        if (!(condition))                                                                          \
            mf_fuzz_fail(__FILE__, __LINE__, #condition);                                          \
    } while (0)
void mf_fuzz_fail(const char *file, int line, const char *condition) __attribute__((noreturn));

/* A failure is told in one line as a terminal shows it, under the status that was returned. */
void mf_fuzz_check_status(mf_status status, const mf_diag *diag);

/* The input as text: exactly that long and zero-terminated, so that a read too far is seen. Freed
 * by the caller, as what the next two return. */
char *mf_fuzz_text(const uint8_t *data, size_t size);

/* A sound zip archive of stored entries. Its own checksums and offsets would hide what is in it
 * from a fuzzer, so that harnesses of what archives hold take
 *
 *   entry: one line of name, then bytes up to the next MF_FUZZ_MARK or the end
 *
 * with a mark before each entry, and this makes the archive. */
#define MF_FUZZ_MARK "\n@@"
uint8_t *mf_fuzz_archive(const uint8_t *data, size_t size, size_t *n_bytes);

/* The input as JSON, NULL where it is none. Destroyed by the caller. */
mf_json_doc *mf_fuzz_json(const uint8_t *data, size_t size);

/* A file of this name and content in a folder that this process has for itself: for readers that
 * find more than one file, or go by a file's name. Data NULL: no such file. The path is valid until
 * the next call but seven. */
const char *mf_fuzz_file(const char *name, const uint8_t *data, size_t size);
const char *mf_fuzz_folder(void);

/* A command line's option of the program, as if it had been given these words. */
struct mf_arguments;
struct mf_command;
void mf_fuzz_arguments(const struct mf_command *command, const char *const *words, size_t n_words,
                       mf_arena *arena, struct mf_arguments *arguments);

#ifdef __cplusplus
}
#endif

#endif
