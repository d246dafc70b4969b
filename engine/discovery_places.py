"""Whether two tags are one place of a controller, however their addresses are written. Pure."""

import re


def address_key(address: str, type_text: str) -> str:
    """The same for all spellings of one place: case, blanks, and the two ways into a data block of S7.

    Places in memory overlap, so that there the type is part of the key: ``DB1,8.0`` as REAL is
    ``DB1.DBD8``, and something else than the BYTE of the same number or the DINT of the same address.
    """
    key = "".join(address.split()).casefold()
    place = _S7_BLOCK.fullmatch(key)
    if place is not None:
        block, byte, bit = place.groups()
        return f"db{int(block)},{int(byte)}.{int(bit or 0)} {type_text.casefold()}"
    if _S7_MEMORY.fullmatch(key):
        return f"{key.removeprefix('%')} {type_text.casefold()}"
    return key


_S7_BLOCK = re.compile(r"%?db(\d+)[.,](?:db[xbwd]|[xbwd])?(\d+)(?:\.(\d))?")
_S7_MEMORY = re.compile(r"%?(?:p?[ieqa]|[mv])[bwd]\d+")
