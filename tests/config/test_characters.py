"""NUL, of which PostgreSQL has none, stays outside wherever it is written."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from config.characters import REFUSED
from tests import factories

pytestmark = pytest.mark.django_db
EIGHT = '"' + r"\000" * 8 + '"'  # as cookies write it


@pytest.mark.parametrize(
    "where", ["/listen/a%00b/", "/studies/?page=%00", "/panel/join/%00/", "/api/v1/studies?team=%00"]
)
def test_an_address_with_a_nul_is_refused_in_words(client, where):
    answer = client.get(where)
    assert (answer.status_code, answer.content.decode()) == (400, REFUSED)


def test_a_cookie_with_nuls_looks_nobody_up(client):
    client.cookies.load(f"sessionid={EIGHT}")
    assert client.get("/studies/", headers={"Cookie": f"sessionid={EIGHT}"}).status_code == 400


def test_a_form_with_a_nul_is_refused(client):
    assert client.post("/login/", {"username": "a\0", "password": "b"}).status_code == 400
    assert client.post("/login/", {"a\0": "b"}).status_code == 400


def test_the_content_of_a_file_is_its_reader_s_affair(client):
    researcher = factories.user(is_staff=True)
    client.force_login(researcher)
    made = factories.prompt_set(factories.team(researcher))
    where = reverse("admin:prompts_promptset_import", args=[made.pk])
    assert client.post(where, {"file": SimpleUploadedFile("p.csv", b"text\nra\0in\n")}).status_code == 302
    assert "NUL" in client.get(where + "preview/").content.decode()


def test_all_other_characters_come_in(client):
    assert client.get("/panel/join/ü💥²/").status_code == 404
    assert client.get("/studies/?page=💥").status_code == 302
