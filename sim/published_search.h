/* Which mapping would the published predictor choose for one layer, and what does it cost? The
 * row-stationary equations of GATECH-EIC/ShiftAddNAS hw_utils.py, searched exhaustively.
 *
 * Loop factors: N = N0*N3, M = M0*M1*M2*M3, C = C0*C1*C2, E = E1*E3, exact factorisations only.
 * M1, C1, E1 and R are spatial; index 0 is a register file, 2 the buffer, 3 DRAM.
 * With I = N*C*H*W, Wt = M*C*R*S, O = N*M*E*F, words moved are
 *   dram             M3*I + N3*E3*Wt + O
 *   buffer           M3*M2*I + max(2*(C2-1), 1)*O
 *   network          M3*M2*M1*R*(E/H)*I + N3*E3*E1*Wt
 *   network_psum     max(C2*(C1*R-1), 1)*O
 *   register         M3*M2*M1*R*(E/H)*I * M0*S*(F/W) + max(2*C2*C1*R*(C0*S-1), 1)*O
 *   register_weight  N3*E3*E1*F*N0*Wt
 * and cycles = N*M3*M2*M0*C2*C0*E3*F*S. Legal is what stays within the five limits:
 *   psum register M0; ifmap register C0*S; weight register M0*C0*S; PEs M1*C1*E1*R;
 *   buffer N0*(C1*C0*((E1-1)*U+R)*((F-1)*U+S) + M2*M1*M0*E1*F).
 * Words do not depend on the operator: they are counted once and priced once per operator. */
#ifndef MF_SIM_PUBLISHED_SEARCH_H
#define MF_SIM_PUBLISHED_SEARCH_H

#include "base/arena.h"
#include "base/status.h"
#include "dataflows/search.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
#define MF_PUBLISHED_PART(NAME, name, text) MF_PUBLISHED_##NAME,
#include "sim/published_parts.def"
#undef MF_PUBLISHED_PART
    MF_PUBLISHED_PARTS,
    MF_PUBLISHED_LEVELS = MF_PUBLISHED_COMPUTE
};

/* One layer as the predictor sees it. `single_rows` allows E1 = 1. */
typedef struct mf_published_problem {
    uint64_t n, m, c, h, w, r, s, e, f, stride;
    bool single_rows;
} mf_published_problem;

/* The most a mapping may use of each resource, inclusive. */
typedef struct mf_published_limits {
    uint64_t pes, ifmap_register_words, weight_register_words, psum_register_words, buffer_words;
} mf_published_limits;

/* What one operator pays: pJ per MAC position, pJ per word moved at each level, ms per cycle. */
typedef struct mf_published_price {
    double operation_pj;
    double access_pj[MF_PUBLISHED_LEVELS];
    double clock_hz;
    double latency_bits; /* latency is multiplied by latency_bits / reference_bits */
    double reference_bits;
} mf_published_price;

typedef struct mf_published_mapping {
    uint64_t n0, n3, m0, m1, m2, m3, c0, c1, c2, e1, e3;
} mf_published_mapping;

/* The chosen mapping of one operator and its cost. */
typedef struct mf_published_choice {
    mf_published_mapping mapping;
    double words[MF_PUBLISHED_LEVELS];
    double parts_pj[MF_PUBLISHED_PARTS];
    double energy_mj, latency_ms;
    uint64_t n_cycles, n_active_pes;
} mf_published_choice;

/* What the search went through: all factorisations, and those within the limits. */
typedef struct mf_published_tally {
    uint64_t n_candidates, n_legal;
} mf_published_tally;

/* Choose a mapping for each of `n_prices` operators, into `choices[n_prices]`: the one that
 * minimises the objective. What is balanced is (energy - least) / most + (latency - least) / most
 * here, with the extremes over this layer's legal mappings: the predictor's own choice. Ties in
 * energy or latency go to the lesser other one, then all to the first in the order of enumeration
 * (N0, M0, M1, M2, C0, C1, E1 ascending, outermost first). `scratch` takes the tables of
 * factorisations. MF_NO_MAPPING names the limit that no mapping can keep; MF_TOO_LARGE is a layer
 * whose word counts exceed 2^53. */
mf_status mf_published_search(const mf_published_problem *problem,
                              const mf_published_limits *limits, mf_objective objective,
                              const mf_published_price *prices, size_t n_prices, mf_arena *scratch,
                              mf_published_choice *choices, mf_published_tally *tally,
                              mf_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
