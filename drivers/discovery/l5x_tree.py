"""The tags of an L5X project as a tree: programs, tags, elements, members and bits. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod

from drivers.discovery.comment_unit import split_unit
from drivers.discovery.l5x_alias import stricter, target_of
from drivers.discovery.l5x_types import Project, TypeDefinition, Variable, spec_of
from drivers.discovery.steps import in_steps
from engine.discovery import Browsed, BrowseNode
from engine.model import INTEGER_BITS, DataType, TypeSpec

_LONGEST_ARRAY = 10_000
_MAX_DEPTH = 40
_FAMILIES = (("1756", "ControlLogix"), ("2080", "Micro800"), ("", "CompactLogix"))


def browse_project(project: Project, source: str) -> Browsed:
    """Controller tags, then a folder for each program; without programs the tags alone."""
    tree = _Tree(project)
    scopes = {name: sorted(tags, key=lambda tag: tag.name.lower()) for name, tags in project.scopes.items()}
    controller = [tree.tag(variable, "") for variable in scopes.pop("", [])]
    programs = [
        BrowseNode(f"Program:{name}", type_text="program", expand=partial(tree.tags, tags, name))
        for name, tags in sorted(scopes.items(), key=lambda scope: scope[0].lower())
    ]
    roots: Sequence[BrowseNode] = controller
    if programs:
        roots = [
            *([BrowseNode("Controller tags", expand=partial(tuple, controller))] if controller else []),
            *programs,
        ]
    family = next(family for start, family in _FAMILIES if project.processor.startswith(start))
    known: dict[str, int] = {}
    count = sum(
        tree.count(variable, name, known) for name, tags in project.scopes.items() for variable in tags
    )
    title = f"{source}: {project.name} {project.processor}".strip()
    return Browsed(title, "ALLEN_BRADLEY", family, tuple(roots), None, (), count)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a value is: its address, and ``operand``, what of it follows the name of the ``tag``."""

    tag: Variable
    address: str
    operand: str = ""
    depth: int = 0

    def at(self, step: str) -> "_Spot":
        """One member, element or bit further."""
        return _Spot(self.tag, self.address + step, self.operand + step, self.depth + 1)

    @property
    def comment(self) -> str:
        """What the tag's comments say of exactly this place."""
        return self.tag.comments.get(self.operand.upper(), "")


@dataclass(frozen=True, slots=True)
class _Tree:
    project: Project

    def tags(self, variables: Sequence[Variable], program: str) -> Sequence[BrowseNode]:
        return [self.tag(variable, program) for variable in variables]

    def tag(self, variable: Variable, program: str) -> BrowseNode:
        """The node of a tag; an alias gets the address of what it stands for."""
        if not variable.alias_for:
            start = f"Program:{program}." if program else ""
            return self._node(variable, _Spot(variable, f"{start}{variable.name}"))
        target = target_of(self.project, variable.alias_for, program)
        if target is None:
            return BrowseNode(
                variable.name,
                type_text=f"alias for {variable.alias_for}",
                description=split_unit(variable.description)[0],
                reason=f"it stands for {variable.alias_for}, whose data type the file does not tell",
            )
        address, meant = target
        described = variable.description or meant.description
        comments = {**meant.comments, **variable.comments}
        alias = replace(meant, name=variable.name, description=described, comments=comments)
        node = self._node(alias, _Spot(alias, address))
        return replace(node, type_text=f"{node.type_text}, alias")

    def count(self, variable: Variable, program: str, known: dict[str, int]) -> int:
        """Selectable nodes of a tag, elements of arrays included, without the bits of integers."""
        if not variable.alias_for:
            return self._count(variable, known)
        target = target_of(self.project, variable.alias_for, program)
        return 0 if target is None else self._count(target[1], known)

    def _node(self, variable: Variable, spot: _Spot) -> BrowseNode:
        definition = self.project.type_named(variable.type)
        description, unit = split_unit(spot.comment or variable.description)
        dims = f"[{','.join(map(str, variable.dims))}]" if variable.dims else ""
        type_name = "BOOL" if variable.type == "BIT" else variable.type
        node = BrowseNode(variable.name, type_text=f"{type_name}{dims}", description=description, unit=unit)
        if variable.access == "None":
            return replace(node, reason="the controller's program does not allow access to it")
        if spot.depth > _MAX_DEPTH:
            return replace(node, reason="this type contains itself")
        length = prod(variable.dims) if variable.dims else 0
        spec = spec_of(variable.type, definition, length)
        if spec is None and (definition is None or definition.chars):
            return replace(node, reason=f"the file does not tell what {variable.type or 'it'} is made of")
        node = replace(node, expand=self._expansion(variable, definition, spot))
        if spec is None:
            return node
        if length > _LONGEST_ARRAY:
            return replace(node, reason=f"a tag holds at most {_LONGEST_ARRAY} elements; choose some of them")
        return replace(node, address=spot.address, type=spec, writable=_may_write(variable))

    def _expansion(
        self, variable: Variable, definition: TypeDefinition | None, spot: _Spot
    ) -> partial[Sequence[BrowseNode]] | None:
        if variable.dims:
            return partial(self._elements, variable, spot)
        if definition is not None:
            return None if definition.chars else partial(self._members, variable, definition, spot)
        spec = spec_of(variable.type, None)
        if spec is not None and spec.base in INTEGER_BITS:
            return partial(_bits, variable, spot, INTEGER_BITS[spec.base][0])
        return None

    def _elements(self, variable: Variable, spot: _Spot) -> Sequence[BrowseNode]:
        description, unit = split_unit(spot.comment or variable.description)

        def element(number: int) -> BrowseNode:
            index = _index_text(variable.dims, number)
            one = replace(variable, name=index, dims=(), description="")
            node = self._node(one, spot.at(index))
            if node.description or node.type is None:
                return node
            return replace(node, description=f"{description} {index}" if description else "", unit=unit)

        return in_steps(
            prod(variable.dims),
            element,
            lambda first, last: f"{_index_text(variable.dims, first)} … {_index_text(variable.dims, last)}",
        )

    def _members(self, variable: Variable, definition: TypeDefinition, spot: _Spot) -> Sequence[BrowseNode]:
        return [
            self._node(
                replace(member, access=stricter(variable.access, member.access)), spot.at(f".{member.name}")
            )
            for member in definition.members
        ]

    def _count(self, variable: Variable, known: dict[str, int]) -> int:
        if variable.access == "None":
            return 0
        definition = self.project.type_named(variable.type)
        if definition is not None and not definition.chars:
            key = definition.name.upper()
            if key not in known:
                known[key] = 0
                known[key] = sum(self._count(member, known) for member in definition.members)
            return known[key] * prod(variable.dims)
        if spec_of(variable.type, definition) is None:
            return 0
        length = prod(variable.dims)
        return length + (length <= _LONGEST_ARRAY) if variable.dims else 1


def _bits(variable: Variable, spot: _Spot, width: int) -> Sequence[BrowseNode]:
    spots = [spot.at(f".{bit}") for bit in range(width)]
    return [
        BrowseNode(
            f".{bit}",
            at.address,
            TypeSpec(DataType.BOOL),
            "BOOL",
            split_unit(at.comment)[0],
            _may_write(variable),
        )
        for bit, at in enumerate(spots)
    ]


def _may_write(variable: Variable) -> bool:
    return variable.access == "Read/Write"


def _index_text(dims: Sequence[int], number: int) -> str:
    indexes: list[str] = []
    for size in reversed(dims):
        number, at = divmod(number, size)
        indexes.append(str(at))
    return f"[{','.join(reversed(indexes))}]"
