/* `mulfree eval`: how well does a checkpoint do on the pictures held out? */
#include "cli/output.h"
#include "cli/train_setup.h"

#include <inttypes.h>

static const mf_column columns[] = {{"network", "network", 0, 1},
                                    {"data", "data", 0, 1},
                                    {"n_pictures", "pictures", 0, 1},
                                    {"loss", "loss", 4, 1},
                                    {"top1", "top-1 %", 2, 100},
                                    {"top5", "top-5 %", 2, 100},
                                    {NULL, NULL, 0, 0}};

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_train_setup setup = {0};
    mf_model_score score = {0};
    mf_status status;
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    MF_TRY_DONE(mf_train_setup_resume(&setup, cli, arguments, arguments->words[0], false, diag));
    MF_TRY_DONE(mf_train_setup_pictures(&setup, false, diag));
    mf_inputs inputs = {setup.network, &setup.training, mf_model_task(setup.model)};
    MF_TRY_DONE(mf_inputs_check(&inputs, setup.held_out, diag));
    mf_log_write(&cli->log, MF_LOG_DEBUG, "%" PRIu64 " pictures at once", setup.training.batch);
    MF_TRY_DONE(mf_trainer_evaluate(setup.model, &setup.training, setup.held_out, &score, diag));
    mf_sheet *sheet = mf_sheet_create(arguments->arena, columns);
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, setup.network->name);
    mf_sheet_text(sheet, setup.training.data);
    mf_sheet_count(sheet, score.n);
    mf_sheet_real(sheet, score.loss);
    mf_sheet_real(sheet, (double)score.n_top1 / (double)score.n);
    mf_sheet_real(sheet, (double)score.n_top5 / (double)score.n);
    MF_TRY_DONE(mf_output_sheet(cli, arguments, sheet, diag));
done:
    mf_train_setup_close(&setup);
    return status;
}

static const mf_option options[] = {
    {"data", 0, "DATA", .about = "other pictures than those of the training"},
    {"set", 's', "KEY=VALUE", .about = "change a training key, for example threads=1",
     .list = true},
    MF_OUTPUT_OPTIONS,
    MF_COMMON_OPTIONS,
    MF_END_OF_OPTIONS};
static const mf_example examples[] = {{"mulfree eval run.npz", "loss and accuracy"}, {NULL, NULL}};

const mf_command mf_command_eval = {
    .name = "eval",
    .summary = "evaluate a checkpoint on the pictures held out",
    .arguments = "CHECKPOINT.npz",
    .about =
        "Pictures are resized to the network's resolution and normalised as in training; no augmentation.",
    .words = "files",
    .options = options,
    .examples = examples,
    .run = run,
};
