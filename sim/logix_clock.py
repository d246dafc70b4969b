"""The wall clock object (8B) of a Logix controller."""

import struct

from engine.clock import Clock
from sim.cip_message import CipRefusedError, CipReply, CipRequest, Service, Status, parse_object
from sim.logix_browse import build_attribute_list, parse_attribute_numbers

CLOCK_CLASS = 0x8B
_UTC, _DAYLIGHT_SAVING, _LOCAL = 0x06, 0x0A, 0x0B
_LATEST_US = 1 << 63


class LogixClock:
    """Date and time in microseconds since 1970; its local time is UTC."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_us = 0
        self._daylight_saving = 0

    def now_us(self) -> int:
        """The controller's own time of day, UTC microseconds."""
        return self._clock.utc_us() + self._offset_us

    def handle(self, request: CipRequest) -> CipReply:
        """Answer Get_Attribute_List or Set_Attribute_List."""
        _class, instance, _attribute = parse_object(request.path)
        if instance != 1:
            raise CipRefusedError(Status.PATH_UNKNOWN)
        if request.service == Service.GET_ATTRIBUTE_LIST:
            known = self._attributes()
            return build_attribute_list({n: known.get(n) for n in parse_attribute_numbers(request.data)})
        if request.service == Service.SET_ATTRIBUTE_LIST:
            return self._on_set(request.data)
        raise CipRefusedError(Status.SERVICE_UNSUPPORTED)

    def _attributes(self) -> dict[int, bytes]:
        now = struct.pack("<Q", self.now_us())
        return {_UTC: now, _LOCAL: now, _DAYLIGHT_SAVING: bytes((self._daylight_saving,))}

    def _on_set(self, data: bytes) -> CipReply:
        """What cannot be set ends the list, as its size is not known."""
        if len(data) < 2:
            raise CipRefusedError(Status.NOT_ENOUGH_DATA)
        (count,), position = struct.unpack_from("<H", data), 2
        reply, failed = bytearray(), False
        done = 0
        while done < count and not failed:
            if position + 2 > len(data):
                raise CipRefusedError(Status.NOT_ENOUGH_DATA)
            (number,) = struct.unpack_from("<H", data, position)
            size = {_UTC: 8, _LOCAL: 8, _DAYLIGHT_SAVING: 1}.get(number)
            value = data[position + 2 : position + 2 + (size or 0)]
            status = self._set(number, value, size)
            reply += struct.pack("<HH", number, status)
            failed = status != Status.SUCCESS
            position += 2 + len(value)
            done += 1
        body = struct.pack("<H", done) + bytes(reply)
        return CipReply(Status.ATTRIBUTE_LIST if failed else Status.SUCCESS, body)

    def _set(self, number: int, value: bytes, size: int | None) -> Status:
        if size is None:
            return Status.ATTRIBUTE_UNSUPPORTED
        if len(value) < size:
            return Status.NOT_ENOUGH_DATA
        amount = int.from_bytes(value, "little")
        if number == _DAYLIGHT_SAVING:
            self._daylight_saving = amount
        elif amount >= _LATEST_US:
            return Status.BAD_ATTRIBUTE_VALUE
        else:
            self._offset_us = amount - self._clock.utc_us()
        return Status.SUCCESS
