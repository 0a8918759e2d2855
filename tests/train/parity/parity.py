#!/usr/bin/env python3
"""Does the trainer compute what PyTorch computes?

Each case draws random parameters and images for a network, lets parity_run (beside this file) train
on them with our code in float32, and does the same here, in float64, with the operators written down
as their papers' code states them (DeepShift and AdderNet) and PyTorch's own convolutions, batch norm,
loss and optimiser. Then it compares logits, loss, every gradient, the losses after each of ten steps, and
all parameters and running statistics at the end. Both share the description of the layers and nothing else.

    parity.py PARITY_RUN [--case TEXT] [--kernels NAME] [--rounding]

prints one line per case with the worst differences. Exits 0, or 1 where one is above what rounding to
float32 explains, or 77 where there is no PyTorch. --rounding adds what rounding explains: PyTorch in
float32 held against itself in float64.
"""

import argparse
import collections
import json
import math
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError as missing:
    print(f"skipped: {missing} for {sys.executable}; apt-get install python3-torch")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[3]
ZOO = ROOT / "models" / "zoo"
TESTED = ROOT / "tests" / "models"
STEPS = 10

# Written here a second time, so that a change of a default in train/ shows.
NORM_MOMENTUM, NORM_EPSILON, LABEL_SMOOTHING = 0.1, 1e-5, 0.1
ADD_ETA = 0.2
SHIFT_BITS = 5
INTEGER_BITS, FRACTION_BITS = 16, 16

# ---- cases ------------------------------------------------------------------------------------------

# Largest relative differences that pass.
Limits = collections.namedtuple("Limits", "logits loss gradients losses parameters statistics")
Case = collections.namedtuple(
    "Case", "network op limits mode rows classes batch rate decay deviation calm teacher",
    defaults=("q", 16, 10, 8, 0.001, 4e-5, 1, False, (1, 0)),
)

# About ten times the largest difference between float64 and our three builds of the kernels. That is as large as
# the one between float64 and PyTorch in float32 (--rounding), and up to eight times as large for Add. Shift's
# gradients are coarser because its inputs lie on a grid of 2^-16, where float32 takes the next step now and then.
#
# The small network is all that the others leave out, near all kinks, at a rate and decay that move everything
# far. The deep ones get a lower rate: at 0.01 their ten steps amplify any rounding to the size of the loss, in
# PyTorch as in ours. The MobileNets read 64 pixels, for at 32 their last batch norms see one number per image.
SMALL_SETUP = dict(rows=18, classes=7, rate=0.01, decay=0.1)
MOBILE_SETUP = dict(rows=64, calm=True)
CASES = [
    Case("small", "mult", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5), **SMALL_SETUP),
    Case("small", "mult", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5), teacher=(4, 0.7), **SMALL_SETUP),
    Case("small", "shift", Limits(3e-4, 2e-5, 5e-4, 3e-5, 7e-4, 1e-4), **SMALL_SETUP),
    Case("small", "shift", Limits(3e-4, 2e-5, 1e-3, 3e-5, 3e-5, 6e-5), mode="ps", **SMALL_SETUP),
    Case("small", "add", Limits(3e-5, 5e-6, 2e-4, 3e-6, 6e-6, 4e-5), **SMALL_SETUP),
    Case("small", "denseshift", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5), **SMALL_SETUP),
    Case("small", "apot3", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5), **SMALL_SETUP),
    Case("small", "apot4", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5), **SMALL_SETUP),
    Case("small", "apot5", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5), **SMALL_SETUP),
    Case("small", "binary", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5), **SMALL_SETUP),
    # At 0.01 a sign of float32 turns before that of float64 does, and both are far apart from there on.
    Case("small", "xnor", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5), rows=18, classes=7, rate=0.001, decay=0.1),
    Case("joins", "mult", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5)),
    Case("inception", "mult", Limits(7e-6, 1e-6, 5e-4, 2e-6, 3e-6, 1e-5)),
    Case("resnet20-cifar", "mult", Limits(3e-5, 4e-6, 5e-5, 5e-6, 3e-6, 1e-5)),
    Case("resnet20-cifar", "add", Limits(2e-4, 2e-5, 6e-4, 2e-4, 3e-5, 1e-4), batch=4),
    Case("resnet20-shiftaddnet", "mult", Limits(2e-4, 2e-5, 6e-4, 2e-4, 3e-5, 1e-4), mode="fixed", batch=4, rate=1e-4),
    Case("mobilenetv2-w0.35", "mult", Limits(7e-6, 2e-6, 6e-4, 2e-4, 2e-5, 3e-5), **MOBILE_SETUP),
    Case("mobilenetv2-w0.35", "shift", Limits(1e-4, 1e-5, 6e-3, 6e-6, 7e-4, 5e-4), **MOBILE_SETUP),
    Case("mobilenetv2-tiny", "shift", Limits(7e-5, 1e-5, 6e-3, 2e-5, 5e-3, 6e-4), mode="ps", **MOBILE_SETUP),
    # Targets inside of wider networks, drawn anew in every step: NetAug, hybrids, and mapped weights.
    Case("mobilenetv2-w0.35", "mult/mult", Limits(0, 2e-6, 6e-4, 2e-4, 2e-5, 3e-5), **MOBILE_SETUP),
    Case("mobilenetv2-tiny", "shift/mult", Limits(0, 1e-5, 6e-3, 6e-6, 7e-4, 5e-4), **MOBILE_SETUP),
    Case("mobilenetv2-tiny", "shift/mult/laplace", Limits(0, 1e-5, 6e-3, 6e-6, 7e-4, 5e-4), **MOBILE_SETUP),
    Case("mobilenetv2-tiny", "add/mult", Limits(0, 2e-5, 2e-2, 2e-3, 6e-4, 1.5e-3), **MOBILE_SETUP),
    # With weights of deviation 1 a relative change of 1e-3 grows to 1 on its way through this one.
    Case("mobilenetv2-tiny", "add", Limits(2e-4, 2e-5, 2e-2, 2e-4, 7e-5, 2e-4), deviation=10, **MOBILE_SETUP),
    Case("mobilenetv3-w0.35", "mult", Limits(2e-5, 2e-6, 6e-4, 1e-5, 4e-6, 3e-5), **MOBILE_SETUP),
]

