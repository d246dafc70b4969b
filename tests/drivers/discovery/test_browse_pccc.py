"""The file directory of an SLC-500 or MicroLogix as a tree."""

from collections.abc import Iterator

import pytest

from drivers.discovery.browse import browse
from drivers.discovery.pccc_tree import count_nodes, file_node
from drivers.discovery.preview import preview
from drivers.pccc.address import FileType, check_type, parse_address
from drivers.pccc.directory import DataFile
from drivers.pccc.family import Family
from engine.discovery import DiscoveryError, Target
from engine.model import DataType, TypeSpec
from sim.pccc_files import FileType as SimFileType
from sim.pccc_server import MicroLogixServer, PcccServer, Plc5Server, SlcServer
from tests.drivers.discovery.places import Told, address
from tests.drivers.discovery.trees import below, child, children
from tests.waiting import wait_until


@pytest.fixture
def slc() -> Iterator[PcccServer]:
    with SlcServer(address(1), 0) as server:
        server.files.add(SimFileType.BIT, 3, 5)
        server.files.add(SimFileType.TIMER, 4, 2)
        server.files.add(SimFileType.INTEGER, 7, 250)
        server.files.add(SimFileType.FLOAT, 8, 13)
        server.files.add(SimFileType.STRING, 10, 1)
        yield server


def target_of(server: PcccServer, family: str) -> Target:
    return Target("ALLEN_BRADLEY", family, server.host, server.port, timeout_s=1.0)


def test_an_slc_lists_its_files(slc: PcccServer) -> None:
    told = Told()
    browsed = browse(target_of(slc, "SLC-500"), told)
    assert [node.name for node in browsed.roots] == ["O", "I", "S", "B3", "T4", "N7", "F8", "ST10"]
    assert "1747-L55" in browsed.source
    assert child(browsed.roots, "N7").type_text == "250 integers"
    assert [node.name for node in children(child(browsed.roots, "N7"))] == [
        "N7:0 … N7:99",
        "N7:100 … N7:199",
        "N7:200 … N7:249",
    ]
    assert child(browsed.roots, "N7", "N7:100 … N7:199", "N7:123", "N7:123/7").type == TypeSpec(DataType.BOOL)
    assert child(browsed.roots, "B3", "B3:1", "B3:1/3").address == "B3:1/3"
    assert child(browsed.roots, "F8", "F8:2").type == TypeSpec(DataType.REAL)
    assert child(browsed.roots, "ST10", "ST10:0").type == TypeSpec(DataType.STRING, chars=82)
    timer = child(browsed.roots, "T4", "T4:1")
    assert not timer.selectable
    assert [node.name for node in children(timer)] == [
        "T4:1.PRE",
        "T4:1.ACC",
        "T4:1/EN",
        "T4:1/TT",
        "T4:1/DN",
    ]
    assert "by hand" in child(browsed.roots, "I").reason
    assert told.steps[-1][0] == told.steps[-1][1]
    wait_until(lambda: slc.connections == 0, "the session to be closed")


def test_what_was_browsed_can_be_previewed(slc: PcccServer) -> None:
    browsed = browse(target_of(slc, "SLC-500"), Told())
    nodes = [
        node
        for folder in browsed.roots
        if folder.name not in ("O", "I")
        for node in below(children(folder)[:1])
        if node.selectable
    ]
    assert len(nodes) > 50
    read = preview(target_of(slc, "SLC-500"), nodes)
    assert [each.error for each in read if each.error] == []


def test_a_micrologix_lists_its_own_inputs_too() -> None:
    with MicroLogixServer(address(1), 0) as server:
        server.files.add(SimFileType.LONG, 9, 3)
        browsed = browse(target_of(server, "MicroLogix"), Told())
        assert child(browsed.roots, "I", "I:0.1", "I:0.1/3").address == "I:0.1/3"
        assert not child(browsed.roots, "I", "I:0.1").writable
        counter = child(browsed.roots, "L9", "L9:2")
        assert (counter.type, len(children(counter))) == (TypeSpec(DataType.DINT), 32)
        nodes = [counter, child(browsed.roots, "I", "I:0.1"), children(counter)[31]]
        assert [each.error for each in preview(target_of(server, "MicroLogix"), nodes)] == ["", "", ""]


def test_a_plc_5_says_where_its_tags_come_from() -> None:
    with Plc5Server(address(1), 0) as server, pytest.raises(DiscoveryError, match="RSLogix 5"):
        browse(target_of(server, "PLC-5"), Told())


@pytest.mark.parametrize("family", [Family.SLC500, Family.MICROLOGIX])
def test_every_address_is_one_that_the_driver_reads(family: Family) -> None:
    for kind in FileType:
        file = DataFile(9, kind.value, kind, 101)
        leaves = [node for node in below([file_node(file, family)]) if node.selectable]
        words = [leaf for leaf in leaves if leaf.type != TypeSpec(DataType.BOOL)]
        assert count_nodes(file, family) in (len(words), len(leaves))
        assert len({leaf.address for leaf in leaves}) == len(leaves)
        for leaf in leaves:
            assert leaf.type is not None
            text = leaf.address
            assert check_type(parse_address(text, family), leaf.type, family) == ""


def test_files_that_hold_no_values_say_so() -> None:
    node = file_node(DataFile(12, "MG", None, 3), Family.SLC500)
    assert (node.name, node.selectable, node.expand) == ("MG12", False, None)
    assert node.reason
    assert count_nodes(DataFile(12, "MG", None, 3), Family.SLC500) == 0
