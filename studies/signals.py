"""What other rooms may want to know. Sent inside the transaction that makes it true."""

from django.dispatch import Signal

study_completed = Signal()  # study=
