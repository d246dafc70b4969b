"""In a child: how long it takes to have all names and types of a Logix controller."""

import time

from drivers.discovery.browse import browse
from engine.discovery import Target
from tests.bench.children import child_arguments, give_result


def main() -> None:
    """Arguments: port."""
    target = Target("ALLEN_BRADLEY", "ControlLogix", "127.0.0.1", child_arguments()["port"])
    browse(target, lambda _done, _total, _text: None)  # the first one also imports the driver
    began = time.perf_counter()
    browsed = browse(target, lambda _done, _total, _text: None)
    give_result({"seconds": time.perf_counter() - began, "count": browsed.count})


if __name__ == "__main__":
    main()
