"""What the library that reads workbooks passes over in silence: cells that show an error, formulas
without a value, texts that point nowhere, and numbers that do not come back as they were typed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

MOST_DIGITS = 15
"""As many digits of a number as a workbook keeps."""

CHANGED_NUMBER = (
    "The number is too long to be kept exactly; format the column as text, and type it again."
)


class PointsNowhere(Exception):
    """A cell names a shared text by something that is no number of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFault:
    """A cell that holds nothing which could be taken, by its line and column from 1."""

    line: int
    column: int
    sentence: str


def split_reference(reference: str) -> tuple[str, str]:
    """The letters and the digits of a cell's name.

    >>> split_reference("B7")
    ('B', '7')
    """
    letters = reference.rstrip("0123456789")
    return letters, reference[len(letters) :]


def column_number(letters: str) -> int:
    """The number of a column.

    >>> column_number("A"), column_number("AB")
    (1, 28)
    """
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def is_kept_exactly(number: float) -> bool:
    """Whether a number is what was typed: a workbook keeps 15 digits and rounds the rest.

    >>> is_kept_exactly(2.2), is_kept_exactly(1234567890123456.0), is_kept_exactly(1e400)
    (True, False, False)
    """
    if not math.isfinite(number) or abs(number) >= 10**MOST_DIGITS:
        return False
    return float(f"{number:.{MOST_DIGITS}g}") == number


def sheet_part_name(name: str, workbook: bytes, relations: bytes) -> str | None:
    """The part of the zip in which the sheet of a name lies, in small letters."""
    key = next((_local(s)["id"] for s in _elements(workbook, "sheet") if s["name"] == name), None)
    for relation in _elements(relations, "Relationship"):
        if relation["Id"] == key:
            target = relation["Target"].lower().lstrip("/")
            return target if target.startswith("xl/") else f"xl/{target}"
    return None


def cell_faults(sheet: bytes, shared_texts: bytes | None) -> list[CellFault]:
    """The faults of a sheet in the order of its cells. Raises PointsNowhere."""
    texts = 0 if shared_texts is None else len(_elements(shared_texts, "si"))
    reader = _Cells(texts)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.Parse(sheet, True)
    return reader.faults


class _Cells:
    def __init__(self, texts: int) -> None:
        self.faults: list[CellFault] = []
        self._texts = texts
        self._line = 0
        self._column = 0
        self._type = ""
        self._value: str | None = None
        self._is_formula = False
        self._is_in_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            self._line, self._column = int(attributes.get("r") or self._line + 1), 0
        elif local == "c":
            letters, digits = split_reference(attributes.get("r", ""))
            self._line = int(digits or self._line)
            self._column = column_number(letters) if letters else self._column + 1
            self._type = attributes.get("t", "n")
            self._value, self._is_formula = "", False
        elif local == "f":
            self._is_formula = True
        self._is_in_value = local == "v"

    def characters(self, text: str) -> None:
        if self._is_in_value and self._value is not None:
            self._value += text

    def end(self, name: str) -> None:
        self._is_in_value = False
        if name.rpartition(":")[2] == "c" and self._value is not None:
            sentence = self._fault(self._value)
            if sentence:
                fault = CellFault(line=self._line, column=self._column, sentence=sentence)
                self.faults.append(fault)
            self._value = None

    def _fault(self, value: str) -> str | None:
        if self._type == "s" and value and not self._is_shared_text(value):
            raise PointsNowhere
        if self._type == "e":
            return "The cell shows an error instead of a value; correct its formula."
        if self._is_formula and not value and self._type != "str":
            return "The formula has no value yet; open the workbook, let it compute, and save it."
        return None

    def _is_shared_text(self, value: str) -> bool:
        is_number = value.isascii() and value.isdigit() and len(value) < 10
        return is_number and int(value) < self._texts


def _elements(xml: bytes, wanted: str) -> list[Mapping[str, str]]:
    found: list[Mapping[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == wanted:
            found.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return found


def _local(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name.rpartition(":")[2]: value for name, value in attributes.items()}
