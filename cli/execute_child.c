/* Account, chip, numbers, sums. */
#include "cli/execute_child.h"

#include "cli/child.h"
#include "models/forward.h"
#include "sim/execution.h"

static mf_status execute(const mf_execute_child *job, mf_arena *arena, mf_analytic_result *account,
                         mf_diag *diag)
{
    const mf_network *network = job->network;
    mf_execution execution = {.accelerator = job->accelerator,
                              .operators = job->operators,
                              .table = job->table,
                              .network = network,
                              .account = account,
                              .options = {.fidelity = job->fidelity}};
    uint64_t rows, columns;
    MF_TRY(mf_analytic_run(job->accelerator, job->operators, job->table, job->options, network,
                           job->variant, job->op_of_layer, NULL, NULL, arena, account, diag));
    mf_execution_size(account, &rows, &columns);
    MF_TRY(mf_chip_create(rows, columns, NULL, &execution.chip, diag));
    mf_widths *widths = MF_NEW_ARRAY(arena, mf_widths, network->n_weight_layers);
    execution.rows = MF_NEW_ARRAY(arena, mf_execution_row, account->n_rows);
    if (!widths || !execution.rows)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < account->n_rows; i++)
        if (!account->rows[i].vector)
            widths[account->rows[i].layer->number] = account->rows[i].widths;
    mf_forward_options options = {
        .seed = job->seed, .widths = widths, .activation_bits = job->options->bits.activation_bits};
    MF_TRY(mf_forward_random(network, job->operators, job->op_of_layer, &options,
                             mf_execution_layer, &execution, diag));
    return mf_execution_finish(&execution, diag);
}

static mf_status work(void *user, void *result, mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    if (!arena)
        return mf_fail_memory(diag);
    mf_analytic_result *sums = result;
    mf_status status = execute(user, arena, sums, diag);
    sums->rows = NULL;
    sums->n_rows = 0;
    mf_arena_destroy(arena);
    return status;
}

mf_status mf_execute_in_child(const mf_execute_child *job, mf_analytic_result *result,
                              mf_diag *diag)
{
    mf_execute_child copy = *job;
    *result = (mf_analytic_result){0};
    return mf_child_run(work, &copy, result, sizeof *result, diag);
}
