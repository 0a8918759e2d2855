// Does a journal give back what was put in, survive a torn line, and refuse what is not its own?
extern "C" {
#include "cli/sweep_journal.h"
}
#include "tests/support/support.h"

#include <cmath>
#include <vector>

namespace
{
struct Journal {
    mf_arena *arena = mf_arena_create();
    mf_sweep_journal journal;
    mf_sweep_faults faults = {};
    std::vector<mf_sweep_result> results = std::vector<mf_sweep_result>(4);
    mf_status status;
    mf_diag diag = {};
    Journal(const std::string &output, bool resume, uint64_t digest = 42)
    {
        const mf_sweep_journal_of of = {digest, results.data(), results.size(), &faults, arena};
        status = mf_sweep_journal_open(&journal, output.c_str(), resume, {0, 0}, &of, &diag);
    }
    ~Journal()
    {
        mf_sweep_journal_close(&journal, false);
        mf_sweep_faults_free(&faults);
        mf_arena_destroy(arena);
    }
};

void put_two(const std::string &output)
{
    Journal j(output, false);
    ASSERT_EQ(j.status, MF_OK) << j.diag.message;
    mf_sweep_result good = {true, 0.1 + 0.2, 1.0 / 3, 0.5, 0};
    mf_sweep_result fault = {true, 0, 0, 0, 0};
    ASSERT_OK(mf_sweep_journal_add(&j.journal, 2, &good, nullptr, D));
    ASSERT_OK(mf_sweep_journal_add(&j.journal, 0, &fault, "no \"mapping\"\n", D));
}
} // namespace

TEST(Journal, GivesBackExactlyWhatWasPutIn)
{
    Scratch scratch;
    put_two(scratch.file("out.csv"));
    Journal j(scratch.file("out.csv"), true);
    ASSERT_EQ(j.status, MF_OK) << j.diag.message;
    EXPECT_FALSE(j.results[1].done);
    EXPECT_TRUE(j.results[2].done);
    EXPECT_EQ(j.results[2].energy_mj, 0.1 + 0.2);
    EXPECT_EQ(j.results[2].latency_ms, 1.0 / 3);
    char why[MF_SWEEP_FAULT_BYTES];
    ASSERT_NE(j.results[0].fault, 0U);
    ASSERT_OK(mf_sweep_faults_get(&j.faults, j.results[0].fault, why, D));
    EXPECT_STREQ(why, "no \"mapping\"\n");
}

TEST(Journal, DropsATornLineAndGoesOnBehindTheLastWholeOne)
{
    Scratch scratch;
    put_two(scratch.file("out.csv"));
    std::string path = scratch.file("out.csv.journal"), whole = read_text(path);
    for (size_t cut = whole.find('\n') + 1; cut < whole.size(); cut += 7) {
        std::ofstream(path, std::ios::binary) << whole.substr(0, cut);
        {
            Journal j(scratch.file("out.csv"), true);
            ASSERT_EQ(j.status, MF_OK) << j.diag.message;
            mf_sweep_result more = {true, 1, 1, 1, 0};
            ASSERT_OK(mf_sweep_journal_add(&j.journal, 3, &more, nullptr, D));
        }
        Journal again(scratch.file("out.csv"), true);
        ASSERT_EQ(again.status, MF_OK) << again.diag.message;
        EXPECT_TRUE(again.results[3].done);
    }
}

TEST(Journal, RefusesWhatIsNotItsOwn)
{
    Scratch scratch;
    put_two(scratch.file("out.csv"));
    EXPECT_EQ(Journal(scratch.file("out.csv"), false).status, MF_INVALID) << "without --resume";
    EXPECT_EQ(Journal(scratch.file("out.csv"), true, 43).status, MF_INVALID) << "another digest";
    std::string path = scratch.file("out.csv.journal"), text = read_text(path);
    scratch.write("out.csv.journal", text + "nonsense\n");
    EXPECT_EQ(Journal(scratch.file("out.csv"), true).status, MF_MALFORMED);
    scratch.write("out.csv.journal", text + "{\"point\": 99, \"energy_mj\": 1}\n");
    EXPECT_EQ(Journal(scratch.file("out.csv"), true).status, MF_INVALID);
}

