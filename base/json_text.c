/* The lexical half of RFC 8259. */
#include "base/json_text.h"

#include "base/utf8.h"

#include <string.h>

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The text ends in a zero, so looking one byte ahead is always allowed. */
static const char *number_fault(const char *text, size_t *i)
{
    size_t p = *i;
    const char *fault = NULL;
    if (text[p] == '-')
        p++;
    if (!is_digit(text[p]))
        fault = "a number needs a digit here";
    else if (text[p] == '0' && is_digit(text[p + 1]))
        fault = "a number does not start with a superfluous 0";
    while (!fault && is_digit(text[p]))
        p++;
    if (!fault && text[p] == '.') {
        p++;
        if (!is_digit(text[p]))
            fault = "a number needs a digit after its point";
        while (is_digit(text[p]))
            p++;
    }
    if (!fault && (text[p] == 'e' || text[p] == 'E')) {
        p++;
        if (text[p] == '+' || text[p] == '-')
            p++;
        if (!is_digit(text[p]))
            fault = "a number needs a digit in its exponent";
        while (is_digit(text[p]))
            p++;
    }
    *i = p;
    return fault;
}

static const char *string_fault(const char *text, size_t n_bytes, size_t *i)
{
    size_t p = *i + 1;
    while (p < n_bytes && text[p] != '"') {
        size_t length = mf_utf8_length(text + p, n_bytes - p);
        const char *fault = NULL;
        if (length == 0)
            fault = "not UTF-8";
        else if ((unsigned char)text[p] < 0x20)
            fault = "a control character in a string must be written as an escape";
        else if (strncmp(text + p, "\\u0000", 6) == 0)
            fault = "a string must not hold a zero character";
        if (fault) {
            *i = p;
            return fault;
        }
        p += text[p] == '\\' && p + 1 < n_bytes ? 2 : length;
    }
    *i = p < n_bytes ? p + 1 : n_bytes;
    return p < n_bytes ? NULL : "a string does not end";
}

const char *mf_json_text_fault(const char *text, size_t n_bytes, size_t *offset)
{
    for (size_t i = 0; i < n_bytes;) {
        const char *fault = NULL;
        if (text[i] == '"')
            fault = string_fault(text, n_bytes, &i);
        else if (text[i] == '-' || is_digit(text[i]))
            fault = number_fault(text, &i);
        else if (text[i] == '\0')
            fault = "a zero byte";
        else
            i++;
        if (fault) {
            *offset = i;
            return fault;
        }
    }
    return NULL;
}
