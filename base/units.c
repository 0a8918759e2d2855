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

/* As it is written, or else with other capitals: 200mhz. NONE where nobody writes so, UNCLEAR where
 * other capitals could mean one thing or another: mb/s. */
enum { NONE = -1, UNCLEAR = -2 };

static int find(const char *end, const char *written)
{
    int loose = NONE;
    for (int i = 0; i < N_UNITS; i++) {
        if (strcmp(units[i].end, end) != 0)
            continue;
        if (strcmp(units[i].written, written) == 0)
            return i;
        if (strcasecmp(units[i].written, written) != 0 || loose == UNCLEAR)
            continue;
        loose = loose == NONE || units[loose].factor == units[i].factor ? i : UNCLEAR;
    }
    return loose;
}

/* The number that a text begins with, and what stands behind it; false where it begins with none. */
static bool part(const char *text, double *number, const char **written)
{
    char *end;
    *number = strtod(text, &end);
    bool decimal = strspn(text, " \t+-.0123456789eE") >= (size_t)(end - text); /* no 0x10 */
    if (end == text || !decimal || !isfinite(*number))
        return false;
    *written = end + strspn(end, " \t");
    return true;
}

/* A factor below 1 is a division by its inverse, which is exact where that is whole. */
static double times(double number, double factor)
{
    return factor < 1 ? number / (1 / factor) : number * factor;
}

static void list_units(const char *end, char *list, size_t size)
{
    for (int i = 0; i < N_UNITS; i++) {
        size_t n = strlen(list);
        if (strcmp(units[i].end, end) == 0)
            snprintf(list + n, size - n, "%s%s", n ? ", " : "", units[i].written);
    }
}

bool mf_units_value(const char *name, const char *text, double word_bits, double *value, char *why,
                    size_t size)
{
    const char *end = end_of(name), *written = "";
    bool of_words = end && strcmp(end, "words") == 0;
    double number;
    char list[160] = "";
    if (!part(text, &number, &written) || !*written || strlen(written) > 16)
        end = NULL;
    int unit = end ? find(end, written) : NONE, size_unit = NONE;
    if (unit == NONE && of_words)
        unit = size_unit = find("bits", written);
    if (unit >= 0 && (size_unit < 0 || word_bits > 0)) {
        *value = times(number, units[unit].factor) / (size_unit >= 0 ? word_bits : 1);
        return true;
    }
    if (unit == UNCLEAR)
        snprintf(why, size, "\"%s\" could be bits or bytes (b is a bit, B a byte)", written);
    else if (size_unit >= 0)
        snprintf(why, size, "words of how many bits? Give word_bits, too, or a number of words");
    else if (end_of(name)) {
        list_units(of_words ? "bits" : end_of(name), list, sizeof list);
        snprintf(why, size, "expected a number, alone or with one of %s%s", list,
                 of_words ? ", words" : "");
    } else
        snprintf(why, size, "expected a number without a unit");
    return false;
}

bool mf_units_hint(const char *name, const char *text, char *hint, size_t size)
{
    const char *written;
    double number;
    if (!part(text, &number, &written) || !*written || strlen(written) > 16)
        return false;
    const char *end = name ? end_of(name) : NULL;
    int unit = end ? find(end, written) : -1;
    if (unit >= 0)
        snprintf(hint, size, "%s has its unit in its name: write %.15g", name,
                 times(number, units[unit].factor));
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
