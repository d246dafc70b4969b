"""``brimline tags export``: all tags of a plant file as a table."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.config import load_plant
from engine.discovery import DiscoveryError
from hmi.tag_table import to_rows
from hmi.tag_table_files import SUFFIXES, write_csv, write_xlsx
from hmi.whole_file import whole_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="table to write, .csv or .xlsx")
    parser.add_argument("--config-file", type=Path, required=True, metavar="F", help="the plant file")


def run(args: argparse.Namespace) -> int:
    """Exit status 0 when the table is written; ``EngineError`` says why not."""
    count = export_table(args.config_file, args.file, os.environ)
    sys.stdout.write(f"{count} tag{'' if count == 1 else 's'} written to {args.file}\n")
    return 0


def export_table(plant_file: Path, path: Path, env: Mapping[str, str]) -> int:
    """Write all tags of the plant file to ``path`` and return how many they are; raises ``EngineError``."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DiscoveryError(f"{path}: expected a name that ends in .csv or .xlsx.")
    rows = list(to_rows(load_plant(plant_file, env)))
    try:
        with whole_file(path) as stream:
            (write_xlsx if suffix == ".xlsx" else write_csv)(stream, rows)
    except OSError as error:
        raise DiscoveryError(f"{path} cannot be written ({error.strerror or error}).") from error
    return len(rows) - 1
