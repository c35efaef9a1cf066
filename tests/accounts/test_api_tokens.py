"""Keys for scripts: shown once, kept as a hash, everybody's own."""

import re

import pytest
from django.urls import reverse

from accounts.models import ApiToken
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def researcher(client):
    user = factories.user("researcher", is_staff=True)
    client.force_login(user)
    return user


def issue(client, **data) -> tuple[ApiToken, str, object]:
    response = client.post(reverse("admin:accounts_apitoken_add"), {"name": "notebook", "scopes": ["read"], **data})
    (key,) = set(re.findall(r"aud_[\w-]+", response.content.decode()))
    return ApiToken.objects.get(), key, response


def test_the_key_is_shown_once_and_only_its_hash_is_kept(client, researcher):
    token, key, response = issue(client)

    assert token.digest == ApiToken.digest_of(key)
    assert key not in str(vars(token))
    assert "no-store" in response.headers["Cache-Control"]
    assert key not in str(response.cookies)
    for page in (
        reverse("admin:accounts_apitoken_changelist"),
        reverse("admin:accounts_apitoken_change", args=[token.pk]),
    ):
        content = client.get(page).content.decode()
        assert key not in content
        assert token.digest not in content


def test_a_researcher_issues_for_themselves_only(client, researcher):
    token, _, _ = issue(client, user=factories.user().pk)

    assert token.user == researcher


def test_an_administrator_may_issue_for_another(admin_client):
    user = factories.user()

    assert issue(admin_client, user=user.pk)[0].user == user


def test_others_tokens_are_absent(client, researcher):
    token, _ = ApiToken.issue(factories.user(), "theirs")

    assert client.get(reverse("admin:accounts_apitoken_change", args=[token.pk])).status_code == 404
    client.post(reverse("admin:accounts_apitoken_delete", args=[token.pk]), {"post": "yes"})
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_an_own_token_is_renamed_and_deleted(client, researcher):
    token, key, _ = issue(client)

    client.post(reverse("admin:accounts_apitoken_change", args=[token.pk]), {"name": "laptop", "scopes": ["read"]})
    token.refresh_from_db()
    assert (token.name, token.digest) == ("laptop", ApiToken.digest_of(key))
    client.post(reverse("admin:accounts_apitoken_delete", args=[token.pk]), {"post": "yes"})
    assert not ApiToken.objects.exists()
