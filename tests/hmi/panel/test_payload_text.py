"""Payloads as people paste them."""

import base64
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hmi.panel.diagnostics.payload_text import hex_text, parse_payload

PAYLOADS = st.binary(min_size=1, max_size=200)


@given(PAYLOADS)
def test_what_was_copied_can_be_pasted(payload):
    assert parse_payload(hex_text(payload)) == payload


@given(PAYLOADS, st.sampled_from(["", " ", ":", ", ", "\n", "-"]), st.booleans())
def test_hexadecimal_digits_are_read_however_they_are_separated(payload, between, upper):
    text = between.join(f"{byte:02x}" for byte in payload)
    assert parse_payload(text.upper() if upper else text) == payload


@pytest.mark.parametrize("text", ["0x08c1", "0x08, 0xC1", r"\x08\xc1", "08 c1"])
def test_the_signs_of_programming_languages_are_left_out(text):
    assert parse_payload(text) == b"\x08\xc1"


@given(st.binary(min_size=6, max_size=200), st.booleans(), st.booleans())
def test_base64_is_read_in_both_alphabets_with_and_without_its_end(payload, url, padded):
    text = (base64.urlsafe_b64encode if url else base64.b64encode)(payload).decode()
    text = text if padded else text.rstrip("=")
    assume(re.search("[g-zG-Z+/_]", text))  # else it reads as hexadecimal digits, which come first
    assert parse_payload(text) == payload


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Paste"),
        ("  \n", "Paste"),
        ("08 c", "One hexadecimal digit"),
        ("#?!", "neither"),
        ("=====", "neither"),
    ],
)
def test_anything_else_is_answered_by_a_sentence(text, said):
    with pytest.raises(ValueError, match=said):
        parse_payload(text)


@given(st.text(max_size=60))
def test_no_text_is_answered_by_anything_but_bytes_or_a_sentence(text):
    try:
        answer = parse_payload(text)
    except ValueError as error:
        answer = str(error).encode()
    assert answer
