"""Changing a plant file: made as a diff to be looked at first, written only if nobody else wrote meanwhile.

Comments, order and style of everything that does not change stay as they are, to the last character.
"""

import difflib
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from engine.config.checks import AddressCheck
from engine.config.connections import Connection, Tag
from engine.config.edit_addresses import NewAddresses
from engine.config.edit_spans import Layout, apply_splices
from engine.config.edit_tags import connection_splices, new_connection_splices
from engine.config.loader import parse_plant
from engine.config.models import PlantConfig
from engine.config.problems import ConfigError, fresh
from engine.discovery import ConnectionEntry, DiscoveryError, PlantEdit, TagChanges, TagEntry

_BACKUPS = 10
"""So many old files are kept, the newest."""
_WRITABLE = 0o222
_BOM = b"\xef\xbb\xbf"


def plan_changes(
    path: Path,
    changes: Sequence[TagChanges],
    env: Mapping[str, str] | None = None,
    address_check: AddressCheck | None = None,
) -> PlantEdit:
    """The file at ``path`` with these changes; nothing is written. Raises ``DiscoveryError``.

    The file itself must be a good one; what the changes do to it is told in ``problems``. Addresses that
    ``address_check`` complains about are a problem, too, unless the file had them before.
    """
    env = os.environ if env is None else env
    old = _read(path)
    text = _decoded(old, path)
    try:
        config = parse_plant(text, str(path), env)
    except ConfigError as error:
        raise DiscoveryError(f"the plant file must be put right first: {error}") from error
    for change in changes:
        text = _changed(text, change, config)
        try:
            changed = parse_plant(text, str(path), env)
        except ConfigError:
            break  # what is wrong with it is told with the diff
        _verify(config, changed, change)
        config = changed
    return _edit(path, old, text, env, address_check)


def plan_text(
    path: Path,
    text: str,
    env: Mapping[str, str] | None = None,
    address_check: AddressCheck | None = None,
) -> PlantEdit:
    """The same for a whole new text."""
    return _edit(path, _read(path), text, os.environ if env is None else env, address_check)


def apply_edit(edit: PlantEdit) -> Path:
    """Write the file and return where the one it replaces is kept. Raises ``DiscoveryError``."""
    if edit.problems:
        raise DiscoveryError(f"the changed plant file cannot be used: {edit.problems[0]}")
    old = _read(edit.path)
    if _fingerprint(old) != edit.base:
        raise DiscoveryError(f"{edit.path} was changed by somebody else meanwhile: look at the changes again")
    new = (_BOM if old.startswith(_BOM) else b"") + edit.text.encode()
    try:
        _refuse_protected(edit.path)
        kept = _keep(edit.path, old)
        try:
            _replace(edit.path, new)
        except OSError:
            kept.unlink(missing_ok=True)
            raise
        _forget_oldest(edit.path)
    except OSError as error:
        raise DiscoveryError(f"{edit.path} cannot be written: {error.strerror or error}") from error
    return kept


def is_written(edit: PlantEdit) -> bool:
    """Whether the file is what this edit makes of it already. Raises ``DiscoveryError``."""
    return _decoded(_read(edit.path), edit.path) == edit.text


def tag_entry(tag: Tag) -> TagEntry:
    """A tag of the plant file as the words of discovery have it."""
    scale = None if tag.scale is None else (tuple(tag.scale.raw), tuple(tag.scale.engineering))
    return TagEntry(
        tag.name,
        tag.address,
        tag.data_type,
        description=tag.description,
        unit=tag.unit,
        range=tag.range,
        normal=tag.normal,
        decimals=tag.decimals,
        scale=scale,  # type: ignore[arg-type]
        deadband=tag.deadband,
        writable=tag.writable,
        pulse=tag.pulse,
        history=tag.history,
        oee_metric_type=tag.oee_metric_type,
    )


def _changed(text: str, change: TagChanges, config: PlantConfig) -> str:
    ids = [connection.id for connection in config.plc_connections]
    _refuse_doubles(change)
    if isinstance(change.connection, ConnectionEntry):
        if change.connection_id in ids:
            raise DiscoveryError(f"there is a connection {change.connection_id} already: choose another id")
        return apply_splices(text, new_connection_splices(Layout(text), change.connection, change.put))
    if change.connection not in ids:
        raise DiscoveryError(f"there is no connection {change.connection} in the plant file")
    index = ids.index(change.connection)
    entries = [tag_entry(tag) for tag in config.plc_connections[index].tags]
    present = {entry.name: (number, entry) for number, entry in enumerate(entries)}
    missing = [name for name in change.remove if name not in present]
    if missing:
        raise DiscoveryError(f"{change.connection} has no tag {missing[0]}")
    return apply_splices(text, connection_splices(Layout(text), index, change, present))


