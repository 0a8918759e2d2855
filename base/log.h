/* What is going on inside? Modules report progress to the log that their caller hands them; only
 * the caller decides whether and where it appears. A NULL log is silent. */
#ifndef MF_BASE_LOG_H
#define MF_BASE_LOG_H

#ifdef __cplusplus
extern "C" {
#endif

/* A note is what people want to know without having asked, such as a choice made for them. */
typedef enum mf_log_level { MF_LOG_WARNING, MF_LOG_NOTE, MF_LOG_INFO, MF_LOG_DEBUG } mf_log_level;

/* `sink` receives one finished line without newline, from whichever thread wrote it. */
typedef struct mf_log {
    mf_log_level level;
    void (*sink)(void *user, mf_log_level level, const char *line);
    void *user;
} mf_log;

/* Pass a line on if `log` is not NULL and listens at `level`. */
void mf_log_write(const mf_log *log, mf_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
