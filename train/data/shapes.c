/* Ten kinds of shapes, generated: a set to try everything on that needs no file. Place, size, turn,
 * colours, background and noise are random, so that no pixel tells the kind by itself; a small
 * convolutional network learns it within a minute.
 *
 * Only operations that every machine rounds alike (+ - * / sqrt floor): the set is the same
 * everywhere, byte for byte. */
#include "train/data/source.h"

#include "base/random.h"

#include <math.h>

enum {
    SIDE = 32,
    N_TRAINING = 10000,
    N_TESTING = 2000,
    SEED_TRAINING = 101,
    SEED_TESTING = 202,
    SAMPLES = 2 /* per pixel and direction: softens edges */
};

/* Tangent of half the largest turn, 20 degrees: more would make a plus a cross. */
#define MOST_TURN 0.176

/* One shape: centre and radius in pixels, turn as cosine and sine, and what some kinds vary. */
typedef struct shape {
    double x, y, radius, cosine, sine;
    double inner;        /* size of a hole over size of the whole */
    double arm;          /* half the width of an arm, in radii */
    double waves, phase; /* of stripes: periods per radius */
} shape;

typedef struct colour {
    double value[3];
} colour;

/* ---- kinds: is the point (u, v), in radii from the centre, inside? ------------------------------
 */

static double magnitude(double x)
{
    return x < 0 ? -x : x;
}

static bool within(double side, double u, double v)
{
    return magnitude(u) <= side && magnitude(v) <= side;
}

static bool disc(const shape *s, double u, double v)
{
    (void)s;
    return u * u + v * v <= 1;
}

static bool ring(const shape *s, double u, double v)
{
    return u * u + v * v <= 1 && u * u + v * v >= s->inner * s->inner;
}

static bool square(const shape *s, double u, double v)
{
    (void)s;
    return within(0.85, u, v);
}

static bool frame(const shape *s, double u, double v)
{
    return within(0.85, u, v) && !within(0.85 * s->inner, u, v);
}

static bool triangle(const shape *s, double u, double v)
{
    (void)s;
    return v <= 0.5 && 1.7320508 * magnitude(u) <= v + 1;
}

static bool plus(const shape *s, double u, double v)
{
    return within(1, u, v) && (magnitude(u) <= s->arm || magnitude(v) <= s->arm);
}

static bool cross(const shape *s, double u, double v)
{
    return plus(s, (u + v) * 0.70710678, (u - v) * 0.70710678);
}

static bool wave(const shape *s, double u)
{
    double turns = u * s->waves + s->phase;
    return turns - floor(turns) < 0.5;
}

static bool horizontal(const shape *s, double u, double v)
{
    return within(0.95, u, v) && wave(s, v);
}

static bool vertical(const shape *s, double u, double v)
{
    return within(0.95, u, v) && wave(s, u);
}

static bool checker(const shape *s, double u, double v)
{
    return within(0.95, u, v) && wave(s, u) != wave(s, v);
}

