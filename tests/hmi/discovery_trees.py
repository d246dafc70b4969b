"""Small trees of tags to choose from."""

from engine.discovery import Browsed, BrowseNode, Target
from engine.model import parse_type

TARGET = Target("ALLEN_BRADLEY", "ControlLogix", "10.0.0.5", 44818)


def leaf(address: str, type_text: str = "REAL", name: str | None = None, **more: object) -> BrowseNode:
    """Called by the last part of its address unless it has a name of its own."""
    return BrowseNode(
        address.rpartition(".")[2] if name is None else name,
        address,
        parse_type(type_text),
        type_text=type_text,
        **more,  # type: ignore[arg-type]
    )


def folder(name: str, *children: BrowseNode, **more: object) -> BrowseNode:
    return BrowseNode(name, expand=lambda: children, **more)  # type: ignore[arg-type]


def controllogix() -> Browsed:
    """Controller tags with a structure and an array, and a program."""
    recipe = leaf(
        "Recipe",
        "DINT[3]",
        writable=True,
        expand=lambda: [
            leaf(
                f"Recipe[{n}]",
                "DINT",
                f"[{n}]",
                expand=lambda n=n: [leaf(f"Recipe[{n}].0", "BOOL", ".0")],
            )
            for n in range(3)
        ],
    )
    filler = folder(
        "Filler",
        leaf("Filler.Level", writable=True),
        leaf("Filler.Speed", unit="rpm", description="Belt"),
        type_text="FillerUDT",
    )
    secret = BrowseNode("Secret", type_text="DINT", reason="no access")
    program = folder("Program:Main", leaf("Program:Main.Cycle"), type_text="program")
    roots = (folder("Controller tags", filler, recipe, secret), program)
    return Browsed("1756-L83E/B", "ALLEN_BRADLEY", "ControlLogix", roots, TARGET, ("One notice.",), 7)


def data_blocks(count: int = 3) -> Browsed:
    """Places of an S7 controller, two types each."""

    def block(number: int) -> BrowseNode:
        reals = folder("REAL", *[leaf(f"DB{number}.DBD{n}", "REAL", f"DBD{n}") for n in (0, 4)])
        words = folder("INT", folder("DBW0 … DBW2", leaf(f"DB{number}.DBW0", "INT", "DBW0")))
        return folder(f"DB{number}", reals, words, type_text="8 bytes")

    target = Target("SIEMENS_S7", "S7-1500", "10.0.0.6", 102, slot=1)
    roots = tuple(block(number) for number in range(1, count + 1))
    return Browsed("CPU 1516", "SIEMENS_S7", "S7-1500", roots, target, ("No names.",), 9)
