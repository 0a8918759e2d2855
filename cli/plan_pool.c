/* fork, a pipe from each process, poll. This process never has a second thread, so a copy of it is
 * whole; what is told goes through a pipe in messages that are written in one piece. */
#include "cli/plan_pool.h"

#include "cli/interrupt.h"
#include "cli/plan_train.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct message {
    bool ended;
    mf_status status; /* how, then */
    mf_diag diag;
    mf_trainer_report report; /* where it stands, before */
} message;
_Static_assert(sizeof(message) <= PIPE_BUF, "written in one piece");

/* ---- in a run's process ------------------------------------------------------------------------
 */

/* Set by the process that began all of them, for each to end at its next step. A signal would be
 * the second of its kind where a terminal has sent one to all, and end them at once. */
static atomic_int *ends_early;

static bool should_end(void)
{
    return mf_interrupt_came() || *ends_early;
}

static mf_status send(int pipe, const message *m, mf_diag *diag)
{
    ssize_t written;
    while ((written = write(pipe, m, sizeof *m)) < 0 && errno == EINTR)
        ;
    return written == (ssize_t)sizeof *m ? MF_OK : mf_fail(diag, MF_IO, "nobody listens any more");
}

typedef struct teller {
    int pipe;
    bool each_step; /* somebody looks on */
    struct timespec last;
} teller;

static mf_status tell(void *user, const mf_trainer_report *report, mf_diag *diag)
{
    teller *t = user;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double since =
        (double)(now.tv_sec - t->last.tv_sec) + 1e-9 * (double)(now.tv_nsec - t->last.tv_nsec);
    if (!report->evaluated && (!t->each_step || since < 0.2))
        return MF_OK;
    t->last = now;
    message m = {.report = *report};
    return send(t->pipe, &m, diag);
}

/* The whole life of a run's process. What it would say is said by the one that began it, with which
 * it dies: it would otherwise train on, and nobody would know of it. */
static _Noreturn void live(mf_plan_runs *runs, mf_plan_run *run, int pipe, pid_t parent)
{
    mf_cli quiet = mf_plan_quiet(runs->cli);
    teller t = {.pipe = pipe, .each_step = quiet.progress};
    message m = {.ended = true};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        syscall(SYS_exit_group, 1);
    run->setup->cli = &quiet;
    m.status = mf_plan_train(run, should_end, tell, &t, &m.diag);
    mf_status sent = send(pipe, &m, NULL);
    syscall(SYS_exit_group, sent == MF_OK ? 0 : 1); /* as in base/child.c */
    __builtin_unreachable();
}

/* ---- in the process that began them ------------------------------------------------------------
 */

typedef struct pool {
    mf_plan_runs *runs;
    mf_plan_view *view;
    size_t n_at_work, n_at_once;
    struct pollfd *polled; /* of each run at work */
    mf_plan_run **at_work;
} pool;

static mf_status begin_run(pool *p, mf_plan_run *run, mf_diag *diag)
{
    int ends[2];
    pid_t parent = getpid();
    if (pipe(ends) != 0)
        return mf_fail(diag, MF_NO_MEMORY, "no pipe to a child process: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        live(p->runs, run, ends[1], parent);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return mf_fail(diag, MF_NO_MEMORY, "no child process: %s", strerror(errno));
    }
    run->process = child;
    run->pipe = ends[0];
    p->at_work[p->n_at_work++] = run;
    return MF_OK;
}

static mf_status keep_end(pool *p, mf_plan_run *run, mf_diag *diag)
{
    mf_outcome outcome;
    MF_TRY(mf_plan_reached(run, p->runs->arguments->arena, &outcome, diag));
    return mf_plan_runs_keep(p->runs, run, &outcome, diag);
}

static mf_status keep_fault(pool *p, mf_plan_run *run, mf_diag *diag)
{
    mf_arena *arena = p->runs->arguments->arena;
    const mf_outcome outcome = {.fault = mf_arena_string(arena, run->diag.message)};
    return outcome.fault ? mf_plan_runs_keep(p->runs, run, &outcome, diag) : mf_fail_memory(diag);
}

