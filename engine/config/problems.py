"""What can be wrong with a plant file, said so that a person can put it right."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import EngineError

KeyPath = tuple[str | int, ...]
"""Where in the file: keys of mappings and 0-based indexes of lists, from the top."""

_MAX_SHOWN = 200
_MAX_COMPARED = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``line`` and ``column`` count from 1; 0 where there is no position."""

    file: str
    line: int
    column: int
    key_path: str
    message: str
    expected: str = ""
    near_miss: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        subject = f"{self.key_path}: " if self.key_path else ""
        parts = [f"{subject}{self.message}"]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.near_miss:
            parts.append(f"did you mean {self.near_miss}?")
        return printable(f"{where}  {'; '.join(parts)}")


class ConfigError(EngineError):
    """The plant file cannot be used; ``problems`` holds everything that is wrong, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__(format_problems(self.problems))


def format_problems(problems: tuple[Problem, ...]) -> str:
    """One line per problem; a hopeless file is cut off after the first two hundred."""
    lines = [str(problem) for problem in problems[:_MAX_SHOWN]]
    if len(problems) > _MAX_SHOWN:
        lines.append(f"... and {len(problems) - _MAX_SHOWN} more problems")
    return "\n".join(lines)


def fresh(before: Iterable[Problem], after: Iterable[Problem]) -> tuple[Problem, ...]:
    """What was not wrong before, wherever it was said then: lines and indexes move with every change."""
    known = {problem.message for problem in before}
    return tuple(problem for problem in after if problem.message not in known)


def format_path(path: KeyPath) -> str:
    """``plc_connections[0].tags[3].range``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text if len(text) <= 200 else text[:197] + "..."


def near_miss(word: str, choices: Iterable[str]) -> str:
    """The choice that was probably meant, or nothing."""
    if len(word) > _MAX_COMPARED:
        return ""
    by_folded = {_fold(choice): choice for choice in choices}
    folded = _fold(word)
    if folded in by_folded:
        return by_folded[folded]
    with_word = [choice for fold, choice in by_folded.items() if folded in fold.split("_")]
    if len(with_word) == 1:
        return with_word[0]
    close = difflib.get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    if close:
        return by_folded[close[0]]
    holding = [choice for fold, choice in by_folded.items() if len(folded) >= 4 and folded in fold]
    return holding[0] if len(holding) == 1 else ""


def printable(text: str) -> str:
    """Without control characters or lone surrogates: fit for any terminal and any log."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _fold(text: str) -> str:
    return text.casefold().replace("-", "_").replace(" ", "_")
