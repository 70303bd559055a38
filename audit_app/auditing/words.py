"""What acts and things are called (message ids). Whoever records a new act says here what it is called."""

from audit_app.access.rules import ROLE_NAMES

ACTS: dict[str, str] = {
    "account.created": "An account was made",
    "account.disabled": "An account was disabled",
    "account.enabled": "An account was enabled",
    "staff.viewed": "Somebody looked at a staff member",
    "account.viewed": "An administrator looked at an account",
    "account.password_changed": "The password was changed",
    "account.password_set": "A password was chosen by a link",
    "account.sessions_ended": "An administrator ended sign-ins",
    "account.totp_enrolled": "A code generator was set up",
    "account.totp_reset": "The second factor was reset",
    "account.name_refused": "A sign-in name was asked for that is taken",
    "account.rescued": "A link was made at the machine",
    "account.recovery_codes_made": "Recovery codes were made",
    "account.recovery_code_used": "A recovery code was used",
    "invitation.made": "A link was made",
    "invitation.withdrawn": "A link was withdrawn",
    "invitation.accepted": "A link was used",
    "role.granted": "A role was granted",
    "role.ended": "A role ended",
    "proposal.made": "A change was put before a second administrator",
    "proposal.alone": "The only administrator decided alone, with a reason",
    "proposal.confirmed": "A second administrator confirmed a change",
    "proposal.refused": "A change was turned down",
    "sign_in.done": "Somebody signed in",
    "sign_in.half": "Password right, code still owed",
    "sign_in.refused": "A sign-in was refused",
    "sign_in.delayed": "Too many attempts to sign in",
    "sign_out.done": "Somebody signed out",
    "session.revoked": "A sign-in was ended by its owner",
    "token.made": "A token was made",
    "token.revoked": "A token was revoked",
    "import.applied": "A file was imported",
    "import.errors_downloaded": "The wrong rows of a file were downloaded",
    "checklist.published": "A checklist was published",
    "checklist.retired": "A checklist was retired",
    "programme.created": "A programme was made",
    "programme.pool_set": "It was set how many must be eligible for a covert job",
    "round.created": "A round was made",
    "round.published": "A round was published",
    "round.closed": "A round was closed",
    "notice.given": "A notice to staff was given",
    "notice.acknowledged": "A notice was read",
    "assignment.created": "A job was planned",
    "assignment.offered": "A job was offered",
    "assignment.accepted": "A job was accepted",
    "assignment.declined": "A job was declined",
    "assignment.expired": "A job expired",
    "assignment.cancelled": "A job was cancelled",
    "assignment.place_merged": "A job passed to the entry of its place that was kept",
    "assignment.started": "A job was begun",
    "visit.received": "Answers arrived, evidence is missing",
    "visit.submitted": "A visit was sent in full",
    "visit.returned": "A visit was returned",
    "visit.approved": "A visit was approved",
    "visit.released": "A result was released",
    "visit.voided": "A visit was voided",
    "visit.subject_resolved": "It was said whom a visit scores",
    "review.opened": "A review was opened",
    "review.given": "A review was given out",
    "review.taken": "A review was taken over",
    "review.put_back": "A review was put back",
    "review.overlaid": "A score was changed in review",
    "review.went_on": "A review went on without evidence",
    "flag.raised": "A flag was raised",
    "flag.settled": "A flag was settled",
    "opinion.given": "A second reviewer was asked",
    "visit.evidence_asked": "The assessor was asked for missing evidence",
    "visit.evidence_overdue": "Evidence is overdue",
    "visit.return_expired": "A returned visit was not answered in time",
    "change.asked": "A second reviewer was asked about a change of score",
    "change.confirmed": "A second reviewer confirmed a change of score",
    "change.refused": "A second reviewer turned a change of score down",
    "change.withdrawn": "A question about a change of score was withdrawn",
    "void.asked": "A second reviewer was asked to void a visit",
    "void.confirmed": "A second reviewer confirmed a void",
    "void.refused": "A second reviewer turned a void down",
    "void.withdrawn": "A request to void a visit was withdrawn",
    "visit.rescored": "A score was made anew",
    "visit.final": "A result became final",
    "visit.void_overturned": "A void was overturned",
    "visit.subject_unresolved": "It was left open whom a visit scores",
    "result.acknowledged": "A scored person acknowledged a result",
    "explanation.asked": "A scored person asked for an explanation",
    "explanation.answered": "An explanation was given",
    "result.read": "A result was read",
    "explanation.read": "A question about a result was read",
    "staff.move_planned": "A move of a staff member was planned",
    "staff.move_cancelled": "A move of a staff member was cancelled",
    "staff.moved": "A staff member moved",
    "staff.merged": "Two entries of a staff member were merged",
    "touchpoint.move_planned": "A move of a touchpoint was planned",
    "touchpoint.move_cancelled": "A move of a touchpoint was cancelled",
    "touchpoint.moved": "A touchpoint moved",
    "touchpoint.merged": "Two entries of a touchpoint were merged",
    "import.report_downloaded": "The report of an import was downloaded",
    "appeal.filed": "An appeal was filed",
    "appeal.taken_further": "An appeal was taken further",
    "appeal.withdrawn": "An appeal was withdrawn",
    "appeal.evidence_opened": "Evidence of an appeal was opened",
    "appeal.panel_seated": "A panel was seated",
    "appeal.panel_left": "A member left a panel",
    "appeal.voted": "A member of a panel voted",
    "appeal.decided": "An appeal was decided",
    "appeal.closed": "An appeal was closed",
    "appeal.overdue": "An appeal is overdue",
    "overview.downloaded": "The overview was downloaded",
    "recheck.confirmed": "The low score was found right",
    "recheck.revisit": "A low score leads to another visit",
    "redaction.made": "Boxes were painted over a photo",
    "redaction.looked_at": "A painted photo was looked at",
    "redaction.releasable": "A painted photo was let out to the outlet",
    "redaction.withheld": "A painted photo was kept back",
    "redaction.undone": "The boxes of a photo were taken away",
    "identity.asked": "A tester's name was asked for",
    "identity.granted": "A tester's name was opened for an hour",
    "identity.refused": "A request for a tester's name was refused",
    "identity.ended": "A permit for a tester's name ended",
    "identity.looked_up": "A tester's name was looked up",
    "scorecard.downloaded": "A scorecard was downloaded",
    "report_run.started": "A batch of scorecards was asked for",
    "report_run.retried": "A batch was retried",
    "report_run.cancelled": "A batch was cancelled",
    "report_run.ready": "A batch is ready",
    "report_run.failed": "A batch failed",
    "report_run.downloaded": "A batch was downloaded",
    "trail.exported": "Lines of the trail were exported",
    "verification.started": "A verification was started",
    "verification.whole": "Verification: the trail is whole",
    "verification.broken": "Verification: the trail is broken",
}

