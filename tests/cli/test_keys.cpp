// Does every key count? Each command that takes --set, in each account and on each kind of input,
// with each key of the program's own tables at a value that must matter, and the axes of a sweep,
// which are the same keys: what it prints or writes is another than without, or it refuses, for a
// reason that holds there.
#include "tests/cli/matrix_keys.h"
#include "tests/cli/matrix_verdict.h"

#include <cstdlib>
#include <set>

namespace
{
using namespace matrix;

class Keys : public testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        world = new World;
        if (HasFailure()) // the suite would be skipped, which nobody counts as a failure
            std::exit(1);
    }
    static void TearDownTestSuite()
    {
        delete world;
    }

    const Outcome &base(const KeySetting &s, const Words &words)
    {
        Words all = words;
        all.insert(all.begin(), s.command);
        auto at = bases.find(all);
        if (at == bases.end())
            at = bases.emplace(all, world->run(all, s.keeps)).first;
        return at->second;
    }

    // A sweep over the setting's axes, and one more.
    static std::string specification(const KeySetting &s, const std::string &axis)
    {
        std::string axes = s.axes;
        for (const char *word : {"NET", "CSV"})
            if (axes.find(word) != std::string::npos)
                axes.replace(axes.find(word), 3,
                             world->path(*word == 'N' ? "net.json" : "layers.csv"));
        return world->write("axes.json",
                            R"({"name": "s", "about": "a", "grid": {)" + axis + axes + "}}");
    }

    // "key": [value], with quotes around what is a word.
    static std::string axis_of(const std::string &key, const std::string &value)
    {
        bool number = value.find_first_not_of("0123456789.") == std::string::npos;
        std::string quote = number ? "" : "\"";
        return "\"" + key + "\": [" + quote + value + quote + "], ";
    }

    static bool is_axis(const std::string &key)
    {
        for (const char *const *k = mf_accelerator_keys; *k; k++)
            if (key == std::string("accelerator.") + *k)
                return true;
        return false;
    }

    struct Try {
        Verdict verdict;
        std::string line, answer;
    };

    Try try_one(const KeySetting &s, const std::string &key, const std::string &value,
                const Words &with)
    {
        const int no_mapping = mf_status_exit_code(MF_NO_MAPPING);
        const mf_command &command = command_of(s.command);
        Words before = joined(command, s.words, with), after;
        std::string what = key;
        Outcome was;
        if (s.axes.empty()) {
            was = base(s, before);
            after = joined(command, before, {"--set", key + "=" + value});
        } else {
            what = key.substr(key.find('.') + 1);
            before.insert(before.begin(), specification(s, ""));
            Words named = before;
            named.push_back(s.axes); // the file is another one each time
            auto at = bases.find(named);
            if (at == bases.end()) {
                Words all = before;
                all.insert(all.begin(), s.command);
                at = bases.emplace(named, world->run(all)).first;
            }
            was = at->second;
            after = before;
            specification(s, axis_of(what, value));
        }
        after.insert(after.begin(), s.command);
        Outcome o = world->run(after, s.keeps);
        Try tried = {Verdict::neither, line_of(after), o.err};
        if (is_refusal(o, what) || is_refusal(o, "--set counts only"))
            tried.verdict = Verdict::refused;
        else if (differs(o, was) && // a machine on which nothing fits any more was heard
                 (o.code == 0 || (o.code == no_mapping && was.code == 0)))
            tried.verdict = Verdict::counts;
        return tried;
    }

    // What the command has of some words, in pairs but for switches.
    static bool has_options(const KeySetting &s, const Words &with)
    {
        for (const auto &word : with)
            if (word.compare(0, 2, "--") == 0 && !option_of(command_of(s.command), word.substr(2)))
                return false;
        return true;
    }

    static Words only_options(const KeySetting &s, const Words &with)
    {
        Words kept;
        for (size_t i = 0; i < with.size(); i++) {
            bool value = i + 1 < with.size() && with[i + 1][0] != '-';
            if (has_options(s, {with[i]}))
                kept.insert(kept.end(), with.begin() + static_cast<long>(i),
                            with.begin() + static_cast<long>(i + (value ? 2 : 1)));
            i += value;
        }
        return kept;
    }

    // A refusal must be for one of the setting's reasons.
    void judge(const KeySetting &s, const std::string &key, const KeyRow &row)
    {
        std::vector<Words> withs = {{}};
        for (const auto &with : row.withs)
            withs.push_back(only_options(s, with));
        std::string tried, refusal;
        for (const auto &with : withs)
            for (const auto &value : row.values) {
                Try t = try_one(s, key, value, with);
                tried += "\n  " + t.line + "\n  " + t.answer;
                if (t.verdict == Verdict::counts) {
                    told.insert(key);
                    return;
                }
                if (t.verdict == Verdict::refused) {
                    refusal = t.answer;
                    break; // whatever its value
                }
            }
        bool reasonable = false;
        for (const auto &reason : s.lacks)
            reasonable = reasonable || refusal.find(reason) != std::string::npos;
        Words never = {reason::description, reason::fixed, reason::base};
        if (!s.axes.empty())
            never.push_back(reason::nest); // a sweep is given none
        for (const auto &reason : never)
            if (refusal.find(reason) != std::string::npos)
                told.insert(key);
        if (refusal.empty())
            ADD_FAILURE() << key << " is neither heard nor refused:" << tried;
        else
            EXPECT_TRUE(reasonable) << key << " could count here, and is refused:" << tried;
    }

    void judge_all(const std::vector<KeySetting> &settings, const Words &keys,
                   const std::map<std::string, KeyRow> &rows, bool axes)
    {
        for (const auto &s : settings) {
            if (s.axes.empty() == axes)
                continue;
            for (const auto &key : keys) {
                auto row = rows.find(key);
                if (axes && !is_axis(key))
                    continue;
                if (row == rows.end())
                    ADD_FAILURE() << key << ": say in matrix_keys.h which value must matter";
                else
                    judge(s, key, row->second);
            }
        }
        for (const auto &row : rows)
            EXPECT_NE(std::find(keys.begin(), keys.end(), row.first), keys.end())
                << row.first << " is no key";
        for (const auto &key : keys) // in some setting
            EXPECT_TRUE(told.count(key) || (axes && !is_axis(key))) << key << " counts nowhere";
    }

    static World *world;
    std::map<Words, Outcome> bases;
    std::set<std::string> told; // counts somewhere, or says itself that no key like it ever does
};

