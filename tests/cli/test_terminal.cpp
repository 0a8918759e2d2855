// Does every table fit the terminal that it is shown on, whole and in line? Every command prints on
// terminals of several widths and, as Markdown, into a file: that says titles, cells and sides, and
// each cell must stand where its title does. Commands come from the program's own table.
extern "C" {
#include "cli/command.h"
}
#include "tests/support/hostile.h"
#include "tests/support/support.h"

#include <algorithm>
#include <fcntl.h>
#include <map>
#include <pty.h>
#include <regex>
#include <sys/wait.h>
#include <unistd.h>

namespace
{
using Line = std::u32string;
using Words = std::vector<std::string>;

// Characters, one element each.
Line characters(const std::string &bytes)
{
    Line line;
    for (unsigned char byte : bytes)
        if ((byte & 0xc0) == 0x80)
            line.back() = (line.back() << 6) | (byte & 0x3f);
        else
            line.push_back(byte < 0x80 ? byte : byte < 0xe0 ? byte & 0x1f : byte & 0x0f);
    return line;
}

std::vector<Line> lines(const std::string &text)
{
    std::vector<Line> all;
    std::stringstream in(std::regex_replace(text, std::regex("\r\n"), "\n"));
    for (std::string line; std::getline(in, line);)
        all.push_back(characters(line));
    return all;
}

Line without_blanks(const Line &line)
{
    Line rest;
    for (char32_t c : line)
        if (c != ' ')
            rest.push_back(c);
    return rest;
}

bool is_rule(const Line &line)
{
    return !line.empty() && line.find_first_not_of(U'─') == Line::npos;
}

struct Table {
    std::vector<Line> titles;
    std::vector<bool> left;
    std::vector<std::vector<Line>> rows;
};

std::vector<std::string> cells_of(const std::string &line)
{
    static const std::regex bar(R"( ((?:[^\\|]|\\.)*) \|)");
    std::vector<std::string> cells;
    for (std::sregex_iterator i(line.begin() + 1, line.end(), bar), end; i != end; ++i) {
        std::string plain;
        EXPECT_TRUE(hostile::readMarkdown((*i)[1], plain)) << (*i)[1];
        cells.push_back(plain);
    }
    return cells;
}

// The tables of a Markdown text, in order.
std::vector<Table> tables_of(const std::string &markdown)
{
    std::vector<Table> tables;
    std::stringstream in(markdown);
    bool within = false;
    for (std::string line; std::getline(in, line);) {
        bool row = !line.empty() && line[0] == '|';
        if (row && !within) {
            tables.emplace_back();
            for (const auto &title : cells_of(line))
                tables.back().titles.push_back(characters(title));
            std::getline(in, line);
            for (const auto &side : cells_of(line))
                tables.back().left.push_back(side == "---");
        } else if (row) {
            tables.back().rows.emplace_back();
            for (const auto &cell : cells_of(line))
                tables.back().rows.back().push_back(characters(cell));
        }
        within = row;
    }
    return tables;
}

// A column of a block: which it is, and where its title begins and ends.
struct Column {
    size_t index, begin, end;
};

// Titles stand two blanks apart.
std::vector<Column> titles_at(const Line &line, std::vector<Line> &titles)
{
    std::vector<Column> at;
    titles.clear();
    for (size_t begin = line.find_first_not_of(U' '); begin != Line::npos;) {
        size_t end = line.find(U"  ", begin);
        end = end == Line::npos ? line.size() : end;
        titles.push_back(line.substr(begin, end - begin));
        at.push_back({0, begin, end});
        begin = line.find_first_not_of(U' ', end);
    }
    return at;
}

class Reader
{
  public:
    Reader(const Table &table, const std::vector<Line> &all) : table_(table), all_(all) {}

