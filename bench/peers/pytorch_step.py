#!/usr/bin/env python3
"""How long does a training step of MobileNetV2 at width 0.35 take in PyTorch?

The same step as bench/bench_train.c: pictures in memory, chosen at random, flipped and normalised;
forward, cross entropy with label smoothing, backward, SGD with Nesterov momentum; float32,
channels_last. Prints one line of JSON. Run by bench/peers/training, which also sets the allocator.

    pytorch_step.py PX BATCH THREADS STEPS [mult|shift]

`shift` is DeepShift-Q as it is published: weights rounded and inputs floored in PyTorch operations.
"""
import json
import math
import resource
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

from mobilenet import mobilenet_v2

px, batch, threads, steps = map(int, sys.argv[1:5])
op = sys.argv[5] if len(sys.argv) > 5 else "mult"
torch.set_num_threads(threads)
torch.manual_seed(1)


class Through(torch.autograd.Function):
    """A function whose gradient passes straight through."""

    @staticmethod
    def forward(ctx, x, f):
        return f(x)

    @staticmethod
    def backward(ctx, g):
        return g, None


def power_of_two(w):
    return torch.sign(w) * 2 ** torch.round(torch.log2(w.abs().clamp(2**-15, 1)))


def fixed_point(x):
    return torch.clamp(torch.floor(x * 2**16) / 2**16, -(2**15), 2**15 - 1)


class Shift(nn.Conv2d):
    def forward(self, x):
        x, w = Through.apply(x, fixed_point), Through.apply(self.weight, power_of_two)
        return F.conv2d(x, w, self.bias, self.stride, self.padding, self.dilation, self.groups)


model = mobilenet_v2(conv=Shift if op == "shift" else nn.Conv2d).to(memory_format=torch.channels_last)
optimiser = torch.optim.SGD(model.parameters(), 0.01, 0.9, weight_decay=4e-5, nesterov=True)
pictures = torch.randint(0, 256, (4 * batch, 3, px, px), dtype=torch.uint8)
pictures = pictures.contiguous(memory_format=torch.channels_last)
labels = torch.randint(0, 100, (4 * batch,))
clock = time.process_time if threads == 1 else time.perf_counter
least, total = math.inf, 0.0
for step in range(steps + 2):
    begin = clock()
    chosen = torch.randint(0, len(pictures), (batch,))
    x = pictures[chosen].to(torch.float32, memory_format=torch.channels_last)
    x = x.sub_(127.5).mul_(4 / 255)
    if step % 2:
        x = x.flip(3)
    loss = F.cross_entropy(model(x), labels[chosen], label_smoothing=0.1)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
    took = clock() - begin
    least = min(least, took)
    total += took if step >= 2 else 0
print(json.dumps({
    "op": op, "px": px, "batch": batch, "threads": threads, "step_ms": round(1e3 * least, 2),
    "mean_ms": round(1e3 * total / steps, 2), "images_per_s": round(batch / least),
    "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    "parameters": sum(p.numel() for p in model.parameters()), "torch": torch.__version__}))
