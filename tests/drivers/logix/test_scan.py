"""One pass over all points: every value in its place, and what fails fails alone."""

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.base import Reading
from drivers.cip.frames import CipReply, FrameError
from drivers.logix.address import parse_address
from drivers.logix.place import Point
from drivers.logix.read_plan import Extra, pack, plan_extents
from drivers.logix.resolve import resolve
from drivers.logix.scan import RETRIES_ONE_BY_ONE, RETRIES_PER_SCAN, RETRY_S, Scan
from engine.model import Value, parse_type
from sim.logix_controller import LogixController
from sim.logix_values import TagContents
from tests.drivers.logix.in_memory import InMemorySession

LARGE, STANDARD = 3984, 484
Field = tuple[str, str] | tuple[str, str, int]
ATOMS = ("BOOL", "SINT", "INT", "DINT", "LINT", "REAL", "LREAL")


def points_of(
    session: InMemorySession, wanted: Sequence[tuple[str, str]], *, by_instance: bool = True
) -> list[Point]:
    find = session.definitions().find
    return [
        resolve(n, parse_address(address), parse_type(type_text), find, by_instance=by_instance)
        for n, (address, type_text) in enumerate(wanted)
    ]


def values(scan: Scan, session: InMemorySession, now: float = 0.0) -> list[Value | None]:
    session.messages.clear()
    return [reading.value for reading in scan.run(session.exchange, now)]


@st.composite
def plants(draw: st.DrawFn) -> tuple[LogixController, list[tuple[str, str]]]:
    """A controller with structures in structures, and addresses of values in it."""
    controller = LogixController()
    inner = draw(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=6))
    controller.add_struct("Inner", [(f"I{n}", kind) for n, kind in enumerate(inner)])
    outer: list[Field] = [("Text", "STRING"), ("One", "Inner"), ("Many", "Inner", draw(st.integers(1, 9)))]
    outer += [(f"O{n}", kind) for n, kind in enumerate(draw(st.lists(st.sampled_from(ATOMS), max_size=6)))]
    outer.append(("Row", "INT", draw(st.integers(1, 300))))
    outer = draw(st.permutations(outer))
    controller.add_struct("Outer", outer)
    lengths: dict[str, int] = {member[0]: member[2] for member in outer if len(member) == 3}
    kinds: dict[str, str] = {member[0]: member[1] for member in outer}
    controller.add_tag("Alone", "Outer")
    copies = draw(st.integers(1, 12))
    controller.add_tag("Copies", "Outer", (copies,), program="Main")
    numbers = draw(st.integers(1, 1500))
    controller.add_tag("Numbers", "DINT", (numbers,))
    controller.add_tag("Level", "REAL")
    found: list[tuple[str, str]] = []
    for _ in range(draw(st.integers(0, 40))):
        root = draw(st.sampled_from(("Alone", "Copies", "Numbers", "Level")))
        if root == "Numbers":
            found.append((f"Numbers[{draw(st.integers(0, numbers - 1))}]", "DINT"))
        elif root == "Level":
            found.append(("Level", "REAL"))
        else:
            base = root if root == "Alone" else f"Program:Main.Copies[{draw(st.integers(0, copies - 1))}]"
            member = draw(st.sampled_from(sorted(kinds)))
            address = f"{base}.{member}"
            if member in lengths:
                address += f"[{draw(st.integers(0, lengths[member] - 1))}]"
            if kinds[member] == "Inner":
                n = draw(st.integers(0, len(inner) - 1))
                found.append((f"{address}.I{n}", inner[n]))
            else:
                found.append((address, kinds[member]))
    return controller, found


def fill(controller: LogixController, wanted: Sequence[tuple[str, str]]) -> None:
    """A value of its own for each address."""
    for n, (address, kind) in enumerate(wanted):
        special: dict[str, TagContents] = {"BOOL": n % 2 == 0, "STRING": f"text {n}", "REAL": n + 0.5}
        controller.poke(address, special.get(kind, n % 120))


