"""What loads but does not fit together: names that lead nowhere."""

from collections.abc import Iterator

from engine.config.document import Document
from engine.config.models import PlantConfig
from engine.config.problems import KeyPath, Problem, near_miss


def review(config: PlantConfig, document: Document) -> tuple[Problem, ...]:
    """Warnings, in the order of the file. They do not keep a plant from running."""
    found = [*_machines(config, document), *_alarms(config, document), *_others(config, document)]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def _machines(config: PlantConfig, document: Document) -> Iterator[Problem]:
    tags = {each.id: {tag.name for tag in each.tags} for each in config.plc_connections}
    for index, machine in enumerate(config.machines):
        path: KeyPath = ("machines", index)
        if machine.connection not in tags:
            message = f"there is no connection {machine.connection!r}"
            near = near_miss(machine.connection, tags)
            yield document.problem((*path, "connection"), message, _one_of("a connection id", tags), near)
            continue
        for state in ("running", "fault"):
            name = getattr(machine.states, state)
            if name is not None and name not in tags[machine.connection]:
                message = f"there is no tag {name!r} on connection {machine.connection!r}"
                near = near_miss(name, tags[machine.connection])
                yield document.problem((*path, "states", state), message, near=near)


def _alarms(config: PlantConfig, document: Document) -> Iterator[Problem]:
    names = {tag.name for each in config.plc_connections for tag in each.tags}
    keys = {f"{each.id}/{tag.name}" for each in config.plc_connections for tag in each.tags}
    limited: set[str] = set()
    for index, alarm in enumerate(config.alarms):
        path: KeyPath = ("alarms", index, "tag")
        known = keys if "/" in alarm.tag else names
        if alarm.tag not in known:
            message = f"there is no tag {alarm.tag!r} on any connection"
            yield document.problem(path, message, near=near_miss(alarm.tag, known))
        if alarm.limits is not None and alarm.tag in limited:
            yield document.problem(path, f"{alarm.tag!r} has limits already; these are not used")
        elif alarm.limits is not None:
            limited.add(alarm.tag)


def _others(config: PlantConfig, document: Document) -> Iterator[Problem]:
    machines = {machine.id for machine in config.machines}
    for index, mapping in enumerate(config.metric_mappings):
        if mapping.machine_id not in machines:
            path: KeyPath = ("metric_mappings", index, "machine_id")
            message = f"there is no machine {mapping.machine_id!r}"
            near = near_miss(mapping.machine_id, machines)
            yield document.problem(path, message, _one_of("a machine id", machines), near)


def _one_of(what: str, ids: object) -> str:
    names = sorted(str(each) for each in ids) if isinstance(ids, (set, dict)) else []
    return f"{what} such as {names[0]}" if names else what
