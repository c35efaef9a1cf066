"""Which numbers a server may be made to call, in every writing; and services that lead somewhere else than they say."""

from __future__ import annotations

import ipaddress
import socket

import httpx
import pytest

from inference.engines import addresses, service
from inference.engines.parameters import HttpParameters
from inference.engines.protocols import EngineError

INSIDE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::7f00:1",
    "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:a00:1::1", "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
]  # fmt: skip


@pytest.mark.parametrize("number", INSIDE)
def test_a_number_inside_is_inside_in_every_writing(number):
    assert not addresses.is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize("number", ["93.184.215.14", "2606:4700::1111", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"])
def test_numbers_of_the_internet_are_public(number):
    assert addresses.is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize("written", ["2130706433", "0x7f.1", "127.1", "017700000001", "localhost"])
def test_a_number_in_disguise_is_judged_by_what_it_stands_for(written):
    assert addresses.public_numbers_of(written, 80) == []


def names(monkeypatch, *numbers: str) -> None:
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443)) for number in numbers]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: places)


@pytest.fixture
def generator(monkeypatch):
    monkeypatch.setenv(service.ALLOWED, "https://generator.example")
    monkeypatch.delenv(service.INSIDE, raising=False)
    return service.HttpGenerator(parameters=HttpParameters(url="https://generator.example/make", retries=0))


def test_a_service_whose_name_leads_inside_is_not_called(generator, monkeypatch):
    names(monkeypatch, "93.184.215.14", "169.254.169.254")

    with pytest.raises(EngineError, match=r"leads to a private address.*AUDIONESE_SERVICES_PRIVATE"):
        generator.generate(["rain"], [1], 1.0)


def test_it_is_called_at_the_number_that_was_judged_and_by_its_name(generator, monkeypatch):
    names(monkeypatch, "93.184.215.14")
    asked = []

    def stream(client, method, url, **how):
        told = how["headers"]["host"], how["extensions"]["sni_hostname"], client.follow_redirects
        asked.append((str(url), *told))
        raise httpx.ConnectError("far away")

    monkeypatch.setattr(service.httpx.Client, "stream", stream)
    with pytest.raises(EngineError, match="did not answer"):
        generator.generate(["rain"], [1], 1.0)
    assert asked == [("https://93.184.215.14/make", "generator.example", "generator.example", False)]


def test_the_operator_may_allow_it(generator, monkeypatch):
    names(monkeypatch, "10.0.0.5")
    monkeypatch.setenv(service.INSIDE, "on")

    assert str(generator._judged()[0]) == "https://generator.example/make"
