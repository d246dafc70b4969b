"""A Logix controller with one tag of every kind, for the clients that are tried against it."""

from sim.logix_server import Access, LogixServer

FIRST, LAST = 0, 599


def fill(server: LogixServer) -> LogixServer:
    """Tags of every type, arrays, structures in structures, program tags, 300 REALs ``Rate000`` on."""
    server.add_struct("Inner", [("Small", "INT"), ("Flag", "BOOL"), ("Values", "REAL", 3)])
    server.add_struct(
        "Outer",
        [
            ("First", "BOOL"),
            ("Second", "BOOL"),
            ("Number", "DINT"),
            ("Inners", "Inner", 2),
            ("Text", "STRING"),
            ("Clock", "TIMER"),
            ("Long", "LINT"),
            ("Third", "BOOL"),
            ("Flags", "BOOL", 40),
        ],
    )
    server.add_string_type("STRING20", 20)
    for name, value in VALUES.items():
        server.add_tag(f"A_{name}", name)
        server.poke(f"A_{name}", value)
    server.add_tag("Row", "DINT", [LAST + 1])
    server.poke("Row", tuple(range(LAST + 1)))
    server.add_tag("Grid", "REAL", [3, 4])
    server.add_tag("Cube", "INT", [2, 3, 4])
    server.add_tag("Bits", "BOOL", [64])
    server.add_tag("Text", "STRING")
    server.add_tag("Texts", "STRING", [3])
    server.add_tag("Short", "STRING20")
    server.add_tag("Box", "Outer")
    server.add_tag("Boxes", "Outer", [30])
    server.add_tag("Delay", "TIMER")
    server.add_tag("Parts", "COUNTER")
    server.add_tag("Fixed", "DINT", access=Access.READ_ONLY)
    server.add_tag("Secret", "DINT", access=Access.NONE)
    server.add_tag("Level", "REAL", program="MainProgram")
    server.add_tag("Row", "INT", [20], program="MainProgram")
    server.add_tag("Box", "Outer", program="MainProgram")
    for number in range(300):
        server.add_tag(f"Rate{number:03d}", "REAL")
        server.poke(f"Rate{number:03d}", number / 4)
    return server


VALUES: dict[str, bool | int | float] = {
    "BOOL": True,
    "SINT": -7,
    "INT": -30_000,
    "DINT": -2_000_000_000,
    "LINT": -9_000_000_000_000_000_000,
    "USINT": 250,
    "UINT": 65_000,
    "UDINT": 4_000_000_000,
    "ULINT": 18_000_000_000_000_000_000,
    "REAL": 1.5,
    "LREAL": 0.1,
}
