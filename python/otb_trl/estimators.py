"""Rewards → advantages, in torch, on any device: the estimators of `otb advantages`, under the same names.

Notation: R, the reward of a response, sums all its token rewards; G_t, the reward to go, only those on action tokens from t on;
w_t = ρ²·(1 − 2π(y_t) + Σ_v π(v)²) is the energy of a token, the squared norm of the gradient of log π(y_t) in the logits; W_t sums it
up to and including t, W(τ) over the trajectory (arXiv 2602.07078). Sums are float64 wherever the device has it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .errors import OTBError


@dataclass(frozen=True)
class AdvantageBatch:
    """A batch of responses, padded at the end. No value on padding or tool output is looked at, save rewards, which count for R."""

    token_rewards: Tensor
    """(batch, tokens) reward of each token."""
    mask: Tensor
    """(batch, tokens) true, or 1, for a token that the policy chose; 0 for tool output and padding."""
    groups: Tensor
    """(batch,) whole numbers, the same for responses to the same prompt."""
    log_probs: Tensor | None = None
    """(batch, tokens) log-probability of each token under the policy; only for estimators that weigh by energy."""
    sum_pi_squared: Tensor | None = None
    """(batch, tokens) Σ_v π(v)² where each token was chosen; only for estimators that weigh by energy."""
    importance_weights: Tensor | None = None
    """(batch, tokens) ρ; None: on policy, all 1."""
    handle_zero_tail: bool = True
    """Token baselines: beyond the second longest response of a group there is nobody to compare with, and the baseline is 0."""


def advantages(estimator: str, batch: AdvantageBatch) -> Tensor:
    """The advantage of every token, (batch, tokens) in the type of the rewards, 0 where the mask is 0.

    A group of one has no baseline. A NaN makes NaN of its group at most, of the whole batch where that is whitened.
    Raises OTBError for a name that is none, and where an estimator that weighs by energy is given no probabilities.
    """
    compute = estimators[checked_name(estimator)]
    if needs_energy(estimator) and (batch.log_probs is None or batch.sum_pi_squared is None):
        raise OTBError(f"{estimator} weighs responses by energy. Give log_probs and sum_pi_squared, both (batch, tokens).")
    if batch.mask.numel() == 0:
        return torch.zeros_like(batch.token_rewards)
    return compute(_precise(batch)).to(batch.token_rewards.dtype)


def checked_name(estimator: str) -> str:
    """The name itself. Raises OTBError, with the nearest name, where there is no such estimator."""
    if estimator in estimators:
        return estimator
    near = difflib.get_close_matches(str(estimator), estimators, n=1, cutoff=0.5)
    guess = f' Did you mean "{near[0]}"?' if near else ""
    raise OTBError(f'There is no estimator "{estimator}".{guess} The estimators are {", ".join(estimators)}.')


def needs_energy(estimator: str) -> bool:
    """Whether an estimator reads log-probabilities and Σπ²."""
    return estimator in ("optimal_trajectory_baseline", "optimal_token_baseline", "tir_optimal_token_baseline")


def reinforce(batch: AdvantageBatch) -> Tensor:
    """A = R: no baseline (Williams, 1992)."""
    return _spread(_rewards(batch), batch)


def dr_grpo(batch: AdvantageBatch) -> Tensor:
    """A = R − mean(R) over the group (Dr. GRPO, arXiv 2503.20783)."""
    rewards, group, sizes = _rewards(batch), *_grouped(batch.groups)
    mean = _sums(rewards, group, sizes) / sizes
    return _spread(torch.where(sizes[group] < 2, rewards, rewards - mean[group]), batch)


def grpo(batch: AdvantageBatch) -> Tensor:
    """A = (R − mean(R)) / (std(R) + 1e-6) over the group, std unbiased; a group of one has mean 0 and std 1 (arXiv 2402.03300)."""
    rewards, group, sizes = _rewards(batch), *_grouped(batch.groups)
    alone = sizes < 2
    mean = torch.where(alone, 0.0, _sums(rewards, group, sizes) / sizes)
    squares = _sums((rewards - mean[group]) ** 2, group, sizes)
    deviation = torch.where(alone, 1.0, (squares / (sizes - 1).clamp(min=1)).sqrt())
    return _spread((rewards - mean[group]) / (deviation[group] + 1e-6), batch)


def rloo(batch: AdvantageBatch) -> Tensor:
    """A = R·N/(N−1) − ΣR/(N−1): R less the mean of the other rewards of the group (RLOO, arXiv 2402.14740)."""
    rewards, group, sizes = _rewards(batch), *_grouped(batch.groups)
    size = sizes[group]
    centred = (rewards * size - _sums(rewards, group, sizes)[group]) / (size - 1).clamp(min=1)
    return _spread(torch.where(size < 2, rewards, centred), batch)


def opo(batch: AdvantageBatch) -> Tensor:
    """A = R − Σ len·R / Σ len over the group, len in action tokens (OPO, arXiv 2505.23585)."""
    return _weighted_baseline(batch, batch.mask.sum(1).to(batch.token_rewards.dtype))


def reinforce_plus_plus(batch: AdvantageBatch) -> Tensor:
    """A_t = G_t whitened over the action tokens of the batch (REINFORCE++, arXiv 2501.03262)."""
    return _whitened(_rewards_to_go(batch), batch.mask)


def reinforce_plus_plus_baseline(batch: AdvantageBatch) -> Tensor:
    """A = R − mean(R) over the group, then whitened over the action tokens of the batch (arXiv 2501.03262)."""
    return _whitened(dr_grpo(batch), batch.mask)


def optimal_trajectory_baseline(batch: AdvantageBatch) -> Tensor:
    """A = R − Σ W(τ)·R / Σ W(τ) over the group, W(τ) the energy of the whole trajectory (arXiv 2602.07078)."""
    return _weighted_baseline(batch, token_energies(batch).sum(1))


def optimal_token_baseline(batch: AdvantageBatch) -> Tensor:
    """A_t = G_t − Σᵢ Gᵢₜ·Wᵢₜ / (Σᵢ Wᵢₜ + 1e-8) over the responses of the group with an action at position t (arXiv 2602.07078)."""
    positions = torch.arange(batch.mask.shape[1], device=batch.mask.device).expand_as(batch.mask)
    return _token_baseline(batch, positions, torch.ones_like(batch.groups))


def tir_optimal_token_baseline(batch: AdvantageBatch) -> Tensor:
    """The same with t counting the action tokens of all turns, so that tool output of different length shifts nothing.

    Responses without an action do not count as members of the group.
    """
    return _token_baseline(batch, (batch.mask.cumsum(1) - 1).clamp(min=0), batch.mask.any(1).to(batch.groups.dtype))


estimators: dict[str, Callable[[AdvantageBatch], Tensor]] = {
    compute.__name__: compute
    for compute in (
        reinforce,
        dr_grpo,
        grpo,
        rloo,
        opo,
        reinforce_plus_plus,
        reinforce_plus_plus_baseline,
        optimal_trajectory_baseline,
        optimal_token_baseline,
        tir_optimal_token_baseline,
    )
}
"""By name. Each takes a batch with a boolean mask; call them through `advantages`, which sees to that."""


def token_energies(batch: AdvantageBatch) -> Tensor:
    """w_t, (batch, tokens); 0 where the mask is 0."""
    energies = 1 - 2 * batch.log_probs.exp() + batch.sum_pi_squared
    if batch.importance_weights is not None:
        energies = energies * batch.importance_weights**2
    return torch.where(batch.mask.bool(), energies, 0.0)


def estimator_powers(batch: AdvantageBatch, names: Iterable[str] = tuple(estimators)) -> dict[str, Tensor]:
    """mean(Ā²·W(τ)) under each estimator, Ā the mean advantage over the action tokens of a response: the squared gradient norm of one
    trajectory, signal and noise, that each would have had on these rollouts (verl's `variance_proxy/proxy2_total_power`).

    Scalars on the batch's device. With importance weights, mean(ρ̄²·Ā²·W(τ)) with ρ̄ their mean and W(τ) without them.
    """
    batch = _precise(batch)
    count = batch.mask.sum(1).to(batch.token_rewards.dtype) + 1e-8
    norms = token_energies(replace(batch, importance_weights=None)).sum(1).clamp(min=0)
    if batch.importance_weights is not None:
        norms = norms * (torch.where(batch.mask, batch.importance_weights, 0.0).sum(1) / count) ** 2
    return {name: ((estimators[checked_name(name)](batch).sum(1) / count) ** 2 * norms).mean() for name in names}


def _precise(batch: AdvantageBatch) -> AdvantageBatch:
    """The same in float64, save on Apple's GPUs, which have none; with a boolean mask and without gradient."""
    dtype = torch.float32 if batch.token_rewards.device.type == "mps" else torch.float64
    exact = {
        name: None if (value := getattr(batch, name)) is None else value.detach().to(dtype)
        for name in ("token_rewards", "log_probs", "sum_pi_squared", "importance_weights")
    }
    return replace(batch, mask=batch.mask.bool(), **exact)


def _rewards(batch: AdvantageBatch) -> Tensor:
    return batch.token_rewards.sum(1)


def _rewards_to_go(batch: AdvantageBatch) -> Tensor:
    """G_t, (batch, tokens). From the front, so that a NaN anywhere makes NaN of the whole response."""
    rewards = torch.where(batch.mask, batch.token_rewards, 0.0)
    return rewards.sum(1, keepdim=True) - (rewards.cumsum(1) - rewards)


def _spread(values: Tensor, batch: AdvantageBatch) -> Tensor:
    return torch.where(batch.mask, values[:, None], 0.0)


def _grouped(groups: Tensor) -> tuple[Tensor, Tensor]:
    """Group numbers counted from 0, (batch,), and the size of each group."""
    _, group, sizes = groups.unique(return_inverse=True, return_counts=True)
    return group, sizes


def _sums(values: Tensor, group: Tensor, sizes: Tensor) -> Tensor:
    """Σ over each group. Not by a product with zeros and ones, through which a NaN would reach the other groups."""
    return values.new_zeros(len(sizes)).index_add_(0, group, values)


def _weighted_baseline(batch: AdvantageBatch, weights: Tensor) -> Tensor:
    rewards, group, sizes = _rewards(batch), *_grouped(batch.groups)
    total = _sums(weights, group, sizes)
    baseline = torch.where(total == 0, 0.0, _sums(weights * rewards, group, sizes) / total)
    return _spread(torch.where(sizes[group] < 2, rewards, rewards - baseline[group]), batch)


def _whitened(values: Tensor, mask: Tensor) -> Tensor:
    """Centred and scaled by mean and unbiased variance over the action tokens; zeros where there are fewer than two. Epsilons: verl's."""
    count = mask.sum().to(values.dtype)
    mean = torch.where(mask, values, 0.0).sum() / (count + 1e-8)
    centred = torch.where(mask, values - mean, 0.0)
    variance = (centred**2).sum() / (count + 1e-8) * count / (count - 1).clamp(min=1)
    return torch.where(mask & (count >= 2), centred * (variance + 1e-8).rsqrt(), 0.0)


def _token_baseline(batch: AdvantageBatch, positions: Tensor, counts_as_member: Tensor) -> Tensor:
    """G_t − B_t. `positions`: (batch, tokens) t of each token; `counts_as_member`: (batch,) 1 for responses that make up the group."""
    mask, length = batch.mask, batch.mask.shape[1]
    group, sizes = _grouped(batch.groups)
    to_go = _rewards_to_go(batch)
    energies = token_energies(batch).cumsum(1)
    cells = (group[:, None] * length + positions)[mask]

    def summed(values: Tensor) -> Tensor:
        return values.new_zeros(len(sizes) * length).index_add_(0, cells, values[mask])

    baselines = summed(to_go * energies) / (summed(energies) + 1e-8)
    baseline = torch.where(mask, baselines[group[:, None] * length + positions], 0.0)
    compared = positions < _baseline_ends(batch, group, sizes, counts_as_member)[:, None]
    return torch.where(mask, torch.where(compared, to_go - baseline, to_go), 0.0)


def _baseline_ends(batch: AdvantageBatch, group: Tensor, sizes: Tensor, counts_as_member: Tensor) -> Tensor:
    """(batch,) where the token baseline of each response ends: with the row, save for the zero tail and for a response that is alone."""
    counts, length = batch.mask.sum(1), batch.mask.shape[1]
    longest = counts.new_zeros(len(sizes)).scatter_reduce_(0, group, counts, "amax")[group]
    is_longest = counts == longest
    number_of_longest = counts.new_zeros(len(sizes)).index_add_(0, group, is_longest.to(counts.dtype))[group]
    others = torch.where(is_longest, 0, counts)
    second = counts.new_zeros(len(sizes)).scatter_reduce_(0, group, others, "amax")[group]
    members = counts.new_zeros(len(sizes)).index_add_(0, group, counts_as_member.to(counts.dtype))[group]
    ends = torch.full_like(counts, length)
    if batch.handle_zero_tail:
        ends = torch.where(is_longest & (number_of_longest == 1), second, ends)
    return torch.where(members < 2, 0, ends)