/* A run that told its end has one; another process than its own ended the others. */
static mf_status end_run(pool *p, mf_plan_run *run, bool told, mf_diag *diag)
{
    int how = 0;
    close(run->pipe);
    while (waitpid(run->process, &how, 0) < 0 && errno == EINTR)
        ;
    run->process = 0;
    run->pipe = -1;
    if (!told)
        run->status = mf_fail(&run->diag, MF_IO, "its process was ended by signal %d",
                              WIFSIGNALED(how) ? WTERMSIG(how) : 0);
    mf_status status = run->status == MF_OK         ? keep_end(p, run, diag)
                       : run->status == MF_DIVERGED ? keep_fault(p, run, diag)
                                                    : MF_OK;
    mf_plan_view_end(p->view, run);
    return status;
}

/* Read what a run says; one that says nothing more is over. */
static mf_status listen_to(pool *p, size_t i, mf_diag *diag)
{
    mf_plan_run *run = p->at_work[i];
    message m;
    ssize_t n;
    while ((n = read(run->pipe, &m, sizeof m)) < 0 && errno == EINTR)
        ;
    bool whole = n == (ssize_t)sizeof m;
    if (whole && !m.ended) {
        run->report = m.report;
        run->reported = true;
        mf_plan_view_report(p->view, run);
        return MF_OK;
    }
    if (whole) {
        run->status = m.status;
        run->diag = m.diag;
    }
    p->at_work[i] = p->at_work[--p->n_at_work];
    return end_run(p, run, whole, diag);
}

/* Wait until somebody says something, or for as long as a person would notice. */
static mf_status listen_to_all(pool *p, mf_diag *diag)
{
    enum { WAIT_MS = 200 };
    for (size_t i = 0; i < p->n_at_work; i++)
        p->polled[i] = (struct pollfd){.fd = p->at_work[i]->pipe, .events = POLLIN};
    if (poll(p->polled, (nfds_t)p->n_at_work, WAIT_MS) <= 0)
        return MF_OK;
    mf_status status = MF_OK;
    for (size_t i = p->n_at_work;
         i-- > 0 && status == MF_OK;) /* one that ends is replaced by the last */
        if (p->polled[i].revents)
            status = listen_to(p, i, diag);
    return status;
}

/* After a failure of this process's own nothing more can be kept. */
static void end_all(pool *p)
{
    *ends_early = 1;
    while (p->n_at_work) {
        mf_plan_run *run = p->at_work[--p->n_at_work];
        int how;
        close(run->pipe); /* a message that nobody reads is the last, too */
        while (waitpid(run->process, &how, 0) < 0 && errno == EINTR)
            ;
    }
}

static mf_status run_all(pool *p, mf_diag *diag)
{
    mf_plan_runs *r = p->runs;
    size_t next = 0;
    for (;;) {
        while (next < r->n_runs && !mf_plan_run_wanted(r, next))
            next++;
        if (mf_interrupt_came()) {
            *ends_early = 1;
            next = r->n_runs;
        }
        if (next < r->n_runs && p->n_at_work < p->n_at_once)
            MF_TRY(begin_run(p, &r->runs[next++], diag));
        else if (p->n_at_work)
            MF_TRY(listen_to_all(p, diag));
        else
            return MF_OK;
        mf_plan_view_draw(p->view);
    }
}

mf_status mf_plan_pool_run(mf_plan_runs *runs, size_t n_at_once, mf_plan_view *view, mf_diag *diag)
{
    mf_arena *arena = runs->arguments->arena;
    pool p = {.runs = runs,
              .view = view,
              .n_at_once = n_at_once,
              .polled = MF_NEW_ARRAY(arena, struct pollfd, n_at_once),
              .at_work = MF_NEW_ARRAY(arena, mf_plan_run *, n_at_once)};
    if (!p.polled || !p.at_work)
        return mf_fail_memory(diag);
    ends_early =
        mmap(NULL, sizeof *ends_early, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ends_early == MAP_FAILED)
        return mf_fail_memory(diag);
    mf_interrupt_catch(true);
    mf_status status = run_all(&p, diag);
    end_all(&p);
    bool interrupted = mf_interrupt_came();
    mf_interrupt_catch(false);
    munmap(ends_early, sizeof *ends_early);
    if (status != MF_OK)
        return status;
    return mf_plan_runs_end(runs, interrupted, diag);
}
