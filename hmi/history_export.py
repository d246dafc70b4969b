"""``brimline history export``: recorded values as CSV or Parquet, streamed."""

import argparse
import difflib
import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from engine.clock import Clock, SystemClock
from engine.errors import EngineError
from engine.history import HistoryReader
from hmi.history_formats import write_csv, write_parquet
from hmi.whole_file import whole_file

_DEFAULT_URL = "sqlite:///history.db"
_UNITS_S = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_RELATIVE = re.compile(r"^-\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d|w)$")
_QUIET_S = 1.0
_PROGRESS_EVERY_S = 0.5
_INTERRUPTED = 130
_ROWS = """
Writes recorded values as rows of tag, time, value and quality. A row of quality STALE has no value: from
then on nobody followed the tag, until its next row. The recorder writes such rows when it ends; where it
was killed the export puts them in, at its last sign of life.
"""


class ExportError(EngineError):
    """The export cannot be made; the text says why and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command, and what the rows mean."""
    parser.description = _ROWS
    # So that `--from -1h` needs no equals sign; newer Pythons see that -1h is a value by themselves.
    parser._negative_number_matcher = re.compile(r"^-\.?\d")  # noqa: SLF001
    times = "ISO 8601 (without a zone: UTC), a date, now, or back from now: -90s -15m -1h -7d"
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the plant's data folder")
    parser.add_argument(
        "--config-file", type=Path, metavar="F", help="plant file that names another database"
    )
    parser.add_argument(
        "--tag",
        nargs="+",
        action="extend",
        required=True,
        metavar="CONNECTION/NAME",
        help="tags to export, one after the other",
    )
    parser.add_argument("--from", dest="start", type=_time, metavar="T", help=f"first moment: {times}")
    parser.add_argument("--to", dest="end", type=_time, metavar="T", help="end, not included (as --from)")
    parser.add_argument(
        "--format", choices=("csv", "parquet"), help="default: csv, or as the name of FILE ends"
    )
    parser.add_argument(
        "--out", metavar="FILE", help="file to write (csv without it, or with -: standard output)"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status 0 when everything was written; ``EngineError`` says why not."""
    kind = args.format or ("parquet" if str(args.out).lower().endswith(".parquet") else "csv")
    to_stdout = args.out in (None, "-")
    if kind == "parquet" and to_stdout:
        raise ExportError("Parquet cannot go to standard output; name a file with --out FILE.")
    if args.start is not None and args.end is not None and args.start >= args.end:
        raise ExportError("--from is not before --to: there is nothing between them.")
    clock = SystemClock()
    with _open_reader(args.data, args.config_file, clock) as reader:
        tags = list(dict.fromkeys(args.tag))
        progress = Progress(clock, _spans(reader, tags, args.start, args.end))
        try:
            with _output(None if to_stdout else Path(args.out)) as stream:
                write = write_parquet if kind == "parquet" else write_csv
                write(stream, reader, tags, args.start, args.end, progress.on_rows)
        except KeyboardInterrupt:
            progress.finish("Interrupted, nothing was written" if not to_stdout else "Interrupted")
            return _INTERRUPTED
        progress.finish(None if to_stdout else f"{progress.rows} rows written to {args.out}")
    return 0


def parse_time(text: str, now_us: int) -> int:
    """A moment in microseconds UTC; ``ValueError`` when it cannot be understood."""
    word = text.strip()
    if word.lower() == "now":
        return now_us
    relative = _RELATIVE.match(word)
    if relative is not None:
        return now_us - round(float(relative[1]) * _UNITS_S[relative[2]] * 1e6)
    moment = datetime.fromisoformat(word)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


class Progress:
    """How far an export is, on standard error: from the start on a terminal, else after a second."""

    def __init__(self, clock: Clock, spans: dict[str, tuple[int, int]]) -> None:
        self.rows = 0
        self._clock = clock
        self._spans = spans
        self._terminal = sys.stderr.isatty()
        self._began_s = clock.monotonic()
        self._next_s = self._began_s + (0.0 if self._terminal else _QUIET_S)
        self._shown = False

    def on_rows(self, tag: str, rows: int, time_us: int) -> None:
        """So many more rows of a tag are written, up to that time."""
        self.rows += rows
        now_s = self._clock.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + (_PROGRESS_EVERY_S if self._terminal else 4 * _PROGRESS_EVERY_S)
        self._show(f"{self._percent(tag, time_us):3.0f} %  {self.rows} rows  {tag}")

    def finish(self, text: str | None) -> None:
        """The last line, where there is something to say."""
        if self._shown and self._terminal:
            sys.stderr.write("\r\x1b[K")
        if text is not None and (self._terminal or self._shown or text.startswith("Interrupted")):
            sys.stderr.write(f"{text}\n")

    def _show(self, line: str) -> None:
        self._shown = True
        sys.stderr.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
        sys.stderr.flush()

    def _percent(self, tag: str, time_us: int) -> float:
        total_us = sum(end_us - start_us for start_us, end_us in self._spans.values()) or 1
        done_us = 0
        for name, (start_us, end_us) in self._spans.items():
            if name == tag:
                return 100.0 * (done_us + time_us - start_us) / total_us
            done_us += end_us - start_us
        return 100.0


@contextmanager
def _open_reader(data: Path, config_file: Path | None, clock: Clock) -> Iterator[HistoryReader]:
    if not data.is_dir():
        raise ExportError(f"There is no data folder {data}. Name the folder the plant was started with.")
    # Imported here so that the other commands do not wait for a database library they do not need.
    from engine.storage import SqlHistoryReader

    url = _DEFAULT_URL
    if config_file is not None:
        from engine.config import load_plant

        url = load_plant(config_file, os.environ).database.url
    reader = SqlHistoryReader(url, data, clock)
    try:
        yield reader
    finally:
        reader.close()


def _spans(
    reader: HistoryReader, tags: Sequence[str], start_us: int | None, end_us: int | None
) -> dict[str, tuple[int, int]]:
    """What of each tag's history lies in the range; ``ExportError`` names tags without history."""
    known = {record.tag: record for record in reader.tags()}
    unknown = [tag for tag in tags if tag not in known]
    if unknown:
        raise ExportError("\n".join(_describe_unknown(tag, list(known)) for tag in unknown))
    spans: dict[str, tuple[int, int]] = {}
    for tag in tags:
        first_us, last_us = known[tag].first_us or 0, known[tag].last_us or 0
        begin_us = first_us if start_us is None else max(start_us, first_us)
        spans[tag] = (begin_us, max(begin_us, last_us if end_us is None else min(end_us, last_us)))
    return spans


def _describe_unknown(tag: str, known: list[str]) -> str:
    text = f"There is no history of the tag {tag!r}."
    near = difflib.get_close_matches(tag, known, n=1, cutoff=0.5) or [
        name for name in known if name.partition("/")[2].lower() == tag.rpartition("/")[2].lower()
    ]
    if near:
        return f"{text} Did you mean {near[0]}?"
    return text if known else f"{text} Nothing has been recorded yet."


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that gets its name only when it is complete."""
    if path is None:
        sys.stdout.flush()
        yield _stdout_bytes()
        sys.stdout.flush()
        return
    try:
        with whole_file(path) as stream:
            yield stream
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(f"{path} cannot be written ({reason}). Choose another --out FILE.") from error


def _stdout_bytes() -> BinaryIO:
    if not isinstance(sys.stdout, io.TextIOWrapper):
        raise ExportError("Standard output takes no bytes; name a file with --out FILE.")
    stream: BinaryIO = sys.stdout.buffer
    return stream


def _time(text: str) -> int:
    try:
        return parse_time(text, SystemClock().utc_us())
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; write for example 2026-03-12T06:00:00Z, 2026-03-12, now or -1h"
        ) from error
