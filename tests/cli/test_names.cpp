// Names are data: does a hostile one stay so through every command and option of the program
// itself, with the real gnuplot and the real bash? Commands and options come from the program's own
// table: a new command fails here until somebody says how names come into it.
extern "C" {
#include "cli/command.h"
}
#include "tests/support/hostile.h"
#include "tests/support/support.h"

#include <algorithm>
#include <fcntl.h>
#include <functional>
#include <pty.h>
#include <regex>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

namespace
{
namespace fs = std::filesystem;

// The next name of the table, round and round: every run gets another one.
class Names
{
  public:
    std::string next(const std::function<bool(const std::string &)> &fits)
    {
        for (;;) {
            size_t i = n_++ % hostile::names().size();
            if (!fits(hostile::names()[i].text))
                continue;
            seen_.insert(i);
            return hostile::names()[i].text;
        }
    }
    size_t n_seen() const
    {
        return seen_.size();
    }

  private:
    size_t n_ = 0;
    std::set<size_t> seen_;
};

bool isUtf8(const std::string &s)
{
    return hostile::visible(s, true) == s;
}

// JSON can hold every name that is UTF-8: all of them in one.
const std::string &everything()
{
    static const std::string all = [] {
        std::string joined;
        for (const auto &name : hostile::names())
            if (isUtf8(name.text))
                joined += name.text + " + ";
        return joined;
    }();
    return all;
}

// Traces keep what can be printed, and not too much of it.
const std::string &printable()
{
    static const std::string all = [] {
        std::string joined;
        for (const auto &name : hostile::names())
            if (hostile::visible(name.text) == name.text && joined.size() + name.text.size() < 900)
                joined += name.text + " + ";
        return joined;
    }();
    return all;
}

bool isPrintable(const std::string &name)
{
    return hostile::visible(name) == name && name.find('/') == std::string::npos;
}

// As JSON, with every byte beyond ASCII as it is.
std::string quoted(const std::string &s)
{
    std::string out = "\"";
    for (char c : s) {
        char escape[8];
        snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
        bool plain = static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
        out += plain ? std::string(1, c) : escape;
    }
    return out + "\"";
}

struct Result {
    int code;
    std::string out, err;
};

// A home whose start-up files would leave the marker, a catalogue, and files of every kind, all
// with hostile words in them.
class World
{
  public:
    World()
    {
        for (const char *rc : {".gnuplot", ".gnuplotrc"})
            scratch_.write(rc, std::string("system 'touch ") + hostile::marker + "'\n");
        for (const char *folder :
             {"models/zoo", "models/accelerators", "models/operators", "energy_tables",
              "bench/experiments", "bench/sweeps", "bench/validation"})
            copy(folder);
        for (const char *folder : {"models/zoo", "models/accelerators", "energy_tables"}) {
            std::string name = names.next([](const std::string &s) { return s.size() > 2; });
            catalogued.push_back(fileName(name));
            fs::copy(
                scratch_.file(std::string("data/") + folder + "/" + first_[folder]),
                scratch_.file(std::string("data/") + folder + "/" + catalogued.back() + ".json"));
        }
        for (const char *file : {"net.json", "printable.json"}) {
            std::string name = quoted(std::string(file) == "net.json" ? everything() : printable());
            scratch_.write(file, "{\"name\": " + name + ", \"about\": " + name +
                                     ", \"source\": " + name +
                                     R"(, "input": {"channels": 3, "rows": 8, "columns": 8},
            "classes": 10, "activation": "relu6", "parts": [
            {"type": "conv", "name": "stem", "channels": 4, "kernel": 3, "stride": 2},
            {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})");
        }
        scratch_.write("layers.json",
                       "{\"name\": \"n\", \"about\": \"a\", \"source\": \"s\"" +
                           std::string(R"(, "input": {"channels": 3, "rows": 8, "columns": 8},
            "classes": 10, "activation": "relu6", "parts": [{"type": "conv", "name": )") +
                           quoted(everything()) +
                           R"(, "channels": 4, "kernel": 3}, {"type": "global_pool"},
            {"type": "fc", "channels": "classes"}]})");
        renamed("models/accelerators/shiftaddaug-16x12.json", "acc.json");
        renamed("energy_tables/consistent-45nm.json", "table.json");
        renamed("bench/experiments/table3.json", "experiment.json");
        scratch_.write("sweep.json",
                       "{\"name\": " + quoted(everything()) +
                           ", \"about\": " + quoted(everything()) +
                           R"(, "grid": {"pe_rows": [8, 12], "network": "./net.json"}})");
        scratch_.write("a.json", "[{\"name\": " + quoted(everything()) +
                                     ", \"x\": " + quoted(everything()) + "}]");
        scratch_.write("b.json", "[{\"name\": " + quoted(everything()) + ", \"x\": 2}]");
        scratch_.write(
            "log.jsonl",
            R"({"epoch": 1, "rate": 0.1, "loss": 1, "top1": 0.5, "test_loss": 1, "test_top1": 0.5, )"
            R"("test_top5": 1, "images_per_s": 1, "seconds": 1})"
            "\n");
    }

    // A file of that content under a hostile name, which begins with "./" as completion would write
    // it.
    std::string named(const std::string &content, const std::string &ending)
    {
        std::string name =
            "./" + fileName(names.next([](const std::string &) { return true; })) + ending;
        fs::copy_file(scratch_.file(content), scratch_.file(name),
                      fs::copy_options::overwrite_existing);
        return name;
    }

    Result run(const std::vector<std::string> &words) const
    {
        std::vector<char *> argv = {const_cast<char *>(program_path())};
        for (const auto &word : words)
            argv.push_back(const_cast<char *>(word.c_str()));
        argv.push_back(nullptr);
        pid_t child = fork();
        if (child == 0) {
            enter();
            dup2(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0666), 1);
            dup2(open("err", O_WRONLY | O_CREAT | O_TRUNC, 0666), 2);
            execv(program_path(), argv.data());
            _exit(127);
        }
        int how = 0;
        waitpid(child, &how, 0);
        return {WIFEXITED(how) ? WEXITSTATUS(how) : -1, read_text(scratch_.file("out")),
                read_text(scratch_.file("err"))};
    }

