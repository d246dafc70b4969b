"""A list of found tags says when it does not list all of them."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from engine.tags import TagDatabase
from hmi.panel.display import THIN_SPACE
from hmi.panel.trends.pen_picker import PenPicker
from hmi.panel.widgets.find_tag import MOST, FindTag
from hmi.panel.widgets.found_note import FoundNote
from tests.engine.tag_defs import tag_def
from tests.hmi.panel.plant_bench import Bench

MANY = 10_000
Shown = tuple[Callable[[str], None], FoundNote, QListWidget]


@pytest.fixture(params=[FindTag, PenPicker])
def shown(request: pytest.FixtureRequest, bench: Bench, qtbot: QtBot) -> Shown:
    """How to search in a plant of many tags, the note, and the list."""
    bench.tags = TagDatabase([tag_def(f"Tag{n:05}") for n in range(MANY)])
    widget = FindTag(bench.context) if request.param is FindTag else PenPicker(bench.context, ())
    qtbot.addWidget(widget)
    widget.show()
    entry = widget._entry if isinstance(widget, FindTag) else widget.entry
    listed = widget._list if isinstance(widget, FindTag) else widget.list
    return entry.setText, widget._note, listed


def test_of_many_tags_it_says_how_many_are_listed(shown: Shown) -> None:
    _, note, listed = shown
    assert listed.count() == MOST
    assert note.isVisible()
    assert note.text() == f"50 of 10{THIN_SPACE}000: type to narrow"
    assert listed.accessibleDescription() == note.text()


def test_letters_narrow_what_it_says_until_all_that_was_found_is_listed(shown: Shown) -> None:
    search, note, listed = shown
    search("tag001")
    assert note.text() == "50 of 100: type to narrow"
    search("tag0012")
    assert listed.count() == 10
    assert (note.isVisible(), listed.accessibleDescription()) == (False, "")


def test_where_nothing_is_found_it_says_that(shown: Shown) -> None:
    search, note, listed = shown
    search("nowhere")
    assert note.isVisible()
    assert note.text().startswith("No ")
    assert listed.accessibleDescription() == note.text()
