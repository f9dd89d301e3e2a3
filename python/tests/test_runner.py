"""`python -m otb_trl` trains what run.json says, and tells its supervisor."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import model_of_seed_0
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig
from trl.chat_template_utils import qwen2_5_chat_template

from otb_trl import OTBError, OTBTrainer, estimators, runner
from otb_trl.models import bytes_needed, hub_problem
from otb_trl.run_config import read_run


def train(directory: Path, resume: bool = False) -> None:
    runner.train(read_run(directory), resume)


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

def places(completions, **kwargs):
    return [float(at % 4) for at in range(len(completions))]
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
    train(directory)
    told = lines(directory / "trainer.jsonl")
    assert [line["step"] for line in told] == [1, 2]
    assert told[0]["data"].keys() >= {"actor/grad_norm", "critic/score/mean", "estimator/dr_grpo/total_power"}
    assert [row["group"] for row in lines(directory / "rollouts/step-000001.jsonl")] == [0, 0, 0, 0, 1, 1, 1, 1]
    # What is the supervisor's is as it left it.
    assert lines(directory / "events.jsonl") == [{"type": "started"}]
    assert (directory / "run.json").read_bytes() == before
    assert not (directory / "exit.json").exists() and not (directory / "metrics.jsonl").exists()
    assert list((directory / "checkpoints").iterdir()) == []


asking = """
import os, pathlib, signal
calls = 0

def score(completions, **kwargs):
    global calls
    calls += 1
    if calls == 2:
        ASK
    return [float(completion.split().count("3")) for completion in completions]
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
@pytest.mark.parametrize(("given", "is_kept"), [({}, True), ({"save_strategy": "no"}, False)], ids=["by default", "save_strategy no"])
def test_the_model_of_a_run_that_is_complete_is_kept(given, is_kept, run):
    directory = run(given, reward="rewards.py:places")
    train(directory)
    kept = directory / "model"
    assert kept.exists() is is_kept
    if is_kept:
        AutoTokenizer.from_pretrained(kept)
        trained = AutoModelForCausalLM.from_pretrained(kept).state_dict()
        assert any(not torch.equal(value, trained[name]) for name, value in model_of_seed_0().state_dict().items())


def test_a_signal_ends_the_training_after_the_step_with_a_checkpoint_to_resume_from(run):
    Path("asking.py").write_text(asking.replace("ASK", "os.kill(os.getpid(), signal.SIGINT)"))
    directory = run(reward="asking.py:score", steps=4)
    train(directory)
    assert [line["step"] for line in lines(directory / "trainer.jsonl")] == [1, 2]
    (saved,) = lines(directory / "events.jsonl")
    assert (saved["type"], saved["step"]) == ("checkpoint", 2)
    assert (Path(saved["data"]["path"]) / "model.safetensors").exists()
    # A checkpoint that was being written when the process was killed is no place to go on from.
    (directory / "checkpoints/checkpoint-3").mkdir()
    train(directory, resume=True)
    assert [line["step"] for line in lines(directory / "trainer.jsonl")] == [1, 2, 3, 4]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_checkpoint_that_is_asked_for_is_saved_and_the_training_goes_on(run):
    Path("asking.py").write_text(asking.replace("ASK", 'pathlib.Path("run/control/checkpoint").touch()'))
    directory = run(reward="asking.py:score", steps=3)
    train(directory)
    assert [(event["type"], event["step"]) for event in lines(directory / "events.jsonl")] == [("checkpoint", 2)]
    assert [line["step"] for line in lines(directory / "trainer.jsonl")] == [1, 2, 3]
    assert list((directory / "control").iterdir()) == []


