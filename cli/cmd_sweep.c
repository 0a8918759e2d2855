/* `mulfree sweep`: what does every array of a design space give? */
#include "base/faults.h"
#include "base/hash.h"
#include "base/ranks.h"
#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/meet.h"
#include "cli/output.h"
#include "cli/plot.h"
#include "cli/sweep_area.h"
#include "cli/sweep_base.h"
#include "cli/sweep_choice.h"
#include "cli/sweep_view.h"

#include <inttypes.h>

static mf_status prepare(mf_sweep_run *all, mf_cli *cli, const mf_arguments *arguments,
                         mf_account *account, mf_sweep *sweep, mf_diag *diag)
{
    bool consistent = mf_arguments_hold(arguments, MF_IF_CONSISTENT);
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    if (consistent && mf_arguments_hold(arguments, MF_IF_PUBLISHED))
        return mf_fail(diag, MF_USAGE, "sweep: --accounting: one account at a time");
    MF_TRY(mf_setup_open(all->setup, cli, arguments, MF_SLIPS_PLAIN, diag));
    MF_TRY(mf_sweep_read(all->setup, arguments->words[0], sweep, diag));
    MF_TRY(mf_sweep_order_take(arguments, sweep, diag));
    MF_TRY(mf_sweep_check_base(arguments, sweep, diag));
    if (consistent) {
        MF_TRY(mf_account_open(account, all->setup, diag));
        all->engine = account->executes ? MF_ENGINE_SYSTEMC : MF_ENGINE_ANALYTIC;
        sweep->digest = mf_hash_bytes(sweep->digest, &account->executes, sizeof account->executes);
        sweep->digest = mf_hash_bytes(sweep->digest, &account->seed, sizeof account->seed);
        all->account = account;
    }
    MF_TRY(mf_sweep_check_keys(all->setup, all->account, sweep, diag));
    MF_TRY(mf_sweep_check_areas(all, diag));
    if (consistent)
        mf_sweep_warn_of_sizes(account, sweep);
    return mf_sweep_run_begin(all, diag);
}

/* All parts are there and done. */
static mf_status merge(mf_sweep_run *all, const char *output, uint64_t n,
                       const mf_sweep_journal_of *of, mf_diag *diag)
{
    mf_faults faults = {0};
    MF_TRY(mf_sweep_journal_merge(output, n, of, diag));
    for (uint64_t k = 1; k <= n; k++) {
        size_t n_left = mf_sweep_run_left(all, (mf_part){k, n});
        if (n_left)
            MF_ALSO(mf_fail(&faults.latest, MF_INVALID,
                            "%s: %zu points are still to be computed, with --part %" PRIu64
                            "/%" PRIu64,
                            mf_sweep_journal_name(output, (mf_part){k, n}, of->arena), n_left,
                            k, n));
    }
    return mf_faults_end(&faults, diag);
}

/* What earlier runs left, on the rank that has the files. */
static mf_status find(mf_sweep_run *all, const mf_arguments *arguments, mf_diag *diag)
{
    bool resume = mf_arguments_has(arguments, "resume");
    const char *output = mf_arguments_value(arguments, "output");
    const mf_sweep *sweep = all->sweep;
    uint64_t merged = 0;
    MF_TRY(mf_part_take(arguments, &all->part, diag));
    MF_TRY(mf_arguments_count(arguments, "merge", 1, MF_MOST_PARTS, &merged, diag));
    all->results = MF_NEW_ARRAY(arguments->arena, mf_sweep_result, sweep->n_points);
    if (!all->results)
        return mf_fail_memory(diag);
    const mf_sweep_journal_of of = {sweep->digest, all->results, sweep->n_points, &all->faults,
                                    arguments->arena};
    if (merged) {
        all->journal.found = true;
        return merge(all, output, merged, &of, diag);
    }
    MF_TRY(mf_sweep_journal_open(&all->journal, output, resume, all->part, &of, diag));
    if (resume && !all->journal.found)
        mf_log_write(&all->setup->cli->log, MF_LOG_WARNING,
                     "%s is not there: the sweep begins anew", all->journal.path);
    return MF_OK;
}

