/* One loop over characters; what differs between sinks is a table of replacements. */
#include "base/escape.h"

#include "base/utf8.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct replacement {
    const char *from, *to;
} replacement;

/* How hidden characters are written. */
typedef enum hidden_form { VISIBLE, BACKSLASH_U } hidden_form;

typedef struct sink {
    const char *quote; /* around it all */
    hidden_form hidden;
    const replacement *replacements; /* up to one without `from` */
} sink;

/* Unseen, or the cause of what is seen elsewhere. */
static bool is_hidden(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0, 0x1f},                          /* C0 */
                  {0x7f, 0x9f},                       /* DEL, C1 */
                  {0x61c, 0x61c},   {0x200e, 0x200f}, /* direction marks */
                  {0x2028, 0x202e}, {0x2066, 0x206f}, /* lines, embeddings, isolates */
                  {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xfffe, 0xffff}}; /* marks of files, notes */
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

/* The replacement that begins at `at`, or NULL. */
static const replacement *replacement_at(const sink *s, const char *at)
{
    for (const replacement *r = s->replacements; r->from; r++)
        if (strncmp(at, r->from, strlen(r->from)) == 0)
            return r;
    return NULL;
}

/* Printable ASCII, as the sink wants it. */
static void put_plain(mf_text *text, const sink *s, const char *plain)
{
    while (*plain) {
        const replacement *r = replacement_at(s, plain);
        if (r)
            mf_text_puts(text, r->to);
        else
            mf_text_add(text, plain, 1);
        plain += r ? strlen(r->from) : 1;
    }
}

/* Append what stands at `at`; how many bytes that was. */
static size_t put_next(mf_text *text, const sink *s, const char *at)
{
    char shown[16];
    size_t n = mf_utf8_length(at, strnlen(at, 4));
    const replacement *r = replacement_at(s, at);
    if (n && !is_hidden(mf_utf8_point(at, n))) {
        if (r)
            mf_text_puts(text, r->to);
        else
            mf_text_add(text, at, n);
        return r ? strlen(r->from) : n;
    }
    if (n && s->hidden == BACKSLASH_U) {
        mf_text_printf(text, "\\u%04x", (unsigned)mf_utf8_point(at, n));
        return n;
    }
    if (n > 1)
        snprintf(shown, sizeof shown, "\\u%04x", (unsigned)mf_utf8_point(at, n));
    else
        snprintf(shown, sizeof shown, "\\x%02x", (unsigned)(unsigned char)*at);
    put_plain(text, s, shown);
    return n ? n : 1;
}

static void put(mf_text *text, const sink *s, const char *string)
{
    mf_text_puts(text, s->quote);
    for (const char *at = string; *at;)
        at += put_next(text, s, at);
    mf_text_puts(text, s->quote);
}

#define END                                                                                        \
    {                                                                                              \
        NULL, NULL                                                                                 \
    }

void mf_escape_terminal(mf_text *text, const char *string)
{
    static const replacement none[] = {END};
    put(text, &(sink){"", VISIBLE, none}, string);
}

static const replacement of_double_quotes[] = {{"\"", "\\\""}, {"\\", "\\\\"}, END};

void mf_escape_json(mf_text *text, const char *string)
{
    put(text, &(sink){"\"", BACKSLASH_U, of_double_quotes}, string);
}

/* The same escapes: YAML 1.2 has those of JSON, and \uNNNN in YAML 1.1 too. */
void mf_escape_yaml(mf_text *text, const char *string)
{
    put(text, &(sink){"\"", BACKSLASH_U, of_double_quotes}, string);
}

void mf_escape_xml(mf_text *text, const char *string)
{
    static const replacement replacements[] = {{"<", "&lt;"},    {">", "&gt;"},  {"&", "&amp;"},
                                               {"\"", "&quot;"}, {"'", "&#39;"}, END};
    put(text, &(sink){"", VISIBLE, replacements}, string);
}

