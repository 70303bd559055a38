"""Who may give which role to whom, and what needs a second administrator."""

import pytest
from sqlmodel import select

from audit_app.access.models import Account
from audit_app.access.rules import TOTP_ROLES
from audit_app.accounts.models import Proposal
from audit_app.accounts.rules import GRANTABLE, PROPOSAL, clash, guarded
from audit_app.kit.db import Database
from audit_app.kit.errors import Invalid
from audit_app.organisation import granting
from audit_app.organisation.models import RoleGrant, StaffMember
from audit_app.organisation.rules import Post
from tests import world
from tests.accounts.conftest import REASON, form, path_of


def test_a_role_counts_from_the_next_sign_in(admin, client_for, roles, acts) -> None:  # type: ignore[no-untyped-def]
    """The grant is there, the person's present sign-ins are not."""
    person = client_for("staff")
    assert person.get("/programmes").status_code == 403
    answer = admin.post(path_of("staff", "/grants"), data=form("supervisor", "360102"))
    assert answer.headers["location"] == path_of("staff", "?saved=granted")
    assert person.get("/api/v1/session").status_code == 401
    assert client_for("staff").get("/programmes").status_code == 200
    assert ("role.granted", world.account_id("admin")) in acts("staff")
    grant = next(key for key, role, _ in roles("staff") if role == "supervisor")
    person = client_for("staff")
    admin.post(path_of("staff", f"/grants/{grant}/end"))
    assert person.get("/api/v1/session").status_code == 401
    assert client_for("staff").get("/programmes").status_code == 403
    assert ("role.ended", world.account_id("admin")) in acts("staff")
    assert admin.post(path_of("staff", f"/grants/{grant}/end")).status_code == 404


def test_roles_of_a_place_follow_its_code(admin, roles, db: Database) -> None:  # type: ignore[no-untyped-def]
    admin.post(path_of("reviewer", "/grants"), data=form("outlet_manager", place="JZ1001"))
    assert ("outlet_manager", "360102") in [held[1:] for held in roles("reviewer")], "a town holds no roles"
    admin.post(path_of("reviewer", "/grants"), data=form("team_lead", place="T2"))
    assert ("team_lead", "36") in [held[1:] for held in roles("reviewer")]
    twice = admin.post(path_of("reviewer", "/grants"), data=form("team_lead", place="T2"))
    assert twice.status_code == 422
    assert "holds this role there already" in twice.text
    admin.post(path_of("reviewer", "/grants"), data=form("staff", place="S1003"))
    linked = db.read_now(lambda session: session.get_one(StaffMember, "bell-3").account_id)
    assert linked == world.account_id("reviewer")
    for place in ("S1001", "FZ0001", "nothing", ""):  # taken, in the other province, nowhere, missing
        role = "staff" if place.startswith("S") else "outlet_manager"
        refused = admin.post(path_of("reviewer-2", "/grants"), data=form(role, place=place))
        assert refused.status_code == 422, place
        assert 'id="f-place-error"' in refused.text


@pytest.mark.data
def test_a_role_is_given_once_also_if_two_give_it_at_the_same_moment(db: Database) -> None:
    """The one who was faster has written it after the other had looked: the database refuses and says why."""
    staff = world.account_id("staff")
    for post in (Post("hr", "36", "36/"), Post("outlet_manager", "36", "36/", "outlet-bell")):
        db.write_now(granting.grant, None, staff, post, world.NOW)
        with pytest.raises(Invalid) as refused:
            db.write_now(granting.grant, None, staff, post, world.NOW)
        assert refused.value.fields == [granting.HELD]
    db.write_now(granting.grant, None, staff, Post("hr", "3601", "36/3601/"), world.NOW)


@pytest.mark.parametrize(
    ("username", "data", "status"),
    [
        ("admin", form("supervisor", "36"), 403),  # himself
        ("tester", form("supervisor", "36"), 403),  # a tester is the programme office's
        ("staff", form("tester", "36"), 422),  # and so is becoming one
        ("staff", form("supervisor", "35"), 422),  # another province
        ("staff", form("supervisor", "360102001"), 422),  # a town
        ("staff", form("supervisor", ""), 422),
        ("staff", form("king", "36"), 422),
        ("reviewer", form("reviewer", "36"), 422),  # holds it already
        ("auditor", form("supervisor", "36"), 422),  # who audits does nothing else
        ("province-supervisor", form("admin", "36", reason=REASON), 422),  # plans covert work
        ("outsider", form("supervisor", "36"), 404),
    ],
)
def test_what_is_refused(admin, roles, username, data, status) -> None:  # type: ignore[no-untyped-def]
    before = roles(username)
    assert admin.post(path_of(username, "/grants"), data=data).status_code == status
    assert roles(username) == before


