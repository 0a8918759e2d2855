/* Reading and writing nests. */
#include "dataflows/mapping_json.h"

#include <inttypes.h>
#include <string.h>

static const char *const tile_levels[MF_N_TILE_LEVELS + 1] = {"register", "columns", "rows",
                                                              "buffer"};
static const char *const loop_levels[MF_N_LOOP_LEVELS + 1] = {"dram", "buffer"};

/* ---- reading -----------------------------------------------------------------------------------
 */

static mf_status read_tiles(const mf_json *tiles, const mf_work *work, mf_mapping *mapping,
                            mf_diag *diag)
{
    const char *dimensions[MF_N_DIMENSIONS + 1] = {NULL};
    mf_json level, value;
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        dimensions[d] = mf_dimension_name(d);
    MF_TRY(mf_json_only(tiles, tile_levels, diag));
    for (int l = 0; l < MF_N_TILE_LEVELS; l++) {
        bool given = mf_json_find(tiles, tile_levels[l], &level);
        if (given)
            MF_TRY(mf_json_only(&level, dimensions, diag));
        for (int d = 0; d < MF_N_DIMENSIONS; d++) {
            uint64_t tile = l == 0 ? 1 : mapping->tile[l - 1][d];
            if (given && mf_json_find(&level, dimensions[d], &value)) {
                if (l == MF_BUFFER && mf_json_is_string(&value)) {
                    static const char *const whole[] = {"whole"};
                    size_t choice;
                    MF_TRY(mf_json_read_choice(&value, whole, 1, &choice, diag));
                    tile = work->size[d];
                } else {
                    MF_TRY(mf_json_read_count(&value, 1, work->size[d], &tile, diag));
                }
            }
            mapping->tile[l][d] = (uint32_t)tile;
        }
    }
    return MF_OK;
}

static mf_status read_order(const mf_json *orders, const char *key, uint8_t *order, mf_diag *diag)
{
    mf_json list, item = {0};
    uint8_t named[MF_N_DIMENSIONS];
    size_t n_named = 0, n = 0;
    unsigned seen = 0;
    const char *names[MF_N_DIMENSIONS];
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        names[d] = mf_dimension_name(d);
    if (mf_json_find(orders, key, &list)) {
        MF_TRY(mf_json_array(orders, key, &list, diag));
        while (mf_json_next(&list, &item)) {
            size_t d;
            MF_TRY(mf_json_read_choice(&item, names, MF_N_DIMENSIONS, &d, diag));
            if (seen & MF_BIT(d))
                return mf_json_fail(&item, diag, MF_INVALID, "%s is there twice", names[d]);
            seen |= MF_BIT(d);
            named[n_named++] = (uint8_t)d;
        }
    }
    for (uint8_t d = 0; d < MF_N_DIMENSIONS; d++)
        if (!(seen & MF_BIT(d)))
            order[n++] = d;
    memcpy(order + n, named, n_named);
    return MF_OK;
}

static mf_status read_bypass(const mf_json *object, const char *key, bool *bypass, mf_diag *diag)
{
    mf_json list, item = {0};
    const char *names[MF_N_TENSORS];
    for (int t = 0; t < MF_N_TENSORS; t++)
        names[t] = mf_tensor_name(t);
    if (!mf_json_find(object, key, &list))
        return MF_OK;
    MF_TRY(mf_json_array(object, key, &list, diag));
    while (mf_json_next(&list, &item)) {
        size_t t;
        MF_TRY(mf_json_read_choice(&item, names, MF_N_TENSORS, &t, diag));
        bypass[t] = true;
    }
    return MF_OK;
}

