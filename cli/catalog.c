/* Folders and names. */
#include "cli/catalog.h"

#include "base/file.h"
#include "base/nearest.h"
#include "cli/file_kind.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name, *plural, *folder;
    unsigned files; /* what a path may lead to */
} kinds[MF_N_KINDS] = {
    [MF_KIND_NETWORK] = {"network", "networks", "models/zoo", MF_FILES_WITH_LAYERS},
    [MF_KIND_ACCELERATOR] = {"accelerator", "accelerators", "models/accelerators",
                             MF_FILE_BIT(MF_FILE_ACCELERATOR)},
    [MF_KIND_OPERATOR] = {"operator", "operators", "models/operators",
                          MF_FILE_BIT(MF_FILE_OPERATOR)},
    [MF_KIND_ENERGY_TABLE] = {"table", "tables", "energy_tables",
                              MF_FILE_BIT(MF_FILE_ENERGY_TABLE)},
    [MF_KIND_EXPERIMENT] = {"experiment", "experiments", "bench/experiments",
                            MF_FILE_BIT(MF_FILE_EXPERIMENT) | MF_FILE_BIT(MF_FILE_TRAININGS)},
    [MF_KIND_SWEEP] = {"sweep", "sweeps", "bench/sweeps", MF_FILE_BIT(MF_FILE_SWEEP)},
    [MF_KIND_VALIDATION] = {"validation", "validations", "bench/validation",
                            MF_FILE_BIT(MF_FILE_VALIDATION)},
};

const char *mf_kind_name(mf_kind kind)
{
    return kinds[kind].name;
}

const char *mf_kind_plural(mf_kind kind)
{
    return kinds[kind].plural;
}

static bool holds_zoo(const char *folder, mf_arena *arena)
{
    const char *zoo = mf_arena_format(arena, "%s/%s", folder, kinds[MF_KIND_NETWORK].folder);
    return zoo && access(zoo, R_OK) == 0;
}

mf_status mf_catalog_find_root(mf_cli *cli, mf_arena *arena, mf_diag *diag)
{
    if (cli->data_root)
        return MF_OK;
    const char *given = getenv("MULFREE_DATA");
    if (given && *given) {
        if (!holds_zoo(given, arena))
            return mf_fail(diag, MF_IO, "MULFREE_DATA=%s: no folder models/zoo in it", given);
        cli->data_root = given;
        return MF_OK;
    }
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return mf_fail(diag, MF_IO, "cannot tell where the program is: set MULFREE_DATA");
    program[length] = '\0';
    char *folder = dirname(program);
    const char *shared = mf_arena_format(arena, "%s/../share/mulfree", folder);
    if (shared && holds_zoo(shared, arena)) {
        cli->data_root = shared;
        return MF_OK;
    }
    for (; strcmp(folder, "/") != 0; folder = dirname(folder))
        if (holds_zoo(folder, arena)) {
            cli->data_root = mf_arena_string(arena, folder);
            return cli->data_root ? MF_OK : mf_fail_memory(diag);
        }
    return mf_fail(diag, MF_IO,
                   "no data folder (with models/zoo in it) beside or above the program");
}

static bool strip(char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    bool has = n > m && strcmp(name + n - m, end) == 0;
    if (has)
        name[n - m] = '\0';
    return has;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

mf_status mf_catalog_names(mf_cli *cli, mf_kind kind, mf_arena *arena, const char ***names,
                           size_t *n, mf_diag *diag)
{
    MF_TRY(mf_catalog_find_root(cli, arena, diag));
    const char *path = mf_catalog_folder(cli, kind, arena);
    DIR *folder = path ? opendir(path) : NULL;
    if (!folder)
        return mf_fail(diag, MF_IO, "%s: cannot be read: %s", path, strerror(errno));
    size_t capacity = 0;
    *n = 0;
    *names = NULL;
    mf_status status = MF_OK;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char *name = mf_arena_string(arena, entry->d_name);
        if (name && !strip(name, ".json.gz") && !strip(name, ".json"))
            continue;
        if (*n == capacity) {
            capacity = capacity ? capacity * 2 : 32;
            const char **grown = MF_NEW_ARRAY(arena, const char *, capacity);
            if (grown && *n)
                memcpy(grown, *names, *n * sizeof *grown);
            *names = grown;
        }
        if (!name || !*names) {
            status = mf_fail_memory(diag);
            break;
        }
        (*names)[(*n)++] = name;
    }
    closedir(folder);
    if (status == MF_OK && *n)
        qsort(*names, *n, sizeof **names, by_text);
    return status;
}

const char *mf_catalog_folder(const mf_cli *cli, mf_kind kind, mf_arena *arena)
{
    return mf_arena_format(arena, "%s/%s", cli->data_root, kinds[kind].folder);
}

bool mf_catalog_is_path(const char *name)
{
    static const char *const endings[] = {".json", ".csv", ".npz", ".gz"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (strlen(name) > strlen(endings[i]) && mf_file_has_ending(name, endings[i]))
            return true;
    return strchr(name, '/') != NULL;
}

mf_status mf_catalog_path(mf_cli *cli, mf_kind kind, const char *name, mf_arena *arena,
                          const char **path, mf_diag *diag)
{
    if (mf_catalog_is_path(name)) {
        *path = mf_arena_string(arena, name);
        return *path ? mf_file_kind_check(name, kinds[kind].files, diag) : mf_fail_memory(diag);
    }
    const char **names;
    size_t n;
    MF_TRY(mf_catalog_names(cli, kind, arena, &names, &n, diag));
    static const char *const endings[] = {".json", ".json.gz"};
    for (size_t i = 0; i < 2; i++) {
        *path = mf_arena_format(arena, "%s/%s/%s%s", cli->data_root, kinds[kind].folder, name,
                                endings[i]);
        if (!*path)
            return mf_fail_memory(diag);
        if (*name && access(*path, F_OK) == 0)
            return MF_OK;
    }
    MF_TRY(mf_file_kind_check(name, kinds[kind].files, diag));
    const char *near = mf_nearest(name, names, n);
    mf_fail(diag, MF_UNKNOWN_NAME, "unknown %s \"%s\"", kinds[kind].name, name);
    if (mf_file_kind_of(name) != MF_FILE_UNKNOWN)
        mf_hint(diag, "the file of that name needs its path: ./%s", name);
    else if (near)
        mf_hint(diag, "did you mean \"%s\"? `mulfree list %s` shows all", near, kinds[kind].plural);
    else
        mf_hint(diag, "`mulfree list %s` shows all; a file of yours needs its path",
                kinds[kind].plural);
    return MF_UNKNOWN_NAME;
}
