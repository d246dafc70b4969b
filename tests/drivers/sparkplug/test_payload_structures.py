"""Data sets, templates, properties and metadata."""

import pytest
from hypothesis import given

from drivers.sparkplug.model import (
    DataSet,
    MetaData,
    Metric,
    MetricType,
    MetricValue,
    Parameter,
    Payload,
    Property,
    PropertySet,
    Template,
)
from drivers.sparkplug.payload import PayloadError, decode, encode, parse, properties_of
from drivers.sparkplug.scalars import BASIC_TYPES
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from tests.drivers.sparkplug.requirements import requirement
from tests.drivers.sparkplug.strategies import METRICS, PROPERTY_SETS, datasets, templates

Pb = PbPayload

TABLE = DataSet(("Name", "Litres"), (MetricType.STRING, MetricType.FLOAT), (("Cola", 0.5), (None, 1.5)))


def sent(value: MetricValue, type_: MetricType) -> PbPayload.Metric:
    return parse(encode(Payload(metrics=(Metric("m", value, type_),)))).metrics[0]


def sent_template(template: Template) -> PbPayload.Template:
    return sent(template, MetricType.TEMPLATE).template_value


def read(metric: PbPayload.Metric) -> Metric:
    return decode(PbPayload(metrics=[metric]).SerializeToString()).metrics[0]


class TestDataSets:
    @requirement(
        "tck-id-payloads-dataset-column-size",
        "tck-id-payloads-dataset-column-num-headers",
        "tck-id-payloads-dataset-types-num",
    )
    @given(datasets())
    def test_columns_types_and_elements_agree_in_number(self, dataset: DataSet) -> None:
        wire = sent(dataset, MetricType.DATASET).dataset_value
        assert wire.HasField("num_of_columns")
        assert wire.num_of_columns == len(wire.columns) == len(wire.types) == len(dataset.columns)
        assert all(len(row.elements) == wire.num_of_columns for row in wire.rows)

    @requirement(
        "tck-id-payloads-dataset-types-def",
        "tck-id-payloads-dataset-types-type",
        "tck-id-payloads-dataset-types-value",
        "tck-id-payloads-dataset-parameter-type-req",
        "tck-id-payloads-template-dataset-value",
    )
    def test_types_are_numbers_of_basic_types(self) -> None:
        wire = sent(TABLE, MetricType.DATASET).dataset_value
        assert list(wire.types) == [12, 9]
        for type_ in set(MetricType) - BASIC_TYPES:
            with pytest.raises(PayloadError, match=r"dataset\.types\[1\]: \d+ is no basic type"):
                sent(DataSet(("a", "b"), (MetricType.INT8, type_)), MetricType.DATASET)

    @requirement("tck-id-payloads-template-dataset-value")
    def test_elements_travel_in_the_field_of_their_column(self) -> None:
        rows = sent(TABLE, MetricType.DATASET).dataset_value.rows
        assert [[element.WhichOneof("value") for element in row.elements] for row in rows] == [
            ["string_value", "float_value"],
            [None, "float_value"],
        ]

    @pytest.mark.parametrize(
        ("dataset", "why"),
        [
            (DataSet(("a",), ()), "dataset.types: 0 types for 1 columns"),
            (DataSet(("a",), (MetricType.INT8,), ((1, 2),)), r"dataset.rows\[0\]: 2 elements for 1 columns"),
            (
                DataSet(("a",), (MetricType.INT8,), ((1,), (300,))),
                r"dataset.rows\[1\]: 300 does not fit Int8",
            ),
        ],
    )
    def test_a_table_that_does_not_agree_is_not_written(self, dataset: DataSet, why: str) -> None:
        with pytest.raises(PayloadError, match=rf"^metrics\[0\] 'm': {why}"):
            sent(dataset, MetricType.DATASET)

    @pytest.mark.parametrize(
        ("dataset", "why"),
        [
            (Pb.DataSet(num_of_columns=2, columns=["a"], types=[1]), "dataset.num_of_columns is 2, but 1"),
            (Pb.DataSet(num_of_columns=2**64 - 1), "dataset.num_of_columns is 18446744073709551615, but 0"),
            (Pb.DataSet(num_of_columns=1, columns=["a"]), "dataset.types: 0 types for 1 columns"),
            (Pb.DataSet(columns=["a"], types=[16]), r"dataset.types\[0\]: 16 is no basic type"),
            (Pb.DataSet(columns=["a"], types=[0]), r"dataset.types\[0\]: 0 is no basic type"),
            (Pb.DataSet(columns=["a"], types=[1], rows=[Pb.DataSet.Row()]), r"dataset.rows\[0\]: 0 elements"),
            (
                Pb.DataSet(
                    columns=["a"],
                    types=[1],
                    rows=[Pb.DataSet.Row(elements=[Pb.DataSet.DataSetValue(string_value="x")])],
                ),
                r"dataset.rows\[0\]: Int8 is expected in int_value or long_value, not in string_value",
            ),
        ],
    )
    def test_a_table_that_does_not_agree_is_not_read(self, dataset: PbPayload.DataSet, why: str) -> None:
        with pytest.raises(PayloadError, match=rf"^metrics\[0\] 'm': {why}"):
            read(Pb.Metric(name="m", datatype=16, dataset_value=dataset))

    def test_older_nodes_may_leave_the_number_of_columns_out(self) -> None:
        wire = Pb.DataSet(columns=["a"], types=[1])
        assert read(Pb.Metric(datatype=16, dataset_value=wire)).value == DataSet(("a",), (MetricType.INT8,))


