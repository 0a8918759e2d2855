#include "models/kinds/upsample.h"

#include <stddef.h>

bool mf_upsample_fits(const mf_shape *s)
{
    return s->c == s->m && s->h > 0 && s->w > 0 && s->e % s->h == 0 && s->f % s->w == 0 &&
           s->e / s->h == s->f / s->w && s->e / s->h >= 2;
}

const char *mf_upsample_fault(const mf_shape *s)
{
    bool each = s->g == s->c && s->g == s->m, plain = s->r == 1 && s->s == 1 && s->stride == 1 &&
                                                      s->pad_rows == 0 && s->pad_columns == 0;
    return each && plain && mf_upsample_fits(s)
               ? NULL
               : "g, c and m must be equal, e and f the same multiple of h and w, 2 or more, "
                 "r = s = stride = 1, no padding";
}
