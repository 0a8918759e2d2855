/* Characters are counted, not cells: a terminal that shows one twice as wide breaks its line
 * itself. */
#include "cli/width.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL = 80, NARROWEST = 40, SENTENCE = 22 };

size_t mf_width_of_terminal(int stream)
{
    struct winsize size;
    if (!isatty(stream))
        return 0;
    if (ioctl(stream, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL;
    return size.ws_col < NARROWEST ? NARROWEST : size.ws_col;
}

size_t mf_height_of_terminal(int stream)
{
    enum { USUAL_LINES = 24 };
    struct winsize size;
    return ioctl(stream, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 ? USUAL_LINES : size.ws_row;
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

static void put_blanks(mf_text *out, size_t n)
{
    mf_text_printf(out, "%*s", (int)n, "");
}

/* One line without its end, that is longer than `width`. */
static void fold_line(mf_text *out, const char *line, size_t width)
{
    size_t lead = strspn(line, " ");
    const char *gap = strstr(line + lead, "  ");
    /* What stands further in moves to the left. */
    const size_t deepest = gap ? width - SENTENCE : width / 2;
    size_t hang = gap ? mf_width(line, (size_t)(gap - line) + strspn(gap, " ")) : lead + 2;
    hang = hang < deepest ? hang : deepest;
    line += lead;
    for (size_t in = lead < deepest ? lead : deepest; *line; in = hang) {
        const char *part = line;
        size_t n = mf_width_line(&line, width - in);
        while (n && part[n - 1] == ' ')
            n--;
        put_blanks(out, in);
        mf_text_add(out, part, n);
        mf_text_puts(out, "\n");
    }
}

void mf_width_fold(mf_text *out, const char *text, size_t width)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (mf_width(text, n) <= width) {
            mf_text_add(out, text, n);
            mf_text_puts(out, "\n");
        } else {
            char *line = strndup(text, n);
            if (line)
                fold_line(out, line, width);
            out->failed = out->failed || !line;
            free(line);
        }
        text += n + (text[n] == '\n');
    }
}