# One for which hardly anything is rounded onto the other side of a kink, or to another power of two, in any
# case by any build: where that happens, two right answers are far apart.
SEED = 2


def title(case):
    mode = "-" + case.mode if case.op == "shift" or "shiftaddnet" in case.network else ""
    return f"{case.network} {case.op}{mode}{' taught' if case.teacher[1] else ''}"


def network_path(case, folder):
    if case.network in ("joins", "inception"):  # maps that meet: sums, concat, upsample; four at once
        return TESTED / (case.network + ".json")
    if case.network != "small":
        return ZOO / (case.network + ".json")
    path = pathlib.Path(folder, "small.json")
    path.write_text(json.dumps(SMALL))
    return path


# What the other networks leave out: pools, groups, padded shortcuts, kernels that are not square, biases.
SMALL = {
    "name": "small",
    "about": "test",
    "source": "test",
    "input": {"channels": 3, "rows": 18, "columns": 18},
    "classes": 7,
    "activation": "relu6",
    "parts": [
        {"type": "conv", "name": "stem", "channels": 12, "kernel": "5x3"},
        {"type": "pool", "kind": "max", "kernel": 3, "stride": 2, "padding": 1},
        {"type": "conv", "name": "grouped", "channels": 16, "kernel": 3, "groups": 4, "activation": "h_swish"},
        {"type": "basic_block", "channels": 27, "stride": 2, "shortcut": "pad"},
        {"type": "conv", "name": "biased", "channels": 16, "kernel": 3, "norm": False, "activation": "none"},
        {"type": "pool", "kind": "average", "kernel": 2, "stride": 2, "ceil_mode": True},
        {"type": "fc", "channels": 20, "norm": True, "activation": "relu"},
        {"type": "fc", "channels": "classes"},
    ],
}

# ---- operators --------------------------------------------------------------------------------------


class StraightThrough(torch.autograd.Function):
    """`value` forward; backward as if nothing had been done to `x`."""

    @staticmethod
    def forward(ctx, x, value):
        return value

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


def to_grid(x):
    """DeepShift's activations: floored to a fixed-point grid, clamped to whole numbers."""
    steps = 2.0**FRACTION_BITS
    most = 2.0 ** (INTEGER_BITS - 1)
    return StraightThrough.apply(x, (torch.floor(x.detach() * steps) / steps).clamp(-most, most - 1))


def clamp_q(weight):
    """DeepShift-Q overwrites its weights before each pass: magnitudes 2^least to 1, zeros stay."""
    least = 2.0 ** -(2 ** (SHIFT_BITS - 1) - 1)
    with torch.no_grad():
        weight.copy_(torch.sign(weight) * weight.abs().clamp(least, 1))


def weights_q(weight):
    clamp_q(weight)
    latent = weight.detach().double()  # a logarithm in float32 does not know the floats beside the middle apart
    power = torch.sign(latent) * 2 ** torch.round(torch.log2(latent.abs()))
    return StraightThrough.apply(weight, power.to(weight.dtype))