    // The same with a terminal for all streams: everything that it was given, line ends as they
    // were, without the bar's own return and erasing.
    std::string onTerminal(const std::vector<std::string> &words) const
    {
        std::vector<char *> argv = {const_cast<char *>(program_path())};
        for (const auto &word : words)
            argv.push_back(const_cast<char *>(word.c_str()));
        argv.push_back(nullptr);
        int terminal;
        pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
        if (child == 0) {
            enter();
            execv(program_path(), argv.data());
            _exit(127);
        }
        std::string seen;
        char bytes[4096];
        for (ssize_t n; (n = read(terminal, bytes, sizeof bytes)) > 0;)
            seen.append(bytes, static_cast<size_t>(n));
        close(terminal);
        waitpid(child, nullptr, 0);
        return std::regex_replace(seen, std::regex("\r\n|\r|\x1b\\[K"), "\n");
    }

    // In the child: the folder and what the program sees of the outside.
    void enter() const
    {
        if (chdir(scratch_.file("").c_str()) != 0)
            _exit(126);
        setenv("HOME", scratch_.file("").c_str(), 1);
        setenv("MULFREE_DATA", scratch_.file("data").c_str(), 1);
        setenv("NO_COLOR", "1", 1);
    }

    bool somethingRan() const
    {
        for (const auto &entry : fs::recursive_directory_iterator(scratch_.file("")))
            if (entry.path().filename() == hostile::marker)
                return true;
        return false;
    }

    std::string text(const std::string &name) const
    {
        return read_text(scratch_.file(name));
    }
    std::string file(const std::string &name) const
    {
        return scratch_.file(name);
    }

    static std::string fileName(std::string name)
    {
        std::replace(name.begin(), name.end(), '/', '_');
        return name;
    }

    Names names;
    std::vector<std::string> catalogued;

  private:
    void copy(const std::string &folder)
    {
        fs::create_directories(scratch_.file("data/" + folder));
        for (const auto &entry : fs::directory_iterator(source_path(folder)))
            if (entry.path().extension() == ".json") {
                fs::copy(entry.path(),
                         scratch_.file("data/" + folder + "/" + entry.path().filename().string()));
                first_[folder] = entry.path().filename().string();
            }
    }
    // The same with another name, and another text about it.
    void renamed(const std::string &from, const std::string &to)
    {
        std::string text = read_text(source_path(from));
        for (const char *key : {"name", "about"}) {
            size_t at = text.find("\"" + std::string(key) + "\": \""),
                   begin = at + std::string(key).size() + 4;
            text.replace(begin, text.find('\n', begin) - begin, quoted(everything()) + ",");
        }
        scratch_.write(to, text);
    }

