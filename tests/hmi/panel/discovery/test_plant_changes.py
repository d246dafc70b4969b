"""The plant file becomes another one while somebody works with what it was."""

import pytest

from engine.commands import CommandState
from engine.discovery import Target
from hmi.panel.discovery.session import Looks
from hmi.panel.discovery.source import Source
from hmi.panel.pages.discovery import SOURCE, TAGS
from hmi.panel.widgets.faceplate import Faceplate

SPEED = "      - {name: Speed, address: Filler.ConveyorSpeedSetpoint, data_type: REAL, writable: true}\n"


def with_speed(text):
    return text.replace("    tags: []\n", f"    tags:\n{SPEED}")


def without_speed(text):
    return text.replace(f"    tags:\n{SPEED}", "    tags: []\n")


def without_line2(text):
    before, rest = text.split("  - id: line2", 1)
    return f"{before}panel:{rest.split('panel:', 1)[1]}"


@pytest.mark.parametrize("page", ["overview", "filler", "trends", "diagnostics", "settings"])
def test_a_tag_that_leaves_takes_its_number_and_its_faceplate_along(panel, page):
    panel.apply_text(with_speed)
    panel.until(lambda: panel.is_good("line2/Speed"), "its value")
    panel.window.show_page(page)
    if page == "trends":
        panel.window.page("trends").add_pen("line2/Speed")
    panel.context.open_faceplate.emit("line2/Speed")
    panel.settle()
    panel.apply_text(without_speed)
    assert not isinstance(panel.window.drawer.content, Faceplate)
    if page == "trends":
        assert "line2/Speed" not in panel.window.page("trends").session.pens.keys
    panel.context.open_faceplate.emit("line2/Speed")
    panel.settle()
    refused = panel.context.bridge.request("line2/Speed", 50.0, lambda _: None)
    assert (refused.state, refused.text) == (CommandState.REFUSED, "There is no tag line2/Speed")


def test_more_tags_of_a_controller_that_has_just_come_into_the_plant(panel, line):
    panel.apply_text(without_line2)
    panel.window.show_page("discovery")
    page, port = panel.page, line.controller("logix").port
    page.source.show_way(2)
    page.source.address.choose(Source("New", Target("ALLEN_BRADLEY", "ControlLogix", "127.0.0.1", port)))
    page.next.click()
    panel.settle()
    panel.choose("ScanCount")
    panel.review_and_apply()
    panel.press("Add more tags")
    assert (page.step, page.tags.ready) == (TAGS, True)
    panel.choose("CycleTime")
    panel.review_and_apply()
    panel.until(lambda: panel.is_good("controllogix/CycleTime"), "the second tag")
    assert [each.id for each in panel.context.config.plc_connections] == ["line1", "controllogix"]


def test_a_chosen_controller_that_leaves_is_not_chosen_any_more(panel):
    panel.window.show_page("discovery")
    page, known = panel.page, panel.page.source.known
    page.source.show_way(1)
    known.table.row_chosen.emit(1)
    assert known.source.connection == "line2"
    panel.apply_text(without_line2)
    assert (known.source, page.step, page.next.isEnabled()) == (None, SOURCE, False)


def test_a_controller_that_leaves_while_its_tags_are_read_is_a_new_one(panel):
    panel.window.show_page("discovery")
    page = panel.page
    page.source.show_way(1)
    page.source.known.table.row_chosen.emit(1)
    source = page.source.source
    panel.apply_text(without_line2)
    page.tags.load(source)
    panel.settle()
    assert page.tags.ready
    assert page.session.new.id == "controllogix"


def test_what_somebody_wrote_by_hand_is_told_and_can_be_taken_in_as_it_is(panel):
    panel.window.show_page("discovery")
    page, path = panel.page, panel.discovery.plan_text("").path
    by_hand = with_speed(path.read_text(encoding="utf-8"))
    path.write_text(by_hand, encoding="utf-8")
    page.review.show_plan(lambda _: panel.discovery.plan_text(by_hand), Looks())
    panel.settle()
    assert page.review.edit.diff == ""
    assert "line2" in page.review.edit.notices[0]
    page.review.summary.apply.click()
    assert page.review.summary.confirm.question.text() == "Take in the plant file?"
    page.review.summary.confirm.yes.click()
    panel.until(lambda: page.review.applied, "the plant to have it")
    panel.until(lambda: panel.is_good("line2/Speed"), "its value")
    assert path.read_text(encoding="utf-8") == by_hand
