"""The ledger under TRL keeps the rules of the built-in trainer, and what its calculator says is nobody's action."""

import json
import math
import random
import re
from collections import Counter
from pathlib import Path

import pytest
import torch
from test_trainer import Recording
from trl.chat_template_utils import is_chat_template_prefix_preserving, supports_tool_calling

from otb_trl import OTBError
from otb_trl.demonstrations import Noise, demonstrate
from otb_trl.ledger import ledger_dataset, ledger_reward, task
from otb_trl.ledger_environment import LedgerConfig, LedgerEnvironment, LedgerPrompt, sample_prompt
from otb_trl.ledger_tokenizer import LedgerTokenizer, vocabulary
from otb_trl.run_config import DatasetConfig, RunConfig
from otb_trl.warm_start import ScratchModel, WarmStart, scratch_model, warm_started

# test/trainer/tasks/ledgerTranscripts.test.ts holds the built-in trainer to the same ones.
transcripts = json.loads((Path(__file__).parent / "ledger_transcripts.json").read_text())
small = ScratchModel(width=16, layers=1, heads=2)


class Scripted:
    """Random numbers with which a transcript's calculator fails when it did."""

    def __init__(self, outage_after, fails):
        self.outage_after, self.fails = outage_after, [outage_after is not None, *fails]

    def random(self):
        return 0.0 if self.fails.pop(0) else 1.0

    def randrange(self, _):
        return self.outage_after


class Playing(Recording):
    """Has the policy say what it says in the transcripts."""

    def play(self, rows, turns):
        self.turns, self.starts = [list(each) for each in turns], [self.processing_class(f"<bos> {p}")["input_ids"] for p in rows]
        return self

    def _generate_single_turn(self, prompt_ids, *_, **__):
        # Rows whose response has ended are not asked again; those that are left are told by how their prompts begin.
        said, waiting = [], list(range(len(self.turns)))
        for ids in prompt_ids:
            row = next(row for row in waiting if ids[: len(self.starts[row])] == self.starts[row] and self.turns[row])
            waiting.remove(row)
            said.append(self.processing_class(self.turns[row].pop(0))["input_ids"])
        return said, None


@pytest.mark.parametrize("transcript", transcripts, ids=[each["what"] for each in transcripts])
def test_a_response_goes_as_in_the_built_in_trainer(transcript, config):
    rules = LedgerConfig(max_turns=transcript["maxTurns"], tool_outage_rate=0.5, tool_failure_rate=0.5)
    prompt = LedgerPrompt(tuple(transcript["digits"]), tuple(transcript["operators"]))
    row = {"digits": transcript["digits"], "operators": transcript["operators"], "prompt": [{"role": "user", "content": prompt.text}]}
    streams = [Scripted(transcript["outageAfter"], transcript["fails"]) for _ in range(2)]
    unused = iter(streams)
    tokenizer = LedgerTokenizer()
    trainer = Playing(
        scratch_model(small, tokenizer, 1),
        ledger_reward(tokenizer),
        config(per_device_train_batch_size=2, num_generations=2, max_completion_length=200, max_tool_calling_iterations=rules.max_turns),
        ledger_dataset(rules, 1, count=4),
        processing_class=tokenizer,
        environment_factory=lambda: LedgerEnvironment(rules, next(unused)),
    )
    trainer.play([prompt.text] * 2, [[turn["says"] for turn in transcript["turns"]]] * 2)
    trainer.model.train()
    output = trainer._generate_and_score_completions([row, row])
    heard = [part for turn in transcript["turns"] for part in (turn["says"], turn.get("hears")) if part is not None]
    assert tokenizer.decode(output["prompt_ids"][0]) == f"<bos> {prompt.text}"
    for said in tokenizer.batch_decode(output["completion_ids"]):
        assert said == " ".join(heard)
    is_action = [action for turn in transcript["turns"] for action in _actions(turn)]
    assert output["tool_mask"].tolist() == [is_action] * 2
    assert output["otb_rewards"].tolist() == [transcript["reward"]] * 2
    assert not any(stream.fails for stream in streams)


def _actions(turn):
    return [1] * len(turn["says"].split()) + [0] * len(turn.get("hears", "").split())


