"""What may be the id of a row."""

MAX_ID = 2**63 - 1
_DIGITS = len(str(MAX_ID))


def as_id(text: str) -> int | None:
    """The id that a text of digits is; None for other texts, and for more than a column holds."""
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        return None
    number = int(text)
    return number if number <= MAX_ID else None
