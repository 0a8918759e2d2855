/* fork, a pipe or socket, and messages of fixed length. */
#include "base/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool write_all(int fd, const void *bytes, size_t n)
{
    for (const char *from = bytes; n > 0;) {
        ssize_t written = write(fd, from, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        from += written;
        n -= (size_t)written;
    }
    return true;
}

static bool read_all(int fd, void *bytes, size_t n)
{
    for (char *to = bytes; n > 0;) {
        ssize_t got = read(fd, to, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        n -= (size_t)got;
    }
    return true;
}

/* What _exit does (not exit: what the parent has buffered is the parent's). The call itself would
 * make the address sanitizer look at a stack that SystemC's threads have hidden from it, and warn.
 */
static void leave(bool well)
{
    syscall(SYS_exit_group, well ? 0 : 1);
}

mf_status mf_child_run(mf_status (*work)(void *user, void *result, mf_diag *diag), void *user,
                       void *result, size_t n_bytes, mf_diag *diag)
{
    int ends[2], how;
    mf_diag told = {0};
    if (pipe(ends) != 0)
        return mf_fail(diag, MF_NO_MEMORY, "no pipe to a child process: %s", strerror(errno));
    pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return mf_fail(diag, MF_NO_MEMORY, "no child process: %s", strerror(errno));
    }
    if (child == 0) {
        close(ends[0]);
        told.status = work(user, result, &told);
        bool sent = write_all(ends[1], &told, sizeof told) && write_all(ends[1], result, n_bytes);
        leave(sent);
    }
    close(ends[1]);
    bool came = read_all(ends[0], &told, sizeof told) && read_all(ends[0], result, n_bytes);
    close(ends[0]);
    while (waitpid(child, &how, 0) < 0 && errno == EINTR)
        ;
    if (!came)
        return mf_fail(diag, MF_IO, "a child process ended by signal %d",
                       WIFSIGNALED(how) ? WTERMSIG(how) : 0);
    if (told.status != MF_OK && diag)
        *diag = told;
    return told.status;
}

/* ---- workers -----------------------------------------------------------------------------------
 */

struct mf_workers {
    size_t n, n_bytes;
    struct {
        pid_t process;
        int end; /* of the socket to it */
    } each[];
};

/* In the worker, until the other end is closed. */
static void serve(int end, mf_status (*work)(void *user, size_t item, void *result, mf_diag *diag),
                  void *user, size_t n_bytes)
{
    void *result = malloc(n_bytes);
    size_t item;
    while (result && read_all(end, &item, sizeof item)) {
        mf_diag told = {0};
        memset(result, 0, n_bytes);
        told.status = work(user, item, result, &told);
        if (!write_all(end, &told, sizeof told) || !write_all(end, result, n_bytes))
            break;
    }
    leave(result != NULL);
}

mf_status mf_workers_create(size_t n,
                            mf_status (*work)(void *user, size_t item, void *result, mf_diag *diag),
                            void *user, size_t n_bytes, mf_workers **out, mf_diag *diag)
{
    mf_workers *w = *out = calloc(1, sizeof *w + n * sizeof w->each[0]);
    if (!w)
        return mf_fail_memory(diag);
    w->n_bytes = n_bytes;
    for (; w->n < n; w->n++) {
        int ends[2];
        pid_t process = -1;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 &&
            (process = fork()) < 0) {
            close(ends[0]);
            close(ends[1]);
        }
        if (process < 0) {
            mf_fail(diag, MF_NO_MEMORY, "cannot make %zu worker processes: %s", n, strerror(errno));
            mf_workers_destroy(w);
            *out = NULL;
            return MF_NO_MEMORY;
        }
        if (process == 0) { /* the others end when the parent closes their sockets, and nobody else
                               has them */
            for (size_t i = 0; i < w->n; i++)
                close(w->each[i].end);
            close(ends[0]);
            serve(ends[1], work, user, n_bytes);
        }
        close(ends[1]);
        w->each[w->n].process = process;
        w->each[w->n].end = ends[0];
    }
    return MF_OK;
}

mf_status mf_workers_run(const mf_workers *w, size_t worker, size_t item, void *result,
                         mf_diag *diag)
{
    mf_diag told;
    int end = w->each[worker].end;
    ssize_t sent;
    do /* no signal where it is no longer there */
        sent = send(end, &item, sizeof item, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent != (ssize_t)sizeof item || !read_all(end, &told, sizeof told) ||
        !read_all(end, result, w->n_bytes))
        return mf_fail(diag, MF_IO, "a worker process ended too soon");
    if (told.status != MF_OK && diag)
        *diag = told;
    return told.status;
}

void mf_workers_destroy(mf_workers *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n; i++)
        close(w->each[i].end);
    for (size_t i = 0; i < w->n; i++)
        while (waitpid(w->each[i].process, NULL, 0) < 0 && errno == EINTR)
            ;
    free(w);
}
