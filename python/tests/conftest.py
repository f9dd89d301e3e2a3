"""A random model of a few thousand parameters and a tokenizer of twenty words, both made here: nothing is downloaded."""

import os

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_DATASETS_DISABLE_PROGRESS_BARS="1", CUDA_VISIBLE_DEVICES="")

import pytest
import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
from trl import GRPOConfig

words = ["<pad>", "<eos>", "<unk>", *(str(digit) for digit in range(10)), "+", "=", "yes", "no", "maybe", "so", "on"]


@pytest.fixture
def tokenizer():
    made = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>")


@pytest.fixture
def model():
    return model_of_seed_0()


def model_of_seed_0():
    torch.manual_seed(0)
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1}
    config = Qwen2Config(vocab_size=len(words), max_position_embeddings=64, pad_token_id=0, eos_token_id=1, bos_token_id=None, **size)
    return Qwen2ForCausalLM(config)


@pytest.fixture
def dataset():
    return Dataset.from_list([{"prompt": f"{a} + {b} ="} for a in range(4) for b in range(4)])


@pytest.fixture
def config(tmp_path):
    """Makes a GRPOConfig of two groups of four responses; what it is given replaces or adds to that."""

    def make(**given):
        usual = {
            "output_dir": str(tmp_path / "output"),
            "per_device_train_batch_size": 8,
            "num_generations": 4,
            "max_completion_length": 6,
            "max_steps": 3,
            "learning_rate": 0.01,
            "logging_steps": 1,
            "save_strategy": "no",
            "report_to": "none",
            "use_cpu": True,
            "bf16": False,
            "gradient_checkpointing": False,
            "dataloader_pin_memory": False,
            "disable_tqdm": True,
            "seed": 7,
        }
        return GRPOConfig(**{**usual, **given})

    return make


def count_of_threes(completions, **_):
    return [float(completion.split().count("3")) - 0.1 * len(completion.split()) for completion in completions]
