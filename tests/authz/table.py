"""Who may ask for what: every route, the roles that may use it at all, and for routes with an id who may see which thing.

Written by hand from PRODUCT.md, not from the program's own tables: whoever changes a permission changes this, too.
"""  # noqa: E501

from dataclasses import dataclass, field

from tests import world
from tests.authz.house import OPEN, House

ROLES = {username: role for username, role, *_ in world.CAST}
VISITOR = ""
PEOPLE = [VISITOR, *ROLES]
SIGNED_IN = frozenset(ROLES.values())
FIELD = frozenset({"tester", "chief_tester", "inspector"})
SUPERVISOR = frozenset({"supervisor"})
OFFICE = frozenset({"programme_office"})
PLAN = SUPERVISOR | OFFICE  # the office owns covert programmes
REVIEW = frozenset({"reviewer"})
ADMIN = frozenset({"admin"})
HR = frozenset({"hr"})
STAFF = frozenset({"staff"})
OUTLET = frozenset({"outlet_manager", "team_lead"})
APPELLANT = OUTLET | {"staff"}
PANEL = frozenset({"appeal_panel"})
ORGANISATION = PLAN | REVIEW | ADMIN
AUDIT = frozenset({"auditor"})
STANDARDS = SIGNED_IN - HR - AUDIT
CARDS = SUPERVISOR | OUTLET | HR
EVERYBODY = SIGNED_IN | {VISITOR}
EVERYBODY_BY_NAME = frozenset(PEOPLE)


@dataclass(frozen=True)
class Rule:
    """`things`: path values → the people who may see that thing; empty for a route without ids."""

    roles: frozenset[str]
    things: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)
    own: bool = False  # acts on nothing but the asker's own account

    def may(self, username: str, values: tuple[str, ...]) -> bool:
        role = ROLES.get(username, VISITOR)
        return role in self.roles and (not self.things or username in self.things.get(values, frozenset()))

    def has_role(self, username: str) -> bool:
        return ROLES.get(username, VISITOR) in self.roles


def who(*names: str) -> frozenset[str]:
    assert set(names) <= set(ROLES)
    return frozenset(names)


NOBODY: frozenset[str] = frozenset()
THE_OFFICE = ("programme-office", "programme-office-second")
PROVINCE_ORG = ("province-supervisor", "reviewer", "reviewer-2", "admin", "admin-second", *THE_OFFICE)
TOUCHPOINTS = {
    "hall-bell": who(*PROVINCE_ORG, "city-supervisor", "county-supervisor"),
    "outlet-bell": who(*PROVINCE_ORG, "city-supervisor", "county-supervisor"),
    "hall-drum": who(*PROVINCE_ORG, "city-supervisor", "county-supervisor-2"),
    "hall-reed": who(*PROVINCE_ORG, "city-supervisor-2"),
    "hotline": who(*PROVINCE_ORG),
    "hall-far": who("outsider", "outsider-reviewer", "outsider-admin"),
    "no-such-place": NOBODY,
}
STAFF_MEMBERS = {
    "bell-1": TOUCHPOINTS["hall-bell"], "drum-1": TOUCHPOINTS["hall-drum"], "agent-1": TOUCHPOINTS["hotline"],
    "no-such": NOBODY,
}  # fmt: skip
CHANGED_STAFF = {"bell-1": who("admin", "admin-second"), "no-such": NOBODY}
CHANGED_PLACES = {"hall-bell": who("admin", "admin-second"), "hall-far": who("outsider-admin"), "no-such": NOBODY}
# A covert plan exists only for holders of covert.plan at its unit or above; a higher unit's work is invisible below.
PROGRAMMES = {
    "prog-covert": who("province-supervisor", *THE_OFFICE),
    "prog-hotline": who("province-supervisor", *THE_OFFICE),
    "prog-overt": who("province-supervisor", "city-supervisor", *THE_OFFICE),
    "prog-far": who("outsider"),
    "no-such": NOBODY,
}
ROUNDS = {key.replace("prog", "round"): seen for key, seen in PROGRAMMES.items()}
JOBS = {
    "as-hall": who("province-supervisor", *THE_OFFICE),
    "as-overt": who("province-supervisor", "city-supervisor", *THE_OFFICE),
    "as-far": who("outsider"),
    "no-such": NOBODY,
}
OWN_JOBS = {
    "as-chief": who("chief-tester"),
    "as-overt": who("inspector"),
    "as-offered": who("tester"),
    "no-such": NOBODY,
}
ADMINS = who("admin", "admin-second")
# Administrators see the accounts of their own subtree; testers' by their code.
ACCOUNTS = {
    "acc-staff": ADMINS,
    "acc-tester": ADMINS,
    "acc-outsider-reviewer": who("outsider-admin"),
    "no-such": NOBODY,
}
CARD_READERS = {
    "bell": who("county-supervisor", "city-supervisor", "province-supervisor", "outlet-manager", "hr", "hr-second"),
    "drum": who("county-supervisor-2", "city-supervisor", "province-supervisor", "outlet-manager-2", "hr", "hr-second"),
    "reed": who("city-supervisor-2", "province-supervisor", "hr", "hr-second"),
    "call": who("province-supervisor", "team-lead", "hr", "hr-second"),
    "far": who("outsider", "outsider-hr"),
}
RESULT_READERS = {
    "bell": who("outlet-manager"),
    "drum": who("outlet-manager-2"),
    "reed": NOBODY,
    "call": who("team-lead"),
    "far": NOBODY,
}


