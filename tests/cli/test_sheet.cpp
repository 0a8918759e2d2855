// Does each format show the same cells in its own way?
extern "C" {
#include "cli/sheet.h"
}
#include "tests/support/support.h"

namespace
{
const mf_column columns[] = {{"name", "name", 0, 1}, {"n", "n k", 1, 1e-3},  {"x", NULL, 0, 1},
                             {NULL, "people", 0, 1}, {"flag", "flag", 0, 1}, {NULL, NULL, 0, 0}};
const mf_format formats[] = {MF_FORMAT_TEXT, MF_FORMAT_CSV, MF_FORMAT_JSON, MF_FORMAT_MARKDOWN};

class Sheet : public testing::Test
{
  protected:
    Sheet() : arena(mf_arena_create()), sheet(mf_sheet_create(arena, columns)) {}

    ~Sheet() override
    {
        mf_arena_destroy(arena);
    }

    void add(mf_row_kind kind, const char *name)
    {
        mf_sheet_row(sheet, kind);
        mf_sheet_text(sheet, name);
        mf_sheet_count(sheet, 12345);
        mf_sheet_real(sheet, 0.1);
        mf_sheet_text(sheet, "p");
        mf_sheet_flag(sheet, true);
    }

    std::string show(mf_format format)
    {
        return told([&](mf_text *text) { mf_sheet_write(sheet, format, false, text); });
    }

    template <typename Write> static std::string told(Write write)
    {
        mf_text text = {};
        write(&text);
        EXPECT_FALSE(text.failed);
        std::string result(text.bytes ? text.bytes : "", text.length);
        mf_text_free(&text);
        return result;
    }

    mf_arena *arena;
    mf_sheet *sheet;
};
} // namespace

TEST_F(Sheet, Json)
{
    add(MF_ROW_PLAIN, "a,\"b\"|\xc3\xa9");
    add(MF_ROW_TOTAL, "total");
    EXPECT_EQ(
        show(MF_FORMAT_JSON),
        "[\n  {\"name\": \"a,\\\"b\\\"|\xc3\xa9\", \"n\": 12345, \"x\": 0.1, \"flag\": true}\n]\n");
}

TEST_F(Sheet, Csv)
{
    add(MF_ROW_PLAIN, "a,\"b\"|\xc3\xa9");
    add(MF_ROW_TOTAL, "total");
    EXPECT_EQ(show(MF_FORMAT_CSV), "name,n,x,flag\n\"a,\"\"b\"\"|\xc3\xa9\",12345,0.1,true\n");
}

TEST_F(Sheet, MarkdownAndTextShowWhatPeopleNeed)
{
    add(MF_ROW_PLAIN, "a,\"b\"|\xc3\xa9");
    add(MF_ROW_TOTAL, "total");
    EXPECT_NE(show(MF_FORMAT_MARKDOWN).find("| a,\"b\"\\|\xc3\xa9 | 12.3 | p | yes |"),
              std::string::npos)
        << show(MF_FORMAT_MARKDOWN);
    EXPECT_NE(show(MF_FORMAT_TEXT).find("total"), std::string::npos);
}

// What comes bit by bit is what is written in one piece, with nothing held back between two bits.
TEST_F(Sheet, RowsThatComeOneByOne)
{
    for (mf_format format : formats) {
        sheet = mf_sheet_create(arena, columns);
        mf_sheet_heading(sheet, "heading");
        add(MF_ROW_SAMPLE, "as long as the longest");
        std::string bits = told([&](mf_text *text) { mf_sheet_begin(sheet, format, false, text); });
        for (const char *name : {"short", "as long as the longest", "total"}) {
            add(*name == 't' ? MF_ROW_TOTAL : MF_ROW_PLAIN, name);
            std::string bit = told([&](mf_text *text) { mf_sheet_continue(sheet, text); });
            bool people = format == MF_FORMAT_TEXT || format == MF_FORMAT_MARKDOWN;
            EXPECT_EQ(bit.find(name) != std::string::npos, people || *name != 't') << format;
            bits += bit;
        }
        mf_sheet_note(sheet, "a note");
        bits += told([&](mf_text *text) { mf_sheet_end(sheet, text); });
        EXPECT_EQ(bits, show(format));
    }
}

// Rows that are measured and forgotten, then made again and written, are those of a whole sheet.
TEST_F(Sheet, RowsThatAreForgotten)
{
    const char *const names[] = {"short", "as long as the longest", "a", "b"};
    for (mf_format format : formats) {
        sheet = mf_sheet_create(arena, columns);
        for (const char *name : names)
            add(MF_ROW_PLAIN, name);
        const std::string whole = show(format);
        sheet = mf_sheet_create(arena, columns);
        std::string bits;
        for (bool write : {false, true}) {
            if (write)
                bits = told([&](mf_text *text) { mf_sheet_begin(sheet, format, false, text); });
            for (const char *name : names) {
                mf_arena *rows = mf_arena_create();
                mf_sheet_turn(sheet, rows);
                add(MF_ROW_PLAIN, name);
                if (write)
                    bits += told([&](mf_text *text) { mf_sheet_continue(sheet, text); });
                else
                    mf_sheet_measure(sheet);
                mf_sheet_turn(sheet, nullptr);
                mf_arena_destroy(rows);
            }
        }
        bits += told([&](mf_text *text) { mf_sheet_end(sheet, text); });
        EXPECT_EQ(bits, whole) << format;
    }
}

TEST_F(Sheet, ATotalThatComesFirstLeavesJsonWhole)
{
    add(MF_ROW_TOTAL, "total");
    add(MF_ROW_SAMPLE, "sample");
    add(MF_ROW_PLAIN, "a");
    EXPECT_EQ(show(MF_FORMAT_JSON),
              "[\n  {\"name\": \"a\", \"n\": 12345, \"x\": 0.1, \"flag\": true}\n]\n");
}

TEST_F(Sheet, ARowWiderThanItsColumnIsShownWhole)
{
    told([&](mf_text *text) { mf_sheet_begin(sheet, MF_FORMAT_TEXT, false, text); });
    add(MF_ROW_PLAIN, "wider than all before");
    EXPECT_NE(told([&](mf_text *text) { mf_sheet_end(sheet, text); }).find("wider than all before"),
              std::string::npos);
}
