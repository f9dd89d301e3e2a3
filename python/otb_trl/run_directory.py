"""A run directory, as OTB Run Inspector reads it: what has been written when a method returns survives a kill of the process."""

from __future__ import annotations

import errno
import json
import math
import os
import platform
import socket
import subprocess
import time
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .errors import OTBError


class RunDirectory:
    """Writes one run: `run.json` once, lines of metrics and events as they come, rollouts by step, `exit.json` last.

    No method but the constructor raises where the disk is full or the directory is gone: training is worth more than its log. The first
    such failure is in `problem`.
    """

    def __init__(self, path: Path, record: dict[str, Any]) -> None:
        """Begins a run in a directory that holds none. Raises OTBError where it does, or cannot be written."""
        self.path = path
        self.problem: str | None = None
        if (path / "run.json").exists():
            raise OTBError(f"{path} holds a run already. Choose another directory for this one.")
        try:
            for folder in ("rollouts", "checkpoints", "control"):
                (path / folder).mkdir(parents=True, exist_ok=True)
            self._lock: Path | None = _take_lock(path)
            self._metrics = _LineFile(path / "metrics.jsonl")
            self._events = _LineFile(path / "events.jsonl")
            # Last, because its presence says that the run is there.
            identity = {**own_process(), "host": socket.gethostname()}
            _write_atomically(path / "run.json", _text({"schemaVersion": 1, **record, **identity}, indent=2))
        except OSError as error:
            raise OTBError(f"The run cannot be written to {path}: {error.strerror}. Choose another directory with run_dir.") from error

    def metrics(self, step: int, data: dict[str, float]) -> None:
        self._try(lambda: self._metrics.append(_text({"step": step, "time": time.time(), "data": data})))
        # A sign of life for other machines, which cannot ask about this process.
        if self._lock is not None:
            self._try(lambda: os.utime(self._lock))

    def event(self, kind: str, step: int, **data: Any) -> None:
        self._try(lambda: self._events.append(_text({"type": kind, "step": step, "time": time.time(), "data": data})))

    def rollouts(self, step: int, rows: Iterable[dict[str, Any]]) -> None:
        self._try(lambda: _write_atomically(self.path / "rollouts" / f"step-{step:06d}.jsonl", "".join(f"{_text(row)}\n" for row in rows)))

    def is_requested(self, what: str) -> bool:
        """Whether `control/stop` or `control/checkpoint` is there, as a file of its own: what a link leads to is no request."""
        file = self.path / "control" / what
        return file.is_file() and not file.is_symlink()

    def clear_request(self, what: str) -> None:
        self._try(lambda: (self.path / "control" / what).unlink(missing_ok=True))

    def end(self, reason: str, last_step: int, message: str, code: int | None = 0, signal: str | None = None) -> None:
        """Says how the run ended: "completed", "stopped" or "failed". The last thing to be written."""
        record = {"code": code, "signal": signal, "lastStep": last_step, "reason": reason, "message": message, "time": time.time()}
        self._try(lambda: _write_atomically(self.path / "exit.json", _text(record, indent=2)))
        self._try(lambda: self._lock.unlink(missing_ok=True))

    def _try(self, write: Any) -> None:
        try:
            write()
        except OSError as error:
            self.problem = self.problem or f"{self.path} can no longer be written: {error.strerror}"


