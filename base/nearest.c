/* Optimal string alignment distance over three rolling rows. */
#include "base/nearest.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 64 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Edits from `a` to `b`, and in `*to_beginning` the edits to whichever beginning of `b` is nearest:
 * the last row of the table has them all. */
static size_t distance(const char *a, const char *b, size_t *to_beginning)
{
    size_t na = strlen(a), nb = strlen(b);
    *to_beginning = SIZE_MAX;
    if (na > LONGEST || nb > LONGEST)
        return SIZE_MAX;
    size_t rows[3][LONGEST + 1];
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t cost = same(a[i - 1], b[j - 1]) ? 0 : 1;
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    for (size_t j = 0; j <= nb; j++)
        *to_beginning = least(*to_beginning, rows[na % 3][j]);
    return rows[na % 3][nb];
}

/* The longest name that stands in the word whole: learning_rate, where the name is rate. */
static const char *longest_inside(const char *word, const char *const *names, size_t n)
{
    enum { SHORTEST = 4 };
    const char *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (strlen(names[i]) >= SHORTEST && strstr(word, names[i]) &&
            (!best || strlen(names[i]) > strlen(best)))
            best = names[i];
    return best;
}

const char *mf_nearest(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL, *best_beginning = NULL;
    size_t length = strlen(word);
    size_t nearest = length / 3 + 2, nearest_beginning = length < 3 ? 0 : length / 4 + 1;
    for (size_t i = 0; i < n; i++) {
        size_t beginning, whole = distance(word, names[i], &beginning);
        if (whole < nearest) {
            nearest = whole;
            best = names[i];
        }
        if (beginning < nearest_beginning) {
            nearest_beginning = beginning;
            best_beginning = names[i];
        }
    }
    if (best || best_beginning)
        return best ? best : best_beginning;
    return longest_inside(word, names, n);
}

bool mf_other_word_hint(const char *word, const mf_other_word *others, mf_diag *diag)
{
    while (others && others->word && strcasecmp(word, others->word) != 0)
        others++;
    if (!others || !others->word)
        return false;
    if (!others->name)
        mf_hint(diag, "there is none: %s", others->instead);
    else
        mf_hint(diag, "here it is \"%s\"%s%s", others->name, others->instead ? ": " : "",
                others->instead ? others->instead : "");
    return true;
}
