// Does every option count? Each command, in each account and on each kind of input, with each of
// its options at a value that must matter: what it prints or writes is another than without, or it
// refuses and says what would make the option count. Commands and options come from the program's
// own table: one that the tables of this test do not know fails.
#include "tests/cli/matrix_tables.h"
#include "tests/cli/matrix_verdict.h"

#include <cstdlib>
#include <set>

namespace
{
using namespace matrix;

class Matrix : public testing::Test
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

    const Outcome &base(const Setting &s, const Words &words)
    {
        Words all = words;
        all.insert(all.begin(), s.command);
        auto at = bases.find(all);
        if (at == bases.end())
            at = bases.emplace(all, world->run(all, s.keeps)).first;
        return at->second;
    }

    // Once, with `with` beside it. A machine on which nothing fits any more was heard.
    Verdict try_one(const Setting &s, const mf_option &option, const std::string &value,
                    const Words &with, std::string &tried)
    {
        const int no_mapping = mf_status_exit_code(MF_NO_MAPPING);
        Words before = joined(command_of(s.command), s.words, with), words = {s.command};
        Words after = without(before, option, value);
        words.insert(words.end(), after.begin(), after.end());
        words.push_back(std::string("--") + option.name + (option.value ? "=" + value : ""));
        Outcome o = world->run(words, s.keeps);
        tried += "\n  " + line_of(words) + "\n  exit " + std::to_string(o.code) + ", " + o.err;
        if (is_refusal(o, std::string("--") + option.name))
            return Verdict::refused;
        const Outcome &was = base(s, option.value ? before : after);
        bool ends = o.code == 0 || o.code == was.code || o.code == no_mapping;
        return ends && differs(o, was) ? Verdict::counts : Verdict::neither;
    }

    Verdict judge(const Setting &s, const mf_option &option, const Row &row)
    {
        bool refused = false;
        std::string tried;
        for (const Words &with :
             row.with.empty() ? std::vector<Words>{{}} : std::vector<Words>{{}, row.with})
            for (const auto &value : row.values) {
                Verdict v = try_one(s, option, value, with, tried);
                if (v == Verdict::counts)
                    return v;
                refused = refused || v == Verdict::refused;
                if (v == Verdict::refused) // whatever its value
                    break;
            }
        if (!refused)
            ADD_FAILURE() << "--" << option.name << " is neither heard nor refused:" << tried;
        return refused ? Verdict::refused : Verdict::neither;
    }

    static World *world;
    std::map<Words, Outcome> bases;
};

World *Matrix::world;

TEST_F(Matrix, EveryCommandAndAccountHasASetting)
{
    std::set<std::string> words;
    for (const auto &s : settings()) {
        words.insert(s.command);
        for (const auto &word : s.words)
            words.insert(s.command + " " + word);
        if (s.own.empty() || !s.own.count("accounting"))
            words.insert(s.command + " published");
        const bool answers = s.command == "diff" || s.command == "validate"; // 1: different
        Words again = s.words;
        again.insert(again.begin(), s.command);
        const Outcome &o = base(s, s.words);
        EXPECT_LE(o.code, answers) << line_of(again) << "\n" << o.err;
        const Outcome once_more = world->run(again, s.keeps);
        EXPECT_FALSE(differs(o, once_more))
            << line_of(again) << ": differs by itself: " << o.code << ", " << once_more.code << "\n"
            << o.out << once_more.out << o.err << once_more.err;
    }
    for (const mf_command *const *c = mf_commands; *c; c++) {
        EXPECT_TRUE(words.count((*c)->name)) << (*c)->name << ": has no setting here";
        if (option_of(**c, "accounting")) {
            for (const char *account : {"published", "consistent"})
                EXPECT_TRUE(words.count(std::string((*c)->name) + " " + account))
                    << (*c)->name << ": no setting has the account " << account;
        }
        if (option_of(**c, "engine")) {
            EXPECT_TRUE(words.count(std::string((*c)->name) + " systemc"))
                << (*c)->name << ": no setting runs the chip";
        }
    }
}

TEST_F(Matrix, EveryOptionCountsOrIsRefused)
{
    std::map<std::string, bool> counts; // in any setting of its command
    std::set<std::string> elsewhere = {"experiment part", "sweep merge"}; // tests/ranks
    for (const auto &s : settings())
        for (const mf_option *o = command_of(s.command).options; o->name; o++) {
            std::string name = s.command + " " + o->name;
            auto row = option_values().find(name), own = option_values().find(o->name);
            if (row == option_values().end())
                row = own;
            if (row == option_values().end()) {
                ADD_FAILURE() << name << ": say in matrix_tables.h which value must matter";
                continue;
            }
            auto other = s.own.find(o->name);
            if (o->needs & (MF_IF_ON_TERMINAL | MF_IF_RANKS))
                elsewhere.insert(name);
            Verdict v = judge(s, *o, other == s.own.end() ? row->second : other->second);
            counts[name] = counts[name] || v == Verdict::counts;
        }
    for (const auto &c : counts) // neither a terminal is here (test_terminal.cpp) nor a launcher (tests/ranks)
        EXPECT_EQ(c.second, !elsewhere.count(c.first)) << c.first;
}

} // namespace
