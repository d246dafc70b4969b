"""A Logix controller's tags as a tree."""

from collections.abc import Iterator

import pytest

from drivers.discovery.browse import browse
from drivers.discovery.logix_tree import count_tags, tag_tree
from drivers.logix.address import parse_address
from drivers.logix.symbols import Member, Symbol, SymbolAccess, SymbolTable, Template
from engine.discovery import Browsed, DiscoveryCancelledError, DiscoveryError, Target
from engine.model import DataType, TypeSpec, parse_type
from sim.logix_server import MICRO800, Access, LogixServer
from tests.drivers.discovery.places import Told, address
from tests.drivers.discovery.trees import below, child, children
from tests.waiting import wait_until

DINT, REAL, BITS = 0xC4, 0xCA, 0xD3


@pytest.fixture
def server() -> Iterator[LogixServer]:
    with LogixServer(address(1), 0) as server:
        server.add_struct(
            "Tank", [("Level", "REAL"), ("Full", "BOOL"), ("Empty", "BOOL"), ("Hours", "INT", 24)]
        )
        server.add_struct("Filler", [("State", "DINT"), ("Tank", "Tank"), ("Name", "STRING")])
        server.add_tag("Speed", "REAL")
        server.add_tag("Filler", "Filler")
        server.add_tag("Tanks", "Tank", (250,))
        server.add_tag("Recipe", "REAL", (10,))
        server.add_tag("Grid", "DINT", (2, 3))
        server.add_tag("Flags", "BOOL", (64,))
        server.add_tag("ProductName", "STRING")
        server.add_tag("Serial", "DINT", access=Access.READ_ONLY)
        server.add_tag("Secret", "DINT", access=Access.NONE)
        server.add_tag("FillTimer", "TIMER", program="MainProgram")
        server.add_tag("CycleTime", "REAL", program="MainProgram")
        yield server


def target_of(server: LogixServer, family: str = "ControlLogix") -> Target:
    return Target("ALLEN_BRADLEY", family, server.host, server.port, timeout_s=1.0)


@pytest.fixture
def browsed(server: LogixServer) -> Browsed:
    return browse(target_of(server), Told())


def test_programs_are_folders_beside_the_controller_s_tags(browsed: Browsed) -> None:
    assert browsed.source.startswith("1756-L83E/B")
    assert [node.name for node in browsed.roots] == ["Controller tags", "Program:MainProgram"]
    assert [node.name for node in children(browsed.roots[0])] == sorted(
        ["Speed", "Filler", "Tanks", "Recipe", "Grid", "Flags", "ProductName", "Serial", "Secret"],
        key=str.lower,
    )
    timer = child(browsed.roots, "Program:MainProgram", "FillTimer", "ACC")
    assert (timer.address, str(timer.type)) == ("Program:MainProgram.FillTimer.ACC", "DINT")


@pytest.mark.parametrize(
    ("path", "address_", "type_text"),
    [
        (("Speed",), "Speed", "REAL"),
        (("Filler", "Tank", "Level"), "Filler.Tank.Level", "REAL"),
        (("Filler", "Tank", "Full"), "Filler.Tank.Full", "BOOL"),
        (("Filler", "Tank", "Hours"), "Filler.Tank.Hours", "INT[24]"),
        (("Filler", "Tank", "Hours", "[23]"), "Filler.Tank.Hours[23]", "INT"),
        (("Filler", "Name"), "Filler.Name", "STRING[82]"),
        (("Filler", "State", ".31"), "Filler.State.31", "BOOL"),
        (("Tanks", "[100] … [199]", "[123]", "Level"), "Tanks[123].Level", "REAL"),
        (("Recipe",), "Recipe", "REAL[10]"),
        (("Recipe", "[9]"), "Recipe[9]", "REAL"),
        (("Grid",), "Grid", "DINT[6]"),
        (("Grid", "[1,2]"), "Grid[1,2]", "DINT"),
        (("Flags",), "Flags", "BOOL[64]"),
        (("Flags", "[63]"), "Flags[63]", "BOOL"),
        (("ProductName",), "ProductName", "STRING[82]"),
    ],
)
def test_what_can_be_a_tag_has_address_and_type(
    browsed: Browsed, path: tuple[str, ...], address_: str, type_text: str
) -> None:
    node = child(browsed.roots, "Controller tags", *path)
    assert (node.address, node.type) == (address_, parse_type(type_text))
    assert node.writable


