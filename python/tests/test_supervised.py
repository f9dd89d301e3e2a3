"""`otb run`, `otb stop` and `otb resume` with the Python of these tests: what the command line and the package say to each other."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import model_of_seed_0

otb = Path(__file__).parents[2] / "dist" / "otb.mjs"
node = os.environ.get("OTB_NODE") or shutil.which("node")

pytestmark = [
    pytest.mark.skipif(node is None or not otb.exists(), reason="otb is not built: npm run build"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a process of its own"),
]

# otb itself tells Python where the package is.
environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

rewards = """
def threes(completions, **kwargs):
    return [float(completion.split().count("3")) for completion in completions]

def nothing(completions, **kwargs):
    pass
"""


def lines(file: Path) -> list[dict]:
    """The whole lines of a file that may grow meanwhile."""
    return [json.loads(line) for line in file.read_text().split("\n")[:-1]] if file.exists() else []


def steps(run: Path) -> list[int]:
    return [line["step"] for line in lines(run / "metrics.jsonl")]


def until(condition) -> None:
    deadline = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < deadline, "still not so after three minutes"
        time.sleep(0.1)


@pytest.fixture
def folder(tmp_path, tokenizer):
    model_of_seed_0().save_pretrained(tmp_path / "tiny")
    tokenizer.save_pretrained(tmp_path / "tiny")
    rows = [{"prompt": f"{a} + {b} =", "answer": str(a + b)} for a in range(4) for b in range(4)]
    (tmp_path / "sums.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "rewards.py").write_text(rewards)
    return tmp_path


@pytest.fixture
def command(folder):
    """Runs a command of otb on a config of a tiny model; what is given replaces or adds to that config."""

    def run(*words: str, **given) -> subprocess.CompletedProcess:
        small = {"per_device_train_batch_size": 8, "num_generations": 4, "max_completion_length": 6, "use_cpu": True}
        config = {
            "name": "sums",
            "trainer": "trl",
            "estimators": ["tir_optimal_token_baseline"],
            "seeds": [1],
            "steps": 2,
            "model": "./tiny",
            "dataset": "sums.jsonl",
            "reward": "rewards.py:threes",
            "trl": {**small, "learning_rate": 0.01},
            **given,
        }
        (folder / "sums.otb.json").write_text(json.dumps(config))
        return subprocess.run([node, otb, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)

    return run


def only_run(folder: Path) -> Path:
    (run,) = (folder / ".otb" / "runs").glob("*-s1")
    return run


def test_a_run_is_logged_shown_and_ended(command, folder):
    done = command("run", "sums.otb.json", "--json", "--python", sys.executable)
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["runs"]
    assert (told["process"], told["steps"]) == ("finished", 2)
    run = only_run(folder)
    assert steps(run) == [1, 2]
    data = lines(run / "metrics.jsonl")[0]["data"]
    assert data.keys() >= {"actor/grad_norm", "critic/score/mean", "estimator/opo/total_power", "variance_proxy/proxy2_total_power"}
    (row, *_) = lines(run / "rollouts" / "step-000001.jsonl")
    assert row.keys() >= {"prompt", "response", "reward", "log_probs", "sum_pi_squared", "advantages"}
    assert json.loads((run / "exit.json").read_text())["reason"] == "completed"
    inspected = json.loads(command("inspect", str(run), "--json").stdout)["runs"][0]
    assert (inspected["gradNormKey"], inspected["scoreKey"], inspected["lastStep"]) == ("actor/grad_norm", "critic/score/mean", 2)


def test_a_run_that_is_stopped_goes_on_from_its_last_step(command, folder):
    given = {"steps": 100_000}
    assert command("run", "sums.otb.json", "--detach", "--python", sys.executable, **given).returncode == 0
    run = only_run(folder)
    until(lambda: len(steps(run)) > 2)
    assert command("stop", str(run), **given).returncode == 0
    end = json.loads((run / "exit.json").read_text())
    before = steps(run)
    assert (end["reason"], end["lastStep"], end["code"]) == ("stopped", before[-1], 0)
    assert [checkpoint.name for checkpoint in (run / "checkpoints").glob("checkpoint-*")] == [f"checkpoint-{before[-1]}"]
    resume = [node, otb, "resume", run, "--python", sys.executable]
    resumed = subprocess.Popen(resume, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: len(steps(run)) > len(before) + 1 or resumed.poll() is not None)
    assert command("stop", str(run), **given).returncode == 0
    resumed.wait(60)
    assert steps(run)[: len(before) + 2] == [*before, before[-1] + 1, before[-1] + 2]
    types = [event["type"] for event in lines(run / "events.jsonl")]
    assert types.count("started") == 2 and types.count("checkpoint") == 2


def test_a_run_that_fails_says_what_to_do(command, folder):
    done = command("run", "sums.otb.json", "--json", "--python", sys.executable, reward="rewards.py:nothing")
    (told,) = json.loads(done.stdout)["runs"]
    assert done.returncode == 1 and told["process"] == "failed"
    assert told["message"].startswith("The reward function nothing returned nothing. Let it end with `return` and a list of 8 numbers")
    assert "Traceback" in (only_run(folder) / "stderr.log").read_text()
