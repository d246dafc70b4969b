"""Makes ``sparkplug_b_pb2`` from the ``.proto`` in resources: ``python -m drivers.sparkplug.generate``.

Needs the development dependency grpcio-tools.
"""

import importlib.resources
import subprocess
import sys
import tempfile
from pathlib import Path

GENERATED = ("sparkplug_b_pb2.py", "sparkplug_b_pb2.pyi")


def generate(target: Path) -> None:
    """Write the ``GENERATED`` files into the folder ``target``."""
    proto = importlib.resources.files("resources") / "sparkplug" / "sparkplug_b.proto"
    with importlib.resources.as_file(proto) as source:
        subprocess.run(
            [
                *(sys.executable, "-m", "grpc_tools.protoc"),
                *(f"--proto_path={source.parent}", f"--python_out={target}", f"--pyi_out={target}"),
                source.name,
            ],
            check=True,
        )
    types = target / GENERATED[1]
    types.write_text(_strict(types.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


def _strict(types: str) -> str:
    """The generated types as the strict type checker wants them: no private names, no bare generics."""
    lines = [line for line in types.splitlines() if "_python_message" not in line]
    return "\n".join(lines).replace("_Mapping]", "_Mapping[str, object]]") + "\n"


def main() -> None:
    """Generate beside this module; files are replaced only when the generator succeeded."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        for name in GENERATED:
            (Path(__file__).parent / name).write_bytes((Path(folder) / name).read_bytes())


if __name__ == "__main__":
    main()