    Scratch scratch_;
    std::map<std::string, std::string> first_;
};

// What reading `text` in a format finds: strings, or lines as people see them.
std::vector<std::string> found(const std::string &format, const std::string &text)
{
    if (format == "json")
        return hostile::jsonStrings(text);
    if (format == "csv")
        return hostile::csvFields(text);
    std::vector<std::string> out;
    std::stringstream lines(text);
    for (std::string line, plain; std::getline(lines, line);) {
        if (format == "markdown" && !line.empty() && line[0] == '|') {
            // A table: cells between bars that no backslash stands before.
            static const std::regex bar(R"(((?:[^\\|]|\\.)*)\|)");
            for (std::sregex_iterator i(line.begin() + 1, line.end(), bar), end; i != end; ++i) {
                EXPECT_TRUE(hostile::readMarkdown((*i)[1], plain)) << (*i)[1];
                out.push_back(plain);
            }
        } else if (format == "markdown") {
            if (line.size() > 4 && line.rfind("**", 0) == 0)
                line = line.substr(2, line.size() - 4);
            EXPECT_TRUE(hostile::readMarkdown(line, plain)) << line;
            out.push_back(plain);
        } else {
            out.push_back(line);
        }
    }
    return out;
}

std::string expected(const std::string &format, const std::string &name)
{
    return format == "csv" ? name : hostile::visible(name, format == "json");
}

bool contains(const std::vector<std::string> &all, const std::string &name)
{
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string &one) { return one.find(name) != std::string::npos; });
}

std::string line_of(const std::vector<std::string> &words)
{
    std::string line;
    for (const auto &word : words)
        line += hostile::visible(word) + " ";
    return line;
}

class NamesTest : public testing::Test
{
  protected:
    World world;

    Result safe(const std::vector<std::string> &words)
    {
        Result r = world.run(words);
        EXPECT_TRUE(hostile::isClean(r.err)) << line_of(words) << hostile::visible(r.err);
        EXPECT_FALSE(world.somethingRan()) << line_of(words);
        EXPECT_TRUE(r.code >= 0 && r.code < 126) << line_of(words) << r.code;
        return r;
    }

    // Every format shows `name` where it shows `in`; and nothing but text reaches a terminal.
    void shows(const std::vector<std::string> &words, const std::string &name,
               const std::set<std::string> &formats = {"text", "markdown", "json", "csv"},
               int code = 0)
    {
        for (const auto &format : formats) {
            auto all = words;
            if (format != "text")
                all.insert(all.end(), {"--format", format});
            Result r = safe(all);
            EXPECT_EQ(r.code, code) << line_of(all) << r.err;
            EXPECT_TRUE(format == "csv" || hostile::isClean(r.out))
                << line_of(all) << hostile::visible(r.out);
            EXPECT_TRUE(contains(found(format, r.out), expected(format, name)))
                << line_of(all) << hostile::visible(r.out);
        }
    }
};

using Texts = std::set<std::string>;
const Texts people = {"text", "markdown"};
} // namespace

