"""`python -m otb_trl` trains what run.json says, and tells its supervisor."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import model_of_seed_0

from otb_trl import OTBError
from otb_trl.runner import train

root = Path(__file__).parents[2]
small = {
    "per_device_train_batch_size": 8,
    "num_generations": 4,
    "max_completion_length": 6,
    "learning_rate": 0.01,
    "use_cpu": True,
    "gradient_checkpointing": False,
}
rewards = """
def threes(completions, **kwargs):
    return [float(completion.split().count("3")) for completion in completions]
"""


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture
def folder(tmp_path, tokenizer, monkeypatch):
    """A working directory with a model, a dataset and a reward, as the user has them."""
    monkeypatch.chdir(tmp_path)
    model_of_seed_0().save_pretrained("tiny")
    tokenizer.save_pretrained("tiny")
    rows = [{"question": f"{a} + {b} =", "answer": f"#### {a + b}"} for a in range(4) for b in range(4)]
    Path("sums.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    Path("rewards.py").write_text(rewards)
    return tmp_path


@pytest.fixture
def run(folder):
    """Writes run.json as a supervisor does; what is given replaces or adds to the config."""

    def make(trl=None, **given) -> Path:
        config = {
            "name": "sums",
            "trainer": "trl",
            "estimator": "tir_optimal_token_baseline",
            "seed": 1,
            "steps": 2,
            "model": "tiny",
            "dataset": {"path": "sums.jsonl", "prompt": "question"},
            "reward": "rewards.py:threes",
            "tools": [],
            "trl": {**small, **(trl or {})},
            **given,
        }
        config = {key: value for key, value in config.items() if value is not None}
        directory = folder / "run"
        directory.mkdir(exist_ok=True)
        for name in ("control", "checkpoints", "rollouts"):
            (directory / name).mkdir(exist_ok=True)
        record = {key: config[key] for key in ("name", "estimator", "seed") if key in config}
        (directory / "run.json").write_text(json.dumps({**record, "group": "sums", "config": config}))
        return directory

    return make


def test_a_run_is_trained_and_told_to_its_supervisor(run):
    directory = run()
    (directory / "events.jsonl").write_text('{"type":"started"}\n')
    before = (directory / "run.json").read_bytes()
    train(directory, resume=False)
    told = lines(directory / "trainer.jsonl")
    assert [line["step"] for line in told] == [1, 2]
    assert told[0]["data"].keys() >= {"actor/grad_norm", "critic/score/mean", "estimator/dr_grpo/total_power"}
    assert [row["group"] for row in lines(directory / "rollouts/step-000001.jsonl")] == [0, 0, 0, 0, 1, 1, 1, 1]
    # What is the supervisor's is as it left it.
    assert lines(directory / "events.jsonl") == [{"type": "started"}]
    assert (directory / "run.json").read_bytes() == before
    assert not (directory / "exit.json").exists() and not (directory / "metrics.jsonl").exists()
    assert list((directory / "checkpoints").iterdir()) == []
