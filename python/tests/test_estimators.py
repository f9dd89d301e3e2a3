"""The estimators agree with verl's, and with those of `otb advantages`."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import torch

from otb_trl import AdvantageBatch, OTBError, advantages, estimators
from otb_trl.estimators import estimator_powers

root = Path(__file__).parents[2]
cases = json.loads((root / "test/data/estimators/verl-advantages.json").read_text())
labels = [(case, label) for case in cases for label in case["advantages"]]


def batch_of(rollouts: dict, dtype: torch.dtype, handle_zero_tail: bool = True) -> AdvantageBatch:
    names = list(dict.fromkeys(rollouts["index"]))
    weights = rollouts.get("rollout_is_weights")
    return AdvantageBatch(
        token_rewards=torch.tensor(rollouts["token_level_rewards"], dtype=dtype),
        mask=torch.tensor(rollouts["response_mask"]),
        groups=torch.tensor([names.index(name) for name in rollouts["index"]]),
        log_probs=torch.tensor(rollouts["old_log_probs"], dtype=dtype),
        sum_pi_squared=torch.tensor(rollouts["sum_pi_squared"], dtype=dtype),
        importance_weights=None if weights is None else torch.tensor(weights, dtype=dtype),
        handle_zero_tail=handle_zero_tail,
    )


def random_rollouts(seed: int) -> dict:
    """Responses of every length, some without an action, groups of one to five, tool tokens within, rewards on the way."""
    random = torch.Generator().manual_seed(seed)
    index, length, vocabulary = [], 17, 23
    for group in range(4):
        index += [f"prompt {group}"] * int(torch.randint(1, 6, (), generator=random))
    batch = len(index)
    index = [index[at] for at in torch.randperm(batch, generator=random).tolist()]
    ends = torch.randint(0, length + 1, (batch, 1), generator=random)
    is_tool = torch.rand(batch, length, generator=random) < 0.3 * (seed % 2)
    mask = (torch.arange(length) < ends) & ~is_tool
    rewards = torch.where(mask & (torch.rand(batch, length, generator=random) < 0.2), torch.randn(batch, length, generator=random), 0.0)
    log_pi = (3 * torch.randn(batch, length, vocabulary, generator=random, dtype=torch.float64)).log_softmax(-1)
    chosen = torch.distributions.Categorical(logits=log_pi).probs.argmax(-1) if seed % 3 == 0 else torch.zeros(batch, length).long()
    return {
        "token_level_rewards": rewards.tolist(),
        "response_mask": mask.int().tolist(),
        "index": index,
        "old_log_probs": log_pi.gather(-1, chosen[..., None])[..., 0].tolist(),
        "sum_pi_squared": log_pi.exp().square().sum(-1).tolist(),
        **({"rollout_is_weights": (torch.rand(batch, length, generator=random) * 2).tolist()} if seed % 4 == 3 else {}),
    }


@pytest.mark.parametrize(("case", "label"), labels, ids=[f"{label} on {case['name']}" for case, label in labels])
def test_advantages_agree_with_verl(case, label):
    estimator = label.removesuffix("_no_zero_tail")
    zero_tail = case["handle_zero_tail"] and estimator == label
    expected = torch.tensor(case["advantages"][label], dtype=torch.float64)
    exact = advantages(estimator, batch_of(case["rollouts"], torch.float64, zero_tail))
    single = advantages(estimator, batch_of(case["rollouts"], torch.float32, zero_tail))
    assert (exact - expected).abs().max() <= 1e-6
    assert single.dtype == torch.float32
    assert (single - expected).abs().max() <= 1e-5


@pytest.mark.skipif(shutil.which("node") is None or not (root / "dist/otb.mjs").exists(), reason="needs node and a build (npm run build)")
@pytest.mark.parametrize("estimator", estimators)
def test_advantages_agree_with_otb_advantages(estimator):
    for seed in range(int(os.environ.get("OTB_TEST_BATCHES", "4"))):
        rollouts = random_rollouts(seed)
        zero_tail = seed % 5 != 4
        request = json.dumps({**rollouts, "handle_zero_tail": zero_tail})
        command = ["node", str(root / "dist/otb.mjs"), "advantages", "--estimator", estimator, "--json"]
        answer = subprocess.run(command, input=request, capture_output=True, text=True, check=True)
        expected = torch.tensor(json.loads(answer.stdout)["advantages"], dtype=torch.float64)
        for dtype, tolerance in ((torch.float64, 1e-9), (torch.float32, 1e-5)):
            found = advantages(estimator, batch_of(rollouts, dtype, zero_tail))
            assert (found - expected).abs().max() <= tolerance * (1 + expected.abs().max()), f"batch {seed} in {dtype}"


@pytest.mark.parametrize("estimator", estimators)
def test_what_padding_and_tool_output_hold_changes_nothing(estimator):
    batch = batch_of(random_rollouts(1), torch.float64)
    unseen = ~batch.mask.bool()
    spoiled = AdvantageBatch(
        batch.token_rewards,
        batch.mask,
        batch.groups,
        batch.log_probs.masked_fill(unseen, float("nan")),
        batch.sum_pi_squared.masked_fill(unseen, float("inf")),
    )
    assert torch.equal(advantages(estimator, batch), advantages(estimator, spoiled))


@pytest.mark.parametrize("estimator", [name for name in estimators if not name.startswith("reinforce_plus_plus")])
def test_a_reward_that_is_nan_reaches_no_other_group(estimator):
    batch = batch_of(cases[0]["rollouts"], torch.float64)
    rewards = batch.token_rewards.clone()
    rewards[0, 0] = float("nan")
    spoiled = AdvantageBatch(rewards, batch.mask, batch.groups, batch.log_probs, batch.sum_pi_squared)
    found = advantages(estimator, spoiled)
    assert found[0].isnan().any()
    assert torch.equal(found[batch.groups != batch.groups[0]], advantages(estimator, batch)[batch.groups != batch.groups[0]])


def test_total_power_is_the_mean_of_squared_advantage_times_energy():
    half = torch.full((2, 1), 0.5)
    batch = AdvantageBatch(torch.tensor([[1.0], [0.0]]), torch.ones(2, 1), torch.tensor([0, 0]), half.log(), half)
    powers = estimator_powers(batch, ["reinforce", "dr_grpo"])
    # Energy 1 − 2·½ + ½ = ½; advantages (1, 0) and (½, −½).
    assert powers["reinforce"].item() == pytest.approx(0.25)
    assert powers["dr_grpo"].item() == pytest.approx(0.125)


def test_an_empty_batch_has_no_advantages():
    empty = torch.zeros(0, 5)
    for estimator in estimators:
        assert advantages(estimator, AdvantageBatch(empty, empty, torch.zeros(0).long(), empty, empty)).shape == (0, 5)


def test_a_wrong_name_is_answered_with_the_nearest_one():
    batch = AdvantageBatch(torch.zeros(1, 1), torch.ones(1, 1), torch.zeros(1).long())
    with pytest.raises(OTBError, match='no estimator "optimal_token". Did you mean "optimal_token_baseline"'):
        advantages("optimal_token", batch)


def test_an_estimator_that_weighs_by_energy_says_what_it_needs():
    batch = AdvantageBatch(torch.zeros(1, 1), torch.ones(1, 1), torch.zeros(1).long())
    with pytest.raises(OTBError, match="weighs responses by energy. Give log_probs and sum_pi_squared"):
        advantages("optimal_token_baseline", batch)
