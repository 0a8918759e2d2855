/* What is a mapping? A convolution's loop nest, tiled over the levels of the accelerator:
 *
 *   for each tile in DRAM order              one tile lives in the global buffer
 *     for each tile in buffer order          one tile lives in the array: an array step
 *       parallel over PE rows and columns    one tile lives in each PE's register files
 *         for all of it                      one multiply-accumulate position at a time
 *
 * A tile is a number of steps of each dimension; the tile of a level holds that of the level below,
 * and need not be a multiple of it: the last tile of a loop is what remains. On the PE columns a
 * dimension takes ceil(tile[COLUMNS] / tile[REGISTER]) PEs, without remainder where it goes on over
 * PE rows; there it takes ceil(tile[ROWS] / tile[COLUMNS]), so that 27 output rows can be folded as
 * 14 + 13 over two strips of an array with 14 columns.
 *
 * A tensor that bypasses the buffer moves between DRAM and the array; one that bypasses the
 * registers has one latch per PE instead of a register file. What all that costs is counted in
 * reuse.h. */
#ifndef MF_DATAFLOWS_MAPPING_H
#define MF_DATAFLOWS_MAPPING_H

#include "base/status.h"
#include "models/shape.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_dimension {
#define MF_DIMENSION(NAME, text) MF_##NAME,
#include "dataflows/dimensions.def"
#undef MF_DIMENSION
    MF_N_DIMENSIONS
} mf_dimension;

typedef enum mf_tensor {
#define MF_TENSOR(NAME, name, dimensions) MF_##NAME,
#include "dataflows/tensors.def"
#undef MF_TENSOR
    MF_N_TENSORS
} mf_tensor;

/* Whose tile is it? Inner levels have the smaller number. */
typedef enum mf_tile_level {
    MF_REGISTER, /* one PE */
    MF_COLUMNS,  /* one row of PEs */
    MF_ROWS,     /* the array */
    MF_BUFFER,   /* the global buffer */
    MF_N_TILE_LEVELS
} mf_tile_level;

/* Which loops run over array steps? */
typedef enum mf_loop_level { MF_DRAM_LOOPS, MF_BUFFER_LOOPS, MF_N_LOOP_LEVELS } mf_loop_level;

/* A layer as loop bounds. H and W without padding; all at least 1 except the padding. */
typedef struct mf_work {
    uint32_t size[MF_N_DIMENSIONS];
    uint32_t h, w, stride, pad_rows, pad_columns;
} mf_work;

typedef struct mf_mapping {
    uint32_t tile[MF_N_TILE_LEVELS][MF_N_DIMENSIONS];
    uint8_t order[MF_N_LOOP_LEVELS][MF_N_DIMENSIONS]; /* permutations, outermost loop first */
    bool bypass_buffer[MF_N_TENSORS], bypass_register[MF_N_TENSORS];
} mf_mapping;

/* How a tensor's tile is brought into the buffer. */
typedef enum mf_buffering {
    MF_BUFFERING_SINGLE, /* the next tile is moved after the last is done: time adds up */
    MF_BUFFERING_DOUBLE, /* room for two tiles: time overlaps */
    MF_BUFFERING_FREED, /* moved into, or out of, space as it gets free: time overlaps, no more room
                         */
    MF_N_BUFFERINGS
} mf_buffering;

/* What a mapping must fit into: PEs, and bits of storage. A tensor's word is `bits` wide. */
typedef struct mf_capacity {
    uint64_t pe_rows, pe_columns;
    uint64_t register_bits[MF_N_TENSORS]; /* per PE */
    uint64_t buffer_bits;                 /* shared by the tensors that do not bypass it */
    mf_buffering buffering[MF_N_TENSORS];
    bool resident[MF_N_TENSORS]; /* all of the tensor is in the buffer already; `buffer_bits` is the
                                    rest */
    uint64_t bits[MF_N_TENSORS];
} mf_capacity;

const char *mf_dimension_name(int dimension); /* "N" ... */
const char *mf_dimension_text(int dimension);
const char *mf_tensor_name(int tensor);
const char *mf_buffering_name(int buffering);

/* The bit of a dimension, and the dimensions a tensor depends on. */
#define MF_BIT(dimension) (1u << (dimension))
unsigned mf_tensor_dimensions(int tensor);

/* The loop bounds of a layer, and the layer of loop bounds. */
mf_work mf_work_of(const mf_shape *shape);
mf_shape mf_work_shape(const mf_work *work);

/* Multiply-accumulate positions, padding included; words of a tensor that any position touches. */
uint64_t mf_work_macs(const mf_work *work);

/* PEs that a mapping's loops over `level` (MF_COLUMNS or MF_ROWS) take. */
uint64_t mf_mapping_pes(const mf_mapping *mapping, mf_tile_level level);

/* Is it a nest at all: 1 <= register <= columns <= rows <= buffer tile <= size, whole PEs per
 * column loop, every dimension once in each order? MF_INVALID with the dimension and the tiles if
 * not. */
mf_status mf_mapping_check_nest(const mf_mapping *mapping, const mf_work *work, mf_diag *diag);

/* Sort the loops of one step to the outside, in the order of dimensions.def: they do nothing, and
 * two mappings that do the same then are the same. */
void mf_mapping_normalise(mf_mapping *mapping, const mf_work *work);

#ifdef __cplusplus
}
#endif

#endif