def test_a_guarded_role_waits_for_somebody_else(admin, second, roles, acts, db) -> None:  # type: ignore[no-untyped-def]
    without = admin.post(path_of("staff", "/grants"), data=form("hr", "36"))
    assert without.status_code == 422
    assert 'id="f-reason-error"' in without.text
    asked = admin.post(path_of("staff", "/grants"), data=form("hr", "36", reason=REASON))
    assert asked.headers["location"].endswith("?saved=waiting")
    assert "hr" not in [role for _, role, _ in roles("staff")]
    key = db.read_now(lambda session: session.exec(select(Proposal.id)).one())
    assert REASON in second.get("/accounts").text
    assert admin.post(f"/account-proposals/{key}/confirmation").status_code == 403
    assert second.post(f"/account-proposals/{key}/confirmation").status_code == 303
    assert ("hr", "36") in [held[1:] for held in roles("staff")]
    assert second.post(f"/account-proposals/{key}/confirmation").status_code == 404
    assert acts("staff")[-3:] == [
        ("proposal.made", world.account_id("admin")),
        ("proposal.confirmed", world.account_id("admin-second")),
        ("role.granted", world.account_id("admin-second")),
    ]


def test_nobody_confirms_what_concerns_himself(admin, second, client_for, db) -> None:  # type: ignore[no-untyped-def]
    third = RoleGrant(account_id=world.account_id("inspector"), role="admin", unit_code="36", granted_at=world.NOW)
    db.write_now(lambda session: session.add(third))
    admin.post(path_of("admin-second", "/grants"), data=form("hr", "3601", reason=REASON))
    key = db.read_now(lambda session: session.exec(select(Proposal.id)).one())
    assert second.post(f"/account-proposals/{key}/confirmation").status_code == 403
    assert second.post(f"/account-proposals/{key}/refusal").status_code == 403
    assert client_for("outsider-admin").post(f"/account-proposals/{key}/confirmation").status_code == 404
    assert admin.post(f"/account-proposals/{key}/refusal").status_code == 303, "what one asked for one may take back"


def test_of_two_administrators_none_takes_the_other_over(admin, roles, acts, db) -> None:  # type: ignore[no-untyped-def]
    """Who came in as the second one would confirm whatever he had asked for as the first."""
    for verb in ("/invitations", "/totp/reset"):
        refused = admin.post(path_of("admin-second", verb), data={"reason": REASON})
        assert refused.status_code == 409
        assert "It is done at the machine." in refused.text
        assert "/invitation/" not in refused.text
    assert not {act for act, _ in acts("admin-second")} & {"account.totp_reset", "invitation.made", "proposal.alone"}
    assert not db.read_now(lambda session: session.exec(select(Proposal)).all())


def test_nobody_alone_makes_a_programme_office(alone, roles, db) -> None:  # type: ignore[no-untyped-def]
    refused = alone.post(path_of("staff", "/grants"), data=form("programme_office", "36", reason=REASON))
    assert refused.status_code == 409
    assert "programme_office" not in [role for _, role, _ in roles("staff")]
    new = {"username": "13900000002", "display_name": "Meadow", **form("programme_office", "36", reason=REASON)}
    refused = alone.post("/accounts", data=new)
    assert refused.status_code == 409
    assert "It is done at the machine." in refused.text
    assert not db.read_now(lambda s: s.exec(select(Account.id).where(Account.username == "13900000002")).all())


def test_every_guarded_role_of_a_person_counts(alone, acts, db) -> None:  # type: ignore[no-untyped-def]
    def give(session, username: str, role: str, unit: str) -> None:  # type: ignore[no-untyped-def]
        key = world.account_id(username)
        session.add(RoleGrant(account_id=key, role=role, unit_code=unit, granted_at=world.NOW))

    db.write_now(give, "hr", "programme_office", "3602")
    assert alone.post(path_of("hr", "/totp/reset"), data={"reason": REASON}).status_code == 409
    db.write_now(give, "inspector", "admin", "3602")
    waits = alone.post(path_of("hr", "/totp/reset"), data={"reason": REASON})
    assert waits.headers["location"].endswith("?saved=waiting"), "somebody else administers one of the units"
    assert ("proposal.made", world.account_id("admin")) in acts("hr")


@pytest.mark.parametrize("role", sorted(TOTP_ROLES))
def test_every_role_with_a_second_factor_waits(admin, roles, role: str) -> None:  # type: ignore[no-untyped-def]
    admin.post("/accounts", data={"username": "sun", "display_name": "Sun", **form(role, "36", reason=REASON)})
    held = admin.get("/accounts?q=sun").text
    assert "Waits for a second administrator" in held
    assert ">none<" in held


