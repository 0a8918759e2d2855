/* Pairs of equal rank, covariances of kernels, and the few linear equations that they make. */
#include "train/remap_fit.h"

#include "train/kernels/kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- back to a Gaussian ------------------------------------------------------------------------
 */

/* -ln erfc(z / sqrt 2) rises ever faster, so that Newton's steps, from above, stay above. */
double mf_laplace_to_gaussian(double t, double u, double b)
{
    double d = fabs(t - u) / b, z = fmin(sqrt(2 * d) + 1, MF_LAPLACE_MOST);
    if (-log(erfc(MF_LAPLACE_MOST / sqrt(2))) <= d)
        return copysign(MF_LAPLACE_MOST, t - u);
    for (int i = 0; i < 60; i++) {
        double tail = erfc(z / sqrt(2)), slope = sqrt(2 / acos(-1.0)) * exp(-z * z / 2) / tail,
               next = z - (-log(tail) - d) / slope;
        if (fabs(next - z) < 1e-13)
            break;
        z = fmax(next, 0);
    }
    return copysign(z, t - u);
}

/* ---- linear equations --------------------------------------------------------------------------
 */

enum { MOST_UNKNOWNS = 2 + MF_FC_HIDDEN };

/* x of a x = y, a symmetric and positive definite (Cholesky); both are lost. */
static void solve(size_t n, double a[MOST_UNKNOWNS][MOST_UNKNOWNS], double *y, double *x)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++) {
            double sum = a[i][k];
            for (size_t j = 0; j < k; j++)
                sum -= a[i][j] * a[k][j];
            a[i][k] = i == k ? sqrt(fmax(sum, 1e-300)) : sum / a[k][k];
        }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            y[i] -= a[i][k] * y[k];
        y[i] /= a[i][i];
    }
    for (size_t i = n; i-- > 0;) {
        x[i] = y[i];
        for (size_t k = i + 1; k < n; k++)
            x[i] -= a[k][i] * x[k];
        x[i] /= a[i][i];
    }
}

/* Least squares of target on basis functions of w, the last `n_ridged` coefficients held down. */
typedef struct basis {
    size_t n, n_ridged;
    double centre[MF_FC_HIDDEN], width;
} basis;

static void functions_of(const basis *b, double w, double *f)
{
    f[0] = w;
    f[1] = 1;
    for (size_t j = 2; j < b->n; j++) {
        double t = (w - b->centre[j - 2]) / b->width;
        f[j] = t / (1 + fabs(t));
    }
}

static void fit_to(const basis *b, const double *w, const double *target, uint64_t n, double ridge,
                   double *x)
{
    double a[MOST_UNKNOWNS][MOST_UNKNOWNS] = {{0}}, y[MOST_UNKNOWNS] = {0}, f[MOST_UNKNOWNS];
    for (uint64_t i = 0; i < n; i++) {
        functions_of(b, w[i], f);
        for (size_t j = 0; j < b->n; j++) {
            y[j] += f[j] * target[i];
            for (size_t k = 0; k <= j; k++)
                a[j][k] += f[j] * f[k];
        }
    }
    for (size_t j = b->n - b->n_ridged; j < b->n; j++)
        a[j][j] += ridge * (double)n;
    solve(b->n, a, y, x);
}

static bool rises(const basis *b, const double *x, const double *w, uint64_t n)
{
    double f[MOST_UNKNOWNS], before = -INFINITY, step = (w[n - 1] - w[0]) / 1000;
    for (int i = -200; i <= 1200; i++) { /* a little beyond both ends, too */
        double z = 0;
        functions_of(b, w[0] + i * step, f);
        for (size_t j = 0; j < b->n; j++)
            z += x[j] * f[j];
        if (z <= before)
            return false;
        before = z;
    }
    return true;
}

static void write(const double *x, size_t n, float *numbers)
{
    for (size_t i = 0; i < n; i++)
        numbers[i] = (float)x[i];
}

static void fit_mlp(const double *w, const double *z, uint64_t n, double deviation, float *numbers)
{
    basis b = {.n = MOST_UNKNOWNS, .n_ridged = MF_FC_HIDDEN, .width = deviation};
    double x[MOST_UNKNOWNS];
    for (int j = 0; j < MF_FC_HIDDEN; j++)
        b.centre[j] = w[(uint64_t)((j + 0.5) / MF_FC_HIDDEN * (double)n)];
    for (double ridge = 1e-6; ridge < 1e9; ridge *= 10) {
        fit_to(&b, w, z, n, ridge, x);
        if (rises(&b, x, w, n))
            break;
    }
    write(x, 2, numbers);
    numbers[2] = (float)b.width;
    write(b.centre, MF_FC_HIDDEN, numbers + 3);
    write(x + 2, MF_FC_HIDDEN, numbers + 3 + MF_FC_HIDDEN);
}

/* ---- kernels -----------------------------------------------------------------------------------
 */

/* out := a to a power, a symmetric: by Jacobi's rotations, which make a diagonal. a is lost. */
static void power(size_t n, double *a, double exponent, double *vectors, double *out)
{
    for (size_t i = 0; i < n * n; i++)
        vectors[i] = i % (n + 1) == 0;
    for (int sweep = 0; sweep < 60; sweep++) {
        double off = 0;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                double apq = a[p * n + q];
                off += apq * apq;
                if (fabs(apq) < 1e-300)
                    continue;
                double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq),
                       t = copysign(1, theta) / (fabs(theta) + sqrt(theta * theta + 1)),
                       c = 1 / sqrt(t * t + 1), s = t * c;
                for (size_t k = 0; k < n; k++) {
                    double kp = a[k * n + p], kq = a[k * n + q];
                    a[k * n + p] = c * kp - s * kq;
                    a[k * n + q] = s * kp + c * kq;
                }
                for (size_t k = 0; k < n; k++) {
                    double pk = a[p * n + k], qk = a[q * n + k];
                    a[p * n + k] = c * pk - s * qk;
                    a[q * n + k] = s * pk + c * qk;
                }
                for (size_t k = 0; k < n; k++) {
                    double kp = vectors[k * n + p], kq = vectors[k * n + q];
                    vectors[k * n + p] = c * kp - s * kq;
                    vectors[k * n + q] = s * kp + c * kq;
                }
            }
        if (off < 1e-30)
            break;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            out[i * n + k] = 0;
            for (size_t j = 0; j < n; j++)
                out[i * n + k] += vectors[i * n + j] * vectors[k * n + j] *
                                  pow(fmax(a[j * n + j], 1e-12), exponent);
        }
}

