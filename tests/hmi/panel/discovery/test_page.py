"""The Discovery page over simulated controllers, real exports and a plant file of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget

from hmi.panel.discovery.session import Looks
from hmi.panel.discovery.summary import Summary
from hmi.panel.discovery.tag_painter import box_zone
from hmi.panel.discovery.tag_text import TagColumn, cell_text
from hmi.panel.pages.discovery import REVIEW, SOURCE, TAGS, DiscoveryPage
from hmi.panel.style import style_sheet
from hmi.panel.widgets.states import Empty, ErrorPanel, Loading
from sim.logix_server import LogixServer
from sim.s7_server import S7Server
from tests.hmi.panel.discovery_bench import DiscoveryBench
from tests.waiting import wait_until

HOST = "127.17.0.1"
SAMPLES = Path(__file__).parents[3] / "drivers" / "discovery" / "samples"


@pytest.fixture
def s7() -> Iterator[S7Server]:
    server = S7Server(HOST, 0)
    server.add_db(1, bytearray(64))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def logix() -> Iterator[LogixServer]:
    with LogixServer(HOST, 0) as server:
        server.add_struct("Tank", [("Level", "REAL"), ("Full", "BOOL")])
        server.add_tag("Tank", "Tank")
        server.add_tag("Speed", "REAL")
        server.add_tag("Count", "DINT")
        server.poke("Speed", 58.5)
        yield server


@pytest.fixture
def plant(qapp, panel_fonts, tmp_path, s7) -> Iterator[DiscoveryBench]:
    plant = DiscoveryBench(tmp_path, host=HOST, port=s7.port)
    qapp.setStyleSheet(style_sheet(plant.context.theme, plant.context.density))
    yield plant
    plant.close()
    qapp.setStyleSheet("")


@pytest.fixture
def page(plant, qtbot) -> DiscoveryPage:
    page = DiscoveryPage(plant.context)
    qtbot.addWidget(page)
    page.resize(1160, 660)
    page.show()
    QApplication.processEvents()
    return page


def frames(plant):
    QApplication.processEvents()
    plant.context.bridge.frame.emit(0.03)


def settle(plant):
    """Until no worker has anything to do."""
    wait_until(lambda: frames(plant) or plant.context.queries.running == 0, "the workers", 20.0)
    frames(plant)


def choose_address(page, server, kind="ALLEN_BRADLEY", port=None):
    """By hand, as somebody would type it."""
    page.source.show_way(2)
    form = page.source.address.form
    if form.type.value != kind:
        button = next(b for b in form.type.findChildren(QAbstractButton) if "Allen" in b.text())
        button.click()
    for entry, text in ((form.host, server.host), (form.port, str(port or server.port))):
        entry.entry.clear()
        QTest.keyClicks(entry.entry, text)


def browse(page, plant, server):
    choose_address(page, server)
    page.next.click()
    settle(plant)


def item(page, name):
    model = page.session.model
    for found in model.root.descendants():
        if found.children is None and found.expandable:
            model.fetchMore(model.index_of(found))
    return next(found for found in model.root.descendants() if found.node.name == name)


def choose(page, *names):
    for name in names:
        page.session.model.toggle(item(page, name))
    last = item(page, names[-1])
    page.tags.tree.setCurrentIndex(page.session.model.index_of(last))


def type_into(field, text):
    field.entry.setFocus()
    field.entry.clear()
    QTest.keyClicks(field.entry, text)


def review(page, plant):
    page.next.click()
    settle(plant)


def states(page, kind):
    return [panel for panel in page.findChildren(kind) if panel.isVisible()]


def apply(page, plant):
    page.review.summary.apply.click()
    page.review.summary.confirm.yes.click()
    settle(plant)


def test_a_range_is_probed_only_when_somebody_asks_and_tells_of_known_controllers(page, plant, s7):
    network = page.source.network
    assert not network.probe.isChecked()
    network.broadcast.click()
    network.probe.click()
    type_into(network.range, f"{HOST}-127.17.0.2")
    type_into(network.port, str(s7.port))
    network.search_button.click()
    assert not network.progress.isHidden()
    settle(plant)
    (row,) = network.table.rows.rows
    assert row.cells[1] == f"{HOST}:{s7.port}"
    assert row.cells[-1].startswith("In the plant file as Line 1.")
    assert not page.next.isEnabled()
    network.table.row_chosen.emit(0)
    assert page.source.source.connection == "line1"
    assert page.next.isEnabled()


def test_nobody_answers_and_the_page_says_what_to_look_at(page, plant):
    network = page.source.network
    network.broadcast.click()
    network.probe.click()
    type_into(network.range, "127.17.0.9")
    type_into(network.port, "1")
    network.search_button.click()
    settle(plant)
    (empty,) = states(page, Empty)
    assert "No controller answered" in empty.accessibleName()
    assert page.message.accessibleName() == "Choose a controller"


def test_a_search_that_takes_too_long_can_be_cancelled(page, plant):
    network = page.source.network
    network.broadcast.click()
    network.probe.click()
    type_into(network.range, "127.17.1.0/24")
    type_into(network.port, "1")
    network.search_button.click()
    network.progress.cancel.click()
    assert network.search_button.isEnabled()
    settle(plant)
    (empty,) = states(page, Empty)
    assert "The search was stopped" in empty.accessibleName()


def test_a_range_that_is_none_is_told(page, plant):
    network = page.source.network
    network.broadcast.click()
    network.probe.click()
    network.search_button.click()
    assert network.range.problem.text() == "is missing"
    type_into(network.range, "10.0.0.x")
    network.search_button.click()
    settle(plant)
    (panel,) = states(page, ErrorPanel)
    assert "The network was not searched" in panel.accessibleName()


def test_an_address_is_checked_while_it_is_typed(page, logix):
    choose_address(page, logix, port=99999)
    form = page.source.address.form
    assert form.port.problem.text() == "must be less than or equal to 65535"
    assert (form.target, page.next.isEnabled()) == (None, False)
    type_into(form.port, "44x")
    assert form.port.problem.text() == "is not a whole number"
    type_into(form.port, "44818")
    assert form.port.problem.text() == ""
    assert form.target.host == HOST
    assert page.next.isEnabled()


def test_tags_of_a_new_controller_come_into_the_plant_file(page, plant, logix, qtbot):
    browse(page, plant, logix)
    assert page.step == TAGS
    choose(page, "Level", "Speed")
    assert page.tags.counts.accessibleName().startswith("2 of ")
    editor = page.tags.side.editor
    type_into(editor.name, "ConveyorSpeed")
    type_into(editor.unit, "rpm")
    type_into(editor.low, "0")
    type_into(editor.high, "120")
    editor.writable.click()
    page.tags.side.scope._group.buttons()[2].click()
    type_into(page.tags.side.connection.id, "capper")
    type_into(page.tags.side.connection.scan, "250")
    review(page, plant)
    assert page.step == REVIEW
    added = [line.text for line in page.review.diff.lines if line.new and not line.old]
    assert any(
        "ConveyorSpeed" in line and "range: [0, 120]" in line and "unit: rpm" in line for line in added
    )
    assert [label.text() for label in page.review.summary._counts] == ["2", "0", "0"]
    apply(page, plant)
    text = plant.plant_file.read_text(encoding="utf-8")
    assert "# what the operators look at" in text
    plant.take_plant()
    connection = plant.config.connection("capper")
    assert connection.scan_rate_ms == 250
    tags = {tag.name: (tag.address, tag.unit, tag.range, tag.writable) for tag in connection.tags}
    assert tags == {
        "Level": ("Tank.Level", "", None, False),
        "ConveyorSpeed": ("Speed", "rpm", (0.0, 120.0), True),
    }
    assert page.session.count == 0
    trends = next(b for b in page.review.summary.findChildren(QAbstractButton) if "Trends" in b.text())
    with qtbot.waitSignal(plant.context.navigate) as told:
        trends.click()
    assert told.args == ["trends", "capper/ConveyorSpeed"]


def test_many_tags_are_edited_at_once(page, plant, logix):
    browse(page, plant, logix)
    choose(page, "Level", "Full", "Speed")
    page.tags.side.scope._group.buttons()[1].click()
    editor = page.tags.side.editor
    assert editor.name.isHidden()
    type_into(editor.deadband, "0,5")
    editor.history.click()
    entries = {
        page.session.entry(each).name: page.session.entry(each) for each in page.session.chosen_items()
    }
    assert {name: (e.deadband, e.history) for name, e in entries.items()} == {
        "Level": (0.5, False),
        "Full": (0.0, False),
        "Speed": (0.5, False),
    }


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("name", "a/b", "must be a name"),
        ("name", "Count", "is taken by another tag"),
        ("decimals", "9", "0 to 6"),
        ("deadband", "-1", "is not a number from 0 up"),
        ("low", "abc", "is not a number"),
    ],
)
def test_what_cannot_be_taken_is_told_and_not_taken(page, plant, logix, field, text, problem):
    browse(page, plant, logix)
    choose(page, "Count", "Speed")
    before = page.session.entry(item(page, "Speed"))
    type_into(getattr(page.tags.side.editor, field), text)
    assert getattr(page.tags.side.editor, field).problem.text().startswith(problem)
    after = page.session.entry(item(page, "Speed"))
    assert (after.decimals, after.deadband, after.range) == (before.decimals, before.deadband, before.range)
    assert "/" not in after.name
    assert after.name != "Count"


def test_what_is_looked_at_first_is_what_moves(page, plant, logix):
    browse(page, plant, logix)
    choose(page, "Count", "Full", "Speed")
    assert page.session.looks() == Looks("controllogix/Speed", "controllogix/Speed")
    page.session.change([item(page, "Speed")], history=False)
    assert page.session.looks() == Looks("controllogix/Speed", "controllogix/Count")


def test_a_range_needs_both_ends_in_order(page, plant, logix):
    browse(page, plant, logix)
    choose(page, "Speed")
    editor = page.tags.side.editor
    type_into(editor.low, "10")
    assert editor.high.problem.text() == "is missing"
    type_into(editor.high, "5")
    assert editor.high.problem.text() == "must be above the lowest"
    type_into(editor.high, "20")
    assert page.session.entry(item(page, "Speed")).range == (10.0, 20.0)


def test_a_new_connection_needs_an_id_of_its_own(page, plant, logix):
    browse(page, plant, logix)
    choose(page, "Speed")
    page.tags.side.scope._group.buttons()[2].click()
    type_into(page.tags.side.connection.id, "line1")
    assert page.tags.side.connection.id.problem.text() == "is taken by another connection"
    assert not page.next.isEnabled()
    assert "is taken by another connection" in page.message.accessibleName()


def test_values_are_read_while_they_are_seen_and_stopped_by_a_touch(page, plant, logix):
    browse(page, plant, logix)
    page.tags.tree.expandAll()
    item(page, "Speed")
    QApplication.processEvents()

    def speed():
        frames(plant)
        plant.context.bridge.second.emit()
        return cell_text(item(page, "Speed"), TagColumn.VALUE) == "58.5"

    wait_until(speed, "the value of Speed")
    page.tags.live.click()
    settle(plant)
    reads = plant.discovery.previews
    plant.context.bridge.second.emit()
    settle(plant)
    assert plant.discovery.previews == reads
    page.tags.live.click()
    settle(plant)
    assert plant.discovery.previews == reads + 1
    page.hide()
    plant.context.bridge.second.emit()
    settle(plant)
    assert plant.discovery.previews == reads + 1


def test_values_that_cannot_be_read_stop_and_say_why(page, plant, logix):
    browse(page, plant, logix)
    settle(plant)
    logix.stop()
    plant.context.bridge.second.emit()
    settle(plant)
    assert page.tags.trouble.text().startswith("No values: ")
    assert page.tags.live.text() == "Live values"


def test_a_controller_that_does_not_answer_can_be_tried_again(page, plant, logix):
    choose_address(page, logix)
    logix.stop()
    page.next.click()
    settle(plant)
    (panel,) = states(page, ErrorPanel)
    assert "were not read" in panel.accessibleName()
    assert not page.next.isEnabled()
    logix.start()
    panel.buttons[0].click()
    settle(plant)
    assert states(page, ErrorPanel) == []
    assert item(page, "Speed").node.address == "Speed"


def test_reading_the_tags_can_be_cancelled(page, plant, logix):
    logix.faults.mute = True
    choose_address(page, logix)
    page.next.click()
    frames(plant)
    (loading,) = states(page, Loading)
    loading.on_still_due()
    loading.cancel.click()
    assert any("Reading was cancelled" in empty.accessibleName() for empty in states(page, Empty))
    settle(plant)
    assert page.message.accessibleName() == "The tags were not read"


def test_nothing_chosen_is_lost_by_going_back_and_forth(page, plant, logix):
    browse(page, plant, logix)
    choose(page, "Level", "Speed")
    type_into(page.tags.side.editor.unit, "rpm")
    review(page, plant)
    for expected in (TAGS, SOURCE):
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert page.step == expected
    page.hide()
    page.show()
    page.next.click()
    settle(plant)
    assert (page.step, page.session.count) == (TAGS, 2)
    assert page.session.entry(item(page, "Speed")).unit == "rpm"
    review(page, plant)
    assert page.review.edit.added == 2


def test_another_source_says_that_it_drops_what_was_chosen(page, plant, logix):
    browse(page, plant, logix)
    choose(page, "Speed")
    page.back.click()
    page.source.show_way(1)
    page.source.known.table.row_chosen.emit(0)
    assert page.next.text() == "Drop the 1 chosen, choose tags here"
    page.source.show_way(2)
    assert page.next.text() == "Choose tags"


def test_escape_leads_out_of_the_first_step(page, plant, qtbot):
    with qtbot.waitSignal(plant.context.navigate) as told:
        QTest.keyClick(page, Qt.Key.Key_Escape)
    assert told.args == ["diagnostics", ""]


def test_a_file_that_somebody_wrote_meanwhile_is_not_written_over(page, plant, logix):
    browse(page, plant, logix)
    choose(page, "Speed")
    review(page, plant)
    text = plant.plant_file.read_text(encoding="utf-8")
    plant.plant_file.write_text(text + "# by hand\n", encoding="utf-8")
    apply(page, plant)
    (panel,) = states(page, ErrorPanel)
    assert "The changes were not taken" in panel.accessibleName()
    assert page.session.count == 1
    panel.buttons[1].click()
    settle(plant)
    apply(page, plant)
    assert "# by hand" in plant.plant_file.read_text(encoding="utf-8")
    assert plant.plant_file.read_text(encoding="utf-8").count("Speed") > text.count("Speed")


def test_apply_asks_first_far_from_where_it_was_touched_and_waits_ten_seconds(page, plant, logix):
    browse(page, plant, logix)
    choose(page, "Speed")
    touched = page.next.mapTo(page, page.next.rect().center())
    review(page, plant)
    summary: Summary = page.review.summary
    first = summary.apply.mapTo(page, summary.apply.rect().center())
    assert (first - touched).manhattanLength() >= 100
    summary.apply.click()
    QApplication.processEvents()
    second = summary.confirm.yes.mapTo(page, summary.confirm.yes.rect().center())
    assert (second - first).manhattanLength() >= 100
    plant.context.bridge.frame.emit(10.1)
    assert not summary.asking
    assert "controllogix" not in plant.plant_file.read_text(encoding="utf-8")


def test_an_export_becomes_tags_of_a_known_controller_once_its_block_has_a_number(page, plant):
    page.source.show_way(3)
    files = page.source.file
    drop(files.zone, SAMPLES / "Filler.db")
    settle(plant)
    assert "Filler.db" in files.facts.text()
    assert page.message.accessibleName() == "Enter the number of the data block"
    (number,) = files.numbers.fields.values()
    type_into(number, "x")
    assert number.problem.text() == "must be a number from 1 to 65535"
    type_into(number, "1")
    assert page.source.source.connection == "line1"
    page.next.click()
    settle(plant)
    assert page.step == TAGS
    level = item(page, "FillLevel")
    assert level.present == "FillLevel"
    choose(page, "TankPressure")
    review(page, plant)
    apply(page, plant)
    plant.take_plant()
    names = [tag.name for tag in plant.config.connection("line1").tags]
    assert names == ["FillLevel", "ConveyorSpeed", "SystemRunning", "TankPressure"]


def test_a_file_that_is_none_of_those_is_refused_with_words(page, plant, tmp_path):
    page.source.show_way(3)
    path = tmp_path / "notes.txt"
    path.write_text("hello", encoding="utf-8")
    page.source.file.read(path)
    settle(plant)
    (panel,) = states(page, ErrorPanel)
    assert "notes.txt was not read" in panel.accessibleName()


def drop(zone: QWidget, path: Path) -> None:
    """Let a file fall onto the zone."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    zone.dropEvent(event)