class PowerTimesSign(torch.autograd.Function):
    """2^exponent * sign; the derivative with respect to the sign is taken as 1."""

    @staticmethod
    def forward(ctx, exponent, sign):
        value = 2**exponent * sign
        ctx.save_for_backward(value)
        return value

    @staticmethod
    def backward(ctx, gradient):
        (value,) = ctx.saved_tensors
        return gradient * value * math.log(2), gradient


def weights_ps(exponent, sign):
    """DeepShift-PS: exponent and sign are learnt; one code is spent on a sign of zero."""
    with torch.no_grad():
        exponent.clamp_(-(2 ** (SHIFT_BITS - 1) - 2), 0)
    return PowerTimesSign.apply(
        StraightThrough.apply(exponent, torch.round(exponent.detach())),
        StraightThrough.apply(sign, torch.sign(torch.round(sign.detach()))),
    )


def gate(parameter):
    """DenseShift: 1 where the parameter is above zero."""
    return StraightThrough.apply(parameter, (parameter.detach() > 0).to(parameter.dtype))


def weights_denseshift(sign, t1, t2, t3):
    """DenseShift (S3-Training/dsconv2d.py of huawei-noah/noah-research): sign * 2^S forward, the gradient of
    sign * sqrt(S + 1)."""
    exponent = (((gate(t1) + 1) * gate(t2)) + 1) * gate(t3)
    signs = StraightThrough.apply(sign, torch.where(sign.detach() < 0, -1.0, 1.0).to(sign.dtype))
    backward = signs * torch.sqrt(exponent + 1)
    return backward + (signs * 2**exponent - backward).detach()


class Binary(torch.autograd.Function):
    """XNOR-Net (util.lua of allenai/XNOR-Net): w [M,C,R,S] in rows of a filter."""

    @staticmethod
    def forward(ctx, w):
        n = w[0].numel()
        scale = w.abs().sum((1, 2, 3), keepdim=True) / n
        ctx.save_for_backward(w, scale)
        return torch.where(w < 0, -1.0, 1.0).to(w.dtype) * scale

    @staticmethod
    def backward(ctx, gradient):
        w, scale = ctx.saved_tensors
        n = w[0].numel()
        factor = scale.expand_as(w).clone()
        factor[w <= -1] = 0
        factor[w >= 1] = 0
        return gradient * (factor + 1 / n) * (1 - 1 / w.shape[1]) * n


def weights_binary(weight):
    """Ours are [G][R][S][C/G][M/G]; they are centred and clamped in place."""
    with torch.no_grad():
        weight.copy_((weight - weight.mean(3, keepdim=True)).clamp(-1, 1))
    return Binary.apply(weight.permute(0, 4, 3, 1, 2).flatten(0, 1))


