"""The generated module is the one that the ``.proto`` gives."""

from pathlib import Path

import pytest

from drivers.sparkplug import generate, sparkplug_b_pb2
from drivers.sparkplug.sparkplug_b_pb2 import Payload


@pytest.mark.parametrize("name", generate.GENERATED)
def test_the_checked_in_files_equal_a_fresh_generation(name: str, tmp_path: Path) -> None:
    generate.generate(tmp_path)
    here = Path(sparkplug_b_pb2.__file__).parent
    assert (tmp_path / name).read_text(encoding="utf-8") == (here / name).read_text(encoding="utf-8")


def test_the_field_numbers_are_the_published_ones() -> None:
    value = {"int_value": 0, "long_value": 1, "float_value": 2, "double_value": 3, "boolean_value": 4}
    value |= {"string_value": 5}

    def values_from(first: int) -> dict[str, int]:
        return {name: first + number for name, number in value.items()}

    assert numbers(Payload) == {"timestamp": 1, "metrics": 2, "seq": 3, "uuid": 4, "body": 5}
    assert numbers(Payload.Metric) == {
        "name": 1,
        "alias": 2,
        "timestamp": 3,
        "datatype": 4,
        "is_historical": 5,
        "is_transient": 6,
        "is_null": 7,
        "metadata": 8,
        "properties": 9,
        **values_from(10),
        "bytes_value": 16,
        "dataset_value": 17,
        "template_value": 18,
        "extension_value": 19,
    }
    assert numbers(Payload.MetaData) == {
        "is_multi_part": 1,
        "content_type": 2,
        "size": 3,
        "seq": 4,
        "file_name": 5,
        "file_type": 6,
        "md5": 7,
        "description": 8,
    }
    assert numbers(Payload.PropertySet) == {"keys": 1, "values": 2}
    assert numbers(Payload.PropertySetList) == {"propertyset": 1}
    assert numbers(Payload.PropertyValue) == {
        "type": 1,
        "is_null": 2,
        **values_from(3),
        "propertyset_value": 9,
        "propertysets_value": 10,
        "extension_value": 11,
    }
    assert numbers(Payload.DataSet) == {"num_of_columns": 1, "columns": 2, "types": 3, "rows": 4}
    assert numbers(Payload.DataSet.Row) == {"elements": 1}
    assert numbers(Payload.DataSet.DataSetValue) == {**values_from(1), "extension_value": 7}
    assert numbers(Payload.Template) == {
        "version": 1,
        "metrics": 2,
        "parameters": 3,
        "template_ref": 4,
        "is_definition": 5,
    }
    assert numbers(Payload.Template.Parameter) == {
        "name": 1,
        "type": 2,
        **values_from(3),
        "extension_value": 9,
    }


def numbers(message: type) -> dict[str, int]:
    return {field.name: field.number for field in message.DESCRIPTOR.fields}  # type: ignore[attr-defined]
