"""What CIP status codes mean, in words for the people at the line; rare ones in pycomm3's words."""

from collections.abc import Sequence

from pycomm3.cip.status_info import EXTEND_CODES, SERVICE_STATUS

SUCCESS = 0x00
CONNECTION_FAILURE = 0x01
PATH_SEGMENT = 0x04
PATH_UNKNOWN = 0x05
PARTIAL = 0x06
SERVICE_UNKNOWN = 0x08
TOO_LARGE = 0x11
EMBEDDED = 0x1E
GENERAL = 0xFF
PASSING = frozenset({0x02, 0x0C, 0x10})
"""No resources, or not in this state: says nothing of the address, and may be over at once."""
BEYOND_END = 0x2105
TYPE_MISMATCH = 0x2107
PROGRAM_LOADING = 0x2108

_BUSY = "the controller has no free connection; close another program that reads from it"
_NOBODY = "nothing answers there; check the slot and the route"
_CONNECTION = {
    0x0100: "this connection is in use already; the controller lets go of it after a minute or two",
    0x0106: "another device owns this connection",
    0x0107: "the controller does not know this connection any more",
    0x0109: "the controller does not accept connections of this size",
    0x0110: "the controller has no configuration; load its program",
    0x0111: "the controller does not accept this packet interval",
    0x0113: _BUSY,
    0x0114: "another module is in this slot; check the slot and the route",
    0x0115: "another kind of device is in this slot; check the slot and the route",
    0x0117: "the controller does not offer what was asked; check the slot and the route",
    0x011A: _BUSY,
    0x0203: "the connection timed out on the way; check the route",
    0x0204: _NOBODY,
    0x0205: "the route is not understood; check it",
    0x0301: "the communication module has no memory left; close another program that reads from it",
    0x0302: "the communication module has no bandwidth left",
    0x0311: "the route names a port that does not exist; check it",
    0x0312: _NOBODY,
    0x0315: "the route leads nowhere; check the slot and the route",
    0x0318: "the route leads back to its own start; check it",
}
_GENERAL = {
    0x02: "the controller has no resources left for this",
    0x03: "the controller does not accept this value",
    0x04: "the controller does not understand this address",
    0x05: "the controller has no such tag",
    0x08: "the controller does not offer this service",
    0x0A: "the controller does not offer all of what was asked",
    0x0C: "the controller cannot do this in its present state",
    0x0E: "this cannot be written",
    0x0F: "the controller does not permit access",
    0x10: "the controller cannot do this in its present state; check the keyswitch",
    0x13: "the controller expected more data",
    0x15: "the controller expected less data",
    0x16: "the controller has no such object",
    0x26: "the controller does not understand this address",
}
_EXTENDED = {
    0x2100: "the controller does not permit access",
    0x2101: "the keyswitch of the controller does not permit this",
    0x2102: "the controller asks for a password",
    0x2104: "this address lies outside of the tag",
    0x2105: "this address lies outside of the tag",
    0x2107: "the tag has another data type in the controller",
    0x2108: "a program is being loaded into the controller",
    0x210B: "the controller has no such tag",
}


def describe(status: int, extended: Sequence[int] = ()) -> str:
    """Why a request was refused; codes are named where the words alone would not do."""
    further = extended[0] if extended else 0
    if status == CONNECTION_FAILURE:
        text = _CONNECTION.get(further)
    elif status == GENERAL or (status == PATH_UNKNOWN and further):
        text = _EXTENDED.get(further) or _GENERAL.get(status)
    else:
        text = _GENERAL.get(status)
    code = f"0x{status:02X}" + (f"/{further:04X}" if extended else "")
    if text is not None:
        return f"{text} ({code})" if status == CONNECTION_FAILURE else text
    words = EXTEND_CODES.get(status, {}).get(further) or SERVICE_STATUS.get(status)
    return (
        f"the controller refused the request ({words}, {code})"
        if words
        else f"the controller refused the request ({code})"
    )
