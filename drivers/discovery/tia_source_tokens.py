"""Words of a STEP 7 source: names, signs, attributes in braces, and the comments that follow them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.discovery import DiscoveryError, Progress

_EVERY = 20_000
_WORDS = re.compile(
    r"""
    (?P<space>[^\S\n]+)
  | (?P<newline>\n)
  | (?P<line_comment>//[^\n]*)
  | (?P<comment>\(\*.*?\*\)|/\*.*?\*/)
  | (?P<quoted>"[^"\n]*")
  | (?P<text>'(?:\$.|[^'\n$])*')
  | (?P<attributes>\{[^}]*\})
  | (?P<assign>:=)
  | (?P<range>\.\.)
  | (?P<number>\d+)
  | (?P<word>[^\W\d]\w*)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_SIGNS = " \t/*()"


class Token(NamedTuple):
    """``kind``: word, quoted, number, text, attributes, assign, range, sign or end."""

    kind: str
    text: str
    line: int

    @property
    def name(self) -> str:
        """The name without its quotes."""
        return self.text[1:-1] if self.kind == "quoted" else self.text

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords (upper case), in any case."""
        return self.kind == "word" and self.text.upper() in words


class Tokens:
    """The words of one source in order, with the comments that stand behind them on the same line."""

    def __init__(self, text: str, source: str, progress: Progress) -> None:
        self.source = source
        self._comments: dict[int, str] = {}
        self._tokens: list[Token] = []
        self._next = 0
        for token in _scan(text):
            if token.kind in ("comment", "line_comment"):
                self._add_comment(token)
                continue
            self._tokens.append(token)
            if len(self._tokens) % _EVERY == 0:
                progress(token.line, None, f"Reading {source}, line {token.line}")

    @property
    def position(self) -> int:
        """How many words were taken; for ``comment``."""
        return self._next

    def peek(self, ahead: int = 0) -> Token:
        """The next word, or one further ahead; of kind ``end`` behind the last one."""
        if self._next + ahead < len(self._tokens):
            return self._tokens[self._next + ahead]
        return Token("end", "the end of the file", self._tokens[-1].line if self._tokens else 1)

    def take(self) -> Token:
        token = self.peek()
        self._next += 1
        return token

    def take_sign(self, sign: str) -> bool:
        """Take the next word if it is this sign."""
        found = self.peek().text == sign and self.peek().kind not in ("text", "quoted")
        self._next += found
        return found

    def take_word(self, *words: str) -> bool:
        """Take the next word if it is one of these keywords."""
        found = self.peek().is_word(*words)
        self._next += found
        return found

    def expect(self, sign: str, where: str) -> None:
        """Take this sign; ``DiscoveryError`` if something else comes."""
        if not self.take_sign(sign):
            raise self.error(f"expected {sign!r} {where}")

    def skip_line(self) -> None:
        """Take everything that stands on the line of the next word."""
        line = self.peek().line
        while self.peek().kind != "end" and self.peek().line == line:
            self._next += 1

    def skip_behind(self, *words: str) -> None:
        """Take everything up to and including one of these keywords."""
        while self.peek().kind != "end" and not self.take_word(*words):
            self._next += 1

    def find_word(self, word: str, start: int) -> int:
        """Behind the first of these keywords from ``start`` on, or behind all words taken so far."""
        for index in range(start, self._next):
            if self._tokens[index].is_word(word):
                return index + 1
        return self._next

    def comment(self, start: int, end: int) -> str:
        """The last comment behind one of the words from ``start`` up to ``end``."""
        found = [self._comments[index] for index in range(start, end) if index in self._comments]
        return found[-1] if found else ""

    def error(self, expected: str) -> DiscoveryError:
        """What is wrong with the next word."""
        token = self.peek()
        found = token.text if len(token.text) <= 40 else token.text[:40] + "..."
        return DiscoveryError(f"{self.source}, line {token.line}: {expected}, found {found!r}.")

    def _add_comment(self, token: Token) -> None:
        text = " ".join(token.text.strip(_COMMENT_SIGNS).split())
        if text and self._tokens and self._tokens[-1].line == token.line:
            self._comments.setdefault(len(self._tokens) - 1, text)


def _scan(text: str) -> Iterator[Token]:
    line = 1
    for match in _WORDS.finditer(text):
        kind = match.lastgroup or "sign"
        if kind not in ("space", "newline"):
            yield Token(kind, match[0], line)
        line += match[0].count("\n")
