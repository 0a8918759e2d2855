/* A schedule as JSON, and as a program to read.
 *
 *   {"network": "mobilenetv2-w0.35",
 *    "segments": [
 *      {"layers": ["stem_0", "depthwise_1", "pw_project_2"], "rows": 4,
 *       "finds": [], "keeps": ["pw_project_2"], "recomputes": [], "weights_stay": [],
 *       "input": "held"},
 *      ...]}
 *
 * `layers` are those of the network, in its order, each in one segment. `rows` of the last layer's map make a
 * band; left out: all. `keeps` are the maps of the segment that stay in the buffer, all of them, until a later
 * segment has read them for the last time; every segment that reads such a map has it among `finds`. Of
 * `recomputes` the halo is made again for each band; the weights of `weights_stay` stay while the segment
 * runs; `input` is "held" (default) where rows of maps in DRAM that two bands need stay in between, "reread"
 * where they come again. Lists that are empty may be left out. */
#ifndef MF_SIM_SCHEDULE_JSON_H
#define MF_SIM_SCHEDULE_JSON_H

#include "base/json.h"
#include "base/text.h"
#include "sim/schedule_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A schedule of `network`, into `arena`; what is no schedule of it is refused with file, segment, layer
 * and map. What is wrong with one segment is told at once. */
mf_status mf_schedule_read(const mf_json *object, const mf_network *network, mf_arena *arena,
                           mf_schedule *schedule, mf_diag *diag);

/* As far as can be said without the network: its keys, and what kinds of values they have. */
mf_status mf_schedule_check_form(const mf_json *object, mf_diag *diag);

/* What mf_schedule_read reads as the same. */
void mf_schedule_write(const mf_schedule *schedule, mf_text *text);

/* Segments, bands, tasks and regions, for people. MF_OUT_OF_MEMORY at worst. */
mf_status mf_schedule_program(const mf_schedule *schedule, mf_text *text, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
