"""Reading our own source: the modules, and finders that tell what a rule of the house forbids in one of them."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from audit_app.settings import ROOT

INDEX_CONDITIONS = {"index_where", "sqlite_where", "postgresql_where"}  # of a partial index: no statement
Finder = Callable[[ast.AST], bool]


@dataclass(frozen=True)
class Module:
    name: str  # dotted, without `audit_app.`
    text: str

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]


@cache
def modules() -> tuple[Module, ...]:
    found = []
    for path in sorted((ROOT / "audit_app").rglob("*.py")):
        dotted = ".".join(path.relative_to(ROOT / "audit_app").with_suffix("").parts)
        found.append(Module(dotted.removesuffix(".__init__"), path.read_text()))
    assert len(found) > 100
    return tuple(found)


def lines(module: Module, finder: Finder) -> list[str]:
    """`module:line` of every place that the finder points at."""
    nodes = list(ast.walk(ast.parse(module.text)))
    conditions = {id(n.value) for n in nodes if isinstance(n, ast.keyword) and n.arg in INDEX_CONDITIONS}
    return [f"{module.name}:{n.lineno}" for n in nodes if finder(n) and id(n) not in conditions]  # type: ignore[attr-defined]


def everywhere(finder: Finder, allowed: Callable[[Module], bool]) -> list[str]:
    return [line for module in modules() if not allowed(module) for line in lines(module, finder)]


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names, `?.c` where it begins with something else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


def commits(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"


CLOCKS = {"now", "utcnow", "today"}


def reads_the_clock(node: ast.AST) -> bool:
    """The time of day; a stopwatch (`time.monotonic`, `perf_counter`) is none. Naming it without a call counts, too."""
    if isinstance(node, ast.ImportFrom) and node.module == "time":
        return any(name.name in ("time", "time_ns") for name in node.names)
    if not isinstance(node, ast.Attribute):
        return False
    owner = dotted(node.value).rpartition(".")[2]
    if owner in ("datetime", "date"):
        return node.attr in CLOCKS
    return owner == "time" and node.attr in ("time", "time_ns", "localtime", "gmtime")


def writes_sql(node: ast.AST) -> bool:
    """SQL as text: `text(…)` or `sa.text(…)` of SQLAlchemy, never a form's `fields.text(…)`."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith(("sqlalchemy", "sqlmodel")) and any(n.name == "text" for n in node.names)
    return isinstance(node, ast.Call) and dotted(node.func) in ("sa.text", "sqlalchemy.text", "sa.sql.text")


def runs_raw_sql(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "exec_driver_sql"


def selects(node: ast.AST) -> bool:
    """`select(…)`, `sa.select(…)`, `columns(…)` of kit.sql, `Table.select()`, `session.query(…)`."""
    if not isinstance(node, ast.Call):
        return False
    name = dotted(node.func)
    if name in ("select", "sa.select", "sqlalchemy.select", "sqlmodel.select", "columns", "sql.columns"):
        return True
    last = name.rpartition(".")[2]
    return (last == "select" and "__table__" in name) or (last == "query" and name.startswith("session."))


def writes(node: ast.AST) -> bool:
    """`session.add(…)`, `insert/update/delete(Table)`: what only an operation may do."""
    if not isinstance(node, ast.Call):
        return False
    name = dotted(node.func)
    if name in ("session.add", "session.add_all", "session.delete", "session.merge"):
        return True
    if name in ("insert", "update", "delete"):
        return bool(node.args) and not isinstance(node.args[0], ast.Constant)  # `@delete("/path")` is a route
    return name in ("sa.insert", "sa.update", "sa.delete")


def long_functions(module: Module, most: int) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(module.text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > most:
                yield f"{module.name}.{node.name}", size


def tracked(*endings: str) -> list[Path]:
    """The files that are kept under version control, or all files of a copy without history."""
    import subprocess

    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, timeout=30)
    if listed.returncode:
        skipped = {".venv", "node_modules", ".git", "vendor", "data", ".hypothesis", ".mypy_cache", ".ruff_cache"}
        names = [p for p in ROOT.rglob("*") if p.is_file() and not skipped & set(p.relative_to(ROOT).parts)]
    else:
        names = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    return [p for p in names if p.is_file() and (not endings or p.name.endswith(endings))]
