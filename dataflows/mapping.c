/* The words of a loop nest, and what makes one well-formed. */
#include "dataflows/mapping.h"

#include <inttypes.h>
#include <string.h>

const char *mf_dimension_name(int dimension)
{
    static const char *const names[] = {
#define MF_DIMENSION(NAME, text) #NAME,
#include "dataflows/dimensions.def"
#undef MF_DIMENSION
    };
    return names[dimension];
}

const char *mf_dimension_text(int dimension)
{
    static const char *const texts[] = {
#define MF_DIMENSION(NAME, text) text,
#include "dataflows/dimensions.def"
#undef MF_DIMENSION
    };
    return texts[dimension];
}

const char *mf_tensor_name(int tensor)
{
    static const char *const names[] = {
#define MF_TENSOR(NAME, name, dimensions) #name,
#include "dataflows/tensors.def"
#undef MF_TENSOR
    };
    return names[tensor];
}

unsigned mf_tensor_dimensions(int tensor)
{
    static const unsigned masks[] = {
#define MF_ON(D)                          MF_BIT(MF_##D)
#define MF_TENSOR(NAME, name, dimensions) dimensions,
#include "dataflows/tensors.def"
#undef MF_TENSOR
#undef MF_ON
    };
    return masks[tensor];
}

const char *mf_buffering_name(int buffering)
{
    static const char *const names[MF_N_BUFFERINGS] = {"single", "double", "freed"};
    return names[buffering];
}

mf_work mf_work_of(const mf_shape *s)
{
    mf_work work = {.h = (uint32_t)s->h,
                    .w = (uint32_t)s->w,
                    .stride = (uint32_t)s->stride,
                    .pad_rows = (uint32_t)s->pad_rows,
                    .pad_columns = (uint32_t)s->pad_columns};
    work.size[MF_N] = (uint32_t)s->n;
    work.size[MF_G] = (uint32_t)s->g;
    work.size[MF_M] = (uint32_t)(s->m / s->g);
    work.size[MF_C] = (uint32_t)(s->c / s->g);
    work.size[MF_E] = (uint32_t)s->e;
    work.size[MF_F] = (uint32_t)s->f;
    work.size[MF_R] = (uint32_t)s->r;
    work.size[MF_S] = (uint32_t)s->s;
    return work;
}

mf_shape mf_work_shape(const mf_work *w)
{
    const uint32_t *size = w->size;
    return (mf_shape){.n = size[MF_N],
                      .m = (uint64_t)size[MF_G] * size[MF_M],
                      .c = (uint64_t)size[MF_G] * size[MF_C],
                      .g = size[MF_G],
                      .h = w->h,
                      .w = w->w,
                      .r = size[MF_R],
                      .s = size[MF_S],
                      .e = size[MF_E],
                      .f = size[MF_F],
                      .stride = w->stride,
                      .pad_rows = w->pad_rows,
                      .pad_columns = w->pad_columns};
}

uint64_t mf_work_macs(const mf_work *work)
{
    uint64_t macs = 1;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        macs *= work->size[d];
    return macs;
}

uint64_t mf_mapping_pes(const mf_mapping *mapping, mf_tile_level level)
{
    uint64_t pes = 1;
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        uint64_t inner = mapping->tile[level - 1][d];
        pes *= (mapping->tile[level][d] + inner - 1) / inner;
    }
    return pes;
}

static mf_status check_tiles(const mf_mapping *m, const mf_work *work, int d, mf_diag *diag)
{
    uint32_t reg = m->tile[MF_REGISTER][d], columns = m->tile[MF_COLUMNS][d],
             rows = m->tile[MF_ROWS][d], buffer = m->tile[MF_BUFFER][d];
    if (!(1 <= reg && reg <= columns && columns <= rows && rows <= buffer &&
          buffer <= work->size[d]))
        return mf_fail(
            diag, MF_INVALID,
            "tiles of %s (%s): a tile must hold the one inside: 1 <= register %" PRIu32
            " <= columns %" PRIu32 " <= rows %" PRIu32 " <= buffer %" PRIu32 " <= size %" PRIu32,
            mf_dimension_name(d), mf_dimension_text(d), reg, columns, rows, buffer, work->size[d]);
    if (columns % reg != 0 && columns != rows)
        return mf_fail(diag, MF_INVALID,
                       "tiles of %s (%s): columns %" PRIu32
                       " is not a multiple of register %" PRIu32 ", though rows go on",
                       mf_dimension_name(d), mf_dimension_text(d), columns, reg);
    return MF_OK;
}

mf_status mf_mapping_check_nest(const mf_mapping *mapping, const mf_work *work, mf_diag *diag)
{
    static const char *const levels[MF_N_LOOP_LEVELS] = {"DRAM", "buffer"};
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        MF_TRY(check_tiles(mapping, work, d, diag));
    for (int level = 0; level < MF_N_LOOP_LEVELS; level++) {
        unsigned seen = 0;
        for (int i = 0; i < MF_N_DIMENSIONS; i++) {
            uint8_t d = mapping->order[level][i];
            if (d >= MF_N_DIMENSIONS || seen & MF_BIT(d))
                return mf_fail(diag, MF_INVALID, "%s loops: %s is there twice", levels[level],
                               d < MF_N_DIMENSIONS ? mf_dimension_name(d) : "an unknown dimension");
            seen |= MF_BIT(d);
        }
    }
    return MF_OK;
}

void mf_mapping_normalise(mf_mapping *mapping, const mf_work *work)
{
    for (int level = 0; level < MF_N_LOOP_LEVELS; level++) {
        uint8_t sorted[MF_N_DIMENSIONS];
        int n = 0;
        for (int moving = 0; moving < 2; moving++) {
            for (int i = 0; i < MF_N_DIMENSIONS; i++) {
                int d = moving ? mapping->order[level][i] : i;
                uint32_t outer =
                    level == MF_DRAM_LOOPS ? work->size[d] : mapping->tile[MF_BUFFER][d];
                uint32_t inner = level == MF_DRAM_LOOPS ? mapping->tile[MF_BUFFER][d]
                                                        : mapping->tile[MF_ROWS][d];
                if ((outer > inner) == moving)
                    sorted[n++] = (uint8_t)d;
            }
        }
        memcpy(mapping->order[level], sorted, sizeof sorted);
    }
}
