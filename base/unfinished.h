/* Which files are half written? A file that replaces another is written beside it first; when a
 * signal ends the process meanwhile, what stands there is of no use and is removed. */
#ifndef MF_BASE_UNFINISHED_H
#define MF_BASE_UNFINISHED_H

#ifdef __cplusplus
extern "C" {
#endif

/* From before `path`, a file or a folder for files, is made until it is renamed or removed. Some
 * few at a time: what is too much, or has too long a name, is not kept. */
void mf_unfinished_begin(const char *path);
void mf_unfinished_end(const char *path);

/* From now on SIGINT, SIGTERM and SIGHUP, where they are not ignored, remove what is unfinished
 * before they end this process (not a child of it). Called once. */
void mf_unfinished_watch(void);

#ifdef __cplusplus
}
#endif

#endif
