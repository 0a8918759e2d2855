/* What does one operation or one access cost? Cost tables are data: `energy_tables/<name>.json`,
 * with the unit in each key and the source in each entry. A cost that a table lacks is an error,
 * never zero and never a guess. */
#ifndef MF_ENERGY_TABLES_ENERGY_TABLE_H
#define MF_ENERGY_TABLES_ENERGY_TABLE_H

#include "base/json.h"
#include "base/status.h"
#include "energy_tables/memory_law.h"
#include "models/event.h"

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

/* Silicon of one operation's datapath, in um2 of the table's technology. */
typedef struct mf_operation_area {
    const char *operation, *type;
    double area_um2;
    const char *status;
    const char *source;
} mf_operation_area;

/* How an operation's cost grows with width, where the table says so: through its integer entries,
 * as a straight line in the bits of an operand or in the product of both operands' bits. Outside
 * the entries the first or last line goes on. */
typedef enum mf_interpolation {
    MF_INTERPOLATION_NONE,
    MF_INTERPOLATION_BITS,
    MF_INTERPOLATION_BITS_PRODUCT
} mf_interpolation;

/* One access of `word_bits` at a level of the memory hierarchy. With a law, the price is that of the
 * law's anchor, and other laws are what it can be held against. */
typedef struct mf_access_cost {
    const char *level;
    uint64_t word_bits;
    double read, write;
    const char *status;
    const char *source;
    const mf_memory_law *law; /* NULL: one price for all sizes */
    const mf_memory_law *other_laws;
    size_t n_other_laws;
} mf_access_cost;

/* What a whole memory takes (um2) or leaks (mW) by its size; both prices of a law are that. */
typedef struct mf_size_law {
    const char *level;
    mf_memory_law law;
    const mf_memory_law *other_laws;
    size_t n_other_laws;
} mf_size_law;

enum {
#define MF_LOGIC_PART(NAME, name, per) MF_LOGIC_##NAME,
#include "energy_tables/logic_parts.def"
#undef MF_LOGIC_PART
    MF_N_LOGIC_PARTS
};

/* Silicon of logic beside datapaths; `status` is NULL where the table has none. */
typedef struct mf_logic_area {
    double area_um2;
    const char *status, *source;
} mf_logic_area;

/* What a node costs, in relation to the table's own. Logic has no leakage. */
typedef struct mf_node_ratios {
    double energy, area, leakage;
    const char *status, *source;
} mf_node_ratios;

typedef struct mf_table_node {
    uint64_t node_nm;
    mf_node_ratios logic, memory;
} mf_table_node;

/* DRAM of a kind: any access costs so much for each bit. */
typedef struct mf_dram_kind {
    const char *kind;
    double energy_pj_per_bit;
    const char *status, *source;
} mf_dram_kind;

/* A bit on a wire of the array network. */
typedef struct mf_wire {
    const char *name; /* "" of the table's own */
    double energy_pj_per_mm_bit;
    const char *status, *source;
} mf_wire;

/* A loaded table, owned by its creator, read-only. */
typedef struct mf_energy_table {
    const char *name, *about;
    uint64_t technology_nm; /* that it is of, or was scaled to */
    bool relative;          /* costs are multiples of one MAC of the same chip, not pJ */
    const mf_operation_cost *operations;
    size_t n_operations;
    const mf_access_cost *accesses;
    size_t n_accesses;
    const mf_operation_area *areas;
    size_t n_areas;
    const mf_size_law *memory_areas; /* energy_table_area.h */
    size_t n_memory_areas;
    const mf_size_law *memory_leakages;
    size_t n_memory_leakages;
    mf_logic_area logic_areas[MF_N_LOGIC_PARTS];
    const mf_table_node *nodes; /* energy_table_node.h */
    size_t n_nodes;
    const mf_table_node *scaled_to; /* NULL: it is of the node that it was made for */
    const mf_dram_kind *drams;      /* energy_table_dram.h */
    size_t n_drams;
    const mf_dram_kind *dram; /* that was chosen; NULL: its own price of level dram */
    const mf_wire *wire;      /* energy_table_wire.h; NULL: the network is priced by the word */
    const mf_wire *other_wires;
    size_t n_other_wires;
    double static_mw; /* power that is there without any access; 0 where the table has none */
    mf_interpolation interpolation[MF_N_EVENTS];
    struct mf_arena *arena;
} mf_energy_table;

/* Energy of one operation on numbers of `a_bits` and `b_bits`, in the table's unit (pJ, or MACs
 * where it is relative); area in um2 likewise. Floating point only at exactly 16 or 32 bits;
 * integers at an entry's width, or in between by the table's own rule. MF_INVALID when the table
 * lacks it. */
mf_status mf_energy_table_energy(const mf_energy_table *table, const char *operation, bool floating,
                                 uint64_t a_bits, uint64_t b_bits, double *energy, mf_diag *diag);
mf_status mf_energy_table_area_um2(const mf_energy_table *table, const char *operation,
                                   bool floating, uint64_t a_bits, uint64_t b_bits,
                                   double *area_um2, mf_diag *diag);

/* How sure are the areas that the table has of an operation: the status of its least sure entry. */
const char *mf_energy_table_area_status(const mf_energy_table *table, const char *operation,
                                        bool floating);

/* The entry that prices accesses of `tensor` at `level`, in the table's arena: "`level`_`tensor`"
 * comes before "`level`". */
mf_status mf_energy_table_find_access(const mf_energy_table *table, const char *level,
                                      const char *tensor, const mf_access_cost **access,
                                      mf_diag *diag);

/* Destroy accepts NULL. */
mf_status mf_energy_table_from_json(const mf_json_doc *doc, mf_energy_table **table, mf_diag *diag);
mf_status mf_energy_table_load(const char *path, mf_energy_table **table, mf_diag *diag);
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
