"""What one tag of a scan costs, against the bare library call; how long names take to be uploaded."""

from tests.bench.children import run_child, simulator
from tests.bench.many_controllers import REALS
from tests.bench.table import Row

_FAMILIES = {
    "S7-1500": "snap7 read_multi_vars of the same places",
    "ControlLogix": "pycomm3 read of the same tags",
    "SLC-500": "pycomm3 read of the same elements",
}
"""Family -> the library's own way to ask for the same."""
_UPLOADS = {500: None, 5_000: 2.0}
"""Tags -> aim in seconds."""


def run(*, long: bool) -> list[Row]:
    rounds = 400 if long else 100
    return [*(_cost(family, against, rounds) for family, against in _FAMILIES.items()), *_upload_rows()]


def _cost(family: str, against: str, rounds: int) -> Row:
    with simulator("tests.bench.sim_many", {"cells": [(family, REALS)]}) as sim:
        given = {"family": family, "tags": REALS, "port": sim.ready["ports"][0], "rounds": rounds}
        ours, bare = (
            run_child("tests.bench.per_tag_child", {**given, "bare": bare}, 300) for bare in (False, True)
        )
    note = f"{ours['us']:.2f} µs of processor time a tag, {bare['us']:.2f} µs by {against}"
    return Row(
        f"{family}: one tag of a scan of {REALS} REAL : library",
        ours["us"] / bare["us"],
        aim=1.0,
        ratio=True,
        note=note,
    )


def _upload_rows() -> list[Row]:
    rows = []
    for count, aim in _UPLOADS.items():
        with simulator("tests.bench.sim_many", {"cells": [("ControlLogix", count)]}) as sim:
            given = {"port": sim.ready["ports"][0]}
            seconds = run_child("tests.bench.upload_child", given, 120)["seconds"]
        rows.append(Row(f"ControlLogix: names and types of {count:,} tags uploaded", seconds, "s", aim))
    return rows
