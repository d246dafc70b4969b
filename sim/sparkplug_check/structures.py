"""Judges what may be inside a metric: properties, data sets, templates. Pure."""

from drivers.sparkplug.model import MetricType
from drivers.sparkplug.sparkplug_b_pb2 import Payload as Wire
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.requirements import tck
from sim.sparkplug_check.values import BASIC_TYPES, PROPERTY_TYPES, to_kind

_QUALITIES = (0, 192, 500)

_SIZES = tck("payloads-propertyset-keys-array-size payloads-propertyset-values-array-size")
_PROPERTY_TYPE = tck("payloads-metric-propertyvalue-type-type payloads-metric-propertyvalue-type-value")
_PROPERTY_TYPE_BIRTH = tck("payloads-metric-propertyvalue-type-req")
_QUALITY_TYPE = tck("payloads-propertyset-quality-value-type")
_QUALITY_VALUE = tck("payloads-propertyset-quality-value-value")

_COLUMNS = tck("payloads-dataset-column-size payloads-dataset-column-num-headers")
_TYPES = tck("payloads-dataset-types-def payloads-dataset-types-num payloads-dataset-parameter-type-req")
_TYPE_VALUES = tck("payloads-dataset-types-type payloads-dataset-types-value")
_ROWS = tck("payloads-template-dataset-value")


def judge_properties(ledger: Ledger, properties: Wire.PropertySet, where: str, birth: bool) -> None:
    """One property set and those nested in it."""
    keys, values = len(properties.keys), len(properties.values)
    ledger.judge(keys == values, _SIZES, f"{where}: {keys} property keys but {values} values")
    for key, value in zip(properties.keys, properties.values, strict=False):
        _judge_property(ledger, key, value, f"{where}, property {key}", birth)


def _judge_property(ledger: Ledger, key: str, value: Wire.PropertyValue, where: str, birth: bool) -> None:
    if birth:
        ledger.judge(value.HasField("type"), _PROPERTY_TYPE_BIRTH, f"{where}: no type")
    if value.HasField("type"):
        kind = to_kind(value.type)
        ledger.judge(
            kind in PROPERTY_TYPES, _PROPERTY_TYPE, f"{where}: type {value.type} is none of a property"
        )
    if key == "Quality":
        typed = value.WhichOneof("value") == "int_value" and value.type in (0, MetricType.INT32)
        ledger.judge(typed, _QUALITY_TYPE, f"{where}: not an Int32 in int_value")
        ledger.judge(
            value.int_value in _QUALITIES,
            _QUALITY_VALUE,
            f"{where}: {value.int_value} is none of {_QUALITIES}",
        )
    for nested in _nested(value):
        judge_properties(ledger, nested, where, birth)


def _nested(value: Wire.PropertyValue) -> list[Wire.PropertySet]:
    which = value.WhichOneof("value")
    if which == "propertyset_value":
        return [value.propertyset_value]
    return list(value.propertysets_value.propertyset) if which == "propertysets_value" else []


def judge_data_set(ledger: Ledger, data: Wire.DataSet, where: str) -> None:
    """Columns, types and rows of one data set agree."""
    columns, types = len(data.columns), len(data.types)
    ledger.judge(
        data.num_of_columns == columns,
        _COLUMNS,
        f"{where}: num_of_columns {data.num_of_columns} but {columns} column names",
    )
    ledger.judge(types == columns, _TYPES, f"{where}: {types} types for {columns} columns")
    wrong = [number for number in data.types if to_kind(number) not in BASIC_TYPES]
    ledger.judge(not wrong, _TYPE_VALUES, f"{where}: column types {wrong} are none of a data set")
    lengths = {len(row.elements) for row in data.rows} - {columns}
    ledger.judge(not lengths, _ROWS, f"{where}: rows of {sorted(lengths)} elements for {columns} columns")


