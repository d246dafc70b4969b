"""``python -m tests.bench [NAMES...] [--write] [--long]``: runs the benches and prints one table."""

import argparse
import sys
import time
from importlib import import_module

from tests.bench.document import PAGE, write_results
from tests.bench.machine import describe_machine
from tests.bench.table import Row, failed_row, markdown

BENCHES = {
    "historian": "tests.bench.historian",
    "plant_file": "tests.bench.plant_file",
    "start": "tests.bench.start",
    "pixel": "tests.bench.pixel",
    "demo": "tests.bench.demo",
    "load": "tests.bench.load",
    "per_tag": "tests.bench.per_tag",
    "mqtt_link": "tests.bench.mqtt_link",
    "sparkplug": "tests.bench.sparkplug",
    "memory": "tests.bench.memory",
}
"""Name on the command line -> module with ``run(long: bool) -> list[Row]``."""

ONLY_BY_NAME = {"hour": "tests.bench.hour"}
"""Too long to belong to a run of all."""


def main() -> int:
    """Exit status 1 if a bench could not be run; a missed aim is a result, not a failure."""
    options = _parser().parse_args()
    if options.write and options.names:
        print(f"--write needs all benches: {PAGE.name} holds the results of one run", file=sys.stderr)
        return 2
    if unknown := set(options.names) - BENCHES.keys() - ONLY_BY_NAME.keys():
        known = ", ".join(BENCHES | ONLY_BY_NAME)
        print(f"there is no bench {', '.join(unknown)}: there are {known}", file=sys.stderr)
        return 2
    machine = describe_machine()
    rows, broken = _run(options.names or list(BENCHES), long=options.long)
    table = markdown(rows)
    print("\n".join([*machine, "", table]))
    if options.write and not broken:
        write_results(machine, table)
        print(f"\nWritten to {PAGE}")
    return 1 if broken else 0


def _run(names: list[str], *, long: bool) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    broken = False
    for name in names:
        began = time.monotonic()
        print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
        try:
            rows += import_module((BENCHES | ONLY_BY_NAME)[name]).run(long=long)
        except Exception as error:  # one bench must not take the others' results with it
            rows.append(failed_row(name, f"{type(error).__name__}: {error}"))
            broken = True
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return rows, broken


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure Brimline.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES | ONLY_BY_NAME))
    parser.add_argument("--write", action="store_true", help="write the results into docs/performance.md")
    parser.add_argument("--long", action="store_true", help="also the ten minutes of memory")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