def one(found: dict[str, frozenset[str]]) -> dict[tuple[str, ...], frozenset[str]]:
    return {(key,): seen for key, seen in found.items()}


def nested(found: dict[str, frozenset[str]]) -> dict[tuple[str, ...], frozenset[str]]:
    """Below each thing one that does not exist."""
    return {(key, "no-such"): NOBODY for key in found}


def results_of(ids: dict[str, str]) -> dict[str, frozenset[str]]:
    found = {ids[f"result:{place}"]: seen for place, seen in RESULT_READERS.items()}
    return found | {ids["visit:bell"]: NOBODY, ids["open:bell"]: NOBODY}  # the inner id opens nothing


def table(house: House) -> dict[tuple[str, str], Rule]:
    ids, reviewer = house.ids, house.reviewer
    own_open = {ids[f"open:{place}"]: who(assessor) for place, (_, assessor) in OPEN.items()}
    reviews = {ids[f"review:{place}"]: who(reviewer[f"open:{place}"]) for place in OPEN}
    files = {ids[f"evidence:{place}"]: who(assessor) for place, (_, assessor) in OPEN.items()}
    reviewed_files = {
        (ids[f"review:{place}"], ids[f"evidence:{other}"]): who(reviewer[f"open:{place}"]) if place == other else NOBODY
        for place in OPEN
        for other in OPEN
    }
    painted = {
        (ids[f"result:{place}"], ids[f"photo:{other}"]): seen if place == other else NOBODY
        for place, seen in RESULT_READERS.items()
        for other in RESULT_READERS
    }
    permits = {ids["permit:admin"]: who("admin", *THE_OFFICE), ids["permit:outsider-admin"]: who("outsider-admin"),
               "no-such": NOBODY}  # fmt: skip
    by_code = {"0317": who(*THE_OFFICE), "9001": NOBODY, "0201": NOBODY}  # elsewhere; an inspector has no code to hide
    subjects = {ids[f"visit:{place}"]: who(reviewer[f"visit:{place}"]) for place in CARD_READERS}
    cards = {f"{ids[f'card:{place}']}.pdf": seen for place, seen in CARD_READERS.items()}
    results = results_of(ids) | {ids["result:court"]: who("outlet-manager")}
    asked = house.reviewer["opinion:asked"]
    looks = {
        ids["recheck:bell"]: who("city-supervisor", "province-supervisor"),
        ids["recheck:reed"]: who("province-supervisor"),
        ids["recheck:far"]: who("outsider"),
        "no-such": NOBODY,
    }
    opinions = {ids["opinion"]: who(house.reviewer["opinion:second"]), "no-such": NOBODY}
    askers = {ids["opinion"]: who(asked), "no-such": NOBODY}
    own_results = {ids[f"result:{place}"]: NOBODY for place in RESULT_READERS} | {ids["result:bell"]: who("staff")}
    own_results |= {ids["visit:bell"]: NOBODY, ids["result:court"]: who("staff")}
    questions = {ids["question"]: who("county-supervisor"), "no-such": NOBODY}
    runs = {ids["run:hr"]: who("hr"), ids["run:outsider-hr"]: who("outsider-hr"), "no-such": NOBODY}
    imports = {ids["import:admin"]: ADMINS, ids["import:outsider-admin"]: who("outsider-admin"), "x": NOBODY}
    trail_lines = {ids["line:36"]: who("auditor"), ids["line:35"]: who("outsider-auditor"), "no-such": NOBODY}
    verifications = {ids["verification"]: who("auditor"), "no-such": NOBODY}
    proposals = {ids["proposal"]: ADMINS, "no-such": NOBODY}
    drafts = {ids["draft:tester"]: who("tester"), ids["draft:tester-far"]: who("tester-far"), "0" * 32: NOBODY}
    versions = {(ids["version"],): frozenset(ROLES), ("no-such",): NOBODY}
    appeals = {ids[f"appeal:{name}"]: who(name) for name in ("outlet-manager", "staff")} | {"no-such": NOBODY}
    proofs = {
        (ids[f"appeal:{name}"], ids[f"proof:{other}"]): who(name) if name == other else NOBODY
        for name in ("outlet-manager", "staff")
        for other in ("outlet-manager", "staff")
    }
    both = who("outlet-manager", "staff")
    contested = results_of(ids) | {ids["result:court"]: both, ids["result:bell"]: both, ids["visit:court"]: NOBODY}
    court = who("panel-city", "panel-city-second")
    hearings = {ids["hearing:outlet-manager"]: court, ids["hearing:staff"]: court, "no-such": NOBODY}
    looks = {
        (ids["hearing:outlet-manager"], ids["evidence:court"]): court,
        (ids["hearing:outlet-manager"], ids["evidence:bell"]): NOBODY,
    }
    heard_proofs = {
        (ids["hearing:outlet-manager"], ids["proof:outlet-manager"]): court,
        (ids["hearing:outlet-manager"], ids["proof:staff"]): NOBODY,
    }
    choices = {
        (round_id, place): ROUNDS[round_id] & TOUCHPOINTS[place]
        for round_id in ("round-covert", "round-overt", "round-far")
        for place in ("hall-bell", "hall-drum", "hall-far", "no-such-place")
    }
    return {
        # access
        ("GET", "/"): Rule(SIGNED_IN),
        ("GET", "/account"): Rule(SIGNED_IN),
        ("POST", "/account/password"): Rule(SIGNED_IN, own=True),
        ("POST", "/account/sessions/{}/revocation"): Rule(SIGNED_IN, {(ids["session:staff"],): who("staff")}),
        ("POST", "/account/tokens"): Rule(SIGNED_IN, own=True),
        ("POST", "/account/tokens/{}/revocation"): Rule(SIGNED_IN, {(ids["token:hr"],): who("hr")}),
        ("GET", "/account/totp"): Rule(SIGNED_IN - FIELD),
        ("POST", "/account/totp"): Rule(SIGNED_IN - FIELD, own=True),
        ("POST", "/account/recovery-codes"): Rule(SIGNED_IN - FIELD, own=True),
        ("GET", "/session/totp/recovery"): Rule(EVERYBODY),
        ("POST", "/session/totp/recovery"): Rule(EVERYBODY, own=True),
        ("GET", "/api/v1/session"): Rule(SIGNED_IN),
        ("POST", "/preferences"): Rule(EVERYBODY, own=True),
        ("POST", "/session"): Rule(EVERYBODY, own=True),
        ("POST", "/session/end"): Rule(EVERYBODY, own=True),
        ("GET", "/session/totp"): Rule(EVERYBODY),
        ("POST", "/session/totp"): Rule(EVERYBODY, own=True),
        ("GET", "/session/totp/enrolment"): Rule(EVERYBODY),
        ("POST", "/session/totp/enrolment"): Rule(EVERYBODY, own=True),
        ("GET", "/sign-in"): Rule(EVERYBODY),
        ("GET", "/schema"): Rule(ADMIN),
        ("GET", "/schema/openapi.json"): Rule(ADMIN),
        ("GET", "/schema/{}"): Rule(ADMIN, {("nothing",): NOBODY}),
        ("GET", "/styleguide"): Rule(SIGNED_IN),
        # standards
        ("GET", "/checklists"): Rule(STANDARDS),
        ("GET", "/checklists/{}"): Rule(STANDARDS, versions),
        ("GET", "/api/v1/checklists/{}"): Rule(STANDARDS, versions),
        # organisation
        ("GET", "/organisation"): Rule(ORGANISATION),
        ("GET", "/touchpoints/{}"): Rule(ORGANISATION, one(TOUCHPOINTS)),
        ("GET", "/staff"): Rule(ORGANISATION),
        ("GET", "/staff/{}"): Rule(ORGANISATION, one(STAFF_MEMBERS)),
        ("POST", "/staff/{}/moves"): Rule(ADMIN, one(CHANGED_STAFF)),
        ("POST", "/touchpoints/{}/moves"): Rule(ADMIN, one(CHANGED_PLACES)),
        ("POST", "/moves/{}/cancellation"): Rule(ADMIN, one({ids["move"]: CHANGED_STAFF["bell-1"], "no-such": NOBODY})),
        ("GET", "/staff/{}/merger"): Rule(ADMIN, one(CHANGED_STAFF)),
        ("POST", "/staff/{}/merger"): Rule(ADMIN, one(CHANGED_STAFF)),
        ("GET", "/touchpoints/{}/merger"): Rule(ADMIN, one(CHANGED_PLACES)),
        ("POST", "/touchpoints/{}/merger"): Rule(ADMIN, one(CHANGED_PLACES)),
        ("GET", "/imports"): Rule(ADMIN),
        ("POST", "/imports"): Rule(ADMIN, own=True),
        ("GET", "/imports/templates/{}"): Rule(ADMIN, {("units",): ADMINS | who("outsider-admin"), ("x",): NOBODY}),
        ("GET", "/imports/{}"): Rule(ADMIN, one(imports)),
        ("GET", "/imports/{}/report"): Rule(ADMIN, one(imports)),
        ("POST", "/imports/{}/application"): Rule(ADMIN, one(imports)),
        ("GET", "/imports/{}/errors"): Rule(ADMIN, one(imports)),
        # the person scored
        ("GET", "/my-results"): Rule(STAFF),
        ("GET", "/my-results/{}"): Rule(STAFF, one(own_results)),
        ("POST", "/my-results/{}/acknowledgement"): Rule(STAFF, one(own_results)),
        ("POST", "/my-results/{}/questions"): Rule(STAFF, one(own_results)),
        ("GET", "/explanations"): Rule(SUPERVISOR | REVIEW),
        ("GET", "/explanations/{}"): Rule(SUPERVISOR | REVIEW, one(questions)),
        ("POST", "/explanations/{}/answer"): Rule(SUPERVISOR | REVIEW, one(questions)),
        # notices
        ("GET", "/inbox"): Rule(SIGNED_IN),
        ("POST", "/inbox/reading"): Rule(SIGNED_IN, own=True),
        ("POST", "/inbox/{}/reading"): Rule(SIGNED_IN, one({ids["notice:staff"]: who("staff"), "no-such": NOBODY})),
        # testers and their names
        ("GET", "/testers"): Rule(OFFICE),
        ("GET", "/testers/{}"): Rule(OFFICE, one(by_code)),
        ("POST", "/testers/{}/identity"): Rule(OFFICE, one(by_code)),
        ("GET", "/identity-permits"): Rule(ADMIN | OFFICE),
        ("POST", "/identity-permits"): Rule(ADMIN, own=True),
        ("GET", "/identity-permits/{}"): Rule(ADMIN | OFFICE, one(permits)),
        ("POST", "/identity-permits/{}/decision"): Rule(OFFICE, one(permits)),
        ("POST", "/identity-permits/{}/identity"): Rule(ADMIN, one(permits)),
        ("POST", "/identity-permits/{}/end"): Rule(ADMIN | OFFICE, one(permits)),
        # planning
        ("GET", "/programmes"): Rule(PLAN),
        ("POST", "/programmes"): Rule(PLAN, own=True),
        ("GET", "/programmes/new"): Rule(PLAN),
        ("GET", "/programmes/{}"): Rule(PLAN, one(PROGRAMMES)),
        ("POST", "/programmes/{}/notice"): Rule(PLAN, one(PROGRAMMES)),
        ("POST", "/programmes/{}/pool"): Rule(PLAN, one(PROGRAMMES)),
        ("POST", "/programmes/{}/rounds"): Rule(PLAN, one(PROGRAMMES)),
        ("GET", "/rounds/{}"): Rule(PLAN, one(ROUNDS)),
        ("POST", "/rounds/{}/assignments"): Rule(PLAN, one(ROUNDS)),
        ("POST", "/rounds/{}/publication"): Rule(PLAN, one(ROUNDS)),
        ("POST", "/rounds/{}/closure"): Rule(PLAN, one(ROUNDS)),
        ("GET", "/rounds/{}/touchpoints/{}"): Rule(PLAN, choices),
        ("GET", "/assignments"): Rule(PLAN),
        ("POST", "/assignments/{}/cancellation"): Rule(PLAN, one(JOBS)),
        ("POST", "/notices/{}/acknowledgement"): Rule(SIGNED_IN, one({"no-such": NOBODY})),
        # analytics
        ("GET", "/overview"): Rule(PLAN),
        ("GET", "/overview/workbook"): Rule(PLAN),
        ("GET", "/overdue"): Rule(PLAN),
        # the field
        ("GET", "/field"): Rule(FIELD),
        ("GET", "/field/jobs"): Rule(FIELD),
        ("GET", "/field/manifest.json"): Rule(EVERYBODY),
        ("GET", "/sw.js"): Rule(EVERYBODY),
        ("GET", "/field/messages/{}"): Rule(FIELD, {("zh.json",): frozenset(ROLES), ("xx.json",): NOBODY}),
        ("GET", "/field/assignments/{}/form"): Rule(FIELD, one(OWN_JOBS)),
        ("POST", "/field/assignments/{}/form"): Rule(FIELD, one(OWN_JOBS)),
        ("GET", "/field/visits/{}"): Rule(FIELD, one(own_open | {"no-such": NOBODY})),
        ("GET", "/evidence/{}"): Rule(FIELD, one(files | {"no-such": NOBODY})),
        ("GET", "/api/v1/assignments"): Rule(FIELD),
        ("POST", "/api/v1/assignments/{}/acceptance"): Rule(FIELD, one(OWN_JOBS)),
        ("POST", "/api/v1/assignments/{}/decline"): Rule(FIELD, one(OWN_JOBS)),
        ("GET", "/api/v1/visits/{}"): Rule(FIELD, one(own_open | {"0" * 32: NOBODY})),
        ("PUT", "/api/v1/visits/{}"): Rule(FIELD, one(own_open)),
        ("HEAD", "/api/v1/evidence/{}"): Rule(FIELD, {(ids["sha:bell"],): who("tester", "tester-2", "tester-far"),
                                                      ("0" * 64,): NOBODY}),  # the same bytes for all three
        ("PUT", "/api/v1/evidence/{}"): Rule(FIELD, {("0" * 64,): NOBODY}),
        ("GET", "/api/v1/drafts/{}"): Rule(FIELD, one(drafts)),
        ("PUT", "/api/v1/drafts/{}"): Rule(FIELD, {key: seen for key, seen in one(drafts).items() if seen}),
        ("DELETE", "/api/v1/drafts/{}"): Rule(FIELD, {("0" * 32,): frozenset(ROLES)}),  # there may be none
        # review
        ("GET", "/reviews"): Rule(REVIEW),
        ("GET", "/reviews/{}"): Rule(REVIEW, one(reviews | {"no-such": NOBODY})),
        ("GET", "/reviews/{}/evidence/{}"): Rule(REVIEW, reviewed_files),
        ("GET", "/reviews/approvals"): Rule(REVIEW),
        ("POST", "/reviews/approvals"): Rule(REVIEW, own=True),
        ("GET", "/reviews/{}/evidence/{}/redaction"): Rule(REVIEW, reviewed_files),
        ("POST", "/reviews/{}/evidence/{}/redaction"): Rule(REVIEW, reviewed_files),
        ("GET", "/reviews/{}/evidence/{}/redacted"): Rule(REVIEW, reviewed_files),
        ("POST", "/reviews/{}/evidence/{}/releasable"): Rule(REVIEW, reviewed_files),
        ("POST", "/reviews/{}/evidence/{}/redaction/removal"): Rule(REVIEW, reviewed_files),
        ("POST", "/reviews/{}/approval"): Rule(REVIEW, one(reviews)),
        ("POST", "/reviews/{}/continuation"): Rule(REVIEW, one(reviews)),
        ("POST", "/reviews/{}/flags"): Rule(REVIEW, one(reviews)),
        ("POST", "/reviews/{}/flags/{}/settlement"): Rule(
            REVIEW, {(key, "no-such"): NOBODY for key in reviews}
        ),
        ("POST", "/reviews/{}/reviewer"): Rule(REVIEW, one(dict.fromkeys(reviews, NOBODY))),  # all have theirs
        ("POST", "/reviews/{}/reviewer/removal"): Rule(REVIEW, one(reviews)),
        ("POST", "/reviews/{}/void"): Rule(REVIEW, one(reviews)),
        ("GET", "/opinions"): Rule(REVIEW),
        ("POST", "/opinions/{}/confirmation"): Rule(REVIEW, one(opinions)),
        ("POST", "/opinions/{}/refusal"): Rule(REVIEW, one(opinions)),
        ("POST", "/opinions/{}/withdrawal"): Rule(REVIEW, one(askers)),
        ("POST", "/reviews/{}/notes"): Rule(REVIEW, one(reviews)),
        ("POST", "/reviews/{}/overlays"): Rule(REVIEW, one(reviews)),
        ("POST", "/reviews/{}/return"): Rule(REVIEW, one(reviews)),
        ("GET", "/rechecks"): Rule(SUPERVISOR),
        ("GET", "/rechecks/{}"): Rule(SUPERVISOR, one(looks)),
        ("POST", "/rechecks/{}/confirmation"): Rule(SUPERVISOR, one(looks)),
        ("POST", "/rechecks/{}/revisit"): Rule(SUPERVISOR, one(looks)),
        ("GET", "/reviewers"): Rule(SUPERVISOR),
        ("GET", "/visits/{}/subject"): Rule(REVIEW, one(subjects)),
        ("POST", "/visits/{}/subject"): Rule(REVIEW, one(subjects)),
        ("POST", "/api/v1/visits/{}/approval"): Rule(
            REVIEW, {(ids[f"open:{place}"],): who(reviewer[f"open:{place}"]) for place in OPEN}
        ),
        # appeals
        ("GET", "/appeals"): Rule(APPELLANT),
        ("GET", "/appeals/{}"): Rule(APPELLANT, one(appeals)),
        ("POST", "/appeals/{}/second-round"): Rule(APPELLANT, one(appeals)),
        ("POST", "/appeals/{}/withdrawal"): Rule(APPELLANT, one(appeals)),
        ("GET", "/appeals/{}/files/{}"): Rule(APPELLANT, proofs),
        ("GET", "/results/{}/appeal"): Rule(APPELLANT, one(contested)),
        ("POST", "/results/{}/appeal"): Rule(APPELLANT, one(contested)),
        ("GET", "/api/v1/results"): Rule(APPELLANT),
        ("GET", "/api/v1/results/{}"): Rule(APPELLANT, one(contested)),
        ("POST", "/api/v1/results/{}/appeals"): Rule(APPELLANT, one(contested)),
        ("GET", "/api/v1/appeals"): Rule(APPELLANT),
        ("GET", "/api/v1/appeals/{}"): Rule(APPELLANT, one(appeals)),
        ("GET", "/appeal-rates"): Rule(PLAN),
        ("GET", "/field/appeals"): Rule(FIELD),
        ("GET", "/field/visits/{}/appeal"): Rule(FIELD, one({"no-such": NOBODY, ids["visit:court"]: NOBODY})),
        ("POST", "/field/visits/{}/appeal"): Rule(FIELD, one({"no-such": NOBODY, ids["visit:court"]: NOBODY})),
        ("GET", "/hearings"): Rule(PANEL),
        ("GET", "/hearings/{}"): Rule(PANEL, one(hearings)),
        ("POST", "/hearings/{}/votes"): Rule(PANEL, one(hearings)),
        ("GET", "/hearings/{}/evidence/{}"): Rule(PANEL, looks),
        ("GET", "/hearings/{}/files/{}"): Rule(PANEL, heard_proofs),
        # scorecards and results
        ("GET", "/scorecards"): Rule(CARDS),
        ("GET", "/scorecards/{}"): Rule(CARDS, one(cards | {"no-such.pdf": NOBODY})),
        ("GET", "/api/v1/scorecards"): Rule(CARDS),
        ("GET", "/api/v1/scorecards/{}"): Rule(CARDS, one(cards | {"no-such.pdf": NOBODY})),
        ("GET", "/report-runs"): Rule(HR),
        ("POST", "/report-runs"): Rule(HR, own=True),
        ("GET", "/report-runs/{}"): Rule(HR, one(runs)),
        ("GET", "/report-runs/{}/file"): Rule(HR, one(runs)),
        ("GET", "/report-runs/{}/progress"): Rule(HR, one(runs)),
        ("POST", "/report-runs/{}/cancellation"): Rule(HR, one(runs)),
        ("POST", "/report-runs/{}/retry"): Rule(HR, one(runs)),
        ("GET", "/results"): Rule(OUTLET),
        ("GET", "/verify/{}"): Rule(EVERYBODY, {(ids["token"],): EVERYBODY_BY_NAME, ("0" * 32,): NOBODY}),
        ("GET", "/results/{}"): Rule(OUTLET, one(results)),
        ("GET", "/results/{}/photos/{}"): Rule(OUTLET, painted),
        # the trail
        ("GET", "/trail"): Rule(AUDIT),
        ("GET", "/trail.csv"): Rule(AUDIT),
        ("GET", "/trail.xlsx"): Rule(AUDIT),
        ("GET", "/trail/lines/{}"): Rule(AUDIT, one(trail_lines | {ids["line:hidden"]: NOBODY})),
        ("POST", "/trail/verifications"): Rule(AUDIT, own=True),
        ("GET", "/trail/verifications/{}"): Rule(AUDIT, one(verifications)),
        ("GET", "/trail/verifications/{}/progress"): Rule(AUDIT, one(verifications)),
        # accounts: last, since they shut people out
        ("GET", "/accounts"): Rule(ADMIN),
        ("GET", "/accounts/new"): Rule(ADMIN),
        ("GET", "/accounts/{}"): Rule(ADMIN, one(ACCOUNTS | {"acc-admin": ADMINS})),
        ("POST", "/accounts"): Rule(ADMIN, own=True),
        ("POST", "/accounts/{}/grants"): Rule(ADMIN, one(ACCOUNTS)),
        ("POST", "/accounts/{}/grants/{}/end"): Rule(ADMIN, nested(ACCOUNTS)),
        ("POST", "/accounts/{}/sessions/revocation"): Rule(ADMIN, one(ACCOUNTS)),
        ("POST", "/accounts/{}/sessions/{}/revocation"): Rule(ADMIN, nested(ACCOUNTS)),
        ("POST", "/accounts/{}/tokens/{}/revocation"): Rule(ADMIN, nested(ACCOUNTS)),
        ("POST", "/accounts/{}/totp/reset"): Rule(ADMIN, one(ACCOUNTS)),
        ("POST", "/accounts/{}/invitations"): Rule(ADMIN, one(ACCOUNTS)),
        ("POST", "/accounts/{}/invitations/{}/withdrawal"): Rule(ADMIN, nested(ACCOUNTS)),
        ("POST", "/accounts/{}/suspension"): Rule(ADMIN, one(ACCOUNTS)),
        ("POST", "/accounts/{}/reinstatement"): Rule(ADMIN, one(ACCOUNTS)),
        ("POST", "/account-proposals/{}/confirmation"): Rule(ADMIN, one(proposals)),
        ("POST", "/account-proposals/{}/refusal"): Rule(ADMIN, one(proposals)),
        ("GET", "/invitation/{}"): Rule(EVERYBODY, one({"no-such": NOBODY})),
        ("POST", "/invitation/{}"): Rule(EVERYBODY, one({"no-such": NOBODY})),
    }  # fmt: skip
