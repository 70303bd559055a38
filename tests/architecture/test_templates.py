"""Templates: nothing undefined, nothing unescaped, nothing that the CSP forbids, forms that work without a script."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, StrictUndefined, UndefinedError

from audit_app.kit import templates as pages
from audit_app.reporting import render
from audit_app.settings import ROOT

PAGES = sorted((ROOT / "templates").rglob("*.html"))
DOCUMENTS = sorted((ROOT / "reports").rglob("*.html"))
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
TAG = re.compile(r"<[a-zA-Z][^<>]*?>", re.DOTALL)
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
SVG = 'xmlns="http://www.w3.org/2000/svg"'
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL | re.IGNORECASE)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("environment", [pages.environment, render._templates], ids=["pages", "documents"])
def test_the_environments_are_strict(environment) -> None:  # type: ignore[no-untyped-def]
    env: Environment = environment()
    assert env.undefined is StrictUndefined
    assert env.autoescape is True
    with pytest.raises(UndefinedError):
        env.from_string("{{ nobody }}").render()
    assert env.from_string("{{ x }}").render(x="<b a='\"'>") == "&lt;b a=&#39;&#34;&#39;&gt;"


@pytest.mark.parametrize("environment", [pages.environment, render._templates], ids=["pages", "documents"])
def test_every_template_can_be_read(environment) -> None:  # type: ignore[no-untyped-def]
    env: Environment = environment()
    for template in env.list_templates(extensions=["html"]):
        env.get_template(template)


def unsafe(text: str) -> list[str]:
    """What switches escaping off."""
    text = COMMENT.sub("", text)
    return re.findall(r"\|\s*safe\b|\bMarkup\(|\{%-?\s*autoescape\b", text)


def inline(text: str) -> list[str]:
    """What the content security policy would refuse, or what the house does without."""
    text = COMMENT.sub("", text)
    found = []
    for tag in TAG.findall(EXPRESSION.sub("x", text)):
        tag = tag.replace(SVG, "")
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", '""', tag)
        if re.search(r"\s(style|on[a-z]+|hx-on[\w:.-]*|srcdoc)\s*=", bare, re.IGNORECASE):
            found.append(tag)
        if re.match(r"<style\b", tag, re.IGNORECASE):
            found.append(tag)
        if re.match(r"<script\b(?![^>]*\ssrc=)", tag, re.IGNORECASE):
            found.append(tag)
        if re.search(r"=\s*[\"']?\s*(javascript:|https?://|//)", tag, re.IGNORECASE):
            found.append(tag)
    return found


def form_faults(text: str) -> list[str]:
    """A form that does not work without its script, or that our guard would refuse."""
    found = []
    for form in FORM.findall(COMMENT.sub("", text)):
        head = form[: form.index(">") + 1]
        method = re.search(r'\smethod="(\w+)"', head)
        if (
            not method
            or not re.search(r'\saction="[^"]', head)
            or (method[1].lower() == "post" and "csrf_field(" not in form and 'name="_csrf"' not in form)
        ):
            found.append(head)
    return found


@pytest.mark.parametrize("path", PAGES + DOCUMENTS, ids=name)
def test_nothing_is_unescaped(path: Path) -> None:
    assert unsafe(path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nothing_is_inline(path: Path) -> None:
    assert inline(path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_forms_work_without_a_script(path: Path) -> None:
    assert form_faults(path.read_text()) == []


@pytest.mark.parametrize(
    "planted", ["{{ x|safe }}", "{{ x | safe }}", "{% autoescape false %}", "{{ Markup(x) }}"]
)  # fmt: skip
def test_planted_unescaped_text_is_seen(planted: str) -> None:
    assert unsafe(f"<p>{planted}</p>")


@pytest.mark.parametrize(
    "planted",
    [
        '<p style="color:red">', '<p class="a" style="width:{{ x }}%">', "<style>p{}</style>", "<script>alert(1)</script>",  # noqa: E501
        '<script type="module">x</script>', '<button onclick="x()">', '<a href="javascript:x">', '<div hx-on:click="x">',  # noqa: E501
        '<img src="https://cdn.example/x.png">', '<img src="//cdn.example/x.png">', '<body\n onload="x">',
    ],
)  # fmt: skip
def test_planted_inline_parts_are_seen(planted: str) -> None:
    assert inline(f"<div>{planted}</div>")


@pytest.mark.parametrize(
    "fine",
    [
        '<script src="{{ ui.asset(\'js/app.js\') }}" defer></script>', '<button data-on="x" aria-label="one=two">',
        '<p title="the style=none">', '{# <p style="x"> #}', '<a href="/x?next=/y">', '<svg width="40%">',
    ],
)  # fmt: skip
def test_innocent_parts_are_not(fine: str) -> None:
    assert inline(fine) == []


def test_planted_forms_are_seen() -> None:
    token = "{{ csrf_field(ui.csrf) }}"
    assert form_faults(f'<form method="post" action="/x">{token}</form>') == []
    assert form_faults('<form method="get" action="/x"></form>') == []
    assert form_faults('<form method="post" action="/x"></form>')
    assert form_faults(f'<form method="post">{token}</form>')
    assert form_faults(f'<form hx-post="/x">{token}</form>')
    assert form_faults(f'<form method="post" action="">{token}</form>')


def test_scripts_never_evaluate_text() -> None:
    """The policy has no 'unsafe-eval', and text of people must never become markup by accident."""
    wrong = []
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        for found in re.findall(
            r"\beval\(|\bnew Function\(|document\.write\(|\.style\.cssText|setAttribute\(\s*[\"']style",
            path.read_text(),
        ):
            wrong.append(f"{name(path)}: {found}")
    assert wrong == []
