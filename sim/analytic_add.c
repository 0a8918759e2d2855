/* The tasks of a layer, summed: the largest stands for all of them. */
#include "sim/analytic_runner.h"

void mf_cost_add(mf_cost *sum, const mf_cost *c)
{
    sum->energy_pj += c->energy_pj;
    sum->cycles += c->cycles;
    sum->mac_pj += c->mac_pj;
    sum->n_executed += c->n_executed;
    sum->load_cycles += c->load_cycles;
    sum->fill_cycles += c->fill_cycles;
    sum->drain_cycles += c->drain_cycles;
    sum->array_cycles += c->array_cycles;
    sum->exposed_dram_cycles += c->exposed_dram_cycles;
    for (int level = 0; level < MF_N_LEVELS; level++)
        for (int t = 0; t < MF_N_TENSORS; t++)
            sum->access_pj[level][t] += c->access_pj[level][t];
    for (int b = 0; b < MF_N_BOUNDS; b++)
        sum->bound_cycles[b] += c->bound_cycles[b];
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void add_found(mf_analytic_row *sum, const mf_analytic_row *task)
{
    mf_counts_add(&sum->found.counts, &task->found.counts);
    mf_cost_add(&sum->found.cost, &task->found.cost);
    sum->utilisation = (double)sum->found.counts.n_macs / sum->found.cost.cycles / sum->machine.array_pes;
}

void mf_runner_add(mf_analytic_row *sum, const mf_analytic_row *task)
{
    if (sum->n_tasks == 0) {
        *sum = *task;
        return;
    }
    if (!task->vector) { /* the largest task stands for all of them */
        if (mf_shape_macs(&task->shape) > mf_shape_macs(&sum->shape)) {
            sum->found.mapping = task->found.mapping;
            sum->found.cost.bound = task->found.cost.bound;
            sum->machine = task->machine;
            sum->shape = task->shape;
        }
        add_found(sum, task);
    }
    sum->n_tasks += task->n_tasks;
    sum->held_bits = larger(sum->held_bits, task->held_bits);
    sum->peak_bits = larger(sum->peak_bits, task->peak_bits);
    mf_traffic_add(&sum->traffic, &task->traffic);
    sum->n_operations += task->n_operations;
    sum->vector_buffer_pj += task->vector_buffer_pj;
    sum->vector_dram_pj += task->vector_dram_pj;
    sum->energy_pj += task->energy_pj;
    sum->cycles += task->cycles;
}
