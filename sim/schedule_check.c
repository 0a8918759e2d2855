/* Does a schedule that was given suit the accelerator and the widths? */
#include "sim/analytic_runner.h"

mf_status mf_runner_check_schedule(mf_runner *r, mf_diag *diag)
{
    const mf_schedule *s = &r->schedule;
    for (size_t g = 0; g < s->n_segments; g++) {
        const mf_segment *segment = &s->segments[g];
        size_t end = segment->first + segment->n_layers;
        if (r->basis->accelerator->weights_in_buffer == 0)
            for (size_t i = segment->first; i < end; i++)
                if (s->weights_stay[i])
                    return mf_fail(diag, MF_INVALID,
                                   "the weights of %s cannot stay: %s has none in its buffer "
                                   "(weights_in_buffer \"no\")",
                                   r->network->layers[i].name, r->basis->accelerator->name);
        for (int map = MF_NETWORK_INPUT; map < (int)end; map++) {
            bool inside = map >= (int)segment->first, stays = map >= 0 && s->stays[map],
                 shared = !inside && !segment->rereads && mf_segment_bands(r->network, segment) > 1;
            if ((inside || stays || shared) && !mf_runner_can_hold(r, map, segment->first, end))
                return mf_fail(
                    diag, MF_INVALID,
                    "segment %zu reads the map of %s in the buffer, but not as it was "
                    "written (--bits-of, or operators on signs): it has to go through DRAM",
                    g, map < 0 ? "the input" : r->network->layers[map].name);
        }
    }
    return MF_OK;
}
