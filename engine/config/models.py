"""The plant file as a whole, and its smaller parts."""

import re
from typing import Literal

from pydantic import Field, PrivateAttr, field_validator

from engine.config.connections import Connection
from engine.config.fields import (
    Flag,
    Number,
    OptionalPort,
    Part,
    PollWorkers,
    Text,
    TimeZoneName,
    Whole,
    key,
    refuse,
)
from engine.config.messaging import MetricMapping, Mqtt, Sparkplug
from engine.config.migration import SCHEMA_VERSION
from engine.config.problems import Problem
from engine.config.production import Alarm, Machine, Shift, StopReason

_DATABASES = ("sqlite:///", "mssql+mssqlpython://")


class Site(Part):
    """Where the plant is."""

    name: Text = key("Name of the site, shown in every window.", default="Plant")
    timezone: TimeZoneName = key("Time zone in which times are shown and shifts are counted.", default="UTC")


class Processing(Part):
    """How controllers are polled and samples go to the historian."""

    poll_workers: PollWorkers = key(
        "Processes that poll controllers; 0: this program itself does. auto: one or more where the tags and "
        "scan periods ask for it.",
        default="auto",
    )
    batch_size: Whole = key("Most samples in one write to the database.", default=10_000, ge=1, le=100_000)
    processing_interval: Number = key(
        "Longest time a sample waits to be written.", default=0.5, unit="s", gt=0, le=60
    )
    quality_threshold: Number = key(
        "Below it a sample counts for history but not for OEE.", default=75.0, unit="%", ge=0, le=100
    )


class Database(Part):
    """Where history is kept."""

    url: Text = Field(
        default="sqlite:///history.db",
        description="Database; a SQLite file is relative to the data folder. Passwords from the environment.",
        json_schema_extra={
            "x-secret": True,
            "x-expected": "sqlite:///FILE, or mssql+mssqlpython://USER@HOST/NAME for SQL Server",
        },
        repr=False,
    )
    raw_retention_days: Whole = key(
        "How long every change is kept. After a hole of more than ten days in the records, as after a clock "
        "was set ahead, nothing is deleted before their third day.",
        default=90,
        unit="days",
        ge=1,
        le=36_500,
    )
    rollup_retention_days: Whole = key(
        "How long rollups are kept.", default=1825, unit="days", ge=1, le=36_500
    )

    @field_validator("url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not any(url.startswith(prefix) and len(url) > len(prefix) for prefix in _DATABASES):
            refuse("is not the address of a database that can be used")
        return url

    @property
    def shown_url(self) -> str:
        """The address without user and password, for people and logs."""
        return re.sub(r"://.*@", "://", self.url)


class Monitoring(Part):
    """What this installation tells about itself."""

    metrics_port: OptionalPort = key("Port for Prometheus metrics; null: off.", default=None)
    health_port: OptionalPort = key(
        "Port for /health, /ready and the REST interface; null: off.", default=None
    )
    bind: Text = key("Address these ports are opened on.", default="127.0.0.1")
    log_format: Literal["json", "text"] = key("Form of log lines.", default="json")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = key(
        "Least severe log line that is written.", default="INFO"
    )


class Panel(Part):
    """How the panel looks and starts."""

    theme: Literal["paper", "graphite"] = key("Light (paper) or dark (graphite).", default="paper")
    language: Literal["en", "de"] = key("Language of the panel.", default="en")
    start_page: Literal["overview", "filler", "alarms", "trends", "oee", "diagnostics", "settings"] = key(
        "Page shown first.", default="overview"
    )
    kiosk: Flag = key("Full screen, without a way out for operators.", default=False)
    auto_logout_min: Whole = key(
        "Sign out after this time without a touch.", default=10, unit="min", ge=1, le=1440
    )


class PlantConfig(Part):
    """A whole plant file. ``warnings`` are things that load but will not work as written."""

    schema_version: Whole = key(
        f"Version of this file's form; {SCHEMA_VERSION} now. Older files are migrated when read."
    )
    site: Site = key("Where the plant is.", default=Site())
    mqtt: Mqtt | None = key("The MQTT broker; left out: MQTT is not used.", default=None)
    sparkplug: Sparkplug | None = key("Sparkplug; left out: it is not used.", default=None)
    plc_connections: tuple[Connection, ...] = key("Controllers and their tags.", default=())
    metric_mappings: tuple[MetricMapping, ...] = key(
        "Remote Sparkplug metrics that feed this plant's OEE.", default=()
    )
    machines: tuple[Machine, ...] = key("The machines of the line.", default=())
    alarms: tuple[Alarm, ...] = key("Alarms.", default=())
    shifts: tuple[Shift, ...] = key("Shifts.", default=())
    stop_reasons: tuple[StopReason, ...] = key("Tree of stop reasons.", default=())
    processing: Processing = key(
        "How controllers are polled and samples go to the historian.", default=Processing()
    )
    database: Database = key("Where history is kept.", default=Database())
    monitoring: Monitoring = key("What this installation tells about itself.", default=Monitoring())
    panel: Panel = key("How the panel looks and starts.", default=Panel())

    _warnings: tuple[Problem, ...] = PrivateAttr(())

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What does not fit together, with its place in the file; empty for a config made otherwise."""
        return self._warnings

    def with_warnings(self, warnings: tuple[Problem, ...]) -> "PlantConfig":
        """A copy that carries these warnings."""
        copy = self.model_copy()
        copy._warnings = warnings  # noqa: SLF001 - pydantic keeps private attributes on the instance
        return copy

    def connection(self, connection_id: str) -> Connection:
        """The connection with this id; ``KeyError`` without one."""
        for connection in self.plc_connections:
            if connection.id == connection_id:
                return connection
        raise KeyError(connection_id)
