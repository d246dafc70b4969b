"""Outcomes and reports."""

import json

from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.report import Outcome, make_report
from sim.sparkplug_check.requirements import Subject, tck

_QOS = tck("payloads-nbirth-qos")
_WILL = tck("payloads-ndeath-will-message")
_PERMISSION = tck("payloads-template-definition-parameters-default")


def _outcome(ledger: Ledger, name: str) -> tuple[Outcome, tuple[str, ...]]:
    report = make_report(Subject.EDGE, "G/N", "broker:1883", ledger)
    result = next(each for each in report.results if each.id == name)
    return result.outcome, result.details


def test_one_failure_outweighs_any_number_of_passes() -> None:
    ledger = Ledger()
    ledger.passed(_QOS)
    ledger.failed(_QOS, "QoS 2 on a topic")
    ledger.passed(_QOS)

    assert _outcome(ledger, *_QOS) == (Outcome.FAILED, ("QoS 2 on a topic",))


def test_without_evidence_the_report_says_what_would_give_it() -> None:
    assert _outcome(Ledger(), *_WILL) == (Outcome.NOT_TESTED, ("needs --tap, or --hook kill=COMMAND",))


def test_a_reason_given_by_a_probe_goes_before_the_usual_one() -> None:
    ledger = Ledger()
    ledger.not_tested(_WILL, "the subject speaks MQTT 5")

    assert _outcome(ledger, *_WILL) == (Outcome.NOT_TESTED, ("the subject speaks MQTT 5",))


def test_nobody_can_break_a_permission() -> None:
    assert _outcome(Ledger(), *_PERMISSION)[0] is Outcome.NOT_APPLICABLE


def test_a_failure_seen_a_thousand_times_is_quoted_a_few_times() -> None:
    ledger = Ledger()
    for number in range(1000):
        ledger.failed(_QOS, f"message {number}")
    report = make_report(Subject.EDGE, "G/N", "broker:1883", ledger, frozenset(_QOS))

    assert report.results[0].evidence == 1000
    assert len(report.results[0].details) == 5


def test_the_text_begins_with_the_failures() -> None:
    ledger = Ledger()
    ledger.passed(_WILL)
    ledger.failed(_QOS, "spBv1.0/G/NBIRTH/N: QoS 1, expected 0")
    text = make_report(Subject.EDGE, "G/N", "broker:1883", ledger).to_text()
    lines = text.splitlines()

    assert lines[0] == "Sparkplug 3.0 check of edge node G/N on broker:1883"
    assert lines[1].startswith("1 failed, 1 passed, ")
    assert lines[3] == "Failed (1)"
    assert "    spBv1.0/G/NBIRTH/N: QoS 1, expected 0" in lines
    assert text.index("Failed (1)") < text.index("Passed (1)") < text.index("Not tested (")


def test_the_json_holds_every_requirement_with_its_outcome() -> None:
    ledger = Ledger()
    ledger.failed(_QOS, "QoS 1")
    report = make_report(Subject.EDGE, "G/N", "broker:1883", ledger, frozenset(_QOS + _WILL))
    content = json.loads(report.to_json())

    assert content["counts"] == {"failed": 1, "passed": 0, "not tested": 1, "not applicable": 0}
    assert {result["id"]: result["outcome"] for result in content["results"]} == {
        _QOS[0]: "failed",
        _WILL[0]: "not tested",
    }
    assert report.exit_code == 1