class TestPlan:
    @given(plants(), st.sampled_from([STANDARD, LARGE]), st.booleans(), st.booleans())
    def test_every_value_is_read_in_its_place(
        self,
        plant: tuple[LogixController, list[tuple[str, str]]],
        room: int,
        multiple: bool,
        by_instance: bool,
    ) -> None:
        controller, wanted = plant
        fill(controller, wanted)
        session = InMemorySession(controller, room)
        points = points_of(session, wanted, by_instance=by_instance)
        scan = Scan(points, {}, room, multiple=multiple)
        expected = [controller.peek(address) for address, _ in wanted]
        assert values(scan, session) == expected
        assert not scan.suspect
        for packet in scan.packets:
            assert len(packet.request) <= room + 6

    @given(plants(), st.sampled_from([STANDARD, LARGE]))
    def test_every_point_is_in_exactly_one_extent_that_holds_its_bytes(
        self, plant: tuple[LogixController, list[tuple[str, str]]], room: int
    ) -> None:
        controller, wanted = plant
        points = points_of(InMemorySession(controller), wanted)
        extents = plan_extents(points, room)
        assert sorted(point.index for extent in extents for point in extent.points) == list(
            range(len(points))
        )
        for extent in extents:
            for point in extent.points:
                assert extent.start <= point.offset
                assert point.offset + point.size <= extent.start + extent.size
        packed = [extent for packet in pack(extents, (), room, multiple=True) for extent in packet.extents]
        assert sorted(map(id, packed)) == sorted(map(id, extents))

    @given(plants())
    def test_replies_of_a_packet_stay_away_from_the_end_of_the_connection(
        self, plant: tuple[LogixController, list[tuple[str, str]]]
    ) -> None:
        controller, wanted = plant
        points = points_of(InMemorySession(controller), wanted)
        for packet in pack(plan_extents(points, STANDARD), (), STANDARD, multiple=True):
            if packet.request:
                items = len(packet.extents)
                assert 2 + 2 * items + sum(extent.reply_size for extent in packet.extents) <= STANDARD

    def test_extras_come_after_everything_else(self) -> None:
        controller = LogixController()
        controller.add_tag("Big", "DINT", (3000,))
        points = points_of(InMemorySession(controller), [(f"Big[{n}]", "DINT") for n in range(0, 3000, 40)])
        extra = Extra(b"\x0e\x03\x20\x01\x24\x01\x30\x05", 2)
        packets = pack(plan_extents(points, STANDARD), (extra,), STANDARD, multiple=True)
        assert [bool(packet.extras) for packet in packets] == [False] * (len(packets) - 1) + [True]


def line(session_room: int = LARGE) -> InMemorySession:
    """Ten tags with their own numbers, and a structure of four."""
    controller = LogixController()
    for n in range(10):
        controller.add_tag(f"T{n}", "DINT")
        controller.poke(f"T{n}", n)
    controller.add_struct("U", [(f"M{n}", "DINT") for n in range(4)])
    controller.add_tag("S", "U")
    for n in range(4):
        controller.poke(f"S.M{n}", 10 + n)
    return InMemorySession(controller, session_room)


WANTED = [(f"T{n}", "DINT") for n in range(10)] + [(f"S.M{n}", "DINT") for n in range(4)]
READ, FRAGMENT = 0x4C, 0x52


def named(name: bytes) -> bytes:
    return bytes((0x91, len(name))) + name


