"""The peer: the optimal token baseline in PyTorch, one thread, driven line by line over standard input and output.

Arguments: a folder with batch.bin (token rewards, log-probabilities and sums of squared probabilities in float32, mask in uint8,
each [batch x length]), batch, length and group size; the members of a group are neighbours. Groups are worked on one after
another, so that what a group needs stays in the cache; that is faster than the whole batch at once.
"""
import json
import sys
import time

import numpy as np
import torch

folder, batch, length, group_size = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(1)

with open(f"{folder}/batch.bin", "rb") as file:
    rewards, log_probs, sum_pi_squared = (torch.from_numpy(np.fromfile(file, np.float32, batch * length)).view(batch, length) for _ in range(3))
    mask = torch.from_numpy(np.fromfile(file, np.uint8, batch * length)).view(batch, length)
advantages = torch.zeros(batch, length)


def optimal_token_baseline(rewards, mask, log_probs, sum_pi_squared, advantages):
    """One group, [group size x length]; writes advantages."""
    mask = mask.float()
    returns = (rewards * mask).flip(1).cumsum(1).flip(1)
    energies = ((1 - 2 * log_probs.exp() + sum_pi_squared) * mask).cumsum(1)
    alive = energies * mask
    baselines = ((returns * alive).sum(0) / (alive.sum(0) + 1e-8)).repeat(len(mask), 1)
    actions, longest = mask.sum(1).topk(2)
    baselines[longest[0], int(actions[1]):int(actions[1]) if actions[0] == actions[1] else None] = 0
    torch.mul(returns - baselines, mask, out=advantages)


print(json.dumps({"version": torch.__version__}), flush=True)
with torch.no_grad():
    for line in sys.stdin:
        if line.strip() == "run":
            start = time.perf_counter()
            for at in range(0, batch, group_size):
                rows = slice(at, at + group_size)
                optimal_token_baseline(rewards[rows], mask[rows], log_probs[rows], sum_pi_squared[rows], advantages[rows])
            print(json.dumps({"milliseconds": (time.perf_counter() - start) * 1000}), flush=True)
        elif line.strip() == "save":
            advantages.numpy().tofile(f"{folder}/advantages.bin")
            print(json.dumps({}), flush=True)
