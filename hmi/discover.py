"""Finds controllers, browses their tags and takes them into a plant file: what ``brimline discover`` runs."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from drivers.discovery.browse import browse
from drivers.discovery.files import read_tag_file
from drivers.discovery.find import find
from drivers.discovery.preview import preview
from engine.clock import SystemClock
from engine.config.connections import FAMILIES
from engine.config.edit import apply_edit, plan_changes
from engine.discovery import (
    Browsed,
    DiscoveryError,
    FindRequest,
    Found,
    PlantEdit,
    Target,
    with_db_number,
)
from engine.errors import EngineError
from hmi.broker_session import output
from hmi.check import complain_about_address
from hmi.discover_arguments import FIND_S, TYPES, add_arguments, check
from hmi.discover_edit import changes_for, entries_of, numbers_wanted, yaml_line
from hmi.discover_json import browsed_line, edit_line, found_line, tag_line
from hmi.discover_progress import ProgressLine
from hmi.discover_select import Chosen, Pattern, choose, is_bare_memory
from hmi.discover_targets import refuse_routes, targets_of, type_of, with_wait
from hmi.discover_text import (
    Previews,
    format_browsed,
    format_chosen,
    format_found,
    format_head,
    preview_key,
)

__all__ = ["add_arguments", "run"]

_MOST_PREVIEWS = 500


def run(args: argparse.Namespace) -> int:
    """The exit status; see the options' module."""
    check(args)
    progress = ProgressLine(sys.stderr, SystemClock())
    try:
        return _Discovery(args, progress, output()).run()
    except KeyboardInterrupt:
        progress.clear()
        sys.stderr.write("Cancelled.\n")
        raise
    finally:
        progress.clear()


