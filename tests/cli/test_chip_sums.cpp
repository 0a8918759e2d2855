// Are areas, energies and powers of a chip's parts those of the chip, in every format that shows them?
#include "tests/support/support.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <regex>
#include <vector>

namespace
{
using Cells = std::map<std::string, std::string>;

std::string run(const std::string &words)
{
    const std::string line = std::string("MULFREE_DATA=") + MF_SOURCE_DIR + " NO_COLOR=1 " +
                             program_path() + " " + words + " 2>/dev/null";
    std::string text;
    FILE *pipe = popen(line.c_str(), "r");
    std::array<char, 4096> bytes;
    while (size_t n = fread(bytes.data(), 1, bytes.size(), pipe))
        text.append(bytes.data(), n);
    EXPECT_EQ(pclose(pipe), 0) << words;
    return text;
}

std::vector<std::string> split(const std::string &line, const std::string &by)
{
    std::vector<std::string> parts;
    size_t at = 0, next;
    for (; (next = line.find(by, at)) != std::string::npos; at = next + by.size())
        parts.push_back(line.substr(at, next - at));
    parts.push_back(line.substr(at));
    return parts;
}

// Rows whose cells are parted by `by` below a head of such cells.
std::vector<Cells> table(const std::string &text, const std::string &by)
{
    std::vector<Cells> rows;
    std::vector<std::string> head;
    for (const std::string &line : split(text, "\n")) {
        const auto cells = split(line, by);
        if (head.empty() && cells.size() > 5)
            head = cells;
        else if (cells.size() == head.size() && cells.size() > 5 && line.find("---") > 2) {
            rows.emplace_back();
            for (size_t i = 0; i < cells.size(); i++)
                rows.back()[head[i]] = cells[i];
        }
    }
    return rows;
}

std::vector<Cells> json(const std::string &text)
{
    std::vector<Cells> rows;
    const std::regex member("\"(\\w+)\": (\"([^\"]*)\"|[-0-9.e+]+)");
    for (const std::string &line : split(text, "\n")) {
        if (line.find("\"part\"") == std::string::npos)
            continue;
        rows.emplace_back();
        for (std::sregex_iterator i(line.begin(), line.end(), member), end; i != end; ++i)
            rows.back()[(*i)[1]] = (*i)[3].matched ? (*i)[3] : (*i)[2];
    }
    return rows;
}

// Columns that stand on fixed places: those of the head's titles, at whose ends numbers end.
std::vector<Cells> text_table(const std::string &text)
{
    std::vector<Cells> rows;
    std::vector<std::pair<std::string, size_t>> head; // title, where it ends
    const std::regex title("\\S+( \\S+)*");
    for (const std::string &line : split(text, "\n")) {
        if (head.empty() && line.rfind("part ", 0) == 0) {
            for (std::sregex_iterator i(line.begin(), line.end(), title), end; i != end; ++i)
                head.emplace_back(i->str(), static_cast<size_t>(i->position() + i->length()));
            continue;
        }
        if (head.empty() || line.find("\u2500") != std::string::npos)
            continue;
        if (line.empty())
            break;
        rows.emplace_back();
        rows.back()["part"] = split(line, "  ")[0];
        for (const auto &[name, end] : head) {
            size_t begin = line.find_last_of(' ', end - 1);
            if (end <= line.size() && begin != std::string::npos && begin + 1 < end)
                rows.back()[name == "part" ? "" : name] = line.substr(begin + 1, end - begin - 1);
        }
    }
    return rows;
}

// Parts above the row of the chip add up to it; `unit` is the last digit shown, 0 for all of them.
void expect_sum(const std::vector<Cells> &rows, const std::string &column, double unit)
{
    double sum = 0, whole = -1;
    size_t n = 0;
    for (const Cells &row : rows) {
        const auto at = row.find(column);
        const double value = at == row.end() || at->second.empty() ? 0 : std::stod(at->second);
        if (row.at("part") == "chip") {
            whole = value;
            break;
        }
        sum += value;
        n++;
    }
    EXPECT_GE(n, 7u) << column;
    EXPECT_GT(whole, 0) << column;
    EXPECT_NEAR(sum, whole, unit > 0 ? unit * 0.5 * static_cast<double>(n + 1) : 1e-12 * whole)
        << column;
}
} // namespace

TEST(ChipSums, PartsAreTheChipInEveryFormat)
{
    for (const char *table_name : {"consistent-45nm", "wires-45nm"}) {
        const std::string words =
            std::string("chip eyeriss-12x14 mobilenetv2-tiny --op add --bits 16 "
                        "--iso-area --table ") +
            table_name + " --format ";
        for (const auto &rows : {table(run(words + "csv"), ","), json(run(words + "json"))})
            for (const char *column :
                 {"area_um2", "area_share", "leakage_mw", "energy_mj", "power_mw"})
                expect_sum(rows, column, 0);
        for (const auto &rows : {text_table(run(words + "text")), [&] {
                                     auto marked = table(run(words + "markdown"), " | ");
                                     for (Cells &row : marked)
                                         row["part"] = row["| part"].substr(2);
                                     return marked;
                                 }()}) {
            expect_sum(rows, "area mm2", 1e-4);
            expect_sum(rows, "area %", 0.1);
            expect_sum(rows, "leakage mW", 1e-4);
            expect_sum(rows, "energy uJ", 0.01);
            expect_sum(rows, "power mW", 0.001);
        }
    }
}
