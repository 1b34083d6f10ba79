"""Text that comes in, and names as they are searched."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.text import NOTE_LIMIT, TextProblem, clean, folded, unseen_problem

KEPT = [
    "Zoë Ångström",
    "Ναταλία Παπαδοπούλου",
    "Наталья Ёлкина",
    "नताशा क्षत्रिय",
    "ณัฐวุฒิ",
    "محمد علي",
    "دانشجوی\u200cمهمان",
    "שלמה כֹּהֵן",
    "김지훈",
    "が行の人",
    "王小明",
    "\u2067נוח\u2069 (guest)",
    "👩‍🏫 teacher",
    "𐐷𐑌𐑂",
    "\ue000 private",
]


@pytest.mark.parametrize("text", KEPT)
def test_every_script_comes_back_as_it_came_in_nfc(text: str) -> None:
    assert clean(text, limit=100) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\x00b", "The text contains a control character (U+0000), which cannot be kept."),
        ("a\x1bb", "The text contains a control character (U+001B), which cannot be kept."),
        ("a\x85b", "The text contains a control character (U+0085), which cannot be kept."),
        ("a\nb", "The text contains a line break or tab (U+000A), which cannot be kept."),
        ("a\ud800b", "The text contains half of a character, which cannot be kept."),
        ("x" * 101, "The text is longer than 100 characters."),
        ("x" * 10_000_000, "The text is longer than 100 characters."),
    ],
)
def test_what_cannot_be_kept_is_refused(text: str, sentence: str) -> None:
    assert clean(text, limit=100) == TextProblem(sentence=sentence)


def test_several_lines_keep_their_breaks_and_tabs() -> None:
    assert clean("one\r\ntwo\r\tthree\n", limit=100, multiline=True) == "one\ntwo\n\tthree"
    assert isinstance(clean("a\x0bb", limit=100, multiline=True), TextProblem)


def test_the_limit_is_met_after_normalising() -> None:
    assert clean("e\u0301" * 100, limit=100) == "é" * 100
    assert isinstance(clean("e\u0301" * 101, limit=100), TextProblem)


def test_space_around_a_text_is_taken_off_even_when_there_is_much() -> None:
    assert clean(" " * 1000 + "Zoe" + "\u3000\n" * 1000, limit=10) == "Zoe"
    assert clean(" \t\n", limit=10) == ""


@given(st.text(), st.booleans())
def test_what_is_kept_is_clean_already(text: str, multiline: bool) -> None:
    kept = clean(text, limit=NOTE_LIMIT, multiline=multiline)
    if isinstance(kept, str):
        assert clean(kept, limit=NOTE_LIMIT, multiline=multiline) == kept
        assert unicodedata.is_normalized("NFC", kept)
        assert kept == kept.strip()
        allowed = {"\n", "\t"} if multiline else set()
        assert {char for char in kept if unicodedata.category(char) == "Cc"} <= allowed


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("zoe", "Zoë"),
        ("ANGSTROM", "Ångström"),
        ("soren", "Søren"),
        ("lodz", "Łódź"),
        ("strasse", "Straße"),
        ("istanbul", "İSTANBUL"),
        ("diyarbakir", "Diyarbakır"),
        ("παπαδοπουλου", "ΠΑΠΑΔΟΠΟΎΛΟΥ"),
        ("елкина", "Ёлкина"),
        ("محمد", "مُحَمَّد"),
        ("כהן", "כֹּהֵן"),
        ("o'brien", "O’Brien"),
        ("smith-jones", "Smith‐Jones"),
        ("دانشجویمهمان", "دانشجوی\u200cمهمان"),
        ("נוח", "\u2067נוח\u2069"),
        ("ann marie", "  Ann \u00a0 Marie "),
        ("wide", "Ｗｉｄｅ"),
        ("김", "김"),
    ],
)
def test_a_name_is_found_as_people_type_it(typed: str, name: str) -> None:
    assert folded(typed) == folded(name)


@pytest.mark.parametrize(("one", "other"), [("कि", "कु"), ("กิน", "กุน"), ("は", "ば"), ("김", "강")])
def test_different_syllables_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_syllable_is_found_by_what_is_typed_so_far() -> None:
    assert folded("김").startswith(folded("기"))


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_folding_does_not_hang_on_how_a_text_was_composed(text: str) -> None:
    assert (
        folded(unicodedata.normalize("NFC", text))
        == folded(unicodedata.normalize("NFD", text))
        == folded(text)
    )


@given(st.text(st.characters(codec="ascii")))
def test_ascii_is_folded_as_everything_else_is(text: str) -> None:
    assert folded(text + "é").removesuffix("e").split() == folded(text).split()


@pytest.mark.parametrize(
    "text", ["\u200b", " \u200b ", "\ufeff\u2060\u202e", "\u200d\n\u200c", "\u3164"]
)
def test_a_text_that_nobody_sees_is_empty(text: str) -> None:
    assert clean(text, limit=100, multiline=True) == ""


@pytest.mark.parametrize("char", "\u200b\ufeff\u202e\u2060\u200d\u200c\u00ad\u3164")
def test_a_code_or_identifier_holds_nothing_invisible(char: str) -> None:
    problem = unseen_problem(f"A{char}1")
    assert problem is not None
    point = f"U+{ord(char):04X}"
    assert problem.sentence == (
        f"This contains an invisible character ({point}); write it without."
    )


@pytest.mark.parametrize("code", ["LOST_CARD", "Ausweis-Ä", "図書館 1", "رقم"])
def test_a_code_in_any_script_is_taken(code: str) -> None:
    assert unseen_problem(code) is None
