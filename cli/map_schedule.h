/* How does a network run, layer after layer or fused: its schedule as a program, or as a file. */
#ifndef MF_CLI_MAP_SCHEDULE_H
#define MF_CLI_MAP_SCHEDULE_H

#include "base/text.h"
#include "cli/account.h"

/* `mulfree map` without a layer: the schedule of a variant of the network, in the format that was asked
 * for; where --why is given, why its segments end where they do. Folded to `width` characters, 0 for any
 * number. */
mf_status mf_map_schedule(mf_account *account, const mf_network *network, const char *op,
                          size_t width, mf_text *text, mf_diag *diag);

#endif