mf_status mf_mapping_read(const mf_json *object, const mf_work *work, mf_mapping *mapping,
                          mf_diag *diag)
{
    static const char *const keys[] = {"tiles", "order", "bypass_buffer", "bypass_register", NULL};
    mf_json tiles, order;
    mf_diag why = {0};
    *mapping = (mf_mapping){0};
    MF_TRY(mf_json_only(object, keys, diag));
    MF_TRY(mf_json_get(object, "tiles", &tiles, diag));
    MF_TRY(read_tiles(&tiles, work, mapping, diag));
    MF_TRY(mf_json_get(object, "order", &order, diag));
    MF_TRY(mf_json_only(&order, loop_levels, diag));
    for (int l = 0; l < MF_N_LOOP_LEVELS; l++)
        MF_TRY(read_order(&order, loop_levels[l], mapping->order[l], diag));
    MF_TRY(read_bypass(object, "bypass_buffer", mapping->bypass_buffer, diag));
    MF_TRY(read_bypass(object, "bypass_register", mapping->bypass_register, diag));
    mf_status status = mf_mapping_check_nest(mapping, work, &why);
    return status == MF_OK ? MF_OK : mf_json_fail(object, diag, status, "%s", why.message);
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static void write_bypass(const char *key, const bool *bypass, mf_text *text)
{
    const char *separator = "";
    mf_text_printf(text, "\"%s\": [", key);
    for (int t = 0; t < MF_N_TENSORS; t++)
        if (bypass[t]) {
            mf_text_printf(text, "%s\"%s\"", separator, mf_tensor_name(t));
            separator = ", ";
        }
    mf_text_puts(text, "]");
}

void mf_mapping_write(const mf_mapping *mapping, int indent, mf_text *text)
{
    mf_text_puts(text, "{\"tiles\": {");
    for (int l = 0; l < MF_N_TILE_LEVELS; l++) {
        if (l)
            mf_text_printf(text, ",\n%*s", indent + 11, "");
        mf_text_printf(text, "\"%s\": {", tile_levels[l]);
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            mf_text_printf(text, "%s\"%s\": %" PRIu32, d ? ", " : "", mf_dimension_name(d),
                           mapping->tile[l][d]);
        mf_text_puts(text, "}");
    }
    mf_text_puts(text, "},");
    mf_text_printf(text, "\n%*s\"order\": {", indent + 1, "");
    for (int l = 0; l < MF_N_LOOP_LEVELS; l++) {
        mf_text_printf(text, "%s\"%s\": [", l ? ", " : "", loop_levels[l]);
        for (int i = 0; i < MF_N_DIMENSIONS; i++)
            mf_text_printf(text, "%s\"%s\"", i ? ", " : "",
                           mf_dimension_name(mapping->order[l][i]));
        mf_text_puts(text, "]");
    }
    mf_text_printf(text, "},\n%*s", indent + 1, "");
    write_bypass("bypass_buffer", mapping->bypass_buffer, text);
    mf_text_puts(text, ", ");
    write_bypass("bypass_register", mapping->bypass_register, text);
    mf_text_puts(text, "}");
}

/* One loop: "for E in 0..54 step 7". */
static void write_loop(mf_text *text, const char *where, int depth, const char *word, int d,
                       uint32_t outer, uint32_t inner)
{
    mf_text_printf(text, "%-9s %*s%s %s in 0..%" PRIu32, where, 2 * depth, "", word,
                   mf_dimension_name(d), outer - 1);
    if (inner > 1)
        mf_text_printf(text, " step %" PRIu32, inner);
    if (outer % inner)
        mf_text_printf(text, " (last %" PRIu32 ")", outer % inner);
    mf_text_puts(text, "\n");
}

void mf_mapping_program(const mf_mapping *mapping, const mf_work *work, mf_text *text)
{
    static const char *const where[] = {"DRAM", "buffer"};
    const uint32_t *levels[] = {work->size, mapping->tile[MF_BUFFER], mapping->tile[MF_ROWS],
                                mapping->tile[MF_COLUMNS], mapping->tile[MF_REGISTER]};
    int depth = 0;
    for (int l = 0; l < MF_N_LOOP_LEVELS; l++)
        for (int i = 0; i < MF_N_DIMENSIONS; i++) {
            int d = mapping->order[l][i];
            if (levels[l][d] > levels[l + 1][d])
                write_loop(text, where[l], depth++, "for", d, levels[l][d], levels[l + 1][d]);
        }
    for (int l = 2; l < 4; l++)
        for (int d = 0; d < MF_N_DIMENSIONS; d++)
            if (levels[l][d] > levels[l + 1][d])
                write_loop(text, l == 2 ? "PE rows" : "PE cols", depth++, "parallel", d,
                           levels[l][d], levels[l + 1][d]);
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        if (mapping->tile[MF_REGISTER][d] > 1)
            write_loop(text, "PE", depth++, "for", d, mapping->tile[MF_REGISTER][d], 1);
    mf_text_printf(text,
                   "%-9s %*spsum[N][G,M][E][F] += ifmap[N][G,C][%" PRIu32 "E+R][%" PRIu32
                   "F+S] with weight[G,M][C][R][S]\n",
                   "", 2 * depth, "", work->stride, work->stride);
}
