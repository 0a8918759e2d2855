/* How sure a number is, in words. */
#include "models/fact.h"

const char *const mf_fact_statuses[MF_N_FACT_STATUSES] = {"found", "derived", "assumed"};
