"""What a controller's return codes mean, in words for the people at the line."""

from drivers.s7.address import Area

NOT_PERMITTED = (
    "the controller does not permit access: allow PUT/GET communication in its protection settings "
    "and switch off optimised access for the data block"
)

_ITEM = {
    0x01: "the controller reports a hardware fault at this address",
    0x03: NOT_PERMITTED,
    0x05: "this address lies outside of what the controller has",
    0x06: "the controller does not know this data type",
    0x07: "the controller does not accept this data type here",
}
_REQUEST = {
    0x8104: NOT_PERMITTED,
    0x8304: "the controller knows no such object",
    0x8500: "the controller says the request has the wrong size",
    0x8702: "this address lies outside of what the controller has",
    0xD241: "the controller is protected by a password",
    0xD602: "the controller is protected by a password",
}


def describe(code: int, area: Area, db: int) -> str:
    """Why an item or a whole request was refused."""
    if code == 0x0A:
        if area is Area.DB:
            return f"DB{db} does not exist in the controller, or it uses optimised access"
        return "this memory does not exist in the controller"
    if code > 0xFF:
        return _REQUEST.get(code, f"the controller refused the request (code 0x{code:04X})")
    return _ITEM.get(code, f"the controller refused this address (code 0x{code:02X})")


def is_protection(code: int) -> bool:
    """Whether the controller could, but is not permitted to: PUT/GET access is not allowed."""
    return NOT_PERMITTED in (_ITEM.get(code), _REQUEST.get(code))


def concerns_every_item(code: int) -> bool:
    """Whether the refusal is about the function or the protection, whatever the address."""
    return code >> 8 in (0x81, 0xD2, 0xD4, 0xD6)