MOTOR = Template(
    True,
    None,
    "1.2",
    (Metric("Speed", None, MetricType.FLOAT), Metric("Running", None, MetricType.BOOLEAN)),
    (Parameter("Index", MetricType.INT32), Parameter("Maker", MetricType.STRING, "ACME")),
)
MOTOR_1 = Template(
    False,
    "Motor",
    "1.2",
    (Metric("Speed", 58.5, MetricType.FLOAT), Metric("Running", True, MetricType.BOOLEAN)),
    (Parameter("Index", MetricType.INT32, 1), Parameter("Maker", MetricType.STRING, "ACME")),
)


class TestTemplates:
    @requirement(
        "tck-id-payloads-template-definition-is-definition",
        "tck-id-payloads-template-is-definition",
        "tck-id-payloads-template-is-definition-definition",
        "tck-id-payloads-template-definition-ref",
        "tck-id-payloads-template-ref-definition",
    )
    def test_a_definition_says_so_and_refers_to_nothing(self) -> None:
        wire = sent_template(MOTOR)
        assert wire.HasField("is_definition")
        assert wire.is_definition
        assert not wire.HasField("template_ref")
        with pytest.raises(PayloadError, match="a definition refers to no other template"):
            sent_template(Template(True, "Motor"))

    @requirement(
        "tck-id-payloads-template-instance-is-definition",
        "tck-id-payloads-template-is-definition",
        "tck-id-payloads-template-is-definition-instance",
        "tck-id-payloads-template-instance-ref",
        "tck-id-payloads-template-ref-instance",
    )
    def test_an_instance_says_so_and_names_its_definition(self) -> None:
        wire = sent_template(MOTOR_1)
        assert wire.HasField("is_definition")
        assert not wire.is_definition
        assert wire.template_ref == "Motor"
        for ref in (None, ""):
            with pytest.raises(PayloadError, match="an instance must name its definition"):
                sent_template(Template(False, ref))

    @requirement("tck-id-payloads-template-definition-members", "tck-id-payloads-template-instance-members")
    def test_members_carry_name_and_type(self) -> None:
        for template in (MOTOR, MOTOR_1):
            wire = sent_template(template)
            assert [(member.name, member.datatype) for member in wire.metrics] == [
                ("Speed", MetricType.FLOAT),
                ("Running", MetricType.BOOLEAN),
            ]

    @requirement("tck-id-payloads-template-instance-members-data")
    def test_an_instance_in_data_may_have_some_of_the_members(self) -> None:
        part = Template(False, "Motor", metrics=MOTOR_1.metrics[:1])
        message = encode(Payload(metrics=(Metric("m", part, MetricType.TEMPLATE),)), datatypes=False)
        assert decode(message).metrics[0].value == part

    @requirement(
        "tck-id-payloads-template-definition-parameters",
        "tck-id-payloads-template-definition-parameters-default",
        "tck-id-payloads-template-instance-parameters",
        "tck-id-payloads-template-parameter-name-required",
        "tck-id-payloads-template-parameter-name-type",
        "tck-id-payloads-template-parameter-type-req",
        "tck-id-payloads-template-parameter-type-value",
        "tck-id-payloads-template-parameter-value-type",
        "tck-id-payloads-template-parameter-value",
    )
    def test_parameters_carry_name_type_and_perhaps_a_value(self) -> None:
        index, maker = sent_template(MOTOR).parameters
        assert (index.name, index.type, index.WhichOneof("value")) == ("Index", 3, None)
        assert (maker.name, maker.type, maker.string_value) == ("Maker", 12, "ACME")
        assert sent_template(MOTOR_1).parameters[0].int_value == 1

    @requirement("tck-id-payloads-template-version")
    def test_the_version_is_kept(self) -> None:
        assert sent_template(MOTOR).version == sent_template(MOTOR_1).version == "1.2"
        assert not sent_template(Template(True)).HasField("version")

    @given(templates(METRICS))
    def test_templates_nest(self, template: Template) -> None:
        assert read(sent(template, MetricType.TEMPLATE)).value == template

    @pytest.mark.parametrize(
        ("template", "why"),
        [
            (
                Template(True, metrics=(Metric("Speed", 300, MetricType.INT8),)),
                r"template\.metrics\[0\] 'Speed': 300 does not fit Int8",
            ),
            (
                Template(True, parameters=(Parameter("", MetricType.INT8),)),
                r"template\.parameters\[0\]: name is missing",
            ),
            (
                Template(True, parameters=(Parameter("p", MetricType.INT8, "x"),)),
                r"template\.parameters\[0\] 'p': 'x' is no Int8",
            ),
            (
                Template(True, parameters=(Parameter("p", MetricType.BYTES),)),
                r"template\.parameters\[0\] 'p': type 17 is no basic type",
            ),
        ],
    )
    def test_what_does_not_fit_is_not_written(self, template: Template, why: str) -> None:
        with pytest.raises(PayloadError, match=rf"^metrics\[0\] 'm': {why}"):
            sent_template(template)

    @pytest.mark.parametrize(
        ("template", "why"),
        [
            (
                Pb.Template(metrics=[Pb.Metric(name="Speed", datatype=1, int_value=300)]),
                r"template\.metrics\[0\] 'Speed': int_value 300 does not fit Int8",
            ),
            (
                Pb.Template(metrics=[Pb.Metric(alias=0, datatype=99)]),
                r"template\.metrics\[0\] alias 0: datatype 99 is unknown",
            ),
            (
                Pb.Template(parameters=[Pb.Template.Parameter(type=1)]),
                r"template\.parameters\[0\]: name is missing",
            ),
            (
                Pb.Template(parameters=[Pb.Template.Parameter(name="p", type=17)]),
                r"template\.parameters\[0\] 'p': type 17 is no basic type",
            ),
            (
                Pb.Template(parameters=[Pb.Template.Parameter(name="p", type=1, int_value=300)]),
                r"template\.parameters\[0\] 'p': int_value 300 does not fit Int8",
            ),
        ],
    )
    def test_what_does_not_fit_is_not_read(self, template: PbPayload.Template, why: str) -> None:
        with pytest.raises(PayloadError, match=rf"^metrics\[0\] 'm': {why}"):
            read(Pb.Metric(name="m", datatype=19, template_value=template))

    def test_nesting_ends_where_no_reader_would_follow(self) -> None:
        template = Template(True)
        for _ in range(31):
            template = Template(True, metrics=(Metric("m", template, MetricType.TEMPLATE),))
        assert read(sent(template, MetricType.TEMPLATE)).value == template
        deeper = Template(True, metrics=(Metric("m", template, MetricType.TEMPLATE),))
        with pytest.raises(PayloadError, match="nested more than 32 deep"):
            sent(deeper, MetricType.TEMPLATE)
        wire = Pb.Template()
        for _ in range(33):
            wire = Pb.Template(metrics=[Pb.Metric(datatype=19, template_value=wire)])
        with pytest.raises(PayloadError, match="nested more than 32 deep"):
            read(Pb.Metric(datatype=19, template_value=wire))


