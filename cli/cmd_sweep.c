/* `mulfree sweep`: what does every array of a design space give? */
#include "base/hash.h"
#include "cli/conditions.h"
#include "cli/execute.h"
#include "cli/output.h"
#include "cli/plot.h"
#include "cli/sweep_area.h"
#include "cli/sweep_base.h"
#include "cli/sweep_choice.h"
#include "cli/sweep_view.h"

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_setup setup = {0};
    mf_account account = {0};
    mf_sweep sweep = {0};
    bool consistent = mf_arguments_hold(arguments, MF_IF_CONSISTENT);
    mf_sweep_run all = {.setup = &setup,
                        .sweep = &sweep,
                        .mutex = PTHREAD_MUTEX_INITIALIZER,
                        .journal = {.descriptor = -1}};
    const char *output = mf_arguments_value(arguments, "output");
    bool resume = mf_arguments_has(arguments, "resume"), finished = false;
    mf_status status;
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    if (consistent && mf_arguments_hold(arguments, MF_IF_PUBLISHED))
        return mf_fail(diag, MF_USAGE, "sweep: --accounting: one account at a time");
    MF_TRY_DONE(mf_setup_open(&setup, cli, arguments, MF_SLIPS_PLAIN, diag));
    MF_TRY_DONE(mf_sweep_read(&setup, arguments->words[0], &sweep, diag));
    MF_TRY_DONE(mf_sweep_order_take(arguments, &sweep, diag));
    MF_TRY_DONE(mf_sweep_check_base(arguments, &sweep, diag));
    if (consistent) {
        MF_TRY_DONE(mf_account_open(&account, &setup, diag));
        all.engine = account.executes ? MF_ENGINE_SYSTEMC : MF_ENGINE_ANALYTIC;
        sweep.digest = mf_hash_bytes(sweep.digest, &account.executes, sizeof account.executes);
        sweep.digest = mf_hash_bytes(sweep.digest, &account.seed, sizeof account.seed);
        all.account = &account;
    }
    MF_TRY_DONE(mf_sweep_check_keys(&setup, all.account, &sweep, diag));
    MF_TRY_DONE(mf_sweep_check_areas(&all, diag));
    if (consistent)
        mf_sweep_warn_of_sizes(&account, &sweep);
    all.results = MF_NEW_ARRAY(arguments->arena, mf_sweep_result, sweep.n_points);
    if (!all.results)
        MF_TRY_DONE(mf_fail_memory(diag));
    status = mf_sweep_journal_open(&all.journal, output, resume, sweep.digest, all.results,
                                   sweep.n_points, &all.faults, arguments->arena, diag);
    if (status == MF_OK && resume && !all.journal.found)
        mf_log_write(&cli->log, MF_LOG_WARNING, "%s is not there: the sweep begins anew",
                     all.journal.path);
    if (status == MF_OK)
        status = mf_sweep_run_all(&all, diag);
    if (status == MF_OK && all.engine == MF_ENGINE_SYSTEMC &&
        !all.journal.found) /* what ran before told of no zeros */
        status = mf_sweep_check_zeros(arguments, &sweep, all.zeros, diag);
    if (status == MF_OK)
        status = mf_sweep_measure_areas(&all, diag);
    if (status == MF_OK)
        status = mf_sweep_show(&all, diag);
    if (status == MF_OK && (status = mf_sweep_check_choices(&all, diag)) != MF_OK)
        finished = true; /* the table says all; what is wrong is the question */
    mf_sweep_journal_close(&all.journal, status == MF_OK || finished);
done:
    mf_sweep_faults_free(&all.faults);
    mf_sweep_free(&sweep);
    mf_account_close(&account);
    mf_setup_close(&setup);
    return status;
}

static const mf_option options[] = {
    {"resume", 0, NULL,
     .about = "go on with a sweep that was interrupted, from the journal beside -o FILE",
     .needs = MF_IF_SAVED},
    {"jobs", 'j', "N", .about = "points at once (default: all cores)"},
    {"sort", 0, "KEY",
     .about = "order rows by a quantity or a key of the accelerator, best or least first"},
    {"top", 0, "N", .about = "only the N best points of each network and operator, best first"},
    MF_NETWORK_OPTIONS(0),
    MF_BATCH_OPTION(0),
    MF_SIMULATION_OPTIONS(0),
    MF_ACCOUNTING_OPTION,
    MF_CONSISTENT_OPTIONS,
    MF_CHAIN_OPTIONS,
    MF_ENGINE_OPTIONS,
    MF_PLOT_OPTION(0),
    MF_OUTPUT_OPTIONS_BESIDE(" .journal"),
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
};
