"""The optimal token baseline for TRL, and the run directory of OTB Run Inspector for any Hugging Face trainer."""

import sys
from importlib import import_module

from .errors import OTBError

# Before PyTorch is imported: an older Python most often has none, and installing it there would not help.
if sys.version_info < (3, 11):
    raise OTBError(
        f"otb_trl needs Python 3.11 or newer, as TRL does; {sys.executable} is {sys.version.split()[0]}. "
        "Take another: --python on the command line, otb.python.path in VS Code's settings."
    )

from .estimators import AdvantageBatch, advantages, estimators

__all__ = ["AdvantageBatch", "OTBCallback", "OTBError", "OTBTrainer", "advantages", "estimators"]

_modules = {"OTBTrainer": ".trainer", "OTBCallback": ".callback"}


def __getattr__(name: str):
    # TRL and transformers take seconds to import, and the estimators need neither.
    if name not in _modules:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_modules[name], __name__), name)
