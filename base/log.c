/* Formatting of log lines; the sink belongs to the caller. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void mf_log_write(const mf_log *log, mf_log_level level, const char *format, ...)
{
    if (!log || !log->sink || level > log->level)
        return;
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    log->sink(log->user, level, line);
}
