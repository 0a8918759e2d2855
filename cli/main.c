/* The program: find the command, run it, say what went wrong, exit with the status' code. */
#include "cli/conditions.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/line.h"
#include "cli/meet.h"
#include "cli/output.h"
#include "cli/width.h"

#include "base/escape.h"
#include "base/nearest.h"
#include "base/ranks.h"
#include "base/unfinished.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One line for people on standard error, in one write. */
static void say(const char *line, const char *hint)
{
    if (!mf_ranks_speaks())
        return;
    mf_text text = {0};
    mf_text_puts(&text, "mulfree: ");
    mf_escape_terminal(&text, line);
    mf_text_puts(&text, *hint ? "; " : "");
    mf_escape_terminal(&text, hint);
    mf_text_puts(&text, "\n");
    fputs(text.failed ? "mulfree: out of memory\n" : text.bytes, stderr);
    mf_text_free(&text);
}

static void print_log(void *user, mf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    mf_line_wipe();
    say(line, "");
}

static bool shows_colour(void)
{
    const char *terminal = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && terminal &&
           strcmp(terminal, "dumb") != 0;
}

static mf_status find_command(const char *word, const mf_command **command, mf_diag *diag)
{
    const char *names[64];
    size_t n = 0;
    for (const mf_command *const *c = mf_commands; *c; c++) {
        names[n++] = (*c)->name;
        if (strcmp(word, (*c)->name) == 0) {
            *command = *c;
            return MF_OK;
        }
    }
    const char *near = mf_nearest(word, names, n);
    mf_fail(diag, MF_USAGE, "unknown command \"%s\"", word);
    if (near)
        mf_hint(diag, "did you mean \"%s\"?", near);
    else
        mf_hint(diag, "`mulfree --help` lists the commands");
    return MF_USAGE;
}

/* May this command run in as many processes as the launcher has begun? */
static mf_status check_ranks(const mf_command *command, mf_diag *diag)
{
    size_t rank, n = mf_ranks_launched(&rank);
    if (n == 1)
        return MF_OK;
    if (!mf_ranks_can()) {
        mf_fail(diag, MF_USAGE, "%zu copies of a program without MPI would all do the same", n);
        mf_hint(diag, "mulfree-mpi is the one with it: `cmake --preset mpi && cmake --build --preset mpi`");
        return MF_USAGE;
    }
    if (command->on_ranks)
        return MF_OK;
    char names[256] = "";
    for (const mf_command *const *c = mf_commands; *c; c++)
        if ((*c)->on_ranks)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
                     *names ? ", " : "", (*c)->name);
    return mf_fail(diag, MF_USAGE, "%s runs in one process, and here are %zu; in several run: %s",
                   command->name, n, names);
}

static mf_status run(mf_cli *cli, int argc, char **argv, mf_arena *arena, mf_diag *diag)
{
    const mf_command *command = NULL;
    mf_arguments arguments;
    size_t rank;
    mf_ranks_launched(&rank);
    if (rank && (argc < 2 || *argv[1] == '-' || strcmp(argv[1], "help") == 0))
        return MF_OK; /* rank 0 answers */
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return mf_help_program(diag);
    if (strcmp(argv[1], "--version") == 0)
        return mf_help_version(diag);
    if (strcmp(argv[1], "help") == 0) {
        if (argc < 3)
            return mf_help_program(diag);
        MF_TRY(find_command(argv[2], &command, diag));
        return mf_help_command(command, diag);
    }
    MF_TRY(find_command(argv[1], &command, diag));
    MF_TRY(mf_arguments_parse(command, argc - 1, argv + 1, arena, &arguments, diag));
    if (mf_arguments_has(&arguments, "help"))
        return rank ? MF_OK : mf_help_command(command, diag);
    MF_TRY(check_ranks(command, diag));
    if (mf_arguments_has(&arguments, "verbose"))
        cli->log = (mf_log){MF_LOG_DEBUG, print_log, NULL};
    if (mf_arguments_has(&arguments, "wide"))
        cli->width = 0;
    MF_TRY(mf_arguments_judge(&arguments, diag));
    mf_log_write(&cli->log, MF_LOG_DEBUG, "%s, by mulfree %s", command->name,
                 mf_help_version_text());
    MF_TRY(mf_output_check(&arguments, diag));
    MF_TRY(mf_files_check(cli, &arguments, diag));
    return command->run(cli, &arguments, diag);
}

/* Streams that are closed would be the numbers of the next files that are opened, and what is said
 * would go there. Instead they fail, as closed ones do: each is opened the wrong way round. */
static void keep_streams(void)
{
    static const int ways[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int i = 0; i < 3; i++)
        if (fcntl(i, F_GETFD) < 0)
            open("/dev/null", ways[i]);
}

int main(int argc, char **argv)
{
    keep_streams();
    bool alone = !mf_is_one_of_several(); /* what a launcher opens looks like a terminal */
    mf_diag diag = {0};
    mf_cli cli = {.colour = alone && shows_colour(),
                  .terminal = alone && isatty(STDOUT_FILENO),
                  .width = mf_width_of_terminal(STDOUT_FILENO),
                  .progress = alone && isatty(STDERR_FILENO),
                  .log = {MF_LOG_NOTE, print_log, NULL}};
    mf_arena *arena = mf_arena_create();
    mf_unfinished_watch();
    mf_status status = arena ? run(&cli, argc, argv, arena, &diag) : mf_fail_memory(&diag);
    mf_line_wipe();
    if (status != MF_OK && diag.message[0])
        say(diag.message, diag.hint);
    mf_ranks_end(status);
    mf_arena_destroy(arena);
    return mf_status_exit_code(status);
}
