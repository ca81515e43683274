"""The options of the .ini files: `declared` has each of them once; all else follows from it.

Read: `declared` is what there is, `checks` what must go together, `kinds` the types of value,
`option` how one is read and shown, `shown` how all are.
"""

from .declared import OPTIONS, Settings
from .option import Option
from .shown import Described, described

__all__ = ["OPTIONS", "Described", "Option", "Settings", "described"]
