"""Migrations from a database that holds rows already."""

import pytest
import sqlalchemy as sa
from alembic import command

from audit_app.kit.db import Database, Session
from audit_app.migrations import configuration, current, upgrade

pytestmark = pytest.mark.data


def test_what_is_there_can_be_found_by_pinyin(empty: Database) -> None:
    command.upgrade(configuration(empty), "0001")

    def fill(session: Session) -> None:
        run = session.connection().exec_driver_sql
        run("INSERT INTO org_unit (code, name, level, path, active) VALUES ('36', 'x', 'province', '36/', TRUE)")
        run(
            "INSERT INTO touchpoint (id, code, kind, name, unit_code, unit_path, address, opens, closes, active) "
            "VALUES ('t', 'YT1', 'hall', '\u53e0\u5c71\u8def', '36', '36/', '', '09:00', '18:00', TRUE)"
        )
        run(
            "INSERT INTO staff_member (id, code, name, touchpoint_id, badge, job, joined_on) "
            "VALUES ('s', 'YG1', '\u6797\u6653\u96e8', 't', 'B7', '', '2026-01-01')"
        )

    empty.write_now(fill)
    upgrade(empty)
    assert current(empty)
    with empty.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT search FROM touchpoint UNION ALL SELECT search FROM staff_member"))
        place, person = [set(text.split("\n")) for text in found.scalars()]
    assert {"yt1", "dieshanlu", "dsl"} <= place
    assert {"yg1", "b7", "linxiaoyu", "lxy"} <= person


def test_of_equal_roles_the_first_holds_on(empty: Database) -> None:
    command.upgrade(configuration(empty), "0013")

    def fill(session: Session) -> None:
        run = session.connection().exec_driver_sql
        run("INSERT INTO org_unit (code, name, level, path, active) VALUES ('36', 'x', 'province', '36/', TRUE)")
        run(
            "INSERT INTO account (id, username, display_name, password_hash, locale, theme, active, demo, created_at) "
            "VALUES ('a', 'a', 'A', '', 'zh', '', TRUE, FALSE, '2026-01-01 00:00:00')"
        )
        for key, role, day, ended in (
            ("1", "hr", "05", "NULL"), ("2", "hr", "03", "NULL"), ("3", "hr", "01", "'2026-01-02 00:00:00'"),
            ("4", "admin", "04", "NULL"), ("5", "hr", "06", "NULL"),
        ):  # fmt: skip
            run(
                "INSERT INTO role_grant (id, account_id, role, unit_code, granted_at, revoked_at) "
                f"VALUES ('{key}', 'a', '{role}', '36', '2026-01-{day} 00:00:00', {ended})"
            )

    empty.write_now(fill)
    upgrade(empty)
    with empty.engine.connect() as connection:
        held = connection.execute(sa.text("SELECT id FROM role_grant WHERE revoked_at IS NULL ORDER BY id"))
        assert held.scalars().all() == ["2", "4"]