    // Blocks from line `at` on, until all columns were seen.
    void read(size_t &at)
    {
        size_t next = 0;
        while (next < table_.titles.size()) {
            while (at + 1 < all_.size() && !is_rule(all_[at + 1]))
                at++;
            ASSERT_LT(at + 1, all_.size()) << "columns from " << next << " on are missing";
            std::vector<Column> columns;
            ASSERT_NO_FATAL_FAILURE(name(all_[at], next, columns));
            at += 2;
            for (const auto &row : table_.rows)
                ASSERT_NO_FATAL_FAILURE(read_row(row, columns, at));
        }
    }

  private:
    // Which columns a line of titles is of: some that were there before, then the next ones.
    void name(const Line &line, size_t &next, std::vector<Column> &columns)
    {
        std::vector<Line> titles;
        columns = titles_at(line, titles);
        size_t n_keys = next ? 1 : 0;
        for (; n_keys < titles.size(); n_keys++) {
            bool fits = next + titles.size() - n_keys <= table_.titles.size();
            for (size_t i = 0; fits && i < titles.size(); i++)
                fits = titles[i] == table_.titles[i < n_keys ? i : next + i - n_keys];
            if (fits)
                break;
        }
        ASSERT_LT(n_keys, titles.size()) << "not the next titles";
        for (size_t i = 0; i < titles.size(); i++)
            columns[i].index = i < n_keys ? i : next + i - n_keys;
        next += titles.size() - n_keys;
    }

    void read_row(const std::vector<Line> &row, const std::vector<Column> &columns, size_t &at)
    {
        std::vector<Line> read(columns.size());
        if (at < all_.size() && is_rule(all_[at]))
            at++;
        for (bool first = true, more = true; more; first = false, at++) {
            ASSERT_LT(at, all_.size());
            const Line &line = all_[at];
            more = false;
            size_t n_seen = 0;
            for (size_t i = 0; i < columns.size(); i++) {
                const Line cell = row[columns[i].index];
                Line part;
                if (table_.left[columns[i].index]) {
                    size_t begin = columns[i].begin;
                    if (begin < line.size())
                        part = line.substr(begin, line.find(U"  ", begin) - begin);
                    if (begin < line.size() && line[begin] == ' ')
                        part.clear();
                    ASSERT_TRUE(begin == 0 || begin > line.size() || line[begin - 1] == ' ');
                } else if (first && !cell.empty()) {
                    size_t end = columns[i].end;
                    ASSERT_TRUE(end <= line.size() && end >= cell.size());
                    part = line.substr(end - cell.size(), cell.size());
                    ASSERT_TRUE(end == line.size() || line[end] == ' ');
                    ASSERT_TRUE(end == cell.size() || line[end - cell.size() - 1] == ' ');
                }
                read[i] += without_blanks(part);
                n_seen += without_blanks(part).size();
                more = more || read[i].size() < without_blanks(cell).size();
            }
            ASSERT_EQ(n_seen, without_blanks(line).size()) << "more than the cells, line " << at;
        }
        for (size_t i = 0; i < columns.size(); i++)
            ASSERT_TRUE(read[i] == without_blanks(row[columns[i].index]))
                << "line " << at << ", column " << columns[i].index;
    }

    const Table &table_;
    const std::vector<Line> &all_;
};

class Terminal : public testing::Test
{
  protected:
    // What the program prints into a file (`columns` < 0) or on a terminal of so many columns.
    std::string run(const Words &words, int columns, bool both = false)
    {
        std::vector<char *> argv = {const_cast<char *>(program_path())};
        for (const auto &word : words)
            argv.push_back(const_cast<char *>(word.c_str()));
        argv.push_back(nullptr);
        int terminal = -1;
        struct winsize size = {24, static_cast<unsigned short>(columns), 0, 0};
        pid_t child = columns < 0 ? fork() : forkpty(&terminal, nullptr, nullptr, &size);
        if (child == 0) {
            if (chdir(scratch.file("").c_str()) != 0)
                _exit(126);
            setenv("MULFREE_DATA", MF_SOURCE_DIR, 1);
            setenv("NO_COLOR", "1", 1);
            if (columns < 0)
                dup2(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0666), 1);
            int err = open("err", O_WRONLY | O_CREAT | O_TRUNC, 0666);
            if (!both)
                dup2(err, 2);
            execv(program_path(), argv.data());
            _exit(127);
        }
        std::string seen;
        char bytes[4096];
        for (ssize_t n; columns >= 0 && (n = read(terminal, bytes, sizeof bytes)) > 0;)
            seen.append(bytes, static_cast<size_t>(n));
        if (columns >= 0)
            close(terminal);
        int how = 0;
        waitpid(child, &how, 0);
        EXPECT_TRUE(WIFEXITED(how) && WEXITSTATUS(how) < 2)
            << how << read_text(scratch.file("err"));
        return columns < 0 ? read_text(scratch.file("out")) : seen;
    }

