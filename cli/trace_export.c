/* Checkpoint, pictures, scales, codes; accuracy of both; the trace of a few pictures. */
#include "cli/trace_export.h"

#include "cli/output.h"
#include "cli/progress.h"
#include "cli/train_setup.h"
#include "models/trace.h"
#include "train/quantise.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const mf_column columns[] = {{"network", "network", 0, 1},
                                    {"op", "op", 0, 1},
                                    {"activation_bits", "act b", 0, 1},
                                    {"psum_bits", "psum b", 0, 1},
                                    {"n_pictures", "pictures", 0, 1},
                                    {"float_top1", "float top-1 %", 2, 100},
                                    {"integer_top1", "integer top-1 %", 2, 100},
                                    {"n_zero_weights", "zero weights", 0, 1},
                                    {"n_traced", "traced", 0, 1},
                                    {NULL, NULL, 0, 0}};

typedef struct export
{
    mf_train_setup setup;
    mf_quantised *quantised;
    mf_loader *loader; /* of the pictures held out, in batches of `batch` */
    uint64_t bits, psum_bits, n_traced, batch;
    mf_model_score as_float, as_integer;
}
export;

enum { CALIBRATION_PICTURES = 256, BATCH = 32 };

static mf_status make_loader(export *x, const mf_pictures *pictures, uint64_t batch,
                             mf_loader **loader, mf_diag *diag)
{
    const mf_network *network = x->setup.network;
    mf_loader_options options = {
        .batch_size = batch,
        .rows = (uint32_t)network->input_rows,
        .columns = (uint32_t)network->input_columns,
        .augmentation = mf_trainer_augmentation(&x->setup.training, x->setup.pictures, false),
        .n_threads = 1};
    return mf_loader_create(pictures, &options, loader, diag);
}

/* Scales follow from training pictures, as they look in evaluation. */
static mf_status calibrate(export *x, mf_diag *diag)
{
    mf_train_setup *s = &x->setup;
    uint64_t n =
        s->training.batch < CALIBRATION_PICTURES ? s->training.batch : CALIBRATION_PICTURES;
    mf_loader *loader;
    MF_TRY(make_loader(x, s->pictures, n, &loader, diag));
    mf_batch batch = mf_loader_next(loader);
    mf_status status = mf_quantise(s->model, s->operators, s->op_of_layer, batch.images, batch.n,
                                   x->bits, x->psum_bits, &x->quantised, diag);
    mf_loader_destroy(loader);
    return status;
}

/* The network with another batch: what the codes run through. */
static mf_status network_of(const export *x, uint64_t batch, mf_network **network, mf_diag *diag)
{
    return mf_train_setup_network(&x->setup, batch, network, diag);
}

/* Both accuracies over whole batches of the pictures held out. */
static mf_status score(export *x, mf_cli *cli, mf_diag *diag)
{
    mf_network *network;
    mf_progress progress;
    size_t n = x->setup.held_out->n / x->batch;
    mf_status status = MF_OK;
    MF_TRY(network_of(x, x->batch, &network, diag));
    mf_progress_begin(&progress, cli, "accuracy", n);
    for (size_t i = 0; i < n && status == MF_OK; i++) {
        mf_batch batch = mf_loader_next(x->loader);
        status = mf_model_evaluate(x->setup.model, batch.images, batch.labels, batch.n,
                                   &x->as_float, diag);
        if (status == MF_OK)
            status = mf_quantised_score(x->quantised, network, batch.images, batch.labels,
                                        &x->as_integer, diag);
        mf_progress_step(&progress, 1);
    }
    mf_progress_end(&progress);
    mf_network_destroy(network);
    return status;
}

static mf_status add_layer(void *user, size_t index, const mf_layer_data *data, mf_diag *diag)
{
    (void)index;
    return mf_trace_add(user, data, diag);
}

static mf_status write_trace(export *x, const char *path, mf_diag *diag)
{
    mf_train_setup *s = &x->setup;
    mf_network *network;
    mf_trace_writer *writer;
    mf_loader *loader;
    MF_TRY(make_loader(x, s->held_out, x->n_traced, &loader, diag));
    mf_status status = network_of(x, x->n_traced, &network, diag);
    if (status == MF_OK) {
        status = mf_trace_create(path, network->name,
                                 mf_arena_format(s->arguments->arena, "trained on %s: %s",
                                                 s->training.data, s->arguments->words[1]),
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

static mf_status show(const export *x, mf_cli *cli, mf_diag *diag)
{
    const mf_arguments *arguments = x->setup.arguments;
    mf_sheet *sheet = mf_sheet_create(arguments->arena, columns);
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, x->setup.network->name);
    mf_sheet_text(sheet, x->setup.op);
    mf_sheet_count(sheet, x->bits);
    mf_sheet_count(sheet, x->psum_bits);
    mf_sheet_count(sheet, x->as_float.n);
    mf_sheet_real(sheet, (double)x->as_float.n_top1 / (double)x->as_float.n);
    mf_sheet_real(sheet, (double)x->as_integer.n_top1 / (double)x->as_integer.n);
    mf_sheet_count(sheet, mf_quantised_zeros(x->quantised));
    mf_sheet_count(sheet, x->n_traced);
    mf_text text = {0};
    mf_sheet_write(sheet, MF_FORMAT_TEXT, cli->colour, &text);
    return mf_output_text(&text, diag);
}

static mf_status read_options(export *x, const mf_arguments *arguments, mf_diag *diag)
{
    const char *wanted = mf_arguments_value(arguments, "bits");
    mf_bits bits = {16, false};
    x->psum_bits = 32;
    x->n_traced = 1;
    if (wanted)
        MF_TRY(mf_bits_parse(wanted, &bits, diag));
    if (bits.floating)
        return mf_fail(diag, MF_USAGE, "--bits: a trace holds integers, not %s", wanted);
    x->bits = bits.activation_bits;
    MF_TRY(mf_arguments_count(arguments, "psum-bits", 4, 63, &x->psum_bits, diag));
    return mf_arguments_count(arguments, "pictures", 1, 4096, &x->n_traced, diag);
}

mf_status mf_trace_export(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    const char *path = mf_arguments_value(arguments, "output");
    export x = {0};
    mf_status status;
    if (!path || strlen(path) < 5 || strcmp(path + strlen(path) - 4, ".npz") != 0)
        return mf_fail(diag, MF_USAGE, "trace export: say where with --output FILE.npz");
    MF_TRY(read_options(&x, arguments, diag));
    MF_TRY_DONE(mf_train_setup_resume(&x.setup, cli, arguments, arguments->words[1], false, diag));
    MF_TRY_DONE(mf_train_setup_pictures(&x.setup, diag));
    MF_TRY_DONE(mf_trainer_check(x.setup.network, &x.setup.training, x.setup.pictures, diag));
    MF_TRY_DONE(calibrate(&x, diag));
    x.batch = x.setup.training.batch < BATCH ? x.setup.training.batch : BATCH;
    MF_TRY_DONE(make_loader(&x, x.setup.held_out, x.batch, &x.loader, diag));
    MF_TRY_DONE(score(&x, cli, diag));
    MF_TRY_DONE(write_trace(&x, path, diag));
    MF_TRY_DONE(show(&x, cli, diag));
done:
    mf_loader_destroy(x.loader);
    mf_quantised_destroy(x.quantised);
    mf_train_setup_close(&x.setup);
    return status;
}