// What each command prints and writes of names that it reads. The keys are held against the
// program's table.
TEST_F(NamesTest, StayNamesInWhatEveryCommandWrites)
{
    const std::string &all = everything();
    const bool draws = std::system("command -v gnuplot >/dev/null") == 0;
    std::string checkpoint;
    const std::map<std::string, std::function<void()>> commands = {
        {"list",
         [&] {
             for (const auto &name : world.catalogued)
                 shows({"list"}, name);
         }},
        {"check",
         [&] {
             const std::string none = "./none" + all;
             shows({"check", "./net.json", none}, none, {"text", "markdown", "json", "csv"}, 8);
         }},
        {"show",
         [&] {
             shows({"show", "./net.json"}, all, people);
             shows({"show", "./net.json"}, all, {"json", "csv"});
             shows({"show", "./layers.json"}, all);
             shows({"show", "./acc.json"}, all, people);
             shows({"show", "./table.json"}, all, people);
         }},
        {"table",
         [&] {
             shows({"table", "3", "-e", "./experiment.json"}, all, people);
         }},
        {"simulate",
         [&] {
             shows({"simulate", "./net.json", "-a", "./acc.json"}, all);
             std::string svg =
                 "./" + World::fileName(world.names.next([](auto &) { return true; })) + ".svg";
             std::vector<std::string> words = {"simulate",   "./net.json",   "-a",
                                               "./acc.json", "--accounting", "consistent",
                                               "-t",         "./table.json", "--provenance"};
             shows(words, all, people);
             words.pop_back(); // the others hold rows and no notes
             shows(words, all, {"csv", "json"});
             shows({"simulate", "./layers.json", "--accounting", "consistent"}, all);
             words = {"simulate",   "./net.json", "-a",      "./acc.json", "--accounting",
                      "consistent", "--engine",   "systemc", "--timeline", "t.json",
                      "--heatmap",  svg,          "--vcd",   "v.vcd"};
             shows(words, all, {"text"});
             std::string heatmap = world.text(svg), title;
             std::smatch match;
             ASSERT_TRUE(
                 std::regex_search(heatmap, match, std::regex("font-size=\"15\">([^<]*)</text>")));
             EXPECT_TRUE(hostile::readXml(match[1], title));
             EXPECT_NE(title.find(hostile::visible(all)), std::string::npos);
             EXPECT_TRUE(hostile::isClean(world.text("v.vcd").substr(0, 100)));
             EXPECT_EQ(world.text("v.vcd").find("touch"), std::string::npos);
             EXPECT_FALSE(hostile::jsonStrings(world.text("t.json")).empty());
         }},
        {"compare",
         [&] {
             shows({"compare", "./net.json", "-a", "./acc.json"}, all);
             if (!draws)
                 return;
             for (size_t i = 0; i < hostile::names().size(); i += 4) { // the picture's own name
                 std::string svg =
                     "./" + World::fileName(world.names.next([](auto &) { return true; })) + ".svg";
                 safe({"compare", "./net.json", "--accounting", "consistent", "--plot", svg, "-o",
                       "c.txt"});
                 EXPECT_NE(world.text(svg).find("</svg>"), std::string::npos)
                     << hostile::visible(svg);
             }
             for (const char *accounts : {"published", "published,consistent"}) { // and in pictures
                 safe({"compare", "./net.json", "-a", "./acc.json", "--accounting", accounts,
                       "--plot", "groups.svg", "-o", "c.txt"});
                 EXPECT_NE(world.text("groups.svg").find("</svg>"), std::string::npos);
             }
         }},
        {"trace",
         [&] {
             std::string made = "./" + world.names.next(isPrintable) + ".npz";
             Result r = safe({"trace", "make", "./printable.json", "--random", "1", "-o", made});
             EXPECT_EQ(r.code, 0) << r.err;
             shows({"trace", "info", made}, printable(), people);
             shows({"trace", "verify", made}, made, {"text"});
             shows({"trace", "verify", made}, printable());
             safe({"trace", "make", "./net.json", "--random", "1", "-o",
                   "x.npz"}); // refused by name
             safe({"trace", "make", "./layers.json", "--random", "1", "-o",
                   "x.npz"}); // and by a layer's
         }},
        {"map",
         [&] {
             shows({"map", "./net.json", "-l", "0", "-a", "./acc.json", "--timeloop", "tl"}, all,
                   {"text", "json"});
             shows({"map", "./layers.json", "-l", "0"}, all, {"text", "json"});
             std::string words;
             for (const mf_option *o = mf_command_map.options; o->name; o++)
                 if (std::string(o->name) == "timeloop")
                     words = std::string(o->words) + " ";
             for (const auto &entry : fs::directory_iterator(world.file("tl"))) {
                 EXPECT_TRUE(hostile::isClean(read_text(entry.path()))) << entry.path();
                 EXPECT_NE(words.find(" /" + entry.path().filename().string() + " "),
                           std::string::npos)
                     << entry.path() << ": what is written is said in the option's words";
             }
             std::string problem = world.text("tl/problem.yaml"), name;
             size_t at = problem.find("of \"") + 3;
             EXPECT_TRUE(hostile::readQuoted(problem, at, name));
             EXPECT_EQ(name, all);
         }},
        {"chip",
         [&] {
             shows({"chip", "./acc.json", "./net.json"}, all, {"text", "markdown"});
             shows({"chip", "./acc.json"}, all, {"text", "markdown"});
         }},
        {"train",
         [&] {
             checkpoint =
                 "./" + World::fileName(world.names.next([](auto &) { return true; })) + ".npz";
             Result r =
                 safe({"train", "./net.json", "--set", "epochs=0", "--checkpoint", checkpoint});
             EXPECT_EQ(r.code, 0) << r.err;
             EXPECT_NE(r.out.find(hostile::visible(all)), std::string::npos) << r.out;
             safe({"train", "--resume", checkpoint, "--set", "epochs=0", "--log", "./a`b.jsonl"});
         }},
        {"eval",
         [&] {
             shows({"eval", checkpoint}, all, {"json"});
         }},
        {"curves",
         [&] {
             for (size_t i = 0; i < hostile::names().size(); i++) {
                 std::string log = world.named("log.jsonl", ".jsonl");
                 std::string name = log.substr(2, log.size() - 8);
                 if (name.empty() || name[0] == '.')
                     continue;
                 std::vector<std::string> words = {"curves", log};
                 shows(words, name, {i % 2 ? "json" : "csv", "text"});
                 if (!draws)
                     continue;
                 Result r = safe({"curves", log, "--plot", "c.svg", "-o", "c.txt"});
                 EXPECT_EQ(r.code, 0) << r.err;
                 std::string svg = world.text("c.svg"), all_text, one;
                 static const std::regex element("<text[^>]*>([^<]*)</text>");
                 for (std::sregex_iterator k(svg.begin(), svg.end(), element), end; k != end; ++k) {
                     EXPECT_TRUE(hostile::readXml((*k)[1], one)) << (*k)[1];
                     all_text += one + "\n";
                 }
                 std::string seen = hostile::visible(name);
                 for (size_t at; (at = seen.find("]]>")) != std::string::npos;)
                     seen.replace(at, 3, "]]\\x3e");
                 for (size_t at; (at = seen.find("&#")) != std::string::npos;)
                     seen.replace(at, 2, "&\\x23");
                 EXPECT_NE(all_text.find(seen + ", training"), std::string::npos)
                     << seen << ": " << all_text;
             }
         }},
        {"weights",
         [&] {
             shows({"weights", checkpoint}, checkpoint, {"text", "json"});
             shows({"weights", checkpoint, "--histogram", "2"}, checkpoint, {"json", "csv"});
             EXPECT_EQ(safe({"weights", "fit", checkpoint, "-o", "fits.json"}).code, 0);
             auto strings = hostile::jsonStrings(world.text("fits.json"));
             EXPECT_TRUE(contains(strings, expected("json", all)));
             if (draws) {
                 EXPECT_EQ(safe({"weights", checkpoint, checkpoint, "--plot", "w.svg"}).code, 0);
             }
         }},
        {"experiment",
         [&] {
             std::ofstream(world.file("t.json"))
                 << "{\"name\": " << quoted(all) << ", \"about\": " << quoted(all)
                 << R"(, "kind": "training", "network": "./net.json", "set": {"epochs": 1,
                    "batch": 1000, "norm_batches": 0}, "seeds": [1], "arms": [{"name": "a"}]})";
             shows({"experiment", "./t.json", "--folder", "runs"}, all, {"text", "json", "csv"});
             std::string folder =
                 "./" + World::fileName(world.names.next([](auto &) { return true; }));
             safe({"experiment", "./t.json", "--folder", folder});
             safe({"experiment", "./t.json", "--folder", folder, "--set", "rate=0.1"});
             std::string arm = world.names.next([](auto &) { return true; });
             std::ofstream(world.file("t.json"))
                 << R"({"name": "t", "about": "a", "kind": "training", "network": "./net.json",
                    "seeds": [1], "arms": [{"name": )"
                 << quoted(arm) << "}]}";
             safe({"experiment", "./t.json", "--folder", "runs"});
         }},
        {"tradeoff",
         [&] {
             std::string other = "./" + world.names.next(isPrintable) + ".npz";
             safe({"tradeoff", checkpoint}); // its trace cannot say what network it is of
             EXPECT_EQ(
                 safe({"train", "./printable.json", "--set", "epochs=0", "--checkpoint", other})
                     .code,
                 0);
             shows({"tradeoff", other}, printable(), {"json"});
             shows({"trace", "export", other, "-o", "y.npz"}, printable(), {"text"});
         }},
        {"validate",
         [&] {
             std::string text = read_text(source_path("bench/validation/eyeriss-alexnet.json"));
             size_t at = text.find("\"about\": ") + 9;
             text.replace(at, text.find('\n', at) - at, quoted(all) + ",");
             std::ofstream(world.file("v.json")) << text;
             shows({"validate", "./v.json"}, all, {"markdown"});
         }},
        {"sweep",
         [&] {
             std::vector<std::string> words = {"sweep", "./sweep.json", "-a", "./acc.json"};
             shows(words, all);
             if (draws)
                 safe({"sweep", "./sweep.json", "--plot", "s.svg", "-o", "s.csv"});
         }},
        {"diff",
         [&] {
             shows({"diff", "./a.json", "./b.json"}, all, {"text", "json", "csv", "markdown"}, 1);
             std::string a = world.named("a.json", ".json");
             shows({"diff", a, "./b.json"}, a, people, 1);
         }},
        {"completion",
         [&] {
             safe({"completion", "bash"});
         }},
        {"man", [&] { safe({"man"}); }},
    };
    // In the program's order, in which files are made before they are read.
    for (const mf_command *const *c = mf_commands; *c; c++) {
        auto at = commands.find((*c)->name);
        ASSERT_NE(at, commands.end()) << (*c)->name << ": say here how names come into it";
        at->second();
    }
    EXPECT_EQ(world.names.n_seen(), hostile::names().size());
}