def test_what_changed_since_it_was_asked_is_seen_at_the_confirmation(admin, second, roles, db) -> None:  # type: ignore[no-untyped-def]
    """A tester meanwhile: no role and no link, and no name on the page; disabled meanwhile: no link; held meanwhile."""
    admin.post(path_of("staff", "/grants"), data=form("hr", "36", reason=REASON))
    admin.post(path_of("reviewer", "/invitations"), data={"reason": REASON})
    admin.post(path_of("hr-second", "/grants"), data=form("reviewer", "3601", reason=REASON))
    admin.post(path_of("reviewer-2", "/invitations"), data={"reason": REASON})

    def change(session) -> None:  # type: ignore[no-untyped-def]
        for name, role, unit in (
            ("staff", "tester", "36"), ("reviewer", "tester", "36"), ("hr-second", "reviewer", "3601"),
        ):  # fmt: skip
            key = world.account_id(name)
            session.add(RoleGrant(account_id=key, role=role, unit_code=unit, granted_at=world.NOW))
        session.get_one(Account, world.account_id("reviewer-2")).active = False
        session.get_one(Account, world.account_id("staff")).display_name = "Lantern"

    assert db.read_now(lambda session: len(session.exec(select(Proposal.id)).all())) == 4
    db.write_now(change)
    assert "Lantern" not in second.get("/accounts").text
    keys = db.read_now(lambda session: session.exec(select(Proposal.id).order_by(Proposal.id)).all())
    assert [second.post(f"/account-proposals/{key}/confirmation").status_code for key in keys] == [403, 403, 422, 403]
    assert "hr" not in [role for _, role, _ in roles("staff")]


def test_who_is_alone_decides_with_a_reason_on_the_trail(alone, roles, acts) -> None:  # type: ignore[no-untyped-def]
    alone.post(path_of("staff", "/grants"), data=form("hr", "36", reason=REASON))
    assert ("hr", "36") in [held[1:] for held in roles("staff")]
    assert ("proposal.alone", world.account_id("admin")) in acts("staff")


def test_nobody_gets_rid_of_the_second_pair_of_eyes(admin, roles) -> None:  # type: ignore[no-untyped-def]
    """Neither disabling the other administrator nor ending his role lets one decide alone at once."""
    admin.post(path_of("admin-second", "/suspension"))
    admin.post(path_of("staff", "/grants"), data=form("hr", "36", reason=REASON))
    admin.post(path_of("admin-second", "/reinstatement"))
    grant = roles("admin-second")[0][0]
    assert admin.post(path_of("admin-second", f"/grants/{grant}/end")).status_code == 303
    admin.post(path_of("staff", "/grants"), data=form("hr", "3601", reason=REASON))
    assert "hr" not in [role for _, role, _ in roles("staff")]


def test_the_last_administrator_stays(admin, second, roles) -> None:  # type: ignore[no-untyped-def]
    grant = roles("admin")[0][0]
    assert second.post(path_of("admin", f"/grants/{grant}/end")).status_code == 303
    mine = roles("admin-second")[0][0]
    assert second.post(path_of("admin-second", f"/grants/{mine}/end")).status_code == 403, (
        "nor does anybody strip himself"
    )


def test_the_last_one_of_a_unit_cannot_be_stripped_or_disabled(alone, client_for, db, roles) -> None:  # type: ignore[no-untyped-def]
    """Above him nobody, beside him nobody: an administrator of the whole province tries it on the only other one."""
    from audit_app.accounts import operations
    from audit_app.accounts.queries import proposals
    from audit_app.kit.errors import Conflict

    line = db.read_now(lambda session: operations.accounts.grant_lines(session, _actor(session), "acc-admin"))
    with pytest.raises(Conflict, match="last administrator"):
        db.write_now(operations._keep_one, line)
    assert len(db.write_now(proposals.lock_administrators)) == 2  # ours and the one of the other province


def _actor(session):  # type: ignore[no-untyped-def]
    from audit_app.access.queries import actor_named
    from audit_app.organisation.queries import grants_of

    return actor_named(session, "admin", grants_of)


def test_the_tables_of_rules() -> None:
    assert {role for role in GRANTABLE if guarded(role)} >= {"hr", "admin"}
    assert "tester" not in GRANTABLE
    assert clash(["supervisor"], "reviewer") == ""
    assert clash(["hr"], "auditor") == "hr"
    assert clash(["admin"], "programme_office") == "admin"
    ends = {status for status, following in PROPOSAL.items() if not following}
    assert ends == {"confirmed", "refused"}