class Sign(torch.autograd.Function):
    """1 above 0, else -1; the gradient passes from -1 to 1 (Hubara et al., Binarized Neural Networks)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x > 0, 1.0, -1.0).to(x.dtype)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * (x.abs() <= 1)


APOT_LEVELS = {
    3: [a for a in (0, 2**-1, 2**-2, 2**-3)],
    4: [a + b for a in (0, 2**-1, 2**-2, 2**-4) for b in (0, 2**-3)],
    5: [a + b for a in (0, 2**-1, 2**-3, 2**-5) for b in (0, 2**-2, 2**-4, 2**-6)],
}


class Apot(torch.autograd.Function):
    """APoT (CIFAR10/models/quant_layer.py of yhhhli/APoT_Quantization): x = standardised / clip."""

    @staticmethod
    def forward(ctx, standardised, clip, bits):
        levels = torch.tensor(APOT_LEVELS[bits], dtype=standardised.dtype)
        x = standardised / clip
        magnitude = x.clamp(-1, 1).abs().flatten()
        nearest = (magnitude[:, None] - levels / levels.max()).abs().argmin(1)
        q = (levels / levels.max())[nearest].reshape(x.shape) * x.sign()
        ctx.save_for_backward(x, q)
        return q * clip

    @staticmethod
    def backward(ctx, gradient):
        x, q = ctx.saved_tensors
        return gradient, (gradient * torch.where(x.abs() > 1, x.sign(), q - x)).sum()[None], None


class Fifth(torch.autograd.Function):
    """The clip's rate is 0.02 where the weights' is 0.1."""

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient / 5


def weights_apot(weight, clip, bits):
    standardised = (weight - weight.detach().mean()) / weight.detach().std()
    return Apot.apply(standardised, Fifth.apply(clip), bits)


class MinusDistances(torch.autograd.Function):
    """AdderNet: y[n,m,l] = -sum_k |x[n,k,l] - w[m,k]|, dw = sum (x - w) g, dx = sum clip(w - x) g.

    A few filters at a time, so that the differences x - w fit into the cache."""

    @staticmethod
    def filters_at_a_time(x, w):
        some = max(1, 2**17 // x.numel())
        return [slice(m, m + some) for m in range(0, w.shape[0], some)]

    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        some = MinusDistances.filters_at_a_time(x, w)
        return torch.cat([-(x[:, None] - w[None, m, :, None]).abs_().sum(2) for m in some], 1)

    @staticmethod
    def backward(ctx, gradient):
        x, w = ctx.saved_tensors
        dx, dw = torch.zeros_like(x), torch.empty_like(w)
        for m in MinusDistances.filters_at_a_time(x, w):
            difference, g = x[:, None] - w[None, m, :, None], gradient[:, m, None, :]
            dw[m] = (difference * g).sum((0, 3))
            dx += difference.neg_().clamp_(-1, 1).mul_(g).sum(1)
        return dx, dw


class ScaledGradient(torch.autograd.Function):
    """AdderNet's rate of its own: a layer's gradient is scaled to eta * sqrt(number of weights)."""

    @staticmethod
    def forward(ctx, w):
        return w.view_as(w)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * ADD_ETA * math.sqrt(gradient.numel()) / gradient.norm().clamp(min=1e-12)


def adder_convolution(x, w, stride, pads, groups):
    """x [N,C,H,W], w [M,C/G,R,S]; the padding is zeros that count."""
    n, (m, _, r, s) = x.shape[0], w.shape
    windows = F.unfold(x, (r, s), padding=pads, stride=stride)
    rows = (x.shape[2] + 2 * pads[0] - r) // stride + 1
    flat = w.reshape(m, -1)
    parts = [
        MinusDistances.apply(windows_of_group, filters)
        for windows_of_group, filters in zip(windows.chunk(groups, 1), flat.chunk(groups, 0))
    ]
    return torch.cat(parts, 1).reshape(n, m, rows, -1)


ACTIVATIONS = {
    "none": lambda z: z,
    "relu": F.relu,
    "relu6": F.relu6,
    "h_swish": F.hardswish,
    "hard_sigmoid": F.hardsigmoid,
}

# ---- the network ------------------------------------------------------------------------------------


class Network:
    """Executes the list of layers that parity_run describes. Parameters are kept in our layout."""

    def __init__(self, description, arrays, mode, dtype):
        self.layers, self.mode = description["layers"], mode
        self.parameters, self.learning = {}, []
        for parameter in description["parameters"]:
            name = parameter["name"]
            value = torch.tensor(arrays[name]).to(dtype)
            if parameter["learns"]:
                self.learning.append(name)
                value.requires_grad_()
            self.parameters[name] = value

    def forward(self, images):
        """images [N,C,H,W]; logits [N,classes]."""
        outputs = []
        for i, layer in enumerate(self.layers):
            inputs = [images if at < 0 else outputs[at] for at in layer["input"]]
            z = getattr(self, layer["kind"])(layer, *inputs)
            outputs.append(ACTIVATIONS["none" if self.is_idle(i) else layer["activation"]](z))
        return outputs[-1].flatten(1)

    def is_idle(self, i):
        """An activation that turns no sign of a map of which only signs are read."""
        readers = [layer for layer in self.layers if i in layer["input"]]
        only_signs = readers and all(layer.get("op") == "xnor" for layer in readers)
        return only_signs and self.layers[i]["activation"] in ("relu", "relu6", "h_swish")

    def of(self, layer, role):
        return self.parameters[layer["name"] + "." + role]

    def weights(self, layer):
        """The weights of the forward pass, in our layout."""
        if layer["op"] == "shift" and self.mode == "fixed":
            return weights_ps(self.of(layer, "exponent"), self.of(layer, "sign")).detach()
        if layer["op"] == "shift" and self.mode == "ps":
            return weights_ps(self.of(layer, "exponent"), self.of(layer, "sign"))
        if layer["op"] == "shift":
            return weights_q(self.of(layer, "weight"))
        if layer["op"].startswith("apot"):
            return weights_apot(self.of(layer, "weight"), self.of(layer, "clip"), int(layer["op"][4:]))
        if layer["op"] == "denseshift":
            return weights_denseshift(*(self.of(layer, "weight_" + role) for role in ("sign", "t1", "t2", "t3")))
        if layer["op"] == "add":
            return ScaledGradient.apply(self.of(layer, "weight"))
        return self.of(layer, "weight")

    def weighted(self, layer, x, w):
        """w [M,C/G,R,S] on x, then what follows: bias, batch norm of the batch."""
        stride, pads = layer["stride"], (layer["pad_rows"], layer["pad_columns"])
        if layer["op"] == "shift":
            x = to_grid(x)
        if layer["op"] == "xnor":
            x = Sign.apply(x)
        if layer["op"] == "add":
            z = adder_convolution(x, w, stride, pads, layer["groups"])
        else:
            z = F.conv2d(x, w, None, stride, pads, 1, layer["groups"])
        if layer["bias"]:
            bias = self.of(layer, "bias")
            if layer["op"] == "shift" and layer["kind"] != "fc":
                bias = to_grid(bias)
            z = z + bias[:, None, None]
        if layer["norm"]:
            running = self.of(layer, "running_mean"), self.of(layer, "running_variance")
            factors = self.of(layer, "gamma"), self.of(layer, "beta")
            z = F.batch_norm(z, *running, *factors, True, NORM_MOMENTUM, NORM_EPSILON)
        return z

    def conv(self, layer, x):
        """Ours are [G][R][S][C/G][M/G]."""
        if layer["op"] in ("binary", "xnor"):
            return self.weighted(layer, x, weights_binary(self.of(layer, "weight")))
        w = self.weights(layer).permute(0, 4, 3, 1, 2)
        return self.weighted(layer, x, w.flatten(0, 1))

    def depthwise(self, layer, x):
        """Ours are [R][S][C]."""
        return self.weighted(layer, x, self.weights(layer).permute(2, 0, 1)[:, None])

    def fc(self, layer, x):
        """Ours are [C][M], and a map is flattened as it lies in memory, channels last."""
        x = x.permute(0, 2, 3, 1).flatten(1)[:, :, None, None]
        return self.weighted(layer, x, self.weights(layer).t()[:, :, None, None])

    def pool(self, layer, x):
        kernel = layer["kernel_rows"], layer["kernel_columns"]
        pads = layer["pad_rows"], layer["pad_columns"]
        whole = (x.shape[2] + 2 * pads[0] - kernel[0]) // layer["stride"] + 1
        partial = whole != layer["out_rows"]  # a window that sticks out counts
        if layer["maximum"]:
            return F.max_pool2d(x, kernel, layer["stride"], pads, ceil_mode=partial)
        return F.avg_pool2d(x, kernel, layer["stride"], pads, partial, count_include_pad=False)

    def global_pool(self, layer, x):
        return x.mean((2, 3), keepdim=True)

    def residual_add(self, layer, x, shortcut):
        """A shortcut of another shape: every stride-th pixel, between channels of zeros."""
        stride, missing = math.ceil(shortcut.shape[2] / x.shape[2]), x.shape[1] - shortcut.shape[1]
        before = missing // 2
        shortcut = shortcut[:, :, ::stride, ::stride]
        return x + F.pad(shortcut, (0, 0, 0, 0, before, missing - before))

    def scale(self, layer, x, factors):
        return x * factors

    def concat(self, layer, *maps):
        return torch.cat(maps, dim=1)

    def upsample_nearest(self, layer, x):
        return F.interpolate(x, size=(layer["out_rows"], layer["out_columns"]), mode="nearest")

    def upsample_bilinear(self, layer, x):
        return F.interpolate(x, size=(layer["out_rows"], layer["out_columns"]), mode="bilinear", align_corners=False)


# ---- both sides -------------------------------------------------------------------------------------


def to_laplace(w):
    """Equation 5 of ShiftAddAug with mean and deviation kept, both constants in the gradient."""
    mean, deviation = w.detach().mean(), w.detach().std(unbiased=False)
    z = ((w - mean) / deviation).clamp(-6, 6)
    return mean - deviation / math.sqrt(2) * torch.sign(z) * torch.log(torch.erfc(z.abs() / math.sqrt(2)))


class Augmented(Network):
    """A target and, in the same parameters, the wider networks that steps draw: NetAug's slices, and equation 4
    where the target's operator is not that of what is added (which multiplies)."""

    def __init__(self, description, arrays, case, dtype):
        super().__init__(description, arrays, case.mode, dtype)
        self.remaps = case.op.endswith("/laplace")
        self.target = [layer["out_channels"] for layer in self.layers]
        self.channels = self.target
        self.at = {layer["name"]: i for i, layer in enumerate(self.layers)}

    def forward_as(self, images, channels):
        self.channels = channels
        return self.forward(images)

    def of(self, layer, role):
        """Vectors of output channels."""
        return super().of(layer, role)[: self.channels[self.at[layer["name"]]]]

    def target_weights(self, layer, block):
        if layer["op"] == "add":
            return ScaledGradient.apply(block)
        if layer["op"] != "shift":
            return block
        if not self.remaps:
            return weights_q(block)
        mapped, least = to_laplace(block), 2.0 ** -(2 ** (SHIFT_BITS - 1) - 1)
        latent = mapped.detach()
        power = torch.sign(latent) * 2 ** torch.round(torch.log2(latent.abs().clamp(least, 1)))
        return StraightThrough.apply(mapped, power)

    def mixed(self, layer, x, whole, block, to_filters):
        """`whole` weights with the target's in their block; and what Add computes beside them."""
        own = self.target_weights(layer, block)
        is_add = layer["op"] == "add"
        w = whole.clone()
        w[tuple(slice(n) for n in block.shape)] = torch.zeros_like(block) if is_add else own
        z = super().weighted({**layer, "norm": False, "bias": False, "op": "none" if is_add else layer["op"]},
                             x, to_filters(w))
        if is_add:
            pads = (layer["pad_rows"], layer["pad_columns"])
            beside = adder_convolution(x[:, : layer["in_channels"]], to_filters(own), layer["stride"], pads, 1)
            z = torch.cat([z[:, : beside.shape[1]] + beside, z[:, beside.shape[1] :]], 1)
        bare = {**layer, "op": layer["op"] if layer["op"] == "shift" else "none"}
        return self.finished(bare, z)

    def finished(self, layer, z):
        """Bias and batch norm; the target's biases are on Shift's grid."""
        if layer["bias"]:
            bias = self.of(layer, "bias")
            if layer["op"] == "shift" and layer["kind"] != "fc":
                bias = torch.cat([to_grid(bias[: layer["out_channels"]]), bias[layer["out_channels"] :]])
            z = z + bias[:, None, None]
        if layer["norm"]:
            running = self.of(layer, "running_mean"), self.of(layer, "running_variance")
            z = F.batch_norm(
                z, *running, self.of(layer, "gamma"), self.of(layer, "beta"), True, NORM_MOMENTUM, NORM_EPSILON
            )
        return z

    def conv(self, layer, x):
        m, w = self.channels[self.at[layer["name"]]], self.parameters[layer["name"] + ".weight"]
        whole = w[:, :, :, : x.shape[1], :m]
        block = w[:, :, :, : layer["in_channels"], : layer["out_channels"]]
        return self.mixed(layer, x, whole, block, lambda v: v.permute(0, 4, 3, 1, 2).flatten(0, 1))

    def depthwise(self, layer, x):
        w = self.parameters[layer["name"] + ".weight"]
        whole, block = w[:, :, : x.shape[1]], w[:, :, : layer["in_channels"]]
        return self.mixed({**layer, "groups": x.shape[1]}, x, whole, block, lambda v: v.permute(2, 0, 1)[:, None])

    def fc(self, layer, x):
        x = x.permute(0, 2, 3, 1).flatten(1)[:, :, None, None]
        w = self.parameters[layer["name"] + ".weight"]
        return self.mixed(layer, x, w[: x.shape[1]], w[: layer["in_channels"]], lambda v: v.t()[:, :, None, None])