class _Discovery:
    """One run of the command."""

    def __init__(self, args: argparse.Namespace, progress: ProgressLine, out: TextIO) -> None:
        self._args = args
        self._progress = progress
        self._out = out
        self._failed = False
        self._pattern = None if args.match is None else Pattern(args.match)

    def run(self) -> int:
        args = self._args
        if args.file is not None:
            targets: Sequence[Target | None] = self._given_targets() or (None,)
        elif args.family:
            targets = self._given_targets()
        else:
            targets = self._find()
        if not targets:
            self._complain("No controller answered.")
        if args.browse or args.file is not None:
            if args.add_to is not None and len(targets) > 1:
                raise DiscoveryError("several controllers answered: name the one to be added with --host")
            for target in targets:
                self._browse(target)
        return int(self._failed)

    def _given_targets(self) -> list[Target]:
        """Targets as the command line describes them, without asking."""
        family = self._args.family or ""
        return targets_of(self._args, type_of(family, TYPES[0]), family)

    def _find(self) -> list[Target]:
        """Controllers that answered; shown at once as JSON, else as a table when all are known."""
        args = self._args
        refuse_routes(args.host)
        request = FindRequest(
            tuple(args.type or TYPES),
            tuple(args.host),
            args.broadcast,
            args.s7_port,
            args.enip_port,
            args.timeout or FIND_S,
        )
        found = find(request, self._progress, self._on_found)
        if found and not args.json and not args.yaml:
            self._write(*format_found(found), "" if args.browse else None)
        return with_wait([each.target for each in found if each.target.family], args.timeout)

    def _on_found(self, found: Found) -> None:
        if self._args.json:
            self._write(found_line(found))

    def _browse(self, target: Target | None) -> None:
        """One controller or file; what goes wrong with it is told and does not end the others."""
        try:
            browsed, target = self._upload(target)
            chosen = self._chosen(browsed)
            previews = self._previews(target, chosen)
            self._show(browsed, chosen, previews)
            if self._args.add_to is not None:
                self._add(browsed, target, chosen)
        except EngineError as error:
            self._complain(str(error))

    def _upload(self, target: Target | None) -> tuple[Browsed, Target | None]:
        """What there is, and the controller that it is in, if that is known."""
        args = self._args
        if args.file is None and target is not None:
            return browse(target, self._progress), target
        browsed = read_tag_file(args.file, self._progress)
        for name, number in args.db:
            browsed = with_db_number(browsed, name, number)
        if target is None or args.family:
            return browsed, target
        family = browsed.family or FAMILIES[browsed.type][0]
        (target,) = targets_of(args, browsed.type, family)[:1]
        return browsed, target

    def _chosen(self, browsed: Browsed) -> list[Chosen]:
        args = self._args
        if self._pattern is None and is_bare_memory(browsed):
            if args.yaml or args.add_to is not None or args.preview:
                raise DiscoveryError(
                    "this controller has no names for its memory: say with --match which places are meant, "
                    "such as 'DB1/REAL/*' or 'N7:?'"
                )
            return []
        chosen: list[Chosen] = []
        for each in choose(browsed.roots, self._pattern):
            chosen.append(each)
            self._progress(len(chosen), None, "Choosing tags")
        waiting = numbers_wanted(browsed)
        if not chosen:
            self._complain(waiting or ("No tag fits." if self._pattern else "There are no tags."))
        elif waiting:
            self._note(waiting)
        return chosen

    def _previews(self, target: Target | None, chosen: Sequence[Chosen]) -> Previews:
        if not self._args.preview or not chosen:
            return {}
        if target is None:
            raise DiscoveryError("a file has no values: name its controller with --host")
        if len(chosen) > _MOST_PREVIEWS:
            self._note(f"Values of the first {_MOST_PREVIEWS} of {len(chosen)} tags are read.")
        nodes = [each.node for each in chosen[:_MOST_PREVIEWS]]
        self._progress(0, len(nodes), "Reading values")
        return {preview_key(each): each for each in preview(target, nodes)}

    def _show(self, browsed: Browsed, chosen: Sequence[Chosen], previews: Previews) -> None:
        args = self._args
        if args.json:
            self._write(browsed_line(browsed))
            self._write(*(tag_line(each, previews.get(preview_key(each.node))) for each in chosen))
        elif args.yaml:
            values = (previews.get(preview_key(each.node)) for each in chosen)
            self._write(*map(yaml_line, entries_of(chosen), values))
        elif args.add_to is not None:
            self._write(*format_head(browsed))
        elif self._pattern is not None:
            self._write(*format_head(browsed), *format_chosen(chosen, previews))
        else:
            self._write(*format_browsed(browsed, previews))

    def _add(self, browsed: Browsed, target: Target | None, chosen: Sequence[Chosen]) -> None:
        args = self._args
        changes = changes_for(args.add_to, args.connection, browsed, target, chosen)
        if len(changes.put) < len(chosen):
            self._note(f"{len(chosen) - len(changes.put)} of {len(chosen)} tags are there already.")
        edit = plan_changes(args.add_to, [changes], address_check=complain_about_address)
        is_written = bool(edit.diff) and not args.dry_run and not edit.problems
        kept = apply_edit(edit) if is_written else None
        if args.json:
            self._write(edit_line(edit, written=is_written))
        else:
            self._write(*_format_edit(edit, kept))
        for problem in edit.problems:
            self._complain(problem)

    def _write(self, *lines: str | None) -> None:
        self._progress.clear()
        for line in lines:
            if line is not None:
                self._out.write(f"{line}\n")
        self._out.flush()

    def _note(self, text: str) -> None:
        """Beside the output, so that this can be piped on."""
        self._progress.clear()
        sys.stderr.write(f"{text}\n")

    def _complain(self, text: str) -> None:
        self._failed = True
        self._note(text)


def _format_edit(edit: PlantEdit, kept: Path | None) -> Iterator[str]:
    """The diff, and what was done with it."""
    yield from edit.diff.splitlines()
    yield from edit.notices
    if not edit.diff:
        yield f"{edit.path} has all of this already."
    elif kept is not None:
        yield f"{edit.path}: {edit.added} tags added. The file before is kept as {kept}."
    else:
        yield f"{edit.path}: {edit.added} tags would be added. Nothing was written."
