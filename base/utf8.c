/* RFC 3629. */
#include "base/utf8.h"

#include <string.h>

size_t mf_utf8_length(const char *bytes, size_t left)
{
    const unsigned char *p = (const unsigned char *)bytes;
    if (left == 0)
        return 0;
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xc2 ? 0
               : p[0] < 0xe0 ? 2
               : p[0] < 0xf0 ? 3
               : p[0] < 0xf5 ? 4
                             : 0;
    if (n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

uint32_t mf_utf8_point(const char *bytes, size_t n)
{
    const unsigned char *p = (const unsigned char *)bytes;
    uint32_t point = n == 1 ? p[0] : p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        point = point << 6 | (p[i] & 0x3fu);
    return point;
}

bool mf_utf8_is_text(const char *string)
{
    for (size_t n; *string; string += n)
        if ((n = mf_utf8_length(string, strnlen(string, 4))) == 0)
            return false;
    return true;
}
