// Which array step comes next, and what does it make stale? The program of the chip: every
// component that moves words walks it by itself, in step with the others, so that no list of steps
// is ever made. The rules are those of dataflows/reuse.h.
#ifndef MF_SIM_SYSTEMC_NEST_HPP
#define MF_SIM_SYSTEMC_NEST_HPP

#include "dataflows/mapping.h"

#include <array>
#include <cstdint>
#include <vector>

namespace mulfree
{

// From the first index up to, not including, the last.
struct Span {
    int64_t begin = 0, end = 0;

    int64_t size() const
    {
        return end > begin ? end - begin : 0;
    }
    bool operator==(const Span &other) const
    {
        return begin == other.begin && end == other.end;
    }
    bool operator!=(const Span &other) const
    {
        return !(*this == other);
    }
};

using Ranges = std::array<Span, MF_N_DIMENSIONS>;

// What becomes of the tile that is there.
enum class Stale : uint8_t { none, slide, replace };

class Nest
{
  public:
    Nest(const mf_work &work, const mf_mapping &mapping, bool slide_buffer);

    // To the first step, then to the next; false after the last.
    bool next();

    uint64_t step() const
    {
        return step_;
    } // from 0
    const Ranges &buffer_tile() const
    {
        return buffer_tile_;
    }
    const Ranges &array_tile() const
    {
        return array_tile_;
    }

    // What this step replaces, in the buffer and in the array. A tensor that bypasses the buffer is
    // never stale there.
    Stale buffer(mf_tensor tensor) const
    {
        return buffer_[tensor];
    }
    Stale array(mf_tensor tensor) const
    {
        return array_[tensor];
    }

    // Will the step after this one replace the tensor's tile? True for the last step.
    bool array_ends(mf_tensor tensor) const
    {
        return ends_array_[tensor];
    }
    bool buffer_ends(mf_tensor tensor) const
    {
        return ends_buffer_[tensor];
    }

    // Were this array tile's psums worked on in an earlier visit; were the buffer tile's?
    bool array_resumes() const;
    bool buffer_resumes() const;

    // Will they not be worked on again?
    bool array_completes() const;
    bool buffer_completes() const;

  private:
    struct Loop {
        int level, dimension;
        int64_t stride;
        Stale array[MF_N_TENSORS], buffer[MF_N_TENSORS]; // when this loop advances
        int64_t at;
    };

    bool spread(int dimension) const;
    bool slides(bool array, int dimension) const;
    void find_stale(bool slide_buffer);
    Stale stale_when(size_t advancing, int tensor, bool array) const;
    int64_t end_of(const Loop &loop) const;
    int find_upcoming() const;
    void place(size_t from);

    const mf_work work_;
    const mf_mapping mapping_;
    bool slide_buffer_;
    std::vector<Loop> loops_; // those of more than one step, outermost first
    Ranges buffer_tile_{}, array_tile_{};
    Stale buffer_[MF_N_TENSORS]{}, array_[MF_N_TENSORS]{};
    bool ends_buffer_[MF_N_TENSORS]{}, ends_array_[MF_N_TENSORS]{};
    int upcoming_ = -1; // the loop that advances next
    uint64_t step_ = 0;
    bool begun_ = false;
};

} // namespace mulfree

#endif
