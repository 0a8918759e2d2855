/* One file for each form of map (train/remap.h). Private to train/remap*.c. */
#ifndef MF_TRAIN_REMAP_MAPS_H
#define MF_TRAIN_REMAP_MAPS_H

#include "base/random.h"
#include "train/remap.h"
#include "train/remap_fc.h"

/* What a form of map does, of numbers from source->sliced to source->own->value. */
typedef struct mf_remap mf_remap;
typedef struct mf_remap_kind {
    /* How many parameters it has (source->map_parameters), and how they begin; NULL without any. */
    uint64_t (*n_parameters)(const mf_remap *map);
    void (*begin)(const mf_remap *map, float *parameters);
    void (*forward)(mf_remap *map, const mf_source *source);
    /* The gradient of what came out, in place, to that of what went in; that of parameters which
     * learn into source->map_parameters->gradient. */
    void (*pull_back)(mf_remap *map, const mf_source *source, float *gradient);
    /* In the middle of the distribution. */
    double (*slope)(const mf_remap *map, const mf_source *source);
} mf_remap_kind;

struct mf_remap {
    mf_source_map map; /* the first: what is given is where it lies */
    const mf_remap_kind *kind;
    mf_remap_options how;
    double gradient_rms; /* 0: as it is */
    mf_random random;    /* of what it begins with */
    mf_taps taps;
    const mf_kernels *kernels;
    float *scratch;     /* as many as the layer has weights */
    mf_laplace laplace; /* of the last pass, as its deviation */
    double deviation;
};

extern const mf_remap_kind mf_remap_plain, mf_remap_laplace, mf_remap_linear, mf_remap_kernel;

/* The polynomials of laplace->value and ->slope. */
void mf_remap_interpolate(mf_laplace *laplace);

#endif
