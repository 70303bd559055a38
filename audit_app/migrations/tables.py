"""Imports every package's tables, so that the metadata is whole."""

import audit_app.access.models
import audit_app.accounts.models
import audit_app.analytics.models
import audit_app.appeals.models
import audit_app.auditing.models
import audit_app.jobs.models
import audit_app.notices.models
import audit_app.organisation.models
import audit_app.personal.models
import audit_app.planning.models
import audit_app.reporting.models
import audit_app.review.models
import audit_app.standards.models
import audit_app.testers.models
import audit_app.trail.models
import audit_app.visits.models  # noqa: F401
from audit_app.kit.db import SQLModel

METADATA = SQLModel.metadata
