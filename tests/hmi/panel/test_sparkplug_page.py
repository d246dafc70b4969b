"""Sparkplug on the Diagnostics page: the tree by touch and keys, details, rebirth, broker, messages."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from engine.nodes import BrokerState, EdgeState, NodeState
from hmi.panel.diagnostics.messages_model import MOST_MESSAGES
from hmi.panel.diagnostics.node_item import BLOCK, NodeRef
from hmi.panel.diagnostics.nodes_card import SEARCH_SHOWN_FROM
from hmi.panel.diagnostics.rebirth import RebirthDialog
from hmi.panel.diagnostics.sparkplug_unused import SparkplugUnused
from hmi.panel.pages import PAGES
from hmi.panel.pages.diagnostics import DiagnosticsPage
from hmi.panel.widgets.header import Header
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.status_chip import StatusChip
from tests.hmi.panel.plant_bench import START_US, Bench
from tests.hmi.panel.sparkplug_bench import BIG, GROUP, SparkplugBench, many_nodes, metric, six_nodes
from tests.waiting import wait_until

NARROW, WIDE = (1160, 660), (1800, 940)
FILLER = NodeRef(GROUP, "Edge-Filler-1")
DEVICE = NodeRef(GROUP, "Edge-Filler-1", "Filler")
LEVEL = NodeRef(GROUP, "Edge-Filler-1", "Filler", "FillLevel")
LABELLER = NodeRef(GROUP, "Edge-Labeller-1")
METERS = NodeRef(GROUP, "Edge-Utilities", "Energy meters")
S = 1_000_000


@pytest.fixture
def plant(qapp, panel_fonts):
    plant = SparkplugBench()
    yield plant
    plant.close()


@pytest.fixture
def page(plant, qtbot):
    return shown(plant, qtbot)


def shown(plant, qtbot, size=NARROW):
    page = DiagnosticsPage(plant.context)
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    page.on_argument("sparkplug")
    QApplication.processEvents()
    return page


def second(plant, seconds=1.0):
    plant.clock.now_s += seconds
    plant.context.bridge.second.emit()
    QApplication.processEvents()


def settle(plant):
    wait_until(lambda: QApplication.processEvents() or plant.context.queries.running == 0, "the workers")
    QApplication.processEvents()


def parts(page):
    card = page.sparkplug.nodes
    return card, card.tree, card.model


def opened(page, *refs):
    _, tree, model = parts(page)
    for ref in refs:
        tree.expand(model.index_of(model.find(ref)))
    QApplication.processEvents()


def touch(page, qtbot, ref, x=None):
    _, tree, model = parts(page)
    index = model.index_of(model.find(ref))
    tree.scrollTo(index)
    where = tree.visualRect(index).center()
    qtbot.mouseClick(
        tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(where.x() if x is None else x, where.y())
    )


def texts(widget):
    return {label.text() for label in widget.findChildren(Label) if label.isVisible()}


def test_the_only_group_is_open_and_its_nodes_are_not(page):
    _, tree, model = parts(page)
    assert tree.isExpanded(model.index_of(model.find(NodeRef(GROUP))))
    assert [item.name for item in tree.visible_items()] == [GROUP, *(view.id for view in six_nodes())]


def test_a_touch_on_the_chevron_opens_a_node_and_one_beside_it_its_detail(page, qtbot):
    _, tree, model = parts(page)
    touch(page, qtbot, FILLER, x=40)
    assert tree.isExpanded(model.index_of(model.find(FILLER)))
    assert not page.sparkplug.detail_open
    touch(page, qtbot, FILLER)
    assert page.sparkplug.detail_open
    assert page.sparkplug.detail.place == FILLER


def test_arrows_open_the_tree_and_enter_opens_a_detail(page, qtbot):
    _, tree, model = parts(page)
    tree.setFocus()
    tree.setCurrentIndex(model.index_of(model.find(FILLER)))
    qtbot.keyClick(tree, Qt.Key.Key_Right)
    assert tree.isExpanded(model.index_of(model.find(FILLER)))
    qtbot.keyClick(tree, Qt.Key.Key_Down)
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert page.sparkplug.detail.place == DEVICE
    qtbot.keyClick(page.sparkplug.detail, Qt.Key.Key_Escape)
    assert not page.sparkplug.detail_open


def test_values_follow_the_host_once_a_second_and_only_while_they_are_seen(page, plant):
    opened(page, FILLER, DEVICE)
    _, _, model = parts(page)
    before = plant.memory_host.reads
    plant.memory_host.born["Edge-Filler-1", "Filler"] = [metric("FillLevel", "Float", 99.5, 12, "%")]
    second(plant)
    item = model.find(LEVEL)
    assert item.metric.value == 99.5
    assert plant.memory_host.reads > before
    page.hide()
    before = plant.memory_host.reads
    second(plant)
    assert plant.memory_host.reads == before


def test_a_node_that_dies_greys_its_subtree_and_no_other(page, plant):
    opened(page, FILLER, DEVICE, LABELLER)
    plant.memory_host.change("Edge-Filler-1", state=NodeState.OFFLINE, since_us=START_US, metrics_good=0)
    second(plant)
    dead = {item.name for item in page.sparkplug.nodes.tree.visible_items() if item.dead}
    assert {"Edge-Filler-1", "Filler", "FillLevel"} <= dead
    assert not {"Edge-Capper-1", "Edge-Packer-1"} & dead
    before = page.sparkplug.nodes.tree.viewport().grab().toImage()
    plant.memory_host.change("Edge-Filler-1", state=NodeState.ONLINE)
    second(plant)
    assert page.sparkplug.nodes.tree.viewport().grab().toImage() != before


def test_ten_thousand_metrics_are_read_by_a_worker_and_put_in_as_they_come_into_sight(page, plant):
    opened(page, NodeRef(GROUP, "Edge-Utilities"), METERS)
    settle(plant)
    _, tree, model = parts(page)
    owner = model.find(METERS)
    assert len(owner.children) == BLOCK
    tree.scrollTo(model.index_of(owner.children[-1]))
    QApplication.processEvents()
    assert BLOCK < len(owner.children) < BIG


def test_the_detail_of_a_metric_leads_to_its_tag(page, plant, qtbot):
    opened(page, FILLER, DEVICE)
    touch(page, qtbot, LEVEL)
    detail = page.sparkplug.detail
    assert {"Float", "12", "Good", "line1/FillLevel"} <= texts(detail)
    with qtbot.waitSignal(plant.context.open_faceplate) as faceplate:
        detail.faceplate.click()
    assert faceplate.args == ["line1/FillLevel"]
    with qtbot.waitSignal(plant.context.navigate) as went:
        detail.trend.click()
    assert went.args == ["trends", "line1/FillLevel"]
    detail.show_place(LEVEL._replace(metric="FillFlowRate"))
    assert not detail.faceplate.isVisible()


def test_one_metric_of_ten_thousand_is_read_by_a_worker(page, plant):
    page.sparkplug.open_place(METERS._replace(metric="Meter 050/Channel 00"))
    settle(plant)
    assert {"Meter 050/Channel 00", "714.286 kW"} <= texts(page.sparkplug.detail)


def test_the_detail_of_a_node_says_what_is_odd_and_follows_it(page, plant):
    page.sparkplug.open_place(NodeRef(GROUP, "Edge-Packer-1"))
    detail = page.sparkplug.detail
    assert "Two nodes seem to use this name: births with different bdSeq alternate." in texts(detail)
    plant.memory_host.drop("Edge-Packer-1")
    second(plant)
    assert "It is not in the tree any more." in texts(detail)


def test_rebirth_is_asked_for_only_after_a_question(page, plant, qtbot):
    card, _, _ = parts(page)
    assert not card.rebirth.isEnabled()
    card.choose(NodeRef(GROUP, "Edge-Packer-1"))
    assert card.rebirth.isEnabled()
    with qtbot.waitSignal(plant.context.open_dialog) as asked:
        card.rebirth.click()
    (dialog,) = asked.args
    qtbot.addWidget(dialog)
    assert plant.memory_host.asked == []
    with qtbot.waitSignals([plant.context.notify, plant.context.close_drawer]):
        dialog.confirm.yes.click()
    assert plant.memory_host.asked == [(GROUP, "Edge-Packer-1", "operator")]
    second(plant)
    assert not card.rebirth.isEnabled()
    assert card.rebirth.text() == "Rebirth asked…"
    assert "has not answered" in card.rebirth.toolTip()


def test_a_refused_rebirth_says_why(plant, qtbot):
    plant.memory_host.obstacle = "Edge-Packer-1 was asked 2 s ago, wait 3 s"
    dialog = RebirthDialog(plant.context, GROUP, "Edge-Packer-1", 18)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(plant.context.notify) as said:
        dialog.confirm.yes.click()
    assert said.args == ["Edge-Packer-1 was asked 2 s ago, wait 3 s"]


def test_a_question_nobody_answers_goes_away_and_asks_nothing(plant, qtbot):
    dialog = RebirthDialog(plant.context, GROUP, "Edge-Packer-1", 18)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(plant.context.close_drawer):
        plant.context.bridge.frame.emit(10.1)
    assert plant.memory_host.asked == []


def test_a_lost_broker_makes_all_of_it_old_and_says_why(page, plant):
    card, _, model = parts(page)
    card.choose(NodeRef(GROUP, "Edge-Packer-1"))
    plant.memory_host.lose_broker("Connection refused", plant.clock.utc_us())
    second(plant, 0.0)
    assert model.lost
    assert (
        card.strip.accessibleName()
        == "No broker for 1 min, what follows is old. Connection refused. Next try in 31 s."
    )
    assert card.rebirth.toolTip() == "There is no broker to ask over"
    assert page.sparkplug.broker.accessibleDescription().startswith("Disconnected 1 min. Connection refused.")
    assert "Offline" in texts(page.sparkplug.broker)
    plant.memory_host.broker = replace(plant.memory_host.broker, state=BrokerState.CONNECTED, cause="")
    second(plant)
    assert not model.lost
    assert card.strip.isHidden()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": BrokerState.CONNECTING, "since_us": START_US}, "Connecting to 10.20.0.5:8883"),
        ({"received": 0}, "Connected, nothing has arrived"),
        ({"received": 12}, "No nodes yet"),
        ({"state": BrokerState.DISCONNECTED, "cause": "Wrong password"}, "No connection to 10.20.0.5:8883"),
        ({"state": BrokerState.OFF}, "MQTT is off"),
    ],
)
def test_without_a_node_the_card_says_whether_anything_arrives(plant, qtbot, changes, said):
    plant.memory_host.views = []
    plant.memory_host.broker = replace(plant.memory_host.broker, **changes)
    page = shown(plant, qtbot)
    assert said in texts(page.sparkplug.nodes)
    plant.memory_host.views = six_nodes()
    second(plant)
    assert page.sparkplug.nodes.tree.isVisible()


def test_a_search_finds_metrics_and_giving_it_up_brings_the_tree_back(page, plant):
    card, tree, model = parts(page)
    opened(page, LABELLER, NodeRef(GROUP, "Edge-Labeller-1", "Labeller"))
    card.search_button.click()
    card.search.entry.setText("channel 07")
    card.search.on_due()
    settle(plant)
    assert [item.name for item in tree.visible_items()][:4] == [
        GROUP,
        "Edge-Utilities",
        "Energy meters",
        "Meter 000/Channel 07",
    ]
    assert card.search.found.accessibleName() == "Found in nodes: 1, metrics by that name: 100"
    card.search_button.click()
    assert card.search.isHidden()
    assert tree.isExpanded(model.index_of(model.find(LABELLER)))
    assert not tree.isExpanded(model.index_of(model.find(FILLER)))
    assert model.find(NodeRef(GROUP, "Edge-Labeller-1", "Labeller", "FillLevel")) is not None


def test_a_search_that_finds_nothing_says_so(page, plant):
    card, _, _ = parts(page)
    card.search.open()
    card.search.entry.setText("no such thing")
    card.search.on_due()
    settle(plant)
    assert card.search.found.accessibleName() == "Nothing has this in its name"


def test_a_search_begins_by_itself_and_goes_on_after_it_was_hidden(page, plant, qtbot):
    card, _, model = parts(page)
    card.search.open()
    card.search.entry.setText("labeller")
    page.views._group.button(0).click()
    assert not model.wanted.text
    page.views._group.button(2).click()
    qtbot.waitUntil(lambda: model.wanted.text == "labeller")
    settle(plant)


def test_a_big_plant_offers_the_search_by_itself(plant, qtbot):
    assert shown(plant, qtbot).sparkplug.nodes.search.isHidden()
    plant.memory_host.views = many_nodes(SEARCH_SHOWN_FROM)
    assert not shown(plant, qtbot).sparkplug.nodes.search.isHidden()


def test_our_own_edge_node_says_what_waits_and_what_was_lost(page, plant):
    broker = page.sparkplug.broker
    line = broker._edge_line
    assert line.accessibleName() == (
        "Own edge node, Born 05:58:12, BottlingHall / Edge-Filler-1: "
        "1 birth, 32 metrics, nothing waits on disk"
    )
    plant.memory_edge.state = replace(
        plant.memory_edge.state,
        state=EdgeState.OFFLINE,
        since_us=START_US - 60 * S,
        cause="No broker",
        stored=5200,
        stored_since_us=START_US - 60 * S,
        stored_lost=3,
    )
    second(plant)
    assert "5\u2009200 values wait on disk since 10:39:00, 3 lost" in line.accessibleName()
    assert "Offline since 10:39:00" in line.accessibleName()


def test_a_second_session_has_a_line_only_while_there_is_something_to_say(page, plant):
    broker = page.sparkplug.broker
    assert not broker._lines
    plant.memory_edge.broker = replace(
        plant.memory_edge.broker, state=BrokerState.DISCONNECTED, cause="Not authorised", since_us=START_US
    )
    second(plant)
    (line,) = broker._lines.values()
    assert line.accessibleName() == (
        "Edge node session, Disconnected 1 s, 10.20.0.5:8883 TLS. Not authorised."
    )
    plant.memory_edge.broker = replace(plant.memory_edge.broker, state=BrokerState.CONNECTED)
    second(plant)
    assert not broker._lines


def test_messages_are_kept_only_while_somebody_looks(page, plant):
    assert plant.memory_host.inspecting == []
    page.sparkplug.nodes.messages_button.click()
    assert page.inspector.isVisible()
    assert not page.sparkplug.isVisible()
    assert plant.memory_host.inspecting == [True]
    page.views._group.button(0).click()
    assert plant.memory_host.inspecting == [True, False]
    page.views._group.button(2).click()
    page.inspector.close_button.click()
    assert page.sparkplug.isVisible()
    assert plant.memory_host.inspecting == [True, False, True, False]


def test_messages_come_newest_first_can_be_filtered_paused_and_cleared(page, plant):
    page.open_messages()
    inspector, host = page.inspector, plant.memory_host
    host.arrive("spBv1.0/BottlingHall/NDATA/Edge-Packer-1", 3)
    host.arrive("spBv1.0/BottlingHall/DDATA/Edge-Filler-1/Filler", 2, "metric 4 has no type")
    second(plant)
    assert [message.number for message in inspector.model.shown] == [5, 4, 3, 2, 1]
    inspector.filter.setText("packer ndata")
    assert [message.number for message in inspector.model.shown] == [3, 2, 1]
    inspector.filter.clear()
    inspector.pause.click()
    host.arrive("spBv1.0/BottlingHall/NDATA/Edge-Packer-1", 4)
    second(plant)
    assert inspector.model.shown[0].number == 5
    inspector.pause.click()
    assert inspector.model.shown[0].number == 9
    assert inspector.model.missed == 0
    inspector.clear.click()
    assert inspector.model.shown == []
    host.arrive("STATE/x")
    second(plant)
    assert [message.number for message in inspector.model.shown] == [10]


def test_what_came_too_fast_is_counted_and_the_list_has_an_end(page, plant):
    page.open_messages()
    for _ in range(7):
        plant.memory_host.arrive("spBv1.0/G/NDATA/N", 250)
        second(plant)
    assert page.inspector.model.rowCount() == page.inspector.model.kept == MOST_MESSAGES
    assert page.inspector.model.missed == 6 * 50
    assert page.inspector.model.shown[0].number == 7 * 250


def test_a_chosen_message_is_decoded_and_can_be_copied(page, plant, qtbot):
    page.open_messages()
    plant.memory_host.arrive("spBv1.0/BottlingHall/NDATA/Edge-Packer-1", payload=bytes(range(40)))
    second(plant)
    table = page.inspector.table
    where = table.visualRect(page.inspector.model.index(0, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    settle(plant)
    view = page.inspector.payload
    assert '"topic": "spBv1.0/BottlingHall/NDATA/Edge-Packer-1"' in view.text.toPlainText()
    view.copy_text.click()
    assert QGuiApplication.clipboard().text() == view.text.toPlainText()
    view.copy_payload.click()
    assert bytes.fromhex(QGuiApplication.clipboard().text()) == bytes(range(40))


def test_any_payload_can_be_pasted_and_decoded(page, plant):
    page.open_messages()
    view = page.inspector.payload
    view.source._group.button(1).click()
    view.paste_topic.setText("spBv1.0/Other/DDATA/N/D")
    view.paste.setPlainText("08c1 a6")
    view.decode.click()
    settle(plant)
    assert '"bytes": "08 c1 a6"' in view.text.toPlainText()
    assert '"topic": "spBv1.0/Other/DDATA/N/D"' in view.text.toPlainText()
    view.paste.setPlainText("08c1 a")
    view.decode.click()
    assert "One hexadecimal digit is missing: every byte has two." in texts(view)
    assert view.text.toPlainText() == ""
    assert not view.copy_text.isEnabled()


def test_the_detail_of_a_node_leads_to_its_messages(page, plant):
    page.sparkplug.open_place(DEVICE)
    page.sparkplug.detail.messages_button.click()
    assert page.inspector.isVisible()
    assert page.inspector.filter.text() == "Edge-Filler-1 Filler"


def test_escape_closes_one_thing_after_the_other(plant, qtbot):
    page = shown(plant, qtbot, WIDE)
    card, tree, _ = parts(page)
    page.sparkplug.open_place(FILLER)
    page.open_messages()
    qtbot.keyClick(page.inspector.filter, Qt.Key.Key_Escape)
    assert not page.inspector.isVisible()
    assert page.sparkplug.detail_open
    card.search_button.click()
    qtbot.keyClick(card.search.entry, Qt.Key.Key_Escape)
    assert card.search.isHidden()
    qtbot.keyClick(tree, Qt.Key.Key_Escape)
    assert not page.sparkplug.detail_open


def test_on_a_desk_all_of_it_stands_in_the_right_column(plant, qtbot):
    page = shown(plant, qtbot, WIDE)
    for part in (page.sparkplug.nodes, page.sparkplug.broker, page.database, page.events):
        assert part.isVisible()
    assert page.sparkplug.nodes.tree.row_height == 40
    assert page.sparkplug.nodes.mapTo(page, QPoint()).y() < page.sparkplug.broker.mapTo(page, QPoint()).y()
    page.sparkplug.open_place(FILLER)
    assert not page.database.isVisible()
    assert page.sparkplug.nodes.isVisible()
    page.sparkplug.close_detail()
    assert page.database.isVisible()
    page.open_messages()
    assert page.inspector.isVisible()
    assert not page.events.isVisible()
    page.open_messages(opened=False)
    assert page.events.isVisible()


def test_the_layout_follows_the_width_and_keeps_what_is_open(plant, qtbot):
    page = shown(plant, qtbot)
    opened(page, FILLER)
    page.resize(*WIDE)
    QApplication.processEvents()
    assert page.wide
    assert page.sparkplug.isVisible()
    page.resize(*NARROW)
    QApplication.processEvents()
    assert page.sparkplug.isVisible()
    assert page.sparkplug.nodes.tree.row_height == 56
    _, tree, model = parts(page)
    assert tree.isExpanded(model.index_of(model.find(FILLER)))


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_the_theme_can_change_while_it_is_shown(plant, qtbot, size):
    page = shown(plant, qtbot, size)
    before = page.sparkplug.grab().toImage()
    plant.context.change_theme("graphite")
    assert page.sparkplug.grab().toImage() != before


def test_a_plant_without_sparkplug_keeps_its_page(bench: Bench, qtbot):
    page = DiagnosticsPage(bench.context)
    qtbot.addWidget(page)
    page.resize(*WIDE)
    page.show()
    assert page.sparkplug is None
    assert page.inspector is None
    assert len(page.views._group.buttons()) == 2
    (unused,) = page.findChildren(SparkplugUnused)
    with qtbot.waitSignal(bench.context.navigate) as went:
        unused.action.click()
    assert went.args == ["settings", ""]
    page.on_argument("sparkplug")
    assert page.views.value == "logs"


def test_an_edge_node_without_a_host_still_shows_its_broker(plant, qtbot):
    plant.host = None
    page = shown(plant, qtbot)
    assert page.sparkplug.nodes is None
    assert page.sparkplug.broker.isVisible()
    assert page.inspector is None


def chip(plant, qtbot):
    header = Header(plant.context, "Line 1", PAGES, [page.title for page in PAGES])
    qtbot.addWidget(header)
    return header, next(c for c in header.findChildren(StatusChip) if c.accessibleName().startswith("Nodes"))


def test_the_header_counts_the_nodes_and_leads_to_them(plant, qtbot):
    _, nodes = chip(plant, qtbot)
    assert nodes.accessibleName() == (
        "Nodes, 4 / 6, Not online: BottlingHall / Edge-Cellar, BottlingHall / Edge-Labeller-1"
    )
    plant.memory_host.change("Edge-Cellar", state=NodeState.ONLINE)
    plant.memory_host.change("Edge-Labeller-1", state=NodeState.ONLINE)
    second(plant)
    assert nodes.accessibleName() == "Nodes, all well"
    plant.memory_host.lose_broker("Connection refused", START_US)
    second(plant)
    assert nodes.accessibleName() == "Nodes, No broker, Connection refused"
    with qtbot.waitSignal(plant.context.navigate) as went:
        nodes.click()
    assert went.args == ["diagnostics", "sparkplug"]


def test_the_header_speaks_of_the_edge_node_where_there_is_no_host(plant, qtbot):
    plant.host = None
    plant.memory_edge.state = replace(
        plant.memory_edge.state, state=EdgeState.WAITING, cause="SCADA is not online"
    )
    _, nodes = chip(plant, qtbot)
    assert nodes.accessibleName() == "Nodes, Waiting, SCADA is not online"


def test_the_header_says_nothing_of_nodes_where_there_are_none(bench: Bench, qtbot):
    header = Header(bench.context, "Line 1", PAGES, [page.title for page in PAGES])
    qtbot.addWidget(header)
    assert len(header.findChildren(StatusChip)) == 2
