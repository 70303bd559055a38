"""What the forms of this package send, held to size; what is missing is an empty text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audit_app.access import rules
from audit_app.access.cookies import THEMES
from audit_app.kit.i18n import LOCALES


def text(form: Mapping[str, Any], name: str, longest: int = 2000) -> str:
    """A field's text without surrounding space; a file, a NUL or more than `longest` characters count as nothing."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) and len(value) <= longest and "\0" not in value else ""


@dataclass(frozen=True)
class SignIn:
    username: str
    password: str
    next: str


def sign_in(form: Mapping[str, Any]) -> SignIn:
    password = form.get("password")
    return SignIn(
        text(form, "username", rules.MAX_USERNAME), password if isinstance(password, str) else "", text(form, "next")
    )


@dataclass(frozen=True)
class PasswordChange:
    current: str
    new: str
    again: str


def password_change(form: Mapping[str, Any]) -> PasswordChange:
    given = [form.get(name) for name in ("current_password", "new_password", "new_password_again")]
    current, new, again = (value if isinstance(value, str) else "" for value in given)
    return PasswordChange(current, new, again)


@dataclass(frozen=True)
class Preferences:
    """Empty where nothing (or nothing that we know) was chosen."""

    locale: str
    theme: str
    next: str


def preferences(form: Mapping[str, Any]) -> Preferences:
    locale, theme = text(form, "locale"), text(form, "theme")
    return Preferences(locale if locale in LOCALES else "", theme if theme in THEMES else "", text(form, "next"))
