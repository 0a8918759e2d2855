// The one table of hostile names, and what becomes of each at every kind of sink. Written without
// base/utf8.h and base/escape.h, which it is held against.
#ifndef MF_TESTS_SUPPORT_HOSTILE_H
#define MF_TESTS_SUPPORT_HOSTILE_H

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace hostile
{
// Whatever is run by mistake makes a file of this name.
inline const char *const marker = "RUN_BY_MISTAKE";

struct Name {
    const char *what;
    std::string text;
};

inline const std::vector<Name> &names()
{
    const std::string touch = std::string("touch ") + marker;
    static const std::vector<Name> all = {
        {"backtick", "a`" + touch + "`b"},
        {"command substitution", "$(" + touch + ")"},
        {"arithmetic", "$((1+1)) ${HOME} $HOME"},
        {"double quote", "a\"; system(\"" + touch + "\"); #"},
        {"single quote", "a'; system('" + touch + "'); b='"},
        {"pipe at the beginning", "|" + touch},
        {"pipe within", "a | b || c"},
        {"semicolons", "; " + touch + "; & " + touch + " &"},
        {"newline", "a\n" + touch + "\nsystem '" + touch + "'\n#"},
        {"end of data", "a\nEND_OF_DATA\nsystem '" + touch + "'"},
        {"carriage return", "a\rb\r\nc"},
        {"tabulator", "\ta\tb"},
        {"escape sequence", "\x1b]0;title\x07\x1b[31mred\x1b[2J"},
        {"C1 control", "a\xc2\x9b"
                       "31m\xc2\x85z\xc2\x90"},
        {"raw C1", "a\x9b"
                   "31m"},
        {"delete and backspace", "secret\x08\x08\x7f"},
        {"right to left", "a\xe2\x80\xaegpj.b\xe2\x81\xa6 \xe2\x80\x8f\xd8\x9c"},
        {"line separator", "a\xe2\x80\xa8"
                           "b\xe2\x80\xa9"},
        {"not UTF-8", "a\xff\xfe\xc3"},
        {"torn and overlong UTF-8", "\xe2\x82 \xc0\xaf \xed\xa0\x80 \xf5\x80\x80\x80"},
        {"leading equals", "=1+cmd|' /C calc'!A0"},
        {"leading minus", "-rf"},
        {"leading two minus", "--output"},
        {"leading tilde", "~root"},
        {"leading hash", "# a: [b, {c"},
        {"leading at", "@" + touch},
        {"leading percent", "%s%n%d %% %.9999f"},
        {"list of Markdown", "1. a"},
        {"Markdown", "**a** _b_ [c](javascript:d) ![e](f) ~~g~~ `h` \\| i_j"},
        {"markup", "<script>alert(1)</script> &lt; &#x41; ]]> \"'"},
        {"CDATA", "<![CDATA[ ]]> --> <!--"},
        {"enhanced text of gnuplot", "{/Symbol a}_1^2 @a &{b} \\n \\047"},
        {"datablock of gnuplot", "$data0 @ARG1 sprintf(\"%d\")"},
        {"roff", ".so /etc/passwd \\fB\\n(.x"},
        {"leading quote", "'br"},
        {"YAML", "- !!python/object:a {b: c} # d\xc2\xa0: *e"},
        {"comma and quotes", "a,\"b\",c"},
        {"blanks", " a  b "},
        {"backslashes", "C:\\new\\x1b\\"},
        {"other scripts", "Grüße 漢字 😀"},
    };
    return all;
}

inline bool isContinuation(const std::string &s, size_t i)
{
    return i < s.size() && (static_cast<unsigned char>(s[i]) & 0xc0) == 0x80;
}

// One character from `i` on: its bytes and code point, or a single byte that is none (point -1).
struct Character {
    std::string bytes;
    long point;
};

inline Character characterAt(const std::string &s, size_t i)
{
    unsigned char c = static_cast<unsigned char>(s[i]);
    if (c < 0x80)
        return {s.substr(i, 1), c};
    size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    long point = c & (0xff >> (n + 1));
    bool good = c >= 0xc0 && c < 0xf8;
    for (size_t k = 1; k < n && good; k++) {
        good = isContinuation(s, i + k);
        if (good)
            point = point << 6 | (static_cast<unsigned char>(s[i + k]) & 0x3f);
    }
    static const long least[] = {0, 0, 0x80, 0x800, 0x10000};
    good = good && point >= least[n] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    return good ? Character{s.substr(i, n), point} : Character{s.substr(i, 1), -1};
}

inline bool isHidden(long p)
{
    return p < 0x20 || (p >= 0x7f && p < 0xa0) || p == 0x61c || (p >= 0x200e && p <= 0x200f) ||
           (p >= 0x2028 && p <= 0x202e) || (p >= 0x2066 && p <= 0x206f) || p == 0xfeff ||
           (p >= 0xfff9 && p <= 0xfffb) || p == 0xfffe || p == 0xffff;
}

// As people see it. `onlyBytes`: only what is not UTF-8 changes.
inline std::string visible(const std::string &s, bool onlyBytes = false)
{
    std::string out;
    for (size_t i = 0; i < s.size();) {
        Character c = characterAt(s, i);
        char shown[32];
        if (c.point >= 0x80)
            snprintf(shown, sizeof shown, "\\u%04lx", c.point);
        else
            snprintf(shown, sizeof shown, "\\x%02x", static_cast<unsigned char>(s[i]));
        bool changed = c.point < 0 || (!onlyBytes && isHidden(c.point));
        out += changed ? shown : c.bytes;
        i += c.bytes.size();
    }
    return out;
}

// May a terminal be given this? Lines may end.
inline bool isClean(const std::string &s)
{
    for (size_t i = 0; i < s.size();) {
        Character c = characterAt(s, i);
        if (c.point != '\n' && (c.point < 0 || isHidden(c.point)))
            return false;
        i += c.bytes.size();
    }
    return true;
}

inline void putPoint(std::string &out, unsigned long p)
{
    if (p < 0x80) {
        out += static_cast<char>(p);
    } else if (p < 0x800) {
        out += static_cast<char>(0xc0 | p >> 6);
        out += static_cast<char>(0x80 | (p & 0x3f));
    } else {
        out += static_cast<char>(0xe0 | p >> 12);
        out += static_cast<char>(0x80 | (p >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (p & 0x3f));
    }
}

// Double-quoted strings of JSON and YAML, from the quote at `i` on; `i` ends behind the other one.
inline bool readQuoted(const std::string &s, size_t &i, std::string &out)
{
    out.clear();
    if (i >= s.size() || s[i++] != '"')
        return false;
    for (; i < s.size() && s[i] != '"'; i++) {
        if (static_cast<unsigned char>(s[i]) < 0x20)
            return false;
        if (s[i] != '\\') {
            out += s[i];
            continue;
        }
        if (++i >= s.size())
            return false;
        if (s[i] == 'u') {
            putPoint(out, std::stoul(s.substr(i + 1, 4), nullptr, 16));
            i += 4;
        } else if (s[i] == '"' || s[i] == '\\') {
            out += s[i];
        } else {
            return false;
        }
    }
    return i++ < s.size();
}

// All strings of a JSON text, keys too.
inline std::vector<std::string> jsonStrings(const std::string &s)
{
    std::vector<std::string> out;
    for (size_t i = 0; i < s.size();) {
        std::string one;
        if (s[i] != '"') {
            i++;
        } else if (readQuoted(s, i, one)) {
            out.push_back(one);
        } else {
            return {};
        }
    }
    return out;
}

// All fields of CSV (RFC 4180).
inline std::vector<std::string> csvFields(const std::string &s)
{
    std::vector<std::string> out(1);
    bool quoted = false;
    for (size_t i = 0; i < s.size(); i++) {
        if (quoted && s[i] == '"' && i + 1 < s.size() && s[i + 1] == '"')
            out.back() += s[i++];
        else if (s[i] == '"')
            quoted = !quoted;
        else if (!quoted && (s[i] == ',' || s[i] == '\n'))
            out.emplace_back();
        else
            out.back() += s[i];
    }
    return quoted ? std::vector<std::string>() : out;
}

// Text of XML; false where a character stands that begins something else.
inline bool readXml(const std::string &s, std::string &out)
{
    static const struct {
        const char *name, *value;
    } entities[] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&#39;", "'"}};
    out.clear();
    for (size_t i = 0; i < s.size();) {
        size_t n = 1;
        std::string put = s.substr(i, 1);
        for (const auto &e : entities)
            if (s.compare(i, std::string(e.name).size(), e.name) == 0) {
                n = std::string(e.name).size();
                put = e.value;
            }
        if (s[i] == '<' || (s[i] == '&' && n == 1))
            return false;
        out += put;
        i += n;
    }
    return true;
}

// Inline text of Markdown that is nothing but text; false where something else would begin.
inline bool readMarkdown(const std::string &s, std::string &out)
{
    std::string plain;
    for (size_t i = 0; i < s.size(); i++) {
        bool word = i > 0 && i + 1 < s.size() && isalnum(static_cast<unsigned char>(s[i - 1])) &&
                    isalnum(static_cast<unsigned char>(s[i + 1]));
        if (s[i] == '\\' && i + 1 < s.size() && ispunct(static_cast<unsigned char>(s[i + 1]))) {
            plain += s[++i];
            continue;
        }
        if (std::string("`*[|~$<>").find(s[i]) != std::string::npos || (s[i] == '_' && !word))
            return false;
        plain += s[i];
    }
    return readXml(plain, out);
}
} // namespace hostile

#endif
