/* `mulfree trace zeros`: the shares of zeros in a trace, as the file that --statistics reads. A trace is
 * as large as its maps; these few numbers are all that prices ask of it. */
#include "base/escape.h"
#include "cli/file_kind.h"
#include "cli/output.h"
#include "cli/trace_export.h"
#include "models/trace.h"
#include "sim/execution.h"

typedef struct writer {
    mf_text *text;
    size_t n;
} writer;

static mf_status add(void *user, size_t index, const mf_layer_data *data, mf_diag *diag)
{
    writer *w = user;
    (void)index;
    (void)diag;
    if (!mf_layer_data_has_weights(data))
        return MF_OK;
    mf_zeros zeros = mf_execution_zeros(data);
    mf_text_puts(w->text, w->n++ ? ",\n    " : "\n    ");
    mf_escape_json(w->text, data->name);
    mf_text_puts(w->text, ": {\"ifmap_zero_fraction\": ");
    mf_text_json_real(w->text, zeros.ifmap);
    mf_text_puts(w->text, ", \"ofmap_zero_fraction\": ");
    mf_text_json_real(w->text, zeros.ofmap);
    mf_text_puts(w->text, "}");
    return MF_OK;
}

mf_status mf_trace_zeros(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_trace *trace;
    mf_text text = {0};
    writer w = {.text = &text};
    (void)cli;
    MF_TRY(mf_file_kind_check(arguments->words[1], MF_FILE_BIT(MF_FILE_TRACE), diag));
    MF_TRY(mf_trace_open(arguments->words[1], &trace, diag));
    mf_text_puts(&text, "{\"layers\": {");
    mf_status status = mf_trace_each(trace, add, &w, diag);
    mf_trace_close(trace);
    mf_text_puts(&text, "\n}}\n");
    if (status == MF_OK)
        return mf_output_result(arguments, &text, diag);
    mf_text_free(&text);
    return status;
}
