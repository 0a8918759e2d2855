/* A flag, because that is all a signal handler should touch: atomic, as other threads than the one
 * that was interrupted look at it. And what the signals did before, which is what they do the
 * second time. Ignored ones stay so: under nohup a hang-up is nothing. */
#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

enum { N_SIGNALS = 3 };

static const int signals[N_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
static struct sigaction before[N_SIGNALS];
static volatile atomic_int alone, *interrupted = &alone; /* shared with processes that this one makes */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler must not wait for a lock");

static void interrupt(int number)
{
    int fault = errno; /* of whatever call was interrupted */
    *interrupted = 1;
    for (size_t i = 0; i < N_SIGNALS; i++)
        if (signals[i] == number)
            sigaction(number, &before[i], NULL);
    errno = fault;
}

/* A signal that reaches one of them is for all: a launcher of ranks knows of no other. */
static void share(void)
{
    void *page;
    if (interrupted != &alone)
        return;
    page = mmap(NULL, sizeof *interrupted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED)
        interrupted = page;
}

void mf_interrupt_catch(bool on)
{
    struct sigaction action = {.sa_handler = interrupt};
    if (on) {
        share();
        *interrupted = 0;
    }
    for (size_t i = 0; i < N_SIGNALS; i++) {
        if (!on)
            sigaction(signals[i], &before[i], NULL);
        else if (sigaction(signals[i], NULL, &before[i]) == 0 && before[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

bool mf_interrupt_came(void)
{
    return *interrupted;
}

mf_status mf_interrupt_check(mf_diag *diag)
{
    return *interrupted ? mf_fail(diag, MF_INTERRUPTED, "interrupted") : MF_OK;
}
