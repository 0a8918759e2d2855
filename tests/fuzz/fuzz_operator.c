/* An operator's file, and a first line with widths as --bits has them. */
#include "tests/fuzz/fuzz.h"

#include "models/operator.h"

static void look(const mf_operator *op, mf_bits bits)
{
    static const uint64_t psum_bits[] = {8, 16, 24, 32}, n_products[] = {1, 9, 1000, 1ull << 40};
    for (size_t i = 0; i < 4; i++) {
        mf_widths widths;
        mf_diag diag = {0};
        mf_status status =
            mf_operator_widths(op, bits, psum_bits[i], n_products[i], &widths, &diag);
        mf_fuzz_check_status(status, &diag);
        if (status == MF_OK)
            MF_FUZZ_CHECK(widths.activation_bits && widths.weight_bits && widths.psum_bits);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    if (!line)
        return 0;
    mf_bits bits = {0};
    mf_diag diag = {0};
    char *text = mf_fuzz_text(data, (size_t)(line - data));
    if (*text)
        mf_fuzz_check_status(mf_bits_parse(text, &bits, &diag), &diag);
    free(text);
    const char *path = mf_fuzz_file("operator.json", line + 1, (size_t)(data + size - line - 1));
    mf_operators *operators;
    diag = (mf_diag){0};
    mf_status status = mf_operators_load(&path, 1, &operators, &diag);
    mf_fuzz_check_status(status, &diag);
    if (status != MF_OK)
        return 0;
    for (size_t i = 0; i < mf_operators_count(operators); i++)
        look(mf_operators_at(operators, i), bits);
    mf_operators_destroy(operators);
    return 0;
}
