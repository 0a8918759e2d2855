/* `mulfree completion bash`: a completion script written from the commands' own descriptions. */
#include "base/escape.h"
#include "cli/arguments.h"
#include "cli/catalog.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>

/* Each word of a list separated by blanks, as a shell word behind a blank. */
static void put_shell_words(mf_text *out, const char *list)
{
    for (size_t n; *list; list += n + (list[n] != '\0')) {
        char word[64];
        n = strcspn(list, " ");
        snprintf(word, sizeof word, "%.*s", (int)n, list);
        mf_text_puts(out, " ");
        mf_escape_shell(out, word);
    }
}

/* What answers for mf_option.words. */
static void put_reply(mf_text *out, const char *indent, const char *words)
{
    bool files = words && strncmp(words + (*words == '>'), "files", 5) == 0;
    mf_text_puts(out, indent);
    if (!words || files)
        mf_text_puts(out, files ? "compopt -o default" : ":");
    else
        mf_text_puts(out, *words == '=' ? "_mulfree_offer" : "_mulfree_names");
    if (words && !files)
        put_shell_words(out, words + (*words == '='));
    mf_text_puts(out, "\n");
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
                      "                _mulfree_offer");
    for (const mf_option *o = command->options; o->name; o++)
        mf_text_printf(out, " --%s", o->name);
    mf_text_puts(out, "\n            else\n");
    put_reply(out, "                ", command->words);
    mf_text_puts(out, "            fi ;;\n");
}

/* Words are compared and never expanded: compgen -W would run what a name spells. Names come with a
 * zero byte behind each, since they may hold any other. Files are left to readline. */
static void put_script(mf_text *out)
{
    mf_text_puts(out,
                 "# bash completion of mulfree, written by `mulfree completion bash`\n\n"
                 "# Offers those of the words given that begin with the one under way.\n"
                 "_mulfree_offer() {\n"
                 "    local candidate\n"
                 "    for candidate in \"$@\"; do\n"
                 "        [[ $candidate == \"$word\"* ]] && COMPREPLY+=(\"$candidate\")\n"
                 "    done\n"
                 "}\n\n"
                 "_mulfree_names() {\n"
                 "    local names\n"
                 "    mapfile -d '' -t names < <(\"${COMP_WORDS[0]}\" completion names \"$@\" "
                 "2>/dev/null)\n"
                 "    _mulfree_offer \"${names[@]}\"\n"
                 "}\n\n"
                 "_mulfree() {\n"
                 "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                 "    COMPREPLY=()\n"
                 "    if ((COMP_CWORD == 1)); then\n"
                 "        _mulfree_offer");
    for (const mf_command *const *c = mf_commands; *c; c++)
        mf_text_printf(out, " %s", (*c)->name);
    mf_text_puts(out, " help --help --version\n        return\n    fi\n"
                      "    case \"${COMP_WORDS[1]}\" in\n");
    for (const mf_command *const *c = mf_commands; *c; c++)
        put_command(out, *c);
    mf_text_puts(out, "    esac\n}\n\ncomplete -o filenames -F _mulfree mulfree\n");
}

static mf_status put_names(mf_cli *cli, const mf_arguments *arguments, mf_text *out, mf_diag *diag)
{
    for (size_t i = 1; i < arguments->n_words; i++)
        for (int kind = 0; kind < MF_N_KINDS; kind++) {
            const char **names;
            size_t n;
            if (strcmp(arguments->words[i], mf_kind_plural((mf_kind)kind)) != 0)
                continue;
            MF_TRY(mf_catalog_names(cli, (mf_kind)kind, arguments->arena, &names, &n, diag));
            for (size_t k = 0; k < n; k++)
                mf_text_add(out, names[k], strlen(names[k]) + 1);
        }
    return MF_OK;
}

static mf_status run(mf_cli *cli, const mf_arguments *arguments, mf_diag *diag)
{
    mf_text out = {0};
    MF_TRY(mf_arguments_expect(arguments, 1, 1 + MF_N_KINDS, diag));
    const char *what = arguments->words[0];
    if (strcmp(what, "names") == 0) {
        mf_status status = put_names(cli, arguments, &out, diag);
        if (status == MF_OK)
            return mf_output_text(&out, diag);
        mf_text_free(&out);
        return status;
    }
    MF_TRY(mf_arguments_expect(arguments, 1, 1, diag));
    if (strcmp(what, "bash") != 0)
        return mf_fail(diag, MF_UNKNOWN_NAME, "completion: no script for \"%s\", only for bash",
                       what);
    put_script(&out);
    return mf_output_text(&out, diag);
}

static const mf_option options[] = {MF_COMMON_OPTIONS, MF_END_OF_OPTIONS};
static const mf_example examples[] = {
    {"source <(mulfree completion bash)", "completion in this shell"}, {NULL, NULL}};

const mf_command mf_command_completion = {
    .name = "completion",
    .summary = "print a completion script for the shell",
    .arguments = "bash|names KIND ...",
    .about =
        "Completes commands, options and the names of networks, accelerators, operators and "
        "experiments. The script asks for those with `completion names`: a zero byte ends each.",
    .words = "=bash",
    .options = options,
    .examples = examples,
    .run = run,
};
