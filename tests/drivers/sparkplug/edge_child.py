"""An edge node in a process of its own, to be killed: prints every value once it has been kept."""

import json
import sys
from pathlib import Path

from tests.drivers.sparkplug.edge_rig import EdgeRig
from tests.waiting import wait_until


def main(folder: Path, port: int, round_: int) -> None:
    with EdgeRig(folder, [port]) as rig:
        rig.connect_devices()
        told = 0
        for number in range(100_000):
            rig.change("line1/Value0", float(round_ * 1_000_000 + number))
            if number % 10:
                continue
            wait_until(lambda: not rig.node.queues()[0].depth, "that everything is kept")
            for given in rig.given[told:]:
                print(json.dumps(given), flush=True)
            told = len(rig.given)


main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
