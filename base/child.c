/* fork, a pipe, and a message of fixed length. */
#include "base/child.h"

#include <errno.h>
#include <string.h>
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
        /* What _exit does (not exit: what the parent has buffered is the parent's). The call itself
         * would make the address sanitizer look at a stack that SystemC's threads have hidden from
         * it, and warn. */
        syscall(SYS_exit_group, sent ? 0 : 1);
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