    static Words plus(Words words, const Words &more)
    {
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    void check(const Words &words, const std::vector<Table> &tables, int columns)
    {
        std::string shown = columns < 0 ? run(plus(words, {"--wide"}), 80) : run(words, columns),
                    trace = std::to_string(columns) + " columns:";
        for (const auto &word : words)
            trace += " " + word;
        SCOPED_TRACE(trace + "\n" + shown);
        auto all = lines(shown);
        for (const auto &line : all)
            ASSERT_TRUE(columns < 0 || line.size() <= static_cast<size_t>(columns ? columns : 80));
        size_t at = 0;
        for (const auto &table : tables)
            ASSERT_NO_FATAL_FAILURE(Reader(table, all).read(at));
    }

    Scratch scratch;
};

// Terminals that are tried, and none (-1); under sanitizers one will do.
std::vector<int> widths()
{
    std::vector<int> all = {80, 60, 132, -1};
    all.resize(n_cases(all.size()));
    return all;
}
} // namespace

TEST_F(Terminal, ShowsEveryTableOfEveryCommandWhole)
{
    scratch.write("net.json", R"({"name": "net", "about": "a", "source": "s", "classes": 10,
        "input": {"channels": 3, "rows": 8, "columns": 8}, "activation": "relu6", "parts": [
        {"type": "conv", "name": "stem", "channels": 4, "kernel": 3, "stride": 2},
        {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})");
    scratch.write("a.json", R"([{"name": "a rather long name of a row", "x_mj": 1, "y": "b"}])");
    scratch.write("b.json", R"([{"name": "a rather long name of a row", "x_mj": 2, "y": "c"}])");
    scratch.write("sweep.json", R"({"name": "s", "about": "a",
        "grid": {"pe_rows": [8, 12], "network": "./net.json", "op": ["mult", "add"]}})");
    scratch.write("t.json", R"({"name": "t", "about": "a", "kind": "training",
        "network": "./net.json", "set": {"epochs": 1}, "seeds": [1, 2],
        "arms": [{"name": "a"}, {"name": "b", "op": "add"}]})");
    run({"trace", "make", "./net.json", "--random", "1", "-o", "run.npz"}, -1);
    run({"train", "./net.json", "--set", "epochs=1", "--set", "threads=1", "--checkpoint", "c.npz",
         "--log", "c.jsonl"},
        -1);
    const Words both = {"--accounting", "published,consistent"};
    const std::map<std::string, std::vector<Words>> commands = {
        {"list", {{}}},
        {"show", {{"resnet20-cifar", "--all"}, {"horowitz-45nm"}, {"eyeriss-12x14"}}},
        {"check", {{"./net.json", "a.json", "sweep.json"}}},
        {"table", {{"1"}, {"3", "--corrected"}}},
        {"simulate",
         {{"mcunet-in3"},
          {"./net.json", "--accounting", "consistent", "--provenance"},
          {"./net.json", "--engine", "systemc"}}},
        {"compare", {{"mobilenetv2-w0.35"}, plus({"./net.json"}, both)}},
        {"trace", {{"info", "run.npz"}}},
        {"map", {}}, // below
        {"chip", {{"eyeriss-12x14", "--provenance"}, {"eyeriss-12x14", "./net.json"}}},
        {"train", {{"--keys"}, {"./net.json", "--set", "epochs=1", "--set", "threads=1"}}},
        {"eval", {{"c.npz", "--set", "threads=1"}}},
        {"curves", {{"c.jsonl"}}},
        {"weights", {{"c.npz"}, {"c.npz", "-l", "fc", "--histogram", "5"}}},
        {"experiment", {{"t.json"}}},
        {"tradeoff", {{"c.npz"}}},
        {"validate", {{}}},
        {"sweep", {{"sweep.json"}}},
        {"diff", {{"a.json", "b.json"}}},
        {"completion", {}}, // no tables
        {"man", {}}};
    for (const mf_command *const *c = mf_commands; *c; c++) {
        auto at = commands.find((*c)->name);
        ASSERT_NE(at, commands.end()) << (*c)->name << ": say here how its tables are printed";
        for (const auto &line : at->second) {
            Words words = plus({(*c)->name}, line);
            auto tables = tables_of(run(plus(words, {"--format", "markdown"}), -1));
            ASSERT_FALSE(tables.empty()) << (*c)->name;
            for (int columns : widths())
                ASSERT_NO_FATAL_FAILURE(check(words, tables, columns));
        }
    }
}

