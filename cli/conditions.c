/* The list of conditions, evaluated. */
#include "cli/conditions.h"

#include "base/file.h"
#include "cli/meet.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- words of conditions.def -------------------------------------------------------------------
 */

static bool given(const mf_arguments *a, const char *option)
{
    return mf_arguments_has(a, option);
}

static bool is(const mf_arguments *a, const char *option, const char *value)
{
    const char *word = mf_arguments_value(a, option);
    return word && strcmp(word, value) == 0;
}

static bool first(const mf_arguments *a, const char *word)
{
    return a->n_words && strcmp(a->words[0], word) == 0;
}

/* Is one of the words a file of that ending? */
static bool reads(const mf_arguments *a, const char *ending)
{
    for (size_t i = 0; i < a->n_words; i++)
        if (mf_file_has_ending(a->words[i], ending))
            return true;
    return false;
}

static bool has_option(const mf_command *command, const char *name)
{
    for (const mf_option *o = command->options; o->name; o++)
        if (strcmp(o->name, name) == 0)
            return true;
    return false;
}

/* The account that is taken where --accounting does not say: engines run the consistent one, and
 * the paper's predictor knows nothing of a trace's integers. */
static const char *default_account(const mf_arguments *a)
{
    return given(a, "engine") || reads(a, ".npz") ? "consistent" : "published";
}

/* Is the account one of those that --accounting names? */
static bool runs(const mf_arguments *a, const char *account)
{
    const char *list = mf_arguments_value(a, "accounting");
    size_t n = strlen(account);
    if (!has_option(a->command, "accounting")) /* mf_command.always says it */
        return false;
    for (const char *word = list ? list : default_account(a); word; word = strchr(word, ',')) {
        word += *word == ',';
        if (strcspn(word, ",") == n && strncmp(word, account, n) == 0)
            return true;
    }
    return false;
}

/* Does a table go to a terminal, as text? (What trace export writes with --output is no table.) */
static bool shows_text(const mf_arguments *a)
{
    mf_format format;
    bool exports = strcmp(a->command->name, "trace") == 0 && first(a, "export"),
         saved = given(a, "output") && !exports;
    return isatty(STDOUT_FILENO) && !saved &&
           mf_output_format(a, &format, NULL) == MF_OK && format == MF_FORMAT_TEXT;
}

static bool asks_experiment(const mf_arguments *a)
{
    bool compares = has_option(a->command, "ops");
    return runs(a, "published") || !given(a, "accelerator") ||
           (compares && (!given(a, "ops") || !a->n_words));
}

/* ---- what holds --------------------------------------------------------------------------------
 */

static const struct {
    const char *option, *when;
} conditions[] = {
#define MF_CONDITION(NAME, option, holds, when) {option, when},
#include "cli/conditions.def"
#undef MF_CONDITION
};

mf_conditions mf_arguments_find(const mf_arguments *a)
{
    mf_conditions holds = a->command->always;
#define MF_CONDITION(NAME, option, is_true, when) holds |= (is_true) ? MF_IF_##NAME : 0;
#include "cli/conditions.def"
#undef MF_CONDITION
    return holds;
}

bool mf_arguments_hold(const mf_arguments *arguments, mf_conditions wanted)
{
    return (arguments->holds & wanted) == wanted;
}

mf_status mf_arguments_need(const mf_arguments *arguments, const char *what, mf_conditions needs,
                            mf_diag *diag)
{
    mf_conditions lacking = needs & ~arguments->holds;
    for (int i = 0; i < MF_N_CONDITIONS; i++)
        if (lacking >> i & 1)
            return mf_fail(diag, MF_USAGE, "%s counts only %s", what, conditions[i].when);
    return MF_OK;
}

/* ---- words that decide -------------------------------------------------------------------------
 */

static mf_status check_accounts(const mf_arguments *a, mf_diag *diag)
{
    const char **words;
    size_t n;
    MF_TRY(mf_arguments_list(a, "accounting", &words, &n, diag));
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], "published") != 0 && strcmp(words[i], "consistent") != 0)
            return mf_fail(diag, MF_USAGE,
                           "--accounting: expected published, consistent or both, found \"%s\"",
                           words[i]);
        if (i && strcmp(words[i], words[0]) == 0)
            return mf_fail(diag, MF_USAGE, "--accounting: %s is named twice", words[i]);
    }
    if (given(a, "engine") && words && !runs(a, "consistent"))
        return mf_fail(diag, MF_USAGE, "--engine runs the consistent account, not --accounting %s",
                       words[0]);
    return MF_OK;
}

static mf_status check_engine(const mf_arguments *a, mf_diag *diag)
{
    const char *engine = mf_arguments_value(a, "engine");
    if (engine && strcmp(engine, "systemc") != 0 && strcmp(engine, "analytic") != 0)
        return mf_fail(diag, MF_USAGE, "--engine: expected analytic or systemc, found \"%s\"",
                       engine);
    return MF_OK;
}

/* ---- options that change nothing ---------------------------------------------------------------
 */

/* The key of a list's KEY=VALUE, or nothing: then the option itself must be given only once. */
static size_t key_length(const mf_given *g)
{
    return g->option->list ? strcspn(g->value, "=") : 0;
}

static mf_status refuse_again(const mf_arguments *a, mf_diag *diag)
{
    for (size_t i = 0; i < a->n_given; i++)
        for (size_t k = 0; k < i; k++) {
            const mf_given *g = &a->given[i], *before = &a->given[k];
            size_t n = key_length(g);
            if (g->option != before->option || n != key_length(before) ||
                (n && strncmp(g->value, before->value, n) != 0))
                continue;
            return mf_fail(diag, MF_USAGE, "--%s%s%.*s is given twice, and only one can count",
                           g->option->name, n ? " " : "", (int)n, n ? g->value : "");
        }
    return MF_OK;
}

static mf_status need_all(const mf_arguments *a, mf_diag *diag)
{
    for (size_t i = 0; i < a->n_given; i++) {
        const char *name = mf_arena_format(a->arena, "--%s", a->given[i].option->name);
        if (!name)
            return mf_fail_memory(diag);
        MF_TRY(mf_arguments_need(a, name, a->given[i].option->needs, diag));
    }
    return MF_OK;
}

mf_status mf_arguments_judge(const mf_arguments *a, mf_diag *diag)
{
    MF_TRY(refuse_again(a, diag));
    MF_TRY(check_engine(a, diag));
    MF_TRY(check_accounts(a, diag));
    return need_all(a, diag);
}

mf_status mf_arguments_lack(const mf_arguments *arguments, mf_conditions condition, mf_diag *diag)
{
    mf_arguments told = *arguments;
    told.holds &= ~condition;
    return need_all(&told, diag);
}

void mf_option_when(const mf_command *command, const mf_option *option, char *text, size_t size)
{
    mf_conditions open = option->needs & ~command->always;
    size_t n = 0;
    if (open & MF_IF_DESCRIBED) /* says it more narrowly */
        open &= ~(mf_conditions)(MF_IF_NETWORK | MF_IF_SHOWN_NETWORK);
    if (open & MF_IF_NETWORK)
        open &= ~(mf_conditions)MF_IF_SHOWN_NETWORK;
    text[0] = '\0';
    for (int i = 0; i < MF_N_CONDITIONS && n < size; i++) {
        const char *decides = conditions[i].option;
        if ((open >> i & 1) && (!decides || has_option(command, decides)))
            n += (size_t)snprintf(text + n, size - n, "%s%.*s", n ? ", " : "",
                                  (int)strcspn(conditions[i].when, ":"), conditions[i].when);
    }
}