QUALITY: PropertySet = {
    "Quality": Property(MetricType.INT32, 192),
    "engUnit": Property(MetricType.STRING, "ml"),
    "engLow": Property(MetricType.DOUBLE, 0.0),
    "engHigh": Property(MetricType.DOUBLE, None),
}


class TestProperties:
    @requirement(
        "tck-id-payloads-propertyset-keys-array-size", "tck-id-payloads-propertyset-values-array-size"
    )
    @given(PROPERTY_SETS)
    def test_there_are_as_many_keys_as_values(self, properties: PropertySet) -> None:
        message = encode(Payload(metrics=(Metric("m", properties=properties),)))
        wire = parse(message).metrics[0]
        assert len(wire.properties.keys) == len(wire.properties.values) == len(properties)
        assert properties_of(wire) == properties

    @requirement(
        "tck-id-payloads-metric-propertyvalue-type-type",
        "tck-id-payloads-metric-propertyvalue-type-value",
        "tck-id-payloads-metric-propertyvalue-type-req",
        "tck-id-payloads-propertyset-quality-value-type",
    )
    def test_every_value_carries_its_type(self) -> None:
        wire = parse(encode(Payload(metrics=(Metric("m", properties=QUALITY),)))).metrics[0].properties
        assert list(wire.keys) == ["Quality", "engUnit", "engLow", "engHigh"]
        assert [value.type for value in wire.values] == [3, 12, 10, 10]
        assert [value.WhichOneof("value") for value in wire.values] == [
            "int_value",
            "string_value",
            "double_value",
            None,
        ]
        assert [value.is_null for value in wire.values] == [False, False, False, True]

    def test_no_properties_are_not_an_empty_set(self) -> None:
        message = encode(Payload(metrics=(Metric("a"), Metric("b", properties={}))))
        assert [metric.properties for metric in decode(message).metrics] == [None, {}]

    def test_a_type_that_is_left_out_is_unknown(self) -> None:
        wire = Pb.PropertySet(
            keys=["a", "b", "c"],
            values=[
                Pb.PropertyValue(int_value=192),
                Pb.PropertyValue(propertyset_value=Pb.PropertySet()),
                Pb.PropertyValue(is_null=True),
            ],
        )
        properties = read(Pb.Metric(properties=wire)).properties
        assert properties == {
            "a": Property(MetricType.UNKNOWN, 192),
            "b": Property(MetricType.PROPERTY_SET, {}),
            "c": Property(MetricType.UNKNOWN, None),
        }
        again = decode(encode(Payload(metrics=(Metric(properties=properties),))))
        assert again.metrics[0].properties == properties

    @pytest.mark.parametrize(
        ("properties", "why"),
        [
            ({"Quality": Property(MetricType.INT32, "good")}, r"properties\['Quality'\]: 'good' is no Int32"),
            ({"a": Property(MetricType.BYTES, "x")}, r"properties\['a'\]: type 17 is no type of a property"),
            (
                {"a": Property(MetricType.INT8, {})},
                r"properties\['a'\]: a PropertySet cannot be of type Int8",
            ),
            ({"a": Property(MetricType.INT8, ())}, r"properties\['a'\]: a PropertySetList cannot be of type"),
            (
                {"a": Property(MetricType.PROPERTY_SET, {"b": Property(MetricType.INT8, 300)})},
                r"properties\['a'\]: properties\['b'\]: 300 does not fit Int8",
            ),
        ],
    )
    def test_what_does_not_fit_is_not_written(self, properties: PropertySet, why: str) -> None:
        with pytest.raises(PayloadError, match=rf"^metrics\[0\] 'm': {why}"):
            encode(Payload(metrics=(Metric("m", properties=properties),)))

    @pytest.mark.parametrize(
        ("properties", "why"),
        [
            (Pb.PropertySet(keys=["a"]), "properties: 1 keys for 0 values"),
            (Pb.PropertySet(values=[Pb.PropertyValue()]), "properties: 0 keys for 1 values"),
            (
                Pb.PropertySet(keys=["a", "a"], values=[Pb.PropertyValue(), Pb.PropertyValue()]),
                "properties: the key 'a' is there twice",
            ),
            (
                Pb.PropertySet(keys=["a"], values=[Pb.PropertyValue(type=77)]),
                r"properties\['a'\]: type 77 is no type of a property",
            ),
            (
                Pb.PropertySet(keys=["a"], values=[Pb.PropertyValue(type=1, int_value=300)]),
                r"properties\['a'\]: int_value 300 does not fit Int8",
            ),
            (
                Pb.PropertySet(keys=["a"], values=[Pb.PropertyValue(type=20, int_value=3)]),
                r"properties\['a'\]: PropertySet is not expected in int_value",
            ),
            (
                Pb.PropertySet(
                    keys=["a"], values=[Pb.PropertyValue(type=12, propertyset_value=Pb.PropertySet())]
                ),
                r"properties\['a'\]: String is expected in string_value, not in propertyset_value",
            ),
        ],
    )
    def test_what_does_not_fit_is_not_read(self, properties: PbPayload.PropertySet, why: str) -> None:
        with pytest.raises(PayloadError, match=rf"^metrics\[0\] 'm': {why}"):
            read(Pb.Metric(name="m", properties=properties))

    def test_nesting_ends_where_no_reader_would_follow(self) -> None:
        properties: PropertySet = {}
        wire = Pb.PropertySet()
        for _ in range(33):
            properties = {"a": Property(MetricType.PROPERTY_SET, properties)}
            wire = Pb.PropertySet(keys=["a"], values=[Pb.PropertyValue(type=20, propertyset_value=wire)])
        with pytest.raises(PayloadError, match="nested more than 32 deep"):
            encode(Payload(metrics=(Metric("m", properties=properties),)))
        with pytest.raises(PayloadError, match="nested more than 32 deep"):
            read(Pb.Metric(properties=wire))


class TestMetadata:
    def test_every_field_is_kept(self) -> None:
        metadata = MetaData(False, "text/csv", 0, 0, "a.csv", "csv", "0123", "")
        message = encode(Payload(metrics=(Metric("m", b"x", MetricType.FILE, metadata=metadata),)))
        assert decode(message).metrics[0].metadata == metadata

    def test_no_metadata_are_not_empty_metadata(self) -> None:
        message = encode(Payload(metrics=(Metric("a"), Metric("b", metadata=MetaData()))))
        assert [metric.metadata for metric in decode(message).metrics] == [None, MetaData()]
