"""Tags and data types as the controller tells them."""

import struct
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.base import ConnectError, DriverError, ProtocolError
from drivers.cip.frames import CipReply
from drivers.cip.session import CipSession
from drivers.logix.symbols import SymbolAccess, SymbolTable, type_spec, type_text
from drivers.logix.templates import TemplateInfo, parse_info, parse_template
from drivers.logix.upload import upload
from engine.model import DataType, TypeSpec
from sim.logix_controller import LogixController
from sim.logix_tags import Access
from tests.drivers.logix.in_memory import IDENTITY, InMemorySession

READ, LIST, GET_ATTRIBUTES = 0x4C, 0x55, 0x03


def uploaded(session: InMemorySession) -> SymbolTable:
    return upload(cast("CipSession", session), IDENTITY, lambda _done, _total, _text: None)


def plant() -> LogixController:
    controller = LogixController()
    controller.add_struct(
        "Motor", [("Run", "BOOL"), ("Speed", "REAL"), ("Fault", "BOOL"), ("Names", "STRING", 2)]
    )
    controller.add_struct("Line", [("Motors", "Motor", 3), ("Flags", "BOOL", 40), ("State", "DINT")])
    controller.add_tag("Line", "Line")
    controller.add_tag("Lines", "Line", (2, 3))
    controller.add_tag("Level", "REAL", access=Access.READ_ONLY)
    controller.add_tag("Secret", "REAL", access=Access.NONE)
    controller.add_tag("Flags", "BOOL", (64,))
    controller.add_tag("Text", "STRING")
    controller.add_tag("Timer", "TIMER", program="Main")
    controller.add_tag("Count", "DINT", program="Second")
    return controller


def test_all_tags_with_their_types_and_dimensions() -> None:
    table = uploaded(InMemorySession(plant()))
    told = {symbol.address: type_text(symbol.code, symbol.template, symbol.dims) for symbol in table.symbols}
    assert told == {
        "Line": "Line",
        "Lines": "Line[2,3]",
        "Level": "REAL",
        "Secret": "REAL",
        "Flags": "BOOL[64]",
        "Text": "STRING",
        "Program:Main.Timer": "TIMER",
        "Program:Second.Count": "DINT",
    }
    assert set(table.programs) == {"Main", "Second"}
    assert [symbol.name for symbol in table.of_program("MAIN")] == ["Timer"]


def test_tags_are_found_whatever_their_case() -> None:
    table = uploaded(InMemorySession(plant()))
    timer = table.find("main", "TIMER")
    assert timer is not None
    assert timer.address == "Program:Main.Timer"
    assert table.find("", "Timer") is None


def test_access_is_told() -> None:
    table = uploaded(InMemorySession(plant()))
    access = {symbol.name: symbol.access for symbol in table.symbols}
    assert access["Level"] is SymbolAccess.READ_ONLY
    assert access["Secret"] is SymbolAccess.NONE
    assert access["Line"] is SymbolAccess.READ_WRITE


def test_structures_in_structures_without_what_is_hidden() -> None:
    line = uploaded(InMemorySession(plant())).find("", "Line")
    assert line is not None
    assert line.template is not None
    assert [member.name for member in line.template.visible] == ["Motors", "Flags", "State"]
    motors = line.template.by_name["motors"]
    assert motors.template is not None
    assert motors.length == 3
    assert [member.name for member in motors.template.visible] == ["Run", "Speed", "Fault", "Names"]
    names = motors.template.by_name["names"]
    assert type_spec(names.code, names.template, names.dims) == TypeSpec(DataType.STRING, 2, 82)
    flags = line.template.by_name["flags"]
    assert type_spec(flags.code, flags.template, flags.dims) == TypeSpec(DataType.BOOL, 64)


def test_a_structure_is_no_tag_by_itself() -> None:
    line = uploaded(InMemorySession(plant())).find("", "Line")
    assert line is not None
    assert type_spec(line.code, line.template, line.dims) is None


@pytest.mark.parametrize("room", [120, 484, 3984])
def test_long_lists_come_in_pages(room: int) -> None:
    controller = LogixController()
    for n in range(700):
        controller.add_tag(f"Tag_{n}", "DINT", program="Main" if n % 2 else None)
    session = InMemorySession(controller, room)
    table = uploaded(session)
    assert {symbol.name for symbol in table.symbols} == {f"Tag_{n}" for n in range(700)}
    assert len(table.symbols) == 700


@pytest.mark.parametrize("room", [60, 484, 3984])
def test_long_definitions_come_in_pieces(room: int) -> None:
    controller = LogixController()
    fields = [(f"A_member_with_a_long_name_{n}", "DINT") for n in range(200)]
    controller.add_struct("Large", fields)
    controller.add_tag("Tag", "Large")
    symbol = uploaded(InMemorySession(controller, room)).find("", "Tag")
    assert symbol is not None
    assert symbol.template is not None
    assert [(member.name, "DINT") for member in symbol.template.visible] == fields
    assert symbol.template.size == 800


def test_progress_is_told_and_what_it_raises_ends_the_upload() -> None:
    controller = LogixController()
    for n in range(300):
        controller.add_tag(f"Tag_{n}", "DINT")
    told: list[tuple[int, int | None, str]] = []
    upload(cast("CipSession", InMemorySession(plant())), IDENTITY, lambda *step: told.append(step))
    assert {text for _, _, text in told} >= {"Reading the tags of the controller", "Reading data types"}

    class CancelledError(Exception):
        pass

    def cancel(done: int, _total: int | None, _text: str) -> None:
        if done > 50:
            raise CancelledError

    session = InMemorySession(controller, 484)
    with pytest.raises(CancelledError):
        upload(cast("CipSession", session), IDENTITY, cancel)
    whole = InMemorySession(controller, 484)
    uploaded(whole)
    assert 0 < len(session.messages) < len(whole.messages)


