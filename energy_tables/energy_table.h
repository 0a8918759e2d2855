/* What does one operation or one access cost? Cost tables are data: `energy_tables/<name>.json`,
 * with the unit in each key and the source in each entry. A cost that a table lacks is an error,
 * never zero and never a guess. */
#ifndef MF_ENERGY_TABLES_ENERGY_TABLE_H
#define MF_ENERGY_TABLES_ENERGY_TABLE_H

#include "base/json.h"
#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One operation on numbers of one type. `energy` is in the table's unit. */
typedef struct mf_operation_cost {
    const char *operation; /* mult, add, shift */
    const char *type;      /* fp32, fp16, int32, int16, int8 */
    double energy;
    const char *status; /* found, derived or assumed */
    const char *source;
} mf_operation_cost;

/* One access of `word_bits` at a level of the memory hierarchy. */
typedef struct mf_access_cost {
    const char *level;
    uint64_t word_bits;
    double energy;
    const char *status;
    const char *source;
} mf_access_cost;

/* A loaded table, owned by its creator, read-only. */
typedef struct mf_energy_table {
    const char *name, *about;
    uint64_t technology_nm;
    bool relative; /* costs are multiples of one MAC of the same chip, not pJ */
    const mf_operation_cost *operations;
    size_t n_operations;
    const mf_access_cost *accesses;
    size_t n_accesses;
    struct mf_arena *arena;
} mf_energy_table;

/* Destroy accepts NULL. */
mf_status mf_energy_table_from_json(const mf_json_doc *doc, mf_energy_table **table, mf_diag *diag);
void mf_energy_table_destroy(mf_energy_table *table);

/* Energy of one operation in pJ, and of one access of `bits` bits at `level` in pJ, in proportion
 * to the entry's word. MF_INVALID when the table lacks it or only has relative costs. */
mf_status mf_energy_table_operation_pj(const mf_energy_table *table, const char *operation,
                                       const char *type, double *energy_pj, mf_diag *diag);
mf_status mf_energy_table_access_pj(const mf_energy_table *table, const char *level, uint64_t bits,
                                    double *energy_pj, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
