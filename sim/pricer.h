/* What does a network cost, by any of the engines? Made once for an accelerator, operators, tables
 * and options; asked for any number of networks and assignments of operators to their layers. A
 * layer that was searched before is not searched again.
 *
 *   published   what would the paper's simulator have printed (sim/published.h)
 *   analytic    what does a consistent account say (sim/analytic.h)
 *   systemc     what happens on the chip, is it right (sim/execution.h); in a process of its
 *               own, since SystemC has one chip per process
 */
#ifndef MF_SIM_PRICER_H
#define MF_SIM_PRICER_H

#include "sim/execution.h"
#include "sim/published.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_engine {
    MF_ENGINE_PUBLISHED,
    MF_ENGINE_ANALYTIC,
    MF_ENGINE_SYSTEMC,
    MF_N_ENGINES
} mf_engine;

/* What prices rest on, whatever the network. What an engine does not look at may stay NULL.
 * Everything is borrowed and must outlive the pricer, unchanged. */
typedef struct mf_pricer_basis {
    const mf_accelerator *accelerator;
    const mf_operators *operators;
    /* of the published account */
    const mf_published_conventions *conventions;
    const mf_energy_table *operation_energy, *access_energy;
    /* of the consistent account, which is also what the chip executes; that asks for integer bits
     */
    const mf_energy_table *table;
    mf_laws laws; /* of the table's entries */
    mf_analytic_options options;
    /* of the chip: the numbers that are made up where a network has none, and how closely it is
     * watched */
    uint64_t seed;
    mf_fidelity fidelity;
    const mf_log *log; /* NULL: nobody reads it */
    /* What one pricer leaves to the next, of another accelerator or table, in the same thread: searches, by
     * all that they depend on (mf_analytic_memo_create), and nests. NULL: a memo of its own; no hints. */
    mf_memo *memo;
    mf_nest_hints *hints;
} mf_pricer_basis;

/* Who looks on while MF_ENGINE_SYSTEMC executes: all of these, or NULL for nobody. They are called
 * where the chip is, with the same `user`. */
typedef struct mf_observers {
    void *user;
    /* Before the first layer; and after the last or what went wrong, with the chip as it is then.
     */
    void (*begin)(void *user);
    void (*end)(void *user, const mf_chip *chip, uint64_t pe_rows, uint64_t pe_columns);
    void (*task_done)(void *user, const mf_analytic_task *task, const mf_chip_report *report);
    void (*layer_done)(void *user, const mf_analytic_row *row, const mf_execution_row *measured);
    bool (*stop)(void); /* asked before each task; true: MF_INTERRUPTED */
    mf_chip_watch *watch;
    const char *vcd_path; /* waveforms, complete when the price is there */
    /* The chip is in this process, and what they note stays: once in its life. Else it is in a
     * child, where `user` is a copy. */
    bool here;
} mf_observers;

/* One network by one engine. The three sums are those of the part that the engine fills in. */
typedef struct mf_report {
    mf_engine engine;
    double energy_mj, latency_ms, utilisation;
    mf_published_result published; /* MF_ENGINE_PUBLISHED */
    mf_analytic_result account;    /* the others; of the chip with what was measured */
    mf_execution_row *executed;    /* MF_ENGINE_SYSTEMC: [account.n_rows] */
    uint64_t n_checked;            /* outputs that were compared, all equal */
} mf_report;

/* Not thread-safe: one pricer per thread. Destroy accepts NULL. */
typedef struct mf_pricer mf_pricer;

mf_status mf_pricer_create(const mf_pricer_basis *basis, mf_pricer **pricer, mf_diag *diag);
void mf_pricer_destroy(mf_pricer *pricer);

/* From now on they look on; NULL: nobody any more. Borrowed. */
void mf_pricer_observe(mf_pricer *pricer, const mf_observers *observers);

/* Price a network as it is assigned. What the report points to lives in `arena`. MF_NO_MAPPING
 * where a layer does not fit, MF_INVALID where the basis lacks what the engine needs or the build
 * lacks SystemC, MF_DIFFERENT where the chip's outputs are not right. The chip counts zeros itself:
 * those of the assignment are not looked at. MF_ENGINE_SYSTEMC makes a child process: not while
 * other threads run (unless observers want it here). */
mf_status mf_pricer_price(mf_pricer *pricer, const mf_network *network,
                          const mf_assignment *assignment, mf_engine engine, mf_arena *arena,
                          mf_report *report, mf_diag *diag);

/* One layer with weights as the consistent account sees it before it has a mapping. */
mf_status mf_pricer_prepare(mf_pricer *pricer, const mf_network *network,
                            const mf_assignment *assignment, const mf_layer *layer, mf_arena *arena,
                            mf_analytic_row *row, mf_diag *diag);

/* The part of the basis that accounts and executions are made from; as long as the pricer. */
const mf_analytic_basis *mf_pricer_analytic(const mf_pricer *pricer);

#ifdef __cplusplus
}
#endif

#endif