class TestFailures:
    def scan(self, session: InMemorySession, *, multiple: bool = True) -> Scan:
        return Scan(
            points_of(session, WANTED, by_instance=False),
            {14: Reading(None, "malformed")},
            LARGE,
            multiple=multiple,
        )

    @pytest.mark.parametrize("multiple", [True, False])
    @pytest.mark.parametrize(
        "status", [(0x04, ()), (0x05, ()), (0xFF, (0x2105,)), (0x0F, ()), (0xEE, (1, 2, 3))]
    )
    def test_what_is_refused_alone_fails_alone_and_is_left_out(
        self, multiple: bool, status: tuple[int, tuple[int, ...]]
    ) -> None:
        session = line()
        scan = self.scan(session, multiple=multiple)
        session.refuse = lambda request: status if named(b"T3") in request[:6] else None
        for _ in range(2):
            assert values(scan, session) == [0, 1, 2, None, *range(4, 14), None]
        assert scan.failed == {3}
        assert not any(named(b"T3") in request for request in session.messages)

    @pytest.mark.parametrize("status", [0x02, 0x0C, 0x10])
    def test_what_only_cannot_be_answered_now_is_asked_again_at_once(self, status: int) -> None:
        session = line()
        scan = self.scan(session)
        session.refuse = lambda request: (status, ()) if request[0] == READ else None
        assert values(scan, session) == [None] * 15
        session.refuse = lambda _request: None
        assert values(scan, session) == [*range(14), None]
        assert len(session.messages) == 1

    def test_it_is_tried_again_now_and_then(self) -> None:
        session = line()
        scan = self.scan(session)
        session.refuse = lambda request: (0x05, ()) if named(b"T3") in request[:6] else None
        values(scan, session, 0.0)
        session.refuse = lambda _request: None
        assert values(scan, session, RETRY_S - 1)[3] is None
        assert values(scan, session, RETRY_S)[3] == 3
        assert values(scan, session, RETRY_S + 1) == [*range(14), None]
        assert len(session.messages) == 1

    def test_a_structure_that_may_not_be_read_as_a_whole_is_read_by_its_members(self) -> None:
        session = line()
        scan = self.scan(session)
        refused = [b"\x4c\x02" + named(b"S") + b"\0", b"M2"]
        session.refuse = lambda request: (
            (0x0F, ())
            if request.startswith(refused[0]) or (request[0] == READ and refused[1] in request)
            else None
        )
        for _ in range(2):
            assert values(scan, session) == [*range(12), None, 13, None]
        assert scan.failed == {12}

    def test_a_packet_that_is_refused_as_a_whole_is_asked_one_by_one(self) -> None:
        session = line()
        scan = self.scan(session)
        session.refuse = lambda request: (0x08, ()) if request[0] == 0x0A else None
        assert values(scan, session) == [*range(14), None]

    def test_a_packet_whose_replies_grew_too_long_is_completed_in_fragments(self) -> None:
        session = line()
        scan = self.scan(session)
        session.room = 100
        assert values(scan, session) == [*range(14), None]
        assert any(request[0] == FRAGMENT for request in session.messages)

    def test_another_type_is_never_decoded(self) -> None:
        session = line()
        scan = self.scan(session)
        other = LogixController()
        for n in range(10):
            other.add_tag(f"T{n}", "REAL" if n == 4 else "DINT")
            other.poke(f"T{n}", n)
        other.add_struct("U", [("M3", "DINT"), ("M2", "DINT"), ("M1", "DINT"), ("M0", "DINT")])
        other.add_tag("S", "U")
        other.poke("S.M3", 99)
        session.controller = other
        readings = scan.run(session.exchange, 0.0)
        assert scan.suspect
        assert readings[4].value is None
        assert "another type" in readings[4].error
        assert readings[5].value == 5
        assert [reading.value for reading in readings[10:14]] in ([0, 0, 0, 99], [None] * 4)

    @given(st.binary(max_size=200))
    def test_nonsense_is_an_error_and_never_a_value(self, data: bytes) -> None:
        session = line()
        scan = self.scan(session)
        try:
            readings = scan.run(lambda _request: CipReply(0, (), data), 0.0)
        except FrameError:
            return
        assert all(reading.value is None for reading in readings)

    @given(st.integers(0, 400), st.integers(1, 255))
    def test_a_reply_with_one_byte_changed_is_an_error_or_changes_only_values(
        self, position: int, change: int
    ) -> None:
        session = line()
        scan = self.scan(session)
        good = session.exchange(scan.packets[0].request)
        broken = bytearray(good.data)
        broken[position % len(broken)] ^= change
        answers = iter([CipReply(0, (), bytes(broken))])
        try:
            readings = scan.run(lambda request: next(answers, None) or session.exchange(request), 0.0)
        except FrameError:
            return
        wrong = [n for n, reading in enumerate(readings[:14]) if reading.value not in (n, None)]
        assert len(wrong) <= 1

    def test_extras_that_are_refused_have_no_data(self) -> None:
        session = line()
        extras = [Extra(b"\x0e\x03\x20\x01\x24\x01\x30\x05", 2)]
        scan = Scan(points_of(session, WANTED), {}, LARGE, extras)
        assert values(scan, session) == list(range(14))
        assert scan.extras == [None]

    def test_nothing_to_read_is_no_request(self) -> None:
        session = line()
        assert list(Scan([], {}, LARGE).run(session.exchange, 0.0)) == []
        assert session.messages == []


