/* A schedule, what it moves, and what stops it from moving less. */
#include "cli/map_schedule.h"

#include "base/escape.h"
#include "cli/width.h"
#include "sim/schedule_json.h"

#include <inttypes.h>
#include <string.h>

static const char *map_name(const mf_network *network, int map)
{
    return map < 0 ? "the input" : network->layers[map].name;
}

static void put_cost(const mf_stop *stop, mf_text *text)
{
    mf_text_printf(text,
                   "as one, in bands of %" PRIu64 " rows: %+.2f %% energy, %+.2f %% time, "
                   "weights %+.1f KB from DRAM; most of its time bound by %s\n",
                   stop->rows, 100 * (stop->energy_ratio - 1), 100 * (stop->cycles_ratio - 1),
                   stop->weight_bits_more / 8e3, mf_bound_text((int)stop->bound));
}

static void put_stop(const mf_account *account, const mf_network *network, size_t g,
                     const mf_stop *stop, mf_text *text)
{
    uint64_t all = mf_machine_buffer_bits(&account->setup->accelerator);
    mf_text_printf(text, "segments %zu and %zu: ", g, g + 1);
    switch (stop->kind) {
    case MF_STOP_MAP:
        mf_text_puts(text, "the map of ");
        mf_escape_terminal(text, map_name(network, stop->map));
        mf_text_puts(text, " is read as another than it was written\n");
        break;
    case MF_STOP_REGIONS:
    case MF_STOP_TILES:
        mf_text_printf(text,
                       "global buffer: in bands of %" PRIu64
                       " rows %.1f KiB have to be held, and it "
                       "has %.1f%s\n",
                       stop->rows, (double)stop->held_bits / 8192, (double)all / 8192,
                       stop->kind == MF_STOP_TILES ? ", which leaves too little for tiles" : "");
        break;
    case MF_STOP_COST:
        put_cost(stop, text);
        break;
    default:
        mf_text_puts(text, "the last map has one row: there are no bands\n");
    }
}

static void put_head(const mf_account *account, const mf_network *network, const char *op,
                     const mf_analytic_result *r, mf_text *text)
{
    double moved = mf_traffic_bits(&r->traffic) / 8,
           least = mf_analytic_compulsory_bits(network, r) / 8;
    mf_escape_terminal(text, network->name);
    mf_text_puts(text, " as ");
    mf_escape_terminal(text, op);
    mf_text_puts(text, " on ");
    mf_escape_terminal(text, account->setup->accelerator.name);
    mf_text_printf(text,
                   ", schedule %s\n%.4f mJ, %.4f ms; DRAM %.3f MB, %.2f times what any schedule "
                   "moves; at most %.1f of %.1f KiB of the buffer\n\n",
                   mf_schedule_kind_name((int)account->options.schedule), r->energy_mj,
                   r->latency_ms, moved * 1e-6, moved / least, (double)r->peak_bits / 8192,
                   (double)mf_machine_buffer_bits(&account->setup->accelerator) / 8192);
}

static mf_status compose(mf_account *account, const mf_network *network, const char *op,
                         const mf_analytic_result *r, mf_text *text, mf_diag *diag)
{
    put_head(account, network, op, r, text);
    mf_status status = mf_schedule_program(&r->schedule, text, diag);
    if (r->stops)
        mf_text_puts(text, "\nwhat stops the next fusion\n");
    for (size_t g = 0; r->stops && g + 1 < r->schedule.n_segments; g++)
        put_stop(account, network, g, &r->stops[g], text);
    return status;
}

mf_status mf_map_schedule(mf_account *account, const mf_network *network, const char *op,
                          size_t width, mf_text *text, mf_diag *diag)
{
    const char *format = mf_arguments_value(account->setup->arguments, "format");
    mf_report report;
    mf_text all = {0};
    MF_TRY(mf_account_price(account, network, op, MF_ENGINE_ANALYTIC, &report, diag));
    if (format && strcmp(format, "json") == 0) {
        mf_schedule_write(&report.account.schedule, text);
        return MF_OK;
    }
    mf_status status = compose(account, network, op, &report.account, &all, diag);
    if (status == MF_OK && !all.failed && width)
        mf_width_fold(text, all.bytes, width);
    else if (status == MF_OK && !all.failed)
        mf_text_puts(text, all.bytes);
    text->failed = text->failed || all.failed;
    mf_text_free(&all);
    return status;
}
