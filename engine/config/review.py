"""What loads but does not fit together: names that lead nowhere."""

from collections.abc import Iterable, Iterator

from engine.config.document import Document
from engine.config.models import PlantConfig
from engine.config.problems import KeyPath, Problem, near_miss


def review(config: PlantConfig, document: Document) -> tuple[Problem, ...]:
    """Warnings, in the order of the file. They do not keep a plant from running."""
    names = _NearNames()
    found = [
        *_machines(config, document, names),
        *_alarms(config, document, names),
        *_others(config, document, names),
        *_messaging(config, document),
    ]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


class _NearNames:
    """Near misses for the first warnings only: comparing with thousands of names takes its time."""

    def __init__(self) -> None:
        self._left = 20

    def near(self, word: str, known: Iterable[str]) -> str:
        self._left -= 1
        return near_miss(word, known) if self._left >= 0 else ""


def _machines(config: PlantConfig, document: Document, names: "_NearNames") -> Iterator[Problem]:
    tags = {each.id: {tag.name for tag in each.tags} for each in config.plc_connections}
    for index, machine in enumerate(config.machines):
        path: KeyPath = ("machines", index)
        if machine.connection not in tags:
            message = f"there is no connection {machine.connection!r}"
            near = names.near(machine.connection, tags)
            yield document.problem((*path, "connection"), message, _one_of("a connection id", tags), near)
            continue
        for state in ("running", "fault"):
            name = getattr(machine.states, state)
            if name is not None and name not in tags[machine.connection]:
                message = f"there is no tag {name!r} on connection {machine.connection!r}"
                near = names.near(name, tags[machine.connection])
                yield document.problem((*path, "states", state), message, near=near)


def _alarms(config: PlantConfig, document: Document, names: "_NearNames") -> Iterator[Problem]:
    bare = {tag.name for each in config.plc_connections for tag in each.tags}
    keys = {f"{each.id}/{tag.name}" for each in config.plc_connections for tag in each.tags}
    limited: set[str] = set()
    for index, alarm in enumerate(config.alarms):
        path: KeyPath = ("alarms", index, "tag")
        known = keys if "/" in alarm.tag else bare
        if alarm.tag not in known:
            message = f"there is no tag {alarm.tag!r} on any connection"
            yield document.problem(path, message, near=names.near(alarm.tag, known))
        if alarm.limits is not None and alarm.tag in limited:
            yield document.problem(path, f"{alarm.tag!r} has limits already; these are not used")
        elif alarm.limits is not None:
            limited.add(alarm.tag)


def _others(config: PlantConfig, document: Document, names: "_NearNames") -> Iterator[Problem]:
    machines = {machine.id for machine in config.machines}
    for index, mapping in enumerate(config.metric_mappings):
        if mapping.machine_id not in machines:
            path: KeyPath = ("metric_mappings", index, "machine_id")
            message = f"there is no machine {mapping.machine_id!r}"
            near = names.near(mapping.machine_id, machines)
            yield document.problem(path, message, _one_of("a machine id", machines), near)


def _messaging(config: PlantConfig, document: Document) -> Iterator[Problem]:
    """What is carried over MQTT needs a broker, and remote metrics need the host application."""
    if config.sparkplug is not None and config.mqtt is None:
        yield document.problem(("sparkplug",), "Sparkplug is not used: there is no mqtt section")
    hosting = config.mqtt is not None and config.sparkplug is not None and config.sparkplug.subscribe
    for index, each in enumerate(config.plc_connections):
        path: KeyPath = ("plc_connections", index, "type")
        if each.type == "SPARKPLUG" and not hosting:
            message = "remote metrics need the mqtt and sparkplug sections with subscribe: true"
            yield document.problem(path, message)
        if each.type == "MQTT_JSON" and config.mqtt is None and each.host is None:
            yield document.problem(path, "there is no broker: neither an mqtt section nor a host here")
        if each.type == "MQTT_JSON" and each.command_topic is None and any(tag.writable for tag in each.tags):
            message = "writable tags cannot be written without a command_topic"
            yield document.problem(path, message)
    yield from _allowed_commands(config, document)
    if not hosting and config.metric_mappings:
        message = "remote metrics need the mqtt and sparkplug sections with subscribe: true"
        yield document.problem(("metric_mappings",), message)


def _allowed_commands(config: PlantConfig, document: Document) -> Iterator[Problem]:
    """Entries are CONNECTION/TAG, or MACHINE/TAG."""
    writable = {
        f"{each.id}/{tag.name}" for each in config.plc_connections for tag in each.tags if tag.writable
    }
    for machine in config.machines:
        head = f"{machine.connection}/"
        writable |= {f"{machine.id}/{key[len(head) :]}" for key in writable if key.startswith(head)}
    allowlist = config.sparkplug.command_allowlist if config.sparkplug else ()
    for index, entry in enumerate(allowlist):
        if entry not in writable:
            path: KeyPath = ("sparkplug", "command_allowlist", index)
            yield document.problem(
                path, f"there is no writable tag {entry!r}", near=near_miss(entry, writable)
            )


def _one_of(what: str, ids: object) -> str:
    names = sorted(str(each) for each in ids) if isinstance(ids, (set, dict)) else []
    return f"{what} such as {names[0]}" if names else what
