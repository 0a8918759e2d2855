"""MobileNetV2 at width 0.35 in PyTorch, layer for layer that of models/zoo."""
from torch import nn


def mobilenet_v2(early_stride=2, conv=nn.Conv2d):
    """`early_stride` is that of the stem and of the first stage that has one; `conv` makes convolutions."""

    def unit(c, m, k, stride, groups, activation):
        layers = [conv(c, m, k, stride, k // 2, groups=groups, bias=False), nn.BatchNorm2d(m)]
        return layers + ([nn.ReLU6(inplace=True)] if activation else [])

    class Block(nn.Module):
        def __init__(self, c, m, stride, expand):
            super().__init__()
            wide = c * expand
            first = unit(c, wide, 1, 1, 1, True) if expand > 1 else []
            self.body = nn.Sequential(*first, *unit(wide, wide, 3, stride, wide, True),
                                      *unit(wide, m, 1, 1, 1, False))
            self.residual = stride == 1 and c == m

        def forward(self, x):
            return x + self.body(x) if self.residual else self.body(x)

    layers, c = unit(3, 16, 3, early_stride, 1, True), 16
    for expand, m, n, stride in ((1, 8, 1, 1), (6, 8, 2, early_stride), (6, 16, 3, 2), (6, 24, 4, 2),
                                 (6, 32, 3, 1), (6, 56, 3, 2), (6, 112, 1, 1)):
        for i in range(n):
            layers.append(Block(c, m, stride if i == 0 else 1, expand))
            c = m
    layers += [*unit(c, 1280, 1, 1, 1, True), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 100)]
    return nn.Sequential(*layers)
