"""A layout's `ui` and the style guide as text, for the tests of this folder."""

from audit_app.kit import i18n
from audit_app.kit.templates import environment, render
from audit_app.kit.web import NavGroup, NavItem, PersonOnScreen, Ui

VARIANTS = [(locale, theme) for locale in ("zh", "en") for theme in ("light", "dark")]


def sample_ui(locale: str = "en", theme: str = "light", *, signed_in: bool = True) -> Ui:
    person = PersonOnScreen("Zhou Min", "Supervisor", "Province", "Z") if signed_in else None
    nav = [
        NavGroup("", [NavItem("Overview", "/", "layout-dashboard", True)]),
        NavGroup("Plan", [NavItem("Programmes", "/p", "target", badge=3)]),
    ]
    return Ui(locale=locale, theme=theme, actor=person, csrf="token", nav=nav if signed_in else [], path="/styleguide")


def page(
    template: str, locale: str = "en", theme: str = "light", *, screen: object = None, signed_in: bool = True
) -> str:
    i18n.locale_now.set(locale)
    return render(template, screen=screen, ui=sample_ui(locale, theme, signed_in=signed_in))


def macro(source: str, **context: object) -> str:
    """What a piece of template says, in English."""
    i18n.locale_now.set("en")
    return environment().from_string(source).render(**context)
