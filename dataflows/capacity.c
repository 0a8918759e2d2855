/* Does a nest fit into the machine? PEs, register files, buffer, in that order. */
#include "dataflows/reuse.h"

#include <inttypes.h>

uint64_t mf_tile_words(const mf_mapping *mapping, mf_tile_level level, int tensor,
                       const mf_contributions *contributions)
{
    unsigned depends = mf_tensor_dimensions(tensor);
    uint64_t words = 1;
    if (tensor == MF_IFMAP) {
        depends &= MF_BIT(MF_N) | MF_BIT(MF_G) | MF_BIT(MF_C);
        words = contributions->rows.largest[level] * contributions->columns.largest[level];
    }
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (depends & MF_BIT(d))
            words *= mapping->tile[level][d];
    return words;
}

uint64_t mf_buffer_bits(const mf_mapping *mapping, const mf_capacity *capacity, int tensor,
                        uint64_t words)
{
    if (mapping->bypass_buffer[tensor] || capacity->resident[tensor])
        return 0;
    return words * capacity->bits[tensor] *
           (capacity->buffering[tensor] == MF_BUFFERING_DOUBLE ? 2 : 1);
}

static mf_status check_pes(const mf_mapping *mapping, const mf_capacity *capacity, mf_diag *diag)
{
    uint64_t columns = mf_mapping_pes(mapping, MF_COLUMNS), rows = mf_mapping_pes(mapping, MF_ROWS);
    if (columns > capacity->pe_columns)
        return mf_fail(diag, MF_NO_MAPPING,
                       "PE columns: the nest takes %" PRIu64 ", the array has %" PRIu64, columns,
                       capacity->pe_columns);
    if (rows > capacity->pe_rows)
        return mf_fail(diag, MF_NO_MAPPING,
                       "PE rows: the nest takes %" PRIu64 ", the array has %" PRIu64, rows,
                       capacity->pe_rows);
    return MF_OK;
}

static mf_status check_registers(const mf_mapping *mapping, const mf_capacity *capacity,
                                 const mf_contributions *contributions, mf_diag *diag)
{
    for (int t = 0; t < MF_N_TENSORS; t++) {
        uint64_t words = mf_tile_words(mapping, MF_REGISTER, t, contributions);
        if (mapping->bypass_register[t]) {
            if (words > 1)
                return mf_fail(diag, MF_NO_MAPPING,
                               "%s latch: %" PRIu64
                               " words in a PE where %s bypasses the registers",
                               mf_tensor_name(t), words, mf_tensor_name(t));
            continue;
        }
        if (words * capacity->bits[t] > capacity->register_bits[t])
            return mf_fail(diag, MF_NO_MAPPING,
                           "%s registers: %" PRIu64 " words of %" PRIu64 " bits are %" PRIu64
                           " bits per PE, a PE has %" PRIu64,
                           mf_tensor_name(t), words, capacity->bits[t], words * capacity->bits[t],
                           capacity->register_bits[t]);
    }
    return MF_OK;
}

static mf_status check_buffer(const mf_mapping *mapping, const mf_capacity *capacity,
                              const mf_contributions *contributions, mf_diag *diag)
{
    uint64_t bits[MF_N_TENSORS] = {0}, sum = 0;
    for (int t = 0; t < MF_N_TENSORS; t++) {
        bits[t] = mf_buffer_bits(mapping, capacity, t,
                                 mf_tile_words(mapping, MF_BUFFER, t, contributions));
        sum += bits[t];
    }
    if (sum > capacity->buffer_bits)
        return mf_fail(diag, MF_NO_MAPPING,
                       "global buffer: ifmap %" PRIu64 " + weight %" PRIu64 " + psum %" PRIu64
                       " are %" PRIu64 " bits, the buffer has %" PRIu64,
                       bits[MF_IFMAP], bits[MF_WEIGHT], bits[MF_PSUM], sum, capacity->buffer_bits);
    return MF_OK;
}

mf_status mf_mapping_check_capacity(const mf_mapping *mapping, const mf_work *work,
                                    const mf_capacity *capacity, mf_diag *diag)
{
    mf_contributions contributions = mf_contributions_of(work, mapping);
    MF_TRY(check_pes(mapping, capacity, diag));
    MF_TRY(check_registers(mapping, capacity, &contributions, diag));
    return check_buffer(mapping, capacity, &contributions, diag);
}