// A bar is drawn there, and CSV shown, which has no escapes of its own.
TEST_F(NamesTest, StayNamesOnATerminal)
{
    std::string log = world.named("log.jsonl", ".jsonl"),
                trace = "./" + world.names.next(isPrintable) + ".npz";
    for (const auto &words : std::vector<std::vector<std::string>>{
             {"list"},
             {"show", "./net.json"},
             {"diff", "./a.json", "./b.json"},
             {"curves", log},
             {"simulate", "./layers.json", "--accounting", "consistent", "--engine", "systemc"},
             {"sweep", "./sweep.json", "--verbose"},
             {"trace", "make", "./printable.json", "--random", "1", "-o", trace},
             {"trace", "make", "./layers.json", "--random", "1", "-o", "x.npz"}})
        for (const char *format : {"text", "csv", "json", "markdown"}) {
            auto all = words;
            all.insert(all.end(), {"--format", format});
            std::string seen = world.onTerminal(all);
            EXPECT_TRUE(hostile::isClean(seen)) << line_of(all) << hostile::visible(seen);
            EXPECT_TRUE(words[0] == "trace" || seen.size() > 20) << line_of(all);
        }
    for (const auto &name : hostile::names())
        EXPECT_TRUE(hostile::isClean(world.onTerminal({"show", name.text})));
}

