"""The Sparkplug tree as a model and as words: what is shown, and what changes when something changes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.history import CancelToken
from engine.model import Quality
from engine.nodes import NodeFaults, NodeState
from hmi.panel.diagnostics.metric_search import MOST_FOUND, find_metrics, passing
from hmi.panel.diagnostics.node_facts import device_facts, metric_facts, node_facts, skew_text
from hmi.panel.diagnostics.node_item import ALL, BLOCK, NodeRef, Wanted
from hmi.panel.diagnostics.node_text import age_text, plain_value, value_text
from hmi.panel.diagnostics.nodes_model import NodeColumn, NodesModel
from hmi.panel.display import DASH
from tests.hmi.panel.plant_bench import START_US
from tests.hmi.panel.sparkplug_bench import (
    BIG,
    BORN_US,
    DIED_US,
    FILLER,
    GROUP,
    MemoryHost,
    device,
    many_metrics,
    metric,
    node,
    six_nodes,
)
from tests.hmi.panel.zone import SITE

FILLER_NODE = NodeRef(GROUP, "Edge-Filler-1")
FILLER_DEVICE = NodeRef(GROUP, "Edge-Filler-1", "Filler")
METERS = NodeRef(GROUP, "Edge-Utilities", "Energy meters")


@pytest.fixture
def model(qapp):
    model = NodesModel(SITE)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.update_nodes(six_nodes(), START_US)
    return model


def line(model, *ref):
    item = model.find(ref[0]._replace(metric=ref[1]) if isinstance(ref[0], NodeRef) else NodeRef(*ref))
    return [model.text(item, column) for column in NodeColumn]


def names(model, *ref):
    return [child.name for child in model.find(NodeRef(*ref)).children]


def test_a_group_says_how_many_of_its_nodes_are_online(model):
    assert line(model, GROUP) == [GROUP, "4 of 6 online", "", "", "", ""]


def test_a_born_node_shows_its_birth_and_its_numbers(model):
    assert line(model, GROUP, "Edge-Capper-1") == ["Edge-Capper-1", "Born 05:58:12", "2", "87", "14", "0.6 s"]


def test_a_node_counts_the_metrics_of_its_devices_too(model):
    assert line(model, GROUP, "Edge-Filler-1")[NodeColumn.METRICS] == "8 / 10"


def test_a_node_was_heard_of_when_its_devices_were(model):
    old = node("Old", last_data_us=START_US - 60_000_000, devices=(device("Lively", 2),))
    model.update_nodes([old], START_US)
    assert line(model, GROUP, "Old")[NodeColumn.AGE] == "0.3 s"
    model.update_nodes([node("Mute", last_data_us=None)], START_US)
    assert line(model, GROUP, "Mute")[NodeColumn.AGE] == DASH


def test_a_dead_node_takes_its_devices_with_it(model):
    assert line(model, GROUP, "Edge-Labeller-1")[1:] == ["Died 10:12:20", "7", "118", "0 / 22", "27 min"]
    assert line(model, GROUP, "Edge-Labeller-1", "Labeller")[1:] == ["Stale", "", "", "0 / 20", "27 min"]


def test_a_node_that_was_never_born_waits(model):
    assert line(model, GROUP, "Edge-Cellar")[1:5] == ["No birth yet", "", "", "0"]


def test_a_birth_of_another_day_names_the_day(model):
    model.update_nodes([node("Old", BORN_US - 200_000_000_000)], START_US)
    assert line(model, GROUP, "Old")[1] == "Born 9 Mar 22:24"


def test_a_pending_rebirth_stands_in_place_of_the_birth(model):
    model.update_nodes([node("Asked", rebirth_pending=True)], START_US)
    assert line(model, GROUP, "Asked")[1] == "Rebirth asked"


def test_metrics_come_when_they_are_given_and_show_value_and_type(model):
    owner = model.find(FILLER_DEVICE)
    assert not owner.children
    model.update_metrics(owner, FILLER)
    assert line(model, FILLER_DEVICE, "FillLevel") == [
        "FillLevel",
        "Float, alias 12",
        "",
        "",
        "23.4 %",
        "0.3 s",
    ]
    assert line(model, FILLER_DEVICE, "Recipe")[1] == "Template"


def test_newer_metrics_change_values_without_touching_the_rows(model):
    owner = model.find(FILLER_DEVICE)
    model.update_metrics(owner, FILLER)
    rows = [child.number for child in owner.children]
    model.update_metrics(owner, [replace(each, value=99.5) for each in FILLER])
    assert [child.number for child in owner.children] == rows
    assert line(model, FILLER_DEVICE, "FillLevel")[NodeColumn.METRICS] == "99.5 %"


def test_another_birth_with_other_metrics_replaces_them(model):
    owner = model.find(FILLER_DEVICE)
    model.update_metrics(owner, FILLER)
    model.update_metrics(owner, [metric("Fresh", "Int32", 7, 1), *FILLER[:1]])
    assert names(model, *FILLER_DEVICE) == ["Fresh", "FillLevel"]


def test_ten_thousand_metrics_come_in_blocks(qapp):
    model = NodesModel(SITE)  # without the tester, which looks at every row each time
    model.update_nodes(six_nodes(), START_US)
    owner = model.find(METERS)
    model.update_metrics(owner, many_metrics(BIG))
    assert len(owner.children) == BLOCK
    assert model.load_more(owner)
    assert len(owner.children) == 2 * BLOCK
    while model.load_more(owner):
        pass
    assert len(owner.children) == BIG
    assert line(model, METERS, "Meter 099/Channel 99")[NodeColumn.METRICS] == "1\u2009428.43 kW"


def test_a_node_that_comes_or_goes_moves_no_other(model):
    kept = {item.name: item.number for item in model.find(NodeRef(GROUP)).children}
    inserted, removed = [], []
    model.rowsInserted.connect(lambda parent, first, last: inserted.append((first, last)))
    model.rowsRemoved.connect(lambda parent, first, last: removed.append((first, last)))
    views = [view for view in six_nodes() if view.id != "Edge-Filler-1"]
    model.update_nodes([*views, node("Edge-Zero")], START_US)
    left = {item.name: item.number for item in model.find(NodeRef(GROUP)).children}
    assert removed == [(2, 2)]
    assert inserted == [(5, 5)]
    assert all(left[name] == number for name, number in kept.items() if name != "Edge-Filler-1")


def test_figures_alone_announce_nothing(model):
    changes = []
    for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset, model.dataChanged):
        signal.connect(lambda *_: changes.append(1))
    model.update_nodes([replace(view, seq=7) for view in six_nodes()], START_US + 1_000_000)
    assert changes == []
    model.touch([model.find(FILLER_NODE)])
    assert changes == [1]


def test_a_device_that_dies_alone_leaves_its_node_alive(model):
    dead = device("Filler", 8, state=NodeState.OFFLINE, since_us=DIED_US, metrics_good=0)
    model.update_nodes([node("Edge-Filler-1", devices=(dead,))], START_US)
    model.update_metrics(model.find(FILLER_DEVICE), FILLER)
    assert line(model, GROUP, "Edge-Filler-1")[1] == "Born 05:58:12"
    assert line(model, *FILLER_DEVICE)[1] == "Died 10:12:20"
    assert model.find(FILLER_DEVICE._replace(metric="FillLevel")).dead
    assert not model.find(FILLER_NODE).dead


def test_a_filter_keeps_what_it_names_and_what_leads_there(model):
    model.choose(Wanted("labeller"))
    assert names(model, GROUP) == ["Edge-Labeller-1"]
    model.choose(Wanted("meters"))
    assert names(model, GROUP) == ["Edge-Utilities"]
    assert names(model, GROUP, "Edge-Utilities") == ["Energy meters"]
    model.choose(ALL)
    assert len(names(model, GROUP)) == 6


def test_metrics_found_by_name_hang_below_their_owner(model):
    host = MemoryHost(six_nodes())
    model.choose(find_metrics(host, host.views, "fillle", CancelToken()))
    assert names(model, GROUP) == ["Edge-Filler-1", "Edge-Labeller-1"]
    assert names(model, *FILLER_DEVICE) == ["FillLevel"]


def test_a_search_ends_at_enough_metrics_and_when_it_is_cancelled():
    host = MemoryHost(six_nodes())
    found = find_metrics(host, host.views, "channel", CancelToken())
    assert sum(map(len, found.metrics.values())) == MOST_FOUND
    token = CancelToken()
    token.cancel()
    assert find_metrics(host, host.views, "channel", token).metrics == {}


def test_under_a_filter_only_what_was_found_is_read_again():
    found = Wanted("level", {FILLER_DEVICE: FILLER[:1]})
    assert passing(FILLER, FILLER_DEVICE, found) == FILLER[:1]
    assert passing(FILLER, FILLER_NODE, found) == FILLER
    assert passing(FILLER, FILLER_DEVICE, ALL) == FILLER


def test_a_line_is_said_in_one_sentence(model):
    index = model.index_of(model.find(FILLER_NODE))
    said = model.data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert said == (
        "Edge-Filler-1, Born 05:58:12, own node, bdSeq 4, seq 203, metrics 8 of 10, last data 0.3 s ago"
    )
    owner = model.find(FILLER_DEVICE)
    model.update_metrics(owner, FILLER)
    first = model.index_of(owner.children[0])
    said = model.data(first, Qt.ItemDataRole.AccessibleTextRole)
    assert said == "FillLevel, Float, alias 12, 23.4 %, good, last data 0.3 s ago"


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("NMOP"), st.sets(st.sampled_from("xyz")))),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_comes_and_goes_the_tree_shows_the_newest(steps):
    """Rows are put in and taken out one by one; what remains is what a tree built anew would show."""
    model = NodesModel(SITE)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for step in steps:
        newest = {(group, name): devices for group, name, devices in step}
        views = [
            replace(
                node(name),
                group=group,
                devices=tuple(device(each, 2) for each in sorted(newest[group, name])),
            )
            for group, name in sorted(newest)
        ]
        model.update_nodes(views, START_US)
        shown = [
            (group.name, item.name, [child.name for child in item.children])
            for group in model.root.children
            for item in group.children
        ]
        assert shown == [(view.group, view.id, [d.id for d in view.devices]) for view in views]
        assert model.rowCount(QModelIndex()) == len({view.group for view in views})
    tester.deleteLater()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, DASH),
        (True, "On"),
        (8640, "8\u2009640"),
        (23.4, "23.4"),
        (23.0, "23.0"),
        (0.1 + 0.2, "0.3"),
        (1234567.89, "1\u2009234\u2009567.9"),
        (1e-9, "1e-09"),
        (float("nan"), DASH),
        ((1, 2.5), "1, 2.5"),
        ("lot 7", "lot 7"),
    ],
)
def test_values_are_as_short_as_they_can_be(value, text):
    assert plain_value(value) == text


def test_a_long_text_is_shortened():
    assert plain_value("x" * 500) == "x" * 120 + "…"


def test_an_unknown_value_has_no_unit():
    assert value_text(replace(FILLER[0], value=None)) == DASH


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.34, "0.3 s"), (41, "41 s"), (60, "1 min"), (1660, "27 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_ages_stay_short(seconds, text):
    assert age_text(START_US, START_US + round(seconds * 1e6)) == text


def test_the_facts_of_a_node_name_every_fault_and_the_last_of_them():
    facts = dict(node_facts(six_nodes()[4], START_US, SITE))
    assert facts["Faults"].splitlines() == [
        "3 gaps in seq",
        "12 out of order",
        "1 with an unknown alias",
        "2 malformed",
        "4 from a second node of this name",
    ]
    assert facts["Last fault"] == "10:38:30  seq 118 came after 115"
    assert facts["Rebirths asked"] == "5"
    assert facts["Clock"] == "4.2 s behind ours"
    assert facts["Metrics"] == "16 of 18 good"


def test_a_node_without_faults_says_so_and_leaves_out_what_is_not_known():
    facts = dict(
        node_facts(node("Fresh", None, bd_seq=None, skew_ms=None, faults=NodeFaults()), START_US, SITE)
    )
    assert facts["Faults"] == "none"
    assert facts["bdSeq"] == facts["Clock"] == facts["Since"] == facts["Last cause"] == ""


def test_a_device_of_a_dead_node_is_stale_since_the_node_died():
    dead = six_nodes()[3]
    facts = dict(device_facts(dead.devices[0], dead, START_US, SITE))
    assert facts["State"] == "Stale, its node died"
    assert facts["Since"] == "10:12:20, for 27 min"
    assert facts["Metrics"] == "0 of 20 good"


def test_a_metric_says_which_tag_it_feeds():
    facts = dict(metric_facts(FILLER[0], False, START_US, SITE))
    assert facts["Feeds tag"] == "line1/FillLevel"
    assert facts["Quality"] == "Good"
    assert dict(metric_facts(FILLER[0], True, START_US, SITE))["Quality"] == "Stale"
    other = replace(FILLER[1], quality=Quality.BAD, alias=None, time_us=None, received_us=None)
    facts = dict(metric_facts(other, False, START_US, SITE))
    assert (facts["Feeds tag"], facts["Alias"]) == ("no tag of this plant file", "none")
    assert (facts["Source time"], facts["Received"]) == (DASH, "never")


@pytest.mark.parametrize(
    ("skew_ms", "text"),
    [(None, ""), (0.4, "as ours"), (120.0, "120 ms ahead of ours"), (-3_600_000.0, "1 h 00 min behind ours")],
)
def test_a_clock_is_compared_with_ours(skew_ms, text):
    assert skew_text(skew_ms) == text
