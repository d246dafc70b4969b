"""Projects that Studio 5000 exports as L5X: tags of the controller and its programs with their types."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from drivers.discovery.l5x_tree import browse_project
from drivers.discovery.l5x_types import Project, TypeDefinition, Variable
from drivers.discovery.xml_tree import text_of
from engine.discovery import Browsed, DiscoveryError, Progress

ROOT = "RSLogix5000Content"
_MAX_DIMENSION = 2**31


def browse_l5x(
    path: Path, root: Element, progress: Progress, _db_numbers: Mapping[str, int] | None = None
) -> Browsed:
    """The tags of the project. Raises ``DiscoveryError``."""
    controller = root.find("Controller") if root.tag == ROOT else None
    if controller is None:
        raise DiscoveryError(
            f"{path.name}: expected a project exported as L5X ({ROOT}, Controller), found <{root.tag}>. "
            "In Studio 5000 use File > Save As > L5X."
        )
    progress(0, None, f"Reading the tags of {path.name}")
    project = read_project(controller, path.name)
    if not any(project.scopes.values()):
        raise DiscoveryError(f"{path.name} has no tags. Export the controller or a program with its tags.")
    return browse_project(project, path.name)


def read_project(controller: Element, source: str) -> Project:
    """Types and tags as declared; nothing is resolved yet."""
    definitions = [
        *(_data_type(element, source) for element in controller.findall("DataTypes/DataType")),
        *(
            _instruction(element, source)
            for element in controller.findall("AddOnInstructionDefinitions/AddOnInstructionDefinition")
        ),
    ]
    scopes = {"": tuple(_tags(controller, source))}
    for program in controller.findall("Programs/Program"):
        scopes[program.get("Name", "")] = tuple(_tags(program, source))
    return Project(
        controller.get("Name", ""),
        controller.get("ProcessorType", ""),
        {definition.name.upper(): definition for definition in definitions},
        scopes,
    )


def _data_type(element: Element, source: str) -> TypeDefinition:
    name = _name(element, source)
    members = [
        _variable(member, source)
        for member in element.findall("Members/Member")
        if member.get("Hidden", "").lower() != "true"
    ]
    if element.get("Family") == "StringFamily":
        data = next((member for member in members if member.name.upper() == "DATA"), None)
        return TypeDefinition(name, (), data.dims[0] if data is not None and data.dims else 82)
    return TypeDefinition(name, tuple(members))


def _instruction(element: Element, source: str) -> TypeDefinition:
    """Inputs, outputs and local tags; what is passed by reference is not kept in the instance."""
    members = [
        _variable(parameter, source)
        for parameter in element.findall("Parameters/Parameter")
        if parameter.get("Usage") != "InOut"
    ]
    members += [_variable(tag, source, access="None") for tag in element.findall("LocalTags/LocalTag")]
    return TypeDefinition(_name(element, source), tuple(members))


def _tags(scope: Element, source: str) -> Iterator[Variable]:
    for element in scope.findall("Tags/Tag"):
        yield _variable(element, source)


def _variable(element: Element, source: str, access: str = "Read/Write") -> Variable:
    name = _name(element, source)
    access = element.get("ExternalAccess", access)
    if element.get("Constant", "").lower() == "true" and access == "Read/Write":
        access = "Read Only"
    comments = {
        comment.get("Operand", "").strip().upper(): _words(comment)
        for comment in element.findall("Comments/Comment")
    }
    return Variable(
        name,
        element.get("DataType", ""),
        _dimensions(element, name, source),
        access,
        _description(element),
        element.get("AliasFor", ""),
        comments,
    )


def _name(element: Element, source: str) -> str:
    name = element.get("Name", "").strip()
    if not name:
        raise DiscoveryError(f"{source}: expected a Name in <{element.tag}>, found none. Export it again.")
    return name


def _dimensions(element: Element, name: str, source: str) -> tuple[int, ...]:
    """``10``, ``4 8`` or ``4,8``; members say 0 for none."""
    text = element.get("Dimensions") or element.get("Dimension") or ""
    words = text.replace(",", " ").split()
    if len(words) > 3 or not all(word.isascii() and word.isdecimal() and len(word) <= 10 for word in words):
        raise DiscoveryError(f"{source}: expected up to three dimensions of {name}, found {text[:40]!r}.")
    dims = tuple(int(word) for word in words)
    if any(size > _MAX_DIMENSION for size in dims):
        raise DiscoveryError(f"{source}: the dimensions {text} of {name} are larger than any controller.")
    return () if 0 in dims else dims


def _description(element: Element) -> str:
    found = element.find("Description")
    return "" if found is None else _words(found)


def _words(element: Element) -> str:
    """The text, of several languages the first one."""
    localized = element.find("LocalizedDescription")
    if localized is None:
        localized = element.find("LocalizedComment")
    chosen = element if localized is None else localized
    return " ".join((chosen.text or "").split()) or " ".join(text_of(chosen, ".").split())
