"""Keys of ``mqtt``, ``sparkplug`` and ``metric_mappings``."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, ValidationInfo, field_validator

from engine.config.fields import (
    Flag,
    Id,
    Number,
    OeeMetricType,
    OptionalId,
    OptionalText,
    Part,
    Port,
    Text,
    Whole,
    empty_to_none,
    key,
    refuse,
)

Secret = Annotated[
    Annotated[SecretStr, Field(strict=False)] | None,
    BeforeValidator(empty_to_none),
    Field(
        json_schema_extra={"x-secret": True, "x-expected": "a reference such as ${BRIMLINE_MQTT_PASSWORD:-}"}
    ),
]


class Mqtt(Part):
    """The MQTT broker."""

    broker_host: Text = key("Host name or IP address of the broker.", default="localhost")
    broker_port: Port = key(
        "Port of the broker; usually 1883, 8883 with TLS, 9001 for websockets.", default=1883
    )
    transport: Literal["tcp", "websockets"] = key("How MQTT is carried.", default="tcp")
    protocol: Literal["3.1.1", "5"] = key("Version of MQTT; quotes are needed around 5.", default="3.1.1")
    websocket_path: Text = key("Path of the broker's WebSocket endpoint.", default="/mqtt")
    fallback_brokers: tuple[Text, ...] = key(
        "Further brokers, as HOST or HOST:PORT, tried in this order; the other keys hold for them too.",
        default=(),
    )
    use_tls: Flag = key("Whether the connection is encrypted.", default=False)
    ca_cert_path: OptionalText = key(
        "File with the certificates to trust; the system's when left out.", default=None
    )
    client_cert_path: OptionalText = key(
        "Own certificate for mutual TLS, with client_key_path.", default=None
    )
    client_key_path: OptionalText = key(
        "Key of the own certificate, with client_cert_path.", default=None, validate_default=True
    )
    pinned_sha256: OptionalText = key(
        "SHA-256 fingerprint of the broker's certificate, if only that one is to be trusted.",
        default=None,
        expected="64 hexadecimal digits, with or without colons",
    )
    username: OptionalText = key("User name at the broker.", default=None)
    password: Secret = key("Password at the broker; only from the environment.", default=None)
    qos: Literal[0, 1, 2] = key("Quality of service of what is published.", default=1)
    keep_alive: Whole = key("Keep-alive interval.", default=60, unit="s", ge=1, le=65535)
    max_queue_size: Whole = key(
        "Messages kept while the broker is away.", default=50_000, ge=1, le=10_000_000
    )
    batch_size: Whole = key("Most samples in one message.", default=500, ge=1, le=100_000)

    @field_validator("ca_cert_path", "client_cert_path", "client_key_path", "pinned_sha256")
    @classmethod
    def _certificates_need_tls(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("use_tls") is False:
            refuse("is given, but the connection is not encrypted", "use_tls: true with it")
        return value

    @field_validator("client_key_path")
    @classmethod
    def _key_goes_with_certificate(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "client_cert_path" in info.data and (value is None) != (info.data["client_cert_path"] is None):
            missing = "client_key_path" if value is None else "client_cert_path"
            refuse(f"does not stand alone: {missing} is missing", "both client_cert_path and client_key_path")
        return value

    @field_validator("pinned_sha256")
    @classmethod
    def _fingerprint(cls, value: str | None) -> str | None:
        if value is None:
            return None
        digits = value.replace(":", "").lower()
        if not re.fullmatch(r"[0-9a-f]{64}", digits):
            refuse("is not a SHA-256 fingerprint")
        return digits


class StoreAndForward(Part):
    """What the edge node keeps while its host is away."""

    max_age_hours: Whole = key("Oldest value that is kept.", default=72, unit="h", ge=1, le=8760)
    max_size_mb: Whole = key("Most disk space that is used.", default=512, unit="MB", ge=1, le=1_048_576)


class Sparkplug(Part):
    """This installation as a Sparkplug edge node, as a host application, or as both."""

    group_id: Id = key("Sparkplug group of the edge node.")
    node_id: Id = key("This installation as an edge node; each PLC connection is one device of it.")
    publish: Flag = key("Whether to run the edge node.", default=True)
    host_id: Id = key("This installation as a host application.", default="brimline")
    subscribe: Flag = key("Whether to run the host application.", default=True)
    primary_host_id: OptionalId = key(
        "The edge node waits for this host's STATE; null: it does not wait.", default=None
    )
    reorder_timeout: Number = key(
        "How long the host waits for a message that overtook another before it asks for a rebirth.",
        default=2.0,
        unit="s",
        gt=0,
        le=60,
    )
    rebirth_interval: Number = key(
        "Least time between two rebirth requests to one node.", default=5.0, unit="s", ge=1, le=3600
    )
    datatype_in_commands: Flag = key(
        "Whether commands of the host carry a data type: not needed by the specification, but by many nodes.",
        default=True,
    )
    legacy_state: Flag = key(
        "Whether the host also publishes the STATE topic of Sparkplug 2.2.", default=False
    )
    subscribe_groups: tuple[Text, ...] = key("Groups the host follows; # for all.", default=("#",))
    inbound_commands: Literal["deny", "allow"] = key(
        "Whether commands from hosts are carried out.", default="deny"
    )
    command_allowlist: tuple[Text, ...] = key(
        "Tags that hosts may write, such as filler/ConveyorSpeedSetpoint.", default=(), validate_default=True
    )
    store_and_forward: StoreAndForward = key(
        "What is kept while the host is away.", default=StoreAndForward()
    )

    @field_validator("command_allowlist")
    @classmethod
    def _allow_needs_a_list(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and info.data.get("inbound_commands") == "allow":
            refuse(
                "is empty, but inbound_commands is allow",
                "the tags that may be written, or inbound_commands: deny",
            )
        return value


class MetricMapping(Part):
    """A metric of a remote Sparkplug node that feeds this plant's OEE."""

    machine_id: Id = key("The machine it belongs to.")
    sparkplug_metric_name: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)] = key(
        "Name of the metric."
    )
    oee_metric_type: OeeMetricType = key("What it counts as in the OEE of the machine.")
    quality_threshold: Whole = key(
        "Least quality code for a value to count: 192 good, 64 uncertain.", default=192, ge=0, le=1000
    )
