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

static const struct kind {
    const char *name;
    bool (*inside)(const shape *s, double u, double v);
} kinds[] = {
    {"disc", disc},
    {"ring", ring},
    {"square", square},
    {"frame", frame},
    {"triangle", triangle},
    {"plus", plus},
    {"cross", cross},
    {"horizontal stripes", horizontal},
    {"vertical stripes", vertical},
    {"checker", checker},
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

/* How much of pixel (x, y) the shape covers, 0 to 1. */
static double coverage(const shape *s, const struct kind *kind, size_t x, size_t y)
{
    int n = 0;
    for (int i = 0; i < SAMPLES * SAMPLES; i++) {
        double dx = (double)x + (i % SAMPLES + 0.5) / SAMPLES - s->x;
        double dy = (double)y + (i / SAMPLES + 0.5) / SAMPLES - s->y;
        n += kind->inside(s, (dx * s->cosine + dy * s->sine) / s->radius,
                          (dy * s->cosine - dx * s->sine) / s->radius);
    }
    return (double)n / (SAMPLES * SAMPLES);
}

static uint8_t to_byte(double x)
{
    return x < 0.5 ? 0 : x < 254.5 ? (uint8_t)(x + 0.5) : 255;
}

/* The background runs from one colour to a near one in a random direction; the shape's colour is
 * far from both. */
static void draw_picture(mf_random *random, const struct kind *kind, uint8_t *pixels)
{
    const shape s = draw_shape(random);
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
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++) {
            double covered = coverage(&s, kind, x, y);
            double along = 0.5 + (((double)x - SIDE / 2) * across + ((double)y - SIDE / 2) * down) /
                                     (1.5 * SIDE);
            uint64_t bits = mf_random_bits(random);
            for (int c = 0; c < 3; c++, bits >>= 16) {
                double value = back[0].value[c] + (back[1].value[c] - back[0].value[c]) * along;
                value += (front.value[c] - value) * covered;
                value += noise * ((double)(bits & 0xffff) / 32768 - 1);
                *pixels++ = to_byte(value);
            }
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
