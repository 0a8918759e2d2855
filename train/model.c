/* Parameters, buffers, and where each layer finds its own. One block of memory holds all numbers
 * that are not parameters. */
#include "train/kinds/training_kind.h"
#include "train/operators/training_operator.h"

#include "base/team.h"
#include "base/text.h"
#include "models/readers.h"

#include <string.h>

mf_model_options mf_model_defaults(void)
{
    return (mf_model_options){.batch = 128,
                              .seed = 1,
                              .n_threads = 1,
                              .shift_bits = 5,
                              .activation_integer_bits = 16,
                              .activation_fraction_bits = 16,
                              .add_eta = 0.2,
                              .add_deviation = 1,
                              .residual_gamma = 1,
                              .norm_momentum = 0.1,
                              .norm_epsilon = 1e-5,
                              .label_smoothing = 0.1,
                              .loss_weight = 1};
}

const float *mf_state_forward_weights(const mf_state *state)
{
    return state->projected ? state->projected : state->weights[0]->value;
}

mf_shape mf_state_shape(const mf_state *state, uint64_t n)
{
    mf_shape shape = state->layer->shape;
    shape.n = n;
    return shape;
}

uint64_t mf_model_map_size(const mf_model *model, size_t layer)
{
    mf_shape shape = mf_state_shape(&model->states[layer], model->options.batch);
    return mf_shape_ofmap(&shape);
}

bool mf_state_is_on_grid(const mf_state *s)
{
    return s->op->on_grid || (s->part && s->part->op->on_grid);
}

bool mf_state_changes(const mf_state *state)
{
    return state->layer->norm || state->activation != MF_ACTIVATION_NONE;
}

mf_map mf_model_map(const mf_model *model, const mf_batch_pass *batch, const mf_state *state,
                    size_t which)
{
    int from = state->layer->input[which];
    return from == MF_NETWORK_INPUT ? (mf_map){.y = batch->images} : model->states[from].map;
}

const float *mf_model_input(const mf_model *model, const mf_batch_pass *batch,
                            const mf_state *state, size_t which)
{
    int from = state->layer->input[which];
    return from == MF_NETWORK_INPUT ? batch->images : model->states[from].out;
}

uint64_t mf_model_input_size(const mf_model *model, const mf_state *state, size_t which, uint64_t n)
{
    int from = state->layer->input[which];
    if (from == MF_NETWORK_INPUT)
        return n * model->network->input_channels * model->network->input_rows *
               model->network->input_columns;
    mf_shape shape = mf_state_shape(&model->states[from], n);
    return mf_shape_ofmap(&shape);
}

/* ---- maps and their gradients -------------------------------------------------------------------
 */

static mf_status add_maps(mf_model *model, mf_claims *c, mf_state *s, size_t index, mf_diag *diag)
{
    uint64_t n = mf_model_map_size(model, index), channels = s->layer->shape.m;
    uint64_t at = mf_claims_reserve(c, n);
    mf_claims_at(c, &s->y, at);
    if (s->written && mf_state_changes(s))
        mf_claims_want(c, &s->out, n);
    else
        mf_claims_at(c, &s->out, at);
    float **of_channels[] = {&s->batch_mean, &s->batch_inverse, &s->scale,
                             &s->shift,      &s->slope,         &s->offset};
    for (int i = 0; s->layer->norm && i < 6; i++)
        mf_claims_want(c, of_channels[i], channels);
    s->sums = MF_NEW_ARRAY(model->arena, double, 2 * channels);
    s->mean_sum = MF_NEW_ARRAY(model->arena, double, channels);
    s->variance_sum = MF_NEW_ARRAY(model->arena, double, channels);
    if (s->layer->maximum)
        s->arg = MF_NEW_ARRAY(model->arena, uint32_t, n);
    if (!s->sums || !s->mean_sum || !s->variance_sum)
        return mf_fail_memory(diag);
    return MF_OK;
}

static mf_status add_gradients(mf_model *model, mf_claims *c, mf_diag *diag)
{
    size_t n = model->network->n_layers;
    uint64_t most, *offsets = MF_NEW_ARRAY(model->arena, uint64_t, n);
    if (!offsets)
        return mf_fail_memory(diag);
    MF_TRY(mf_model_place_gradients(model, offsets, &most, diag));
    uint64_t base = mf_claims_reserve(c, most);
    for (size_t i = 0; i < n; i++)
        mf_claims_at(c, &model->states[i].gradient, base + offsets[i]);
    return MF_OK;
}

