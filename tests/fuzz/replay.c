/* Every harness without a fuzzer: `fuzz_replay NAME FOLDER N` runs each file of the corpus, and N
 * inputs made of each by a fixed seed, under whatever sanitizers the build has. `fuzz_replay NAME
 * FILE` runs one file, as libFuzzer would; `fuzz_replay --entries FILE.npz` prints an archive as
 * mf_fuzz_archive takes it.
 *
 * What fails says which input it was, and is kept as `failed-input` in the current folder. */
#include "tests/fuzz/fuzz.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/zip.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_INPUT_BYTES = 1 << 16, MOST_FILES = 256, MOST_CHANGES = 6 };

#define MF_HARNESS(name, n) int fuzz_##name(const uint8_t *data, size_t size);
#define MF_NO_READER(function, why)
#include "tests/fuzz/harnesses.def"
#undef MF_HARNESS

typedef int harness(const uint8_t *data, size_t size);
static const struct {
    const char *name;
    harness *run;
} harnesses[] = {
#define MF_HARNESS(name, n) {#name, fuzz_##name},
#include "tests/fuzz/harnesses.def"
#undef MF_HARNESS
#undef MF_NO_READER
};

typedef struct input {
    char *name;
    uint8_t *bytes;
    size_t n_bytes;
} input;

/* What is being run, for the message of a failure. */
static struct {
    uint8_t bytes[LARGEST_INPUT_BYTES];
    size_t n_bytes;
    const char *file;
    uint64_t number;
} current;

static void say_where(void)
{
    FILE *kept = fopen("failed-input", "wb");
    fprintf(stderr, "in input %llu made of %s (0: the file itself)",
            (unsigned long long)current.number, current.file);
    if (kept && fwrite(current.bytes, 1, current.n_bytes, kept) == current.n_bytes)
        fprintf(stderr, "; kept as failed-input");
    fputc('\n', stderr);
    if (kept)
        fclose(kept);
}

static void on_abort(int number)
{
    signal(number, SIG_DFL);
    say_where();
    raise(number);
}

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "fuzz_replay: %s: %s\n", name, what);
    exit(1);
}

/* ---- inputs made of inputs ---------------------------------------------------------------------
 */

/* Numbers and characters at which readers tend to break. */
static const char *const pieces[] = {"-1",
                                     "0",
                                     "1e308",
                                     "1e-308",
                                     "18446744073709551616",
                                     "\"\"",
                                     "[]",
                                     "{}",
                                     "null",
                                     "4294967296",
                                     "\xff\xff\xff\xff",
                                     "\x80",
                                     "\n",
                                     "=",
                                     ",",
                                     "\\u0000",
                                     "1.5"};

static void resize(size_t at, size_t n_old, size_t n_new)
{
    memmove(current.bytes + at + n_new, current.bytes + at + n_old, current.n_bytes - at - n_old);
    current.n_bytes = current.n_bytes - n_old + n_new;
}

static void put_piece(mf_random *random, size_t at, size_t n_old)
{
    const char *piece = pieces[mf_random_between(random, 0, sizeof pieces / sizeof pieces[0] - 1)];
    const size_t n = strlen(piece);
    resize(at, n_old, n);
    memcpy(current.bytes + at, piece, n);
}

/* The number or word that covers `at`. */
static size_t length_of_word(size_t at)
{
    size_t n = 0;
    while (at + n < current.n_bytes && strchr("0123456789.eE+-xabcdef", current.bytes[at + n]) &&
           current.bytes[at + n])
        n++;
    return n;
}

static void change(mf_random *random, const input *other)
{
    if (current.n_bytes == 0 || current.n_bytes > LARGEST_INPUT_BYTES / 2)
        return;
    const size_t at = mf_random_between(random, 0, current.n_bytes - 1),
                 left = current.n_bytes - at;
    const size_t n = mf_random_between(random, 1, left < 16 ? left : 16);
    switch (mf_random_between(random, 0, 7)) {
    case 0:
        current.bytes[at] ^= (uint8_t)(1u << mf_random_between(random, 0, 7));
        break;
    case 1:
        current.bytes[at] = (uint8_t)mf_random_bits(random);
        break;
    case 2:
        resize(at, n, 0);
        break;
    case 3: /* the same once more */
        resize(at, 0, n);
        memcpy(current.bytes + at, current.bytes + at + n, n);
        break;
    case 4:
        put_piece(random, at, length_of_word(at));
        break;
    case 5:
        put_piece(random, at, 0);
        break;
    case 6:
        current.n_bytes = at;
        break;
    default: /* goes on as another file */
        if (other->n_bytes && at + other->n_bytes <= LARGEST_INPUT_BYTES / 2) {
            size_t from = at < other->n_bytes ? at : other->n_bytes - 1;
            memcpy(current.bytes + at, other->bytes + from, other->n_bytes - from);
            current.n_bytes = at + other->n_bytes - from;
        }
    }
}

