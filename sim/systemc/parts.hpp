// What the chip's processes share: a count that others wait for, the DRAM channel, the banks of the
// buffer.
#ifndef MF_SIM_SYSTEMC_PARTS_HPP
#define MF_SIM_SYSTEMC_PARTS_HPP

#include "sim/systemc/chip.h"

#include <systemc>

#include <array>
#include <cmath>
#include <deque>

namespace mulfree
{

// One cycle of the chip is one nanosecond of SystemC's time, whatever its clock: buses hand over
// words at fractions of a cycle, so the resolution is a femtosecond.
inline sc_core::sc_time cycles(double n)
{
    return sc_core::sc_time::from_value(static_cast<uint64_t>(std::llround(n * 1e6)));
}

inline double to_cycles(const sc_core::sc_time &time)
{
    return static_cast<double>(time.value()) * 1e-6;
}

// Thrown in every process when the layer is given up; each goes back to where it waits for the
// next.
struct Stop {
};

// How far something has come. Waiting costs nothing where it has come far enough.
class Progress
{
  public:
    void advance()
    {
        count_++;
        event_.notify();
    }

    // One step further from `when` on; later calls are for no earlier time.
    void advance_at(const sc_core::sc_time &when)
    {
        coming_.push_back(when);
        event_.notify();
    }

    void wait_for(uint64_t count)
    {
        while (this->count() < count && !stopped_)
            if (coming_.empty())
                sc_core::wait(event_);
            else
                sc_core::wait(coming_.front() - sc_core::sc_time_stamp(), event_);
        if (stopped_)
            throw Stop();
    }

    void stop()
    {
        stopped_ = true;
        event_.notify(sc_core::SC_ZERO_TIME);
    }

    uint64_t count()
    {
        while (!coming_.empty() && coming_.front() <= sc_core::sc_time_stamp()) {
            coming_.pop_front();
            count_++;
        }
        return count_;
    }

  private:
    uint64_t count_ = 0;
    bool stopped_ = false;
    std::deque<sc_core::sc_time> coming_;
    sc_core::sc_event event_;
};

// One transfer: cycles in which psums were out of the pipelines, data was in the buffer, a bank was
// free, the last word arrived.
struct Transfer {
    double settled = 0, data = 0, port = 0, done = 0, starved = 0;
};

// The latest transfers by number: who waited for one asks later how its time went.
class Transfers
{
  public:
    Transfer &operator[](uint64_t number)
    {
        return latest_[number % latest_.size()];
    }

  private:
    std::array<Transfer, 64> latest_{};
};

// An arbiter: one at a time; among those who wait, the lowest rank first. All who ask in the same
// instant are heard before one is chosen, so that the choice does not depend on the order in which
// the simulator wakes them.
class Gate
{
  public:
    void enter(int rank)
    {
        waiting_[static_cast<size_t>(rank)]++;
        sc_core::wait(sc_core::sc_time::from_value(1));
        while ((occupied_ || !is_first(rank)) && !stopped_)
            sc_core::wait(free_);
        waiting_[static_cast<size_t>(rank)]--;
        if (stopped_)
            throw Stop();
        occupied_ = true;
    }

    void leave()
    {
        occupied_ = false;
        free_.notify(sc_core::SC_ZERO_TIME);
    }

    void stop()
    {
        stopped_ = true;
        free_.notify(sc_core::SC_ZERO_TIME);
    }

    static constexpr int n_ranks = 4;

  private:
    bool is_first(int rank) const
    {
        for (int i = 0; i < rank; i++)
            if (waiting_[static_cast<size_t>(i)] > 0)
                return false;
        return true;
    }

    std::array<int, n_ranks> waiting_{};
    bool occupied_ = false, stopped_ = false;
    sc_core::sc_event free_;
};

} // namespace mulfree

#endif
