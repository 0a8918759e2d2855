/* How does text from outside (names in files, file names, values of options) leave the program
 * without being taken for anything but text? By one function per reader, listed in sinks.def.
 *
 * What must not reach a reader as it is, is hidden: control characters (C0, DEL, C1), characters
 * that turn or break lines unseen (U+2028, U+202E and their kin), and bytes that are not UTF-8.
 * JSON and YAML have escapes for the characters. CSV has none for anything and carries all bytes as
 * they are. All else, and bytes that are not UTF-8 everywhere but in CSV, get the form that people
 * see on a terminal: \x1b for a byte, \u202e for a character. A backslash of the text is not
 * doubled for people, so what was made visible once stays as it is when it is quoted in another
 * message. */
#ifndef MF_BASE_ESCAPE_H
#define MF_BASE_ESCAPE_H

#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* mf_escape_<name>(text, string): append `string` as sinks.def says. */
#define MF_SINK(name, what) void mf_escape_##name(mf_text *text, const char *string);
#include "base/sinks.def"
#undef MF_SINK

#ifdef __cplusplus
}
#endif

#endif
