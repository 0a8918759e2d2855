/* Where does a number in a description come from? */
#ifndef MF_MODELS_FACT_H
#define MF_MODELS_FACT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Found, derived or assumed, and by whom. `status` is NULL where the file does not say. */
typedef struct mf_fact {
    const char *status, *source;
} mf_fact;

/* The words that files have for it. */
enum { MF_N_FACT_STATUSES = 3 };
extern const char *const mf_fact_statuses[MF_N_FACT_STATUSES];

/* The position of a status among them, the surest first. */
size_t mf_fact_rank(const char *status);

#ifdef __cplusplus
}
#endif

#endif
