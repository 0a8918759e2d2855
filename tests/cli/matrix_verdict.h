// Was an option or a key heard, refused, or neither?
#ifndef MF_TESTS_MATRIX_VERDICT_H
#define MF_TESTS_MATRIX_VERDICT_H

extern "C" {
#include "cli/command.h"
}
#include "tests/cli/matrix_world.h"

namespace matrix
{

enum class Verdict { counts, refused, neither };

inline bool differs(const Outcome &a, const Outcome &b)
{
    return a.code != b.code || a.out != b.out || a.files != b.files || a.err != b.err;
}

// Nothing is done, and one line names the option or key and says on what it would count.
inline bool is_refusal(const Outcome &o, const std::string &what)
{
    static const Words reasons = {"counts only",   "changes no number",   "changes nothing here",
                                  "replaces it",   "give one of them",    "cannot change",
                                  "--engine runs", "the checkpoint says", "known: ",
                                  "there is no"};
    bool says = false;
    for (const auto &reason : reasons)
        says = says || o.err.find(reason) != std::string::npos;
    return o.code != 0 && o.out.empty() && std::count(o.err.begin(), o.err.end(), '\n') == 1 &&
           o.err.find(what) != std::string::npos && says;
}

inline const mf_command &command_of(const std::string &name)
{
    for (const mf_command *const *c = mf_commands; *c; c++)
        if (name == (*c)->name)
            return **c;
    ADD_FAILURE() << "no command is called " << name;
    return **mf_commands;
}

inline const mf_option *option_of(const mf_command &command, const std::string &name)
{
    for (const mf_option *o = command.options; o->name; o++)
        if (name == o->name)
            return o;
    return nullptr;
}

// Is this word the option? And of a list, with that key?
inline bool is_option(const Words &words, size_t i, const mf_option &option, const std::string &key)
{
    bool here = words[i] == std::string("--") + option.name ||
                (option.letter && words[i] == std::string("-") + option.letter);
    return here && (!option.list || words[i + 1].compare(0, key.size() + 1, key + "=") == 0);
}

// Without an option that is there; of a list, without the key of `value`.
inline Words without(const Words &words, const mf_option &option, const std::string &value)
{
    Words kept;
    for (size_t i = 0; i < words.size(); i++)
        if (is_option(words, i, option, value.substr(0, value.find('='))))
            i += option.value != nullptr;
        else
            kept.push_back(words[i]);
    return kept;
}

// `more` instead of what is there of its options.
inline Words joined(const mf_command &command, Words words, const Words &more)
{
    for (size_t i = 0; i < more.size(); i++)
        for (const mf_option *o = command.options; o->name; o++)
            if (more[i] == std::string("--") + o->name ||
                (o->letter && more[i] == std::string("-") + o->letter))
                words = without(words, *o, o->value ? more[i + 1] : "");
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

} // namespace matrix

#endif
