/* Which numbers run through the chip: those of a trace, or made up. */
#include "sim/execution.h"

#include "base/file.h"
#include "models/forward.h"
#include "models/trace.h"

static mf_status run_random(mf_execution *x, const size_t *op_of_layer, uint64_t seed,
                            mf_arena *arena, mf_diag *diag)
{
    const mf_analytic_result *account = x->account;
    mf_widths *widths = MF_NEW_ARRAY(arena, mf_widths, x->network->n_weight_layers);
    mf_forward_options options = {
        .seed = seed, .widths = widths, .activation_bits = x->basis->options.bits.activation_bits};
    if (!widths)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < account->n_rows; i++)
        if (!account->rows[i].vector)
            widths[account->rows[i].layer->number] = account->rows[i].widths;
    return mf_forward_random(x->network, x->basis->operators, op_of_layer, &options,
                             mf_execution_layer, x, diag);
}

static mf_status run_trace(mf_execution *x, mf_diag *diag)
{
    mf_trace *trace;
    MF_TRY(mf_trace_open(x->network->source, &trace, diag));
    mf_status status = mf_trace_each(trace, mf_execution_layer, x, diag);
    mf_trace_close(trace);
    return status;
}

static mf_status run(mf_execution *x, const size_t *op_of_layer, uint64_t seed, mf_diag *diag)
{
    mf_status status;
    if (mf_file_has_ending(x->network->source, ".npz")) {
        status = run_trace(x, diag);
    } else {
        mf_arena *arena = mf_arena_create();
        status = arena ? run_random(x, op_of_layer, seed, arena, diag) : mf_fail_memory(diag);
        mf_arena_destroy(arena);
    }
    MF_TRY(status);
    return mf_execution_finish(x, diag);
}

mf_status mf_execution_run(mf_execution *x, const size_t *op_of_layer, uint64_t seed, mf_diag *diag)
{
    mf_status status = mf_execution_begin(x, diag);
    if (status == MF_OK)
        status = run(x, op_of_layer, seed, diag);
    mf_execution_end(x);
    return status;
}
