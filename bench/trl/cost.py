"""What OTBTrainer costs for each step against TRL's own GRPOTrainer, on the same responses: `npm run bench:trl` writes docs/BENCH-TRL.md.

Responses are given, not generated, so that what is compared is all that a step has besides: log-probabilities, rewards, advantages, loss,
backward pass, optimizer. Generation would only make the difference look smaller. CPU seconds of one thread, because other programs on the
machine change those least. The trainers take turns at every step, each in a thread that waits while another has its step.
"""

import os

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", TRL_EXPERIMENTAL_SILENCE="1", CUDA_VISIBLE_DEVICES="")

import tempfile
import threading
import time
from datetime import date
from pathlib import Path
from statistics import median, quantiles

import torch
import trl
from datasets import Dataset
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast, PrinterCallback, Qwen2Config, Qwen2ForCausalLM, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from otb_trl import OTBTrainer

steps = 42
vocabulary, prompt_tokens, least_tokens, most_tokens = 8192, 16, 32, 80
group, batch = 4, 8
size = {"hidden_size": 384, "intermediate_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 6, "num_key_value_heads": 2}
"""As in Qwen2.5-0.5B, a quarter of the parameters are in the head."""

settings = {
    "a micro-batch holds whole groups: Σπ² from the loss's own forward": {"per_device_train_batch_size": batch},
    "two micro-batches of a whole group each: the same": {"per_device_train_batch_size": batch // 2, "gradient_accumulation_steps": 2},
    "TRL computes old log-probabilities: Σπ² from that pass": {
        "per_device_train_batch_size": batch // 2,
        "steps_per_generation": 2,
        "gradient_accumulation_steps": 1,
    },
    "micro-batches cut through groups: one forward pass without gradient": {
        "per_device_train_batch_size": batch // 4,
        "gradient_accumulation_steps": 4,
    },
}

contenders = {
    "TRL": (GRPOTrainer, {}),
    "alone": (OTBTrainer, {"compare_estimators": False}),
    "compared": (OTBTrainer, {}),
}
"""Class and arguments: of the two of ours, one with only its own estimator, the other comparing all ten at every step, as by default."""


class Turn(TrainerCallback):
    """Lets the trainers have one step each in turn, and keeps the CPU seconds of each step, from the end of the one before it."""

    def __init__(self, name, ring, seconds):
        self.name, self.ring, self.seconds = name, ring, seconds
        self.began = None

    def on_step_begin(self, *_, **__):
        self.ring.take(self.name)
        self.began = time.process_time()

    def on_step_end(self, _args, state, *_, **__):
        # TRL prepares the next generation batch within the next step.
        self.seconds[self.name].append(time.process_time() - self.began)
        self.ring.pass_on()


class Ring:
    """Whose turn it is. The order is turned round after each round."""

    def __init__(self, names):
        self.order, self.at, self.free = list(names), 0, threading.Condition()

    def take(self, name):
        with self.free:
            self.free.wait_for(lambda: self.order[self.at] == name)

    def pass_on(self):
        with self.free:
            self.at += 1
            if self.at == len(self.order):
                self.order, self.at = self.order[::-1], 0
            self.free.notify_all()


def responses(prompts, _trainer):
    """The same for every contender: tokens of given lengths by the number of the prompt."""
    random = torch.Generator().manual_seed(sum(len(prompt) for prompt in prompts))
    lengths = torch.randint(least_tokens, most_tokens + 1, (len(prompts),), generator=random).tolist()
    made = [torch.randint(3, vocabulary, (length,), generator=random).tolist() for length in lengths]
    return {"prompt_ids": [[5] * prompt_tokens for _ in prompts], "completion_ids": made, "logprobs": None}


def reward(completion_ids, **_):
    return [float(len(ids) % 2) for ids in completion_ids]


def trainer_of(kind, arguments, given, folder, turn):
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(Qwen2Config(vocab_size=vocabulary, max_position_embeddings=256, pad_token_id=0, eos_token_id=1, **size))
    words = {f"w{at}": at for at in range(vocabulary)}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel(words, unk_token="w2")), pad_token="w0", eos_token="w1")
    config = GRPOConfig(
        output_dir=folder,
        num_generations=group,
        max_completion_length=most_tokens,
        learning_rate=1e-6,
        report_to="none",
        save_strategy="no",
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        dataloader_pin_memory=False,
        disable_tqdm=True,
        logging_strategy="no",
        **given,
    )
    dataset = Dataset.from_list([{"prompt": "w5"} for _ in range(64)])
    made = {"processing_class": tokenizer, "rollout_func": responses, "callbacks": [turn]}
    trainer = kind(model, reward, config, dataset, **made, **arguments)
    trainer.remove_callback(PrinterCallback)
    return trainer


def measure(given):
    """Of each contender the CPU seconds of its steps; the first two, which warm up, are left out."""
    ring, seconds = Ring(contenders), {name: [] for name in contenders}
    given = {"max_steps": steps, **given}
    with tempfile.TemporaryDirectory() as folder:
        trainers = [
            trainer_of(kind, arguments, given, folder, Turn(name, ring, seconds)) for name, (kind, arguments) in contenders.items()
        ]
        threads = [threading.Thread(target=trainer.train) for trainer in trainers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return {name: found[2:] for name, found in seconds.items()}


def percent(own, theirs):
    """ "+1.2 % (+0.3 to +2.0)": of the ratios of steps that followed each other the median, and the middle half."""
    lower, middle, upper = quantiles([a / b for a, b in zip(own, theirs, strict=True)], n=4)
    return f"{(middle - 1) * 100:+.1f} % ({(lower - 1) * 100:+.1f} to {(upper - 1) * 100:+.1f})"


def main():
    torch.set_num_threads(1)
    rows = []
    for name, given in settings.items():
        seconds = measure(given)
        theirs = seconds["TRL"]
        rows.append((name, f"{median(theirs):.2f}", percent(seconds["alone"], theirs), percent(seconds["compared"], theirs)))
        print(" | ".join(rows[-1]), flush=True)
    parameters = Qwen2ForCausalLM(Qwen2Config(vocab_size=vocabulary, **size)).num_parameters()
    text = f"""# What the token baseline costs in TRL

Made by `npm run bench:trl` on {date.today()}; it writes this file.

- OTBTrainer with the estimator tir_optimal_token_baseline, against GRPOTrainer of TRL {trl.__version__}; both on PyTorch {torch.__version__}, CPU, one thread.
- A model of {parameters / 1e6:.1f} million parameters with a vocabulary of {vocabulary:,}; {batch} responses of {least_tokens} to {most_tokens} tokens to
  {batch // group} prompts for each generation batch.
- The responses are given, and the same for all, so that a step is all but generation; generation makes the share smaller.
- {steps - 2} steps of each, in turns. Medians of the ratios of steps that followed each other; in brackets their middle half.

| settings | CPU s for a step of TRL | estimator alone | all ten compared at every step (default) |
| --- | ---: | ---: | ---: |
"""
    text += "".join(f"| {' | '.join(row)} |\n" for row in rows)
    (Path(__file__).parents[2] / "docs" / "BENCH-TRL.md").write_text(text)


if __name__ == "__main__":
    main()