/* Nothing is replaced but quotes: programs get the bytes. */
void mf_escape_csv(mf_text *text, const char *string)
{
    bool quoted = strpbrk(string, ",\"\r\n") != NULL;
    mf_text_puts(text, quoted ? "\"" : "");
    for (; *string; string++)
        mf_text_add(text, *string == '"' ? "\"\"" : string, *string == '"' ? 2 : 1);
    mf_text_puts(text, quoted ? "\"" : "");
}

/* Between double quotes gnuplot runs what stands between backticks, and single quotes that begin
 * with a doubled one are an error: so all but letters and blanks is given by its number. Digits
 * too, since they would be taken for the number's, however long. Its SVG terminal leaves "]]>", an
 * error of XML, and
 * "&#", which begins a character by number: both are made visible. */
#define OF_GNUPLOT                                                                                 \
    {"]]>", "]]\\x3e"},                                                                            \
    {                                                                                              \
        "&#", "&\\x23"                                                                             \
    }

static void put_numbered(mf_text *text, const replacement *replacements, const char *string)
{
    mf_text shown = {0};
    put(&shown, &(sink){"", VISIBLE, replacements}, string);
    mf_text_puts(text, "\"");
    for (size_t i = 0; i < shown.length; i++) {
        unsigned char c = (unsigned char)shown.bytes[i];
        if (isalpha(c) || c == ' ' || c >= 0x80)
            mf_text_add(text, &shown.bytes[i], 1);
        else
            mf_text_printf(text, "\\%03o", (unsigned)c);
    }
    mf_text_puts(text, "\"");
    text->failed = text->failed || shown.failed;
    mf_text_free(&shown);
}

void mf_escape_gnuplot(mf_text *text, const char *string)
{
    static const replacement replacements[] = {OF_GNUPLOT, END};
    put_numbered(text, replacements, string);
}

void mf_escape_gnuplot_tic(mf_text *text, const char *string)
{
    static const replacement replacements[] = {OF_GNUPLOT, {"%", "%%"}, END};
    put_numbered(text, replacements, string);
}

void mf_escape_shell(mf_text *text, const char *string)
{
    bool plain = *string != '\0';
    for (const char *p = string; *p; p++)
        plain = plain && (isalnum((unsigned char)*p) || strchr("_./:=@%+,-", *p));
    if (plain) {
        mf_text_puts(text, string);
        return;
    }
    mf_text_puts(text, "'");
    for (; *string; string++)
        mf_text_add(text, *string == '\'' ? "'\\''" : string, *string == '\'' ? 4 : 1);
    mf_text_puts(text, "'");
}

/* A point or quote at the beginning would make a request of the line. */
void mf_escape_roff(mf_text *text, const char *string)
{
    static const replacement replacements[] = {{"\\", "\\e"}, {"-", "\\-"}, END};
    mf_text_puts(text, *string == '.' || *string == '\'' ? "\\&" : "");
    put(text, &(sink){"", VISIBLE, replacements}, string);
}

/* ---- Markdown ----------------------------------------------------------------------------------
 */

static const replacement of_markdown[] = {
    {"\\", "\\\\"}, {"`", "\\`"},  {"*", "\\*"},  {"[", "\\["},   {"|", "\\|"}, {"~", "\\~"},
    {"$", "\\$"},   {"<", "&lt;"}, {">", "&gt;"}, {"&", "&amp;"}, END};

/* "_" within a word is no emphasis, and names are full of it. */
static bool within_word(const char *string, const char *at)
{
    return at > string && isalnum((unsigned char)at[-1]) && isalnum((unsigned char)at[1]);
}

void mf_escape_markdown(mf_text *text, const char *string)
{
    const sink s = {"", VISIBLE, of_markdown};
    for (const char *at = string; *at;) {
        if (*at == '_' && !within_word(string, at))
            mf_text_puts(text, "\\");
        at += put_next(text, &s, at);
    }
}

void mf_escape_markdown_line(mf_text *text, const char *string)
{
    size_t digits = strspn(string, "0123456789");
    if (digits && (string[digits] == '.' || string[digits] == ')')) { /* would number a list */
        mf_text_add(text, string, digits);
        string += digits;
        mf_text_puts(text, "\\");
    } else if (*string && strchr("#+-=", *string)) {
        mf_text_puts(text, "\\");
    }
    mf_escape_markdown(text, string);
}
