/* Spaces are found by joining maps, a layer at a time; what they are for follows from who writes
 * and who reads them. */
#include "models/channel_spaces.h"

#include "models/kinds/kind.h"
#include "models/network_edit.h"

#include <math.h>
#include <string.h>

/* Maps: the network's input, then the output of each layer. */
typedef struct finder {
    const mf_network *network;
    size_t *parent; /* [1 + n_layers] */
    bool *fixed;    /* of a root */
} finder;

static size_t map_of(int input)
{
    return (size_t)(input + 1); /* MF_NETWORK_INPUT is -1 */
}

static uint64_t channels_of(const mf_network *network, size_t map)
{
    return map ? network->layers[map - 1].shape.m : network->input_channels;
}

static size_t root_of(const finder *f, size_t map)
{
    while (f->parent[map] != map)
        map = f->parent[map];
    return map;
}

/* The earlier map is the root. */
static void join(finder *f, size_t a, size_t b)
{
    size_t first = root_of(f, a), second = root_of(f, b);
    if (second < first) {
        size_t other = first;
        first = second;
        second = other;
    }
    f->parent[second] = first;
    f->fixed[first] |= f->fixed[second];
}

static void fix(finder *f, size_t map)
{
    f->fixed[root_of(f, map)] = true;
}

static bool makes_channels(const mf_layer *layer)
{
    const mf_layer_record *kind = mf_layer_record_of(layer->kind);
    return kind->has_weights && !kind->per_channel;
}

static void follow_layer(finder *f, size_t i)
{
    const mf_layer *layer = &f->network->layers[i];
    const mf_layer_record *kind = mf_layer_record_of(layer->kind);
    bool cuts = makes_channels(layer) && layer->shape.g > 1;
    cuts |= kind->stacks;
    for (size_t k = 0; k < layer->n_inputs; k++) {
        size_t input = map_of(layer->input[k]);
        if (!makes_channels(layer))
            cuts |= channels_of(f->network, input) != layer->shape.m;
    }
    for (size_t k = 0; k < layer->n_inputs; k++) {
        size_t input = map_of(layer->input[k]);
        if (cuts)
            fix(f, input);
        else if (!makes_channels(layer))
            join(f, input, i + 1);
    }
    if (cuts)
        fix(f, i + 1);
}

static mf_status find(finder *f, mf_arena *arena, mf_diag *diag)
{
    size_t n = f->network->n_layers + 1;
    f->parent = MF_NEW_ARRAY(arena, size_t, n);
    f->fixed = MF_NEW_ARRAY(arena, bool, n);
    if (!f->parent || !f->fixed)
        return mf_fail_memory(diag);
    for (size_t i = 0; i < n; i++)
        f->parent[i] = i;
    fix(f, 0);
    fix(f, n - 1);
    for (size_t i = 0; i + 1 < n; i++)
        follow_layer(f, i);
    return MF_OK;
}

static mf_status number(const finder *f, mf_arena *arena, mf_channel_spaces *s, mf_diag *diag)
{
    size_t n = f->network->n_layers + 1, *numbers = MF_NEW_ARRAY(arena, size_t, n);
    s->all = MF_NEW_ARRAY(arena, mf_channel_space, n);
    s->of_layer = MF_NEW_ARRAY(arena, size_t, n);
    if (!numbers || !s->all || !s->of_layer)
        return mf_fail_memory(diag);
    for (size_t map = 0; map < n; map++) {
        if (f->parent[map] == map) {
            numbers[map] = s->n;
            s->all[s->n++] =
                (mf_channel_space){.role = f->fixed[map] ? MF_SPACE_FIXED : MF_SPACE_WIDTH,
                                   .channels = channels_of(f->network, map)};
        }
        if (map)
            s->of_layer[map - 1] = numbers[root_of(f, map)];
    }
    return MF_OK;
}

static size_t space_of_input(const mf_channel_spaces *s, int input)
{
    return input == MF_NETWORK_INPUT ? 0 : s->of_layer[input];
}

size_t mf_channel_space_read(const mf_channel_spaces *s, size_t layer)
{
    return space_of_input(s, s->network->layers[layer].input[0]);
}

/* ---- what they are for -------------------------------------------------------------------------
 */

