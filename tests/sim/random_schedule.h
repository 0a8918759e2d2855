// Schedules at random, and as the text of a file.
#ifndef MF_TESTS_SIM_RANDOM_SCHEDULE_H
#define MF_TESTS_SIM_RANDOM_SCHEDULE_H

#include "base/random.h"
#include "sim/schedule_json.h"

#include <algorithm>
#include <string>

namespace random_schedule
{
inline std::string text_of(const mf_schedule &schedule)
{
    mf_text text = {};
    mf_schedule_write(&schedule, &text);
    std::string written(text.bytes, text.length);
    mf_text_free(&text);
    return written;
}

// A schedule at random: cuts, bands, maps that stay, halos made again; false where the graph forbids it.
inline bool choose(mf_schedule *s, mf_random *random, bool weights)
{
    const mf_network *network = s->network;
    s->n_segments = 0;
    for (size_t i = 0; i < network->n_layers;) {
        size_t n = std::min<size_t>(mf_random_between(random, 1, 5), network->n_layers - i);
        uint64_t rows = network->layers[i + n - 1].shape.e,
                 height = mf_random_between(random, 0, 3)
                              ? mf_random_between(random, 1, std::min<uint64_t>(rows, 5))
                              : rows;
        s->segments[s->n_segments++] = {i, n, height, mf_random_between(random, 0, 1) == 0};
        for (size_t m = i; m < i + n; m++) {
            size_t last = s->last_reader[m];
            s->stays[m] = last >= i + n && mf_random_between(random, 0, 1);
            s->recomputes[m] = last > m && last < i + n && mf_random_between(random, 0, 3) == 0;
            s->weights_stay[m] = weights && mf_layer_has_weights(&network->layers[m]) &&
                                 mf_random_between(random, 0, 1);
        }
        i += n;
    }
    return mf_schedule_check(s, nullptr) == MF_OK;
}
} // namespace random_schedule

#endif