// As the value of every option of every command, and as every command's word.
TEST_F(NamesTest, StayNamesAsValuesOfEveryOption)
{
    const std::map<std::string, std::vector<std::string>> words = {
        {"table", {"1"}},
        {"trace", {"info", "x.npz"}},
        {"diff", {"./a.json", "./b.json"}},
        {"man", {}},
        {"list", {}},
        {"chip", {"./acc.json", "./net.json"}},
        {"completion", {"bash"}},
        {"sweep", {"nosuch"}},
        {"validate", {"nosuch"}},
        {"eval", {"./nosuch.npz"}},
        {"train", {"nosuch"}},
        {"tradeoff", {"nosuch.npz"}},
        {"curves", {"./log.jsonl"}},
        {"weights", {"./nosuch.npz"}},
        {"experiment", {"nosuch"}},
    };
    for (const mf_command *const *c = mf_commands; *c; c++) {
        auto at = words.find((*c)->name);
        std::vector<std::string> base = {(*c)->name};
        for (const auto &word :
             at == words.end() ? std::vector<std::string>{"./net.json"} : at->second)
            base.push_back(word);
        for (const mf_option *o = (*c)->options; o->name; o++) {
            if (!o->value)
                continue;
            auto all = base;
            std::string value = world.names.next([](auto &) { return true; });
            all.push_back(std::string("--") + o->name + "=" + value);
            Result r = safe(all);
            EXPECT_TRUE(hostile::isClean(r.out)) << line_of(all);
        }
        for (int i = 0; i < 4; i++) {
            std::string word = world.names.next([](auto &) { return true; });
            EXPECT_TRUE(hostile::isClean(safe({(*c)->name, word}).out));
            EXPECT_TRUE(hostile::isClean(safe({(*c)->name, "--" + word}).out));
        }
    }
    for (const auto &name : hostile::names())
        EXPECT_NE(safe({name.text}).code, 0);
}