static bool are_beside(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Spaces that only one block writes and reads lie in its middle. */
static mf_status find_middles(mf_channel_spaces *s, mf_arena *arena, mf_diag *diag)
{
    const mf_network *network = s->network;
    bool *seen = MF_NEW_ARRAY(arena, bool, s->n), *outside = MF_NEW_ARRAY(arena, bool, s->n);
    size_t *block_input = MF_NEW_ARRAY(arena, size_t, s->n);
    if (!seen || !outside || !block_input)
        return mf_fail_memory(diag);
    size_t reads = 0; /* the block that the layer is of, the space of its input */
    for (size_t i = 0; i < network->n_layers; i++) {
        const mf_layer *layer = &network->layers[i];
        if (i == 0 || !mf_layer_is_beside(layer, layer - 1))
            reads = mf_channel_space_read(s, i);
        for (size_t k = 0; k <= layer->n_inputs; k++) {
            size_t space =
                k < layer->n_inputs ? space_of_input(s, layer->input[k]) : s->of_layer[i];
            if (!seen[space]) {
                s->all[space].place = layer->place;
                block_input[space] = reads;
            }
            outside[space] |=
                seen[space] ? !are_beside(s->all[space].place, layer->place) : !layer->place;
            seen[space] = true;
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        mf_channel_space *space = &s->all[i];
        if (space->role == MF_SPACE_WIDTH && !outside[i] && block_input[i] != i) {
            space->role = MF_SPACE_MIDDLE;
            space->beside = block_input[i];
        } else {
            space->place = NULL;
        }
    }
    return MF_OK;
}

/* Factors are made by two layers: the first squeezes what they scale. */
static void find_squeezes(mf_channel_spaces *s)
{
    const mf_layer *layers = s->network->layers;
    for (size_t i = 0; i < s->network->n_layers; i++) {
        const mf_layer_record *kind = mf_layer_record_of(layers[i].kind);
        for (size_t k = 1; k < kind->n_inputs; k++) {
            int from = layers[i].input[k];
            if (!kind->inputs[k].per_channel || from < 0 || !makes_channels(&layers[from]))
                continue;
            size_t squeezed = mf_channel_space_read(s, (size_t)from);
            if (s->all[squeezed].role != MF_SPACE_MIDDLE || squeezed == s->of_layer[i])
                continue;
            s->all[squeezed].role = MF_SPACE_SQUEEZE;
            s->all[squeezed].beside = s->of_layer[i];
        }
    }
}

mf_status mf_channel_spaces_of(const mf_network *network, mf_arena *arena, mf_channel_spaces *s,
                               mf_diag *diag)
{
    finder f = {.network = network};
    *s = (mf_channel_spaces){.network = network};
    for (size_t i = 0; i < network->n_layers; i++)
        if (!network->layers[i].id)
            return mf_fail(diag, MF_INVALID,
                           "the layers of %s stand alone: what feeds what is not known",
                           network->name);
    MF_TRY(find(&f, arena, diag));
    MF_TRY(number(&f, arena, s, diag));
    MF_TRY(find_middles(s, arena, diag));
    find_squeezes(s);
    return MF_OK;
}

/* ---- wider -------------------------------------------------------------------------------------
 */

/* NetAug adds so much to ratios of channels, that their products are not just below a half. */
static const double nudge = 1e-10;

void mf_channels_widened(const mf_channel_spaces *s, const double *multiple, uint64_t *channels)
{
    for (size_t i = 0; i < s->n; i++) {
        double base = (double)s->all[i].channels;
        channels[i] = s->all[i].role == MF_SPACE_WIDTH ? (uint64_t)floor(multiple[i] * base + 0.5)
                                                       : s->all[i].channels;
    }
    for (size_t i = 0; i < s->n; i++) {
        const mf_channel_space *space = &s->all[i], *beside = &s->all[space->beside];
        if (space->role == MF_SPACE_MIDDLE) {
            double ratio = (double)space->channels / (double)beside->channels + nudge;
            channels[i] =
                (uint64_t)nearbyint((double)channels[space->beside] * multiple[i] * ratio);
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        const mf_channel_space *space = &s->all[i], *beside = &s->all[space->beside];
        if (space->role == MF_SPACE_SQUEEZE) {
            double reduction = (double)beside->channels / (double)space->channels + nudge;
            channels[i] = (uint64_t)floor((double)channels[space->beside] / reduction + 0.5);
        }
    }
}

typedef struct widening {
    const mf_channel_spaces *spaces;
    const uint64_t *channels;
} widening;

static uint64_t channels_now(void *user, const mf_layer *layer)
{
    const widening *w = user;
    return w->channels[w->spaces->of_layer[layer - w->spaces->network->layers]];
}

mf_status mf_network_widened(const mf_channel_spaces *spaces, const uint64_t *channels,
                             mf_network **widened, mf_diag *diag)
{
    widening w = {spaces, channels};
    const mf_network_edit edit = {.user = &w, .channels = channels_now};
    return mf_network_edited(spaces->network, &edit, widened, diag);
}
