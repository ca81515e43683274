"""The shape of the program: who may import whom, and how big things get."""

import ast
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
ROOT = TOP / "peter_sslers"
FILES = sorted(p for p in ROOT.rglob("*.py") if "versions" not in p.parts and p.read_text().strip())
EVERYTHING = [
    *FILES,
    *sorted(p for folder in ("tests", "tools", "benchmarks") for p in (TOP / folder).rglob("*.py")),
]

# From the top down: a part may import from those below it, never from those above. Parts on one
# line do not know each other.
LAYERS = [
    {"__init__", "server"},
    {"scripts"},
    {"web"},
    {"lib.actions"},
    {"lib.context"},
    {"lib.journal", "lib.edge"},
    {"lib.store", "lib.acme_v2", "lib.x509", "lib.cache", "lib.estates"},
    {"lib.polls", "lib.schema", "lib.ca_certs", "lib.aia", "lib.patience", "lib.prepared"},
    {"lib.together"},
    {"lib.database", "lib.names", "migrations"},
    {"migrations"},
    {"model"},
    {"errors", "enums", "settings", "workers"},
]
RANK = {part: rank for rank, parts in enumerate(LAYERS) for part in parts}

# What a file of one row may import of its neighbours, and why.
ALLOWED = {
    ("lib.store", "lib.context"),  # for the type of the first argument
    ("settings", "errors"),
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def part_of(module: str) -> str | None:
    return next((p for p in RANK if module == p or module.startswith(p + ".")), None)


def imports(path: Path) -> set[str]:
    package = path.relative_to(ROOT).parent.parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            stem = ".".join([*base, node.module or ""]).strip(".")
            found |= {f"{stem}.{alias.name}".strip(".") for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_down(path):
    mine = part_of(name_of(path))
    assert mine, f"{path} stands in no layer"
    for other in filter(None, map(part_of, imports(path))):
        if other != mine and (mine, other) not in ALLOWED:
            assert RANK[mine] < RANK[other], f"{mine} must not import {other}"


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda p: str(p.relative_to(TOP)))
def test_nothing_is_long(path):
    text = path.read_text()
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, node.name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_says_what_it_is_for(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or not tree.body


@pytest.mark.parametrize("module", ["cryptography", "redis"])
def test_what_may_be_missing_is_imported_in_one_place(module):
    importers = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [a.name for a in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            if any(n.split(".")[0] == module for n in names):
                importers.add(name_of(path))
    assert importers <= {"cryptography": {"lib.x509.python"}, "redis": {"lib.cache.redis"}}[module]
