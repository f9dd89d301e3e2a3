"""Errors that a user can do something about."""

from __future__ import annotations


class OTBError(ValueError):
    """One sentence that says what is wrong, and one that says what to do; on one line, because the last line of a log is what is shown."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def said(error: BaseException, most: int = 300) -> str:
    """What an exception of somebody else says, as the end of a sentence: its first paragraph on one line, without the full stop."""
    paragraph = " ".join(str(error).strip().split("\n\n")[0].split()).rstrip(".")
    text = paragraph if len(paragraph) <= most else f"{paragraph[:most]}…"
    return text or type(error).__name__


def causes(error: BaseException | None) -> list[BaseException]:
    """An exception and those that brought it about, outermost first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
