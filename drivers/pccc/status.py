"""What a controller says where it does not do what was asked (1770-6.5.16, chapter 8), in words."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """``cip``: the status of the message that carried the command; ``extended`` only where ``sts`` is F0.

    ``note``: an answer that is of no use although its status is good.
    """

    sts: int = 0
    extended: int = 0
    cip: int = 0
    note: str = ""


class RefusedError(Exception):
    """The controller answered one command with an error; the session goes on."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(describe(refusal))
        self.refusal = refusal


def describe(refusal: Refusal) -> str:
    """Why a command was refused, for the people at the line."""
    if refusal.note:
        return refusal.note
    if refusal.cip:
        text = _CIP.get(refusal.cip, "the controller's network interface refused the message")
        return f"{text} (CIP status {refusal.cip:02X})"
    if refusal.sts == _EXTENDED:
        text = _EXT_STS.get(refusal.extended, "the controller refused the request")
        return f"{text} (status F0, extended {refusal.extended:02X})"
    if refusal.sts & 0x0F:
        text = _LOCAL_STS.get(refusal.sts & 0x0F, "the message was not delivered")
    else:
        text = _REMOTE_STS.get(refusal.sts & 0xF0, "the controller refused the request")
    return f"{text} (status {refusal.sts:02X})"


def concerns_every_item(refusal: Refusal) -> bool:
    """Whether another address would have been refused just the same."""
    if refusal.cip:
        return True
    if refusal.sts == _EXTENDED:
        return refusal.extended in (0x0B, 0x1A, 0x1B, 0x1F, 0x23)
    return bool(refusal.sts & 0x0F) or refusal.sts in (0x20, 0x30, 0x40, 0x90, 0xA0, 0xB0, 0xC0)


_EXTENDED = 0xF0
_CIP = {
    0x01: "the connection to the controller failed on its way",
    0x02: "the controller's network interface is out of resources; try fewer clients",
    0x05: "the device does not take PCCC messages; check family and route",
    0x08: "the device does not take PCCC messages; check family and route",
    0x16: "the device does not take PCCC messages; check family and route",
}
_LOCAL_STS = {
    0x01: "the module that passes the message on has no room for it",
    0x02: "the message could not be delivered; check the network behind the gateway",
    0x04: "the gateway's port is disconnected",
    0x05: "the controller behind the gateway did not answer in time",
    0x06: "two nodes of the controller's network have the same number",
    0x07: "the controller behind the gateway is off line",
    0x08: "the gateway has a hardware fault",
}
_REMOTE_STS = {
    0x10: "the controller has no such file or element, or does not know the command",
    0x20: "the controller has a problem and does not communicate",
    0x30: "the controller is missing, disconnected or shut down",
    0x40: "the controller has a hardware fault",
    0x50: "this address lies outside of what the controller has, or is protected",
    0x60: "the controller's protection does not allow this",
    0x70: "the controller is in program mode",
    0x80: "a file needed for this is missing in the controller",
    0x90: "the controller has no room for the command",
    0xA0: "the gateway's buffer is full",
    0xB0: "the controller is being downloaded to",
    0xC0: "the gateway's buffer is full",
}
_EXT_STS = {
    0x01: "the controller did not accept a part of the request",
    0x02: "the controller found the address incomplete",
    0x03: "the controller does not know so many levels of address",
    0x06: "the controller has nothing at this address",
    0x07: "the file has another size in the controller",
    0x08: "the controller changed while it was asked",
    0x09: "the request is too large for the controller",
    0x0A: "the request reaches beyond the end of the file",
    0x0B: "the controller denies access",
    0x0E: "the controller cannot do this now",
    0x10: "the controller denies access to this address",
    0x11: "the file is of another type in the controller",
    0x12: "the controller did not accept the value",
    0x13: "what this address named was deleted in the controller",
    0x17: "the file is of another type in the controller",
    0x1A: "another station has the file open",
    0x1B: "another station owns the controller's program",
    0x1E: "the controller protects this part of the file",
    0x1F: "the controller has a temporary problem",
    0x23: "the controller ran out of time",
}