/* The largest map that a layer without weights reads: a gradient that is added to another one waits
 * in it. */
static void add_scratch(mf_model *model, mf_claims *c)
{
    uint64_t scratch = 0, spare = 0;
    for (size_t i = 0; i < model->network->n_layers; i++) {
        mf_state *s = &model->states[i];
        mf_shape shape = mf_state_shape(s, model->options.batch);
        uint64_t own = mf_kernels_scratch(&shape, model->options.n_threads);
        scratch = own > scratch ? own : scratch;
        for (size_t k = 0; k < s->layer->n_inputs && !mf_layer_has_weights(s->layer); k++)
            if (s->layer->input[k] >= 0) {
                uint64_t in = mf_model_map_size(model, (size_t)s->layer->input[k]);
                spare = in > spare ? in : spare;
            }
        if (s->last && model->options.dropout > 0) {
            mf_claims_want(c, &model->mask, mf_shape_ifmap(&shape));
            mf_claims_want(c, &model->dropped, mf_shape_ifmap(&shape));
        }
    }
    mf_part_claim(model, c);
    mf_claims_want(c, &model->scratch, scratch);
    mf_claims_want(c, &model->spare, spare);
}

/* ---- making one --------------------------------------------------------------------------------
 */

/* A file without "arithmetic" may have any width, for prices alone. */
static mf_status check_width(const mf_operator *op, mf_diag *diag)
{
    mf_widths widths = {.activation_bits = op->activation_bits, .weight_bits = op->weight_bits};
    mf_integer_format format;
    return mf_integer_format_of(op, &widths, &format, diag);
}

static mf_status choose_operator(const mf_model *model, const mf_operator *op, mf_state *s,
                                 mf_diag *diag)
{
    MF_TRY(mf_trained_find(op->arithmetic, &s->trained, diag));
    s->weight_bits = op->weight_bits;
    s->op = mf_training_operator_of(s->trained);
    if (s->op->reads_width || s->op->on_signs)
        MF_TRY(check_width(op, diag));
    s->form = s->op->form ? s->op->form : s->op->choose_form(&model->options);
    s->last = (size_t)s->layer->number + 1 == model->network->n_weight_layers;
    return MF_OK;
}

/* The layer of the narrower network in a hybrid's layer, if that computes otherwise. */
static mf_status choose_part(mf_model *model, const mf_operators *operators, mf_state *s,
                             mf_diag *diag)
{
    const mf_hybrid *h = model->options.hybrid;
    size_t number = (size_t)s->layer->number;
    mf_state part = {.layer = mf_network_weight_layer(h->network, number)};
    if (!part.layer || part.layer->kind != s->layer->kind)
        return mf_fail(diag, MF_INVALID, "%s of %s is no layer of %s", s->layer->name,
                       model->network->name, h->network->name);
    MF_TRY(choose_operator(model, mf_operators_at(operators, h->op_of_layer[number]), &part, diag));
    if (part.op->on_signs != s->op->on_signs)
        return mf_fail(
            diag, MF_INVALID,
            "%s: %s cannot add channels to %s: one of them reads signs, the other numbers",
            s->layer->name, s->op->name, part.op->name);
    bool same = part.form == s->form && part.weight_bits == s->weight_bits;
    if (same && !h->apart && !(h->maps && h->maps[number]))
        return MF_OK;
    s->part = MF_NEW(model->arena, mf_state);
    if (!s->part)
        return mf_fail_memory(diag);
    *s->part = part;
    return mf_part_begin(model, s, diag);
}

static mf_status make_states(mf_model *model, const mf_operators *operators,
                             const size_t *op_of_layer, mf_diag *diag)
{
    const mf_network *network = model->network;
    for (size_t i = 0; i < network->n_layers; i++) {
        mf_state *s = &model->states[i];
        s->layer = &network->layers[i];
        if (!mf_layer_has_weights(s->layer))
            continue;
        MF_TRY(choose_operator(model, mf_operators_at(operators, op_of_layer[s->layer->number]), s,
                               diag));
        if (model->options.hybrid)
            MF_TRY(choose_part(model, operators, s, diag));
    }
    return MF_OK;
}

/* Does it read what is not written down? Dropout before the classifier takes numbers, and so does
 * what reads pixels of a map as one long vector, whose norm has a factor per channel of the map. */
static bool reads_maps(const mf_model *model, size_t index)
{
    const mf_state *s = &model->states[index];
    const mf_training_kind *kind = mf_training_kind_of(s->layer->kind);
    if (kind->weights)
        return !(s->last && model->options.dropout > 0) && mf_model_pixels_before(model, s) == 1;
    return kind->reads_maps && kind->reads_maps(model, index);
}

