"""Whether addresses agree on what the files are.

A PLC-5 is asked for words of a file by its number alone: under a wrong letter it answers with a wrong number
and no error. SLC and MicroLogix are told the type and refuse.
"""

from collections.abc import Iterable

from drivers.base import AddressError
from drivers.pccc.address import FileType, parse_address
from drivers.pccc.family import Family


def doubtful_files(addresses: Iterable[str], family: Family) -> list[str]:
    """A sentence for each file of one controller that has two letters; what is no address is left out."""
    if family is not Family.PLC5:
        return []
    first: dict[int, dict[FileType, str]] = {}
    for text in addresses:
        try:
            address = parse_address(text, family)
        except AddressError:
            continue
        first.setdefault(address.file, {}).setdefault(address.kind, text)
    return [
        f"file {number} has several letters ({', '.join(texts.values())}); only one is right, and a PLC-5 "
        "answers the others with wrong numbers"
        for number, texts in sorted(first.items())
        if len(texts) > 1
    ]
