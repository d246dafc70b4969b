"""What is shown of controllers and tags, for people and for machines."""

import io
import json

from engine.clock import SystemClock
from engine.discovery import Found, Preview, Target
from engine.model import parse_type
from hmi.discover_json import browsed_line, found_line, tag_line
from hmi.discover_progress import ProgressLine
from hmi.discover_select import Pattern, choose
from hmi.discover_text import format_browsed, format_chosen, format_found, format_value, preview_key
from tests.clock import ManualClock
from tests.hmi.discovery_trees import TARGET, controllogix, data_blocks

CPU = Found(
    Target("SIEMENS_S7", "S7-1500", "10.0.0.6", 102, slot=1),
    "CPU 1516\x1b[31m",
    "Siemens",
    "V2.9.4",
    "S C-1",
    "STOP",
    "PUT/GET access is not allowed.",
)


def test_found_controllers_are_a_table_with_what_has_to_be_known_below():
    head, first, note, second = format_found([CPU, Found(TARGET, "1756-L83E/B")])
    assert head.split() == ["ADDRESS", "FAMILY", "PRODUCT", "FIRMWARE", "SERIAL", "STATE"]
    assert first.split() == [
        *("10.0.0.6:102", "S7-1500", "slot", "1", "CPU", "1516\\x1b[31m", "V2.9.4", "S", "C-1", "STOP")
    ]
    assert note == "    PUT/GET access is not allowed."
    assert second.split() == ["10.0.0.5:44818", "ControlLogix", "1756-L83E/B", "-", "-", "-"]


def test_tags_are_a_tree_with_types_access_and_values():
    read = [
        Preview("Filler.Level", 61.5, type=parse_type("REAL")),
        Preview("Recipe", None, "too slow", parse_type("DINT[3]")),
    ]
    previews = {preview_key(each): each for each in read}
    lines = list(format_browsed(controllogix(), previews))
    assert lines == [
        "1756-L83E/B (ALLEN_BRADLEY ControlLogix), 7 tags",
        "  One notice.",
        "Controller tags",
        "  Filler         FillerUDT",
        "    Level        REAL  read/write  Filler.Level  = 61.5",
        "    Speed        REAL  read only  Filler.Speed  rpm  Belt",
        "  Recipe         DINT[3]  read/write  Recipe  = too slow",
        "  Secret         DINT  no access",
        "Program:Main     program",
        "  Cycle          REAL  read only  Program:Main.Cycle",
    ]


def test_memory_without_names_is_not_listed_place_by_place():
    lines = list(format_browsed(data_blocks(), {}))
    assert lines == ["CPU 1516 (SIEMENS_S7 S7-1500)", "  No names.", *(f"DB{n}  8 bytes" for n in (1, 2, 3))]


def test_chosen_tags_are_a_line_each():
    chosen = list(choose(controllogix().roots, Pattern("Filler.*")))
    assert list(format_chosen(chosen, {})) == [
        "Filler.Level  REAL  read/write",
        "Filler.Speed  REAL  read only  rpm  Belt",
    ]


def test_values_are_short():
    assert [format_value(each) for each in (True, 7, 0.1 + 0.2, "Still", tuple(range(9)), ())] == [
        "on",
        "7",
        "0.3",
        "'Still'",
        "[0, 1, 2, 3, 4, 5, 6, 7, …]",
        "[]",
    ]


def test_machines_get_one_object_a_line():
    (chosen,) = choose(controllogix().roots, Pattern("Filler.Speed"))
    lines = [
        found_line(CPU),
        browsed_line(controllogix()),
        tag_line(chosen, None),
        tag_line(chosen, Preview("Filler.Speed", None, "lost")),
    ]
    assert all("\n" not in line for line in lines)
    controller, source, tag, previewed = map(json.loads, lines)
    assert (controller["kind"], controller["slot"], controller["state"]) == ("controller", 1, "STOP")
    assert (source["kind"], source["notices"]) == ("source", ["One notice."])
    assert source["roots"][1] == {"name": "Program:Main", "type_text": "program"}
    assert tag == {
        "kind": "tag",
        "path": ["Controller tags", "Filler", "Speed"],
        "address": "Filler.Speed",
        "data_type": "REAL",
        "type_text": "REAL",
        "writable": False,
        "description": "Belt",
        "unit": "rpm",
    }
    assert (previewed["value"], previewed["error"]) == (None, "lost")


class Terminal(io.StringIO):
    encoding = "ascii"

    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_that_goes_away():
    stream, clock = Terminal(), ManualClock()
    line = ProgressLine(stream, clock)
    line(0, 20, "Looking …")
    line(1, 20, "not drawn so soon")
    clock.advance(0.2)
    line(2, None, "Next")
    line.clear()
    line.clear()
    assert stream.getvalue() == "\rLooking ? 0 of 20\rNext 2           \r      \r"


def test_nobody_watching_gets_no_progress():
    stream = io.StringIO()
    line = ProgressLine(stream, SystemClock())
    line(1, 2, "Looking")
    line.clear()
    assert stream.getvalue() == ""
