"""What a rater is called wherever they are not paid: a keyed hash, another one in every study."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from studies.models import Study


def pseudonym(study: Study, rater: int) -> str:
    """16 hexadecimal digits: the same rater in the same study, and nothing else to be learned from them."""
    return salted_hmac(f"export:{study.slug}", str(rater), algorithm="sha256").hexdigest()[:16]
