"""What text may come in, and how names are folded so that they are found.

Bidirectional controls, joiners and other format characters stay as they are: Persian, the
scripts of India and many emoji need them, and every script must come back as it came. In codes
and identifiers, which people compare by eye, nothing may stand that nobody sees."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

NAME_LIMIT = 200
NOTE_LIMIT = 4000

_COMPOSE_AT_MOST = 4
"""NFC makes one character of at most four, so longer text need not be normalised to be refused."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LAYOUT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0"
    "\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Fillers and selectors that show nothing, though Unicode counts them as letters, marks, signs."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextProblem:
    """Why a text is not taken."""

    sentence: str


def clean(text: str, *, limit: int, multiline: bool = False) -> str | TextProblem:
    """Text as it is kept: in NFC, without space around it, without control characters, at most
    `limit` characters (design, Data: "normalised to NFC, bounded, and never trusted"). Line
    breaks and tabs are taken where there may be several lines; every line break becomes one
    newline. An empty answer means that nothing was written that anybody could see.

    >>> clean(" Zoe\\u0308 ", limit=50)
    'Zoë'
    >>> clean("Zoe\\x00", limit=50).sentence
    'The text contains a control character (U+0000), which cannot be kept.'
    """
    if len(text) > _COMPOSE_AT_MOST * limit:
        text = text.strip()
        if len(text) > _COMPOSE_AT_MOST * limit:
            return _too_long(limit)
    text = text.strip(" \t\r\n")
    if multiline and "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    refused = (_CONTROL_BUT_LAYOUT if multiline else _CONTROL).search(text)
    if refused:
        point = f"U+{ord(refused[0]):04X}"
        what = "a line break or tab" if refused[0] in "\t\n\r" else "a control character"
        return TextProblem(sentence=f"The text contains {what} ({point}), which cannot be kept.")
    if _SURROGATE.search(text):
        return TextProblem(sentence="The text contains half of a character, which cannot be kept.")
    text = unicodedata.normalize("NFC", text.strip()).strip()
    if len(text) > limit:
        return _too_long(limit)
    return "" if _is_unseen(text) else text


def unseen_problem(text: str) -> TextProblem | None:
    """Why a code or identifier is not taken that holds a character which nobody sees: two could
    look the same.

    >>> unseen_problem("A\\u200b1").sentence
    'This contains an invisible character (U+200B); write it without.'
    >>> unseen_problem("A1") is None
    True
    """
    if text.isascii():
        return None
    found = next((char for char in text if _has_no_look(char)), None)
    if found is None:
        return None
    point = f"U+{ord(found):04X}"
    return TextProblem(
        sentence=f"This contains an invisible character ({point}); write it without."
    )


def folded(text: str) -> str:
    """Text as it is searched: without case, accents, width or doubled spaces, so that "zoe"
    finds "Zoë" (user-blocks 1.2 and seed 3, search by name). Marks that carry the meaning of a
    script stay: the vowel signs of India and Thailand, the voiced marks of kana. The answer is
    in NFKD, so that a name begun in Hangul is found by what is typed so far.

    >>> folded("  ZOË  Ångström-Søby ")
    'zoe angstrom-soby'
    """
    if text.isascii():
        return " ".join(_as_spaces(text).lower().split())
    text = _as_spaces(text)
    for _ in range(2):  # folding case can undo the decomposition, and the reverse
        text = unicodedata.normalize("NFKD", text).casefold()
    text = unicodedata.normalize("NFKD", text)
    return " ".join("".join([_searched_as(char) for char in text]).split())


def _is_unseen(text: str) -> bool:
    return not text.isascii() and all(char.isspace() or _has_no_look(char) for char in text)


def _has_no_look(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or _BLANK.match(char) is not None


def _too_long(limit: int) -> TextProblem:
    return TextProblem(sentence=f"The text is longer than {limit} characters.")


def _as_spaces(text: str) -> str:
    return _CONTROL.sub(" ", text)


@lru_cache(maxsize=8192)
def _searched_as(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cf", "Cs") or (category[0] == "M" and _is_accent(char)):
        return ""
    return _PLAIN.get(char, char)


def _is_accent(char: str) -> bool:
    """By canonical combining class: overlays (1), Hebrew and Arabic points (10 to 35) and
    what stands above or below (200 and more). Those between belong to their scripts."""
    position = unicodedata.combining(char)
    return position == 1 or 10 <= position <= 35 or position >= 200


_PLAIN = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ħ": "h",
    "æ": "ae",
    "œ": "oe",
    "ı": "i",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "‐": "-",
    "–": "-",
}
"""Letters and signs without a decomposition, as people without that keyboard type them."""
