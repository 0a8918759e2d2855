#!/usr/bin/env python3
"""What accuracy does PyTorch reach with the recipe of docs/TRAINING.md?

MobileNetV2 w0.35 on CIFAR-100 (binary version) as `mulfree train` does it: pad-crop by 4, flip, normalise, resize;
batch 128, Nesterov 0.9, weight decay 4e-5 not on norm and bias, label smoothing 0.1, linear warm-up of 5 epochs from
0.01 to 0.05, cosine to zero; batch norm re-estimated from 64 batches before each evaluation. Appends one line of JSON
per epoch to LOG, and goes on from LOG.pt after an interruption.

    pytorch_train.py DIR PX EPOCHS SEED THREADS LOG [cifar]      cifar: stem and first stage keep the resolution
"""
import json
import math
import os
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn

from mobilenet import mobilenet_v2

folder, log = sys.argv[1], sys.argv[6]
px, epochs, seed, threads = map(int, sys.argv[2:6])
wide = len(sys.argv) > 7
BATCH, RATE, WARMUP, FIRST, DECAY = 128, 0.05, 5, 0.01, 4e-5
torch.set_num_threads(threads)
torch.manual_seed(seed)


def load(name):
    raw = numpy.fromfile(os.path.join(folder, name), numpy.uint8).reshape(-1, 3074)
    return torch.tensor(raw[:, 2:].reshape(-1, 3, 32, 32)), torch.tensor(raw[:, 1].astype("int64"))


def initialise(model):
    """As mulfree: PyTorch's own for convolutions (Kaiming uniform, a = sqrt 5), a narrow normal for the classifier."""
    nn.init.trunc_normal_(model[-1].weight, std=0.02, a=-0.04, b=0.04)
    nn.init.zeros_(model[-1].bias)


train, test = load("train.bin"), load("test.bin")
mean = train[0].float().mean((0, 2, 3), keepdim=True) / 255
deviation = (train[0].float().div(255) - mean).pow(2).mean((0, 2, 3), keepdim=True).sqrt()


def inputs(pictures, augment):
    if augment:
        n = len(pictures)
        padded = F.pad(pictures, (4, 4, 4, 4))
        rows = torch.randint(0, 9, (n, 1)) + torch.arange(32)
        columns = torch.randint(0, 9, (n, 1)) + torch.arange(32)
        flipped = torch.rand(n, 1) < 0.5
        columns = torch.where(flipped, columns.flip(1), columns)
        pictures = padded[torch.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    x = (pictures.float() / 255 - mean) / deviation
    if px != 32:
        x = F.interpolate(x, (px, px), mode="bilinear", antialias=True)
    return x.contiguous(memory_format=torch.channels_last)


def rate_at(step, per_epoch):
    warm, everything = WARMUP * per_epoch, epochs * per_epoch
    if step < warm:
        return FIRST + (RATE - FIRST) * step / warm
    return 0.5 * RATE * (1 + math.cos(math.pi * (step - warm) / (everything - warm)))


def estimate_norms(model):
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    for m in norms:
        m.reset_running_stats()
        m.momentum = None  # the plain average
    model.train()
    with torch.no_grad():
        for chosen in torch.randperm(len(train[0]))[:64 * BATCH].split(BATCH):
            model(inputs(train[0][chosen], False))
    for m in norms:
        m.momentum = 0.1


def evaluate(model):
    model.eval()
    top1 = top5 = loss = 0
    with torch.no_grad():
        for x, labels in zip(test[0].split(BATCH), test[1].split(BATCH)):
            logits = model(inputs(x, False))
            loss += F.cross_entropy(logits, labels, reduction="sum").item()
            best = logits.topk(5).indices == labels[:, None]
            top1 += best[:, 0].sum().item()
            top5 += best.sum().item()
    n = len(test[0])
    return loss / n, top1 / n, top5 / n


model = mobilenet_v2(1 if wide else 2).to(memory_format=torch.channels_last)
initialise(model)
weights = [p for p in model.parameters() if p.dim() > 1]
others = [p for p in model.parameters() if p.dim() == 1]
optimiser = torch.optim.SGD([{"params": weights, "weight_decay": DECAY}, {"params": others}], RATE, 0.9, nesterov=True)
first = 0
if os.path.exists(log + ".pt"):
    saved = torch.load(log + ".pt")
    model.load_state_dict(saved["model"])
    optimiser.load_state_dict(saved["optimiser"])
    torch.set_rng_state(saved["random"])
    first = saved["epoch"]
per_epoch = len(train[0]) // BATCH
for epoch in range(first, epochs):
    begin, total, right = time.time(), 0.0, 0
    model.train()
    for step, chosen in enumerate(torch.randperm(len(train[0]))[:per_epoch * BATCH].split(BATCH)):
        rate = rate_at(epoch * per_epoch + step, per_epoch)
        for group in optimiser.param_groups:
            group["lr"] = rate
        logits = model(inputs(train[0][chosen], True))
        loss = F.cross_entropy(logits, train[1][chosen], label_smoothing=0.1)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        total += loss.item()
        right += (logits.argmax(1) == train[1][chosen]).sum().item()
    estimate_norms(model)
    test_loss, top1, top5 = evaluate(model)
    torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "random": torch.get_rng_state(),
                "epoch": epoch + 1}, log + ".pt.new")
    os.replace(log + ".pt.new", log + ".pt")
    seconds = time.time() - begin
    with open(log, "a") as file:
        file.write(json.dumps({"epoch": epoch + 1, "rate": rate, "loss": total / per_epoch,
                               "top1": right / (per_epoch * BATCH), "test_loss": test_loss, "test_top1": top1,
                               "test_top5": top5, "images_per_s": per_epoch * BATCH / seconds,
                               "seconds": seconds}) + "\n")
