"""Dates and times as S7 CPUs write them: DATE_AND_TIME (8 bytes BCD) and the clock services' 10 bytes."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BLOCK_EPOCH = datetime(1984, 1, 1, tzinfo=UTC)


def to_date_and_time(utc_us: int) -> bytes:
    """UTC microseconds as DATE_AND_TIME: year .. second and milliseconds in BCD, weekday 1 = Sunday."""
    when = EPOCH + timedelta(microseconds=utc_us)
    ms = when.microsecond // 1000
    fields = (when.year % 100, when.month, when.day, when.hour, when.minute, when.second, ms // 10)
    return bytes(_to_bcd(field) for field in fields) + bytes((ms % 10 << 4 | when.isoweekday() % 7 + 1,))


def from_date_and_time(data: bytes) -> int:
    """UTC microseconds of a DATE_AND_TIME (1990 to 2089); ValueError where it is none."""
    if len(data) != 8:
        raise ValueError(f"{len(data)} bytes are no DATE_AND_TIME")
    year, month, day, hour, minute, second, ms = (_from_bcd(byte) for byte in data[:7])
    full_year = year + (2000 if year < 90 else 1900)
    microsecond = (ms * 10 + _from_bcd(data[7] >> 4)) * 1000
    when = datetime(full_year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
    return (when - EPOCH) // timedelta(microseconds=1)


def to_clock_data(utc_us: int) -> bytes:
    """The data of a clock answer: a reserved byte, the century's first year, DATE_AND_TIME."""
    return b"\x00\x19" + to_date_and_time(utc_us)


def from_clock_data(data: bytes) -> int:
    """UTC microseconds from a request to set the clock; ValueError where it holds no time."""
    if len(data) != 10:
        raise ValueError(f"{len(data)} bytes are no clock data")
    return from_date_and_time(data[2:])


def to_block_date(utc_us: int) -> bytes:
    """When a block was changed: milliseconds of the day (4 bytes) and days since 1984-01-01 (2 bytes)."""
    passed = EPOCH + timedelta(microseconds=utc_us) - BLOCK_EPOCH
    ms = passed.seconds * 1000 + passed.microseconds // 1000
    return ms.to_bytes(4, "big") + (passed.days & 0xFFFF).to_bytes(2, "big")


def _to_bcd(value: int) -> int:
    return value // 10 << 4 | value % 10


def _from_bcd(byte: int) -> int:
    if byte >> 4 > 9 or byte & 0x0F > 9:
        raise ValueError(f"0x{byte:02X} is not BCD")
    return (byte >> 4) * 10 + (byte & 0x0F)
