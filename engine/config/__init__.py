"""The plant file: what it may say, how it is read, and what is wrong with one."""

from engine.config.convert import Limit, Limits, limits_for, tag_defs
from engine.config.inactive import Notice, inactive_parts
from engine.config.loader import load_plant, parse_plant
from engine.config.models import PlantConfig
from engine.config.problems import ConfigError, Problem

__all__ = [
    "ConfigError",
    "Limit",
    "Limits",
    "Notice",
    "PlantConfig",
    "Problem",
    "inactive_parts",
    "limits_for",
    "load_plant",
    "parse_plant",
    "tag_defs",
]