def test_the_keyboard_is_enough(page, plant, logix, qtbot):
    page.activateWindow()
    page.source.show_way(2)
    choose_address(page, logix)
    page.source.address.form.port.entry.setFocus()
    QTest.keyClick(page.source.address.form.port.entry, Qt.Key.Key_Return)
    settle(plant)
    assert page.step == TAGS
    tree = page.tags.tree
    QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.window().focusWidget() is page.tags.filter
    QTest.keyClicks(page.tags.filter, "speed")
    QTest.keyClick(page.tags.filter, Qt.Key.Key_Return)
    speed = item(page, "Speed")
    tree.setCurrentIndex(page.session.model.index_of(speed))
    QTest.keyClick(tree, Qt.Key.Key_Space)
    assert [each.node.name for each in page.session.chosen_items()] == ["Speed"]
    QTest.keyClick(tree, Qt.Key.Key_Return)
    settle(plant)
    assert page.step == REVIEW


def test_enter_chooses_a_known_controller_and_enter_again_goes_on(page, plant):
    page.source.show_way(1)
    table = page.source.known.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert (page.step, page.source.source.connection) == (SOURCE, "line1")
    QTest.keyClick(table, Qt.Key.Key_Return)
    settle(plant)
    assert page.step == TAGS
    assert [each.node.name for each in page.session.model.root.visible] == ["DB1"]


