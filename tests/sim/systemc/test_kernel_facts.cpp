// Which facts of SystemC 2.3.4 does the chip rest on? Each is shown by modules of a few lines, in a
// process of its own because SystemC elaborates once per process: GoogleTest's death tests start
// this program again for each ("threadsafe"), so it does not matter what else ran in this one. A
// later SystemC for which one of them no longer holds fails here, and not somewhere in a layer.
#include <gtest/gtest.h>
#include <systemc>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace
{
using namespace sc_core;

// A module with one SC_THREAD per function, up to four.
class Threads : public sc_module
{
  public:
    using Work = std::function<void()>;

    SC_HAS_PROCESS(Threads);

    Threads(const sc_module_name &, std::vector<Work> works) : works_(std::move(works))
    {
        SC_THREAD(first);
        if (works_.size() > 1)
            SC_THREAD(second);
        if (works_.size() > 2)
            SC_THREAD(third);
        if (works_.size() > 3)
            SC_THREAD(fourth);
    }

  private:
    void first()
    {
        works_[0]();
    }
    void second()
    {
        works_[1]();
    }
    void third()
    {
        works_[2]();
    }
    void fourth()
    {
        works_[3]();
    }

    const std::vector<Work> works_;
};

sc_time after(double nanoseconds)
{
    return sc_time(nanoseconds, SC_NS);
}

// What an error says, or "" if there is none.
std::string error_of(const std::function<void()> &work)
{
    try {
        work();
    } catch (const std::exception &error) {
        return error.what();
    }
    return "";
}

// A process that waits for one event again and again, and counts.
struct Waiter {
    sc_event event;
    int n_begun = 0, n_woken = 0;
    Threads threads{"waiter", {[this] { serve(); }}};

    void serve()
    {
        n_begun++;
        for (;;) {
            wait(event);
            n_woken++;
        }
    }
};

// Leave the process with what was seen; no destructors, and no search for leaks in SystemC.
[[noreturn]] void leave(const std::string &seen)
{
    std::fprintf(stderr, "seen: %s\n", seen.c_str());
    std::_Exit(0);
}

// In a fresh process `fact` sees `expected`.
void expect_seen(const std::string &expected, const std::function<std::string()> &fact)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    auto quietly = [&] { // as chip.cpp does
        sc_report_handler::set_actions(SC_WARNING, SC_DO_NOTHING);
        leave(fact());
    };
    EXPECT_EXIT(quietly(), testing::ExitedWithCode(0), "seen: " + expected + "\n");
}
} // namespace

// SystemC's library has a main that calls this; where the chip is linked, too, it is the chip's.
__attribute__((weak)) int sc_main(int, char **)
{
    return 0;
}

// Why mf_chip_create starts once without time: a layer's start before that would be lost.
TEST(KernelFactsDeathTest, ANotificationBeforeTheFirstStartIsLost)
{
    expect_seen("begun 1, woken 0", [] {
        Waiter waiter;
        waiter.event.notify(SC_ZERO_TIME);
        sc_start(SC_ZERO_TIME);
        sc_start();
        return "begun " + std::to_string(waiter.n_begun) + ", woken " +
               std::to_string(waiter.n_woken);
    });
}

// The other kind is not lost: it is an error.
TEST(KernelFactsDeathTest, AnImmediateNotificationBeforeTheFirstStartIsRefused)
{
    expect_seen("refused, woken 0", [] {
        Waiter waiter;
        std::string error = error_of([&] { waiter.event.notify(); });
        sc_start(SC_ZERO_TIME);
        return std::string(error.find("(E521)") != std::string::npos ? "refused" : error) +
               ", woken " + std::to_string(waiter.n_woken);
    });
}

// After the empty start both kinds arrive, also between two starts.
TEST(KernelFactsDeathTest, NotificationsBetweenStartsArrive)
{
    expect_seen("1 2", [] {
        Waiter waiter;
        sc_start(SC_ZERO_TIME);
        waiter.event.notify(SC_ZERO_TIME);
        sc_start();
        std::string seen = std::to_string(waiter.n_woken);
        waiter.event.notify();
        sc_start();
        return seen + " " + std::to_string(waiter.n_woken);
    });
}

// Why Progress counts and nobody waits for a single event: who comes late waits for ever.
TEST(KernelFactsDeathTest, ANotificationIsLostOnWhoDoesNotWaitYet)
{
    expect_seen("woken 0", [] {
        sc_event event;
        int n_woken = 0;
        Threads threads("threads", {[&] { event.notify(); },
                                    [&] {
                                        wait(event);
                                        n_woken++;
                                    }});
        sc_start();
        return "woken " + std::to_string(n_woken);
    });
}

