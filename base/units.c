/* The list of units, and the two tables that are searched: by the key's end, then by what was
 * written. */
#include "base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *end, *written;
    double factor;
} units[] = {
#define MF_UNIT(end, written, factor) {end, written, factor},
#include "base/units.def"
#undef MF_UNIT
};

enum { N_UNITS = sizeof units / sizeof units[0] };

/* "mhz" ends clock_mhz and is the whole of mhz, but does not end xmhz. */
static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0 &&
           (n == m || name[n - m - 1] == '_' || name[n - m - 1] == '-');
}

bool mf_units_is_end(const char *end)
{
    for (int i = 0; i < N_UNITS; i++)
        if (strcmp(units[i].end, end) == 0)
            return true;
    return false;
}

/* The longest end that the list knows: dram_mb_per_s. */
static const char *end_of(const char *name)
{
    const char *end = NULL;
    for (int i = 0; i < N_UNITS; i++)
        if (ends_in(name, units[i].end) && (!end || strlen(units[i].end) > strlen(end)))
            end = units[i].end;
    return end;
}

/* As it is written, or else with other capitals: 200mhz. */
static int find(const char *end, const char *written)
{
    int loose = -1;
    for (int i = 0; i < N_UNITS; i++) {
        if (strcmp(units[i].end, end) != 0)
            continue;
        if (strcmp(units[i].written, written) == 0)
            return i;
        if (loose < 0 && strcasecmp(units[i].written, written) == 0)
            loose = i;
    }
    return loose;
}

bool mf_units_hint(const char *name, const char *text, char *hint, size_t size)
{
    char *written;
    double number = strtod(text, &written);
    if (written == text || !isfinite(number))
        return false;
    written += strspn(written, " \t");
    if (!*written || strlen(written) > 16)
        return false;
    const char *end = name ? end_of(name) : NULL;
    int unit = end ? find(end, written) : -1;
    if (unit >= 0)
        snprintf(hint, size, "%s has its unit in its name: write %.15g", name,
                 number * units[unit].factor);
    else if (end && strcmp(end, "words") == 0)
        snprintf(hint, size,
                 "sizes are numbers of words, without a unit; word_bits says how wide a word is");
    else if (end)
        snprintf(hint, size, "%s is a number in the unit that its name ends in, without \"%s\"",
                 name, written);
    else
        snprintf(hint, size, "write the number alone, without \"%s\"", written);
    return true;
}