// Lines as the program writes them are read in a shorter way: with another blank in front the
// strict reader gets them. Both must say the same of sound and of damaged numbers.
TEST(Journal, ReadsPlainLinesAsTheStrictReaderDoes)
{
    Scratch scratch;
    put_two(scratch.file("out.csv"));
    std::string path = scratch.file("out.csv.journal"), header = read_text(path);
    header.resize(header.find('\n') + 1);
    std::vector<std::string> numbers = {
        "0",     "1",     "0.5", "1e-3", "1E-3",   "1e+2", "1e300", "1.0000001e300",
        "1e999", "-1",    "-0",  "+1",   "01",     "1.",   ".5",    "1e",
        "1e+",   "0x1p3", "inf", "nan",  "1 ",     "1,",   "",      "1\"",
        "1}",    "4",     "3.0", "3.5",  "1e-400", "null", "true",  "0.1e1.5"};
    for (int i = 0; i < 60; i++) {
        char text[40];
        snprintf(text, sizeof text, i % 2 ? "%.17g" : "%.15g",
                 std::ldexp(1.0 + i * 0.12345678901234567, i * 10 - 300));
        numbers.emplace_back(text);
    }
    size_t n_read = 0;
    for (const auto &number : numbers)
        for (int which = 0; which < 4; which++) {
            std::string n[4] = {"2", "0.25", "0.5", "0.75"};
            n[which] = number;
            std::string line = "{\"point\": " + n[0] + ", \"energy_mj\": " + n[1] +
                               ", \"latency_ms\": " + n[2] + ", \"utilisation\": " + n[3] + "}\n";
            scratch.write("out.csv.journal", header + line);
            Journal plain(scratch.file("out.csv"), true);
            scratch.write("out.csv.journal", header + " " + line);
            Journal strict(scratch.file("out.csv"), true);
            EXPECT_EQ(plain.status, strict.status) << line;
            for (size_t i = 0; i < plain.results.size(); i++) {
                EXPECT_EQ(plain.results[i].done, strict.results[i].done) << line;
                EXPECT_EQ(plain.results[i].energy_mj, strict.results[i].energy_mj) << line;
                EXPECT_EQ(plain.results[i].latency_ms, strict.results[i].latency_ms) << line;
                EXPECT_EQ(plain.results[i].utilisation, strict.results[i].utilisation) << line;
                n_read += plain.results[i].done;
            }
        }
    EXPECT_GT(n_read, 100U);
}

// Texts that come again and texts that do not, more than memory is to hold: each is found again.
TEST(SweepFaults, AreFoundAgainHoweverMany)
{
    mf_sweep_faults faults = {};
    std::vector<uint64_t> places;
    const auto text = [](size_t i) {
        return i % 3 ? "fault " + std::to_string(i) + std::string(i % 700, 'x')
                     : std::string("the same");
    };
    for (size_t i = 0; i < 20000; i++) {
        places.emplace_back();
        ASSERT_OK(mf_sweep_faults_add(&faults, text(i).c_str(), &places.back(), D));
        ASSERT_NE(places.back(), 0U);
    }
    EXPECT_NE(faults.file, nullptr);
    char there[MF_SWEEP_FAULT_BYTES];
    for (size_t i = 0; i < places.size(); i++) {
        ASSERT_OK(mf_sweep_faults_get(&faults, places[i], there, D));
        ASSERT_EQ(there, text(i));
    }
    EXPECT_LT(faults.n_bytes + faults.n_file_bytes,
              13334U * (350 + 12)); // "the same" a few times at most
    const std::string longest(MF_SWEEP_FAULT_BYTES - 1, 'a');
    ASSERT_OK(mf_sweep_faults_add(&faults, longest.c_str(), &places[0], D));
    ASSERT_OK(mf_sweep_faults_get(&faults, places[0], there, D));
    EXPECT_EQ(there, longest);
    EXPECT_FAILS(MF_TOO_LARGE, "2047 bytes",
                 mf_sweep_faults_add(&faults, (longest + "a").c_str(), &places[0], D));
    mf_sweep_faults_free(&faults);
}
