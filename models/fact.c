/* How sure a number is, in words. */
#include "models/fact.h"

#include <string.h>

const char *const mf_fact_statuses[MF_N_FACT_STATUSES] = {"found", "derived", "assumed"};

size_t mf_fact_rank(const char *status)
{
    size_t i = 0;
    while (i + 1 < MF_N_FACT_STATUSES && strcmp(mf_fact_statuses[i], status) != 0)
        i++;
    return i;
}
