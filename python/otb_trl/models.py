"""What a run trains: looked at before gigabytes are loaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psutil
import torch
from huggingface_hub.constants import HF_HUB_OFFLINE
from huggingface_hub.errors import GatedRepoError, LocalEntryNotFoundError, OfflineModeIsEnabled, RepositoryNotFoundError, RevisionNotFoundError
from transformers import AutoConfig, AutoModelForCausalLM, AutoProcessor, PretrainedConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
from trl import GRPOConfig

from .errors import OTBError, causes, said

_hub_id = re.compile(r"[\w.-]+(/[\w.-]+)?")


def checked_model(model: str, args: GRPOConfig) -> tuple[str, Any]:
    """The Hub id or folder, and the tokenizer (of a model that sees images, too, the processor).

    Raises OTBError where there is no such model, it is none that continues a text, its tokenizer cannot pad, or memory will not do.
    """
    path = Path(model).expanduser()
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise OTBError(f'"model" names the folder {model}, which has no config.json. Name one that save_pretrained wrote.')
        model = str(path)
    elif not is_hub_id(model):
        raise OTBError(f'"model" names {model}, and there is no such folder in {Path.cwd()}. Correct the path, or give the id of a model on the Hub.')
    options = {"revision": (args.model_init_kwargs or {}).get("revision"), "trust_remote_code": args.trust_remote_code}
    try:
        config = AutoConfig.from_pretrained(model, **options)
    except (OSError, ValueError, KeyError) as error:
        raise hub_problem("model", model, error) from error
    _check_kind(model, config)
    try:
        tokenizer = AutoProcessor.from_pretrained(model, truncation_side="left", padding_side="left", **options)
    except (OSError, ValueError, TypeError, KeyError, ImportError, AttributeError) as error:
        raise hub_problem("model", model, error, what="whose tokenizer") from error
    _check_tokens(model, getattr(tokenizer, "tokenizer", tokenizer), config.get_text_config().vocab_size)
    _check_memory(model, config, args)
    return model, tokenizer


def is_hub_id(name: str) -> bool:
    """Whether it can be one, and not only a path."""
    return _hub_id.fullmatch(name) is not None and not name.startswith(".")


def hub_problem(key: str, name: str, error: BaseException, what: str = "which") -> OTBError:
    """What to do about something that could not be loaded from a folder or the Hub. `key`: where the config names it."""
    chain = causes(error)
    texts = " ".join(str(each) for each in chain)

    def is_any(*kinds: type[BaseException]) -> bool:
        return any(isinstance(each, kinds) for each in chain)

    if is_any(GatedRepoError) or "gated" in texts:
        page = f"https://huggingface.co/{'datasets/' if key == 'dataset' else ''}{name}"
        return OTBError(f'"{key}" names {name}, to which its owner grants access on request. Ask for it at {page}, then run: hf auth login')
    if is_any(RevisionNotFoundError):
        return OTBError(f'"{key}" names {name}, which has no such revision. Correct "revision" in "model_init_kwargs" under "trl".')
    here = f'"{key}" names {name}, which is no folder in {Path.cwd()}'
    if is_any(RepositoryNotFoundError):
        return OTBError(f"{here}, and there is none of that name on the Hub, or it is private. Correct it, or run: hf auth login")
    if is_any(OfflineModeIsEnabled, LocalEntryNotFoundError, ConnectionError):
        offline = " without the environment variable HF_HUB_OFFLINE" if HF_HUB_OFFLINE else ""
        return OTBError(f"{here}, and the Hub cannot be reached. Correct the path, or connect to the internet{offline}.")
    if "trust_remote_code" in texts:
        return OTBError(f'"{key}" names {name}, which brings code of its own. Where you trust it, write "trust_remote_code": true under "trl".')
    return OTBError(f'"{key}" names {name}, {what} cannot be loaded: {said(error)}. Check its files, or name another.')


def _check_kind(model: str, config: PretrainedConfig) -> None:
    generating = {*MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values(), *MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES.values()}
    kinds = config.architectures or []
    has_own_code = "AutoModelForCausalLM" in (getattr(config, "auto_map", None) or {})
    if not kinds:
        raise OTBError(f'"model" names {model}, whose config.json says nothing under "architectures". Name a model with a causal language model\'s.')
    if config.is_encoder_decoder or not (has_own_code or kinds[0] in generating):
        raise OTBError(
            f'"model" names {model}, a {kinds[0]}, which is no causal language model: it does not continue a text. '
            'Name one that does, such as "Qwen/Qwen2.5-0.5B-Instruct".'
        )


def _check_tokens(model: str, tokenizer: Any, vocabulary: int) -> None:
    if not tokenizer("1 + 1", add_special_tokens=False)["input_ids"]:
        raise OTBError(f"The tokenizer of {model} makes no tokens of a text. Put its files there: tokenizer.json, tokenizer_config.json.")
    if tokenizer.eos_token is None:
        raise OTBError(
            f"The tokenizer of {model} has no end-of-sequence token, so that no response could end. "
            'Write one into its tokenizer_config.json: "eos_token": "…".'
        )
    # A tokenizer without a padding token pads with the end of a sequence, as TRL does.
    for kind, key in (("padding", "pad_token"), ("end-of-sequence", "eos_token")):
        number = getattr(tokenizer, f"{key}_id")
        if number is not None and number >= vocabulary:
            raise OTBError(
                f'The {kind} token of {model}, {getattr(tokenizer, key)}, is number {number}, and the model knows {vocabulary} tokens, from 0. '
                f'Write one that it knows into its tokenizer_config.json: "{key}": "…".'
            )


def _check_memory(model: str, config: PretrainedConfig, args: GRPOConfig) -> None:
    # Shared among GPUs, or quantized: not ours to foresee.
    options = args.model_init_kwargs or {}
    if args.deepspeed or args.fsdp or options.get("quantization_config") or options.get("load_in_4bit") or options.get("load_in_8bit"):
        return
    dtype = _dtype(options.get("dtype", "float32"), config)
    try:
        with torch.device("meta"):
            parameters = sum(each.numel() for each in AutoModelForCausalLM.from_config(config).parameters())
    except Exception:
        # A model that is made by code of its own, say.
        return
    needed = bytes_needed(parameters, dtype.itemsize, str(getattr(args.optim, "value", args.optim)), with_reference=args.beta != 0)
    memory = _memory(args.device)
    if memory is None:
        return
    where, free, total = memory
    if needed > free:
        raise OTBError(
            f"Training {model} ({parameters / 1e9:.2f} billion parameters in {str(dtype).removeprefix('torch.')}) needs at least "
            f"{_gb(needed)} for weights, gradients and the optimizer; {where} has {_gb(free)} free of {_gb(total)}. Take a smaller model, "
            'end what else uses that memory, or load it in bfloat16: "model_init_kwargs": {"dtype": "bfloat16"} under "trl".'
        )


def bytes_needed(parameters: int, bytes_per_weight: int, optimizer: str, with_reference: bool = False) -> int:
    """Memory that training takes at least, whatever the batch is: weights, gradients, Adam's two averages, a reference model's weights.

    Other optimizers keep less, and paged ones keep it elsewhere: they count as nothing.
    """
    copies = 3 if with_reference else 2
    average = 0.5 if "4bit" in optimizer else 1 if "8bit" in optimizer else bytes_per_weight
    averages = 2 if "adam" in optimizer and "paged" not in optimizer else 0
    return int(parameters * (copies * bytes_per_weight + averages * average))


def _memory(device: torch.device) -> tuple[str, int, int] | None:
    """What it is called, and bytes: free, in all. None for devices that cannot be asked."""
    if device.type == "cuda":
        return f"GPU {device.index or 0} ({torch.cuda.get_device_name(device)})", *torch.cuda.mem_get_info(device)
    memory = psutil.virtual_memory()
    return ("this machine", memory.available, memory.total) if device.type in ("cpu", "mps") else None


def _dtype(given: Any, config: PretrainedConfig) -> torch.dtype:
    found = config.dtype if given in ("auto", None) else given
    found = getattr(torch, found, None) if isinstance(found, str) else found
    return found if isinstance(found, torch.dtype) else torch.float32


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def out_of_memory(error: BaseException, args: GRPOConfig) -> OTBError | None:
    """What to lower where an exception says that memory did not do; None where it says something else."""
    is_cpu = isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error))
    if not isinstance(error, torch.OutOfMemoryError) and not is_cpu:
        return None
    where = "The machine's memory" if args.device.type == "cpu" else "The GPU's memory"
    checkpointing = "" if args.gradient_checkpointing else ', or write "gradient_checkpointing": true'
    return OTBError(
        f'{where} did not do for a step. Under "trl", lower "per_device_train_batch_size" (now {args.per_device_train_batch_size}) and raise '
        f'"gradient_accumulation_steps" (now {args.gradient_accumulation_steps}) as much, lower "max_completion_length" '
        f"(now {args.max_completion_length}){checkpointing}."
    )
