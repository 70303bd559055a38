"""The menu: the chain planning, standards, people, inspection, improvement, results, cut to what a person may open."""

from audit_app.access.rules import Actor
from audit_app.kit.i18n import gettext as _
from audit_app.kit.web import NavGroup, NavItem

# group, label, address, icon, permission ("*": everybody signed in)
CHAIN: tuple[tuple[str, str, str, str, str], ...] = (
    ("", "Home", "/", "house", "*"),
    ("", "Overview", "/overview", "layout-dashboard", "planning.read"),
    ("Planning", "Programmes", "/programmes", "target", "planning.read"),
    ("Planning", "Assignments", "/assignments", "calendar-days", "planning.read"),
    ("Standards", "Checklists", "/checklists", "list-checks", "standards.read"),
    ("People and touchpoints", "Organisation", "/organisation", "store", "organisation.read"),
    ("People and touchpoints", "Accounts", "/accounts", "users", "accounts.manage"),
    ("People and touchpoints", "Testers", "/testers", "users", "testers.read"),
    ("People and touchpoints", "Access to names", "/identity-permits", "fingerprint", "identity.permits"),
    ("People and touchpoints", "Imports", "/imports", "file-up", "organisation.import"),
    ("Inspection", "Field app", "/field", "smartphone", "field.use"),
    ("Inspection", "Reviews", "/reviews", "inbox", "review.work"),
    ("Inspection", "Second looks", "/rechecks", "scan-eye", "review.oversee"),
    ("Inspection", "Reviewers", "/reviewers", "user-check", "review.oversee"),
    ("Improvement", "Hearings", "/hearings", "gavel", "appeals.judge"),
    ("Improvement", "Outcome of appeals", "/appeal-rates", "scale", "appeals.statistics"),
    ("Improvement", "Appeals", "/appeals", "scale", "appeals.file"),
    ("Results", "Results", "/results", "chart-column", "results.read"),
    ("Results", "My results", "/my-results", "user-round", "results.own"),
    ("Results", "Questions to answer", "/explanations", "message-circle-question-mark", "explanations.answer"),
    ("Results", "Scorecards", "/scorecards", "file-text", "scorecards.read"),
    ("Audit", "Trail", "/trail", "history", "trail.read"),
)


# Pages that belong to an entry whose address they do not begin with.
UNDER = {
    "/overdue": "/overview",
    "/rounds/": "/programmes",
    "/touchpoints/": "/organisation",
    "/staff": "/organisation",
    "/visits/": "/reviews",
    "/opinions": "/reviews",
    "/report-runs": "/scorecards",
}


def nav_of(actor: Actor, path: str) -> list[NavGroup]:
    """The menu of a person, the entry of the present page marked."""
    groups: list[NavGroup] = []
    home = next((href for start, href in UNDER.items() if path.startswith(start)), path)
    for group, label, href, icon, permission in CHAIN:
        if permission != "*" and not actor.may(permission):
            continue
        active = home == href or (href != "/" and home.startswith(href + "/"))
        item = NavItem(_(label), href, icon, active)
        if groups and groups[-1].label == (_(group) if group else ""):
            groups[-1].items.append(item)
        else:
            groups.append(NavGroup(_(group) if group else "", [item]))
    return groups
