"""The outcome of a check, for people and for machines."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from sim.sparkplug_check.ledger import Entry, Ledger
from sim.sparkplug_check.requirements import NEEDS, NOT_APPLICABLE, Requirement, Subject, requirements_of


class Outcome(StrEnum):
    """In the order of the text report."""

    FAILED = "failed"
    PASSED = "passed"
    NOT_TESTED = "not tested"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Result:
    """One requirement: its outcome, and what was seen or why it was not tested."""

    id: str
    level: str
    checked: str
    outcome: Outcome
    evidence: int
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Every requirement that binds the subject."""

    subject: Subject
    name: str
    broker: str
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()

    def with_outcome(self, outcome: Outcome) -> tuple[Result, ...]:
        return tuple(r for r in self.results if r.outcome is outcome)

    def failed_ids(self) -> frozenset[str]:
        return frozenset(r.id for r in self.with_outcome(Outcome.FAILED))

    def counts(self) -> dict[Outcome, int]:
        counted = Counter(r.outcome for r in self.results)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def exit_code(self) -> int:
        return 1 if self.failed_ids() else 0

    def to_text(self) -> str:
        return "\n".join(self._lines()) + "\n"

    def to_json(self) -> str:
        return json.dumps(
            {
                "subject": self.subject,
                "name": self.name,
                "broker": self.broker,
                "counts": self.counts(),
                "results": [asdict(result) for result in self.results],
                "notes": self.notes,
            },
            indent=2,
        )

    def _lines(self) -> Iterator[str]:
        yield f"Sparkplug 3.0 check of {self.subject} {self.name} on {self.broker}"
        yield ", ".join(f"{count} {outcome}" for outcome, count in self.counts().items())
        for outcome in Outcome:
            yield from self._section(outcome)
        if self.notes:
            yield ""
            yield "Notes"
            yield from (f"  {note}" for note in self.notes)

    def _section(self, outcome: Outcome) -> Iterator[str]:
        results = self.with_outcome(outcome)
        if not results:
            return
        yield ""
        yield f"{outcome.capitalize()} ({len(results)})"
        grouped: dict[tuple[str, tuple[str, ...]], list[Result]] = {}
        for result in results:
            grouped.setdefault((result.checked, result.details), []).append(result)
        for (checked, details), group in grouped.items():
            yield f"  {checked}"
            yield from (f"    {detail}" for detail in details)
            yield from (f"      {r.id}  ({r.level})" for r in group)


def make_report(
    subject: Subject,
    name: str,
    broker: str,
    ledger: Ledger,
    only: frozenset[str] = frozenset(),
    notes: tuple[str, ...] = (),
) -> Report:
    """One result for every requirement that binds ``subject``, or for those of ``only``."""
    results = (
        _result(requirement, ledger.entry(requirement.id))
        for requirement in requirements_of(subject)
        if not only or requirement.id in only
    )
    return Report(subject, name, broker, tuple(results), notes)


def _result(requirement: Requirement, entry: Entry | None) -> Result:
    def result(outcome: Outcome, evidence: int = 0, details: tuple[str, ...] = ()) -> Result:
        return Result(requirement.id, requirement.level, requirement.checked, outcome, evidence, details)

    if entry is not None and entry.failed:
        return result(Outcome.FAILED, entry.failed, tuple(entry.seen))
    if entry is not None and entry.passed:
        return result(Outcome.PASSED, entry.passed)
    if entry is not None and entry.why_not:
        return result(Outcome.NOT_TESTED, details=(entry.why_not,))
    if requirement.needs in NOT_APPLICABLE:
        return result(Outcome.NOT_APPLICABLE, details=(NOT_APPLICABLE[requirement.needs],))
    return result(Outcome.NOT_TESTED, details=(NEEDS[requirement.needs],))
