/* Where do training pictures come from, and how do they become batches of float32 NHWC?
 *
 *   files or the generator --load--> pictures (uint8, one size) --loader--> batches (float32)
 *                                                                  ^
 *                 crop, flip, colours, resize, normalise: mf_augmentation
 *
 * A set is loaded once and then only read. The loader makes batches ahead on threads of its own;
 * what a picture looks like depends on seed, epoch and the picture's index alone, never on threads
 * or on where a run was interrupted. */
#ifndef MF_TRAIN_DATA_DATA_H
#define MF_TRAIN_DATA_DATA_H

#include "base/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MF_MAX_CHANNELS = 3,       /* pictures are grey (1 channel) or red, green, blue (3) */
    MF_MAX_SIDE_PIXELS = 2048, /* of pictures in a set and of the network's input */
};

/* ---- pictures ---------------------------------------------------------------------------------
 */

/* A labelled set in memory, owned by its creator, read-only once loaded. */
typedef struct mf_pictures {
    const char *name; /* the specification it was loaded from */
    size_t n;
    uint32_t rows, columns, channels;
    uint32_t n_classes;
    const char *const *class_names; /* n_classes names, or NULL where they are not known */
    uint8_t *pixels;                /* [n][rows][columns][channels], 0 to 255 */
    uint32_t *labels;               /* [n], below n_classes */
    struct mf_arena *arena;
} mf_pictures;

/* Which part of a set, and at which size. */
typedef struct mf_pictures_options {
    bool training;          /* the training part; else the part held out for testing */
    uint32_t rows, columns; /* of pictures from image folders, which are brought to this size;
                               0: 64. All other sources have a size of their own */
} mf_pictures_options;

/* Load "SOURCE:WHERE", for example "cifar10:/data/cifar-10-batches-bin", or "shapes";
 * train/data/sources.def lists the sources. A wrong or damaged file is an error that names it and
 * what was found in it. */
mf_status mf_pictures_load(const char *spec, const mf_pictures_options *options,
                           mf_pictures **pictures, mf_diag *diag);
void mf_pictures_destroy(mf_pictures *pictures);

/* The source names and what they expect, for help texts; false beyond the last one. */
bool mf_pictures_source(size_t index, const char **usage, const char **about);

/* Picture `index`, [rows][columns][channels]. */
static inline const uint8_t *mf_pictures_at(const mf_pictures *pictures, size_t index)
{
    return pictures->pixels +
           index * pictures->rows * pictures->columns * (size_t)pictures->channels;
}

/* Mean and standard deviation of each channel over the whole set, as fractions of 255. */
void mf_pictures_measure(const mf_pictures *pictures, float mean[MF_MAX_CHANNELS],
                         float deviation[MF_MAX_CHANNELS]);

/* Can a network trained on one set be tested on the other: same channels and classes? Sizes may
 * differ, the loader resizes. */
mf_status mf_pictures_match(const mf_pictures *training, const mf_pictures *held_out,
                            mf_diag *diag);

/* ---- augmentation -----------------------------------------------------------------------------
 */

/* What is done to a picture on its way into a batch, in this order; zero means: not done. Only the
 * deviations must always be given (1 and a mean of 0 leave values in [0, 1]). */
typedef struct mf_augmentation {
    uint32_t pad_pixels; /* shift by up to this many pixels each way; black comes in */
    double scale[2];     /* random resized crop: share of the picture's area, low to high, */
    double ratio[2];     /* and its width over height; {0, 0} with a scale: 3/4 to 4/3 */
    double centre;       /* for testing: only the central part, this share of each side */
    bool flip;           /* mirror left and right, every second time */
    double brightness;   /* factor drawn from [1 - brightness, 1 + brightness] */
    double saturation;   /* likewise: 0 is grey, 1 as it was (colour pictures only) */
    float mean[MF_MAX_CHANNELS];      /* then resized (bilinear, antialiased) and normalised: */
    float deviation[MF_MAX_CHANNELS]; /* (value / 255 - mean) / deviation */
} mf_augmentation;

/* Do the knobs make sense together, and for these pictures? */
mf_status mf_augmentation_check(const mf_augmentation *augmentation, const mf_pictures *pictures,
                                mf_diag *diag);

/* ---- loader -----------------------------------------------------------------------------------
 */

typedef struct mf_loader mf_loader;

typedef struct mf_loader_options {
    size_t batch_size;
    uint32_t rows, columns; /* of the network's input; 0: the pictures' own */
    mf_augmentation augmentation;
    uint64_t seed;
    size_t n_threads; /* making batches ahead; 0: each is made when it is asked for */
    bool shuffle;     /* a new order every epoch; else the order of the set */
    bool drop_last;   /* leave out a last batch that is not full */
    size_t from, to;  /* only these pictures of each batch are made; 0 and 0: all */
} mf_loader_options;

/* Where a loader stands: the batch that comes next. */
typedef struct mf_position {
    uint64_t epoch;
    size_t batch; /* in its epoch */
} mf_position;

/* One batch, owned by the loader and valid until the next call on it. */
typedef struct mf_batch {
    const float *images;     /* [n][rows][columns][channels], aligned to 64 bytes */
    const uint32_t *labels;  /* [n] */
    const uint32_t *indices; /* [n], which pictures of the set these are */
    size_t n;                /* batch_size, or less in the last batch of an epoch */
    mf_position position;
} mf_batch;

/* A loader at the beginning of epoch 0. Borrows `pictures`. One thread at a time may call it. */
mf_status mf_loader_create(const mf_pictures *pictures, const mf_loader_options *options,
                           mf_loader **loader, mf_diag *diag);
void mf_loader_destroy(mf_loader *loader);

/* The next batch, waiting for it if need be; after the last one of an epoch comes the first one of
 * the next. Cannot fail: all memory was taken at creation. */
mf_batch mf_loader_next(mf_loader *loader);

/* Batches per epoch. */
size_t mf_loader_n_batches(const mf_loader *loader);

/* Read the position, to be stored with a checkpoint; go there, to resume with the same batches. */
mf_position mf_loader_position(const mf_loader *loader);
mf_status mf_loader_seek(mf_loader *loader, mf_position position, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
