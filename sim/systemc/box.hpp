// A box of words, dense, with the range of each of its dimensions: what a level holds of a tensor.
#ifndef MF_SIM_SYSTEMC_BOX_HPP
#define MF_SIM_SYSTEMC_BOX_HPP

#include "sim/systemc/nest.hpp"

namespace mulfree
{

// Ifmap (n, g, row, column, c), weight (g, r, s, c, m), psum (n, g, e, f, m): what a PE steps
// through fastest is last. Rows and columns count from the first one that is not padding and may be
// negative.
template <typename Word> class Box
{
  public:
    // Take new ranges; words are what they happen to be.
    void reshape(Span a, Span b, Span c, Span d, Span e)
    {
        range = {a, b, c, d, e};
        words.resize(size());
    }

    size_t size() const
    {
        size_t n = 1;
        for (const Span &span : range)
            n *= static_cast<size_t>(span.size());
        return n;
    }

    Word *at(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e)
    {
        return words.data() + index(a, b, c, d, e);
    }

    const Word *at(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e) const
    {
        return words.data() + index(a, b, c, d, e);
    }

    std::array<Span, 5> range{};
    std::vector<Word> words;

  private:
    size_t index(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e) const
    {
        int64_t i = a - range[0].begin;
        i = i * range[1].size() + b - range[1].begin;
        i = i * range[2].size() + c - range[2].begin;
        i = i * range[3].size() + d - range[3].begin;
        return static_cast<size_t>(i * range[4].size() + e - range[4].begin);
    }
};

using Codes = Box<int32_t>;
using Sums = Box<int64_t>;

} // namespace mulfree

#endif
