/* A few names at fixed places: a signal handler may read them and unlink, and little else. */
#include "base/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PLACES = 8, LONGEST = 4096 };

enum { FREE, FILLING, KEPT };

static struct {
    atomic_int state;
    char path[LONGEST];
} places[PLACES];

static pid_t owner;

void mf_unfinished_begin(const char *path)
{
    size_t n = strlen(path) + 1;
    for (int i = 0; i < PLACES && n <= LONGEST; i++) {
        int free_place = FREE;
        if (!atomic_compare_exchange_strong(&places[i].state, &free_place, FILLING))
            continue;
        memcpy(places[i].path, path, n);
        atomic_store(&places[i].state, KEPT);
        return;
    }
}

static void forget(const char *path)
{
    for (int i = 0; i < PLACES; i++)
        if (atomic_load(&places[i].state) == KEPT && strcmp(places[i].path, path) == 0)
            atomic_store(&places[i].state, FREE);
}

static void remove_path(const char *path)
{
    if (unlink(path) != 0)
        rmdir(path);
}

void mf_unfinished_remove(const char *path)
{
    remove_path(path);
    forget(path);
}

int mf_unfinished_open(const char *path, char **beside)
{
    enum { TRIES = 100 };
    size_t size = strlen(path) + 48;
    int file = -1;
    if (!(*beside = malloc(size)))
        return -1;
    for (int i = 0; i < TRIES && file < 0; i++) {
        if (i) /* left by another of that number, or put there to be found */
            snprintf(*beside, size, "%s.%ld-%d.tmp", path, (long)getpid(), i);
        else
            snprintf(*beside, size, "%s.%ld.tmp", path, (long)getpid());
        file = open(*beside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST)
            break;
    }
    if (file >= 0) {
        mf_unfinished_begin(*beside);
        return file;
    }
    int fault = errno;
    free(*beside);
    *beside = NULL;
    errno = fault;
    return -1;
}

bool mf_unfinished_replace(const char *beside, const char *path)
{
    if (rename(beside, path) == 0) {
        forget(beside);
        return true;
    }
    int fault = errno;
    mf_unfinished_remove(beside);
    errno = fault;
    return false;
}

/* Files before the folders that were there first. The signal comes again as soon as this returns,
 * and then does what it does by itself. */
static void remove_all(int number)
{
    for (int i = PLACES; i-- > 0 && getpid() == owner;)
        if (atomic_load(&places[i].state) == KEPT)
            remove_path(places[i].path);
    raise(number);
}

void mf_unfinished_watch(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = remove_all, .sa_flags = (int)SA_RESETHAND}, before;
    owner = getpid();
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}
