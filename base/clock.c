#include "base/clock.h"

#include <time.h>

double mf_clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void mf_nap(long *nap_ns)
{
    const struct timespec nap = {0, *nap_ns};
    nanosleep(&nap, NULL);
    *nap_ns = *nap_ns * 5 / 4 < MF_NAP_MOST_NS ? *nap_ns * 5 / 4 : MF_NAP_MOST_NS;
}
