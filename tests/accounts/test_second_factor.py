"""The second factor: set up, asked for, lost, and asked for by a team."""

from __future__ import annotations

import base64
import re

import pytest
from django.core.management import call_command
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import ApiToken, AuditEntry, RecoveryCode, Team, User
from accounts.second_factor import factor, pending
from accounts.tries import OF_NAME_FROM_PLACE
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
PAGE = "/account/second-factor/"
CODE = "/account/code/"
KEY = "3132333435363738393031323334353637383930"


@pytest.fixture
def ada() -> User:
    return factories.user("ada", is_staff=True)


def app(key: str = KEY) -> str:
    """What an authenticator shows now."""
    return f"{TOTP(bytes.fromhex(key)).token():06}"


def next_code(user: User) -> str:
    """The code after the one that was just used, which works only once."""
    device = TOTPDevice.objects.get(user=user)
    totp = TOTP(device.bin_key, drift=device.drift)
    totp.drift += max(0, device.last_t + 1 - totp.t())
    return f"{totp.token():06}"


@pytest.fixture
def enrolled(ada) -> tuple[User, list[str]]:
    return ada, factor.confirm(user=ada, key=KEY, code=app())


def password(client, name: str = "ada", **more):
    return client.post("/login/", {"username": name, "password": PASSWORD, **more})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_it_is_set_up_with_what_the_picture_says(client, ada):
    client.force_login(ada)
    page = client.get(PAGE)
    key = re.search(r'class="key">([A-Z2-7 ]+)<', page.content.decode())[1]
    told = client.session["second_factor_key"]
    assert bytes.fromhex(told) == base64.b32decode(key.replace(" ", ""))

    wrong = client.post(PAGE, {"password": PASSWORD, "code": "000000"})
    assert "not right" in wrong.content.decode() and not TOTPDevice.objects.exists()
    done = client.post(PAGE, {"password": PASSWORD, "code": app(told)})

    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", done.content.decode())
    assert len(codes) == factor.CODES == RecoveryCode.objects.filter(user=ada).count()
    assert User.objects.get().second_factor_since and signed_in(client)
    assert "no-store" in done.headers["Cache-Control"]


def test_setting_it_up_takes_the_password(client, ada):
    client.force_login(ada)
    client.get(PAGE)
    client.post(PAGE, {"password": "guessed", "code": app(client.session["second_factor_key"])})

    assert not TOTPDevice.objects.exists()


def test_signing_in_then_takes_a_code_too(client, enrolled):
    user, _ = enrolled
    assert password(client, next="/admin/").url == CODE
    assert not signed_in(client) and client.get("/studies/").status_code == 302

    assert client.post(CODE, {"code": next_code(user)}).url == "/admin/"
    assert client.get("/studies/").status_code == 200


def test_the_admin_asks_for_it_too(client, enrolled):
    where = client.get("/admin/", follow=True).redirect_chain[-1][0]

    assert client.post(where, {"username": "ada", "password": PASSWORD, "next": "/admin/"}).url == CODE
    assert client.get("/admin/").status_code == 302


def test_a_code_works_once(client, enrolled):
    user, _ = enrolled
    code = next_code(user)
    password(client)
    client.post(CODE, {"code": code})
    client.logout()
    password(client)

    assert "not right" in client.post(CODE, {"code": code}).content.decode() and not signed_in(client)


@pytest.mark.parametrize("code", ["", "abc", "-1", "99999999999999999999", "１２３４５６", "0", "1e5", "null"])
def test_what_is_no_code_is_refused(client, enrolled, code):
    password(client)

    assert client.post(CODE, {"code": code}).status_code == 200 and not signed_in(client)


def test_after_five_wrong_codes_the_right_one_waits(client, enrolled):
    user, codes = enrolled
    password(client)
    for _ in range(OF_NAME_FROM_PLACE):
        client.post(CODE, {"code": "000000"})

    client.post(CODE, {"code": next_code(user)})
    client.post(CODE, {"code": codes[0]})
    assert not signed_in(client)


def test_a_code_without_the_password_signs_nobody_in(client, enrolled):
    assert client.post(CODE, {"code": next_code(enrolled[0])}).url == "/login/"


