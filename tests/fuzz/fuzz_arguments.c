/* A command's number, then words, a zero byte behind each: what does the command line make of them?
 */
#include "tests/fuzz/fuzz.h"

#include "cli/arguments.h"

enum { MOST_WORDS = 16 };

static const mf_command *command_of(uint8_t number)
{
    size_t n = 0;
    while (mf_commands[n])
        n++;
    return mf_commands[number % n];
}

static void ask(const mf_arguments *arguments)
{
    for (const mf_option *o = arguments->command->options; o->name; o++) {
        uint64_t count;
        double real;
        const char **words;
        size_t n;
        mf_diag diag = {0};
        mf_arguments_has(arguments, o->name);
        mf_arguments_values(arguments, o->name, &n);
        if (!o->value || !mf_arguments_value(arguments, o->name))
            continue;
        mf_arguments_count(arguments, o->name, 1, 1000, &count, &diag);
        mf_arguments_real(arguments, o->name, 0, 1e6, &real, &diag);
        mf_arguments_list(arguments, o->name, &words, &n, &diag);
    }
    mf_diag diag = {0};
    mf_fuzz_check_status(mf_arguments_expect(arguments, 1, 2, &diag), &diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const mf_command *command = command_of(data[0]);
    char *text = mf_fuzz_text(data + 1, size - 1), *argv[MOST_WORDS + 2];
    int argc = 0;
    argv[argc++] = (char[]){"command"};
    for (char *at = text; at < text + size - 1 && argc <= MOST_WORDS; at += strlen(at) + 1)
        argv[argc++] = at;
    argv[argc] = NULL;
    mf_arena *arena = mf_arena_create();
    mf_arguments arguments;
    mf_diag diag = {0};
    mf_status status = mf_arguments_parse(command, argc, argv, arena, &arguments, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status == MF_OK)
        ask(&arguments);
    mf_arena_destroy(arena);
    free(text);
    return 0;
}
