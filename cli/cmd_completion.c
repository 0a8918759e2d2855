/* `mulfree completion bash`: a completion script written from the commands' own descriptions. */
#include "cli/arguments.h"
#include "cli/output.h"

#include <string.h>

/* The shell words that stand for mf_option.words. */
static void put_words(mf_text *out, const char *words)
{
    if (!words)
        mf_text_puts(out, "''");
    else if (words[0] == '=')
        mf_text_printf(out, "'%s'", words + 1);
    else
        mf_text_printf(out, "\"$(_mulfree_names %s)\"", words);
}

static void put_reply(mf_text *out, const char *indent, const char *words)
{
    if (words && strcmp(words, "files") == 0) {
        mf_text_printf(out, "%sCOMPREPLY=($(compgen -f -- \"$word\"))\n", indent);
        return;
    }
    mf_text_printf(out, "%sCOMPREPLY=($(compgen -W ", indent);
    put_words(out, words);
    mf_text_puts(out, " -- \"$word\"))\n");
}

static void put_command(mf_text *out, const mf_command *command)
{
    mf_text_printf(out, "        %s)\n            case \"$before\" in\n", command->name);
    for (const mf_option *o = command->options; o->name; o++) {
        if (!o->value)
            continue;
        mf_text_printf(out, "                --%s", o->name);
        if (o->letter)
            mf_text_printf(out, "|-%c", o->letter);
        mf_text_puts(out, ")\n");
        put_reply(out, "                    ", o->words);
        mf_text_puts(out, "                    return ;;\n");
    }
    mf_text_puts(out, "            esac\n            if [[ $word == -* ]]; then\n"
                      "                COMPREPLY=($(compgen -W '");
    for (const mf_option *o = command->options; o->name; o++)
        mf_text_printf(out, "%s--%s", o == command->options ? "" : " ", o->name);
    mf_text_puts(out, "' -- \"$word\"))\n            else\n");
    put_reply(out, "                ", command->words);
    mf_text_puts(out, "            fi ;;\n");
}

static void put_script(mf_text *out)
{
    mf_text_puts(out,
                 "# bash completion of mulfree, written by `mulfree completion bash`\n\n"
                 "_mulfree_names() {\n"
                 "    local kind\n"
                 "    for kind in \"$@\"; do\n"
                 "        \"${COMP_WORDS[0]}\" list \"$kind\" --format csv 2>/dev/null | "
                 "tail -n +2 | cut -d, -f2\n"
                 "    done\n"
                 "}\n\n"
                 "_mulfree() {\n"
                 "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                 "    COMPREPLY=()\n"
                 "    if ((COMP_CWORD == 1)); then\n"
                 "        COMPREPLY=($(compgen -W '");
    for (const mf_command *const *c = mf_commands; *c; c++)
        mf_text_printf(out, "%s ", (*c)->name);
    mf_text_puts(out, "help --help --version' -- \"$word\"))\n        return\n    fi\n"
                      "    case \"${COMP_WORDS[1]}\" in\n");
    for (const mf_command *const *c = mf_commands; *c; c++)
        put_command(out, *c);
    mf_text_puts(out, "    esac\n}\n\ncomplete -o filenames -F _mulfree mulfree\n");
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_text out = {0};
    (void)cli;
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    if (strcmp(arguments->words[0], "bash") != 0)
        return mf_fail(diag, MF_UNKNOWN_NAME, "completion: no script for \"%s\", only for bash",
                       arguments->words[0]);
    put_script(&out);
    return mf_output_text(&out, diag);
}

static const mf_option options[] = {MF_COMMON_OPTIONS, MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"source <(mulfree completion bash)", "completion in this shell"}, {NULL, NULL}};

const mf_command mf_command_completion = {
    .name = "completion",
    .summary = "print a completion script for the shell",
    .arguments = "bash",
    .about = "Completes commands, options and the names of networks, accelerators, operators and "
             "experiments.",
    .words = "=bash",
    .options = options,
    .examples = examples,
    .run = run,
};
