// Words from DRAM into the buffer before a task begins. Nothing else moves meanwhile.
#ifndef MF_SIM_SYSTEMC_BRING_HPP
#define MF_SIM_SYSTEMC_BRING_HPP

#include "sim/systemc/run.hpp"

namespace mulfree
{

struct Bring {
    const mf_chip_load &load;
    mf_chip_report &report;
    Lamps &lamps;
    bool complete = false, too_long = false;
};

// The process.
void bring(Bring &work);

} // namespace mulfree

#endif
