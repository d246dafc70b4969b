"""The driver against a Logix tag server that others wrote (cm-ethernetip; it has no structures)."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import pytest
from ethernetip.cip.identity_info import IdentityInfo
from ethernetip.logix import data_types as cip
from ethernetip.logix.logix_dispatcher import LogixDispatcher
from ethernetip.logix.tag_database import TagDatabase
from ethernetip.protocol.eip_adapter import EipAdapter

from drivers.base import ConnectionSettings, LinkLostError
from drivers.logix.driver import LogixDriver
from engine.clock import SystemClock
from engine.model import TagDef, Value, parse_type

IDENTITY = IdentityInfo(
    product_name="1756-L83E/B",
    vendor_id=1,
    device_type=14,
    product_code=166,
    major_revision=32,
    minor_revision=11,
)
TAGS: dict[str, tuple[int, int, Value]] = {
    "DINT": (cip.DINT, 1, -70_000),
    "INT": (cip.INT, 1, -2),
    "SINT": (cip.SINT, 1, 3),
    "LINT": (cip.LINT, 1, 2**40),
    "REAL": (cip.REAL, 1, 2.5),
    "LREAL": (cip.LREAL, 1, -0.1),
    "DINT[100]": (cip.DINT, 100, tuple(range(100))),
    "REAL[50]": (cip.REAL, 50, tuple(n / 2 for n in range(50))),
}


def tag(type_text: str) -> TagDef:
    name = f"T_{type_text.replace('[', '_').strip(']')}"
    return TagDef("line1", name, name, parse_type(type_text))


class IndependentServer:
    """In a thread of its own, on any free port."""

    def __init__(self) -> None:
        tags = TagDatabase()
        for type_text, (code, count, _) in TAGS.items():
            tags.add_tag(tag(type_text).name, code, count)
        self._adapter = EipAdapter(LogixDispatcher(tags, IDENTITY), IDENTITY)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="independent-server")
        self.port = 0

    def start(self) -> None:
        self._thread.start()
        self._run(self._adapter.listen("127.0.0.1", 0))
        self.port = self._adapter._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        await self._adapter.close()
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        if sessions:
            await asyncio.wait(sessions)
        # Their sockets are closed by the loop when it comes round next.
        for _ in range(3):
            await asyncio.sleep(0)

    def _run(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5.0)  # type: ignore[arg-type]


@pytest.fixture
def server() -> Iterator[IndependentServer]:
    server = IndependentServer()
    server.start()
    yield server
    server.stop()


def test_it_is_read_and_written(server: IndependentServer) -> None:
    settings = ConnectionSettings(
        "line1", "ALLEN_BRADLEY", "ControlLogix", "127.0.0.1", server.port, slot=0, timeout_s=5.0
    )
    driver = LogixDriver(settings, [tag(type_text) for type_text in TAGS], SystemClock())
    with contextlib.closing(driver):
        assert driver.connect().startswith("1756-L83E/B")
        for type_text, (_, _, value) in TAGS.items():
            driver.write(tag(type_text), value)
        bit = TagDef("line1", "Bit", "T_DINT.4", parse_type("BOOL"))
        assert driver.read_one(bit).value is True
        driver.write(bit, value=False)
        expected = [value for _, _, value in TAGS.values()]
        expected[0] = -70_016
        assert [reading.value for reading in driver.read().readings] == expected
    with pytest.raises(LinkLostError):
        driver.read()
