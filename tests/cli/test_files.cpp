// Can an output replace what is read, another output, or the program's own data? Every command,
// every pair of its options that name files, and every way of naming the same file.
extern "C" {
#include "cli/arguments.h"
#include "cli/catalog.h"
#include "cli/files.h"
}
#include "tests/support/support.h"

#include <set>
#include <vector>

namespace
{
bool writes(const char *words)
{
    return words && *words == '>';
}

// Names of a catalogue may be paths; fixed words are none.
bool reads(const char *words)
{
    return words && *words != '>' && *words != '=';
}

// What the options say when `arguments` follow the command's name.
mf_status check(const mf_command *command, std::vector<std::string> arguments, std::string *message)
{
    std::vector<char *> argv = {const_cast<char *>(command->name)};
    for (auto &a : arguments)
        argv.push_back(a.data());
    argv.push_back(nullptr);
    mf_arena *arena = mf_arena_create();
    mf_arguments parsed;
    mf_diag diag = {};
    mf_cli cli = {};
    setenv("MULFREE_DATA", MF_SOURCE_DIR, 1);
    mf_status status = mf_arguments_parse(command, static_cast<int>(argv.size()) - 1, argv.data(),
                                          arena, &parsed, &diag);
    EXPECT_EQ(status, MF_OK) << diag.message;
    if (status == MF_OK)
        status = mf_files_check(&cli, &parsed, &diag);
    *message = diag.message;
    mf_arena_destroy(arena);
    return status;
}

// Two names of one file that is there, and of one that is not.
struct Pair {
    std::string a, b;
};

struct Files {
    Scratch scratch;
    std::vector<Pair> there, absent;
    Files()
    {
        std::string real = scratch.write("real.npz", "x"), folder = scratch.file("folder");
        std::filesystem::create_directory(folder);
        std::filesystem::create_symlink(scratch.file(""), scratch.file("again"));
        std::filesystem::create_symlink(real, scratch.file("link.npz"));
        std::filesystem::create_hard_link(real, scratch.file("hard.npz"));
        for (const char *other : {"real.npz", "./real.npz", "folder/../real.npz", "again/real.npz",
                                  "link.npz", "hard.npz"}) {
            there.push_back({real, scratch.file(other)});
            there.push_back({scratch.file(other), real});
        }
        for (const char *other : {"new.npz", "./new.npz", "folder/../new.npz", "again/new.npz"})
            absent.push_back({scratch.file("new.npz"), scratch.file(other)});
    }
};

std::string option(const mf_option *o)
{
    return std::string("--") + o->name;
}
} // namespace

TEST(Files, WhatAnOptionNamesIsSaid)
{
    for (const mf_command *const *c = mf_commands; *c; c++)
        for (const mf_option *o = (*c)->options; o->name; o++) {
            std::string value = o->value ? o->value : "", words = o->words ? o->words : "";
            bool file = value.rfind("FILE", 0) == 0 || value.rfind("DIR", 0) == 0;
            bool said = words.rfind("files", 0) == 0 || words.rfind(">files", 0) == 0;
            EXPECT_EQ(file, said) << (*c)->name << " " << option(o);
        }
}

TEST(Files, NoOutputReplacesAnInput)
{
    Files files;
    std::set<std::string> shared;
    std::string message;
    size_t n = 0;
    for (const mf_command *const *c = mf_commands; *c; c++)
        for (const mf_option *w = (*c)->options; w->name; w++) {
            if (!writes(w->words) || strchr(w->words, '/'))
                continue;
            for (const auto &pair : files.there) {
                if (reads((*c)->words)) {
                    EXPECT_EQ(check(*c, {pair.a, option(w), pair.b}, &message), MF_USAGE)
                        << (*c)->name << " " << option(w) << " " << pair.a << " " << pair.b;
                    n++;
                }
                for (const mf_option *r = (*c)->options; r->name; r++) {
                    if (!r->value || !reads(r->words))
                        continue;
                    mf_status status = check(*c, {option(r), pair.a, option(w), pair.b}, &message);
                    if (status == MF_OK)
                        shared.insert((*c)->name + (" " + option(r)) + " " + option(w));
                    else
                        EXPECT_NE(message.find("would replace what is read"), std::string::npos)
                            << message;
                    n++;
                }
            }
        }
    EXPECT_GT(n, 500u);
    // A training goes on in the checkpoint that it was resumed from.
    EXPECT_EQ(shared, std::set<std::string>({"train --resume --checkpoint"}));
}

