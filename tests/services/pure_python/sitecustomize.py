"""Makes a Python that finds no cryptography and no compiled module of any package.

A process gets it, and its children, with this folder as PYTHONPATH: Python imports it by its name
before anything else. What the standard library has compiled stays.
"""

import sys
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from pathlib import PurePath

SITE = {"site-packages", "dist-packages"}
sources_only = FileFinder.path_hook((SourceFileLoader, SOURCE_SUFFIXES))


def of_packages(path: str) -> FileFinder:
    if SITE.isdisjoint(PurePath(path).parts):
        raise ImportError(path)
    return sources_only(path)


sys.path_hooks.insert(0, of_packages)
sys.path_importer_cache.clear()
for name in ("cryptography", "_cffi_backend"):
    sys.modules[name] = None  # type: ignore[assignment]  # its import raises ImportError
