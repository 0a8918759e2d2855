/* The failure texts, expanded from status.def, and the composing of a diagnostic. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *text;
    int exit_code;
} statuses[MF_N_STATUS] = {
#define MF_STATUS(name, exit_code, text) {#name, text, exit_code},
#include "base/status.def"
#undef MF_STATUS
};

const char *mf_status_name(mf_status status)
{
    return statuses[status].name;
}

const char *mf_status_text(mf_status status)
{
    return statuses[status].text;
}

int mf_status_exit_code(mf_status status)
{
    return statuses[status].exit_code;
}

/* Cuts between characters of UTF-8. */
static void put_line(char *out, size_t size, const char *format, va_list arguments)
{
    static const char more[] = "...";
    int length = vsnprintf(out, size, format, arguments);
    if (length < 0 || (size_t)length < size)
        return;
    char *end = out + size - sizeof more;
    while (end > out && ((unsigned char)*end & 0xc0) == 0x80)
        end--;
    memcpy(end, more, sizeof more);
}

mf_status mf_fail(mf_diag *diag, mf_status status, const char *format, ...)
{
    if (diag) {
        va_list arguments;
        va_start(arguments, format);
        put_line(diag->message, sizeof diag->message, format, arguments);
        va_end(arguments);
        diag->status = status;
        diag->n_things = 0;
        diag->hint[0] = '\0';
    }
    return status;
}

void mf_hint(mf_diag *diag, const char *format, ...)
{
    if (!diag)
        return;
    va_list arguments;
    va_start(arguments, format);
    put_line(diag->hint, sizeof diag->hint, format, arguments);
    va_end(arguments);
}

mf_status mf_fail_at(mf_diag *diag, mf_status status, const char *format, ...)
{
    if (status == MF_OK || !diag)
        return status;
    const mf_diag why = *diag;
    char place[sizeof why.message];
    va_list arguments;
    va_start(arguments, format);
    put_line(place, sizeof place, format, arguments);
    va_end(arguments);
    mf_fail(diag, status, "%s: %s", place, why.message);
    if (*why.hint)
        mf_hint(diag, "%s", why.hint);
    return status;
}

mf_status mf_fail_memory(mf_diag *diag)
{
    return mf_fail(diag, MF_NO_MEMORY, "out of memory");
}
