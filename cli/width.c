/* Characters are counted, not cells: a terminal that shows one twice as wide breaks its line itself. */
#include "cli/width.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL = 80, NARROWEST = 40 };

size_t mf_width_of_terminal(int stream)
{
    struct winsize size;
    if (!isatty(stream))
        return 0;
    if (ioctl(stream, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL;
    return size.ws_col < NARROWEST ? NARROWEST : size.ws_col;
}

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t mf_width(const char *text, size_t n_bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < n_bytes; i++)
        n += begins_character(text[i]);
    return n;
}

size_t mf_width_bytes(const char *text, size_t width)
{
    size_t n = 0;
    for (size_t shown = 0; text[n]; n++) {
        shown += begins_character(text[n]);
        if (shown > width)
            break;
    }
    return n;
}

size_t mf_width_line(const char **text, size_t width)
{
    const char *line = *text;
    size_t n = mf_width_bytes(line, width), at_blank = n, behind_sign = n;
    if (line[n]) {
        while (at_blank && line[at_blank] != ' ')
            at_blank--;
        while (behind_sign && !strchr("-_/,;:=+", line[behind_sign - 1]))
            behind_sign--;
        n = at_blank ? at_blank : behind_sign ? behind_sign : n;
    }
    *text = line + n;
    *text += strspn(*text, " ");
    return n;
}

void mf_width_put(mf_text *out, const char *text, size_t width)
{
    do {
        const char *line = text;
        size_t n = strlen(text);
        if (width)
            n = mf_width_line(&text, width);
        else
            text += n;
        mf_text_add(out, line, n);
        mf_text_puts(out, "\n");
    } while (*text);
}
