"""What other rooms may want to know. Sent inside the transaction that makes it true."""

from django.dispatch import Signal

study_changed = Signal()  # study=, event= launched, paused, resumed, completed or cancelled
study_completed = Signal()  # study=
study_duplicated = Signal()  # study= the copy, original=
