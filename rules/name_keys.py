"""Names as they are sorted and searched."""

from rules.text import folded

KEY_LIMIT = 200
"""Folding can make a text several times as long; an index takes no row of any length."""


def name_keys(first_name: str, last_name: str) -> tuple[str, str]:
    """The key by last name and the key by first name, so that "okafor i" and "ines o" both
    find Ines Okafor.

    >>> name_keys("Inês", "Okafor")
    ('okafor ines', 'ines okafor')
    """
    return search_key(f"{last_name} {first_name}"), search_key(f"{first_name} {last_name}")


def search_key(text: str) -> str:
    """What a search for the start of a name compares with.

    >>> search_key(" Okafor,  I")
    'okafor, i'
    """
    return folded(text)[:KEY_LIMIT]
