"""In a child: processor time of reading a hundred numbers, by our driver or by the library alone."""

import time
from collections.abc import Callable
from typing import Any

from pycomm3 import LogixDriver as PycommLogix
from pycomm3 import SLCDriver
from snap7.client import Client

from drivers.base import ConnectionSettings
from drivers.registry import driver_factory
from engine.clock import SystemClock
from engine.model import TagDef, parse_type
from tests.bench.children import child_arguments, give_result
from tests.bench.many_controllers import DB, address

_WARM_UP = 5
_PIECE = 20
"""More items snap7 does not take in one call."""
_DB_AREA = 0x84


def main() -> None:
    """Arguments: family, tags, port, rounds, bare."""
    given = child_arguments()
    read = (_bare if given["bare"] else _ours)(given)
    for _ in range(_WARM_UP):
        read()
    used = time.process_time()
    for _ in range(given["rounds"]):
        read()
    used = time.process_time() - used
    give_result({"us": used / given["rounds"] / given["tags"] * 1e6})


def _ours(given: dict[str, Any]) -> Callable[[], object]:
    family = given["family"]
    kind = "SIEMENS_S7" if family.startswith("S7") else "ALLEN_BRADLEY"
    tags = [TagDef("cell", f"Value{n}", address(family, n), parse_type("REAL")) for n in range(given["tags"])]
    settings = ConnectionSettings(
        "cell", kind, family, "127.0.0.1", given["port"], slot=int(kind == "SIEMENS_S7")
    )
    driver = driver_factory(kind, family)(settings, tags, SystemClock())
    driver.connect()
    if any(reading.error for reading in driver.read().readings):
        raise RuntimeError("a tag cannot be read")
    return driver.read


def _bare(given: dict[str, Any]) -> Callable[[], object]:
    family, port = given["family"], given["port"]
    places = [address(family, n) for n in range(given["tags"])]
    if family == "ControlLogix":
        logix = PycommLogix(f"127.0.0.1:{port}/0")
        logix.open()
        return lambda: logix.read(*places)
    if family == "SLC-500":
        slc = SLCDriver(f"127.0.0.1:{port}")
        slc.open()
        return lambda: slc.read(*places)
    client = Client()
    client.connect("127.0.0.1", 0, 1, port)
    items = [{"area": _DB_AREA, "db_number": DB, "start": 4 * n, "size": 4} for n in range(given["tags"])]
    pieces = [items[start : start + _PIECE] for start in range(0, len(items), _PIECE)]
    return lambda: [client.read_multi_vars(piece) for piece in pieces]


if __name__ == "__main__":
    main()
