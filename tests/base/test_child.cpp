// Do results, failures and sudden ends come back from other processes, one at a time and from
// several at once?
#include "base/child.h"
#include "base/parallel.h"
#include "tests/support/support.h"

#include <atomic>
#include <csignal>
#include <unistd.h>

namespace
{
struct Answer {
    size_t item, n_asked;
    pid_t process, child;
};

mf_status own_child(void *, void *result, mf_diag *)
{
    *static_cast<pid_t *>(result) = getpid();
    return MF_OK;
}

// Item 7 fails, item 13 is the end of whoever does it; all others answer, by way of a child.
mf_status answer(void *user, size_t item, void *result, mf_diag *diag)
{
    auto *n_asked = static_cast<size_t *>(user);
    auto *a = static_cast<Answer *>(result);
    EXPECT_EQ(a->item, 0u) << "what was there before is gone";
    if (item == 7)
        return mf_fail(diag, MF_NO_MAPPING, "item %zu has none", item);
    if (item == 13)
        raise(SIGKILL);
    a->item = item;
    a->n_asked = ++*n_asked;
    a->process = getpid();
    return mf_child_run(own_child, nullptr, &a->child, sizeof a->child, diag);
}

struct Workers {
    size_t n_asked = 0;
    mf_workers *workers = nullptr;

    explicit Workers(size_t n)
    {
        EXPECT_OK(mf_workers_create(n, answer, &n_asked, sizeof(Answer), &workers, D));
    }
    Workers(const Workers &) = delete;
    ~Workers()
    {
        mf_workers_destroy(workers);
    }
};
} // namespace

TEST(Workers, AnswerFromProcessesOfTheirOwn)
{
    Workers w(2);
    Answer first = {}, second = {}, other = {};
    EXPECT_OK(mf_workers_run(w.workers, 0, 3, &first, D));
    EXPECT_OK(mf_workers_run(w.workers, 0, 4, &second, D));
    EXPECT_OK(mf_workers_run(w.workers, 1, 5, &other, D));
    EXPECT_EQ(first.item, 3u);
    EXPECT_EQ(second.item, 4u);
    EXPECT_EQ(second.n_asked, 2u) << "a worker remembers";
    EXPECT_EQ(other.n_asked, 1u) << "each for itself";
    EXPECT_EQ(w.n_asked, 0u);
    EXPECT_EQ(first.process, second.process);
    EXPECT_NE(first.process, other.process);
    EXPECT_NE(first.process, getpid());
    EXPECT_NE(first.child, first.process);
    EXPECT_NE(first.child, second.child);
}

TEST(Workers, TellOfFailuresAndGoOn)
{
    Workers w(1);
    Answer a = {};
    mf_diag diag = {};
    EXPECT_EQ(mf_workers_run(w.workers, 0, 7, &a, &diag), MF_NO_MAPPING);
    EXPECT_STREQ(diag.message, "item 7 has none");
    EXPECT_OK(mf_workers_run(w.workers, 0, 8, &a, D));
    EXPECT_EQ(a.item, 8u);
}

// One that is gone is told of, whenever it is asked, and the others stay.
TEST(Workers, MayEndTooSoon)
{
    Workers w(2);
    Answer a = {};
    mf_diag diag = {};
    EXPECT_EQ(mf_workers_run(w.workers, 0, 13, &a, &diag), MF_IO);
    EXPECT_NE(std::string(diag.message).find("worker"), std::string::npos);
    EXPECT_EQ(mf_workers_run(w.workers, 0, 3, &a, &diag), MF_IO);
    EXPECT_OK(mf_workers_run(w.workers, 1, 3, &a, D));
}

TEST(Workers, AnswerThreads)
{
    constexpr size_t n_workers = 4, n_items = 200;
    struct All {
        Workers w{n_workers};
        std::atomic<size_t> sum{0}, n_failed{0};
    } all;
    bool finished = false;
    auto ask = [](void *user, size_t item, size_t worker) {
        auto *asked = static_cast<All *>(user);
        Answer a = {};
        if (mf_workers_run(asked->w.workers, worker, 100 + item, &a, nullptr) == MF_OK)
            asked->sum += a.item;
        else
            asked->n_failed++;
        return true;
    };
    EXPECT_OK(mf_parallel_for(n_items, n_workers, ask, &all, &finished, D));
    EXPECT_TRUE(finished);
    EXPECT_EQ(all.n_failed, 0u);
    EXPECT_EQ(all.sum, n_items * 100 + n_items * (n_items - 1) / 2);
}
