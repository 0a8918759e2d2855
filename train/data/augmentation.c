/* Which knobs contradict each other, and what is drawn from those that do not. */
#include "train/data/view.h"

#include <math.h>

/* Comparisons are written so that a NaN fails them. */
static mf_status check_crops(const mf_augmentation *a, const mf_pictures *pictures, mf_diag *diag)
{
    const bool resized = a->scale[0] != 0 || a->scale[1] != 0;
    const bool shaped = a->ratio[0] != 0 || a->ratio[1] != 0;
    if (a->pad_pixels >= pictures->rows || a->pad_pixels >= pictures->columns)
        return mf_fail(diag, MF_INVALID,
                       "augmentation: a pad of %u pixels; pictures of %s have only %u x %u",
                       a->pad_pixels, pictures->name, pictures->rows, pictures->columns);
    if (resized && !(a->scale[0] > 0 && a->scale[0] <= a->scale[1] && a->scale[1] <= 1))
        return mf_fail(diag, MF_INVALID,
                       "augmentation: scale from %g to %g; expected 0 < low <= high <= 1",
                       a->scale[0], a->scale[1]);
    if (shaped && !resized)
        return mf_fail(diag, MF_INVALID,
                       "augmentation: ratio from %g to %g without a scale: nothing is cropped",
                       a->ratio[0], a->ratio[1]);
    if (shaped && !(a->ratio[0] > 0 && a->ratio[0] <= a->ratio[1] && a->ratio[1] <= 1000))
        return mf_fail(diag, MF_INVALID,
                       "augmentation: ratio from %g to %g; expected 0 < low <= high <= 1000",
                       a->ratio[0], a->ratio[1]);
    if (resized && a->pad_pixels)
        return mf_fail(
            diag, MF_INVALID,
            "augmentation: a pad of %u pixels and a scale from %g to %g: choose one crop",
            a->pad_pixels, a->scale[0], a->scale[1]);
    if (!(a->centre >= 0 && a->centre <= 1))
        return mf_fail(diag, MF_INVALID, "augmentation: centre %g; expected 0 to 1", a->centre);
    if (a->centre != 0 && (resized || a->pad_pixels))
        return mf_fail(diag, MF_INVALID,
                       "augmentation: centre %g and a random crop (%s): choose one crop", a->centre,
                       resized ? "scale" : "pad");
    return MF_OK;
}

static mf_status check_colours(const mf_augmentation *a, const mf_pictures *pictures, mf_diag *diag)
{
    if (!(a->brightness >= 0 && a->brightness <= 1))
        return mf_fail(diag, MF_INVALID, "augmentation: brightness %g; expected 0 to 1",
                       a->brightness);
    if (!(a->saturation >= 0 && a->saturation <= 1))
        return mf_fail(diag, MF_INVALID, "augmentation: saturation %g; expected 0 to 1",
                       a->saturation);
    if (a->saturation != 0 && pictures->channels != 3)
        return mf_fail(diag, MF_INVALID, "augmentation: saturation %g, but pictures of %s are grey",
                       a->saturation, pictures->name);
    for (uint32_t c = 0; c < pictures->channels; c++) {
        if (!isfinite(a->mean[c]))
            return mf_fail(diag, MF_INVALID, "augmentation: mean %g of channel %u",
                           (double)a->mean[c], c);
        if (!(a->deviation[c] > 0 && isfinite(a->deviation[c])))
            return mf_fail(diag, MF_INVALID,
                           "augmentation: deviation %g of channel %u; expected above 0",
                           (double)a->deviation[c], c);
    }
    return MF_OK;
}

mf_status mf_augmentation_check(const mf_augmentation *augmentation, const mf_pictures *pictures,
                                mf_diag *diag)
{
    MF_TRY(check_crops(augmentation, pictures, diag));
    return check_colours(augmentation, pictures, diag);
}

static double real_between(mf_random *random, double low, double high)
{
    return low + (high - low) * mf_random_real(random);
}

/* low * (high / low) ^ u for a random u, so that a ratio and its inverse are as likely. By square
 * roots, one per binary digit of u, because these are exact everywhere and exp and log are not. */
static double real_between_logarithmic(mf_random *random, double low, double high)
{
    double root = high / low, value = low;
    uint64_t digits = mf_random_bits(random);
    for (int i = 0; i < 32; i++, digits >>= 1) {
        root = sqrt(root);
        if (digits & 1)
            value *= root;
    }
    return value;
}

static void place(mf_view *view, uint32_t rows, uint32_t columns, mf_random *random)
{
    view->top = (int32_t)mf_random_between(random, 0, rows - view->rows);
    view->left = (int32_t)mf_random_between(random, 0, columns - view->columns);
}

static void place_centrally(mf_view *view, uint32_t rows, uint32_t columns)
{
    view->top = (int32_t)((rows - view->rows) / 2);
    view->left = (int32_t)((columns - view->columns) / 2);
}

static uint32_t at_least_1(double x)
{
    return x < 1.5 ? 1 : (uint32_t)(x + 0.5);
}

/* Ten tries to fit area and ratio into the picture, then the central part of the nearest ratio: as
 * in Szegedy et al. (2015) and every trainer since. */
static void crop_resized(const mf_augmentation *a, uint32_t rows, uint32_t columns, mf_view *view,
                         mf_random *random)
{
    const double low = a->ratio[0] != 0 ? a->ratio[0] : 3.0 / 4;
    const double high = a->ratio[1] != 0 ? a->ratio[1] : 4.0 / 3;
    for (int attempt = 0; attempt < 10; attempt++) {
        double area = (double)rows * columns * real_between(random, a->scale[0], a->scale[1]);
        double ratio = real_between_logarithmic(random, low, high);
        view->columns = at_least_1(sqrt(area * ratio));
        view->rows = at_least_1(sqrt(area / ratio));
        if (view->rows <= rows && view->columns <= columns) {
            place(view, rows, columns, random);
            return;
        }
    }
    const double own = (double)columns / rows;
    view->rows = own < low ? at_least_1(columns / low) : rows;
    view->columns = own > high ? at_least_1(rows * high) : columns;
    place_centrally(view, rows, columns);
}

mf_view mf_view_draw(const mf_augmentation *a, uint32_t rows, uint32_t columns, mf_random *random)
{
    mf_view view = {.rows = rows, .columns = columns, .brightness = 1, .saturation = 1};
    if (a->pad_pixels) {
        view.top =
            (int32_t)mf_random_between(random, 0, 2 * a->pad_pixels) - (int32_t)a->pad_pixels;
        view.left =
            (int32_t)mf_random_between(random, 0, 2 * a->pad_pixels) - (int32_t)a->pad_pixels;
    } else if (a->scale[1] != 0) {
        crop_resized(a, rows, columns, &view, random);
    } else if (a->centre != 0) {
        view.rows = at_least_1(rows * a->centre);
        view.columns = at_least_1(columns * a->centre);
        place_centrally(&view, rows, columns);
    }
    if (a->flip)
        view.flip = mf_random_bits(random) >> 63;
    if (a->brightness != 0)
        view.brightness = (float)real_between(random, 1 - a->brightness, 1 + a->brightness);
    if (a->saturation != 0)
        view.saturation = (float)real_between(random, 1 - a->saturation, 1 + a->saturation);
    return view;
}
