"""The peer: the same policy and the same step in PyTorch, driven line by line over standard input and output.

The first line is a JSON object: threads, compiled (whether through torch.compile), heads, tensors [{name, shape}], sequences, length, and
file, which holds the tensors (float32), the tokens (int32, sequences x length) and the advantages (float32, sequences) one after another.
Every later line names an operation; its answer is a line of JSON.
"""
import json
import resource
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

setup = json.loads(sys.stdin.readline())
torch.set_num_threads(setup["threads"])
heads, sequences, length = setup["heads"], setup["sequences"], setup["length"]

with open(setup["file"], "rb") as file:
    parameters = {}
    for tensor in setup["tensors"]:
        values = np.fromfile(file, np.float32, int(np.prod(tensor["shape"]))).reshape(tensor["shape"])
        parameters[tensor["name"]] = torch.tensor(values, requires_grad=True)
    tokens = torch.tensor(np.fromfile(file, np.int32, sequences * length).astype(np.int64)).view(sequences, length)
    advantages = torch.tensor(np.fromfile(file, np.float32, sequences))

layers = sum(name.endswith(".norm1.weight") for name in parameters)
width = parameters["norm.weight"].shape[0]
head_width = width // heads
optimizer = torch.optim.Adam(parameters.values(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, fused=True)


def linear(x, name):
    return torch.addmm(parameters[name + ".bias"], x, parameters[name + ".weight"])


def norm(x, name):
    return F.layer_norm(x, (width,), parameters[name + ".weight"], parameters[name + ".bias"], 1e-5)


def block(x, layer, attention):
    """x: [n, width]; attention: (q, k, v), each [n, width] -> [n, width]."""
    name = f"layers.{layer}."
    x = x + linear(attention(*linear(norm(x, name + "norm1"), name + "attention.qkv").split(width, 1)), name + "attention.output")
    return x + linear(F.gelu(linear(norm(x, name + "norm2"), name + "mlp.up"), approximate="tanh"), name + "mlp.down")


def compiled(function):
    return torch.compile(function, dynamic=False) if setup["compiled"] else function


@compiled
def loss_of(batch, weights):
    """Mean over [rows, T] of -weight x log-probability of the next token."""
    inputs = batch[:, :-1]
    rows, T = inputs.shape

    def split(x):
        return x.view(rows, T, heads, head_width).transpose(1, 2)

    def attention(q, k, v):
        return F.scaled_dot_product_attention(split(q), split(k), split(v), is_causal=True).transpose(1, 2).reshape(-1, width)

    x = (parameters["token.weight"][inputs] + parameters["position.weight"][:T]).view(-1, width)
    for layer in range(layers):
        x = block(x, layer, attention)
    logits = norm(x, "norm") @ parameters["head.weight"]
    losses = F.cross_entropy(logits, batch[:, 1:].reshape(-1), reduction="none").view(rows, T)
    return (losses * weights[:, None]).mean()


def backward(batch, weights):
    loss = loss_of(batch, weights)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    return loss


def agreement():
    loss = backward(tokens, advantages)
    return {"loss": loss.item(), "gradNorm": torch.stack([p.grad.norm() for p in parameters.values()]).norm().item()}


def next_tokens(batch, t, token, attention_of):
    """Feeds the tokens at position t, an index or a tensor with one; draws those at t + 1. attention_of(layer): (q, k, v) -> [sequences, width]."""
    x = token + parameters["position.weight"][t]
    for layer in range(layers):
        x = block(x, layer, attention_of(layer))
    batch[:, t + 1] = torch.multinomial(torch.softmax(norm(x, "norm") @ parameters["head.weight"], -1), 1).view(batch[:, t + 1].shape)


def next_eager(batch, cache, t):
    """Attends to the keys that there are: the fastest of the eager ways that were tried, scaled_dot_product_attention among them."""

    def attention_of(layer):
        keys, values = cache[layer]

        def attention(q, k, v):
            keys[:, :, t] = k.view(sequences, heads, head_width)
            values[:, :, t] = v.view(sequences, heads, head_width)
            scores = (keys[:, :, : t + 1] @ q.reshape(sequences, heads, head_width, 1))[..., 0] * head_width**-0.5
            return (torch.softmax(scores, -1)[:, :, None] @ values[:, :, : t + 1]).reshape(sequences, width)

        return attention

    next_tokens(batch, t, parameters["token.weight"][batch[:, t]], attention_of)


@compiled
def next_compiled(batch, cache, t):
    """Attends to all keys that there will ever be, behind a mask, so that no shape changes; t: a tensor with the position."""

    def attention_of(layer):
        keys, values = cache[layer]

        def attention(q, k, v):
            keys.index_copy_(2, t, k.view(sequences, heads, 1, head_width))
            values.index_copy_(2, t, v.view(sequences, heads, 1, head_width))
            mask = (torch.arange(keys.shape[2]) <= t)[None]
            return F.scaled_dot_product_attention(q.view(sequences, heads, 1, head_width), keys, values, attn_mask=mask).reshape(sequences, width)

        return attention

    next_tokens(batch, t, parameters["token.weight"][batch.index_select(1, t)[:, 0]], attention_of)


@torch.no_grad()
def sample():
    """[sequences, length] tokens after a start token 0, with a cache of keys and values."""
    T = length - 1
    cache = [(torch.zeros(sequences, heads, T, head_width), torch.zeros(sequences, heads, T, head_width)) for _ in range(layers)]
    batch = torch.zeros(sequences, length, dtype=torch.long)
    for t in range(T):
        next_compiled(batch, cache, torch.tensor([t])) if setup["compiled"] else next_eager(batch, cache, t)
    return batch


def update(batch, weights):
    backward(batch, weights)
    optimizer.step()


def step():
    batch = sample()
    rewards = torch.rand(sequences)
    update(batch, rewards - rewards.mean())


def timed(work, *arguments):
    start = time.perf_counter()
    work(*arguments)
    return {"seconds": time.perf_counter() - start}


def answer(operation):
    if operation == "agreement":
        return agreement()
    if operation == "sample":
        return timed(sample)
    if operation == "update":
        return timed(update, tokens, advantages)
    if operation == "step":
        return timed(step)
    if operation == "memory":
        return {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    raise ValueError(operation)


def gigaflops():
    """Speed of a matrix product of the size of the policy's; it tells a tuned BLAS from a reference one."""
    a, b = torch.randn(8192, 64), torch.randn(64, 256)
    seconds = min(timed(torch.mm, a, b)["seconds"] for _ in range(10))
    return 2 * 8192 * 64 * 256 / seconds / 1e9


print(json.dumps({"version": torch.__version__, "gigaflops": gigaflops()}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(line.strip())), flush=True)
