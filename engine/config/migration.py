"""Older forms of the plant file are brought to the present one, one version at a time."""

from collections.abc import Callable, Mapping
from typing import Any

Migration = Callable[[dict[str, Any]], dict[str, Any]]
"""From the data of one version to that of the next; pure. The chain sets ``schema_version`` itself."""

SCHEMA_VERSION = 1

MIGRATIONS: Mapping[int, Migration] = {}
"""By the version a migration starts from."""


class VersionProblem(Exception):  # noqa: N818 - turned into a Problem with its place by the loader
    """The file's version cannot be read by this program."""

    def __init__(self, message: str, expected: str) -> None:
        self.message = message
        self.expected = expected
        super().__init__(f"{message}; expected {expected}")


def migrate(
    data: dict[str, Any], *, to_version: int = SCHEMA_VERSION, chain: Mapping[int, Migration] = MIGRATIONS
) -> dict[str, Any]:
    """``data`` in the form of ``to_version``. Raises ``VersionProblem``; ``data`` is left unchanged."""
    version = _version_of(data, to_version)
    while version < to_version:
        data = {**chain[version](data), "schema_version": version + 1}
        version += 1
    return data


def _version_of(data: dict[str, Any], newest: int) -> int:
    if "schema_version" not in data:
        raise VersionProblem("is missing", f"the line 'schema_version: {newest}' at the top of the file")
    version = data["schema_version"]
    readable = f"{newest}" if newest == 1 else f"1 to {newest}"
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise VersionProblem("is not a version number", readable)
    if version > newest:
        raise VersionProblem(
            f"is {version}: this file was written for a newer version of Brimline",
            f"{readable}, or a newer Brimline",
        )
    return version
