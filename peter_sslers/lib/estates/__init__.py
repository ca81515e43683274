"""Certificates as other programs leave them in folders, or people put them into a zip.

Read: `tree` is what a folder and a zip have in common, `folder` and `archive` are the two;
`layouts` knows where Certbot, acme.sh, lego and Caddy put what. Nothing here looks into a file.
"""

from .archive import Archive, Limits
from .folder import Folder
from .layouts import Layout, detect
from .tree import BadTree, Refused, Tree, Triplet, Unreadable

__all__ = [
    "Archive",
    "BadTree",
    "Folder",
    "Layout",
    "Limits",
    "Refused",
    "Tree",
    "Triplet",
    "Unreadable",
    "detect",
]
