"""The options of the .ini files: `declared` has each of them once; all else follows from it.

Read: `declared` is what there is, `checks` what must go together, `kinds` the types of value,
`option` how one is read and shown.
"""

from .declared import OPTIONS, Described, Settings, described
from .option import Option

__all__ = ["OPTIONS", "Described", "Option", "Settings", "described"]
