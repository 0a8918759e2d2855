/* Which files are half written? A file that replaces another is written beside it first, and then
 * renamed; when a signal ends the process meanwhile, what stands there is of no use and is removed.
 * So are files and folders that are of use only while a command runs. */
#ifndef MF_BASE_UNFINISHED_H
#define MF_BASE_UNFINISHED_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* From now on SIGINT, SIGTERM and SIGHUP, where they are not ignored, remove what is unfinished
 * before they end this process (not a child of it). Called once. */
void mf_unfinished_watch(void);

/* `path`, a file or a folder for files, is unfinished. Some few at a time: what is too much, or has
 * too long a name, is not kept. */
void mf_unfinished_begin(const char *path);

/* It is no longer wanted: gone from the disk, an empty folder too. */
void mf_unfinished_remove(const char *path);

/* A new file beside `path` for what will replace it, open to be written and read, unfinished from
 * now on; its name is freed by the caller. It is always a file of this process: nothing that stands
 * there is followed or overwritten. -1 with errno when there is none. */
int mf_unfinished_open(const char *path, char **beside);

/* It is finished and replaces `path`; false, with errno, when it cannot: then it is removed. */
bool mf_unfinished_replace(const char *beside, const char *path);

#ifdef __cplusplus
}
#endif

#endif
