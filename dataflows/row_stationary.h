/* Which nest is a row-stationary mapping in Eyeriss' own terms? One step of the nest's buffer loops
 * is a processing pass there: PE sets work on p filters and q channels each. Source: Chen et al., Eyeriss, JSSC 2017, Table I. */
#ifndef MF_DATAFLOWS_ROW_STATIONARY_H
#define MF_DATAFLOWS_ROW_STATIONARY_H

#include "dataflows/mapping.h"

#ifdef __cplusplus
extern "C" {
#endif

/* m filters and n images whose psums are in the buffer, e ofmap rows in the width of a PE set, p
 * filters and q channels interleaved in a PE, r sets over channels and t over filters. */
typedef struct mf_row_stationary_terms {
    uint32_t m, n, e, p, q, r, t;
} mf_row_stationary_terms;

/* Lay R x e PE sets, r times t of them, onto an array: e along the columns, folded into strips
 * where it is wider; sets over filters beside each other while columns last, then all above each
 * other. The buffer holds q*r channels of n images and psums of m filters; filters, then images,
 * then columns pass by. `bypass_buffer` is the accelerator's. MF_NO_MAPPING where sets do not fit,
 * MF_INVALID where a term is out of range. */
mf_status mf_row_stationary_nest(const mf_work *work, const mf_row_stationary_terms *terms,
                                 uint64_t pe_rows, uint64_t pe_columns, const bool *bypass_buffer,
                                 mf_mapping *mapping, mf_diag *diag);

/* The terms of a row-stationary nest. */
mf_row_stationary_terms mf_row_stationary_terms_of(const mf_mapping *mapping);

#ifdef __cplusplus
}
#endif

#endif
