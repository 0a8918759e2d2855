#include "cli/spread.h"

#include <math.h>

void mf_spread_add(mf_spread *s, double value)
{
    double before = value - s->mean;
    s->mean += before / (double)++s->n;
    s->squares += before * (value - s->mean);
}

double mf_spread_deviation(const mf_spread *s)
{
    return s->n > 1 ? sqrt(s->squares / (double)(s->n - 1)) : 0;
}

/* Integral of cos^power from 0 to `angle`, by Simpson's rule. */
static double cosines(double angle, size_t power)
{
    enum { PARTS = 400 };
    double sum = 0, step = angle / PARTS;
    for (int i = 0; i <= PARTS; i++)
        sum += pow(cos(i * step), (double)power) * (i == 0 || i == PARTS ? 1 : i % 2 ? 4 : 2);
    return sum * step / 3;
}

/* With t = tan(a) sqrt(freedom) the density of t is that of cos(a)^(freedom - 1). */
double mf_student_95(size_t freedom)
{
    double low = 0, high = acos(0.0), whole = cosines(high, freedom - 1);
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (cosines(middle, freedom - 1) < 0.95 * whole)
            low = middle;
        else
            high = middle;
    }
    return tan(low) * sqrt((double)freedom);
}
