"""Templates: definitions and instances of structures, with members and parameters. Pure.

Members are metrics, so that whoever reads a template brings the reader of metrics along.
"""

from collections.abc import Callable

from drivers.sparkplug import scalars
from drivers.sparkplug.errors import PayloadError, metric_path, path_of
from drivers.sparkplug.model import Metric, MetricType, Parameter, Template
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload


def read_template(pb: PbPayload.Template, read_member: Callable[[PbPayload.Metric], Metric]) -> Template:
    """A definition or an instance; ``PayloadError`` names the member or parameter."""
    members = []
    for index, member in enumerate(pb.metrics):
        try:
            members.append(read_member(member))
        except PayloadError as error:
            raise error.at(f"template.{path_of(index, member)}") from None
    return Template(
        pb.is_definition,
        scalars.checked_text(pb.template_ref, "template.template_ref")
        if pb.HasField("template_ref")
        else None,
        scalars.checked_text(pb.version, "template.version") if pb.HasField("version") else None,
        tuple(members),
        tuple(_read_parameter(index, parameter) for index, parameter in enumerate(pb.parameters)),
    )


def write_template(
    pb: PbPayload.Template, value: Template, write_member: Callable[[PbPayload.Metric, Metric], None]
) -> None:
    """Fill a template; an instance names its definition, a definition names none."""
    if value.is_definition and value.ref is not None:
        raise PayloadError("template.template_ref: a definition refers to no other template")
    if not value.is_definition and not value.ref:
        raise PayloadError("template.template_ref: an instance must name its definition")
    pb.is_definition = value.is_definition
    if value.ref is not None:
        pb.template_ref = value.ref
    if value.version is not None:
        pb.version = value.version
    for index, member in enumerate(value.metrics):
        try:
            write_member(pb.metrics.add(), member)
        except PayloadError as error:
            raise error.at(f"template.{metric_path(index, member.name, member.alias)}") from None
    for index, parameter in enumerate(value.parameters):
        _write_parameter(index, pb.parameters.add(), parameter)


def _read_parameter(index: int, pb: PbPayload.Template.Parameter) -> Parameter:
    path = f"template.parameters[{index}]"
    name = scalars.checked_text(pb.name, f"{path}.name")
    if not name:
        raise PayloadError(f"{path}: name is missing")
    if pb.type and pb.type not in scalars.BASIC_TYPES:
        raise PayloadError(f"{path} {name!r}: type {pb.type} is no basic type")
    type_ = MetricType(pb.type)
    try:
        return Parameter(name, type_, scalars.READERS[type_](pb))
    except PayloadError as error:
        raise error.at(f"{path} {name!r}") from None


def _write_parameter(index: int, pb: PbPayload.Template.Parameter, value: Parameter) -> None:
    path = f"template.parameters[{index}]"
    if not value.name:
        raise PayloadError(f"{path}: name is missing")
    pb.name = value.name
    if value.type is not MetricType.UNKNOWN:
        if value.type not in scalars.BASIC_TYPES:
            raise PayloadError(f"{path} {value.name!r}: type {value.type} is no basic type")
        pb.type = value.type
    if value.value is None:
        return
    try:
        scalars.write(pb, value.type, value.value)
    except PayloadError as error:
        raise error.at(f"{path} {value.name!r}") from None