def test_what_is_no_number_is_an_error_of_its_tag_alone() -> None:
    session = line()
    session.controller.add_tag("A", "REAL")
    memory = session.controller.add_tag("B", "REAL").memory
    session.controller.poke("A", 1.5)
    memory[:] = struct.pack("<f", float("nan"))
    scan = Scan(points_of(session, [("A", "REAL"), ("B", "REAL")]), {}, LARGE)
    first, second = scan.run(session.exchange, 0.0)
    assert first == Reading(1.5)
    assert second.value is None
    assert "no number" in second.error


def test_tags_that_share_bytes_are_all_read() -> None:
    session = line()
    session.controller.poke("T9", 0b1010)
    wanted = [
        ("T9", "DINT"),
        ("T9", "UDINT"),
        ("T9.1", "BOOL"),
        ("T9.0", "BOOL"),
        ("T9", "DWORD"),
        ("T9.3", "BOOL"),
    ]
    scan = Scan(points_of(session, wanted), {}, LARGE)
    assert values(scan, session) == [10, 10, True, False, 10, True]
    assert len(session.messages) == 1


def test_strings_and_timers() -> None:
    session = line()
    session.controller.add_tag("Names", "STRING", (5,))
    session.controller.add_tag("T", "TIMER")
    session.controller.poke("Names[3]", "three")
    session.controller.poke("T.PRE", 2500)
    session.controller.poke("T.DN", True)
    spec = [
        ("Names", "STRING[82][5]"),
        ("Names[3]", "STRING"),
        ("Names[3].LEN", "DINT"),
        ("T.PRE", "TIME"),
        ("T.DN", "BOOL"),
        ("T.EN", "BOOL"),
    ]
    scan = Scan(points_of(session, spec), {}, LARGE)
    assert values(scan, session) == [("", "", "", "three", ""), "three", 5, 2500, True, False]


@pytest.mark.parametrize(("multiple", "at_once"), [(True, RETRIES_PER_SCAN), (False, RETRIES_ONE_BY_ONE)])
def test_many_dead_tags_are_tried_again_some_in_each_pass_and_all_in_turn(
    multiple: bool, at_once: int
) -> None:
    controller = LogixController()
    dead = 3 * at_once + 1
    for n in range(dead + 1):
        controller.add_tag(f"D{n:03}", "DINT")
        controller.poke(f"D{n:03}", n)
    session = InMemorySession(controller)
    wanted = [(f"D{n:03}", "DINT") for n in range(dead + 1)]
    scan = Scan(points_of(session, wanted, by_instance=False), {}, LARGE, multiple=multiple)
    tried: list[bytes] = []

    def refuse(request: bytes) -> tuple[int, tuple[int, ...]] | None:
        if request[0] != READ or named(b"D000") in request:
            return None
        tried.append(request)
        return 0x05, ()

    session.refuse = refuse
    scan.run(session.exchange, 0.0)
    counts = []
    for pause in range(5):
        tried.clear()
        assert values(scan, session, RETRY_S + 0.1 * pause) == [0] + [None] * dead
        counts.append(len(tried))
    assert counts == [at_once] * 3 + [1, 0]
    session.refuse = lambda _request: None
    for pause in range(4):
        found = values(scan, session, 2 * RETRY_S + 0.1 * pause)
    assert found == list(range(dead + 1))
