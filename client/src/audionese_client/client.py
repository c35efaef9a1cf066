"""Where everything begins: a server and a token."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

import httpx

from audionese_client.http import Connection
from audionese_client.study import Study

Told = dict[str, Any]


class Client:
    """url: of the server, as https://audionese.example; token: made in the admin under Accounts › API keys.

    Both may come from the environment as AUDIONESE_URL and AUDIONESE_TOKEN. timeout: seconds that one answer may take.
    """

    def __init__(self, url: str | None = None, token: str | None = None, timeout: float = 60.0) -> None:
        url, token = url or os.environ.get("AUDIONESE_URL"), token or os.environ.get("AUDIONESE_TOKEN")
        if not url or not token:
            raise ValueError("Say where and who: Client(url, token), or AUDIONESE_URL and AUDIONESE_TOKEN.")
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json, */*;q=0.5"},
            timeout=timeout,
            follow_redirects=True,
        )
        self._connection = Connection(self._http)

    def study(self, slug: str) -> Study:
        return Study(self._connection, self._connection.get(f"studies/{slug}"))

    def studies(self, status: str | None = None, team: str | None = None) -> Iterator[Study]:
        """Newest first."""
        for told in self._listed("studies", status=status, team=team):
            yield Study(self._connection, told)

    def create_study(
        self, *, team: str, prompt_set: str, recipe: str | Told, name: str | None = None, slug: str | None = None
    ) -> Study:
        """A draft. recipe: the name of a shipped one, or a whole one with the keys of its YAML."""
        wanted: Told = {"team": team, "prompt_set": prompt_set, "recipe": recipe, "name": name, "slug": slug}
        given = {key: value for key, value in wanted.items() if value is not None}
        return Study(self._connection, self._connection.post("studies", given))

    def prompt_set(self, slug: str) -> Told:
        return dict(self._connection.get(f"prompt-sets/{slug}"))

    def prompt_sets(self) -> Iterator[Told]:
        return self._listed("prompt-sets")

    def create_prompt_set(self, *, team: str, name: str, prompts: Sequence[Told | str], **more: Any) -> Told:
        """All of it, or an ApiError whose `fields` name the faulty prompts. prompts: texts, or objects with `text` and,
        if wanted, kind, split, scene, tags. more: slug, description, language, licence."""
        rows = [{"text": prompt} if isinstance(prompt, str) else prompt for prompt in prompts]
        return dict(self._connection.post("prompt-sets", {"team": team, "name": name, "prompts": rows, **more}))

    def _listed(self, path: str, **params: Any) -> Iterator[Told]:
        page = self._connection.get(path, **params)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self._connection.get(page["next"])

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
