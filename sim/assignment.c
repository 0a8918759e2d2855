/* Names to numbers. */
#include "sim/assignment.h"

#include "models/network.h"

mf_status mf_assign(const mf_operators *operators, const mf_network *network, const char *variant,
                    const mf_op_rule *rules, size_t n_rules, mf_arena *arena,
                    mf_assignment *assignment, mf_diag *diag)
{
    size_t *op_of_layer = MF_NEW_ARRAY(arena, size_t, network->n_weight_layers);
    *assignment = (mf_assignment){.op_of_layer = op_of_layer};
    if (!op_of_layer)
        return mf_fail_memory(diag);
    MF_TRY(mf_operators_find(operators, variant, &assignment->variant, diag));
    return mf_operators_assign(operators, network, assignment->variant, rules, n_rules, op_of_layer,
                               diag);
}