def test_ten_minutes_after_the_password_it_is_asked_for_again(client, enrolled):
    password(client)
    session = client.session
    session[pending.KEY] = {**session[pending.KEY], "until": 0}
    session.save()

    assert client.post(CODE, {"code": next_code(enrolled[0])}).url == "/login/"


def test_a_recovery_code_works_once_however_it_is_typed(client, enrolled):
    _, codes = enrolled
    password(client)
    client.post(CODE, {"code": codes[0].upper().replace("-", " ")})
    assert signed_in(client)
    client.logout()
    password(client)
    client.post(CODE, {"code": codes[0]})
    assert not signed_in(client)


def test_recovery_codes_are_not_readable_in_the_database(enrolled):
    stored = str(list(RecoveryCode.objects.values()))

    assert not any(code in stored or code.replace("-", "") in stored for code in enrolled[1])


def test_new_codes_and_giving_it_up_take_a_code(client, enrolled):
    user, codes = enrolled
    client.force_login(user)
    client.post(PAGE, {"code": "000000", "give_up": ""})
    assert TOTPDevice.objects.exists()

    new = client.post(PAGE, {"code": codes[0]}).content.decode()
    assert codes[1] not in new and not RecoveryCode.objects.filter(digest=RecoveryCode.digest_of(codes[1])).exists()
    fresh = re.findall(r"<code>([a-z2-7-]{19})</code>", new)[0]
    client.post(PAGE, {"code": fresh, "give_up": ""})
    assert not TOTPDevice.objects.exists() and not RecoveryCode.objects.exists()
    assert password(client).url == reverse("results:studies")


def test_setting_it_up_ends_sessions_elsewhere(client, django_client_factory, ada):
    elsewhere = django_client_factory()
    elsewhere.force_login(ada)
    client.force_login(ada)
    client.get(PAGE)
    client.post(PAGE, {"password": PASSWORD, "code": app(client.session["second_factor_key"])})

    assert client.get("/studies/").status_code == 200 and elsewhere.get("/studies/").status_code == 302


@pytest.fixture
def django_client_factory():
    from django.test import Client

    return Client


def test_a_team_that_asks_for_it_leads_its_members_there(client, ada):
    team = factories.team(ada)
    client.force_login(ada)
    assert client.get("/studies/").status_code == 200

    Team.objects.filter(pk=team.pk).update(second_factor=True)
    for where in ("/studies/", "/admin/", "/plan/"):
        assert client.get(where).url == PAGE
    assert client.get("/api/v1/studies").status_code == 403
    assert client.get(PAGE).status_code == 200
    assert "asks for" in client.get(PAGE).content.decode()


def test_a_setting_asks_it_of_everybody(client, ada, settings):
    client.force_login(ada)
    settings.SECOND_FACTOR_REQUIRED = True

    assert client.get("/studies/").url == PAGE
    factor.confirm(user=ada, key=KEY, code=app())
    client.force_login(User.objects.get())
    assert client.get("/studies/").status_code == 200


def test_keys_of_scripts_are_not_concerned(client, enrolled, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    user, _ = enrolled
    other = factories.user("grace")
    for owner in (user, other):
        key = ApiToken.issue(owner, "script")[1]
        assert client.get("/api/v1/studies", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_raters_never_hear_of_it(client, settings):
    settings.SECOND_FACTOR_REQUIRED = True

    assert client.get("/panel/sign-in/").status_code == 200


def test_an_administrator_takes_it_away_from_whoever_has_lost_it(client, enrolled):
    user, _ = enrolled
    root = factories.user("root", is_staff=True, is_superuser=True)
    client.force_login(root)
    body = {"action": "take_second_factor_away", "_selected_action": [user.pk]}
    client.post(reverse("admin:accounts_user_changelist"), body)

    assert not TOTPDevice.objects.exists() and User.objects.get(pk=user.pk).second_factor_since is None
    assert AuditEntry.objects.filter(text="Second factor of ada taken away.", by=root).exists()


def test_so_does_a_command_where_the_administrator_has_lost_it(enrolled, capsys):
    call_command("take_second_factor", "ada")

    assert "signs in by password" in capsys.readouterr().out and not TOTPDevice.objects.exists()


def test_no_page_of_the_admin_shows_what_a_device_was_told(client, enrolled):
    client.force_login(factories.user("root", is_staff=True, is_superuser=True))

    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
