"""Mingcha: service-experience inspections, reviews and pay scorecards.

SQLite before 3.51.3 can corrupt its write-ahead log, and the standard library may carry such a version; the driver that
we ship is put in its place before anything else imports it.
"""

import sys

import pysqlite3
from pysqlite3 import dbapi2

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = dbapi2

MINIMUM_SQLITE = (3, 51, 3)

if dbapi2.sqlite_version_info < MINIMUM_SQLITE:  # pragma: no cover - only on a broken installation
    sys.exit(f"SQLite {dbapi2.sqlite_version} can corrupt its log; at least 3.51.3 is needed (audit-app doctor).")