// What a terminal shows in the end of what it was sent.
struct Screen {
    std::vector<std::string> rows = {""};

    explicit Screen(const std::string &sent)
    {
        size_t row = 0, column = 0;
        static const std::regex sequence("^\033\\[([0-9]*)([A-Za-z])");
        for (size_t i = 0; i < sent.size(); i++) {
            std::smatch found;
            const std::string rest = sent.substr(i, 16);
            if (std::regex_search(rest, found, sequence)) {
                size_t n = found[1].length() ? std::stoul(found[1]) : 1;
                if (found[2] == "A")
                    row -= std::min(n, row);
                if (found[2] == "J" || found[2] == "K")
                    rows[row].resize(std::min(column, rows[row].size()));
                if (found[2] == "J")
                    rows.resize(row + 1);
                i += found[0].length() - 1;
            } else if (sent[i] == '\n') {
                rows.resize(std::max(rows.size(), ++row + 1));
            } else if (sent[i] == '\r') {
                column = 0;
            } else {
                rows[row].resize(std::max(rows[row].size(), column + 1), ' ');
                rows[row][column++] = sent[i];
            }
        }
    }
};

// The table of an experiment's runs at work is drawn over itself, is never wider than the terminal,
// and is gone in the end.
TEST_F(Terminal, ShowsTrainingsAtWork)
{
    scratch.write("net.json", R"({"name": "net", "about": "a", "source": "s", "classes": 10,
        "input": {"channels": 3, "rows": 8, "columns": 8}, "activation": "relu6", "parts": [
        {"type": "conv", "name": "stem", "channels": 8, "kernel": 3},
        {"type": "global_pool"}, {"type": "fc", "channels": "classes"}]})");
    scratch.write("t.json", R"({"name": "t", "about": "a", "kind": "training",
        "network": "./net.json", "set": {"epochs": 4}, "seeds": [1, 2],
        "arms": [{"name": "an-arm-with-a-long-name-that-is-cut"}, {"name": "b"}]})");
    for (int columns : {60, 132}) {
        const std::string sent = run({"experiment", "t.json", "-j", "3", "-f", "csv", "--folder",
                                      "runs" + std::to_string(columns)},
                                     columns, true);
        const Screen screen(sent);
        SCOPED_TRACE(sent);
        EXPECT_NE(sent.find(" at work"), std::string::npos);
        EXPECT_NE(sent.find("an-arm-with-a-long-n      1"), std::string::npos);
        EXPECT_EQ(sent.find("images/s") != std::string::npos, columns > 80);
        static const std::regex drawn("\n?(arm  |an-arm[^:,\n]*  |b  )[^\r\n]*");
        for (std::sregex_iterator i(sent.begin(), sent.end(), drawn), end; i != end; ++i)
            EXPECT_LT(i->length(), columns);
        size_t n_done = 0, n_rows = 0;
        for (const auto &row : screen.rows) {
            EXPECT_EQ(row.find("at work"), std::string::npos) << row;
            n_done += row.find(": done, test top-1") != std::string::npos;
            n_rows += row.find(",net,mult,4,2,0,") != std::string::npos;
        }
        EXPECT_EQ(n_done, 4U);
        EXPECT_EQ(n_rows, 2U);
    }
}

