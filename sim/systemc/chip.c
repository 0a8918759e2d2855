/* chip.h, through the table of whoever has a chip. */
#include "sim/systemc/engine.h"

mf_status mf_chip_check(mf_diag *diag)
{
    return mf_chip_engine_find(diag) ? MF_OK : MF_INVALID;
}

mf_status mf_chip_create(uint64_t pe_rows, uint64_t pe_columns, const char *vcd_path,
                         mf_chip **chip, mf_diag *diag)
{
    *chip = NULL;
    MF_TRY(mf_chip_check(diag));
    return mf_chip_engine_find(diag)->create(pe_rows, pe_columns, vcd_path, chip, diag);
}

void mf_chip_destroy(mf_chip *chip)
{
    if (chip)
        mf_chip_engine_find(NULL)->destroy(chip);
}

/* Who has a chip has the engine that made it. */
mf_status mf_chip_run(mf_chip *chip, const mf_chip_layer *layer, mf_chip_report *report,
                      mf_diag *diag)
{
    return mf_chip_engine_find(diag)->run(chip, layer, report, diag);
}

mf_status mf_chip_bring(mf_chip *chip, const mf_chip_load *load, mf_chip_report *report,
                        mf_diag *diag)
{
    return mf_chip_engine_find(diag)->bring(chip, load, report, diag);
}

const mf_pe_activity *mf_chip_activity(const mf_chip *chip)
{
    return mf_chip_engine_find(NULL)->activity(chip);
}

double mf_chip_cycles(const mf_chip *chip)
{
    return mf_chip_engine_find(NULL)->cycles(chip);
}

void mf_chip_forget(mf_chip *chip)
{
    mf_chip_engine_find(NULL)->forget(chip);
}
