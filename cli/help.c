/* Help for the program and for one command, and the list of commands that it goes through. */
#include "cli/help.h"

#include "cli/conditions.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>

const mf_command *const mf_commands[] = {
#define MF_COMMAND(name) &mf_command_##name,
#include "cli/commands.def"
#undef MF_COMMAND
    NULL};

enum { LINE = 80, OPTION_COLUMN = 26, COMMAND_COLUMN = 14 };

const char *mf_help_version_text(void)
{
    return MF_VERSION;
}

const char *mf_help_about_text(void)
{
    return "Energy and latency of small convolutional networks whose convolutions multiply, shift "
           "or "
           "add, on an Eyeriss-like row-stationary accelerator. Reproduces the hardware table of "
           "ShiftAddAug (CVPRW 2024) to every printed digit, compares operators, and sweeps "
           "arrays.";
}

void mf_help_wrap(mf_text *out, const char *text, size_t indent, size_t column)
{
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column > indent && column + 1 + length > LINE) {
            mf_text_puts(out, "\n");
            column = 0;
        }
        if (column > indent) {
            mf_text_puts(out, " ");
            column++;
        }
        for (; column < indent; column++)
            mf_text_puts(out, " ");
        mf_text_add(out, text, length);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    mf_text_puts(out, "\n");
}

mf_status mf_help_version(mf_diag *diag)
{
    mf_text out = {0};
    mf_text_printf(&out, "mulfree %s\n", MF_VERSION);
    return mf_output_text(&out, diag);
}

/* "left", then `text` from `column` on. */
static void put_entry(mf_text *out, const char *left, size_t column, const char *text)
{
    size_t n = strlen(left);
    mf_text_puts(out, left);
    if (n + 2 > column) {
        mf_text_puts(out, "\n");
        n = 0;
    }
    for (; n < column; n++)
        mf_text_puts(out, " ");
    mf_help_wrap(out, text, column, column);
}

mf_status mf_help_program(mf_diag *diag)
{
    mf_text out = {0};
    char left[64];
    mf_text_puts(&out, "usage: mulfree COMMAND [ARGUMENT ...]\n\n");
    mf_help_wrap(&out, mf_help_about_text(), 0, 0);
    mf_text_puts(&out, "\ncommands:\n");
    for (const mf_command *const *c = mf_commands; *c; c++) {
        snprintf(left, sizeof left, "  %s", (*c)->name);
        put_entry(&out, left, COMMAND_COLUMN, (*c)->summary);
    }
    mf_text_puts(&out, "\ntry:\n"
                       "  mulfree table 3               the paper's hardware table, reproduced\n"
                       "  mulfree compare mcunet-in3    one network with three operators\n"
                       "  mulfree COMMAND --help        what a command can do, with examples\n");
    return mf_output_text(&out, diag);
}

static void put_option(mf_text *out, const mf_command *command, const mf_option *o)
{
    char left[64], letter[8] = "    ", when[256], about[512];
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, o->name, o->value ? " " : "",
             o->value ? o->value : "");
    mf_option_when(command, o, when, sizeof when);
    snprintf(about, sizeof about, *when ? "%s (%s)" : "%s", o->about, when);
    put_entry(out, left, OPTION_COLUMN, about);
}

mf_status mf_help_command(const mf_command *command, mf_diag *diag)
{
    mf_text out = {0};
    mf_text_printf(&out, "usage: mulfree %s %s%s[OPTION ...]\n\n", command->name,
                   command->arguments, *command->arguments ? " " : "");
    mf_text_printf(&out, "%s: ", command->name);
    mf_help_wrap(&out, command->summary, 0, strlen(command->name) + 2);
    if (*command->about) {
        mf_text_puts(&out, "\n");
        mf_help_wrap(&out, command->about, 0, 0);
    }
    mf_text_puts(&out, "\noptions:\n");
    for (const mf_option *o = command->options; o->name; o++)
        put_option(&out, command, o);
    mf_text_puts(&out, "\nexamples:\n");
    for (const mf_example *e = command->examples; e->line; e++)
        mf_text_printf(&out, "  %s\n      %s\n", e->line, e->about);
    return mf_output_text(&out, diag);
}
