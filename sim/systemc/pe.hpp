// A processing element: three scratchpads and a datapath. It knows its share of an array tile,
// takes the words of it that arrive, and adds up what they contribute. When, is the array's
// business (array.hpp).
#ifndef MF_SIM_SYSTEMC_PE_HPP
#define MF_SIM_SYSTEMC_PE_HPP

#include "sim/systemc/axis.hpp"
#include "sim/systemc/box.hpp"
#include "sim/systemc/chip.h"
#include "sim/systemc/datapath.hpp"

#include <deque>

namespace mulfree
{

// What is the same for all PEs while a layer runs.
struct PeLayer {
    mf_work work;
    Axis rows, columns;
    const Datapath *datapath;
    bool gates_padding, gates_zero;
    uint64_t pipeline_cycles;
};

class Pe
{
  public:
    // Forget what the scratchpads hold; `offset` is where its share begins in an array tile and
    // `reg` how large it is at most.
    void configure(const PeLayer *layer, const Ranges &share_of_full_tile);

    // Its share of an array tile; false if there is none.
    bool take_share(const Ranges &array_tile);
    const Ranges &share() const
    {
        return share_;
    }

    // Words arrive from `source`, which holds all of the share. With `slide` only those arrive that
    // the scratchpad does not hold yet; the number of words is returned. A broken network ors
    // `stuck` into each, or loses all of them.
    uint64_t receive_ifmap(const Codes &source, bool slide, int32_t stuck, bool lost);
    uint64_t receive_weights(const Codes &source, int32_t stuck, bool lost);

    // Psums begin at zero, or at what is in `resumed`.
    void begin_psums(const Sums *resumed);
    bool holds_psums() const
    {
        return holds_;
    }
    const Sums &psums() const
    {
        return psums_;
    }
    void release_psums()
    {
        holds_ = false;
    }

    // All positions of the share at once; the psum that did not fit, or SIZE_MAX.
    size_t compute();

    // One position per call, in cycle `cycle`; false when the share is done. Results reach the
    // scratchpad `pipeline_cycles` later.
    void start();
    bool tick(uint64_t cycle);
    size_t settle(); // all results are in the scratchpad; as compute

    void flip(mf_tensor tensor, uint64_t word, unsigned bit, const mf_integer_format &format);

    mf_pe_activity activity{};
    bool busy = false; // for waveforms
    int64_t traced_psum = 0;

  private:
    struct Result {
        uint64_t ready_cycle;
        int64_t *psum;
        int64_t product;
    };

    bool inside(int64_t e, int64_t f, int64_t r, int64_t s) const;
    void do_row(int64_t n, int64_t g, int64_t e, int64_t f, int64_t r);
    void count(uint64_t n_inside, uint64_t n_padded, uint64_t n_zero);

    const PeLayer *layer_ = nullptr;
    Ranges full_{}, share_{};
    Codes ifmap_, ifmap_before_, weights_;
    std::vector<int32_t> decoded_; // weights_ as the datapath takes them
    Span ifmap_e_{}, ifmap_f_{};   // outputs that the ifmap window is for
    Sums psums_;
    bool holds_ = false;
    std::deque<Result> pipeline_;
    std::array<int64_t, MF_N_DIMENSIONS> at_{}; // the position under way
    bool done_ = true;
};

} // namespace mulfree

#endif
