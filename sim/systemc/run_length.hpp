// How many bits do words take when they pass the DRAM channel run-length coded? Pairs of a run of
// zeros and the word after it, as many as fit into 64 bits. Source of the format: Chen et al.,
// Eyeriss, JSSC 2017.
#ifndef MF_SIM_SYSTEMC_RUN_LENGTH_HPP
#define MF_SIM_SYSTEMC_RUN_LENGTH_HPP

#include <cstdint>

namespace mulfree
{

class RunLength
{
  public:
    RunLength(uint64_t run_bits, uint64_t word_bits)
        : longest_((uint64_t{1} << run_bits) - 1), pairs_per_group_(64 / (run_bits + word_bits))
    {
    }

    void add(int32_t word)
    {
        if (word == 0 && run_ < longest_) {
            run_++;
            return;
        }
        n_pairs_++;
        run_ = 0;
    }

    uint64_t bits() const
    {
        uint64_t pairs = n_pairs_ + (run_ > 0); // the last zero of a run at the end is a word
        return (pairs + pairs_per_group_ - 1) / pairs_per_group_ * 64;
    }

  private:
    uint64_t longest_, pairs_per_group_, run_ = 0, n_pairs_ = 0;
};

} // namespace mulfree

#endif
