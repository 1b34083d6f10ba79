"""What is said about the settings: the table of all of them, and one sentence for each mistake."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from service.server_checks import StartRefused
from service.settings import PREFIX, Settings

# Variables with our prefix that something else than the service reads.
READ_ELSEWHERE = frozenset({f"{PREFIX}EXAMPLES"})
PREFIX_OF_TESTS = f"{PREFIX}TEST_"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One line of the table: all that a reader needs to know about one variable."""

    variable: str
    default: str
    current: str
    meaning: str


def read_settings() -> Settings:
    """The settings of this process; a wrong value is refused with the variable's name."""
    try:
        return Settings()
    except ValidationError as wrong:
        sentences = [
            _sentence(error)
            for error in wrong.errors()
            # This one only follows from another one.
            if error["type"] != "default_factory_not_called"
        ]
        raise StartRefused(" ".join(sentences)) from None


def setting_rows(settings: Settings) -> list[SettingRow]:
    """Every setting in the order of the model, passwords masked."""
    return [
        SettingRow(
            variable=variable_of(name),
            default=_default_of(field),
            current=_shown(getattr(settings, name)),
            meaning=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def unknown_settings(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like a setting and is none."""
    known = {variable_of(name) for name in Settings.model_fields}
    strangers = sorted(
        name
        for name in environ
        if name.startswith(PREFIX)
        and not name.startswith(PREFIX_OF_TESTS)
        and name not in known | READ_ELSEWHERE
    )
    return [_unknown(name, known) for name in strangers]


def variable_of(field_name: str) -> str:
    """The environment variable of a field of the settings.

    >>> variable_of("pool_size")
    'PORTCULLIS_POOL_SIZE'
    """
    return PREFIX + field_name.upper()


def masked_url(url: str) -> str:
    """The URL with its passwords covered.

    >>> masked_url("postgresql://owner:secret@db.example/portcullis?password=secret")
    'postgresql://owner:***@db.example/portcullis?password=***'
    """
    parts = urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    user, colon, _ = credentials.partition(":")
    covered = f"{user}{colon}{'***' if colon else ''}{at}{host}"
    query = urlencode(
        [(key, "***" if "pass" in key else value) for key, value in parse_qsl(parts.query)],
        safe="*/",
    )
    return urlunsplit(parts._replace(netloc=covered, query=query))


def _default_of(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default_words" in extra:
        return str(extra["default_words"])
    return _shown(field.default)


def _shown(value: object) -> str:
    match value:
        case None:
            return "unset"
        case bool():
            return "true" if value else "false"
        case Enum():
            return str(value.value)
        case tuple():
            return ", ".join(map(str, value)) or "none"
        case str() if "://" in value:
            return masked_url(value)
        case str() | int() | Path() | SecretStr():
            return str(value)
        case _:
            raise TypeError(f"a setting of an unknown kind: {type(value).__name__}")


def _sentence(error: ErrorDetails) -> str:
    reason = error.get("ctx", {}).get("error")
    if not error["loc"]:
        return str(reason)
    name, value = variable_of(str(error["loc"][0])), error["input"]
    complaint = str(reason) if reason else error["msg"][:1].lower() + error["msg"][1:]
    shown = masked_url(value) if isinstance(value, str) and "@" in value else value
    if str(error["loc"][0]) == "metrics_token":
        shown = "not shown"
    return f"{name} is {str(shown)[:200]!r}, which does not work: {complaint}."


def _unknown(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"{name} is not a setting and is ignored{hint}; `python -m service settings` lists all."
