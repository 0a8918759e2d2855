/* What harnesses share; see fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include "base/escape.h"
#include "cli/arguments.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void mf_fuzz_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

/* As a terminal shows it. */
static bool is_line(const char *text)
{
    mf_text shown = {0};
    mf_escape_terminal(&shown, text);
    bool line = !shown.failed;
    for (size_t i = 0; i < shown.length; i++)
        line = line && (unsigned char)shown.bytes[i] >= ' ' && shown.bytes[i] != 127;
    mf_text_free(&shown);
    return line;
}

void mf_fuzz_check_status(mf_status status, const mf_diag *diag)
{
    if (status == MF_OK)
        return;
    MF_FUZZ_CHECK(diag->status == status);
    MF_FUZZ_CHECK(*diag->message);
    MF_FUZZ_CHECK(is_line(diag->message));
    MF_FUZZ_CHECK(is_line(diag->hint));
}

static void *allocate(size_t n_bytes)
{
    void *bytes = malloc(n_bytes ? n_bytes : 1);
    MF_FUZZ_CHECK(bytes);
    return bytes;
}

char *mf_fuzz_text(const uint8_t *data, size_t size)
{
    char *text = allocate(size + 1);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

mf_json_doc *mf_fuzz_json(const uint8_t *data, size_t size)
{
    mf_json_doc *doc = NULL;
    mf_diag diag = {0};
    char *text = mf_fuzz_text(data, size);
    mf_status status = mf_json_parse(text, size, "input.json", &doc, &diag);
    free(text);
    mf_fuzz_check_status(status, &diag);
    return status == MF_OK ? doc : NULL;
}

/* ---- archives ----------------------------------------------------------------------------------
 */

enum { LOCAL_BYTES = 30, DIRECTORY_BYTES = 46, END_BYTES = 22, MOST_ENTRIES = 64 };

typedef struct entry {
    const uint8_t *name, *bytes;
    uint32_t n_name, n_bytes, checksum, offset;
} entry;

static void put(uint8_t *at, size_t n, uint32_t value)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* CRC-32, bit by bit. */
static uint32_t checksum_of(const uint8_t *bytes, size_t n)
{
    uint32_t sum = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
    }
    return ~sum;
}

static size_t find_entries(const uint8_t *data, size_t size, entry *entries)
{
    const size_t n_mark = strlen(MF_FUZZ_MARK);
    const uint8_t *end = data + size;
    const uint8_t *at = size ? memmem(data, size, MF_FUZZ_MARK, n_mark) : NULL;
    size_t n = 0;
    while (at && n < MOST_ENTRIES) {
        const uint8_t *name = at + n_mark;
        const uint8_t *line = memchr(name, '\n', (size_t)(end - name));
        if (!line)
            break;
        const uint8_t *bytes = line + 1;
        at = memmem(bytes, (size_t)(end - bytes), MF_FUZZ_MARK, n_mark);
        uint32_t n_bytes = (uint32_t)((at ? at : end) - bytes);
        entries[n++] = (entry){.name = name,
                               .bytes = bytes,
                               .n_name = (uint32_t)(line - name) & 0xffff,
                               .n_bytes = n_bytes,
                               .checksum = checksum_of(bytes, n_bytes)};
    }
    return n;
}

static size_t put_header(uint8_t *at, bool directory, const entry *e)
{
    const size_t fixed = directory ? DIRECTORY_BYTES : LOCAL_BYTES;
    uint8_t *sums = at + (directory ? 16 : 14);
    memset(at, 0, fixed);
    memcpy(at, directory ? "PK\1\2" : "PK\3\4", 4);
    put(sums, 4, e->checksum);
    put(sums + 4, 4, e->n_bytes);
    put(sums + 8, 4, e->n_bytes);
    put(sums + 12, 2, e->n_name);
    if (directory)
        put(at + 42, 4, e->offset);
    memcpy(at + fixed, e->name, e->n_name);
    return fixed + e->n_name;
}

uint8_t *mf_fuzz_archive(const uint8_t *data, size_t size, size_t *n_bytes)
{
    entry entries[MOST_ENTRIES];
    size_t n = find_entries(data, size, entries), at = 0;
    uint8_t *archive = allocate(2 * size + n * (LOCAL_BYTES + DIRECTORY_BYTES) + END_BYTES);
    for (size_t i = 0; i < n; i++) {
        entries[i].offset = (uint32_t)at;
        at += put_header(archive + at, false, &entries[i]);
        memcpy(archive + at, entries[i].bytes, entries[i].n_bytes);
        at += entries[i].n_bytes;
    }
    const size_t directory = at;
    for (size_t i = 0; i < n; i++)
        at += put_header(archive + at, true, &entries[i]);
    memset(archive + at, 0, END_BYTES);
    memcpy(archive + at, "PK\5\6", 4);
    put(archive + at + 8, 2, (uint32_t)n);
    put(archive + at + 10, 2, (uint32_t)n);
    put(archive + at + 12, 4, (uint32_t)(at - directory));
    put(archive + at + 16, 4, (uint32_t)directory);
    *n_bytes = at + END_BYTES;
    return archive;
}

/* ---- files -------------------------------------------------------------------------------------
 */

static char folder[128];

static void remove_folder(void)
{
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "%s: left behind\n", folder);
}

const char *mf_fuzz_folder(void)
{
    if (!*folder) {
        const char *where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        snprintf(folder, sizeof folder, "%s/mulfree-fuzz-XXXXXX", where);
        MF_FUZZ_CHECK(mkdtemp(folder));
        atexit(remove_folder);
    }
    return folder;
}

const char *mf_fuzz_file(const char *name, const uint8_t *data, size_t size)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", mf_fuzz_folder(), name);
    if (!data) {
        unlink(path);
        return path;
    }
    FILE *file = fopen(path, "wb");
    MF_FUZZ_CHECK(file);
    MF_FUZZ_CHECK(fwrite(data, 1, size, file) == size);
    MF_FUZZ_CHECK(fclose(file) == 0);
    return path;
}

void mf_fuzz_arguments(const struct mf_command *command, const char *const *words, size_t n_words,
                       mf_arena *arena, struct mf_arguments *arguments)
{
    mf_diag diag = {0};
    char **argv = MF_NEW_ARRAY(arena, char *, n_words + 2);
    MF_FUZZ_CHECK(argv && (argv[0] = mf_arena_string(arena, command->name)));
    for (size_t i = 0; i < n_words; i++)
        MF_FUZZ_CHECK((argv[i + 1] = mf_arena_string(arena, words[i])));
    MF_FUZZ_CHECK(mf_arguments_parse(command, (int)n_words + 1, argv, arena, arguments, &diag) ==
                  MF_OK);
}
