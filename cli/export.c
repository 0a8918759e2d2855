/* Checkpoint, pictures, scales, codes; accuracy of both; the trace of a few pictures. */
#include "cli/export.h"

#include "cli/progress.h"
#include "models/trace.h"

#include <inttypes.h>
#include <stdlib.h>

enum { CALIBRATION_PICTURES = 256, BATCH = 32 };

static mf_inputs inputs_of(const mf_export *x)
{
    return (mf_inputs){x->setup.network, &x->setup.training, mf_model_task(x->setup.model)};
}

/* Scales follow from training pictures, as they look in evaluation. */
static mf_status calibrate(mf_export *x, mf_diag *diag)
{
    mf_train_setup *s = &x->setup;
    uint64_t n =
        s->training.batch < CALIBRATION_PICTURES ? s->training.batch : CALIBRATION_PICTURES;
    mf_inputs inputs = inputs_of(x);
    mf_loader *loader;
    MF_TRY(mf_inputs_loader(&inputs, s->pictures, MF_USE_TEST, n, 0, 0, &loader, diag));
    mf_batch batch = mf_loader_next(loader);
    mf_status status = mf_quantise(s->model, s->operators, s->op_of_layer, batch.images, batch.n,
                                   x->bits, x->psum_bits, &x->quantised, diag);
    mf_loader_destroy(loader);
    return status;
}

/* The network with another batch: what the codes run through. */
static mf_status network_of(const mf_export *x, uint64_t batch, mf_network **network, mf_diag *diag)
{
    return mf_train_setup_network(&x->setup, batch, network, diag);
}

/* One batch; the network is made anew for the last, smaller one. */
static mf_status score_batch(mf_export *x, const mf_batch *batch, mf_network **network,
                             mf_diag *diag)
{
    if (!*network || (*network)->batch != batch->n) {
        mf_network_destroy(*network);
        *network = NULL;
        MF_TRY(network_of(x, batch->n, network, diag));
    }
    MF_TRY(mf_model_evaluate(x->setup.model, batch->images, batch->labels, batch->n, &x->as_float,
                             diag));
    return mf_quantised_score(x->quantised, *network, batch->images, batch->labels, &x->as_integer,
                              diag);
}

mf_status mf_export_score(mf_export *x, mf_cli *cli, mf_diag *diag)
{
    mf_network *network = NULL;
    mf_inputs inputs = inputs_of(x);
    mf_loader *loader;
    mf_progress progress;
    uint64_t most = x->setup.training.batch < BATCH ? x->setup.training.batch : BATCH;
    mf_log_write(&cli->log, MF_LOG_DEBUG, "%" PRIu64 " pictures at once", most);
    MF_TRY(mf_inputs_loader(&inputs, x->setup.held_out, MF_USE_TEST, most, 0, 0, &loader, diag));
    mf_status status = MF_OK;
    uint64_t left = x->n_scored ? x->n_scored : x->setup.held_out->n;
    mf_progress_begin(&progress, cli, "accuracy", left);
    while (left && status == MF_OK) {
        mf_batch batch = mf_loader_next(loader);
        batch.n = batch.n < left ? batch.n : left;
        status = score_batch(x, &batch, &network, diag);
        mf_progress_step(&progress, batch.n);
        left -= batch.n;
    }
    mf_progress_end(&progress);
    mf_loader_destroy(loader);
    mf_network_destroy(network);
    return status;
}

static mf_status add_layer(void *user, size_t index, const mf_layer_data *data, mf_diag *diag)
{
    (void)index;
    return mf_trace_add(user, data, diag);
}

mf_status mf_export_write(mf_export *x, const char *checkpoint, const char *path, mf_diag *diag)
{
    mf_train_setup *s = &x->setup;
    mf_network *network;
    mf_trace_writer *writer;
    mf_inputs inputs = inputs_of(x);
    mf_loader *loader;
    MF_TRY(mf_inputs_loader(&inputs, s->held_out, MF_USE_TEST, x->n_traced, 0, 0, &loader, diag));
    mf_status status = network_of(x, x->n_traced, &network, diag);
    if (status == MF_OK) {
        status = mf_trace_create(
            path, network->name,
            mf_arena_format(s->arguments->arena, "trained on %s: %s", s->training.data, checkpoint),
            &writer, diag);
        if (status == MF_OK) {
            mf_batch batch = mf_loader_next(loader);
            status = mf_quantised_run(x->quantised, network, batch.images, add_layer, writer, diag);
            if (status == MF_OK)
                status = mf_trace_finish(writer, diag);
            else
                mf_trace_abandon(writer);
        }
        mf_network_destroy(network);
    }
    mf_loader_destroy(loader);
    return status;
}

mf_status mf_export_options(const mf_arguments *arguments, mf_export *x, mf_diag *diag)
{
    *x = (mf_export){.psum_bits = 32, .n_traced = 1};
    const char *wanted = mf_arguments_value(arguments, "bits");
    mf_bits bits = {16, false};
    if (wanted)
        MF_TRY(mf_bits_parse(wanted, &bits, diag));
    if (bits.floating)
        return mf_fail(diag, MF_USAGE, "--bits: a trace holds integers, not %s", wanted);
    x->bits = bits.activation_bits;
    MF_TRY(mf_arguments_count(arguments, "psum-bits", 4, 63, &x->psum_bits, diag));
    MF_TRY(mf_arguments_count(arguments, "pictures", 1, 4096, &x->n_traced, diag));
    return mf_arguments_count(arguments, "score", 1, UINT32_MAX, &x->n_scored, diag);
}

static mf_status check_held_out(const char *option, uint64_t n, const mf_pictures *held_out,
                                mf_diag *diag)
{
    if (n <= held_out->n)
        return MF_OK;
    return mf_fail(diag, MF_USAGE, "--%s %" PRIu64 ": only %zu are held out", option, n,
                   held_out->n);
}

mf_status mf_export_open(mf_export *x, mf_cli *cli, const mf_arguments *arguments,
                         const char *checkpoint, mf_diag *diag)
{
    mf_train_setup *s = &x->setup;
    MF_TRY(mf_train_setup_resume(s, cli, arguments, checkpoint, false, diag));
    MF_TRY(mf_train_setup_pictures(s, true, diag));
    mf_inputs inputs = inputs_of(x);
    MF_TRY(mf_inputs_check(&inputs, s->pictures, diag));
    MF_TRY(check_held_out("pictures", x->n_traced, s->held_out, diag));
    MF_TRY(check_held_out("score", x->n_scored, s->held_out, diag));
    return calibrate(x, diag);
}

void mf_export_close(mf_export *x)
{
    mf_quantised_destroy(x->quantised);
    mf_train_setup_close(&x->setup);
}