def test_a_touch_on_a_box_chooses_and_one_beside_it_only_looks(page, plant, logix, qtbot):
    browse(page, plant, logix)
    tree, speed = page.tags.tree, item(page, "Speed")
    tree.scrollTo(page.session.model.index_of(speed))
    QApplication.processEvents()
    place = tree.visualRect(page.session.model.index_of(speed))
    qtbot.mouseClick(
        tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.left() + 400, place.center().y())
    )
    assert (page.session.count, tree.selected_items()) == (0, [speed])
    box = int(sum(box_zone(speed)) / 2)
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box, place.center().y()))
    assert page.session.count == 1


def test_everything_can_be_touched_and_has_a_name(page, plant, logix):
    def check():
        QApplication.processEvents()
        for part in page.findChildren(QWidget):
            if isinstance(part, (QAbstractButton, QLineEdit, QComboBox)) and part.isVisible():
                name = part.accessibleName() or (part.text() if isinstance(part, QAbstractButton) else "")
                assert name, part
                assert part.height() >= 48, name

    for way in range(4):
        page.source.show_way(way)
        check()
    browse(page, plant, logix)
    check()
    choose(page, "Speed")
    check()
    page.tags.side.scope._group.buttons()[2].click()
    check()
    review(page, plant)
    check()
    page.review.summary.apply.click()
    check()
    page.review.summary.confirm.no.click()


