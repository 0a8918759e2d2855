/* What an account or an execution shows of its schedule, where one was asked for (--schedule); else nothing. */
#ifndef MF_CLI_SCHEDULE_CELLS_H
#define MF_CLI_SCHEDULE_CELLS_H

#include "cli/account.h"
#include "cli/sheet.h"

/* Columns of a sheet, `n` of them before their end, and behind them those of schedules. */
const mf_column *mf_schedule_columns(const mf_account *account, const mf_column *columns, size_t n);

/* The last cells of a row, and of the total's: how the layer goes through, what is in the buffer meanwhile,
 * and what passes DRAM. */
void mf_schedule_cells(mf_sheet *sheet, const mf_account *account, const mf_analytic_row *row);
void mf_schedule_total_cells(mf_sheet *sheet, const mf_account *account,
                             const mf_analytic_result *result);

/* What is moved beside what must be, and what of the buffer that takes. */
void mf_schedule_note(mf_sheet *sheet, const mf_account *account, const mf_network *network,
                      const mf_analytic_result *result);

#endif
