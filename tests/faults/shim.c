/* What does a program do whose memory or disk gives out? Preloaded into mulfree, this lets one call
 * of the C library fail, counted from main on, but for constructors of a library that is loaded then:
 * they throw through the loader, where nobody can catch it. MF_FAULT says which:
 *
 *   memory:N   the Nth allocation returns NULL
 *   short:N    the Nth write takes half of what it is given, as it may
 *   disk:N     from the Nth write, sync, close or rename of a file on, no space is left
 *
 * MF_FAULT_REPORT names a file that gets a line "memory N disk N" of the calls that each process
 * made. Writing through a FILE is seen at fwrite, fflush and fclose. Source of the names
 * __libc_...: the GNU C Library's manual, "Replacing malloc". */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *block, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

static atomic_bool armed;
static atomic_long n_memory, n_disk;
static long fault_memory, fault_short, fault_disk;

static bool memory_fails(void)
{
    if (!armed)
        return false;
    if (atomic_fetch_add(&n_memory, 1) + 1 != fault_memory)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t n)
{
    return memory_fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t count, size_t n)
{
    return memory_fails() ? NULL : __libc_calloc(count, n);
}

void *realloc(void *block, size_t n)
{
    return memory_fails() ? NULL : __libc_realloc(block, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    return memory_fails() ? NULL : __libc_memalign(alignment, n);
}

int posix_memalign(void **block, size_t alignment, size_t n)
{
    if (memory_fails())
        return ENOMEM;
    *block = __libc_memalign(alignment, n);
    return *block ? 0 : ENOMEM;
}

/* Terminals, pipes and sockets are not on the disk. */
static bool is_file(int descriptor)
{
    struct stat info;
    return fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
}

static bool disk_is_full(void)
{
    if (!armed)
        return false;
    const long n = atomic_fetch_add(&n_disk, 1) + 1;
    if (!fault_disk || n < fault_disk)
        return false;
    errno = ENOSPC;
    return true;
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

void *dlopen(const char *name, int flags)
{
    const bool was = armed;
    armed = false;
    void *library = REAL(dlopen)(name, flags);
    armed = was;
    return library;
}

ssize_t write(int descriptor, const void *bytes, size_t n)
{
    if (is_file(descriptor)) {
        if (disk_is_full())
            return -1;
        if (armed && n > 1 && n_disk == fault_short)
            n /= 2;
    }
    return REAL(write)(descriptor, bytes, n);
}

int fsync(int descriptor)
{
    return is_file(descriptor) && disk_is_full() ? -1 : REAL(fsync)(descriptor);
}

int ftruncate(int descriptor, off_t n)
{
    return is_file(descriptor) && disk_is_full() ? -1 : REAL(ftruncate)(descriptor, n);
}

/* Only of files that were written: whoever reads need not look. */
static bool is_written(int descriptor)
{
    const int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && is_file(descriptor);
}

int close(int descriptor)
{
    const bool fails = is_written(descriptor) && disk_is_full();
    const int result = REAL(close)(descriptor);
    errno = fails ? ENOSPC : errno;
    return fails ? -1 : result;
}

int rename(const char *from, const char *to)
{
    return disk_is_full() ? -1 : REAL(rename)(from, to);
}

size_t fwrite(const void *items, size_t n_bytes, size_t n, FILE *file)
{
    return is_file(fileno(file)) && disk_is_full() ? 0 : REAL(fwrite)(items, n_bytes, n, file);
}

int fflush(FILE *file)
{
    return file && is_written(fileno(file)) && disk_is_full() ? EOF : REAL(fflush)(file);
}

int fclose(FILE *file)
{
    const bool fails = is_written(fileno(file)) && disk_is_full();
    const int result = REAL(fclose)(file);
    errno = fails ? ENOSPC : errno;
    return fails ? EOF : result;
}

/* ---- from main on ------------------------------------------------------------------------------
 */

static long number_after(const char *fault, const char *kind)
{
    const size_t n = strlen(kind);
    return fault && strncmp(fault, kind, n) == 0 && fault[n] == ':' ? atol(fault + n + 1) : 0;
}

static int (*own_main)(int, char **, char **);

static int armed_main(int argc, char **argv, char **environment)
{
    const char *fault = getenv("MF_FAULT");
    fault_memory = number_after(fault, "memory");
    fault_short = number_after(fault, "short");
    fault_disk = number_after(fault, "disk");
    armed = true;
    return own_main(argc, argv, environment);
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("MF_FAULT_REPORT");
    char line[64];
    armed = false;
    int n = snprintf(line, sizeof line, "memory %ld disk %ld\n", (long)n_memory, (long)n_disk);
    int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (file >= 0 && REAL(write)(file, line, (size_t)n) != n)
        _exit(99);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    own_main = main;
    return REAL(__libc_start_main)(armed_main, argc, argv, init, fini, rtld_fini, stack_end);
}
