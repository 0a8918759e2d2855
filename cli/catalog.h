/* Where are the networks, accelerators, tables, operators and experiments? Each kind has a folder
 * under the data root; a file's name without ".json" is what users type. A new file is found at
 * once. */
#ifndef MF_CLI_CATALOG_H
#define MF_CLI_CATALOG_H

#include "base/arena.h"
#include "cli/command.h"

typedef enum mf_kind {
    MF_KIND_NETWORK,
    MF_KIND_ACCELERATOR,
    MF_KIND_OPERATOR,
    MF_KIND_ENERGY_TABLE,
    MF_KIND_EXPERIMENT,
    MF_KIND_SWEEP,
    MF_KIND_VALIDATION,
    MF_N_KINDS
} mf_kind;

/* "network", "networks". */
const char *mf_kind_name(mf_kind kind);
const char *mf_kind_plural(mf_kind kind);

/* Set cli->data_root: $MULFREE_DATA; else ../share/mulfree beside the program's folder; else the
 * nearest folder above the program that holds models/zoo. */
mf_status mf_catalog_find_root(mf_cli *cli, mf_arena *arena, mf_diag *diag);

/* The names of a kind, sorted. */
mf_status mf_catalog_names(mf_cli *cli, mf_kind kind, mf_arena *arena, const char ***names,
                           size_t *n, mf_diag *diag);

/* The folder of a kind, once the root is found; NULL when memory is out. */
const char *mf_catalog_folder(const mf_cli *cli, mf_kind kind, mf_arena *arena);

/* Is this a path, and no name? It has a '/' or ends in .json, .csv, .npz or .gz. */
bool mf_catalog_is_path(const char *name);

/* The file that `name` means: a path, or a name from the catalog. An unknown name comes with the
 * nearest known one. */
mf_status mf_catalog_path(mf_cli *cli, mf_kind kind, const char *name, mf_arena *arena,
                          const char **path, mf_diag *diag);

#endif
