/* How long does it take? */
#ifndef MF_BASE_CLOCK_H
#define MF_BASE_CLOCK_H

/* Seconds since some moment, which nobody sets back. */
double mf_clock_s(void);

/* Sleep for `*nap_ns`, MF_NAP_LEAST_NS at first, and make the next one longer, up to half a millisecond:
 * what answers soon is heard soon, and what does not leaves the core to others. */
enum { MF_NAP_LEAST_NS = 20000, MF_NAP_MOST_NS = 500000 };
void mf_nap(long *nap_ns);

#endif
