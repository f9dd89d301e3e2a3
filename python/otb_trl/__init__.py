"""The optimal token baseline for TRL, and the run directory of OTB Run Inspector for any Hugging Face trainer."""

from importlib import import_module

from .errors import OTBError
from .estimators import AdvantageBatch, advantages, estimators

__all__ = ["AdvantageBatch", "OTBCallback", "OTBError", "OTBTrainer", "advantages", "estimators"]

_modules = {"OTBTrainer": ".trainer", "OTBCallback": ".callback"}


def __getattr__(name: str):
    # TRL and transformers take seconds to import, and the estimators need neither.
    if name not in _modules:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_modules[name], __name__), name)
