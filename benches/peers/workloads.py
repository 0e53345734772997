"""The workloads of the example `workload` in PyTorch: workloads.py [--threads N] [--seconds S] WORKLOAD…

Prints as JSON the median time of each case and the most megabytes that the process had: of a training step in w1 to w7, in w4 and w5 with images stored channels last
as well. The data are numbers of the same sizes; they are not those of the example, which no time depends on.
"""

import argparse
import json
import resource
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F


def mlp(*widths):
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


def convolutional():
    layers = []
    for a, b in [(3, 32), (32, 64), (64, 128)]:
        layers += [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.LSTM(64, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.body(x)[0][:, -1])


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(96, 128), nn.Parameter(torch.randn(64, 128))
        self.blocks = nn.ModuleList(
            nn.ModuleList([nn.LayerNorm(128), nn.Linear(128, 384), nn.Linear(128, 128), nn.LayerNorm(128),
                           nn.Linear(128, 512), nn.Linear(512, 128)])
            for _ in range(2)
        )  # fmt: skip
        self.norm, self.head = nn.LayerNorm(128), nn.Linear(128, 96, bias=False)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions
        for norm1, qkv, out, norm2, up, down in self.blocks:
            heads = qkv(norm1(x)).unflatten(2, (3, 4, 32)).permute(2, 0, 3, 1, 4)
            y = F.scaled_dot_product_attention(*heads, is_causal=True)
            x = x + out(y.transpose(1, 2).flatten(2))
            x = x + down(F.gelu(up(norm2(x))))
        return self.head(self.norm(x)).flatten(0, 1)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3, fused=True)


def workload(name):
    """Model, inputs, targets, loss, optimizer and the bound of the gradient's norm."""
    classes = lambda n, k=10: torch.randint(k, (n,))
    sgd = lambda p, lr, decay=0.0: torch.optim.SGD(p, lr=lr, momentum=0.9, weight_decay=decay, fused=True)
    entropy = nn.CrossEntropyLoss()
    match name:
        case "w1":
            model = mlp(64, 128, 10)
            return model, torch.randn(32, 64), classes(32), entropy, adam(model.parameters()), None
        case "w2":
            model = mlp(784, 512, 256, 10)
            return model, torch.randn(128, 784), classes(128), entropy, adam(model.parameters()), None
        case "w3":
            model, x = mlp(1024, 2048, 2048, 1024), torch.randn(256, 1024)
            return model, x, 0.5 * x.roll(-1, 1), nn.MSELoss(), sgd(model.parameters(), 0.1), None
        case "w4":
            model = lenet()
            return model, torch.randn(64, 1, 28, 28), classes(64), entropy, adam(model.parameters()), None
        case "w5":
            model = convolutional()
            return model, torch.randn(64, 3, 32, 32), classes(64), entropy, sgd(model.parameters(), 0.05, 5e-4), None
        case "w6":
            model = Lstm()
            return model, torch.randn(32, 50, 64), classes(32), entropy, adam(model.parameters()), 1.0
        case "w7":
            model = Gpt()
            rule = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
            return model, torch.randint(96, (16, 64)), classes(1024, 96), entropy, rule, 1.0
    raise SystemExit(f"no such workload: {name}")


def training(workload_name, channels_last):
    """A training step."""
    model, x, y, loss_of, rule, bound = workload(workload_name)
    if channels_last:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    # Half of the time every second class is another one: a loss of zero would end in numbers that are too small to be fast.
    targets = [y, y]
    if y.dtype == torch.long:
        targets[1] = y.clone()
        targets[1][1::2] = (y[1::2] + 1) % 10
    count = 0

    def step():
        nonlocal count
        count += 1
        rule.zero_grad()
        loss = loss_of(model(x), targets[count % 2])
        loss.backward()
        if bound:
            nn.utils.clip_grad_norm_(model.parameters(), bound)
        rule.step()
        return loss.item()

    return step


def update(make, sizes):
    """An optimizer's step over tensors of these sizes."""
    tensors = [nn.Parameter(torch.randn(size)) for size in sizes]
    for tensor in tensors:
        tensor.grad = 0.01 * torch.randn_like(tensor)
    return make(tensors).step


def inference(model, shape):
    x = torch.randn(shape)

    def step():
        with torch.inference_mode():
            return model(x)

    return step


def cross_entropy():
    logits, labels = torch.randn(4096, 1000, requires_grad=True), torch.randint(1000, (4096,))

    def step():
        logits.grad = None
        F.cross_entropy(logits, labels).backward()

    return step


def clipping():
    tensors, bound = [nn.Parameter(torch.zeros(50_000)) for _ in range(200)], 1.0
    for tensor in tensors:
        tensor.grad = 0.01 * torch.randn_like(tensor)

    def step():
        nonlocal bound
        bound *= 0.999
        nn.utils.clip_grad_norm_(tensors, bound)

    return step


def cases(name):
    """The cases of a workload: a name, and what makes the function to measure."""
    if name in ("w4", "w5"):
        yield "step", lambda: training(name, False)
        yield "step, channels last", lambda: training(name, True)
    elif name == "w8":
        o, count = torch.optim, 10_000_000
        rules = {
            "sgd_momentum": lambda p: o.SGD(p, lr=1e-3, momentum=0.9, fused=True),
            "adam": lambda p: o.Adam(p, lr=1e-3, fused=True),
            "adamw": lambda p: o.AdamW(p, lr=1e-3, weight_decay=0.01, fused=True),
            "adagrad": lambda p: o.Adagrad(p, lr=1e-3, fused=True),
            "rmsprop": lambda p: o.RMSprop(p, lr=1e-3),
        }
        for layout, sizes in {"one": [count], "many": [count // 200] * 200}.items():
            for rule, make in rules.items():
                yield f"{rule}/{layout}", lambda make=make, sizes=sizes: update(make, sizes)
    elif name == "w9":
        for batch in (1, 256):
            yield f"mlp/b{batch}", lambda batch=batch: inference(mlp(784, 512, 256, 10), (batch, 784))
        for batch in (1, 256):
            yield f"lenet/b{batch}", lambda batch=batch: inference(lenet(), (batch, 1, 28, 28))
    elif name == "w10":
        yield "ce_4096x1000", cross_entropy
        yield "clip_10m", clipping
    else:
        yield "step", lambda: training(name, False)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--seconds", type=float, default=2.0)
    arguments.add_argument("workloads", nargs="+")
    arguments = arguments.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(7)
    for name in arguments.workloads:
        for case, make in cases(name):
            step = make()
            step()
            end = time.perf_counter() + 0.5
            while time.perf_counter() < end:
                step()
            times, start = [], time.perf_counter()
            while len(times) < 10 or time.perf_counter() - start < arguments.seconds:
                begin = time.perf_counter()
                step()
                times.append(time.perf_counter() - begin)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            row = {"workload": name, "case": case, "median_ns": statistics.median(times) * 1e9, "peak_rss_mb": memory}
            print(json.dumps(row), flush=True)


main()
