"""``brimline tags import``: takes a table of tags into the plant file, shown as a diff first."""

import argparse
import os
import sys
from pathlib import Path
from typing import TextIO

from engine.config import load_plant
from engine.config.edit import apply_edit, plan_changes
from engine.config.problems import printable
from engine.discovery import PlantEdit
from hmi.check import complain_about_address
from hmi.tag_table import to_changes
from hmi.tag_table_files import read_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="table to read, .csv or .xlsx")
    parser.add_argument("--config-file", type=Path, required=True, metavar="F", help="the plant file")
    parser.add_argument("--dry-run", action="store_true", help="show what would change and write nothing")
    parser.add_argument(
        "--remove-missing",
        action="store_true",
        help="remove tags without a row from every connection that the table mentions",
    )


def run(args: argparse.Namespace) -> int:
    """Exit status 0 when the plant file is as the table says, 1 if the result could not be used."""
    table = read_table(args.file, _unwatched)
    config = load_plant(args.config_file, os.environ)
    changes = to_changes(table, config, complain_about_address, remove_missing=args.remove_missing)
    if not changes:
        _write(sys.stdout, f"{args.config_file} already says what {args.file} does.")
        return 0
    edit = plan_changes(args.config_file, changes, address_check=complain_about_address)
    _write(sys.stdout, edit.diff)
    _write(sys.stdout, _summary(edit, dry_run=args.dry_run))
    for notice in edit.notices:
        _write(sys.stdout, notice)
    if edit.problems:
        _write(sys.stderr, "\n".join(("The plant file could not be used:", *edit.problems)))
        return 1
    if not args.dry_run:
        kept = apply_edit(edit)
        _write(sys.stdout, f"Written to {args.config_file}; the file before is kept as {kept}.")
    return 0


def _summary(edit: PlantEdit, *, dry_run: bool) -> str:
    counts = f"{edit.added} added, {edit.changed} changed, {edit.removed} removed"
    return f"{counts}; nothing is written (--dry-run)." if dry_run else f"{counts}."


def _write(out: TextIO, text: str) -> None:
    """Whatever the terminal's encoding: what it cannot show is escaped."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    lines = "\n".join(printable(line) for line in text.splitlines())
    out.write(lines.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _unwatched(done: int, total: int | None, text: str) -> None:
    """A table is read in a moment."""
