/* Which operations can a datapath do? events.def lists them: the columns of every operation count. */
#ifndef MF_MODELS_EVENT_H
#define MF_MODELS_EVENT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_event {
#define MF_EVENT(NAME, name, text) MF_EVENT_##NAME,
#include "models/events.def"
#undef MF_EVENT
    MF_N_EVENTS
} mf_event;

const char *mf_event_name(mf_event event);

#ifdef __cplusplus
}
#endif

#endif