def decays(name):
    role = name.rsplit(".", 1)[1]
    return role.startswith("weight") or role == "clip"


def train_torch(description, arrays, case, dtype):
    """What parity_run writes, by the same names."""
    draws = description.get("draws")
    network = Augmented(description, arrays, case, dtype) if draws else Network(description, arrays, case.mode, dtype)
    images = torch.tensor(arrays["images"]).to(dtype).permute(0, 3, 1, 2).contiguous()
    labels = torch.tensor(arrays["labels"]).long()
    rate, momentum, decay, temperature, weight = (float(x) for x in arrays["settings"])
    taught = torch.tensor(arrays["taught"]).to(dtype)
    learning = {name: network.parameters[name] for name in network.learning}
    groups = [
        {"params": [p for name, p in learning.items() if decays(name) == decayed], "weight_decay": decay * decayed}
        for decayed in (True, False)
    ]
    optimiser = torch.optim.SGD([g for g in groups if g["params"]], rate, momentum, nesterov=True)

    def loss_of(logits):
        return F.cross_entropy(logits, labels, label_smoothing=LABEL_SMOOTHING)

    def one_pass(step):
        optimiser.zero_grad()
        if draws:
            logits = network.forward_as(images, network.target)
            loss = loss_of(logits)
            loss.backward()
            loss_of(network.forward_as(images, draws[step])).backward()
            return logits, loss
        logits = network.forward(images)
        softened = F.log_softmax(logits / temperature, 1), F.log_softmax(taught / temperature, 1)
        distance = temperature**2 * F.kl_div(*softened, reduction="batchmean", log_target=True)
        loss = (1 - weight) * loss_of(logits) + weight * distance
        loss.backward()
        return logits, loss

    logits, loss = one_pass(0)
    results = {"loss": np.array(loss.item())}
    if not draws:
        results["logits"] = logits.detach().numpy()
    for name, parameter in learning.items():
        still = parameter.grad is None  # a fixed shift
        results[name + ".gradient"] = np.zeros(parameter.shape) if still else parameter.grad.numpy().copy()
    losses = []
    for step in range(STEPS):
        optimiser.step()
        losses.append(one_pass(step + 1)[1].item())
    results["losses"] = np.array(losses)
    for name, parameter in network.parameters.items():
        results[name] = parameter.detach().numpy()
    return results


