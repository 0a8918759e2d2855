/* The chip of a build without SystemC: there is none, and it says so. */
#include "sim/systemc/chip.h"

mf_status mf_chip_check(mf_diag *diag)
{
    mf_fail(diag, MF_INVALID,
            "this mulfree was built without SystemC: it has no chip to execute on");
    mf_hint(diag, "install SystemC (Debian: libsystemc-dev) and build again with "
                  "cmake -DMULFREE_SYSTEMC=ON");
    return MF_INVALID;
}

mf_status mf_chip_create(uint64_t pe_rows, uint64_t pe_columns, const char *vcd_path,
                         mf_chip **chip, mf_diag *diag)
{
    (void)pe_rows;
    (void)pe_columns;
    (void)vcd_path;
    *chip = NULL;
    return mf_chip_check(diag);
}

void mf_chip_destroy(mf_chip *chip)
{
    (void)chip;
}

mf_status mf_chip_run(mf_chip *chip, const mf_chip_layer *layer, mf_chip_report *report,
                      mf_diag *diag)
{
    (void)chip;
    (void)layer;
    (void)report;
    return mf_chip_check(diag);
}

/* Of a chip, which nobody has. */
const mf_pe_activity *mf_chip_activity(const mf_chip *chip)
{
    (void)chip;
    return NULL;
}

double mf_chip_cycles(const mf_chip *chip)
{
    (void)chip;
    return 0;
}

void mf_chip_forget(mf_chip *chip)
{
    (void)chip;
}
