"""The counters by which clients see that a controller's tags or types changed."""

import itertools
import struct

import pytest

from sim.cip_message import CipRefusedError, CipReply, CipRequest
from sim.logix_controller import LogixController

ATTRIBUTES = (1, 2, 3, 4, 10)


def ask(controller: LogixController, path: str = "20ac2401", service: int = 0x03) -> CipReply:
    data = struct.pack(f"<{len(ATTRIBUTES) + 1}H", len(ATTRIBUTES), *ATTRIBUTES)
    return controller.handle(CipRequest(service, bytes.fromhex(path), data, True, 500))


def test_they_stay_as_long_as_nothing_changes() -> None:
    controller = LogixController()
    controller.add_tag("Level", "REAL")
    before = ask(controller)
    controller.poke("Level", 1.5)
    assert ask(controller) == before
    assert len(before.data) == 2 + 5 * 4 + 2 + 2 + 4 + 4 + 4


def test_they_change_with_tags_and_with_types() -> None:
    controller = LogixController()
    seen = {ask(controller).data}
    controller.add_tag("Level", "REAL")
    seen.add(ask(controller).data)
    controller.add_struct("U", [("A", "DINT")])
    seen.add(ask(controller).data)
    assert len(seen) == 3


def test_only_as_a_list_and_only_one_instance() -> None:
    for path, service in (("20ac2402", 0x03), ("20ac2401", 0x01)):
        with pytest.raises(CipRefusedError):
            ask(LogixController(), path, service)


def test_a_micro800_has_none() -> None:
    assert ask(LogixController(micro800=True)).status == 0x05


def counters(controller: LogixController) -> list[int]:
    """Attributes 1 and 2 have 16 bits, the others 32."""
    return list(struct.unpack("<H4xH4xH4xI4xI4xI", ask(controller).data)[1:])


def test_each_change_is_seen_in_every_counter() -> None:
    controller = LogixController()
    seen = [counters(controller)]
    for number in range(40):
        controller.add_tag(f"Level{number}", "REAL")
        seen.append(counters(controller))
    for before, after in itertools.pairwise(seen):
        assert all(old != new for old, new in zip(before, after, strict=True))


def program(*tags: tuple[str, str]) -> LogixController:
    made = LogixController()
    for name, type_name in tags:
        made.add_tag(name, type_name)
    return made


def test_two_programs_of_as_many_tags_do_not_count_alike() -> None:
    one = counters(program(("Level", "REAL"), ("Speed", "REAL")))
    assert counters(program(("Level", "REAL"), ("Speed", "REAL"))) == one
    for other in (
        program(("Level", "REAL"), ("Count", "REAL")),
        program(("Level", "REAL"), ("Speed", "DINT")),
        program(("Speed", "REAL"), ("Level", "REAL")),
    ):
        assert all(mine != its for mine, its in zip(one, counters(other), strict=True))