// The tables of `map`: "tensor/title" and the number there. What is taken out leaves no line.
std::map<Line, Line> cut_grids(std::vector<Line> &all)
{
    const size_t name = 8, n_tensors = 3;
    std::map<Line, Line> cells;
    for (size_t i = 0; i < all.size(); i++) {
        const Line titles = all[i], corner = without_blanks(titles.substr(0, name));
        size_t width = corner == U"words" ? 14 : corner == U"nJ" ? 12 : 0;
        if (!width)
            continue;
        for (size_t row = i + 1; row <= i + n_tensors; row++)
            for (size_t at = name; at < titles.size(); at += width)
                cells[without_blanks(all.at(row).substr(0, name)) + U"/" + corner + U"/" +
                      titles.substr(at, width)] = all.at(row).substr(at, width);
        auto first = all.begin() + static_cast<std::ptrdiff_t>(i);
        all.erase(first, first + static_cast<std::ptrdiff_t>(1 + n_tensors));
        i--;
    }
    return cells;
}

// The same text, whatever its lines.
Line running(const std::vector<Line> &all)
{
    Line text;
    for (const auto &line : all)
        text += without_blanks(line);
    return text;
}

// `map` has no sheet: its text goes on below, its two tables go into blocks.
TEST_F(Terminal, ShowsANestWhole)
{
    for (const Words &words :
         {Words{"map", "mobilenetv2-w0.35", "--layer", "7", "--why"},
          Words{"map", "alexnet", "--layer", "conv_2", "-a", "eyeriss-12x14", "--batch", "4"}}) {
        const std::string piped = run(words, -1);
        auto whole = lines(piped);
        ASSERT_GT(std::max_element(whole.begin(), whole.end(),
                                   [](auto &a, auto &b) { return a.size() < b.size(); })
                      ->size(),
                  120U);
        const auto cells = cut_grids(whole);
        ASSERT_EQ(cells.size(), 3U * (7 + 4));
        for (int columns : {40, 60, 80, 132}) {
            std::string shown = run(words, columns);
            SCOPED_TRACE(std::to_string(columns) + " columns:\n" + shown);
            auto all = lines(shown);
            for (const auto &line : all) {
                EXPECT_LE(line.size(), static_cast<size_t>(columns));
                EXPECT_TRUE(line.empty() || line.back() != ' ');
            }
            EXPECT_EQ(cut_grids(all), cells);
            EXPECT_EQ(running(all), running(whole));
        }
        EXPECT_EQ(std::regex_replace(run(plus(words, {"--wide"}), 80), std::regex("\r\n"), "\n"),
                  piped);
    }
}

// A pipe and a file get every table in one piece, and --wide has nothing to do there.
TEST_F(Terminal, OnlyATerminalIsNarrow)
{
    for (const Words &more :
         std::vector<Words>{{"--format", "csv"}, {"--format", "json"}, {"--format", "markdown"}}) {
        Words words = plus({"table", "3"}, more);
        EXPECT_EQ(std::regex_replace(run(words, 60), std::regex("\r\n"), "\n"), run(words, -1));
    }
    run({"table", "3", "-o", "t.txt"}, 60);
    EXPECT_EQ(read_text(scratch.file("t.txt")), run({"table", "3"}, -1));
    EXPECT_EQ(run({"table", "3"}, 0), run({"table", "3"}, 80)); // one that states no width
}
