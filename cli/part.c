/* --part. */
#include "cli/part.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

mf_status mf_part_take(const mf_arguments *arguments, mf_part *part, mf_diag *diag)
{
    const char *text = mf_arguments_value(arguments, "part");
    int end = 0;
    *part = (mf_part){0};
    if (!text)
        return MF_OK;
    if (strspn(text, "0123456789/") != strlen(text) ||
        sscanf(text, "%7" SCNu64 "/%7" SCNu64 "%n", &part->k, &part->n, &end) != 2 || text[end] ||
        part->k < 1 || part->k > part->n || part->n > MF_MOST_PARTS)
        return mf_fail(diag, MF_USAGE,
                       "--part: expected K/N with K from 1 to N and N up to %d, found \"%s\"",
                       MF_MOST_PARTS, text);
    return MF_OK;
}

bool mf_part_has(mf_part part, size_t job)
{
    return part.n == 0 || job % part.n == part.k - 1;
}