def _verify(before: PlantConfig, after: PlantConfig, change: TagChanges) -> None:
    """Nothing but what was asked has another meaning now; else the text is written too unusually for us."""
    name = change.connection_id
    others = [[each for each in config.plc_connections if each.id != name] for config in (before, after)]
    old = {
        tag.name: tag_entry(tag) for each in before.plc_connections if each.id == name for tag in each.tags
    }
    new = {tag.name: tag_entry(tag) for tag in after.connection(name).tags}
    gone = set(change.remove)
    wanted = {key: tag for key, tag in old.items() if key not in gone} | {tag.name: tag for tag in change.put}
    rest = [config.model_dump(exclude={"plc_connections"}) for config in (before, after)]
    same = others[0] == others[1] and rest[0] == rest[1] and _is_same_controller(before, after, change)
    if not same or new != wanted:
        raise DiscoveryError(
            f"the way {name} is written is too unusual to be changed safely: change the plant file by hand"
        )


def _is_same_controller(before: PlantConfig, after: PlantConfig, change: TagChanges) -> bool:
    """Whether the connection's own keys are those of before, or those that were asked for."""
    made, entry = after.connection(change.connection_id), change.connection
    if isinstance(entry, ConnectionEntry):
        return all(getattr(made, key) == getattr(entry, key) for key in _ENTRY_KEYS)
    return made.model_dump(exclude={"tags"}) == before.connection(entry).model_dump(exclude={"tags"})


_ENTRY_KEYS = ("name", "type", "family", "host", "port", "slot", "timeout", "scan_rate_ms")


def _refuse_doubles(change: TagChanges) -> None:
    names = Counter([*(tag.name for tag in change.put), *change.remove])
    double, times = names.most_common(1)[0] if names else ("", 0)
    if times > 1:
        raise DiscoveryError(f"{change.connection_id}: {double} is there twice")


def _edit(
    path: Path, old: bytes, text: str, env: Mapping[str, str], address_check: AddressCheck | None
) -> PlantEdit:
    before = _decoded(old, path)
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    added = changed = removed = 0
    check = None if address_check is None else NewAddresses(address_check)
    try:
        config = parse_plant(before, str(path), env, check and check.learn)
        after = parse_plant(text, str(path), env, check)
        added, changed, removed = _counts(config, after)
        notices = tuple(str(warning) for warning in fresh(config.warnings, after.warnings))
    except ConfigError as error:
        problems = tuple(str(problem) for problem in error.problems)
    if check is not None:
        notices = (*check.notices(), *notices)
    diff = _diff(before, text)
    return PlantEdit(path, text, _fingerprint(old), diff, added, changed, removed, problems, notices)


def _counts(before: PlantConfig, after: PlantConfig) -> tuple[int, int, int]:
    old, new = _tags(before.plc_connections), _tags(after.plc_connections)
    changed = sum(new[key] != tag for key, tag in old.items() if key in new)
    return len(new.keys() - old.keys()), changed, len(old.keys() - new.keys())


def _tags(connections: Sequence[Connection]) -> dict[str, Tag]:
    return {f"{each.id}/{tag.name}": tag for each in connections for tag in each.tags}


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return "\n".join(list(lines)[2:])


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise DiscoveryError(f"{path} is not text in UTF-8") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DiscoveryError(f"{path} cannot be read: {error.strerror or error}") from error


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _keep(path: Path, content: bytes) -> Path:
    """The old file beside the new one, named by when it was written."""
    stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    kept = path.with_name(f"{path.name}.{stamp}.bak")
    _put(kept, content, path.stat().st_mode)
    return kept


def _forget_oldest(path: Path) -> None:
    for older in sorted(path.parent.glob(f"{path.name}.*.bak"))[:-_BACKUPS]:
        older.unlink(missing_ok=True)


def _refuse_protected(path: Path) -> None:
    """A new file in its place would ask nobody whether this one may be written."""
    if not path.stat().st_mode & _WRITABLE or not os.access(path, os.W_OK):
        raise DiscoveryError(f"{path} is write-protected: allow writing to it, then try again")


def _replace(path: Path, content: bytes) -> None:
    target = path.resolve()
    _put(target, content, target.stat().st_mode)


def _put(target: Path, content: bytes, mode: int) -> None:
    """In one step: a reader sees the old file or the new one, also after a power failure."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode & 0o777)
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
