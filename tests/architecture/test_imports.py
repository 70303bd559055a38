"""What a package keeps to itself stays with it: forms, pages, api and jobs are imported by nobody else."""

import grimp
import pytest

KEPT = ("forms", "pages", "api", "jobs")
COMPOSE = {"audit_app.app", "audit_app.reactions"}


def foreign(graph: grimp.ImportGraph) -> list[str]:
    """`importer -> imported` wherever another package's own module is imported."""
    found = []
    for module in graph.modules:
        parts = module.split(".")
        if len(parts) < 3 or parts[2] not in KEPT or parts[1] == "kit":  # kit.forms is a tool for all
            continue
        package = ".".join(parts[:2])
        for importer in graph.find_modules_that_directly_import(module):
            if not importer.startswith(package + ".") and importer not in COMPOSE and importer != package:
                found.append(f"{importer} -> {module}")
    return sorted(found)


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("audit_app", cache_dir=None)


def test_nobody_imports_anothers_own_modules(graph: grimp.ImportGraph) -> None:
    assert foreign(graph) == []


@pytest.mark.parametrize("kept", KEPT)
def test_a_planted_import_is_seen(graph: grimp.ImportGraph, kept: str) -> None:
    graph.add_import(importer="audit_app.desk.queries", imported=f"audit_app.visits.{kept}")
    try:
        assert f"audit_app.desk.queries -> audit_app.visits.{kept}" in foreign(graph)
    finally:
        graph.remove_import(importer="audit_app.desk.queries", imported=f"audit_app.visits.{kept}")


def test_only_the_app_builds_on_pages_and_api(graph: grimp.ImportGraph) -> None:
    """`reactions` composes jobs, not screens; the app needs no job."""
    for module in graph.modules:
        if module.rpartition(".")[2] in ("pages", "api") and module.count(".") == 2:
            outside = {
                i
                for i in graph.find_modules_that_directly_import(module)
                if i.rpartition(".")[0] != module.rpartition(".")[0]
            }
            assert outside <= {"audit_app.app"}, module