def test_structures_are_folders(browsed: Browsed) -> None:
    filler = child(browsed.roots, "Controller tags", "Filler")
    assert (filler.selectable, filler.type_text, filler.reason) == (False, "Filler", "")
    assert [node.name for node in children(filler)] == ["State", "Tank", "Name"]
    tanks = child(browsed.roots, "Controller tags", "Tanks")
    assert (tanks.selectable, tanks.type_text, len(children(tanks))) == (False, "Tank[250]", 3)


def test_external_access_is_seen(browsed: Browsed) -> None:
    serial = child(browsed.roots, "Controller tags", "Serial")
    assert (serial.selectable, serial.writable) == (True, False)
    assert not child(browsed.roots, "Controller tags", "Serial", ".3").writable
    secret = child(browsed.roots, "Controller tags", "Secret")
    assert (secret.selectable, "does not allow" in secret.reason) == (False, True)


def test_what_is_counted_is_what_can_be_chosen_but_bits_of_integers(browsed: Browsed) -> None:
    nodes = [node for node in below(browsed.roots) if node.selectable and not node.name.startswith(".")]
    assert browsed.count == len(nodes)
    assert len({node.address for node in nodes}) == len(nodes)
    for node in nodes:
        parse_address(node.address)


def test_a_micro800_has_tags_but_no_programs() -> None:
    with LogixServer(address(1), 0, MICRO800) as server:
        server.add_tag("Speed", "REAL")
        browsed = browse(target_of(server, "Micro800"), Told())
    assert [node.address for node in browsed.roots] == ["Speed"]


def test_a_long_upload_tells_how_far_it_is_and_is_given_up(server: LogixServer) -> None:
    for n in range(2000):
        server.add_tag(f"Spare{n}", "DINT")
    told = Told()
    assert browse(target_of(server), told).count > 2000
    assert len(told.steps) > 5

    class Impatient(Told):
        def __call__(self, done: int, total: int | None, text: str) -> None:
            super().__call__(done, total, text)
            self.cancelled = done > 0

    with pytest.raises(DiscoveryCancelledError):
        browse(target_of(server), Impatient())
    wait_until(lambda: server.connections == 0, "the session to be closed")


def test_a_controller_that_falls_silent_is_an_error_to_read(server: LogixServer) -> None:
    server.faults.mute = True
    with pytest.raises(DiscoveryError, match="does not answer within"):
        browse(target_of(server), Told())


def table(*symbols: Symbol) -> SymbolTable:
    return SymbolTable(symbols)


def symbol(name: str, code: int = DINT, dims: tuple[int, ...] = (), **more: object) -> Symbol:
    fields = {"access": SymbolAccess.READ_WRITE, "alias": False, "template_id": 0, **more}
    return Symbol(name, "", 1, code, dims=dims, **fields)  # type: ignore[arg-type]


def test_an_array_too_long_for_a_tag_is_chosen_in_parts() -> None:
    (node,) = tag_tree(table(symbol("Log", REAL, (100_000,))))
    assert not node.selectable
    assert "too long" in node.reason
    assert child(children(node), "[99900] … [99999]", "[99999]").type == TypeSpec(DataType.REAL)
    assert count_tags(table(symbol("Log", REAL, (100_000,)))) == 100_000


def test_an_alias_is_marked() -> None:
    assert tag_tree(table(symbol("Level", alias=True)))[0].type_text == "DINT, alias"


def test_a_type_that_is_not_known_says_why_it_cannot_be_chosen() -> None:
    (node,) = tag_tree(table(symbol("Odd", 0x99)))
    assert (node.selectable, bool(node.reason)) == (False, True)
    (node,) = tag_tree(table(symbol("Lost", 0, template_id=0x123)))
    assert (node.selectable, "could not be read" in node.reason) == (False, True)
    assert count_tags(table(symbol("Odd", 0x99), symbol("Lost", 0, template_id=0x123))) == 0


def test_a_large_array_of_structures_is_only_made_when_it_is_opened() -> None:
    point = Template(0x200, "Point", 1, 8, (Member("X", REAL, None, 0, 0), Member("Y", REAL, None, 0, 4)))
    line = Template(0x201, "Line", 2, 80_000, (Member("Points", 0, point, 10_000, 0),))
    lines = symbol("Lines", 0, (10_000, 10), template_id=0x201, template=line)
    assert count_tags(table(lines)) == 2 * 10_000 * 100_000
    (node,) = tag_tree(table(lines))
    last = child(
        children(node), "[9990,0] … [9999,9]", "[9999,9]", "Points", "[9900] … [9999]", "[9999]", "Y"
    )
    assert last.address == "Lines[9999,9].Points[9999].Y"
