"""Reports of the controller that are over: which, in what order, and what is known of their ends."""

from hmi.panel.machine_look import RibbonKind
from hmi.panel.overview.past_reports import past_reports
from hmi.panel.overview.plant_lines import AlarmBit
from hmi.panel.painting.ribbons import RibbonSegment

S = 1_000_000
CAP = AlarmBit("line1/CapMissing", "Cap missing", "", 3)
BOTTLE = AlarmBit("line1/NoBottle", "No bottle", "", 2)
KINDS = {"on": RibbonKind.RUNNING, "off": RibbonKind.READY, "?": RibbonKind.NO_DATA}


def stretches(*parts: tuple[str, int]) -> list[RibbonSegment]:
    """Each part begins where the one before ended; lengths in seconds."""
    found, at_us = [], 0
    for kind, length_s in parts:
        found.append(RibbonSegment(at_us, at_us + length_s * S, KINDS[kind]))
        at_us += length_s * S
    return found


def test_a_bit_that_came_and_went_is_known_exactly():
    (found,) = past_reports([(CAP, stretches(("off", 10), ("on", 5), ("off", 10)))], 5)
    assert (found.start_us, found.end_us, found.length_s) == (10 * S, 15 * S, 5.0)
    assert found.exact


def test_a_bit_that_is_on_now_is_not_over():
    assert past_reports([(CAP, stretches(("off", 10), ("on", 5)))], 5) == ()


def test_a_bit_that_was_on_when_the_record_began_has_no_known_begin():
    (found,) = past_reports([(CAP, stretches(("?", 10), ("on", 5), ("off", 1)))], 5)
    assert (found.start_known, found.end_known) == (False, True)


def test_a_link_lost_while_a_bit_was_on_leaves_its_end_unknown():
    (found,) = past_reports([(CAP, stretches(("off", 10), ("on", 5), ("?", 1)))], 5)
    assert (found.start_known, found.end_known) == (True, False)


def test_the_newest_of_all_bits_come_first_and_no_more_than_asked_for():
    cap = stretches(("off", 10), ("on", 5), ("off", 10), ("on", 5), ("off", 1))
    bottle = stretches(("off", 20), ("on", 1), ("off", 10))
    found = past_reports([(CAP, cap), (BOTTLE, bottle)], 2)
    assert [(report.bit, report.start_us) for report in found] == [(CAP, 25 * S), (BOTTLE, 20 * S)]