// A string that C would cut is refused, wherever it stands.
TEST_F(NamesTest, AZeroCharacterIsRefused)
{
    for (const char *file :
         {"net.json", "acc.json", "table.json", "experiment.json", "sweep.json", "a.json"}) {
        std::string text = world.text(file);
        for (const char *key : {"\"name\": \"", "\"about\": \""}) {
            size_t at = text.find(key);
            if (at == std::string::npos)
                continue;
            for (const std::string &zero : {std::string("\\u0000"), std::string(1, '\0')}) {
                std::string broken = text;
                broken.insert(at + std::string(key).size(), zero);
                std::ofstream(world.file("zero.json"), std::ios::binary) << broken;
                for (const auto &words : std::vector<std::vector<std::string>>{
                         {"show", "./zero.json"},
                         {"simulate", "./net.json", "-a", "./zero.json"},
                         {"sweep", "./zero.json"},
                         {"diff", "./zero.json", "./zero.json"}}) {
                    Result r = safe(words);
                    const bool other = r.err.find(" is wanted") != std::string::npos;
                    EXPECT_EQ(r.code, other ? 5 : 4) // of another kind, or MALFORMED
                        << file << ": " << line_of(words) << r.err;
                }
            }
        }
    }
}

// Tab, in a real bash on a terminal of its own, over names that would run.
TEST_F(NamesTest, CompletionRunsNothing)
{
    int terminal;
    std::vector<std::string> catalogue;
    for (const auto &name : hostile::names()) {
        catalogue.push_back(World::fileName(name.text));
        std::string path = world.file("data/models/zoo/" + catalogue.back() + ".json");
        if (!fs::exists(path))
            fs::copy(world.file("data/models/zoo/mobilenetv2-tiny.json"), path);
    }
    pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child == 0) {
        world.enter();
        setenv("TERM", "dumb", 1);
        setenv("PATH",
               (fs::path(program_path()).parent_path().string() + ":" + getenv("PATH")).c_str(), 1);
        execlp("bash", "bash", "--norc", "--noprofile", "-i", static_cast<char *>(nullptr));
        _exit(127);
    }
    std::string seen;
    auto say = [&](const std::string &text) {
        EXPECT_EQ(write(terminal, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    };
    auto wait_for =
        [&](const std::string &what) { // the shell echoes what is typed: a sum does not occur in it
            char bytes[4096];
            for (ssize_t n; seen.find(what) == std::string::npos &&
                            (n = read(terminal, bytes, sizeof bytes)) > 0;)
                seen.append(bytes, static_cast<size_t>(n));
            bool there = seen.find(what) != std::string::npos;
            seen.clear();
            return there;
        };
    say("bind 'set completion-query-items 0'; bind 'set page-completions off'; source <(mulfree completion bash); "
        "echo ready$((20+22))\n");
    ASSERT_TRUE(wait_for("ready42"));
    for (const char *begun : {"mulfree show ", "mulfree show \\$", "mulfree show a",
                              "mulfree show \\|", "mulfree simulate --accelerator ",
                              "mulfree train --checkpoint ", "mulfree list ", "mulfree "}) {
        say(std::string(begun) + "\t\t\x15" + "echo done$((40+2))\n");
        EXPECT_TRUE(wait_for("done42")) << begun;
    }
    // What the function offers, byte for byte.
    say("COMP_WORDS=(mulfree show ''); COMP_CWORD=2; _mulfree; printf '%s\\0' \"${COMPREPLY[@]}\" >offered; echo over$((40+2))\n");
    EXPECT_TRUE(wait_for("over42"));
    say("exit\n");
    close(terminal);
    waitpid(child, nullptr, 0);
    std::string offered = world.text("offered");
    for (const auto &name : catalogue)
        EXPECT_NE(("\0" + offered).find(name + std::string(1, '\0')), std::string::npos)
            << hostile::visible(name);
    EXPECT_FALSE(world.somethingRan());
}
