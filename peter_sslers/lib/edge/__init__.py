"""Edge servers kept up to date: what names are served with, in Redis and in nginx's memory.

Read: `priming` makes Redis hold what the tables say; `edge` does that after each change.
"""

from .edge import Edge
from .priming import Progress

__all__ = ["Edge", "Progress"]