def test_calls_fail_for_the_moment_and_for_good_as_often_as_the_config_says():
    rules, stream, count = LedgerConfig((4, 4), 100, 0.1, 0.2), random.Random(1), 2000
    environment, worked, failed_once, outages = LedgerEnvironment(rules, stream), 0, 0, Counter()
    for _ in range(count):
        environment.reset(digits=[1] * 5, operators=["+"] * 4, prompt="unused")
        heard = [environment.calculator("1 + 1").startswith("<res>") for _ in range(20)]
        if any(heard[10:]):
            worked += sum(heard)
            failed_once += 20 - sum(heard)
        else:
            outages[next((20 - at for at, works in enumerate(reversed(heard)) if works), 0)] += 1
    assert failed_once / (worked + failed_once) == pytest.approx(0.1, abs=0.01)
    assert sum(outages.values()) / count == pytest.approx(0.2, abs=0.04)
    assert max(outages) == 3


def test_demonstrations_have_the_statistics_of_the_built_in_trainers():
    # Of the study that established the setting: test/trainer/tasks/ledger.test.ts.
    established = {"actions": 109.7, "tokens": 147.8, "calls": 11.53, "errors": 5.56, "words": 49.4, "ended": 0.8866, "right": 0.6018}
    rules, stream, count = LedgerConfig(), random.Random(1), 3000
    samples = []
    for _ in range(count):
        prompt = sample_prompt(rules, stream)
        shown = demonstrate(rules, Noise(), prompt, 800, stream)
        said, is_action = shown.tokens[4:], shown.is_action[4:]
        kinds = Counter(said)
        ended = said[-1] == "<eos>"
        right = ended and said[-3:-1] == ["<ans>", str(prompt.target)]
        words = kinds["hm"] + kinds["so"] + kinds["ok"]
        samples.append([sum(is_action), len(said), kinds["</call>"], kinds["<err>"], words, ended, right])
        assert shown.tokens[:4] == ["<bos>", *prompt.text.split()] and not any(shown.is_action[:4])
    found = torch.tensor(samples, dtype=torch.float64)
    deviation = found.std(0) / math.sqrt(count)
    for mean, error, (name, expected) in zip(found.mean(0).tolist(), deviation.tolist(), established.items(), strict=True):
        assert abs(mean - expected) < 5 * error, f"{name}: {mean} ± {error}, established {expected}"


def test_the_vocabulary_is_the_built_in_trainers():
    source = (Path(__file__).parents[2] / "src/trainer/tasks/ledger.ts").read_text()
    listed = re.search(r"const vocabulary = \[(.*?)\];", source, re.DOTALL)[1]
    assert list(vocabulary[:-2]) == re.findall(r"'([^']+)'", listed)


def test_the_tokenizer_gives_back_what_it_is_given_and_satisfies_trl(tmp_path):
    tokenizer = LedgerTokenizer()
    text = " ".join(vocabulary)
    assert tokenizer(text)["input_ids"] == list(range(len(vocabulary)))
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert supports_tool_calling(tokenizer)
    assert is_chat_template_prefix_preserving(tokenizer)
    call = {"type": "function", "function": {"name": "calculator", "arguments": {"expression": "3 + 4"}}}
    turns = [
        {"role": "user", "content": "3 + 4"},
        {"role": "assistant", "content": "hm", "tool_calls": [call]},
        {"role": "tool", "name": "calculator", "content": "<res> 7 ="},
        {"role": "assistant", "content": "<ans> 7 <eos>"},
    ]
    ids = tokenizer.apply_chat_template(turns, tokenize=True, return_dict=False)
    assert tokenizer.decode(ids) == "<bos> 3 + 4 hm <call> 3 + 4 </call> <res> 7 = <ans> 7 <eos>"
    assert tokenizer.parse_response(tokenizer("hm <call> 3 + 4 </call>")["input_ids"]) == turns[1]
    tokenizer.save_pretrained(tmp_path)
    assert LedgerTokenizer.from_pretrained(tmp_path)(text)["input_ids"] == list(range(len(vocabulary)))


