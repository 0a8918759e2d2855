// An odometer over the loops that move.
#include "sim/systemc/nest.hpp"

#include <algorithm>

namespace mulfree
{
namespace
{
bool depends(int tensor, int dimension)
{
    return (mf_tensor_dimensions(tensor) & MF_BIT(static_cast<unsigned>(dimension))) != 0;
}
} // namespace

Nest::Nest(const mf_work &work, const mf_mapping &mapping, bool slide_buffer)
    : work_(work), mapping_(mapping), slide_buffer_(slide_buffer)
{
    for (int level = 0; level < MF_N_LOOP_LEVELS; level++)
        for (int dimension : mapping.order[level]) {
            int64_t outer =
                level == MF_DRAM_LOOPS ? work.size[dimension] : mapping.tile[MF_BUFFER][dimension];
            int64_t stride = mapping.tile[level == MF_DRAM_LOOPS ? MF_BUFFER : MF_ROWS][dimension];
            if (outer > stride)
                loops_.push_back({level, dimension, stride, {}, {}, 0});
        }
    for (size_t i = 0; i < loops_.size(); i++)
        for (int t = 0; t < MF_N_TENSORS; t++) {
            loops_[i].array[t] = stale_when(i, t, true);
            loops_[i].buffer[t] = stale_when(i, t, false);
        }
}

bool Nest::spread(int d) const
{
    return mapping_.tile[MF_ROWS][d] > mapping_.tile[MF_REGISTER][d];
}

bool Nest::slides(bool array, int d) const
{
    if (d != MF_E && d != MF_F)
        return false;
    return array ? !spread(d) && !spread(d == MF_E ? MF_R : MF_S) : slide_buffer_;
}

// The loop that advances starts all loops inside it again.
Stale Nest::stale_when(size_t advancing, int t, bool array) const
{
    if (!array && mapping_.bypass_buffer[t])
        return Stale::none;
    for (size_t i = loops_.size(); i-- > advancing;) {
        const Loop &loop = loops_[i];
        if (!depends(t, loop.dimension) || (!array && loop.level != MF_DRAM_LOOPS))
            continue;
        bool innermost = i == advancing; // of those that matter: none was found inside it
        return innermost && t == MF_IFMAP && slides(array, loop.dimension) ? Stale::slide
                                                                           : Stale::replace;
    }
    return Stale::none;
}

int64_t Nest::end_of(const Loop &loop) const
{
    return loop.level == MF_DRAM_LOOPS ? work_.size[loop.dimension]
                                       : buffer_tile_[loop.dimension].end;
}

int Nest::find_upcoming() const
{
    for (size_t i = loops_.size(); i-- > 0;)
        if (loops_[i].at + loops_[i].stride < end_of(loops_[i]))
            return static_cast<int>(i);
    return -1;
}

// Tiles follow from where the loops stand; those from `from` on have changed.
void Nest::place(size_t from)
{
    for (size_t i = from; i < loops_.size(); i++) {
        Loop &loop = loops_[i];
        int d = loop.dimension;
        Span &buffer = buffer_tile_[d];
        if (loop.level == MF_DRAM_LOOPS) {
            if (i > from)
                loop.at = 0;
            buffer = {loop.at, std::min<int64_t>(loop.at + loop.stride, work_.size[d])};
            array_tile_[d] = buffer; // or the part that a loop further in makes of it
            continue;
        }
        if (i > from)
            loop.at = buffer.begin;
        array_tile_[d] = {loop.at, std::min(loop.at + loop.stride, buffer.end)};
    }
}

bool Nest::next()
{
    if (!begun_) {
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            buffer_tile_[d] = array_tile_[d] = {0, work_.size[d]};
        for (Loop &loop : loops_)
            loop.at = 0;
        place(0);
        for (int t = 0; t < MF_N_TENSORS; t++) {
            array_[t] = Stale::replace;
            buffer_[t] = mapping_.bypass_buffer[t] ? Stale::none : Stale::replace;
        }
        begun_ = true;
    } else {
        if (upcoming_ < 0)
            return false;
        Loop &loop = loops_[static_cast<size_t>(upcoming_)];
        loop.at += loop.stride;
        place(static_cast<size_t>(upcoming_));
        std::copy(loop.array, loop.array + MF_N_TENSORS, array_);
        std::copy(loop.buffer, loop.buffer + MF_N_TENSORS, buffer_);
        step_++;
    }
    upcoming_ = find_upcoming();
    for (int t = 0; t < MF_N_TENSORS; t++) {
        const Loop *loop = upcoming_ < 0 ? nullptr : &loops_[static_cast<size_t>(upcoming_)];
        ends_array_[t] = !loop || loop->array[t] != Stale::none;
        ends_buffer_[t] = !loop || loop->buffer[t] != Stale::none;
    }
    return true;
}

bool Nest::array_resumes() const
{
    for (const Loop &loop : loops_)
        if (!depends(MF_PSUM, loop.dimension) &&
            loop.at != (loop.level == MF_DRAM_LOOPS ? 0 : buffer_tile_[loop.dimension].begin))
            return true;
    return false;
}

bool Nest::buffer_resumes() const
{
    for (const Loop &loop : loops_)
        if (!depends(MF_PSUM, loop.dimension) && loop.level == MF_DRAM_LOOPS && loop.at != 0)
            return true;
    return false;
}

bool Nest::array_completes() const
{
    for (const Loop &loop : loops_)
        if (!depends(MF_PSUM, loop.dimension) && loop.at + loop.stride < end_of(loop))
            return false;
    return true;
}

bool Nest::buffer_completes() const
{
    for (const Loop &loop : loops_)
        if (!depends(MF_PSUM, loop.dimension) && loop.level == MF_DRAM_LOOPS &&
            loop.at + loop.stride < end_of(loop))
            return false;
    return true;
}

} // namespace mulfree