def refusing(condition: Callable[[bytes], bool], status: int) -> InMemorySession:
    session = InMemorySession(plant())
    session.refuse = lambda request: (status, ()) if condition(request) else None
    return session


def test_a_definition_that_is_not_told_costs_only_its_own_tags() -> None:
    template = uploaded(InMemorySession(plant())).find("", "Line")
    assert template is not None
    path = b"\x20\x6c\x25\x00" + struct.pack("<H", template.template_id)
    session = refusing(lambda request: request[0] == READ and path in request, 0x0F)
    table = uploaded(session)
    line, text = table.find("", "Line"), table.find("", "Text")
    assert line is not None
    assert (line.is_structure, line.template) == (True, None)
    assert text is not None
    assert text.template is not None


def test_a_controller_that_tells_no_tags_is_an_error() -> None:
    with pytest.raises(ConnectError, match="does not tell its tags"):
        uploaded(refusing(lambda request: request[0] == LIST, 0x08))


def test_a_controller_that_knows_no_external_access() -> None:
    with_access = struct.pack("<6H", 5, 1, 2, 6, 8, 10)
    table = uploaded(refusing(lambda request: request[0] == LIST and with_access in request, 0x0A))
    assert len(table.symbols) == 8
    assert {symbol.access for symbol in table.symbols} == {SymbolAccess.READ_WRITE}


def test_a_program_that_is_gone_has_no_tags() -> None:
    table = uploaded(refusing(lambda request: request[0] == LIST and b"Program:Main" in request, 0x05))
    assert table.of_program("Main") == []
    assert len(table.symbols) == 7


def test_a_list_that_does_not_go_on_is_an_error() -> None:
    class Endless(InMemorySession):
        def exchange(self, request: bytes) -> CipReply:
            reply = super().exchange(request)
            return CipReply(0x06, (), reply.data) if request[0] == LIST else reply

    with pytest.raises(ProtocolError):
        uploaded(Endless(plant()))


@given(st.binary(max_size=300), st.sampled_from([0, 6]), st.sampled_from([READ, LIST, GET_ATTRIBUTES]))
def test_nonsense_is_an_error_or_leaves_a_definition_out(data: bytes, status: int, service: int) -> None:
    class Nonsense(InMemorySession):
        left = 20

        def exchange(self, request: bytes) -> CipReply:
            if request[0] != service:
                return super().exchange(request)
            self.left -= 1
            return CipReply(status if self.left else 0x0F, (), data)

    try:
        uploaded(Nonsense(plant()))
    except DriverError:
        return


@pytest.mark.parametrize("info", [0, 7, 8, 29, 31])
def test_bits_may_be_counted_from_a_word_instead_of_a_byte(info: int) -> None:
    members = struct.pack("<HHI", 0, 0xC4, 0) + struct.pack("<HHI", info, 0xC1, 0)
    data = members + b"Mode;n\0ZZZZZZZZZZMode0\0On\0"
    template = parse_template(0x123, TemplateInfo(20, 4, 2, 7), data, lambda _number: None)
    on = template.by_name["on"]
    assert (on.offset, on.bit) == (info // 8, info % 8)
    assert [member.name for member in template.visible] == ["On"]


@given(st.binary(max_size=60))
def test_sizes_of_a_structure_are_sizes_or_an_error(data: bytes) -> None:
    try:
        info = parse_info(data)
    except ValueError:
        return
    assert info.definition_size >= 0


@given(st.integers(0, 20), st.binary(max_size=200))
def test_a_definition_is_one_or_an_error(members: int, data: bytes) -> None:
    try:
        template = parse_template(0x123, TemplateInfo(50, 100, members, 7), data, lambda _number: None)
    except ValueError:
        return
    assert len(template.members) == members
    assert all(0 <= member.offset < 100 for member in template.members)


@pytest.mark.parametrize("status", [(0x02, ()), (0x0C, ()), (0x10, ()), (0xFF, (0x2108,))])
@pytest.mark.parametrize("service", [READ, GET_ATTRIBUTES])
@pytest.mark.parametrize("refused", ["Line", "Motors"])
def test_a_definition_that_is_not_told_for_a_moment_is_asked_for_again(
    status: tuple[int, tuple[int, ...]], service: int, refused: str
) -> None:
    session = InMemorySession(plant())
    line = uploaded(session).find("", "Line")
    assert line is not None
    assert line.template is not None
    inner = line.template.by_name["motors"].template
    assert inner is not None
    number = line.template_id if refused == "Line" else inner.id
    path = b"\x20\x6c\x25\x00" + struct.pack("<H", number)
    definitions = session.definitions()
    session.refuse = lambda request: status if request[0] == service and path in request else None
    before = definitions.find("", "Line")
    assert before is not None
    assert before.template is None or before.template.by_name["motors"].template is None
    assert definitions.is_partial
    session.refuse = lambda _request: None
    after = definitions.find("", "Line")
    assert after is not None
    assert after.template == line.template
    session.messages.clear()
    assert definitions.find("", "Line") == after
    assert not session.messages
