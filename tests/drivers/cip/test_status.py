"""Status codes in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cip.status import describe


@pytest.mark.parametrize(
    ("status", "extended", "words"),
    [
        (0x01, (0x0113,), "no free connection"),
        (0x01, (0x0315,), "check the slot and the route"),
        (0x05, (), "no such tag"),
        (0xFF, (0x2105,), "outside of the tag"),
        (0xFF, (0x2107,), "another data type"),
        (0x0F, (), "does not permit access"),
        (0x07, (), "Connection lost"),
        (0xEE, (), "0xEE"),
        (0x01, (0x0999,), "0x01/0999"),
    ],
)
def test_a_status_is_told_in_words(status: int, extended: tuple[int, ...], words: str) -> None:
    assert words in describe(status, extended)


@given(st.integers(1, 255), st.lists(st.integers(0, 0xFFFF), max_size=3))
def test_every_status_is_a_sentence(status: int, extended: list[int]) -> None:
    text = describe(status, extended)
    assert text.startswith(("the ", "this ", "another ", "nothing "))
