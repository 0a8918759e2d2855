/* `mulfree man`: the manual page, written from the commands' own descriptions. */
#include "base/escape.h"
#include "cli/conditions.h"
#include "cli/help.h"
#include "cli/output.h"

#include <string.h>

static void put_line(mf_text *out, const char *text)
{
    mf_escape_roff(out, text);
    mf_text_puts(out, "\n");
}

static void put_option(mf_text *out, const mf_command *command, const mf_option *o)
{
    char when[256];
    mf_text_puts(out, ".TP\n");
    if (o->letter)
        mf_text_printf(out, "\\fB\\-%c\\fR, ", o->letter);
    mf_text_puts(out, "\\fB\\-\\-");
    mf_escape_roff(out, o->name);
    mf_text_puts(out, "\\fR");
    if (o->value)
        mf_text_printf(out, " \\fI%s\\fR", o->value);
    mf_text_puts(out, "\n");
    mf_escape_roff(out, o->about);
    mf_option_when(command, o, when, sizeof when);
    if (*when) {
        mf_text_puts(out, " (");
        mf_escape_roff(out, when);
        mf_text_puts(out, ")");
    }
    mf_text_puts(out, "\n");
}

static void put_command(mf_text *out, const mf_command *command)
{
    mf_text_printf(out, ".SS mulfree %s \\fI", command->name);
    mf_escape_roff(out, command->arguments);
    mf_text_puts(out, "\\fR\n");
    put_line(out, command->summary);
    if (*command->about) {
        mf_text_puts(out, ".PP\n");
        put_line(out, command->about);
    }
    for (const mf_option *o = command->options; o->name; o++)
        put_option(out, command, o);
    for (const mf_example *e = command->examples; e->line; e++) {
        mf_text_puts(out, ".PP\n.EX\n");
        put_line(out, e->line);
        mf_text_puts(out, ".EE\n");
        put_line(out, e->about);
    }
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_text out = {0};
    (void)cli;
    MF_TRY(mf_arguments_expect(arguments, 0, 0, diag));
    mf_text_printf(&out, ".TH MULFREE 1 \"\" \"mulfree %s\" \"User Commands\"\n",
                   mf_help_version_text());
    mf_text_puts(&out,
                 ".SH NAME\nmulfree \\- energy and latency of networks that multiply, shift or "
                 "add\n.SH SYNOPSIS\n.B mulfree\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR ...]\n"
                 ".SH DESCRIPTION\n");
    put_line(&out, mf_help_about_text());
    mf_text_puts(&out, ".SH COMMANDS\n");
    for (const mf_command *const *c = mf_commands; *c; c++)
        put_command(&out, *c);
    mf_text_puts(
        &out, ".SH ENVIRONMENT\n.TP\n.B MULFREE_DATA\nThe folder that holds models/zoo and the "
              "other data, instead of the one beside the program.\n.TP\n.B NO_COLOR\nNo colours, "
              "even on a terminal.\n.SH EXIT STATUS\n");
    for (int i = 0; i < MF_N_STATUS; i++) {
        mf_text_printf(&out, ".TP\n.B %d\n", mf_status_exit_code((mf_status)i));
        put_line(&out, mf_status_text((mf_status)i));
    }
    return mf_output_text(&out, diag);
}

static const mf_option options[] = {MF_COMMON_OPTIONS, MF_END_OF_OPTIONS};
static const mf_example examples[] = {{"mulfree man | man -l -", "read the manual page"},
                                      {NULL, NULL}};

const mf_command mf_command_man = {
    .name = "man",
    .summary = "print the manual page",
    .arguments = "",
    .about = "",
    .words = NULL,
    .options = options,
    .examples = examples,
    .run = run,
};
