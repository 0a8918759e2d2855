// Does each format show the same cells in its own way?
extern "C" {
#include "cli/sheet.h"
}
#include "tests/support/support.h"

namespace
{
std::string show(mf_format format)
{
    static const mf_column columns[] = {{"name", "name", 0, 1}, {"n", "n k", 1, 1e-3},
                                        {"x", NULL, 0, 1},      {NULL, "people", 0, 1},
                                        {"flag", "flag", 0, 1}, {NULL, NULL, 0, 0}};
    mf_arena *arena = mf_arena_create();
    mf_sheet *sheet = mf_sheet_create(arena, columns);
    mf_sheet_row(sheet, MF_ROW_PLAIN);
    mf_sheet_text(sheet, "a,\"b\"|\xc3\xa9");
    mf_sheet_count(sheet, 12345);
    mf_sheet_real(sheet, 0.1);
    mf_sheet_text(sheet, "p");
    mf_sheet_flag(sheet, true);
    mf_sheet_row(sheet, MF_ROW_TOTAL);
    mf_sheet_text(sheet, "total");
    mf_text text = {};
    mf_sheet_write(sheet, format, false, &text);
    EXPECT_FALSE(text.failed);
    std::string result(text.bytes, text.length);
    mf_text_free(&text);
    mf_arena_destroy(arena);
    return result;
}
} // namespace

TEST(Sheet, Json)
{
    EXPECT_EQ(
        show(MF_FORMAT_JSON),
        "[\n  {\"name\": \"a,\\\"b\\\"|\xc3\xa9\", \"n\": 12345, \"x\": 0.1, \"flag\": true}\n]\n");
}

TEST(Sheet, Csv)
{
    EXPECT_EQ(show(MF_FORMAT_CSV), "name,n,x,flag\n\"a,\"\"b\"\"|\xc3\xa9\",12345,0.1,true\n");
}

TEST(Sheet, MarkdownAndTextShowWhatPeopleNeed)
{
    EXPECT_NE(show(MF_FORMAT_MARKDOWN).find("| a,\"b\"\\|\xc3\xa9 | 12.3 | p | yes |"),
              std::string::npos)
        << show(MF_FORMAT_MARKDOWN);
    EXPECT_NE(show(MF_FORMAT_TEXT).find("total"), std::string::npos);
}
