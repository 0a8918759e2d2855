/* JSON text; after a line with only "===", assignments PATH=VALUE, one per line, as --set makes
 * them. Every value of what was read is asked for in every type. */
#include "tests/fuzz/fuzz.h"

static void look(const mf_json *value)
{
    static const char *const words[] = {"mult", "add"};
    static const char *const keys[] = {"name", "about", NULL};
    const char *text;
    uint64_t count;
    double real;
    bool flag;
    size_t choice;
    mf_diag diag = {0};
    mf_json_read_string(value, &text, &diag);
    mf_json_read_bool(value, &flag, &diag);
    if (mf_json_read_count(value, 3, 1000, &count, &diag) == MF_OK)
        MF_FUZZ_CHECK(count >= 3 && count <= 1000);
    if (mf_json_read_real(value, -2, 1e9, &real, &diag) == MF_OK)
        MF_FUZZ_CHECK(real >= -2 && real <= 1e9);
    if (mf_json_read_choice(value, words, 2, &choice, &diag) == MF_OK)
        MF_FUZZ_CHECK(choice < 2);
    mf_diag why = {0};
    mf_fuzz_check_status(mf_json_only(value, keys, &why), &why);
    if (!mf_json_is_object(value) && !mf_json_is_array(value))
        return;
    mf_json item = {0};
    size_t n = 0;
    for (; mf_json_next(value, &item); n++)
        look(&item);
    MF_FUZZ_CHECK(n == mf_json_size(value));
}

static void override(mf_json_doc *doc, char *lines)
{
    char *rest;
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *value = strchr(line, '=');
        mf_diag diag = {0};
        if (!value)
            continue;
        *value++ = '\0';
        mf_fuzz_check_status(mf_json_override(doc, line, value, &diag), &diag);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "\n===\n";
    const uint8_t *end = size ? memmem(data, size, mark, sizeof mark - 1) : NULL;
    mf_json_doc *doc = mf_fuzz_json(data, end ? (size_t)(end - data) : size);
    if (!doc)
        return 0;
    mf_json root = mf_json_root(doc);
    look(&root);
    if (end) {
        const uint8_t *from = end + sizeof mark - 1;
        char *lines = mf_fuzz_text(from, (size_t)(data + size - from));
        override(doc, lines);
        free(lines);
        root = mf_json_root(doc);
        look(&root);
    }
    mf_json_destroy(doc);
    return 0;
}