KINDS: dict[str, str] = {
    "account": "Account",
    "session": "Sign-in",
    "token": "Token",
    "import_run": "Import",
    "report_run": "Batch of scorecards",
    "scorecard": "Scorecard",
    "checklist_version": "Checklist version",
    "trail": "Trail",
    "verification": "Verification",
    "visit": "Visit",
    "assignment": "Assignment",
    "round": "Round",
    "programme": "Programme",
    "appeal": "Appeal",
    "org_unit": "Org unit",
    "staff": "Staff member",
    "touchpoint": "Touchpoint",
    "assessor": "Tester",
    "identity_permit": "Request for a tester's name",
}

FAULTS: dict[str, str] = {
    "edited": "A line was changed",
    "broken": "A line does not follow the one before",
    "cut": "A signed line is gone",
    "rewritten": "A signed line was another",
    "head": "The end of the chain does not agree",
    "signature": "A signature is not valid",
    "unsealed": "A line waits for its seal for too long",
}


class TrailWords:
    """For the screens: message ids of acts, kinds and faults; what has no word is shown by its code."""

    @staticmethod
    def act_name(act: str) -> str:
        return ACTS.get(act, act)

    @staticmethod
    def kind_name(kind: str) -> str:
        return KINDS.get(kind, kind)

    @staticmethod
    def fault_name(code: str) -> str:
        return FAULTS.get(code, code)

    @staticmethod
    def role_name(role: str) -> str:
        return ROLE_NAMES.get(role, role)

    @property
    def acts(self) -> dict[str, str]:
        return ACTS

    @property
    def kinds(self) -> dict[str, str]:
        return KINDS