static void multiply(size_t n, const double *a, const double *b, double *out)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            out[i * n + k] = 0;
            for (size_t j = 0; j < n; j++)
                out[i * n + k] += a[i * n + j] * b[j * n + k];
        }
}

/* Of the weights of a kernel, over all kernels; a little on the diagonal for those that are few. */
static void covariance(const mf_taps *t, const double *x, double mean, double *a)
{
    size_t k = t->n_taps;
    double trace = 0;
    memset(a, 0, k * k * sizeof *a);
    for (uint64_t o = 0; o < t->n_outer; o++)
        for (uint64_t i = 0; i < t->n_inner; i++) {
            const double *kernel = x + o * k * t->n_inner + i;
            for (size_t p = 0; p < k; p++)
                for (size_t q = 0; q < k; q++)
                    a[p * k + q] +=
                        (kernel[p * t->n_inner] - mean) * (kernel[q * t->n_inner] - mean);
        }
    for (size_t p = 0; p < k * k; p++)
        a[p] /= (double)(t->n_outer * t->n_inner);
    for (size_t p = 0; p < k; p++)
        trace += a[p * (k + 1)];
    for (size_t p = 0; p < k; p++)
        a[p * (k + 1)] += 1e-4 * trace / (double)k;
}

static double mean_of(const double *x, uint64_t n)
{
    double sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

static mf_status fit_taps(const mf_taps *t, const double *w, const double *z, float *numbers,
                          mf_diag *diag)
{
    size_t k = t->n_taps;
    uint64_t n = t->n_outer * k * t->n_inner;
    double *room = calloc(6 * k * k, sizeof *room);
    if (!room)
        return mf_fail_memory(diag);
    double *a = room, *b = a + k * k, *up = b + k * k, *down = up + k * k, *x = down + k * k,
           *y = x + k * k, of_w = mean_of(w, n), of_z = mean_of(z, n), row = 0;
    covariance(t, w, of_w, a);
    memcpy(x, a, k * k * sizeof *x);
    power(k, x, 0.5, y, up);
    power(k, a, -0.5, y, down);
    covariance(t, z, of_z, b);
    multiply(k, up, b, x);
    multiply(k, x, up, a);
    power(k, a, 0.5, y, b);
    multiply(k, down, b, x);
    multiply(k, x, down, a);
    for (size_t i = 0; i < k * k; i++) {
        numbers[i] = (float)a[i];
        row += a[i] / (double)k;
    }
    numbers[k * k] = (float)(of_z - row * of_w);
    free(room);
    return MF_OK;
}

/* ---- a layer -----------------------------------------------------------------------------------
 */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static mf_status fit_all(double *w, double *t, double *z, uint64_t n, const mf_taps *taps,
                         mf_remap_fit *fit, mf_diag *diag)
{
    const basis line = {.n = 2};
    double x[MOST_UNKNOWNS];
    MF_TRY(fit_taps(taps, w, z, fit->fc[MF_FC_TAPS], diag));
    qsort(w, n, sizeof *w, ascending);
    qsort(t, n, sizeof *t, ascending);
    qsort(z, n, sizeof *z, ascending);
    if (!(w[n - 1] > w[0]) || !(t[n - 1] > t[0]))
        return mf_fail(diag, MF_INVALID, "all weights are %g, which nothing can be fitted to",
                       w[n - 1] > w[0] ? t[0] : w[0]);
    fit_to(&line, w, t, n, 0, x);
    write(x, 2, fit->linear);
    fit_to(&line, w, z, n, 0, x);
    write(x, 2, fit->fc[MF_FC_AFFINE]);
    double mean = mean_of(w, n), squares = 0;
    for (uint64_t i = 0; i < n; i++)
        squares += (w[i] - mean) * (w[i] - mean);
    fit_mlp(w, z, n, sqrt(squares / (double)n), fit->fc[MF_FC_MLP]);
    return MF_OK;
}

mf_status mf_remap_fit_of(const float *from, const float *to, uint64_t n, const mf_taps *taps,
                          double u, double b, mf_arena *arena, mf_remap_fit *fit, mf_diag *diag)
{
    double *w = malloc(3 * n * sizeof *w);
    bool there = w;
    *fit = (mf_remap_fit){.n_taps = taps->n_taps};
    for (int i = MF_FC_AFFINE; i < MF_N_FCS && there; i++) {
        fit->fc[i] = MF_NEW_ARRAY(arena, float, mf_fc_size((mf_fc)i, taps->n_taps));
        there = fit->fc[i];
    }
    if (!there) {
        free(w);
        return mf_fail_memory(diag);
    }
    for (uint64_t i = 0; i < n; i++) {
        w[i] = (double)from[i];
        w[n + i] = (double)to[i];
        w[2 * n + i] = mf_laplace_to_gaussian((double)to[i], u, b);
    }
    mf_status status = fit_all(w, w + n, w + 2 * n, n, taps, fit, diag);
    free(w);
    return status;
}
