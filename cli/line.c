/* Drawn without a newline, and remembered. */
#include "cli/line.h"

#include "base/escape.h"
#include "cli/width.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static size_t n_there; /* lines */

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
    n_there = 1;
    pthread_mutex_unlock(&mutex);
    mf_text_free(&text);
}

/* Take away what is there. */
static void put_wipe(mf_text *text)
{
    if (n_there > 1)
        mf_text_printf(text, "\r\033[%zuA\033[J", n_there - 1);
    else if (n_there)
        mf_text_puts(text, "\r\033[K");
    n_there = 0;
}

void mf_line_draw_several(const char *const *lines, size_t n)
{
    mf_text text = {0};
    size_t width = mf_width_of_terminal(STDERR_FILENO), room = width ? width - 2 : SIZE_MAX;
    pthread_mutex_lock(&mutex);
    put_wipe(&text);
    for (size_t i = 0; i < n; i++) {
        mf_text line = {0};
        mf_escape_terminal(&line, lines[i]);
        if (!line.failed)
            mf_text_add(&text, line.bytes, mf_width_bytes(line.bytes, room));
        mf_text_puts(&text, i + 1 < n ? "\n" : " ");
        mf_text_free(&line);
    }
    if (!text.failed) {
        fputs(text.bytes, stderr);
        n_there = n;
    }
    fflush(stderr);
    pthread_mutex_unlock(&mutex);
    mf_text_free(&text);
}

void mf_line_wipe(void)
{
    pthread_mutex_lock(&mutex);
    mf_text text = {0};
    if (n_there) {
        put_wipe(&text);
        fputs(text.failed ? "\r\033[K" : text.bytes, stderr);
        fflush(stderr);
    }
    pthread_mutex_unlock(&mutex);
    mf_text_free(&text);
}
