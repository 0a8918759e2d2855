/* What does an access cost in a memory of another size than the one that was priced? A table's entry
 * may have a law: the memory that its price is of (the anchor), and exponents of capacity, port width
 * and banks.
 *
 *     an access of a port = price at the anchor x (capacity / its capacity)^capacity_exponent
 *                         x (port width / its width)^port_exponent x (banks / its banks)^bank_exponent
 *
 * Capacity is that of all banks together. Words lie packed in rows and all of a row is used, so a bit
 * costs its share of the port. */
#ifndef MF_ENERGY_TABLES_MEMORY_LAW_H
#define MF_ENERGY_TABLES_MEMORY_LAW_H

#include "base/json.h"
#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A memory as its price sees it. */
typedef struct mf_memory {
    uint64_t bits; /* capacity; 8,192 are 1 KB */
    uint64_t banks;
    uint64_t port_bits; /* of one bank: what one access moves */
} mf_memory;

typedef struct mf_memory_exponents {
    double capacity, port;
} mf_memory_exponents;

/* `read` and `write` are prices at the anchor of the table's word, in its unit. The law holds for
 * memories between `least` and `most` (whose banks mean nothing). */
typedef struct mf_memory_law {
    const char *name; /* of one of an entry's other laws; "" of its own */
    double read, write;
    mf_memory anchor, least, most;
    mf_memory_exponents reads, writes;
    double bank_exponent;
    const char *status; /* found, derived or assumed */
    const char *source;
} mf_memory_law;

/* Prices of the table's word in such a memory. */
void mf_memory_law_prices(const mf_memory_law *law, const mf_memory *memory, double *read,
                          double *write);

/* The same for what a law says of a whole memory and not of a word: its area, its leakage. */
double mf_memory_law_whole(const mf_memory_law *law, const mf_memory *memory);

/* Is the memory as large and as wide as those that the law was made from? */
bool mf_memory_law_holds(const mf_memory_law *law, const mf_memory *memory);

/* Read a law, all but its name and prices: `keys` of docs/ENERGY_MODEL.md, "Laws". Strings are copied
 * into `arena`. */
mf_status mf_memory_law_read(const mf_json *object, struct mf_arena *arena, mf_memory_law *law,
                             mf_diag *diag);

/* Keys of a law, ending in NULL; those of an entry's other law have prices and a name beside them. */
extern const char *const mf_memory_law_keys[];

#ifdef __cplusplus
}
#endif

#endif
