"""An S7 controller's data blocks as a tree of places."""

from collections.abc import Iterable, Iterator

import pytest

from drivers.discovery.browse import browse
from drivers.discovery.preview import preview
from drivers.discovery.s7_tree import count_places, data_block, logo_memory, memory_node
from drivers.s7.address import check_type, parse_address
from drivers.s7.blocks import parse_size
from engine.discovery import BrowseNode, DiscoveryCancelledError, DiscoveryError, Target
from engine.model import DataType, TypeSpec
from sim.s7_server import S7Server
from tests.drivers.discovery.places import Told, address
from tests.drivers.discovery.trees import below, child, children
from tests.drivers.s7.scripted_peer import Answer, ScriptedPeer, data_frame, refuse_szl
from tests.waiting import wait_until


@pytest.fixture
def server() -> Iterator[S7Server]:
    with S7Server(address(1)) as server:
        server.add_db(1, bytearray(60))
        server.add_db(20, bytearray(5))
        yield server


def target_of(server: S7Server, **changes: object) -> Target:
    return Target("SIEMENS_S7", "S7-1500", server.host, server.port, slot=1, timeout_s=1.0, **changes)  # type: ignore[arg-type]


def test_data_blocks_are_folders_of_types_and_places(server: S7Server) -> None:
    browsed = browse(target_of(server), Told())
    assert [node.name for node in browsed.roots] == ["DB1", "DB20"]
    assert browsed.source == "CPU 1516-3 PN/DP · 6ES7 516-3AN02-0AB0 V2.9.4"
    assert "no names" in browsed.notices[0]
    db1 = browsed.roots[0]
    assert (db1.type_text, db1.selectable) == ("60 bytes", False)
    assert [node.name for node in children(db1)] == ["BOOL", "BYTE", "INT", "DINT", "REAL"]
    level = child(browsed.roots, "DB1", "REAL", "DBD8")
    assert (level.address, level.type, level.writable) == ("DB1.DBD8", TypeSpec(DataType.REAL), True)
    assert browsed.count == sum(node.selectable for node in below(browsed.roots))


def test_many_data_blocks_come_in_several_messages_and_with_progress(server: S7Server) -> None:
    for number in range(100, 400):
        server.add_db(number, bytearray(2))
    told = Told()
    browsed = browse(target_of(server), told)
    assert len(browsed.roots) == 302
    assert told.steps[-1] == (302, 302, "302 data blocks")


def test_browsing_is_given_up_between_two_requests(server: S7Server) -> None:
    told = Told()
    told.cancelled = True
    with pytest.raises(DiscoveryCancelledError):
        browse(target_of(server), told)
    wait_until(lambda: server.connections == 0, "the session to be closed")


def test_a_controller_without_data_blocks_says_so() -> None:
    with S7Server(address(1)) as server:
        browsed = browse(target_of(server), Told())
    assert (browsed.roots, browsed.count) == ((), 0)
    assert "no list of its data blocks" in browsed.notices[0]


def test_a_controller_that_is_not_there_is_an_error_to_read(server: S7Server) -> None:
    server.stop()
    with pytest.raises(DiscoveryError, match="refuses the connection"):
        browse(target_of(server), Told())


def test_a_logo_has_its_variable_memory() -> None:
    def refuse(pdu: bytes) -> Iterable[Answer]:
        return [data_frame(refuse_szl(pdu))]

    with ScriptedPeer(refuse) as peer:
        target = Target("SIEMENS_S7", "LOGO", "127.0.0.1", peer.port, timeout_s=1.0)
        browsed = browse(target, Told())
    assert child(browsed.roots, "V memory", "INT", "VW0 … VW198", "VW2").address == "VW2"
    assert child(browsed.roots, "V memory", "BOOL", "V0.0 … V12.3", "V0.3").address == "V0.3"


def test_every_place_can_be_read_by_the_driver() -> None:
    for memory in (data_block(7, 15), data_block(7, 1), data_block(7, 0), logo_memory()):
        leaves = [node for node in below([memory_node(memory)]) if node.selectable]
        assert len(leaves) == count_places(memory)
        assert len({(leaf.address, leaf.type) for leaf in leaves}) == len(leaves)
        for leaf in leaves:
            assert leaf.type is not None
            place = parse_address(leaf.address)
            assert check_type(place, leaf.type) == ""
            assert place.byte < memory.size


def test_block_information_of_another_block_is_not_taken() -> None:
    assert parse_size(b"", 1) is None
    assert parse_size(bytes(80), 1) is None


def test_a_preview_reads_what_was_chosen_in_the_order_given(server: S7Server) -> None:
    with server.lock:
        server.cpu.memory.area(0x84, 1)[8:12] = bytes.fromhex("42690000")  # type: ignore[arg-type]
    nodes = [
        BrowseNode("DBW99", "DB1.DBW99", TypeSpec(DataType.INT)),
        BrowseNode("REAL"),
        BrowseNode("DBD8", "DB1.DBD8", TypeSpec(DataType.REAL)),
    ]
    beyond, folder, level = preview(target_of(server), nodes)
    assert (beyond.value, "outside" in beyond.error) == (None, True)
    assert (folder.value, "folder" in folder.error) == (None, True)
    assert (level.address, level.value, level.error) == ("DB1.DBD8", 58.25, "")
    wait_until(lambda: server.connections == 0, "the session to be closed")
    assert preview(target_of(server), []) == []


def test_a_preview_of_a_controller_that_is_not_there_is_an_error(server: S7Server) -> None:
    server.stop()
    with pytest.raises(DiscoveryError, match="refuses the connection"):
        preview(target_of(server), [BrowseNode("DBD8", "DB1.DBD8", TypeSpec(DataType.REAL))])


@pytest.mark.parametrize("family", ["", "S5"])
def test_an_unknown_family_cannot_be_browsed(family: str) -> None:
    with pytest.raises(DiscoveryError, match="choose its family first"):
        browse(Target("ALLEN_BRADLEY", family, "127.0.0.1", 1), Told())
