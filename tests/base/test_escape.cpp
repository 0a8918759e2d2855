// Does a hostile name stay a name at every sink? Each sink of sinks.def has a reader here that
// undoes it by the rules of the format; a sink without one does not compile.
#include "base/escape.h"
#include "tests/support/hostile.h"
#include "tests/support/support.h"

#include <functional>

namespace
{
// What the reader must find: the bytes; characters, with bytes that are none made visible; or what
// people see.
enum class Expect { bytes, characters, visible };

struct Reader {
    Expect expect;
    std::function<bool(const std::string &escaped, std::string &out)> read;
};

bool readTerminal(const std::string &s, std::string &out)
{
    out = s;
    return hostile::isClean(s) && s.find('\n') == std::string::npos;
}

bool readJson(const std::string &s, std::string &out)
{
    size_t i = 0;
    return hostile::readQuoted(s, i, out) && i == s.size();
}

bool readCsv(const std::string &s, std::string &out)
{
    auto fields = hostile::csvFields(s);
    out = fields.empty() ? "" : fields[0];
    return fields.size() == 1;
}

// A line that begins a block is none.
bool readMarkdownLine(const std::string &s, std::string &out)
{
    size_t digits = s.find_first_not_of("0123456789");
    if (std::string("#+-=").find(s[0]) != std::string::npos ||
        (digits && digits != std::string::npos && (s[digits] == '.' || s[digits] == ')')))
        return false;
    return hostile::readMarkdown(s, out);
}

// Between double quotes: letters, blanks, characters beyond ASCII, and bytes by their
// numbers.
bool readGnuplot(const std::string &s, std::string &out)
{
    out.clear();
    if (s.size() < 2 || s.front() != '"' || s.back() != '"')
        return false;
    for (size_t i = 1; i + 1 < s.size(); i++) {
        unsigned char c = static_cast<unsigned char>(s[i]);
        if (c == '\\') {
            out += static_cast<char>(std::stoi(s.substr(i + 1, 3), nullptr, 8));
            i += 3;
        } else if (isalpha(c) || c == ' ' || c >= 0x80) {
            out += s[i];
        } else {
            return false;
        }
    }
    if (out.find("]]>") != std::string::npos || out.find("&#") != std::string::npos)
        return false;
    for (size_t at; (at = out.find("]]\\x3e")) != std::string::npos;)
        out.replace(at, 6, "]]>");
    for (size_t at; (at = out.find("&\\x23")) != std::string::npos;)
        out.replace(at, 5, "&#");
    return hostile::isClean(out) && out.find('\n') == std::string::npos;
}

bool readGnuplotTic(const std::string &s, std::string &out)
{
    std::string format;
    bool good = readGnuplot(s, format);
    out.clear();
    for (size_t i = 0; i < format.size(); i++) {
        good = good && (format[i] != '%' || format[++i] == '%');
        out += format[i];
    }
    return good;
}

// A real shell; the word stands where a word would otherwise run.
bool readShell(const std::string &s, std::string &out)
{
    Scratch scratch;
    std::string script =
        scratch.write("a.sh", "cd " + scratch.file("") + "\nprintf '%s' " + s + " >out\n");
    bool ran = std::system(("sh " + script).c_str()) == 0;
    out = read_text(scratch.file("out"));
    return ran && !std::filesystem::exists(scratch.file(hostile::marker));
}

bool readRoff(const std::string &s, std::string &out)
{
    out.clear();
    if (s[0] == '.' || s[0] == '\'')
        return false;
    for (size_t i = 0; i < s.size(); i++) {
        if (s[i] != '\\')
            out += s[i];
        else if (s[++i] == 'e')
            out += '\\';
        else if (s[i] == '-')
            out += '-';
        else if (s[i] != '&')
            return false;
    }
    return s.find('\n') == std::string::npos;
}

const Reader terminal = {Expect::visible, readTerminal}, json = {Expect::characters, readJson},
             csv = {Expect::bytes, readCsv}, markdown = {Expect::visible, hostile::readMarkdown},
             markdown_line = {Expect::visible, readMarkdownLine},
             xml = {Expect::visible, hostile::readXml}, yaml = {Expect::characters, readJson},
             gnuplot = {Expect::visible, readGnuplot},
             gnuplot_tic = {Expect::visible, readGnuplotTic}, shell = {Expect::bytes, readShell},
             roff = {Expect::visible, readRoff};

const struct {
    const char *name;
    void (*escape)(mf_text *text, const char *string);
    const Reader &reader;
} sinks[] = {
#define MF_SINK(name, what) {#name, mf_escape_##name, name},
#include "base/sinks.def"
#undef MF_SINK
};

std::string expected(Expect how, const std::string &name)
{
    return how == Expect::bytes ? name : hostile::visible(name, how == Expect::characters);
}
} // namespace

TEST(Escape, EverySinkReadsBackEveryName)
{
    for (const auto &sink : sinks)
        for (const auto &name : hostile::names()) {
            mf_text text = {};
            std::string back;
            sink.escape(&text, name.text.c_str());
            std::string escaped(text.bytes, text.length);
            EXPECT_TRUE(sink.reader.read(escaped, back)) << sink.name << ": " << escaped;
            EXPECT_EQ(back, expected(sink.reader.expect, name.text))
                << sink.name << ": " << name.what << ": " << escaped;
            mf_text_free(&text);
        }
}

// Each byte and pair of bytes there is, and all characters at the edges of what is hidden.
TEST(Escape, EverySinkReadsBackEveryByte)
{
    std::vector<std::string> all;
    for (int a = 1; a < 256; a++) {
        all.emplace_back(1, static_cast<char>(a));
        all.back() = "x" + all.back() + "x";
        for (char b : std::string("'\"\\%\x80\xbf\x9b"))
            all.push_back(std::string(1, static_cast<char>(a)) + b);
    }
    for (unsigned long p = 0x80; p < 0x10000; p += p < 0x2100 || p > 0xfe00 ? 1 : 0x101)
        if (p < 0xd800 || p > 0xdfff) {
            all.emplace_back();
            hostile::putPoint(all.back(), p);
        }
    for (const auto &sink : sinks) {
        if (sink.escape == mf_escape_shell) // a process for each
            continue;
        for (const auto &name : all) {
            mf_text text = {};
            std::string back;
            sink.escape(&text, name.c_str());
            ASSERT_TRUE(sink.reader.read(std::string(text.bytes, text.length), back))
                << sink.name << ": " << text.bytes;
            ASSERT_EQ(back, expected(sink.reader.expect, name)) << sink.name << ": " << text.bytes;
            mf_text_free(&text);
        }
    }
}

TEST(Escape, WhatIsVisibleStaysAsItIs)
{
    for (const auto &name : hostile::names()) {
        mf_text once = {}, twice = {};
        mf_escape_terminal(&once, name.text.c_str());
        mf_escape_terminal(&twice, once.bytes);
        EXPECT_STREQ(once.bytes, twice.bytes);
        mf_text_free(&once);
        mf_text_free(&twice);
    }
}

TEST(Escape, OrdinaryNamesAreLeftAlone)
{
    for (const char *name : {"mobilenetv2-w0.35", "conv_1", "runs/mult.npz", "1e-3"})
        for (auto escape : {mf_escape_terminal, mf_escape_csv, mf_escape_markdown, mf_escape_xml,
                            mf_escape_shell}) {
            mf_text text = {};
            escape(&text, name);
            EXPECT_STREQ(text.bytes, name);
            mf_text_free(&text);
        }
}
