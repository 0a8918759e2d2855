/* A list of what is written, held against everything else. */
#include "cli/files.h"

#include "base/file.h"
#include "cli/catalog.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A file that one option names, or one that is written beside it. */
typedef struct named {
    const mf_option *option; /* NULL for a positional word */
    const char *path;
    bool folder; /* only what is in it matters */
} named;

typedef struct list {
    mf_arena *arena;
    named *items;
    size_t n, most;
} list;

static mf_status add(list *l, const mf_option *option, const char *path, bool folder, mf_diag *diag)
{
    if (l->n == l->most) {
        size_t most = l->most ? 2 * l->most : 16;
        named *grown = MF_NEW_ARRAY(l->arena, named, most);
        if (!grown)
            return mf_fail_memory(diag);
        if (l->n)
            memcpy(grown, l->items, l->n * sizeof *grown);
        l->items = grown;
        l->most = most;
    }
    if (!path)
        return mf_fail_memory(diag);
    l->items[l->n++] = (named){option, path, folder};
    return MF_OK;
}

/* The next of the words separated by blanks behind `*at`, which moves behind it; its length. */
static size_t next_word(const char **at, const char **word)
{
    *word = *at + strspn(*at, " ");
    size_t n = strcspn(*word, " ");
    *at = *word + n;
    return n;
}

/* The name that `ending` (".lock", "/a.yaml", "*.b.npz") makes of `path`. */
static const char *beside(mf_arena *arena, const char *path, const char *ending, size_t n)
{
    size_t stem = strlen(path);
    if (*ending == '*') {
        stem -= mf_file_has_ending(path, ".npz") ? 4 : 0;
        ending++;
        n--;
    }
    return mf_arena_format(arena, "%.*s%.*s", (int)stem, path, (int)n, ending);
}

/* `path` and what the rest of the option's words says stands beside it. */
static mf_status add_all(list *l, const mf_option *option, const char *words, const char *path,
                         mf_diag *diag)
{
    const char *word, *at = words;
    size_t n = next_word(&at, &word); /* files */
    const char *rest = at;
    bool folder = next_word(&rest, &word) && *word == '/';
    MF_TRY(add(l, option, path, folder, diag));
    while ((n = next_word(&at, &word)))
        if (*word != '-' && n > 1)
            MF_TRY(add(l, option, beside(l->arena, path, word, n), false, diag));
    return MF_OK;
}

/* `placeholder`: of the option's value in help, which says so where a file may stand for a fixed word. */
static bool is_file(const char *words, const char *placeholder, const char *value)
{
    if (words && *words == '=' && placeholder && strstr(placeholder, "|FILE"))
        return mf_catalog_is_path(value);
    if (!words || *words == '=')
        return false;
    return strncmp(words, "files", 5) == 0 || mf_catalog_is_path(value);
}

/* What the options and words given say. An option of which only the last value counts writes that.
 */
static mf_status collect(const mf_arguments *arguments, list *reads, list *writes, mf_diag *diag)
{
    for (const mf_option *o = arguments->command->options; o->name; o++) {
        size_t n;
        const char **values = mf_arguments_values(arguments, o->name, &n);
        if (!values)
            return mf_fail_memory(diag);
        if (o->words && *o->words == '>') {
            if (n)
                MF_TRY(add_all(writes, o, o->words + 1, values[n - 1], diag));
            continue;
        }
        for (size_t i = 0; o->value && i < n; i++)
            if (is_file(o->words, o->value, values[i]))
                MF_TRY(add_all(reads, o, *o->words == '=' ? "files" : o->words, values[i], diag));
    }
    for (size_t i = 0; i < arguments->n_words; i++)
        if (is_file(arguments->command->words, NULL, arguments->words[i]))
            MF_TRY(add(reads, NULL, arguments->words[i], false, diag));
    return MF_OK;
}

/* May what `reader` reads be what `writer` writes? Its words say so with "--WRITER". */
static bool may_share(const mf_option *reader, const mf_option *writer)
{
    const char *word, *at = reader ? reader->words : "";
    for (size_t n; (n = next_word(&at, &word));)
        if (n > 2 && strncmp(word, "--", 2) == 0 && strlen(writer->name) == n - 2 &&
            strncmp(word + 2, writer->name, n - 2) == 0)
            return true;
    return false;
}

/* Devices and pipes hold nothing that could be lost; nor does what is not there. */
static bool can_be_lost(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static bool is_there(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

static mf_status check_inputs(const list *reads, const named *write, mf_diag *diag)
{
    for (size_t i = 0; i < reads->n; i++) {
        const named *read = &reads->items[i];
        if (can_be_lost(read->path) && mf_file_same(read->path, write->path) &&
            !may_share(read->option, write->option))
            return mf_fail(diag, MF_USAGE, "--%s: %s would replace what is read",
                           write->option->name, write->path);
    }
    return MF_OK;
}

static mf_status check_outputs(const list *writes, size_t n_before, mf_diag *diag)
{
    const named *write = &writes->items[n_before];
    for (size_t i = 0; i < n_before; i++) {
        const named *other = &writes->items[i];
        if (other->option != write->option && mf_file_same(other->path, write->path) &&
            (can_be_lost(write->path) || !is_there(write->path)))
            return mf_fail(diag, MF_USAGE, "--%s and --%s are both %s", other->option->name,
                           write->option->name, write->path);
    }
    return MF_OK;
}

/* The program's own networks, accelerators and so on are read without being named. */
static mf_status check_catalog(mf_cli *cli, mf_arena *arena, const named *write, mf_diag *diag)
{
    bool described =
        mf_file_has_ending(write->path, ".json") || mf_file_has_ending(write->path, ".json.gz");
    if (!described || !can_be_lost(write->path) || mf_catalog_find_root(cli, arena, NULL) != MF_OK)
        return MF_OK;
    for (int kind = 0; kind < MF_N_KINDS; kind++) {
        const char *there = mf_arena_format(arena, "%s/%s", mf_catalog_folder(cli, kind, arena),
                                            mf_file_name(write->path));
        if (!there)
            return mf_fail_memory(diag);
        if (can_be_lost(there) && mf_file_same(there, write->path))
            return mf_fail(diag, MF_USAGE, "--%s: %s would replace one of the program's own %s",
                           write->option->name, write->path, mf_kind_plural(kind));
    }
    return MF_OK;
}

mf_status mf_files_check(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    list reads = {.arena = arguments->arena}, writes = {.arena = arguments->arena};
    MF_TRY(collect(arguments, &reads, &writes, diag));
    for (size_t i = 0; i < writes.n; i++) {
        const named *write = &writes.items[i];
        if (write->folder)
            continue;
        MF_TRY(check_inputs(&reads, write, diag));
        MF_TRY(check_outputs(&writes, i, diag));
        MF_TRY(check_catalog(cli, arguments->arena, write, diag));
        if (i == 0 || writes.items[i - 1].option != write->option) /* the one that was named */
            MF_TRY(mf_file_check(write->path, diag));
    }
    return MF_OK;
}