def test_all_tags_go_out_as_a_table_and_come_back_changed(page, plant, tmp_path, qtbot):
    path = tmp_path / "tags.csv"
    with qtbot.waitSignal(plant.context.notify) as told:
        page.tables.export(path)
        settle(plant)
    assert told.args == [f"3 tags written to {path}"]
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace("rpm", "1/min"), encoding="utf-8")
    page.tables.chosen.emit(path)
    settle(plant)
    assert (page.step, page.review.edit.changed) == (REVIEW, 1)
    assert page.header.buttons[TAGS].isEnabled() is False
    apply(page, plant)
    plant.take_plant()
    assert {tag.name: tag.unit for tag in plant.config.connection("line1").tags}["ConveyorSpeed"] == "1/min"
    page.back.click()
    assert page.step == SOURCE


def test_a_table_that_is_wrong_is_refused_with_every_fault(page, plant, tmp_path):
    path = tmp_path / "tags.csv"
    path.write_text("connection,name,address,data_type\nline9,X,DB1.DBW0,INT\n", encoding="utf-8")
    page.review_table(path)
    settle(plant)
    (panel,) = states(page, ErrorPanel)
    assert "line9" in panel.accessibleName()


def test_a_run_without_a_plant_file_says_how_to_start_one(plant, qtbot):
    plant.context.discovery = None
    page = DiscoveryPage(plant.context)
    qtbot.addWidget(page)
    page.show()
    (empty,) = states(page, Empty)
    assert "brimline panel --config-file plant.yaml --data DIR" in empty.accessibleName()
    with qtbot.waitSignal(plant.context.navigate) as told:
        QTest.keyClick(page, Qt.Key.Key_Escape)
    assert told.args == ["diagnostics", ""]