def call(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


BATCH = ("images", "labels", "taught", "settings")


def train_ours(program, arguments, arrays, folder, kernels):
    weights, batch, made = (f"{folder}/{name}.npz" for name in ("weights", "batch", "out"))
    np.savez(weights, **{name: array for name, array in arrays.items() if name not in BATCH})
    np.savez(batch, **{name: arrays[name] for name in BATCH})
    call([program, *arguments, weights, batch, made] + ([kernels] if kernels else []))
    with np.load(made) as archive:
        return {name: archive[name].astype(np.float64) for name in archive.files}


# ---- random numbers ---------------------------------------------------------------------------------


SQRT_2 = np.float32(math.sqrt(2))  # below; the next float is above


def spread(random, values):
    """Move one weight in fifty far up or down, so that what clamps is at work; and some to where rounding
    decides: zero, and both sides of the middle between two powers of two."""
    far = random.random(values.shape) < 0.02
    values = np.where(far, values * 2.0 ** random.uniform(-18, 4, values.shape), values)
    values.flat[:3] = 0, SQRT_2 / 8, -np.nextafter(SQRT_2, np.float32(2)) / 8
    return values


def draw_exponents(random, case, shape):
    """Some beyond both ends; some where halves are rounded to even."""
    values = random.uniform(-10, -1, shape) + random.choice([0, -7, 3], shape, p=[0.96, 0.02, 0.02])
    if not case.calm:
        values.flat[:2] = -2.5, -3.5
    return values


def draw_signs(random, case, shape):
    values = random.uniform(-1.6, 1.6, shape)
    if not case.calm:
        values.flat[2:6] = 0.5, -0.5, 1.5, -1.5
    return values


def draw_weights(random, case, op, shape):
    if op == "add":
        return case.deviation * random.standard_normal(shape)
    fan_in = np.prod(shape[-4:-1] if len(shape) == 5 else shape[:-1])
    values = random.standard_normal(shape) / math.sqrt(fan_in)
    return spread(random, values) if op == "shift" else values


# Where an activation is flat, straight or curved, away from its kinks by several of calm gamma's deviations;
# and how often.
CALM = {
    "none": ([0], [1]),
    "relu": ([-4, 4], [0.25, 0.75]),
    "relu6": ([-3, 3, 9], [0.2, 0.6, 0.2]),
    "h_swish": ([-6, 0, 6], [0.2, 0.6, 0.2]),
}


def draw_norm(random, case, role, activation, shape):
    """gamma and beta. Of a million activations, some lie so close to a kink that float32 and float64 see them
    on different sides, and their gradients part there. A calm network has a side for each channel."""
    if not case.calm:
        return random.uniform(0.5, 1.5, shape) if role == "gamma" else 0.2 * random.standard_normal(shape)
    if role == "gamma":
        return random.uniform(0.6, 0.8, shape)
    places, shares = CALM[activation]
    return random.choice(places, shape, p=shares) + 0.1 * random.standard_normal(shape)


def draw(random, case, layer, role, shape):
    """One parameter, in the range that training finds it in."""
    if role == "exponent":
        return draw_exponents(random, case, shape)
    if role == "sign":
        return draw_signs(random, case, shape)
    if role == "clip":
        return random.uniform(1.5, 2.5, shape)
    if role.startswith("weight_"):
        return random.standard_normal(shape)
    if role == "weight":
        return draw_weights(random, case, layer["op"], shape)
    if role in ("gamma", "beta"):
        return draw_norm(random, case, role, layer["activation"], shape)
    if role == "running_variance":
        return random.uniform(0.5, 1.5, shape)
    return 0.2 * random.standard_normal(shape)  # bias, running_mean


def draw_all(description, case, seed=SEED):
    """What parity_run reads. Shift's images are so dark that the steps of its grid are large in them."""
    random = np.random.default_rng(seed)
    brightness = 2.0**-8 if case.op.startswith("shift") else 1
    layers = {layer["name"]: layer for layer in description["layers"]}
    arrays = {
        "images": (brightness * random.standard_normal([case.batch, *description["input"]])).astype(np.float32),
        "labels": random.integers(case.classes, size=case.batch).astype(np.int32),
        "settings": np.array([case.rate, 0.9, case.decay, *case.teacher], np.float32),
    }
    for parameter in description["parameters"]:
        name, role = parameter["name"].rsplit(".", 1)
        values = draw(random, case, layers[name], role, parameter["shape"])
        arrays[parameter["name"]] = values.astype(np.float32)
    arrays["taught"] = (2 * random.standard_normal([case.batch, case.classes])).astype(np.float32)
    return arrays


# ---- comparison -------------------------------------------------------------------------------------


def kind_of(name):
    """Which limit a result is held against."""
    if name in ("logits", "loss", "losses"):
        return name
    if name.endswith(".gradient"):
        return "gradients"
    return "statistics" if ".running_" in name else "parameters"


def family_of(name, op_of):
    """Gradients that are of one size: weights of an operator; gamma, beta and bias, which are sums over a
    channel."""
    layer, role = name.split(".")[:2]
    return role if role in ("exponent", "sign", "clip") or role.startswith("weight_") else op_of[layer] if role == "weight" else "channel"


def sizes(expected, op_of):
    """What each difference is relative to: the largest number of its array. But a gradient of which nothing
    is left but rounding, as that of a shift which a later batch norm takes out again, has no digits of its
    own: none counts as smaller than a hundredth of the largest of its family."""
    size = {name: np.abs(exact).max() for name, exact in expected.items()}
    gradients = [name for name in size if kind_of(name) == "gradients"]
    largest = collections.defaultdict(float)
    for name in gradients:
        family = family_of(name, op_of)
        largest[family] = max(largest[family], size[name])
    for name in gradients:
        size[name] = max(size[name], largest[family_of(name, op_of)] / 100, 1e-30)  # all of a fixed shift's are 0
    return size


def differences(found, expected, op_of):
    """{kind: [(largest difference relative to the size, name)]}, worst first."""
    by_kind = collections.defaultdict(list)
    size = sizes(expected, op_of)
    for name, exact in expected.items():
        by_kind[kind_of(name)].append((np.abs(found[name] - exact).max() / size[name], name))
    by_kind.setdefault("logits", [(0.0, "logits")])  # an augmented step leaves none
    return {kind: sorted(rows, reverse=True) for kind, rows in by_kind.items()}


def line(name, rows):
    worst = "  ".join(f"{kind} {rows[kind][0][0]:.1e}" for kind in Limits._fields)
    return f"{name:28} {worst}"


def check_decays(description):
    """The names of parameters that weight decay should reach and does not, or reaches and should not."""
    return [p["name"] for p in description["parameters"] if p["decays"] != decays(p["name"])]


def above_limits(rows, limits):
    """What is too large, or no number: how many of a kind, and the worst of them."""
    complaints = []
    for kind, limit in limits._asdict().items():
        above = [(worst, name) for worst, name in rows[kind] if not worst <= limit]
        if above:
            worst = ", ".join(f"{name} {difference:.1e}" for difference, name in above[:4])
            complaints.append(f"{kind}: {len(above)} of {len(rows[kind])} above {limit:.0e}: {worst}")
    return complaints


def check_case(program, case, folder, options):
    """One case; True where all differences are within its limits."""
    arguments = [network_path(case, folder), case.rows, case.classes, case.op, case.mode]
    description = json.loads(call([program, "--describe", *arguments]))
    op_of = {layer["name"]: layer["op"] for layer in description["layers"]}
    arrays = draw_all(description, case)
    expected = train_torch(description, arrays, case, torch.float64)
    found = train_ours(program, arguments, arrays, folder, options.kernels)
    rows = differences(found, expected, op_of)
    print(line(title(case), rows), flush=True)
    if options.rounding:
        single = train_torch(description, arrays, case, torch.float32)
        print(line("  PyTorch in float32", differences(single, expected, op_of)), flush=True)
    wrong = [f"{name}: weight decay is for weights, and for nothing else" for name in check_decays(description)]
    wrong += above_limits(rows, case.limits)
    for complaint in wrong:
        print("    " + complaint)
    return not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built parity_run")
    parser.add_argument("--case", default="", help="only cases whose title contains this")
    parser.add_argument("--kernels", help="avx512, avx2 or portable; the best without")
    parser.add_argument("--rounding", action="store_true", help="also PyTorch in float32")
    options = parser.parse_args()
    torch.set_num_threads(1)
    chosen = [case for case in CASES if options.case in title(case)]
    with tempfile.TemporaryDirectory(prefix="parity-") as folder:
        right = [check_case(options.program, case, folder, options) for case in chosen]
    print(f"{sum(right)} of {len(right)} cases agree with PyTorch {torch.__version__}")
    return 0 if right and all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
