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
