// What does a PE's datapath do with one ifmap word and the weights that need it? Multiply, shift,
// subtract and take the absolute value, or count signs that agree; round; accumulate. Written apart
// from models/integer.c, against which it is checked.
#ifndef MF_SIM_SYSTEMC_DATAPATH_HPP
#define MF_SIM_SYSTEMC_DATAPATH_HPP

#include "models/integer.h"

#include <cstddef>

namespace mulfree
{

class Datapath
{
  public:
    explicit Datapath(const mf_integer_format &format);

    // A weight as it stands in the scratchpad: itself, or for Shift the power of two that it stands
    // for, so that a shift is a product the compiler can vectorise.
    int32_t decode(int32_t code) const
    {
        return decode_(format_, code);
    }

    // Add what ifmap word `x` and each of `n` weights contribute to the psum beside it.
    void accumulate(int32_t x, const int32_t *weights, size_t n, int64_t *psums) const;

    // A zero ifmap word contributes nothing: it can be passed over. Where words are signs it is padding.
    bool skips_zero() const
    {
        return skips_zero_;
    }

    // Ifmap words are signs: -1 and 1, which a bit tells apart.
    bool is_on_signs() const
    {
        return counts_;
    }

    // Weight codes are two's complement: their topmost bit is a sign.
    bool has_signed_codes() const
    {
        return has_signed_codes_;
    }

    // The first psum that the scratchpad cannot hold; n if it can hold all of them.
    size_t first_overflow(const int64_t *psums, size_t n) const;

  private:
    void count(int32_t x, const int32_t *weights, size_t n, int64_t *psums) const;

    const mf_integer_format format_;
    int64_t half_, least_, most_;
    bool subtracts_, counts_, skips_zero_, has_signed_codes_;
    int32_t (*decode_)(const mf_integer_format &format, int32_t code);
};

} // namespace mulfree

#endif
