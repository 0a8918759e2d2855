/* The chip of a build without SystemC: there is none, and it says so. */
#include "sim/systemc/engine.h"

const mf_chip_engine *mf_chip_engine_find(mf_diag *diag)
{
    mf_fail(diag, MF_INVALID,
            "this mulfree was built without SystemC: it has no chip to execute on");
    mf_hint(diag, "install SystemC (Debian: libsystemc-dev) and build again with "
                  "cmake -DMULFREE_SYSTEMC=ON");
    return NULL;
}
