"""OTBCallback writes a run that `otb inspect` reads, whatever becomes of the process."""

import json
import os
import shutil
import signal
import subprocess
import sys
from itertools import accumulate
from pathlib import Path

import pytest
from conftest import count_of_threes
from transformers import Trainer, TrainerCallback, TrainingArguments
from trl import GRPOTrainer

from otb_trl import OTBCallback, OTBError, OTBTrainer, estimators

root = Path(__file__).parents[2]
can_inspect = shutil.which("node") is not None and (root / "dist/otb.mjs").exists()
needs_build = pytest.mark.skipif(not can_inspect, reason="needs node and a build (npm run build)")


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def exit_of(run: Path) -> dict:
    return json.loads((run / "exit.json").read_text())


def inspected(run: Path) -> dict:
    command = ["node", str(root / "dist/otb.mjs"), "inspect", "--json", str(run)]
    (found,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["runs"]
    return found


@pytest.fixture
def train(model, tokenizer, dataset, config, tmp_path):
    """Trains with a callback that writes to the folder `run`, which it returns."""

    def start(*callbacks, estimator="tir_optimal_token_baseline", **given):
        run = tmp_path / "run"
        ours = OTBCallback(run, name="threes", rollouts_every=2, rollouts_per_step=6)
        trainer = OTBTrainer(
            model,
            count_of_threes,
            config(**given),
            dataset,
            processing_class=tokenizer,
            estimator=estimator,
            callbacks=[ours, *callbacks],
        )
        trainer.train()
        return run

    return start


def test_a_run_is_told_step_by_step_under_the_names_of_verl(train):
    run = train(logging_steps=10)
    metrics = lines(run / "metrics.jsonl")
    assert [line["step"] for line in metrics] == [1, 2, 3]
    for name in ("actor/grad_norm", "actor/pg_loss", "actor/lr", "actor/entropy", "critic/score/mean", "response_length/mean"):
        assert all(isinstance(line["data"][name], float) for line in metrics), name
    assert all(f"estimator/{name}/total_power" in metrics[0]["data"] for name in estimators)
    assert [(event["type"], event["step"]) for event in lines(run / "events.jsonl")] == [("started", 0), ("finished", 3)]
    assert exit_of(run)["reason"] == "completed"
    assert sorted(file.name for file in run.iterdir()) == [
        "checkpoints",
        "control",
        "events.jsonl",
        "exit.json",
        "metrics.jsonl",
        "rollouts",
        "run.json",
    ]


@needs_build
def test_otb_inspect_reads_the_run(train):
    found = inspected(train())
    assert (found["steps"], found["lastStep"], found["malformedLines"]) == (3, 3, 0)
    assert (found["gradNormKey"], found["scoreKey"]) == ("actor/grad_norm", "critic/score/mean")
    assert (found["estimator"], found["seed"], found["process"]) == ("tir_optimal_token_baseline", 7, "finished")


def test_rollouts_say_what_each_token_was_worth(train):
    run = train()
    assert sorted(file.name for file in (run / "rollouts").iterdir()) == ["step-000001.jsonl", "step-000002.jsonl"]
    rows = lines(run / "rollouts/step-000001.jsonl")
    assert [row["group"] for row in rows] == [0, 0, 0, 0, 1, 1]
    for row in rows:
        assert row["prompt"][1] == "+"
        assert len(row["response"]) == len(row["log_probs"]) == len(row["realized_energy"])
        assert row["advantages"].keys() == set(estimators)
        assert row["advantages"]["reinforce"] == pytest.approx(row["reward"], abs=1e-5)
        for log_prob, squares, energy in zip(row["log_probs"], row["sum_pi_squared"], row["realized_energy"], strict=True):
            assert log_prob < 0 < squares < 1
            assert energy >= 0
        assert row["accumulated_energy"] == pytest.approx(list(accumulate(row["realized_energy"])), rel=1e-5)
    group = [row for row in rows if row["group"] == 0]
    assert sum(row["advantages"]["dr_grpo"] for row in group) == pytest.approx(0, abs=1e-4)


def test_settings_are_recorded_and_secrets_are_not(train, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["train.py", "--hub-token", "hush1", "--api_key=hush2", "--seed", "7"])
    run = train(hub_token="hush3", model_init_kwargs={"token": "hush4"})
    text = (run / "run.json").read_text()
    assert "hush" not in text
    record = json.loads(text)
    assert record["command"][1:] == ["train.py", "--hub-token", "…", "--api_key=…", "--seed", "7"]
    assert record["config"]["trl"]["num_generations"] == 4


class Asking(TrainerCallback):
    """Puts a request into the run directory at a step."""

    def __init__(self, run, what, at):
        self.file, self.at = run / "control" / what, at

    def on_step_begin(self, args, state, control, **_):
        if state.global_step == self.at:
            self.file.touch()


def test_a_request_to_stop_ends_the_training_after_the_step(train, tmp_path):
    run = train(Asking(tmp_path / "run", "stop", 1), max_steps=50)
    assert exit_of(run) | {"time": 0} == {
        "code": 0,
        "signal": None,
        "lastStep": 2,
        "reason": "stopped",
        "message": "Stopped after step 2, as asked by control/stop.",
        "time": 0,
    }
    assert [line["step"] for line in lines(run / "metrics.jsonl")] == [1, 2]


def test_a_request_for_a_checkpoint_is_met_and_taken_back(train, tmp_path):
    run = train(Asking(tmp_path / "run", "checkpoint", 1), save_only_model=True)
    (saved,) = [event for event in lines(run / "events.jsonl") if event["type"] == "checkpoint"]
    assert saved["step"] == 2
    assert (Path(saved["data"]["path"]) / "model.safetensors").exists()
    assert list((run / "control").iterdir()) == []


def test_a_directory_that_holds_a_run_is_not_written_over(train):
    run = train()
    before = (run / "run.json").read_bytes()
    with pytest.raises(OTBError, match="holds a run already. Choose another directory"):
        train()
    assert (run / "run.json").read_bytes() == before


def test_a_disk_that_fails_does_not_end_the_training(train, tmp_path, capsys):
    class Removing(TrainerCallback):
        def on_step_begin(self, args, state, control, **_):
            if state.global_step == 1:
                shutil.rmtree(tmp_path / "run")

    train(Removing())
    assert "can no longer be written" in capsys.readouterr().err


def test_a_training_that_was_given_up_is_told_when_the_next_one_begins(model, tokenizer, dataset, config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ours, trainers = OTBCallback(name="threes"), []
    for reward in (lambda completions, **_: None, count_of_threes):
        made = {"processing_class": tokenizer, "callbacks": [ours]}
        trainers.append(OTBTrainer(model, reward, config(max_steps=1), dataset, **made))
    with pytest.raises(OTBError):
        trainers[0].train()
    trainers[1].train()
    first, second = sorted((tmp_path / ".otb/runs").iterdir())
    assert (exit_of(first)["reason"], exit_of(first)["message"]) == ("failed", "The training was given up after step 0.")
    assert exit_of(second)["reason"] == "completed"


def test_trl_itself_is_watched_too_under_the_name_of_what_it_does(model, tokenizer, dataset, config, tmp_path):
    run = tmp_path / "run"
    settings = config(max_steps=1, scale_rewards="none")
    GRPOTrainer(model, count_of_threes, settings, dataset, processing_class=tokenizer, callbacks=[OTBCallback(run)]).train()
    assert json.loads((run / "run.json").read_text())["estimator"] == "dr_grpo"
    assert lines(run / "metrics.jsonl")[0]["data"].keys() >= {"actor/grad_norm", "critic/score/mean"}


def test_any_trainer_of_hugging_face_will_do(model, tmp_path):
    rows = [{"input_ids": [3, 13, 4, 14], "labels": [3, 13, 4, 14], "attention_mask": [1] * 4}] * 8
    settings = {"output_dir": str(tmp_path / "output"), "max_steps": 2, "report_to": "none", "use_cpu": True, "save_strategy": "no"}
    run = tmp_path / "run"
    Trainer(model, TrainingArguments(**settings, disable_tqdm=True), train_dataset=rows, callbacks=[OTBCallback(run)]).train()
    assert [line["step"] for line in lines(run / "metrics.jsonl")] == [1, 2]
    assert lines(run / "metrics.jsonl")[0]["data"]["actor/grad_norm"] > 0


script = """
import sys, time
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from otb_trl import OTBCallback

# The loop of a trainer, without a model.
args, control = TrainingArguments("output", report_to="none", use_cpu=True), TrainerControl()
state = TrainerState(max_steps=1000, is_world_process_zero=True)
ours = OTBCallback(sys.argv[1])
ours.on_train_begin(args, state, control)
while not control.should_training_stop:
    state.global_step += 1
    ours.on_log(args, state, control, logs={"grad_norm": 1.0, "loss": float("nan")})
    ours.on_step_end(args, state, control)
    print(state.global_step, flush=True)
    if sys.argv[2:] == [str(state.global_step)]:
        raise RuntimeError("out of memory\\nmore")
    time.sleep(0.01)
ours.on_train_end(args, state, control)
"""


def started(run: Path, *arguments: str) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(root / "python")}
    command = [sys.executable, "-c", script, str(run), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=run.parent)


def test_a_kill_loses_nothing_that_was_logged(tmp_path):
    run = tmp_path / "run"
    with started(run) as process:
        while int(process.stdout.readline()) < 5:
            pass
        if can_inspect:
            assert inspected(run)["process"] == "running"
        process.kill()
        rest = process.stdout.read().split()
    said = int(rest[-1]) if rest else 5
    metrics = lines(run / "metrics.jsonl")
    assert [line["step"] for line in metrics][:said] == list(range(1, said + 1))
    assert metrics[0]["data"] == {"actor/grad_norm": 1.0, "actor/pg_loss": "NaN", "variance_proxy/proxy1_signal_strength": 1.0}
    assert not (run / "exit.json").exists()
    if can_inspect:
        assert inspected(run)["process"] == "lost"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_sigterm_is_a_request_to_stop(tmp_path):
    run = tmp_path / "run"
    with started(run) as process:
        while int(process.stdout.readline()) < 3:
            pass
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 0
    assert (exit_of(run)["reason"], exit_of(run)["signal"]) == ("stopped", "SIGTERM")


def test_an_exception_is_told_in_one_sentence(tmp_path):
    run = tmp_path / "run"
    with started(run, "3") as process:
        process.communicate()
    record = exit_of(run)
    assert (record["reason"], record["lastStep"], record["code"]) == ("failed", 3, 1)
    assert record["message"] == "RuntimeError: out of memory"
