/* What does the network see of a picture this time? A view says which part is looked at and how;
 * drawing one is the only random step. A renderer turns picture and view into float32 NHWC. */
#ifndef MF_TRAIN_DATA_VIEW_H
#define MF_TRAIN_DATA_VIEW_H

#include "base/random.h"
#include "train/data/data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A window of rows x columns source pixels, which may reach over the edges: there it is black. */
typedef struct mf_view {
    int32_t top, left;
    uint32_t rows, columns;
    bool flip;
    float brightness, saturation; /* factors; 1 changes nothing */
} mf_view;

/* Draw the view of a rows x columns picture. `augmentation` has been checked. */
mf_view mf_view_draw(const mf_augmentation *augmentation, uint32_t rows, uint32_t columns,
                     mf_random *random);

/* Scratch memory and taps for rendering; one per thread. */
typedef struct mf_renderer mf_renderer;

/* A renderer of pictures of one set into rows x columns; NULL when memory is out. */
mf_renderer *mf_renderer_create(const mf_pictures *pictures, const mf_augmentation *augmentation,
                                uint32_t rows, uint32_t columns);
void mf_renderer_destroy(mf_renderer *renderer);

/* Window, colours, resize, normalise: out[rows][columns][channels]. The window is no larger than
 * the picture. */
void mf_render(mf_renderer *renderer, const uint8_t *picture, const mf_view *view, float *out);

#ifdef __cplusplus
}
#endif

#endif
