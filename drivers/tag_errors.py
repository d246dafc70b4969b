"""What the journal says of tags that cannot be read and can again: each by name, or many in one line.

A download can take thousands of tags away at once; a line for each would push all else out of the journal.
"""

from collections.abc import Mapping, Sequence

from engine.events import Severity

_NAMED = 5
_EXAMPLES = 3


def tell_tag_errors(
    connection: str, old: Mapping[str, str], new: Mapping[str, str]
) -> Sequence[tuple[str, str, Severity]]:
    """Source, text and severity of each line; ``old`` and ``new`` are the reasons by tag key, in order."""
    failed = [key for key in new if key not in old]
    back = [key for key in old if key not in new]
    lines: list[tuple[str, str, Severity]] = []
    if len(failed) > _NAMED:
        examples = [f"{key.removeprefix(f'{connection}/')}: {new[key]}; " for key in failed[:_EXAMPLES]]
        text = f"{len(failed)} tags cannot be read. {''.join(examples)}..."
        lines.append((connection, text, Severity.WARNING))
    else:
        lines += [(key, new[key], Severity.WARNING) for key in failed]
    if len(back) > _NAMED:
        lines.append((connection, f"{len(back)} tags can be read again", Severity.INFO))
    else:
        lines += [(key, "Can be read again", Severity.INFO) for key in back]
    return lines