static mf_status show(mf_sweep_run *all, const mf_arguments *arguments, mf_diag *diag)
{
    if (all->part.n) {
        mf_log_write(&all->setup->cli->log, MF_LOG_NOTE,
                     "part %" PRIu64 " of %" PRIu64 " is in %s; when all are, --merge %" PRIu64
                     " in place of --part shows them",
                     all->part.k, all->part.n, all->journal.path, all->part.n);
        return MF_OK;
    }
    if (all->engine == MF_ENGINE_SYSTEMC && !all->journal.found) /* what ran before told of no zeros */
        MF_TRY(mf_sweep_check_zeros(arguments, all->sweep, all->zeros, diag));
    MF_TRY(mf_sweep_measure_areas(all, diag));
    return mf_sweep_show(all, diag);
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_setup setup = {0};
    mf_account account = {0};
    mf_sweep sweep = {0};
    mf_sweep_run all = {.setup = &setup, .sweep = &sweep, .journal = {.descriptor = -1}};
    bool finished = false, leads = mf_ranks_speaks();
    mf_status status = prepare(&all, cli, arguments, &account, &sweep, diag);
    if (status == MF_OK && leads)
        status = find(&all, arguments, diag);
    status = mf_meet(arguments, status, sweep.digest, "reads other files than rank 0", diag);
    if (status == MF_OK)
        status = mf_sweep_run_all(&all, diag);
    if (status == MF_OK && leads)
        status = show(&all, arguments, diag);
    bool shown = status == MF_OK && leads && !all.part.n;
    if (shown && (status = mf_sweep_check_choices(&all, diag)) != MF_OK)
        finished = true; /* the table says all; what is wrong is the question */
    if (leads)
        mf_sweep_journal_close(&all.journal, shown && (status == MF_OK || finished));
    mf_sweep_run_end(&all);
    mf_sweep_faults_free(&all.faults);
    mf_sweep_free(&sweep);
    mf_account_close(&account);
    mf_setup_close(&setup);
    return status;
}

static const mf_option options[] = {
    {"resume", 0, NULL,
     .about = "go on with a sweep that was interrupted, from the journal beside -o FILE",
     .needs = MF_IF_SAVED | MF_IF_WHOLE},
    MF_PART_OPTION("into a journal beside -o FILE: on machines of their own",
                   MF_IF_SAVED | MF_IF_UNMERGED),
    {"merge", 0, "N", .about = "show what N such parts have found", .needs = MF_IF_SAVED},
    {"jobs", 'j', "N", .about = "points at once (default: all cores)", .needs = MF_IF_ALONE | MF_IF_UNMERGED},
    MF_RANKS_OPTIONS(0),
    {"sort", 0, "KEY",
     .about = "order rows by a quantity or a key of the accelerator, best or least first",
     .needs = MF_IF_UNDIVIDED},
    {"top", 0, "N", .about = "only the N best points of each network and operator, best first",
     .needs = MF_IF_UNDIVIDED},
    MF_NETWORK_OPTIONS(0),
    MF_BATCH_OPTION(0),
    MF_SIMULATION_OPTIONS(0),
    MF_ACCOUNTING_OPTION,
    MF_CONSISTENT_OPTIONS,
    MF_CHAIN_OPTIONS,
    MF_ENGINE_OPTIONS,
    MF_PLOT_OPTION(MF_IF_UNDIVIDED),
    MF_FORMAT_OPTION(MF_IF_UNDIVIDED),
    MF_OUTPUT_OPTION(" .journal"),
    MF_WIDE_OPTION(MF_IF_UNDIVIDED),
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"mulfree sweep arrays-small", "a few arrays, Table 3's networks, three operators"},
    {"mulfree sweep arrays-small --accounting consistent --bits 16",
     "the same with every access at its own width and with bandwidth"},
    {"mulfree sweep arrays-small --engine systemc -a eyeriss-12x14 -r 64",
     "each point executed on a chip of its own, every output checked"},
    {"mulfree sweep arrays-small --top 2", "the two best arrays of each operator"},
    {"mulfree sweep splits --accounting consistent --bits 16 --top 1",
     "how 64 to 512 KB are best divided between scratchpads and buffer"},
    {"mulfree sweep ./my-sweep.json -o my-sweep.csv", "a sweep of your own; Ctrl-C loses nothing"},
    {"mulfree sweep ./my-sweep.json -o my-sweep.csv --resume", "go on where it was interrupted"},
    {"mulfree sweep ./my-sweep.json -o parts.csv --part 1/2", "half of it, on this machine"},
    {"mulfree sweep ./my-sweep.json -o parts.csv --part 2/2", "the other half, on another"},
    {"mulfree sweep ./my-sweep.json -o parts.csv --merge 2", "both together (docs/SCALING.md)"},
    {NULL, NULL}};

const mf_command mf_command_sweep = {
    .name = "sweep",
    .summary = "cost a grid or list of arrays, clocks, networks and operators; mark Pareto points",
    .arguments = "SPEC",
    .about = "SPEC is a name from `mulfree list sweeps` or the path of a JSON file with a "
             "\"grid\" (axis: values) or a \"list\" of points, and what is wanted of them "
             "(\"optimise\", \"subject_to\"); axes are network, op, resolution, width, batch, "
             "accelerator, and the keys pe_rows, pe_columns, ifmap_register_words, "
             "weight_register_words, psum_register_words, buffer_words and clock_mhz; with "
             "--accounting consistent table, dataflow, objective, bits and every other key, too. "
             "The last lines say which point is best for each network and operator, and which "
             "constraint keeps a better one out. docs/SWEEPS.md describes the "
             "format.",
    .words = "sweeps",
    .always = MF_IF_NETWORK | MF_IF_EXPERIMENT, /* the specification says more */
    .options = options,
    .examples = examples,
    .run = run,
    .on_ranks = true,
};