static void find_readers(mf_model *model)
{
    size_t n = model->network->n_layers;
    for (size_t i = 0; i < n; i++)
        model->states[i].first_reader = -1;
    model->states[n - 1].written = true;
    for (size_t i = n; i-- > 0;)
        for (size_t k = 0; k < model->network->layers[i].n_inputs; k++) {
            int from = model->network->layers[i].input[k];
            if (from < 0)
                continue;
            model->states[from].first_reader = (int)i;
            if (!reads_maps(model, i))
                model->states[from].written = true;
        }
}

/* Does it leave all signs as they are? */
static bool keeps_signs(mf_activation activation)
{
    return activation == MF_ACTIVATION_RELU || activation == MF_ACTIVATION_RELU6 ||
           activation == MF_ACTIVATION_H_SWISH;
}

/* An activation that changes nothing of what is read, because all readers take signs, would only keep
 * gradients from what lies below 0: it is left out. */
static mf_status find_activations(mf_model *model, const mf_operators *operators,
                                  const size_t *op_of_layer, mf_diag *diag)
{
    size_t n = model->network->n_layers;
    mf_readers *readers = MF_NEW_ARRAY(model->arena, mf_readers, n);
    if (!readers)
        return mf_fail_memory(diag);
    mf_readers_find(model->network, operators, op_of_layer, readers);
    for (size_t i = 0; i < n; i++) {
        mf_activation activation = model->network->layers[i].activation;
        bool idle = !readers[i].numbers && keeps_signs(activation);
        model->states[i].activation = idle ? MF_ACTIVATION_NONE : activation;
    }
    return MF_OK;
}

/* Of a layer: of its weights and those of a narrower one in it, bias, gamma, beta, the running
 * statistics of both, factors of a mixture, and parameters of maps. */
enum { MOST_PARAMETERS = 2 * MF_MOST_WEIGHT_PARAMETERS + 8 };

static mf_status build(mf_model *model, const mf_operators *operators, const size_t *op_of_layer,
                       mf_diag *diag)
{
    size_t n = model->network->n_layers;
    mf_claims *c = &model->claims;
    model->states = MF_NEW_ARRAY(model->arena, mf_state, n);
    model->sources = MF_NEW_ARRAY(model->arena, mf_source, MOST_PARAMETERS * n);
    model->has_gradient = MF_NEW_ARRAY(model->arena, bool, n);
    if (!model->states || !model->sources || !model->has_gradient)
        return mf_fail_memory(diag);
    if (model->owns)
        MF_TRY(mf_parameters_create(MOST_PARAMETERS * n, &model->store, diag));
    MF_TRY(make_states(model, operators, op_of_layer, diag));
    find_readers(model);
    MF_TRY(find_activations(model, operators, op_of_layer, diag));
    for (size_t i = 0; i < n; i++) {
        mf_state *s = &model->states[i];
        if (mf_layer_has_weights(s->layer))
            MF_TRY(mf_sources_add(model, s, diag));
        if (s->part && mf_part_norm_is_wanted(model, s))
            MF_TRY(mf_part_norm_begin(model, s, diag));
        if (s->part)
            MF_TRY(mf_sources_add_part(model, s, diag));
        MF_TRY(add_maps(model, c, s, i, diag));
    }
    MF_TRY(add_gradients(model, c, diag));
    add_scratch(model, c);
    return c->failed ? mf_fail_memory(diag) : MF_OK;
}

/* Outputs of the last pass, which are read where they were made. */
static void move_outputs(mf_model *model, const float *from, const float *to)
{
    for (size_t i = 0; i < model->network->n_layers; i++) {
        mf_map *map = &model->states[i].map;
        const float **parts[] = {&map->y, &map->norm.scale, &map->norm.shift};
        for (int k = 0; k < 3; k++)
            if (*parts[k])
                *parts[k] = to + (*parts[k] - from);
    }
}

/* Room for what the model wants, and where it is. What others have in theirs stays. */
static mf_status take_memory(mf_model *model, mf_diag *diag)
{
    mf_activations *a = model->activations;
    if (model->owns)
        MF_TRY(mf_parameters_allocate(model->store, diag));
    if (model->claims.n_floats > a->n) {
        float *larger;
        MF_TRY(mf_memory_take(model->claims.n_floats, &larger, diag));
        if (a->block)
            memcpy(larger, a->block, a->n * sizeof *larger);
        for (mf_model *user = a->users; user; user = user->next_user)
            move_outputs(user, a->block, larger);
        mf_memory_give(a->block, a->n);
        a->block = larger;
        a->n = model->claims.n_floats;
    }
    model->next_user = a->users;
    a->users = model;
    for (const mf_model *user = a->users; user; user = user->next_user)
        mf_claims_set(&user->claims, a->block);
    return MF_OK;
}

