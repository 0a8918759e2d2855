// Which input rows do output rows and kernel rows touch (or columns)? Counted position by position
// where windows leave gaps.
#ifndef MF_SIM_SYSTEMC_AXIS_HPP
#define MF_SIM_SYSTEMC_AXIS_HPP

#include "sim/systemc/nest.hpp"

#include <algorithm>

namespace mulfree
{

struct Axis {
    int64_t extent, pad, stride; // H or W

    // From the first to the last position touched, padding included.
    Span window(Span out, Span kernel) const
    {
        return {stride * out.begin + kernel.begin - pad, stride * (out.end - 1) + kernel.end - pad};
    }

    Span inside(Span span) const
    {
        return {std::max<int64_t>(span.begin, 0), std::min(span.end, extent)};
    }

    bool gaps(Span kernel) const
    {
        return stride > kernel.size();
    }

    // Positions touched that are not padding.
    int64_t touched(Span out, Span kernel) const
    {
        if (!gaps(kernel))
            return inside(window(out, kernel)).size();
        int64_t n = 0;
        for (int64_t e = out.begin; e < out.end; e++)
            n += inside(window({e, e + 1}, kernel)).size();
        return n;
    }

    // Of those, the ones that `old_out` touched before, with the same part of the kernel.
    int64_t again(Span out, Span old_out, Span kernel) const
    {
        if (out == old_out)
            return touched(out, kernel);
        if (gaps(kernel))
            return 0;
        Span a = inside(window(out, kernel)), b = inside(window(old_out, kernel));
        return Span{std::max(a.begin, b.begin), std::min(a.end, b.end)}.size();
    }
};

} // namespace mulfree

#endif
