// The PE array: hands words from the networks to the PEs, lets them work in step, sums psums down
// the columns, and says why it waits. The only process that touches PEs.
#ifndef MF_SIM_SYSTEMC_ARRAY_HPP
#define MF_SIM_SYSTEMC_ARRAY_HPP

#include "sim/systemc/pe.hpp"
#include "sim/systemc/run.hpp"

namespace mulfree
{

class Array
{
  public:
    Array(uint64_t rows, uint64_t columns);

    // A whole layer.
    void work(Run &run);

    std::vector<Pe> pes; // row by row

  private:
    struct Place {
        size_t pe;
        bool head; // the first of those that add to the same psums
    };

    void configure(Run &run);
    void place_pes(const mf_mapping &mapping);
    void drain(Run &run);
    void open_pass(Run &run);
    void wait_for_words(Run &run, const Nest &nest);
    void charge(Run &run, double from, const Transfer &transfer, mf_stall rest);
    void take_words(Run &run, const Nest &nest);
    void begin_psums(Run &run, const Nest &nest);
    void break_things(Run &run, uint64_t step);
    uint64_t busiest(const mf_mapping &mapping, const Ranges &tile) const;
    void compute(Run &run, const Nest &nest);
    void add_psums(Run &run, const Sums &psums);
    void retire_psums(Run &run, const Nest &nest);
    void finish(Run &run);
    void overflow(Run &run, const Sums &psums, size_t word, const char *where);
    int32_t stuck_bits(const Run &run, mf_tensor tensor, uint64_t step) const;
    bool loses(const Run &run, mf_tensor tensor, size_t pe, uint64_t step) const;

    const uint64_t rows_, columns_;
    PeLayer layer_{};
    std::vector<Place> places_; // PEs that a full tile needs, in the order in which psums go down
    std::vector<Place> active_; // of those, the ones with a share of this tile
    uint64_t loads_[MF_N_TENSORS] = {}, moves_[MF_N_TENSORS] = {};
    Sums sums_, resumed_; // of an array tile
};

} // namespace mulfree

#endif
