import pytest


@pytest.fixture(autouse=True)
def _ready_for_pages(settings):
    """Whitenoise warns where nothing was collected; a password's hash must not cost half a second a person."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
