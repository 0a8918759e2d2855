/* A flag, because that is all a signal handler may touch. */
#include "cli/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void mf_interrupt_catch(bool on)
{
    struct sigaction action = {.sa_handler = on ? interrupt : SIG_DFL};
    if (on) {
        action.sa_flags = (int)SA_RESETHAND;
        interrupted = 0;
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

bool mf_interrupt_came(void)
{
    return interrupted;
}

mf_status mf_interrupt_check(mf_diag *diag)
{
    return interrupted ? mf_fail(diag, MF_INTERRUPTED, "interrupted") : MF_OK;
}
