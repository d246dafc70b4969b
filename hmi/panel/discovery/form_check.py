"""What is wrong with the fields of a form, in the words of the plant file's own models; pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from engine.config.fields import REFUSED


def field_problems(model: type[BaseModel], values: Mapping[str, object]) -> dict[str, str]:
    """Field to what is wrong with it, for those of ``values`` that the model does not take."""
    try:
        model.model_validate(dict(values))
    except ValidationError as error:
        return {
            str(each["loc"][0]): _words(model, str(each["loc"][0]), each)
            for each in reversed(error.errors())
            if each["loc"] and each["loc"][0] in values
        }
    return {}


def parse_number(text: str) -> float | None:
    """A number as people type it, with point or comma; None for none; ValueError for what is no number."""
    text = text.strip().replace("\u2212", "-").replace("\u2009", "").replace(" ", "")
    if not text:
        return None
    number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    if number - number != 0:
        raise ValueError(text)
    return number


def parse_whole(text: str) -> int | None:
    """A whole number; None for none; ValueError for what is none."""
    text = text.strip()
    return int(text) if text else None


def _words(model: type[BaseModel], name: str, error: Any) -> str:
    if error["type"] == REFUSED:
        parts = (error["ctx"]["message"], error["ctx"]["expected"])
        return "; ".join(part for part in parts if part)
    if error["type"] in ("string_pattern_mismatch", "string_too_short"):
        expected = _expected(model, name)
        if expected:
            return f"must be {expected}"
    if error["type"] == "string_too_short":
        return "is missing"
    message: str = error["msg"]
    return message.replace("Input should be", "must be").replace("String should have", "must have")


def _expected(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    for part in (*field.metadata, field):
        extra = getattr(part, "json_schema_extra", None)
        if isinstance(extra, dict) and "x-expected" in extra:
            return str(extra["x-expected"])
    return ""
