"""Addresses in a changed plant file: what was wrong before does not hold up what is changed now."""

from engine.config.checks import AddressCheck
from engine.model import TypeSpec

_Place = tuple[str, str, str, TypeSpec]


class NewAddresses:
    """An ``AddressCheck`` that is silent about what the file had before; the plant runs with these."""

    def __init__(self, address_check: AddressCheck) -> None:
        self._check = address_check
        self._wrong_before: set[_Place] = set()
        self._left = 0

    def learn(self, connection_type: str, family: str, address: str, spec: TypeSpec) -> str:
        """The same for the file as it was: nothing in it is complained about."""
        if self._check(connection_type, family, address, spec):
            self._wrong_before.add((connection_type, family, address, spec))
        return ""

    def __call__(self, connection_type: str, family: str, address: str, spec: TypeSpec) -> str:
        complaint = self._check(connection_type, family, address, spec)
        if complaint and (connection_type, family, address, spec) in self._wrong_before:
            self._left += 1
            return ""
        return complaint

    def notices(self) -> tuple[str, ...]:
        """What was passed over."""
        if not self._left:
            return ()
        tags = "1 tag has an address" if self._left == 1 else f"{self._left} tags have addresses"
        return (f"{tags} that cannot be read, as in the file before; brimline check says why.",)
