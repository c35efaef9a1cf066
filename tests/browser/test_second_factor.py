"""A researcher sets up a second factor, keeps the codes, and signs in with one: on a phone and in the dark too."""

from __future__ import annotations

import base64
import re

import pytest
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.pages import DARK, DESKTOP, PHONE, picture

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page: Page) -> None:
    page.goto("/admin/")  # which leads to the one way in
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()


def shown(typed: str) -> str:
    """What an app shows that was told this key."""
    return f"{TOTP(base64.b32decode(typed.replace(' ', ''))).token():06}"


@pytest.mark.parametrize("device", [DESKTOP, PHONE | DARK], ids=["desktop", "phone"])
def test_from_the_picture_to_signing_in_with_a_recovery_code(browse, accessible, request, device):
    factories.user("ada", is_staff=True)
    name, page = request.node.callspec.id, browse(**device)
    page.goto("/login/")
    accessible(page)
    picture(page, f"sign-in-{name}")
    sign_in(page)
    page.goto("/account/second-factor/")
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    assert page.locator(".qr").evaluate("(image) => image.naturalWidth") > 100
    accessible(page)
    picture(page, f"set-up-{name}")
    page.get_by_label("Your password").fill("correct horse battery")
    page.get_by_label("Code").fill(shown(page.locator(".key").inner_text()))
    page.get_by_role("button", name="Turn it on").click()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10 and TOTPDevice.objects.get().confirmed
    accessible(page)
    picture(page, f"codes-{name}")

    page = browse(**device)
    sign_in(page)
    accessible(page)
    page.get_by_label("Code").fill("123 456")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    picture(page, f"code-{name}")
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))
    page.goto("/account/second-factor/")
    expect(page.get_by_text("9 recovery codes left")).to_be_visible()
    accessible(page)
    picture(page, f"second-factor-{name}")
