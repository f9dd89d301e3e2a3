"""Functions out of the user's own files, named "file.py:function"."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import OTBError, said

_modules: dict[Path, ModuleType] = {}


def is_file_name(name: str) -> bool:
    return name.rpartition(":")[0].endswith(".py")


def load_function(name: str, key: str) -> Callable[..., Any]:
    """The function, from a file relative to the working directory.

    `key`: where the config names it, for the errors. Raises OTBError where file or function is missing, or the file cannot be run.
    """
    path, _, function = name.rpartition(":")
    file = Path(path).expanduser().absolute()
    if not file.is_file():
        raise OTBError(f'"{key}" names {path}, which is no file in {file.parent}. Correct the path: it is relative to the working directory.')
    module = _modules.get(file) or _load(file)
    found = getattr(module, function, None)
    if not callable(found):
        functions = [each for each, value in vars(module).items() if callable(value) and getattr(value, "__module__", None) == module.__name__]
        there = f"It has {', '.join(functions)}." if functions else "It has none."
        raise OTBError(f'"{key}" names {function} in {file.name}, which has no such function. {there}')
    return found


def is_loaded_from(file: str) -> bool:
    """Whether a file is one of the user's that functions were taken from."""
    return Path(file) in _modules


def _load(file: Path) -> ModuleType:
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    # What stands beside it can be imported from it, as from a script.
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))
    # Classes look their own module up. A name that is taken stays with whom it belongs to.
    sys.modules.setdefault(file.stem, module)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
        line = error.lineno if isinstance(error, SyntaxError) and error.filename == str(file) else lines[-1] if lines else None
        at = f" at line {line}" if line is not None else ""
        raise OTBError(f"{file.name} fails{at} when it is loaded: {type(error).__name__}: {said(error)}. Mend it there.") from error
    _modules[file] = module
    return module