_IS_DEFINITION = tck("payloads-template-is-definition")
_DEFINITION = tck(
    "payloads-template-definition-is-definition payloads-template-is-definition-definition"
    " payloads-template-definition-members payloads-template-version"
)
_DEFINITION_REF = tck("payloads-template-definition-ref payloads-template-ref-definition")
_DEFINITION_NBIRTH = tck("payloads-template-definition-nbirth-only payloads-template-definition-nbirth")
_INSTANCE = tck("payloads-template-instance-is-definition payloads-template-is-definition-instance")
_INSTANCE_REF = tck("payloads-template-instance-ref payloads-template-ref-instance topics-nbirth-templates")
_INSTANCE_MEMBERS = tck("payloads-template-instance-members")
_INSTANCE_BIRTH = tck("payloads-template-instance-members-birth")
_PARAMETERS = tck("payloads-template-definition-parameters")
_PARAMETER_NAME = tck("payloads-template-parameter-name-required payloads-template-parameter-name-type")
_PARAMETER_TYPE = tck(
    "payloads-template-parameter-value-type payloads-template-parameter-type-value"
    " payloads-template-parameter-type-req"
)
_PARAMETER_VALUE = tck("payloads-template-parameter-value")


class TemplateRules:
    """Definitions of the current NBIRTH, and what is wrong with instances of them.

    Before the first NBIRTH nobody knows what has been defined.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._definitions: dict[str, Wire.Template] | None = None

    def on_nbirth(self, payload: Wire) -> None:
        """Definitions first: an instance may stand before its definition in one message."""
        self._definitions = {
            metric.name: metric.template_value
            for metric in payload.metrics
            if metric.WhichOneof("value") == "template_value" and metric.template_value.is_definition
        }

    def judge(self, template: Wire.Template, where: str, verb: str) -> None:
        """One definition or instance found in a message of this verb."""
        self._ledger.judge(template.HasField("is_definition"), _IS_DEFINITION, f"{where}: no is_definition")
        for parameter in template.parameters:
            self._judge_parameter(parameter, where)
        if template.is_definition:
            self._judge_definition(template, where, verb)
        else:
            self._judge_instance(template, where, verb)

    def _judge_definition(self, template: Wire.Template, where: str, verb: str) -> None:
        judge = self._ledger.judge
        judge(verb == "NBIRTH", _DEFINITION_NBIRTH, f"{where}: a template definition outside an NBIRTH")
        judge(
            not template.HasField("template_ref"), _DEFINITION_REF, f"{where}: a definition with template_ref"
        )
        named = all(member.name and member.HasField("datatype") for member in template.metrics)
        judge(named, _DEFINITION, f"{where}: a member of the definition lacks name or datatype")
        self._ledger.passed(_PARAMETERS)

    def _judge_instance(self, template: Wire.Template, where: str, verb: str) -> None:
        judge = self._ledger.judge
        judge(
            template.HasField("is_definition"), _INSTANCE, f"{where}: an instance without is_definition false"
        )
        if self._definitions is None:
            return
        has_ref = template.HasField("template_ref")
        definition = self._definition(template.template_ref) if has_ref else None
        told = f"template_ref {template.template_ref!r}" if has_ref else "no template_ref"
        if not judge(
            definition is not None, _INSTANCE_REF, f"{where}: {told} names no definition of the NBIRTH"
        ):
            return
        assert definition is not None
        declared = {member.name for member in definition.metrics}
        members = {member.name for member in template.metrics if member.HasField("name")}
        judge(
            members <= declared,
            _INSTANCE_MEMBERS,
            f"{where}: members {sorted(members - declared)} not declared",
        )
        if verb in ("NBIRTH", "DBIRTH"):
            judge(
                members == declared,
                _INSTANCE_BIRTH,
                f"{where}: lacks {sorted(declared - members)} in a birth",
            )

    def _definition(self, ref: str) -> Wire.Template | None:
        """By name; many nodes publish the definition ``Motor`` as ``_types_/Motor``."""
        known = self._definitions or {}
        return known.get(ref) or known.get(f"_types_/{ref}")

    def _judge_parameter(self, parameter: Wire.Template.Parameter, where: str) -> None:
        judge = self._ledger.judge
        judge(bool(parameter.name), _PARAMETER_NAME, f"{where}: a parameter without a name")
        kind = to_kind(parameter.type) if parameter.HasField("type") else None
        judge(
            kind in BASIC_TYPES,
            _PARAMETER_TYPE,
            f"{where}: parameter {parameter.name}: no type of a parameter",
        )
        self._ledger.passed(_PARAMETER_VALUE)
