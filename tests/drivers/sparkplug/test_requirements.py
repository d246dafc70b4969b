"""The bookkeeping of what the tests prove."""

from tests.drivers.sparkplug.requirements import known, named, requirement, unproven


def test_tests_name_only_requirements_that_exist() -> None:
    assert set(named()) <= set(known())


def test_every_requirement_on_an_edge_node_or_a_host_has_a_test_that_names_it() -> None:
    assert unproven() == []


def test_every_requirement_binds_somebody() -> None:
    whom = {party for bound in known().values() for party in bound.replace("(", ";").split(";")}
    assert {party.strip(" )") for party in whom} == {
        "edge node",
        "host application",
        "broker",
        "MQTT payload",
    }


def test_a_test_carries_the_ids_it_names() -> None:
    @requirement("tck-id-topics-nbirth-topic")
    @requirement("tck-id-topics-nbirth-mqtt")
    def test() -> None: ...

    assert test.requirements == ("tck-id-topics-nbirth-mqtt", "tck-id-topics-nbirth-topic")  # type: ignore[attr-defined]
