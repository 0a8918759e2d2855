/* What does the unit beside the array cost? Requantisation and activation follow each layer on
 * their way out of the array; pooling, sums and scaling are passes of their own over maps that come
 * from DRAM and go back. */
#ifndef MF_SIM_VECTOR_UNIT_H
#define MF_SIM_VECTOR_UNIT_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_vector_cost {
    uint64_t n_operations;
    double energy_pj;
    double buffer_pj, dram_pj; /* of it: for the words that it moves */
    double cycles;             /* on its own: words over lanes, or DRAM if that takes longer */
} mf_vector_cost;

/* A lane takes one word per cycle through all its operations: an output, or an element of a pooling
 * window. */

/* What follows a layer with weights: per output, with `floating` numbers a multiplication and an
 * addition for batch norm or an addition for a bias; with integers a multiplication, an addition
 * and a shift; then the activation: a comparison, or for the curved ones a look-up in a register.
 * It needs no traffic of its own. */
mf_status mf_vector_requantise(const mf_accelerator *accelerator, const mf_prices *prices,
                               const mf_layer *layer, const mf_widths *widths, mf_vector_cost *cost,
                               mf_diag *diag);

/* A layer without weights, on words of `bits`, whose outputs take `written_bits`: operands are read
 * from DRAM through the buffer and written back, but for inputs (`keeps_input[n_inputs]`) and an
 * output that stay in the buffer. */
mf_status mf_vector_layer(const mf_accelerator *accelerator, const mf_prices *prices,
                          const mf_layer *layer, uint64_t bits, uint64_t written_bits,
                          bool floating, const bool *keeps_input, bool keeps_output,
                          mf_vector_cost *cost, mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