class AttachedDirectory(RunDirectory):
    """A run that a supervisor began and ends, and whose metrics and events it writes from what is handed to it here.

    `trainer.jsonl` has the metrics, `rollouts/` the rollouts, and `events.jsonl` the checkpoints.
    """

    def __init__(self, path: Path) -> None:
        """Raises OTBError where nothing can be written there."""
        self.path = path
        self.problem: str | None = None
        self._lock = None
        try:
            (path / "rollouts").mkdir(parents=True, exist_ok=True)
            self._metrics = _LineFile(path / "trainer.jsonl")
            self._events = _LineFile(path / "events.jsonl")
        except OSError as error:
            raise OTBError(f"The run cannot be written to {path}: {error.strerror}. Free or unlock that folder.") from error

    def event(self, kind: str, step: int, **data: Any) -> None:
        if kind == "checkpoint":
            super().event(kind, step, **data)

    def is_requested(self, what: str) -> bool:
        # A request to stop is answered by the supervisor, with a signal.
        return what != "stop" and super().is_requested(what)

    def end(self, reason: str, last_step: int, message: str, code: int | None = 0, signal: str | None = None) -> None:
        """Says nothing: the supervisor sees how the process ends."""


class _LineFile:
    """A file that grows line by line, each handed to the system in one call; a last line that was cut short is closed first."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o644)
        size = os.fstat(self._descriptor).st_size
        self._torn = size > 0 and _last_byte(file) != b"\n"

    def append(self, line: str) -> None:
        # The descriptor outlives the file's name: without this look a run in a deleted directory would write into nothing.
        if os.fstat(self._descriptor).st_nlink == 0:
            raise FileNotFoundError(errno.ENOENT, "it was deleted")
        rest = f"{chr(10) if self._torn else ''}{line}\n".encode()
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
            self._torn = bool(rest)


def _last_byte(file: Path) -> bytes:
    with file.open("rb") as opened:
        opened.seek(-1, os.SEEK_END)
        return opened.read(1)


def _write_atomically(file: Path, content: str) -> None:
    """Readers find nothing, or what was there before, or all of it, even after a power cut."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _text(value: Any, indent: int | None = None) -> str:
    """JSON, which has no NaN or infinity: they are the strings "NaN", "Infinity" and "-Infinity"."""
    return json.dumps(_plain(value), indent=indent, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(entry) for entry in value]
    return str(value)


def own_process() -> dict[str, Any]:
    """This process: its pid, and a text that no other process with the same pid has; None where the system does not say."""
    return {"pid": os.getpid(), "processStartTime": _start_time()}


def _start_time() -> str | None:
    """As the inspector asks for it: boot and clock ticks on Linux, a command of the system elsewhere."""
    try:
        if platform.system() == "Linux":
            stat = Path("/proc/self/stat").read_text()
            # The program's name in parentheses may itself have spaces and parentheses; the fields behind the last one begin with the third.
            ticks = stat[stat.rindex(")") + 2 :].split(" ")[19]
            return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}:{ticks}"
        if platform.system() == "Windows":
            query = f"(Get-CimInstance Win32_Process -Filter 'ProcessId={os.getpid()}').CreationDate.ToUniversalTime().Ticks"
            command, environment = ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", query], None
        else:
            command, environment = ["ps", "-o", "lstart=", "-p", str(os.getpid())], {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True, env=environment)
        return answer.stdout.strip() or None
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def _take_lock(path: Path) -> Path:
    """The lock that says, for as long as this process lives, that it writes here."""
    file = path / "run.lock.1"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError as error:
        raise OTBError(f"Another process works on the run in {path}. Choose another directory for this one.") from error
    with os.fdopen(descriptor, "w") as opened:
        opened.write(_text({**own_process(), "host": socket.gethostname()}))
    return file


def now() -> datetime:
    return datetime.now(timezone.utc)


def git_state(folder: Path) -> dict[str, Any] | None:
    """Commit of a folder, and whether files differ from it; None where there is no repository, or no git."""
    try:
        ask = {"cwd": folder, "capture_output": True, "text": True, "timeout": 10, "check": True}
        commit = subprocess.run(["git", "rev-parse", "HEAD"], **ask).stdout.strip()
        changed = subprocess.run(["git", "status", "--porcelain", "--untracked-files=no"], **ask).stdout.strip()
        return {"commit": commit, "dirty": changed != ""}
    except (OSError, subprocess.SubprocessError):
        return None
