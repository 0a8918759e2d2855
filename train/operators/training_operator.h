/* What is an operator in training? One record each, in a file of its own beside this one: the
 * parameters of a layer's weights and where they begin, what the forward pass makes of them, how
 * its gradient comes back to them, and which integer codes they end as. Private to train/. */
#ifndef MF_TRAIN_OPERATORS_TRAINING_OPERATOR_H
#define MF_TRAIN_OPERATORS_TRAINING_OPERATOR_H

#include "base/random.h"
#include "models/integer.h"
#include "train/model_state.h"

/* A parameter has a number per weight, laid out as the kind's weights are, or one per layer. */
typedef enum mf_extent { MF_PER_WEIGHT, MF_PER_LAYER } mf_extent;

/* The parameters of a layer's weights, mf_state.weights. */
typedef struct mf_weight_form {
    struct {
        const char *role;
        bool decays;
        mf_extent extent;
    } parameters[MF_MOST_WEIGHT_PARAMETERS];
    size_t n_parameters;
    void (*initialise)(const mf_model *model, mf_state *state, mf_random *random);
    /* Writes state->projected, the weights of the forward pass. NULL: they are the first parameter.
     */
    void (*project)(const mf_model *model, mf_state *state);
    /* From dw, the gradient of the forward weights, to those of the parameters. NULL: it passes
     * straight through. */
    void (*pull_back)(const mf_model *model, mf_state *state, float *dw);
    /* dw has a place of its own (state->projected_gradient), not that of the first parameter. */
    bool gradient_apart;
    /* What 1.0 among the codes of filter m stands for, where that is learnt or measured: forward
     * weight = unit * code * 2^-fraction_bits. NULL: 1. */
    double (*unit)(const mf_state *state, uint64_t m);
} mf_weight_form;

typedef struct mf_training_operator {
    const char *name;
    /* Keys of training_keys.def to try where it diverges, each behind - for less or + for more. */
    const char *advice;
    mf_training_uses keys; /* of those that it alone reads (MF_OF_SHIFT ...), or 0 */
    mf_family family;
    bool on_grid;  /* inputs and biases of convolutions are floored to mf_model_grid */
    bool on_signs; /* of its inputs the signs are read (mf_map), and gradients pass from -1 to 1 */
    bool shares_scale; /* codes of weights and inputs are of one scale */
    bool reads_width; /* forward weights depend on mf_state.weight_bits, which must be executable */
    bool scales_gradient; /* to a root mean square of mf_model_options.add_eta, layer by layer */
    bool lacks_zero; /* without mf_integer_format.zero_code there is no code for a weight of 0 */
    const mf_weight_form *form; /* NULL: an option chooses */
    const mf_weight_form *(*choose_form)(const mf_model_options *options);
    /* The scale of a layer's weight codes, `n` weights of `bits` bits, in units of the form. NULL:
     * codes are whole numbers of units. */
    uint64_t (*fraction_bits)(const float *weights, uint64_t n, uint64_t bits,
                              uint64_t ifmap_fraction_bits);
    int32_t (*code)(const mf_integer_format *format, float weight, uint64_t fraction_bits);
} mf_training_operator;

/* Signs times the mean magnitude of a filter's weights: of binary and of xnor. */
extern const mf_weight_form mf_form_signs;

/* The record of an operator; static. */
const mf_training_operator *mf_training_operator_of(mf_trained trained);

#define MF_TRAINED(name, NAME) extern const mf_training_operator mf_trained_##name;
#include "train/operators/operators.def"
#undef MF_TRAINED

/* ---- what operators have in common -------------------------------------------------------------
 */

/* The nearest code of `bits` bits, two's complement. */
int32_t mf_nearest_code(double value, uint64_t fraction_bits, uint64_t bits);

/* That of a weight which is a sign: 1 for minus. */
int32_t mf_sign_code(const mf_integer_format *format, float w, uint64_t scale);

/* The largest magnitude; the most fraction bits with which it fits `bits`, sign included. */
double mf_peak_of(const float *x, uint64_t n);
uint64_t mf_finest_scale(double peak, uint64_t bits);

/* A normal deviate (Box and Muller); numbers from `low` to `high`. */
double mf_draw_normal(mf_random *random);
void mf_fill_uniform(mf_parameter *p, mf_random *random, double low, double high);

/* 1 / sqrt(fan in), the bound of Kaiming's uniform weights with a = sqrt(5). */
double mf_kaiming_bound(const mf_shape *shape);

/* How weights of products begin: Kaiming's, and the classifier's from a normal of deviation 0.02
 * cut at twice that. Source: NetAug's code. */
void mf_initialise_products(const mf_model *model, mf_state *state, mf_random *random);

#endif