/* Beyond `reach` radii from the centre no point is inside: most pixels need no further look. */
static const struct kind {
    const char *name;
    bool (*inside)(const shape *s, double u, double v);
    double reach;
} kinds[] = {
    {"disc", disc, 1.001},
    {"ring", ring, 1.001},
    {"square", square, 1.203}, /* 0.85 sqrt(2) */
    {"frame", frame, 1.203},
    {"triangle", triangle, 1.001},
    {"plus", plus, 1.061}, /* sqrt(1 + 0.35^2) */
    {"cross", cross, 1.061},
    {"horizontal stripes", horizontal, 1.345}, /* 0.95 sqrt(2) */
    {"vertical stripes", vertical, 1.345},
    {"checker", checker, 1.345},
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

/* ---- drawing ------------------------------------------------------------------------------------
 */

static double between(mf_random *random, double low, double high)
{
    return low + (high - low) * mf_random_real(random);
}

/* An angle of up to 2 * atan(most) either way, without calling a sine. */
static void turn(mf_random *random, double most, double *cosine, double *sine)
{
    double t = between(random, -most, most);
    *cosine = (1 - t * t) / (1 + t * t);
    *sine = 2 * t / (1 + t * t);
}

static shape draw_shape(mf_random *random)
{
    shape s = {.radius = between(random, 8, 12)};
    s.x = between(random, 11, SIDE - 11);
    s.y = between(random, 11, SIDE - 11);
    turn(random, MOST_TURN, &s.cosine, &s.sine);
    s.inner = between(random, 0.5, 0.7);
    s.arm = between(random, 0.2, 0.35);
    s.waves = between(random, 1, 1.5);
    s.phase = between(random, 0, 1);
    return s;
}

static colour draw_colour(mf_random *random)
{
    colour c;
    for (int i = 0; i < 3; i++)
        c.value[i] = between(random, 0, 255);
    return c;
}

static double distance(const colour *a, const colour *b)
{
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += magnitude(a->value[i] - b->value[i]);
    return sum;
}

/* Samples' distances from the centre along and across the picture, times cosine and sine: half of
 * what turning a point takes is the same for a whole row or column of them. */
typedef struct turned {
    double cosine[SIDE * SAMPLES], sine[SIDE * SAMPLES];
} turned;

static turned turn_distances(const shape *s, double centre)
{
    turned t;
    for (size_t i = 0; i < (size_t)SIDE * SAMPLES; i++) {
        double d = (double)(i / SAMPLES) + ((double)(i % SAMPLES) + 0.5) / SAMPLES - centre;
        t.cosine[i] = d * s->cosine;
        t.sine[i] = d * s->sine;
    }
    return t;
}

/* How much of pixel (x, y) the shape covers, 0 to 1. */
static double coverage(const shape *s, const struct kind *kind, const turned *across,
                       const turned *down, size_t x, size_t y)
{
    const double to_sample = 0.36; /* from the centre of the pixel: sqrt(2) / 4 */
    const double reach = kind->reach * s->radius + to_sample;
    const double dx = (double)x + 0.5 - s->x, dy = (double)y + 0.5 - s->y;
    int n = 0;
    if (dx * dx + dy * dy > reach * reach)
        return 0;
    for (size_t k = 0; k < SAMPLES * SAMPLES; k++) {
        size_t i = x * SAMPLES + k % SAMPLES, j = y * SAMPLES + k / SAMPLES;
        n += kind->inside(s, (across->cosine[i] + down->sine[j]) / s->radius,
                          (down->cosine[j] - across->sine[i]) / s->radius);
    }
    return (double)n / (SAMPLES * SAMPLES);
}

/* What a row of a picture is mixed of, pixel by pixel. */
typedef struct row {
    double covered[SIDE];  /* how much of the shape is there, 0 to 1 */
    double along[SIDE];    /* how far from one colour of the background to the other */
    int32_t bits[3][SIDE]; /* of the noise, 16 for each colour */
} row;

/* One colour of a row, rounded and kept within a byte. Without a branch: values at either end are
 * as many as others, and nobody could foretell which. */
static void mix(const row *r, int c, const colour *back, const colour *front, double noise,
                uint8_t *pixels)
{
    int32_t bytes[SIDE];
    const double from = back[0].value[c], way = back[1].value[c] - back[0].value[c];
    for (size_t x = 0; x < SIDE; x++) {
        double value = from + way * r->along[x];
        value += (front->value[c] - value) * r->covered[x];
        value += noise * ((double)r->bits[c][x] / 32768 - 1);
        value += 0.5;
        value = value > 0 ? value : 0;
        value = value < 255 ? value : 255;
        bytes[x] = (int32_t)value;
    }
    for (size_t x = 0; x < SIDE; x++)
        pixels[3 * x + (size_t)c] = (uint8_t)bytes[x];
}

/* The background runs from one colour to a near one in a random direction; the shape's colour is
 * far from both. */
static void draw_picture(mf_random *random, const struct kind *kind, uint8_t *pixels)
{
    const shape s = draw_shape(random);
    const turned turned_x = turn_distances(&s, s.x), turned_y = turn_distances(&s, s.y);
    colour back[2] = {draw_colour(random)}, front;
    for (int i = 0; i < 3; i++)
        back[1].value[i] = back[0].value[i] + between(random, -60, 60);
    for (int tries = 0; tries < 50; tries++) {
        front = draw_colour(random);
        if (distance(&front, &back[0]) >= 250 && distance(&front, &back[1]) >= 250)
            break;
    }
    double across, down;
    turn(random, 1, &across, &down);
    const double noise = between(random, 0, 16);
    for (size_t y = 0; y < SIDE; y++) {
        row r;
        for (size_t x = 0; x < SIDE; x++) {
            uint64_t bits = mf_random_bits(random);
            for (int c = 0; c < 3; c++)
                r.bits[c][x] = (int32_t)(bits >> 16 * c & 0xffff);
            r.covered[x] = coverage(&s, kind, &turned_x, &turned_y, x, y);
            r.along[x] = 0.5 + (((double)x - SIDE / 2) * across + ((double)y - SIDE / 2) * down) /
                                   (1.5 * SIDE);
        }
        for (int c = 0; c < 3; c++)
            mix(&r, c, back, &front, noise, pixels + y * SIDE * 3);
    }
}

mf_status mf_source_shapes(const char *where, const mf_pictures_options *options,
                           mf_pictures **pictures, mf_diag *diag)
{
    (void)where;
    const size_t n = options->training ? N_TRAINING : N_TESTING;
    mf_pictures *made;
    MF_TRY(mf_pictures_create("shapes", n, SIDE, SIDE, 3, N_KINDS, &made, diag));
    const char **names = MF_NEW_ARRAY(made->arena, const char *, N_KINDS);
    if (!names) {
        mf_pictures_destroy(made);
        return mf_fail_memory(diag);
    }
    for (size_t i = 0; i < N_KINDS; i++)
        names[i] = kinds[i].name;
    made->class_names = names;
    for (size_t i = 0; i < n; i++) {
        mf_random random = mf_random_stream(options->training ? SEED_TRAINING : SEED_TESTING, i);
        made->labels[i] = (uint32_t)(i % N_KINDS);
        draw_picture(&random, &kinds[made->labels[i]], made->pixels + i * SIDE * SIDE * 3);
    }
    *pictures = made;
    return MF_OK;
}
