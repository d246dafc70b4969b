"""From a plant file to a ``PlantConfig``, or to all that is wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.config.checks import AddressCheck, check_addresses, check_document
from engine.config.document import Document, read_document
from engine.config.migration import VersionProblem, migrate
from engine.config.models import PlantConfig
from engine.config.problems import ConfigError, KeyPath, Problem
from engine.config.review import review
from engine.config.schema import build_schema
from engine.config.translate import Translator
from engine.config.yaml_tree import MAX_BYTES


def load_plant(path: Path, env: Mapping[str, str], address_check: AddressCheck | None = None) -> PlantConfig:
    """Read the plant file at ``path``. Raises ``ConfigError`` and nothing else, whatever the file.

    Without ``address_check`` a tag's address may be any text: the plant then runs, and its driver
    turns the tags bad whose address it cannot read.
    """
    return parse_plant(_read_text(path), str(path), env, address_check)


def parse_plant(
    text: str, source: str, env: Mapping[str, str], address_check: AddressCheck | None = None
) -> PlantConfig:
    """The plant described by ``text``; ``source`` names it in problems. Raises ``ConfigError``."""
    if len(text) > MAX_BYTES:
        raise ConfigError([_too_large(source)])
    document = read_document(text, source, env)
    data = _present_form(document)
    config, problems = _validate(document, data)
    problems = (*document.problems, *problems, *check_document(document, data))
    if address_check is not None:
        problems = (*problems, *check_addresses(document, data, address_check))
    if config is None or problems:
        raise ConfigError(dict.fromkeys(problems))
    return config.with_warnings(review(config, document))


def _read_text(path: Path) -> str:
    source = str(path)
    try:
        if path.exists() and not path.is_file():
            raise ConfigError([Problem(source, 0, 0, "", "is not a file", "a plant file (YAML text)")])
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problem = Problem(source, 0, 0, "", f"cannot be read: {reason}", "a plant file (YAML text)")
    else:
        return _decode(content, source)
    raise ConfigError([problem])


def _decode(content: bytes, source: str) -> str:
    if len(content) > MAX_BYTES:
        raise ConfigError([_too_large(source)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        message = f"is not text in UTF-8 (byte {content[error.start]:#04x})"
        problem = Problem(source, line, column, "", message, "a plant file (YAML text in UTF-8)")
    raise ConfigError([problem])


def _present_form(document: Document) -> dict[str, Any]:
    if document.data is None:
        message = "the file is empty"
        raise ConfigError([*document.problems, Problem(document.file, 1, 1, "", message, "a plant file")])
    if not isinstance(document.data, dict):
        message = "the file does not consist of keys and values"
        raise ConfigError(
            [*document.problems, document.problem((), message, "keys such as schema_version: 1")]
        )
    try:
        return migrate(document.data)
    except VersionProblem as error:
        problem = document.problem(("schema_version",), error.message, error.expected)
    raise ConfigError([*document.problems, problem])


def _validate(document: Document, data: dict[str, Any]) -> tuple[PlantConfig | None, tuple[Problem, ...]]:
    config, errors = _try(data)
    if errors and _restore_texts(document, data, errors):
        config, errors = _try(data)
    if not errors:
        return config, ()
    translator = Translator(document, data, build_schema())
    usable = [error for error in errors if not _is_below(error["loc"], document.unusable)]
    return None, tuple(translator.problem(error) for error in usable)


def _try(data: dict[str, Any]) -> tuple[PlantConfig | None, list[Any]]:
    try:
        return PlantConfig.model_validate(data), []
    except ValidationError as error:
        return None, list(error.errors(include_url=False, include_input=False))


def _restore_texts(document: Document, data: dict[str, Any], errors: list[Any]) -> bool:
    """Give text keys back what the environment said, where it looked like a number (a password 1234)."""
    restored = False
    for error in errors:
        entry = document.entry(error["loc"])
        if error["type"] == "string_type" and entry and entry.variables and entry.text:
            restored = _put(data, error["loc"], entry.text) or restored
    return restored


def _put(data: Any, path: KeyPath, text: str) -> bool:
    for part in path[:-1]:
        data = data[part]
    if isinstance(data[path[-1]], (bool, int, float)):
        data[path[-1]] = text
        return True
    return False


def _is_below(path: KeyPath, roots: frozenset[KeyPath]) -> bool:
    return any(path[:length] in roots for length in range(len(path) + 1))


def _too_large(source: str) -> Problem:
    limit = f"at most {MAX_BYTES // (1024 * 1024)} MiB"
    return Problem(source, 0, 0, "", "is too large for a plant file", limit)