def test_two_steps_train_a_model_from_scratch_without_what_the_calculator_says(config, tmp_path, monkeypatch):
    monkeypatch.setenv("OTB_CACHE_DIR", str(tmp_path / "cache"))
    rules = {"operations": [1, 2], "maxTurns": 2, "toolFailureRate": 0.1, "toolOutageRate": 0.1}
    phase = {"steps": 300, "batchSize": 16, "learningRate": 0.01, "wanderRate": 0, "quitRate": 0.2, "copyNoise": 0, "wordRate": 0.2}
    given = task(run(tmp_path, model={"kind": "scratch", "width": 16, "layers": 1, "heads": 2}, task=rules, warm_start=phase), None)
    model, tokenizer = given.make_model()
    before = [parameter.clone() for parameter in model.parameters()]
    settings = config(max_steps=2, per_device_train_batch_size=32, max_completion_length=30, **given.settings)
    made = {"processing_class": tokenizer, "environment_factory": given.environment_factory}
    trainer = Recording(model, given.rewards, settings, given.dataset, **made)
    trainer.train()
    assert trainer.state.global_step == 2
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".safetensors"]
    assert any((one != other).any() for one, other in zip(before, model.parameters(), strict=True))
    said = [tokenizer.convert_ids_to_tokens(batch["completion_ids"][batch["tool_mask"] == 0].tolist()) for batch in trainer.batches]
    assert all(said)
    for words in said:
        # Padding is not masked here but by the completion's own mask.
        assert re.fullmatch(r"((<res> \d|<err>) (=|[-+*] \d) ?)+", " ".join(word for word in words if word != "<pad>"))
    for batch in trainer.batches:
        assert (batch["advantages"][batch["tool_mask"] == 0] == 0).all()


def test_a_warm_start_says_on_standard_output_how_far_it_is(tmp_path, capsys):
    warm_started(small, LedgerConfig((1, 2), 3), WarmStart(steps=2, batch_size=2), 30, 1, tmp_path)
    # As the built-in trainer says it: the last line there is shown as the state of the run.
    assert re.match(r"warm start: step 2 of 2\b", capsys.readouterr().out.splitlines()[-1])


def test_a_warm_start_is_the_same_for_the_same_seed_and_kept(tmp_path):
    phase, told = WarmStart(steps=4, batch_size=4), []

    def start(seed, folder):
        return warm_started(small, LedgerConfig((1, 2), 3), phase, 30, seed, tmp_path / folder, told.append).state_dict()

    def same(one, other):
        return all(torch.equal(one[name], other[name]) for name in one)

    first = start(1, "a")
    state = torch.random.get_rng_state()
    assert same(first, start(1, "b"))
    assert not same(first, start(2, "a"))
    assert torch.equal(state, torch.random.get_rng_state())
    del told[:]
    assert same(first, start(1, "a"))
    assert [line.split(" from ")[0] for line in told] == ["warm start: read"]
    for file in (tmp_path / "a").iterdir():
        file.write_bytes(b"broken")
    assert same(first, start(1, "a"))
    assert any("cannot be used" in line for line in told)


def test_prompts_are_the_same_for_the_same_seed():
    rules = LedgerConfig()
    assert ledger_dataset(rules, 1, 20)[:] == ledger_dataset(rules, 1, 20)[:]
    assert ledger_dataset(rules, 1, 20)[:] != ledger_dataset(rules, 2, 20)[:]


def test_a_model_that_is_there_is_told_the_rules(tmp_path):
    given = task(run(tmp_path, model="some/model"), object())
    assert given.make_model is None
    assert "calculator" in given.dataset[0]["prompt"][0]["content"]


@pytest.mark.parametrize(
    ("given", "message"), [({"rewards": ("number",)}, '"reward" is number.*Leave "reward" out'), ({"tools": ("calculator",)}, 'Leave "tools" out')]
)
def test_rewards_and_tools_of_ones_own_are_refused(given, message, tmp_path):
    with pytest.raises(OTBError, match=message):
        task(run(tmp_path, **given), None)


def run(folder, **given):
    usual = {
        "run_dir": folder,
        "name": "ledger",
        "estimator": "dr_grpo",
        "seed": 1,
        "steps": 2,
        "model": {"kind": "scratch"},
        "dataset": DatasetConfig("ledger"),
        "rewards": ("ledger",),
        "tools": (),
        "task": {},
        "warm_start": {},
        "trl": {"max_completion_length": 30},
    }
    return RunConfig(**{**usual, **given})