TEST(Files, NoOutputReplacesAnother)
{
    Files files;
    std::string message;
    size_t n = 0;
    for (const mf_command *const *c = mf_commands; *c; c++)
        for (const mf_option *a = (*c)->options; a->name; a++)
            for (const mf_option *b = a + 1; writes(a->words) && b->name; b++) {
                if (!writes(b->words) || strchr(a->words, '/') || strchr(b->words, '/'))
                    continue;
                for (const auto *pairs : {&files.there, &files.absent})
                    for (const auto &pair : *pairs) {
                        EXPECT_EQ(check(*c, {option(a), pair.a, option(b), pair.b}, &message),
                                  MF_USAGE)
                            << (*c)->name << " " << option(a) << " " << option(b) << " " << pair.b;
                        EXPECT_NE(message.find("are both"), std::string::npos) << message;
                        n++;
                    }
            }
    EXPECT_GT(n, 100u);
}

TEST(Files, WhatStandsBesideCountsToo)
{
    Scratch scratch;
    std::string message, run = scratch.file("run.npz");
    const struct {
        const mf_command *command;
        const char *option, *other, *path;
    } cases[] = {
        {&mf_command_train, "--checkpoint", "--log", "run.npz.lock"},
        {&mf_command_train, "--checkpoint", "--output", "run.previous.npz"},
        {&mf_command_train, "--log", "--plot", "run.npz.lock"},
        {&mf_command_sweep, "--output", "--plot", "run.npz.journal"},
        {&mf_command_map, "--timeloop", "--output", "run.npz/problem.yaml"},
    };
    for (const auto &c : cases) {
        EXPECT_EQ(check(c.command, {c.option, run, c.other, scratch.file(c.path)}, &message),
                  MF_USAGE)
            << c.option << " " << c.path;
        EXPECT_EQ(check(c.command, {c.other, scratch.file(c.path), c.option, run}, &message),
                  MF_USAGE)
            << c.option << " " << c.path;
    }
}

TEST(Files, TheCatalogueIsSafe)
{
    std::string message;
    for (const char *own : {"models/zoo/mobilenetv2-tiny.json", "models/operators/mult.json",
                            "energy_tables/horowitz-45nm.json", "bench/experiments/table3.json"})
        EXPECT_EQ(check(&mf_command_show, {"mobilenetv2-tiny", "-o", source_path(own)}, &message),
                  MF_USAGE)
            << own;
}

TEST(Files, DevicesAndNewFilesAreFine)
{
    Scratch scratch;
    std::string message, in = scratch.write("in.json", "{}");
    EXPECT_EQ(check(&mf_command_show, {in, "-o", "/dev/null"}, &message), MF_OK) << message;
    EXPECT_EQ(check(&mf_command_train, {in, "-o", "/dev/null", "--plot", "/dev/null"}, &message),
              MF_OK)
        << message;
    EXPECT_EQ(check(&mf_command_show, {in, "-o", scratch.file("out.json")}, &message), MF_OK)
        << message;
    EXPECT_EQ(check(&mf_command_show, {"a", "-o", scratch.file("a")}, &message), MF_OK) << message;
    EXPECT_EQ(check(&mf_command_show, {in, "-o", scratch.file("nosuch/out.json")}, &message),
              MF_IO);
}