World *Keys::world;

TEST_F(Keys, OfSimulationsCountOrAreRefused)
{
    judge_all(simulating(), simulation_keys(), simulation_values(), false);
}

TEST_F(Keys, AsAxesCountOrAreRefused)
{
    judge_all(simulating(), simulation_keys(), simulation_values(), true);
}

TEST_F(Keys, OfTrainingCountOrAreRefused)
{
    judge_all(training(), training_keys(), training_values(), false);
}

// Whoever takes --set must be in a table above.
TEST_F(Keys, EveryCommandThatTakesSetIsTried)
{
    for (const mf_command *const *c = mf_commands; *c; c++) {
        std::set<std::string> words;
        for (const auto &settings : {simulating(), training()})
            for (const auto &s : settings)
                if (s.command == (*c)->name) {
                    words.insert("");
                    words.insert(s.words.begin(), s.words.end());
                    if (std::find(s.words.begin(), s.words.end(), "--accounting") == s.words.end())
                        words.insert("published");
                }
        if (!option_of(**c, "set"))
            continue;
        EXPECT_TRUE(words.count("")) << (*c)->name << ": has no setting here";
        if (option_of(**c, "accounting")) {
            for (const char *account : {"published", "consistent"})
                EXPECT_TRUE(words.count(account)) << (*c)->name << ": not as " << account;
        }
        if (option_of(**c, "engine")) {
            EXPECT_TRUE(words.count("systemc")) << (*c)->name << ": not on the chip";
        }
    }
}

} // namespace
