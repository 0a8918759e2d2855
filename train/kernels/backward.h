/* What do the gradients of dense and depthwise convolutions have in common? How the maps are read,
 * where dx goes, and the sums that threads make on the way: those of batch norm for the input, and
 * of the columns of g, for the bias and for Add's correction of dw. */
#ifndef MF_TRAIN_KERNELS_BACKWARD_H
#define MF_TRAIN_KERNELS_BACKWARD_H

#include "train/kernels/internal.h"
#include "train/kernels/read.h"

/* What one thread works with. */
typedef struct mf_gradient_pass {
    const mf_conv_gradients *b;
    float *part; /* of the scratch */
    const mf_scratch *layout;
    mf_reader x, g;
    mf_summer summer;
    double *g_sums; /* [M] */
} mf_gradient_pass;

#define mf_gradient_pass_begin MF_OWN(gradient_pass_begin)
mf_gradient_pass mf_gradient_pass_begin(const mf_conv_gradients *b, const mf_places *places);

/* g of pixels joins the sums, if anybody wants them. */
#define mf_gradient_pass_sum MF_OWN(gradient_pass_sum)
void mf_gradient_pass_sum(mf_gradient_pass *pass, size_t n_pixels, const float *g);

/* Where dx of the input's pixels from `first` on is to be computed; and once it is, n of them. */
#define mf_gradient_pass_dx MF_OWN(gradient_pass_dx)
float *mf_gradient_pass_dx(const mf_gradient_pass *pass, size_t first);
#define mf_gradient_pass_done MF_OWN(gradient_pass_done)
void mf_gradient_pass_done(mf_gradient_pass *pass, size_t first, size_t n_pixels, float *dx);

#define mf_gradient_pass_end MF_OWN(gradient_pass_end)
void mf_gradient_pass_end(mf_gradient_pass *pass);

/* After a barrier, by one thread: all threads' sums of batch norm to where they belong; the sums of
 * g to the bias, and to the first thread's place, which is what comes back. */
#define mf_gradient_pass_gather MF_OWN(gradient_pass_gather)
const double *mf_gradient_pass_gather(const mf_conv_gradients *b, const mf_places *places,
                                      size_t n_threads);

#endif
