/* Where is the module with the chip, and is it of this build?
 *
 * It stands where this code does (the program, or libmulfree.so) or in a folder above, there also in
 * the folder where it is installed (MF_CHIP_FOLDER, "lib/mulfree"); else wherever the system looks
 * for libraries, LD_LIBRARY_PATH among them. Trees may be moved: no absolute path is remembered. */
#include "sim/systemc/engine.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A build tree has its tests two folders below the module. */
#define MOST_FOLDERS 4

static const mf_chip_engine *found;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char folder[PATH_MAX]; /* from where the search began */
static char fault[512];       /* what the loader said of a module that is there */

/* The folder of the program or library that this function is in. */
static void set_folder(void)
{
    Dl_info here;
    union {
        void (*function)(void);
        void *address;
    } self = {set_folder};
    char name[PATH_MAX];
    if (!dladdr(self.address, &here) || !here.dli_fname || !realpath(here.dli_fname, name) ||
        !strstr(here.dli_fname, ".so")) { /* a program may be known by the word it was called by */
        ssize_t n = readlink("/proc/self/exe", name, sizeof name - 1);
        name[n > 0 ? n : 0] = '\0';
    }
    char *slash = strrchr(name, '/');
    if (slash)
        *slash = '\0';
    memcpy(folder, name, sizeof folder);
}

/* Is this one the module? A name without a slash is looked for by the system. */
static bool load(const char *path)
{
    if (strchr(path, '/') && access(path, R_OK) != 0)
        return false;
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (module)
        found = dlsym(module, "mf_chip_systemc");
    if (!found && strchr(path, '/'))
        snprintf(fault, sizeof fault, "%s", dlerror());
    return found != NULL; /* and the module stays: SystemC cannot be begun a second time */
}

static void find(void)
{
    char at[PATH_MAX], path[PATH_MAX + 128];
    set_folder();
    memcpy(at, folder, sizeof at);
    for (int i = 0; i < MOST_FOLDERS && *at && !*fault; i++) {
        snprintf(path, sizeof path, "%s/" MF_CHIP_MODULE, at);
        if (load(path))
            return;
        snprintf(path, sizeof path, "%s/" MF_CHIP_FOLDER "/" MF_CHIP_MODULE, at);
        if (load(path))
            return;
        *strrchr(at, '/') = '\0';
    }
    if (!*fault)
        load(MF_CHIP_MODULE);
}

const mf_chip_engine *mf_chip_engine_find(mf_diag *diag)
{
    pthread_once(&once, find);
    if (found)
        return found;
    if (*fault) {
        mf_fail(diag, MF_INVALID, "the chip cannot be loaded: %s", fault);
        mf_hint(diag, "install SystemC (Debian: libsystemc-dev), or build again");
    } else {
        mf_fail(diag, MF_INVALID,
                "there is no chip to execute on: no " MF_CHIP_MODULE " in %s or above", folder);
        mf_hint(diag, "it is built beside mulfree: copy both, or name its folder in LD_LIBRARY_PATH");
    }
    return NULL;
}
