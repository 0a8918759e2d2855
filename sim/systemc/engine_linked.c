/* The chip of a build that has it inside. */
#include "sim/systemc/engine.h"

const mf_chip_engine *mf_chip_engine_find(mf_diag *diag)
{
    (void)diag;
    return &mf_chip_systemc;
}
