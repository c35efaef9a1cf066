"""A researcher's own account: the second factor, from its beginning to its end."""

from __future__ import annotations

import base64
import secrets

from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page

from accounts.models import User
from config.screenshots.camera import Studio
from config.screenshots.people import researcher


def take(studio: Studio) -> None:
    password = secrets.token_urlsafe(12)
    with researcher("noor", password=password) as user:
        wide = studio.camera(user=user)
        wide.take("second-factor-set-up", reverse("account:second_factor"))
        _prove(wide.go(reverse("account:second_factor")), password)
        wide.take("second-factor-recovery-codes")
        wide.take("second-factor", reverse("account:second_factor"))
        wide = studio.camera()
        _sign_in(wide.go(reverse("results:login")), user, password)
        wide.take("sign-in-code")
        TOTPDevice.objects.filter(user=user).delete()


def _prove(page: Page, password: str) -> None:
    """As an app would: the code of this half minute for the key that the page shows."""
    key = base64.b32decode(page.locator(".key").inner_text().replace(" ", ""))
    page.fill("[name=password]", password)
    page.fill("[name=code]", f"{totp(key):06}")
    page.get_by_role("button", name="Turn it on").click()


def _sign_in(page: Page, user: User, password: str) -> None:
    page.fill("[name=username]", user.get_username())
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{reverse('account:code')}")