static void run(harness *h, const input *all, size_t n_all, size_t which, uint64_t number)
{
    const input *from = &all[which];
    mf_random random =
        mf_random_stream(mf_hash_bytes(MF_HASH_BEGIN, from->name, strlen(from->name)), number);
    current.file = from->name;
    current.number = number;
    current.n_bytes = from->n_bytes;
    if (from->n_bytes)
        memcpy(current.bytes, from->bytes, from->n_bytes);
    for (uint64_t i = number ? mf_random_between(&random, 1, MOST_CHANGES) : 0; i; i--)
        change(&random, &all[mf_random_between(&random, 0, n_all - 1)]);
    /* A block of its own, so that one byte too far is seen. */
    uint8_t *bytes = (uint8_t *)malloc(current.n_bytes ? current.n_bytes : 1);
    MF_FUZZ_CHECK(bytes);
    memcpy(bytes, current.bytes, current.n_bytes);
    h(bytes, current.n_bytes);
    free(bytes);
}

/* ---- files -------------------------------------------------------------------------------------
 */

static input read_input(const char *path)
{
    FILE *file = fopen(path, "rb");
    input in = {.name = strdup(mf_file_name(path)), .bytes = malloc(LARGEST_INPUT_BYTES)};
    if (!file || !in.name || !in.bytes)
        fail("cannot be read", path);
    in.n_bytes = fread(in.bytes, 1, LARGEST_INPUT_BYTES, file);
    if (in.n_bytes > LARGEST_INPUT_BYTES / 2)
        fail("too large for a corpus", path);
    fclose(file);
    return in;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const input *)a)->name, ((const input *)b)->name);
}

static size_t read_corpus(const char *path, input *all)
{
    struct stat info;
    if (stat(path, &info) != 0)
        fail("not there", path);
    if (!S_ISDIR(info.st_mode)) {
        all[0] = read_input(path);
        return 1;
    }
    DIR *folder = opendir(path);
    size_t n = 0;
    for (struct dirent *e; folder && (e = readdir(folder));) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        if (*e->d_name == '.')
            continue;
        if (n == MOST_FILES)
            fail("too many files", path);
        all[n++] = read_input(file);
    }
    if (folder)
        closedir(folder);
    qsort(all, n, sizeof *all, compare);
    return n;
}

static int print_entries(const char *path)
{
    mf_diag diag = {0};
    mf_zip_reader *reader;
    if (mf_zip_open(path, &reader, &diag) != MF_OK)
        fail(diag.message, path);
    for (size_t i = 0; i < mf_zip_count(reader); i++) {
        const mf_zip_entry *entry = mf_zip_at(reader, i);
        char *bytes = malloc(entry->n_bytes + 1);
        if (!bytes || mf_zip_read(reader, entry, bytes, &diag) != MF_OK)
            fail(diag.message, path);
        printf("%s%s\n", MF_FUZZ_MARK, entry->name);
        fwrite(bytes, 1, entry->n_bytes, stdout);
        free(bytes);
    }
    mf_zip_close(reader);
    return 0;
}

int main(int argc, char **argv)
{
    static input all[MOST_FILES];
    harness *h = NULL;
    if (argc == 3 && strcmp(argv[1], "--entries") == 0)
        return print_entries(argv[2]);
    if (argc < 3)
        fail("NAME FOLDER N, NAME FILE, or --entries FILE.npz", "usage");
    for (size_t i = 0; i < sizeof harnesses / sizeof harnesses[0]; i++)
        if (strcmp(argv[1], harnesses[i].name) == 0)
            h = harnesses[i].run;
    if (!h)
        fail("no such harness", argv[1]);
    signal(SIGABRT, on_abort);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(say_where);
    const size_t n = read_corpus(argv[2], all);
    const uint64_t n_made = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    if (!n)
        fail("an empty corpus", argv[2]);
    for (size_t i = 0; i < n; i++)
        for (uint64_t k = 0; k <= n_made; k++)
            run(h, all, n, i, k);
    printf("%s: %zu files, %llu inputs made of each\n", argv[1], n, (unsigned long long)n_made);
    for (size_t i = 0; i < n; i++) {
        free(all[i].name);
        free(all[i].bytes);
    }
    return 0;
}
