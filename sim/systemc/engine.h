/* What a chip can do, as a table: chip.h calls through it, the SystemC side fills it.
 *
 * SystemC takes twice as long to begin as all the rest of the program, so it is a module of
 * its own that is loaded by the first who asks for a chip (engine_module.c). Builds with sanitizers,
 * which watch one program, link it (engine_linked.c); builds without SystemC have none
 * (engine_absent.c). */
#ifndef MF_SIM_SYSTEMC_ENGINE_H
#define MF_SIM_SYSTEMC_ENGINE_H

#include "sim/systemc/chip.h"

/* As the functions of chip.h of the same names. */
typedef struct mf_chip_engine {
    mf_status (*create)(uint64_t pe_rows, uint64_t pe_columns, const char *vcd_path, mf_chip **chip,
                        mf_diag *diag);
    void (*destroy)(mf_chip *chip);
    mf_status (*run)(mf_chip *chip, const mf_chip_layer *layer, mf_chip_report *report,
                     mf_diag *diag);
    mf_status (*bring)(mf_chip *chip, const mf_chip_load *load, mf_chip_report *report,
                       mf_diag *diag);
    const mf_pe_activity *(*activity)(const mf_chip *chip);
    double (*cycles)(const mf_chip *chip);
    void (*forget)(mf_chip *chip);
} mf_chip_engine;

/* The name of the one table there is, in a module too. */
extern const mf_chip_engine mf_chip_systemc;

/* The table, or NULL and why there is none. The same table every time. */
const mf_chip_engine *mf_chip_engine_find(mf_diag *diag);

#endif
