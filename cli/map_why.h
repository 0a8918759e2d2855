/* What does a layer's mapping move, why did it win, and what limits the layer? */
#ifndef MF_CLI_MAP_WHY_H
#define MF_CLI_MAP_WHY_H

#include "base/text.h"
#include "cli/account.h"

/* One layer with everything that its cost depends on. */
typedef struct mf_mapped_layer {
    mf_account *account;
    const mf_network *network;
    const mf_layer *layer;
    const mf_operator *op;
    mf_widths widths;
    mf_machine machine;
    mf_floorplan floorplan; /* where wires are priced by their length */
    mf_work work;
    bool given; /* the mapping came from a file */
    mf_found found;
} mf_mapped_layer;

/* Append the words and the energy of each tensor, in blocks of columns where lines may have at most
 * `width` characters, 0 for any number. */
void mf_map_traffic(const mf_mapped_layer *map, size_t width, mf_text *text);

/* Append the explanation: other objectives and dataflows, the largest costs, and the same search
 * with twice of each resource. */
mf_status mf_map_why(const mf_mapped_layer *map, mf_text *text, mf_diag *diag);

#endif
