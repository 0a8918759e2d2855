// Does a heat map show each PE once, in place, as dark as it was busy, on a picture of a size to
// look at? Arrays of several shapes are drawn with made-up activity, and the SVG is read again.
extern "C" {
#include "cli/heatmap.h"
}
#include "tests/support/support.h"

#include <regex>
#include <vector>

namespace
{
struct Rect {
    double x, y, width, height;
    int brightness; // of red, which falls with the share
    std::string title;
};

struct Picture {
    double width = 0, height = 0;
    std::vector<Rect> cells, scale;
    std::vector<std::string> labels, scale_labels;
};

class HeatMap : public testing::Test
{
  protected:
    // PE i was busy for busy[i] of 1000 cycles.
    void draw(uint64_t rows, uint64_t columns, const std::vector<uint64_t> &busy)
    {
        ASSERT_EQ(busy.size(), rows * columns);
        std::vector<mf_pe_activity> pes(busy.size());
        for (size_t i = 0; i < pes.size(); i++)
            pes[i].busy_cycles = busy[i];
        mf_diag diag = {};
        ASSERT_EQ(mf_heatmap_write(scratch.file("h.svg").c_str(), "net as add", pes.data(), rows,
                                   columns, 1000, &diag),
                  MF_OK)
            << diag.message;
        read(read_text(scratch.file("h.svg")));
    }

    void read(const std::string &svg)
    {
        std::smatch size;
        ASSERT_TRUE(std::regex_search(svg, size, std::regex("width=\"(\\d+)\" height=\"(\\d+)\"")));
        seen = {std::stod(size[1]), std::stod(size[2]), {}, {}, {}, {}};
        static const std::regex rect("<rect x=\"(\\d+)\" y=\"(\\d+)\" width=\"(\\d+)\" "
                                     "height=\"(\\d+)\"[^>]* fill=\"#(..)....\"(/?)>(<title>"
                                     "([^<]*))?");
        for (std::sregex_iterator i(svg.begin(), svg.end(), rect), end; i != end; ++i)
            (i->str(6).empty() ? seen.cells : seen.scale)
                .push_back({std::stod((*i)[1]), std::stod((*i)[2]), std::stod((*i)[3]),
                            std::stod((*i)[4]), std::stoi((*i)[5], nullptr, 16), (*i)[8]});
        static const std::regex text("text-anchor=\"(middle|end)\">([^<]*)<");
        for (std::sregex_iterator i(svg.begin(), svg.end(), text), end; i != end; ++i)
            (i->str(2).find('%') == std::string::npos ? seen.labels : seen.scale_labels)
                .push_back((*i)[2]);
    }

    Scratch scratch;
    Picture seen;
};
} // namespace

TEST_F(HeatMap, CellsFollowTheShapeOfTheArray)
{
    const struct {
        uint64_t rows, columns;
        double cell_width, cell_height;
    } shapes[] = {{12, 14, 40, 40}, {3, 3, 40, 40}, {64, 64, 10, 10}, {1, 168, 6, 40}};
    for (const auto &shape : shapes) {
        SCOPED_TRACE(std::to_string(shape.rows) + "x" + std::to_string(shape.columns));
        std::vector<uint64_t> busy(shape.rows * shape.columns, 500);
        ASSERT_NO_FATAL_FAILURE(draw(shape.rows, shape.columns, busy));
        ASSERT_EQ(seen.cells.size(), shape.rows * shape.columns);
        EXPECT_LE(seen.width, 1120);
        EXPECT_LE(seen.height, 800);
        for (uint64_t i = 0; i < seen.cells.size(); i++) {
            const Rect &cell = seen.cells[i], &first = seen.cells[0];
            uint64_t row = i / shape.columns, column = i % shape.columns;
            EXPECT_EQ(cell.width, shape.cell_width);
            EXPECT_EQ(cell.height, shape.cell_height);
            EXPECT_EQ(cell.x, first.x + static_cast<double>(column) * shape.cell_width);
            EXPECT_EQ(cell.y, first.y + static_cast<double>(row) * shape.cell_height);
            EXPECT_EQ(cell.title.find("row " + std::to_string(row) + ", column " +
                                      std::to_string(column) + ": busy 50.0 %"),
                      0U);
        }
        const Rect &last = seen.cells.back();
        EXPECT_LE(last.x + last.width, seen.width);
        for (const Rect &step : seen.scale)
            EXPECT_TRUE(step.y >= last.y + last.height && step.y + step.height < seen.height);
    }
}

// Numbers at the sides: all where there is room, else every 2nd, 5th, 10th ...
TEST_F(HeatMap, NumbersHaveRoom)
{
    draw(3, 3, std::vector<uint64_t>(9, 1));
    EXPECT_EQ(seen.labels, (std::vector<std::string>{"0", "1", "2", "0", "1", "2"}));
    draw(64, 64, std::vector<uint64_t>(64 * 64, 1));
    EXPECT_EQ(seen.labels.size(), 2U * 32);
    EXPECT_EQ(seen.labels[1], "2");
    draw(1, 168, std::vector<uint64_t>(168, 1));
    EXPECT_EQ(seen.labels.size(), 34U + 1);
    EXPECT_EQ(seen.labels[1], "5");
}

// PEs between 60 and 80 % use all colours there are, and the scale below says which share is which.
TEST_F(HeatMap, ColoursGoFromTheIdlestToTheBusiest)
{
    draw(3, 3, {600, 625, 650, 675, 700, 725, 750, 775, 800});
    EXPECT_EQ(seen.scale_labels, (std::vector<std::string>{"60.0 %", "70.0 %", "80.0 %"}));
    ASSERT_EQ(seen.cells.size(), 9U);
    EXPECT_EQ(seen.cells.front().brightness, seen.scale.front().brightness);
    EXPECT_EQ(seen.cells.back().brightness, seen.scale.back().brightness);
    EXPECT_GT(seen.cells.front().brightness - seen.cells.back().brightness, 200);
    for (size_t i = 1; i < 9; i++)
        EXPECT_LT(seen.cells[i].brightness, seen.cells[i - 1].brightness);
    EXPECT_EQ(seen.cells[4].brightness, seen.scale[5].brightness);
}

// Where all were equally busy there is no range: all in one colour, the scale from nothing on.
TEST_F(HeatMap, EqualPesAreOfOneColour)
{
    for (uint64_t busy : {0U, 500U}) {
        draw(3, 3, std::vector<uint64_t>(9, busy));
        for (const Rect &cell : seen.cells)
            EXPECT_EQ(cell.brightness, (busy ? seen.scale.back() : seen.scale.front()).brightness);
        EXPECT_EQ(seen.scale_labels.front(), "0.0 %");
        EXPECT_EQ(seen.scale_labels.back(), busy ? "50.0 %" : "0.0 %");
    }
}