// A layer is one call of sc_start: it comes back when nobody has anything left to do, its time
// stands where the last one stopped, and the next layer goes on from there.
TEST(KernelFactsDeathTest, StartReturnsWhenAllWaitAndCanBeCalledAgain)
{
    expect_seen("1 at 5 ns, 2 at 10 ns, 3 at 15 ns", [] {
        sc_event go;
        int n_done = 0;
        Threads threads("threads", {[&] {
                            for (;; n_done++) {
                                wait(go);
                                wait(after(5));
                            }
                        }});
        sc_start(SC_ZERO_TIME);
        std::string seen;
        for (int layer = 0; layer < 3; layer++) {
            go.notify(SC_ZERO_TIME);
            sc_start();
            seen +=
                (layer ? ", " : "") + std::to_string(n_done) + " at " + sc_time_stamp().to_string();
        }
        return seen;
    });
}

// Why a process has one chip. The error is caught where it is reported: after the first start
// AddressSanitizer does not know the stack of the main program any more (SystemC tells it of each
// change of stacks, but not where that one is), and takes an unwinding of it for an overflow.
TEST(KernelFactsDeathTest, ModulesAfterTheFirstStartAreRefused)
{
    expect_seen("insert module failed", [] {
        Waiter waiter;
        sc_start(SC_ZERO_TIME);
        sc_report_handler::set_handler([](const sc_report &report, const sc_actions &actions) {
            if (actions & SC_THROW)
                leave(report.get_msg_type());
        });
        Waiter second;
        return "a second module";
    });
}

// How a layer is given up: processes throw deep in their calls, right after they were resumed, in
// the same instant, while others throw, too; each catches its own and serves on.
TEST(KernelFactsDeathTest, ExceptionsCaughtInTheirProcessAreHarmless)
{
    expect_seen("300 300", [] {
        sc_event stop;
        int n_caught[2] = {};
        auto serve = [&](int me) {
            for (;;) {
                try {
                    wait(stop);
                    throw me;
                } catch (int who) {
                    n_caught[me] += who == me;
                }
            }
        };
        Threads threads("threads", {[&] { serve(0); }, [&] { serve(1); }});
        sc_start(SC_ZERO_TIME);
        for (int i = 0; i < 300; i++) {
            stop.notify(SC_ZERO_TIME);
            sc_start();
        }
        return std::to_string(n_caught[0]) + " " + std::to_string(n_caught[1]);
    });
}

// What mf_chip_run makes a status of: sc_start throws what a process did not catch, as an error.
TEST(KernelFactsDeathTest, ExceptionsThatLeaveAProcessComeOutOfStart)
{
    expect_seen("thrown", [] {
        Threads threads("threads", {[] { throw std::out_of_range("a process broke"); }});
        std::string error = error_of([] { sc_start(); });
        return error.find("a process broke") != std::string::npos ? "thrown" : error;
    });
}

// Why Gate lets time pass before it chooses: three that began to wait in the order b, c, d are not
// woken in it, and are woken in yet another one if someone else was there and left before.
TEST(KernelFactsDeathTest, TheOrderOfWakingDependsOnWhoWaitedBefore)
{
    expect_seen("b d c; d c b", [] {
        sc_event event[2];
        std::string woken[2];
        auto come = [&](const char *name, int delay) {
            for (int round = 0; round < 2; round++) {
                wait(after(10 * (round + 1) + delay) - sc_time_stamp());
                wait(event[round]);
                woken[round] += (woken[round].empty() ? "" : " ") + std::string(name);
            }
        };
        auto come_and_leave = [&] {
            wait(after(20));
            wait(after(5), event[1]); // from before b comes until after d has come
        };
        Threads threads("threads", {come_and_leave, [&] { come("b", 1); }, [&] { come("c", 2); },
                                    [&] { come("d", 3); }});
        event[0].notify(after(18));
        event[1].notify(after(28));
        sc_start();
        return woken[0] + "; " + woken[1];
    });
}

// How Gate hears all who ask in one instant: whatever they still do without time passing comes
// before a process that waits for the shortest of times.
TEST(KernelFactsDeathTest, AnInstantIsOverBeforeTheShortestWaitIs)
{
    expect_seen("9 deltas", [] {
        int n_deltas = 0, n_heard = -1;
        Threads threads("threads", {[&] {
                                        wait(sc_time::from_value(1));
                                        n_heard = n_deltas;
                                    },
                                    [&] {
                                        for (; n_deltas < 9; n_deltas++)
                                            wait(SC_ZERO_TIME);
                                    }});
        sc_start();
        return std::to_string(n_heard) + " deltas";
    });
}
