/* Why did a layer's mapping win, and what limits it? */
#ifndef MF_CLI_MAP_WHY_H
#define MF_CLI_MAP_WHY_H

#include "base/text.h"
#include "cli/account.h"

/* One layer with everything that its cost depends on. */
typedef struct mf_map {
    mf_account *account;
    const mf_network *network;
    const mf_layer *layer;
    const mf_operator *op;
    mf_widths widths;
    mf_machine machine;
    mf_work work;
    bool given; /* the mapping came from a file */
    mf_found found;
} mf_map;

/* Append the explanation: other objectives and dataflows, the largest costs, and the same search
 * with twice of each resource. */
mf_status mf_map_why(const mf_map *map, mf_text *text, mf_diag *diag);

#endif
