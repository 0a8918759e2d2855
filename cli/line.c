/* Drawn without a newline, and remembered. */
#include "cli/line.h"

#include "base/escape.h"
#include "cli/width.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool is_there;

void mf_line_draw(const char *format, ...)
{
    char line[512];
    mf_text text = {0};
    size_t width = mf_width_of_terminal(STDERR_FILENO), room = width ? width - 2 : sizeof line;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    mf_escape_terminal(&text, line);
    pthread_mutex_lock(&mutex);
    if (!text.failed) /* what goes on in the next line could not be drawn over */
        fprintf(stderr, "\r%.*s \033[K", (int)mf_width_bytes(text.bytes, room), text.bytes);
    fflush(stderr);
    is_there = true;
    pthread_mutex_unlock(&mutex);
    mf_text_free(&text);
}

void mf_line_wipe(void)
{
    pthread_mutex_lock(&mutex);
    if (is_there) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    is_there = false;
    pthread_mutex_unlock(&mutex);
}
