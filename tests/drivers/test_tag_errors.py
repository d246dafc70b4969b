"""What the journal says of tags that cannot be read and can be read again."""

from drivers.tag_errors import tell_tag_errors
from engine.events import Severity


def errors(count):
    return {f"line1/Value{n:02}": f"the controller has no tag Value{n:02}" for n in range(count)}


def test_few_tags_are_named_one_by_one_in_the_order_of_the_plant_file():
    told = tell_tag_errors("line1", {}, errors(5))
    assert [source for source, _, _ in told] == list(errors(5))
    assert told[0] == ("line1/Value00", "the controller has no tag Value00", Severity.WARNING)
    assert tell_tag_errors("line1", errors(1), {}) == [("line1/Value00", "Can be read again", Severity.INFO)]


def test_many_tags_after_a_download_are_one_line_that_gives_examples():
    (told,) = tell_tag_errors("line1", {}, errors(4000))
    source, text, severity = told
    assert (source, severity) == ("line1", Severity.WARNING)
    assert text == (
        "4000 tags cannot be read. Value00: the controller has no tag Value00; "
        "Value01: the controller has no tag Value01; Value02: the controller has no tag Value02; ..."
    )


def test_their_return_is_one_line_too():
    assert tell_tag_errors("line1", errors(4000), errors(3)) == [
        ("line1", "3997 tags can be read again", Severity.INFO)
    ]


def test_what_fails_still_is_not_told_again():
    assert tell_tag_errors("line1", errors(9), errors(9)) == []
    other = dict.fromkeys(errors(9), "the tag has another type")
    assert tell_tag_errors("line1", errors(9), other) == []
