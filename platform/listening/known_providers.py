"""The providers that every installation begins with. What a researcher changes in them stays changed."""

from __future__ import annotations

from typing import Any

KNOWN: list[dict[str, Any]] = [
    {
        "key": "prolific",
        "name": "Prolific",
        "person_parameter": "PROLIFIC_PID",
        "person_placeholder": "{{%PROLIFIC_PID%}}",
        "visit_parameters": {"STUDY_ID": "{{%STUDY_ID%}}", "SESSION_ID": "{{%SESSION_ID%}}"},
        "hand_in": "redirect",
        "completed_url": "https://app.prolific.com/submissions/complete?cc={code}",
        "one_code": True,
        "returned_statuses": ["RETURNED", "TIMED-OUT"],
    },
    {
        "key": "mturk",
        "name": "Amazon Mechanical Turk",
        "person_parameter": "workerId",
        "visit_parameters": {"assignmentId": "", "hitId": "", "turkSubmitTo": ""},
        "preview_parameter": "assignmentId",
        "preview_value": "ASSIGNMENT_ID_NOT_AVAILABLE",
        "hand_in": "mturk",
        "returned_statuses": ["Returned", "Abandoned"],
    },
    {
        "key": "crowd",
        "name": "Another platform",
        "person_parameter": "participant",
        "person_placeholder": "PARTICIPANT-ID",
        "returned_statuses": ["RETURNED", "TIMED-OUT"],
    },
    {"key": "volunteer", "name": "Open to volunteers"},
    {"key": "panel", "name": "Invited panel"},
]


def keep(sender, **kwargs) -> None:
    """After each migration to the newest state: adds those that are not there."""
    try:
        provider = kwargs.get("apps", sender.apps).get_model("listening", "Provider")
    except LookupError:  # an older state, on the way back
        return
    for row in KNOWN:
        provider.objects.get_or_create(key=row["key"], defaults=row)
