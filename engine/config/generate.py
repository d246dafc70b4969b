"""Writes the JSON Schema and the reference page from the models: ``python -m engine.config.generate``."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.config.reference import format_reference
from engine.config.schema import editor_schema

_ROOT = Path(__file__).resolve().parents[2]


def generated_files() -> dict[str, str]:
    """What the generated files must hold, by path below the root of the tree."""
    return {
        "resources/plant.schema.json": json.dumps(editor_schema(), indent=2, ensure_ascii=False) + "\n",
        "docs/plant-file.md": format_reference(),
    }


def outdated(root: Path, files: Mapping[str, str]) -> Iterator[str]:
    """Paths whose content differs from what the models say."""
    for path, content in files.items():
        target = root / path
        if not target.is_file() or target.read_text(encoding="utf-8") != content:
            yield path


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` only tell which are out of date."""
    parser = argparse.ArgumentParser(prog="python -m engine.config.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    only_check = parser.parse_args(arguments).check
    files = generated_files()
    stale = list(outdated(_ROOT, files))
    for path in stale:
        if not only_check:
            (_ROOT / path).write_text(files[path], encoding="utf-8", newline="\n")
        sys.stdout.write(f"{path}: {'out of date' if only_check else 'written'}\n")
    return 1 if stale and only_check else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
