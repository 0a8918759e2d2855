#!/usr/bin/env python3
"""How long does one AdderNet layer take in PyTorch, as it is published?

The published layer unfolds its input and broadcasts it against the weights; written anew from its method
(docs/TRAINING.md). Forward, then forward and both gradients, the least of several runs, wall time of one thread; one
line of JSON per layer. bench_kernels prints our rates for the same shapes.
"""
import json
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)


class Adder(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w, columns):
        ctx.save_for_backward(w, columns)
        return -(w.unsqueeze(2) - columns.unsqueeze(0)).abs().sum(1)

    @staticmethod
    def backward(ctx, g):
        w, columns = ctx.saved_tensors
        difference = columns.unsqueeze(0) - w.unsqueeze(2)
        dw = (difference * g.unsqueeze(1)).sum(2)
        dcolumns = (-difference.clamp(-1, 1) * g.unsqueeze(1)).sum(0)
        return dw, dcolumns


def adder(x, w, padding):
    n, _, h, width = x.shape
    m, _, k, _ = w.shape
    columns = F.unfold(x, k, padding=padding).permute(1, 2, 0).reshape(w[0].numel(), -1)
    y = Adder.apply(w.reshape(m, -1), columns)
    return y.reshape(m, h, width, n).permute(3, 0, 1, 2)


def least(work, n):
    best = float("inf")
    for _ in range(n):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best


for n, c, m, side, k in ((32, 64, 64, 16, 3), (32, 96, 24, 20, 1)):
    x = torch.randn(n, c, side, side, requires_grad=True)
    w = torch.randn(m, c, k, k, requires_grad=True)
    macs = n * side * side * c * m * k * k

    def forward():
        with torch.no_grad():
            return adder(x, w, k // 2)

    def both():
        adder(x, w, k // 2).sum().backward()

    once, all_three = least(forward, 3), least(both, 2)
    print(json.dumps({"pixels": n * side * side, "outputs": m, "inputs": c, "kernel": k,
                      "forward_ms": round(1e3 * once, 1), "forward_backward_ms": round(1e3 * all_three, 1),
                      "forward_gmac_per_s": round(macs / once / 1e9, 3),
                      "all_gmac_per_s": round(3 * macs / all_three / 1e9, 3)}), flush=True)