hanging = """
import sys, time
from transformers import TrainerControl, TrainerState, TrainingArguments
from otb_trl import OTBCallback

ours = OTBCallback(sys.argv[1], attached=True)
ours.on_train_begin(TrainingArguments("output", report_to="none", use_cpu=True), TrainerState(is_world_process_zero=True), TrainerControl())
print("begun", flush=True)
while ours._signal is None:
    time.sleep(0.01)
print("asked", flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_second_signal_ends_a_step_that_does_not(folder):
    (folder / "run").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(root / "python")}
    command = [sys.executable, "-c", hanging, "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        for said, number in (("begun\n", signal.SIGTERM), ("asked\n", signal.SIGINT)):
            assert process.stdout.readline() == said
            process.send_signal(number)
    assert process.returncode == -signal.SIGINT


def test_the_last_line_of_the_log_says_what_is_wrong_and_what_to_do(run):
    directory = run(dataset="elsewhere.jsonl")
    environment = {**os.environ, "PYTHONPATH": str(root / "python")}
    done = subprocess.run([sys.executable, "-m", "otb_trl", directory], capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1] == (
        f'otb_trl.errors.OTBError: "dataset" names elsewhere.jsonl, and there is no such file in {Path.cwd()}. Correct the path.'
    )


def test_the_number_of_the_answer_is_a_reward_of_its_own_or_beside_others(run):
    directory = run(reward=["number", "rewards.py:threes"])
    train(directory)
    assert lines(directory / "trainer.jsonl")[0]["data"].keys() >= {"rewards/number/mean", "rewards/threes/mean"}


def test_an_error_of_the_users_own_code_stays_what_it_is(run):
    # Even where it is TRL that refuses it something.
    Path("own.py").write_text("from trl import GRPOConfig\ndef score(completions, **kwargs):\n    GRPOConfig('x', bf16=False, num_generations=3)\n")
    with pytest.raises(ValueError, match="must be divisible by num_generations") as caught:
        train(run(reward="own.py:score"))
    assert not isinstance(caught.value, OTBError)


def test_steps_without_any_reward_are_logged(run):
    Path("own.py").write_text("def score(completions, **kwargs): return [None] * len(completions)\n")
    directory = run(reward="own.py:score")
    train(directory)
    assert [line["step"] for line in lines(directory / "trainer.jsonl")] == [1, 2]


@pytest.mark.parametrize("place", ["load", "reward"])
def test_code_that_leaves_the_process_is_no_end_of_the_training(place, run):
    Path("own.py").write_text(f"import sys\nif {place == 'load'}: sys.exit(0)\ndef score(completions, **kwargs): sys.exit(0)\n")
    with pytest.raises(OTBError, match=r"own.py ends the training with sys.exit\(0\) at line [23]. Let it raise an exception, or go on."):
        train(run(reward="own.py:score"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"trl": {"lerning_rate": 1}}, 'has no setting "lerning_rate" for "trl". Did you mean "learning_rate"?'),
        ({"trl": {"seed": 1}}, '"seed" has no place under "trl". Write "seeds" instead.'),
        ({"trl": {"learning_rate": "fast"}}, '"learning_rate" under "trl" is "fast". Give a number there.'),
        ({"trl": {"num_generations": 3}}, "must be divisible by num_generations (3). Change them there."),
        ({"trl": {"loss_type": "none"}}, 'TRL refuses the settings under "trl": Unknown loss type: none. Change them there.'),
        ({"trl": {"num_generations": 0}}, '"num_generations" under "trl" is 0. Give a number from 1 there.'),
        ({"trl": {"per_device_train_batch_size": 0}}, '"per_device_train_batch_size" under "trl" is 0. Give a number from 1 there.'),
        ({"trl": {"learning_rate": -1}}, 'TRL refuses the settings under "trl": Invalid learning rate: -1. Change them there.'),
        ({"trl": {"dataloader_num_workers": -1}}, 'TRL refuses the settings under "trl": num_workers option should be non-negative'),
        ({"trl": {"push_to_hub": True}}, '"push_to_hub" under "trl" needs a repository on the Hub: Cannot reach'),
        ({"trl": {"learning_rate": 1e300, "max_grad_norm": 0}}, "The model's probabilities are no numbers any more:"),
        ({"trl": {"eval_strategy": "steps"}}, 'TRL refuses the settings under "trl":'),
        ({"estimator": "grp"}, 'Did you mean "grpo"?'),
        ({"model": "./gone"}, '"model" names ./gone, and there is no such folder in'),
        ({"model": "."}, "which has no config.json. Name one that save_pretrained wrote."),
        ({"model": "Qwen/Qwen2.5-0.5B-Instruct-none"}, "and the Hub cannot be reached. Correct the path, or connect to the internet without the"),
        ({"model": {"kind": "scratch"}}, 'which goes only with "dataset": "ledger"'),
        ({"dataset": "sums.jsonl"}, 'no column "prompt". Its columns are question, answer: name one as "prompt"'),
        ({"dataset": "nobody/none"}, '"dataset" names nobody/none, which is no folder in'),
        ({"reward": "ledger"}, '"ledger" is only for "dataset": "ledger".'),
        ({"reward": "gone.py:threes"}, '"reward" names gone.py, which is no file in'),
        ({"reward": "rewards.py:fours"}, '"reward" names fours in rewards.py, which has no such function. It has threes, places.'),
        ({"tools": ["calculator"]}, "The tokenizer has no chat template, so that the model cannot call tools."),
        ({"steps": "many"}, '"steps" is "many". Give the number of steps'),
        ({"model": None}, '"model" is missing. Give a Hub id'),
    ],
    ids=lambda value: None if isinstance(value, str) else json.dumps(value),
)
def test_what_is_wrong_is_said_in_a_sentence(given, sentence, run):
    with pytest.raises(OTBError) as caught:
        train(run(**given))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def changed(model: str, file: str, **values) -> str:
    """The folder of a model like the tiny one, but for some entries of a file."""
    Path("tiny").rename(model)
    path = Path(model, file)
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    return model


@pytest.mark.parametrize(
    ("file", "values", "sentence"),
    [
        ("config.json", {"architectures": ["Qwen2Model"]}, "a Qwen2Model, which is no causal language model"),
        ("config.json", {"architectures": None}, 'whose config.json says nothing under "architectures"'),
        ("tokenizer_config.json", {"pad_token": "<padding>"}, "<padding>, is number 20, and the model knows 20 tokens, from 0."),
        ("tokenizer_config.json", {"eos_token": None}, "has no end-of-sequence token"),
    ],
    ids=["no language model", "no architecture", "a padding token beyond the vocabulary", "no end"],
)
def test_a_model_that_cannot_be_trained_is_refused_before_it_is_loaded(file, values, sentence, run):
    with pytest.raises(OTBError, match=sentence):
        train(run(model=changed("other", file, **values)))


def test_what_the_hub_refuses_is_told_with_what_to_do():
    def said(kind: type[Exception]) -> str:
        error = OSError("the wrapper's own words")
        # Made without the answer of a server that it is usually made from.
        error.__cause__ = kind.__new__(kind)
        return str(hub_problem("model", "meta/x", error))

    assert said(GatedRepoError).endswith("Ask for it at https://huggingface.co/meta/x, then run: hf auth login")
    assert "there is none of that name on the Hub, or it is private" in said(RepositoryNotFoundError)
    assert 'Correct "revision"' in said(RevisionNotFoundError)
    assert '"trust_remote_code": true' in str(hub_problem("model", "x", ValueError("Please pass `trust_remote_code=True`")))


def test_a_model_that_chats_gets_messages_and_tools(run, tokenizer):
    tokenizer.chat_template = qwen2_5_chat_template
    tokenizer.save_pretrained("tiny")
    directory = run(tools=["calculator"], dataset={"path": "sums.jsonl", "prompt": "question", "system": "so on"}, reward="number", steps=1)
    train(directory)
    assert lines(directory / "trainer.jsonl")[0]["data"]["tools/call_frequency"] == 0
    said = "".join(lines(directory / "rollouts/step-000001.jsonl")[0]["prompt"])
    # Of its description of the calculator the tiny model knows the example's numbers; then comes the question.
    assert re.fullmatch(r"\+3\+412\d\+\d=", said), said


def test_a_chat_template_without_tools_is_told(run, tokenizer):
    tokenizer.chat_template = "{% for message in messages %}{{ message.content }} {% endfor %}"
    tokenizer.save_pretrained("tiny")
    with pytest.raises(OTBError, match='The model cannot call tools: .* Take one whose chat template can, or leave "tools" out.'):
        train(run(tools=["calculator"]))


def test_the_preset_is_what_trl_knows(tmp_path):
    text = (root / "presets/trl-gsm8k-qwen.otb.json").read_text()
    preset = json.loads(re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*', lambda match: match[1] or "", text))
    settings = GRPOConfig(str(tmp_path), use_cpu=True, report_to="none", **preset["trl"])
    # A step of eight questions, in micro-batches of whole groups.
    assert settings.generation_batch_size == 64
    assert settings.per_device_train_batch_size % settings.num_generations == 0
    assert set(preset["estimators"]) <= set(estimators)


def test_weights_that_are_torn_are_told(run):
    Path("tiny/model.safetensors").write_bytes(b"torn")
    with pytest.raises(OTBError, match='"model" names tiny, which cannot be loaded: .*header'):
        train(run())


def test_without_a_gpu_a_model_is_trained_only_where_the_user_says_so(run, monkeypatch):
    monkeypatch.setattr("torch.accelerator.is_available", lambda: False)
    with pytest.raises(OTBError, match='PyTorch sees no GPU on this machine .* Write "use_cpu": true under "trl"'):
        train(run(trl={"use_cpu": False}))


def test_a_gpu_without_bfloat16_is_told_with_what_to_write(run, monkeypatch):
    monkeypatch.setattr("torch.accelerator.is_available", lambda: True)
    monkeypatch.setattr("otb_trl.settings.is_torch_bf16_gpu_available", lambda: False)
    with pytest.raises(OTBError, match='cannot compute in bfloat16, which is TRL\'s default. Write "fp16": true under "trl"'):
        train(run(trl={"use_cpu": False}))


def test_memory_that_will_not_do_is_told_before_the_model_is_loaded(run, monkeypatch):
    class Little:
        available, total = 50_000, 24_000_000_000

    monkeypatch.setattr("psutil.virtual_memory", Little)
    with pytest.raises(OTBError, match=r"needs at least 0\.0 GB for weights.* has 0\.0 GB free of 24\.0 GB\. Take a smaller model"):
        train(run())


def test_memory_that_is_foreseen_is_what_training_takes_at_least():
    half_a_billion = 494_032_768
    assert bytes_needed(half_a_billion, 4, "adamw_torch_fused") == half_a_billion * 16
    assert bytes_needed(half_a_billion, 2, "adamw_torch_fused") == half_a_billion * 8
    assert bytes_needed(half_a_billion, 2, "adamw_bnb_8bit", with_reference=True) == half_a_billion * 8
    assert bytes_needed(half_a_billion, 4, "paged_adamw_32bit") == bytes_needed(half_a_billion, 4, "sgd") == half_a_billion * 8


def test_memory_that_did_not_do_names_the_settings_to_lower(run, monkeypatch):
    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")

    monkeypatch.setattr(OTBTrainer, "training_step", full)
    with pytest.raises(OTBError) as caught:
        train(run())
    for part in ('"per_device_train_batch_size" (now 8)', '"max_completion_length" (now 6)', '"gradient_checkpointing": true'):
        assert part in str(caught.value)


def test_a_run_without_a_checkpoint_cannot_be_resumed(run):
    with pytest.raises(OTBError, match="has no checkpoint to resume from. Start the run anew."):
        train(run(), resume=True)

@pytest.mark.parametrize("file", ["trainer_state.json", "model.safetensors", "optimizer.pt"])
def test_a_checkpoint_that_is_torn_is_told(file, run):
    train(run({"save_strategy": "steps", "save_steps": 1}))
    directory = run({"save_strategy": "steps", "save_steps": 1}, steps=3)
    (directory / "checkpoints/checkpoint-2" / file).write_bytes(b'{"ep')
    with pytest.raises(OTBError, match="The checkpoint .*checkpoint-2 cannot be read: .* Remove that folder, and resume from one before it"):
        train(directory, resume=True)


def test_an_old_python_is_told_before_anything_that_it_lacks():
    code = "import sys; sys.version_info = (3, 10); sys.modules['torch'] = None; import otb_trl"
    answer = subprocess.run([sys.executable, "-c", code], cwd=root / "python", capture_output=True, text=True)
    last = answer.stderr.splitlines()[-1]
    assert last.startswith("otb_trl.errors.OTBError: otb_trl needs Python 3.11 or newer, as TRL does; ")
    assert last.endswith("Take another: --python on the command line, otb.python.path in VS Code's settings.")
