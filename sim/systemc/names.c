/* What stalls and components are called, in every build. */
#include "sim/systemc/chip.h"

const char *mf_stall_name(int stall)
{
    static const char *const names[] = {
#define MF_STALL(NAME, name, text) #name,
#include "sim/systemc/stalls.def"
#undef MF_STALL
    };
    return names[stall];
}

const char *mf_stall_text(int stall)
{
    static const char *const texts[] = {
#define MF_STALL(NAME, name, text) text,
#include "sim/systemc/stalls.def"
#undef MF_STALL
    };
    return texts[stall];
}

const char *mf_component_name(int component)
{
    static const char *const names[] = {
#define MF_COMPONENT(NAME, name, text) #name,
#include "sim/systemc/components.def"
#undef MF_COMPONENT
    };
    return names[component];
}

const char *mf_component_text(int component)
{
    static const char *const texts[] = {
#define MF_COMPONENT(NAME, name, text) text,
#include "sim/systemc/components.def"
#undef MF_COMPONENT
    };
    return texts[component];
}