static void leave_memory(const mf_model *model)
{
    mf_model **user = &model->activations->users;
    while (*user && *user != model)
        user = &(*user)->next_user;
    if (*user)
        *user = model->next_user;
}

static mf_status begin(mf_model *model, mf_diag *diag)
{
    MF_TRY(take_memory(model, diag));
    if (!model->owns)
        return MF_OK;
    mf_weights_initialise(model);
    mf_sources_initialise(model);
    mf_weights_round(model);
    return MF_OK;
}

/* Over the store and the memory of another, or of its own. */
static mf_status create(mf_model *over, const mf_network *network, const mf_operators *operators,
                        const size_t *op_of_layer, const mf_model_options *options, mf_model **out,
                        mf_diag *diag)
{
    mf_arena *arena = mf_arena_create();
    mf_model *model = arena ? MF_NEW(arena, mf_model) : NULL;
    *out = NULL;
    if (!model) {
        mf_arena_destroy(arena);
        return mf_fail_memory(diag);
    }
    *model = (mf_model){.network = network,
                        .options = *options,
                        .kernels = options->kernels ? options->kernels : mf_kernels_best(),
                        .arena = arena,
                        .owns = !over};
    if (!model->options.task)
        model->options.task = &mf_task_classification;
    model->store = over ? over->store : NULL;
    model->activations = over ? over->activations : &model->own_activations;
    mf_status status = mf_team_set((size_t)options->n_threads, diag);
    if (status == MF_OK)
        status = build(model, operators, op_of_layer, diag);
    if (status == MF_OK)
        status = begin(model, diag);
    if (status == MF_OK)
        *out = model;
    else
        mf_model_destroy(model);
    return status;
}

mf_status mf_model_create(const mf_network *network, const mf_operators *operators,
                          const size_t *op_of_layer, const mf_model_options *options,
                          mf_model **model, mf_diag *diag)
{
    return create(NULL, network, operators, op_of_layer, options, model, diag);
}

mf_status mf_model_create_over(mf_model *over, const mf_network *network,
                               const mf_operators *operators, const size_t *op_of_layer,
                               const mf_model_options *options, mf_model **model, mf_diag *diag)
{
    return create(over, network, operators, op_of_layer, options, model, diag);
}

void mf_model_destroy(mf_model *model)
{
    if (!model)
        return;
    leave_memory(model);
    if (model->owns) {
        mf_memory_give(model->activations->block, model->activations->n);
        mf_parameters_destroy(model->store);
    }
    mf_claims_free(&model->claims);
    mf_arena_destroy(model->arena);
}

const mf_network *mf_model_network(const mf_model *model)
{
    return model->network;
}

const mf_task *mf_model_task(const mf_model *model)
{
    return model->options.task;
}

mf_trained mf_model_trained(const mf_model *model)
{
    mf_trained last = 0;
    for (size_t i = 0; i < model->network->n_layers; i++)
        last = model->states[i].trained > last ? model->states[i].trained : last;
    return last;
}

mf_parameter *mf_model_parameters(mf_model *model, size_t *n)
{
    return mf_parameters_all(model->store, n);
}

mf_parameters *mf_model_store(mf_model *model)
{
    return model->store;
}

void mf_model_output(const mf_model *model, size_t index, uint64_t n, float *output)
{
    const mf_state *s = &model->states[index];
    mf_shape shape = mf_state_shape(s, n);
    mf_map map = s->map;
    if (s->activation != s->layer->activation) /* left out, because only signs are read */
        map.norm.activation = s->layer->activation;
    model->kernels->read_map(n * shape.e * shape.f, shape.m, &map, output, model->scratch);
}

const float *mf_model_forward_weights(mf_model *model, size_t weight_layer)
{
    const mf_layer *layer = mf_network_weight_layer(model->network, weight_layer);
    const mf_state *s = &model->states[layer - model->network->layers];
    return mf_state_forward_weights(s);
}

uint64_t mf_model_bytes(const mf_model *model)
{
    uint64_t bytes = mf_arena_used_bytes(model->arena);
    if (model->owns)
        bytes += model->activations->n * sizeof(float) + mf_parameters_bytes(model->store);
    return bytes;
}
