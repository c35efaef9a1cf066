"""Two teams, each with a draft and a complete study and everything that hangs on them, and everybody who may ask."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, AuditEntry, ConsentText, Membership, PanelMember, RaterAccount, Team, User
from accounts.panels.links import token_for
from listening import consent
from listening.actions.begin_session import begin_session
from listening.actions.check_headphones import begin_check
from listening.actions.decide import decide
from listening.actions.open_trials import open_trials
from listening.actions.take_trial import take_trial
from listening.models import HeadphoneCheck, ListeningTest, Presentation, Provider, Session, Vote
from listening.panel.signed_in import ACCOUNT, HASH
from listening.pseudonyms import pseudonym
from listening.quality.rules import Finding
from listening.views.page import COOKIE, SALT
from prompts.actions import keep_upload
from prompts.models import Prompt, PromptSet
from results import drawing
from results.models import Delivery, Webhook
from studies import actions
from studies.models import Arm, Checkpoint, Clip, EngineSpec, Rewrite, Score, Study, TextEmbedding, Worker
from studies.models.work import identity_of
from tests import factories
from tests.accounts.panels import invited, member, panel
from tests.listening.raters import consented, serve, take_and_vote

NAME = "Zebrafinch"  # in everything that team A has written
OTHER = "Nightjar"  # in everything of team B
NAMES_PERSON = "zebrafinch-voter-7"  # what the provider calls one of team A's raters
RATERS = ("rater", "other rater")


@dataclass
class Estate:
    """What a team owns."""

    team: Team
    draft: Study
    complete: Study
    session: Session
    account: RaterAccount
    invited: PanelMember
    open_pair: Presentation
    check: HeadphoneCheck
    checkpoint: Checkpoint
    embedding: TextEmbedding


@dataclass
class World:
    """values: what fills addresses and forms. secrets: what nobody outside team A may read. keys: for the API."""

    mine: Estate
    theirs: Estate
    people: dict[str, User]
    clients: dict[str, Client]
    values: dict[str, object]
    secrets: list[str]
    keys: dict[str, str]

    def __post_init__(self) -> None:
        self._cookies = {role: deepcopy(client.cookies) for role, client in self.clients.items()}

    def client(self, role: str) -> Client:
        """A browser as it was when the world was made."""
        self.clients[role].cookies = deepcopy(self._cookies[role])
        return self.clients[role]


def build() -> World:
    mine, people = estate(factories.team(), NAME), {}
    for role, held in (("guest", "viewer"), ("viewer", "viewer"), ("editor", "editor"), ("owner", "owner")):
        people[role] = factories.user(f"{NAME}-{role}".lower(), is_staff=True)
        Membership.objects.create(team=mine.team, user=people[role], role=held)
    people |= {role: factories.user(role, is_staff=True) for role in ("teamless", "stranger")}
    people["administrator"] = factories.user("administrator", is_staff=True, is_superuser=True)
    theirs = estate(factories.team(people["stranger"]), OTHER)
    Membership.objects.create(team=theirs.team, user=people["guest"], role="owner")
    Worker.objects.create(name="worker@host", started_at=timezone.now(), seen_at=timezone.now())
    _history(mine, people)
    issued = {role: ApiToken.issue(user, f"{role}'s script") for role, user in people.items()}
    return World(
        mine=mine,
        theirs=theirs,
        people=people,
        clients=browsers(people, mine, theirs),
        values=values(mine, people["owner"], issued["owner"][0])
        | {f"their.{name}": value for name, value in values(theirs, people["stranger"], issued["stranger"][0]).items()},
        secrets=secrets(mine),
        keys={role: key for role, (_token, key) in issued.items()},
    )


def estate(team: Team, name: str) -> Estate:
    """The draft's prompts can be changed; those of the complete study are frozen."""
    Team.objects.filter(pk=team.pk).update(name=f"{name} team", slug=f"{name}-team".lower())
    team.refresh_from_db()
    draft, complete = study(team, name, "draft"), factories.complete(study(team, name, "complete"))
    PromptSet.objects.filter(pk=complete.prompt_set_id).update(frozen_at=timezone.now())
    open_trials(study=complete)
    listeners = panel(team, name=f"{name} panel")
    account = member(listeners, f"{name}-anna@example.org".lower())
    _session, pair, check = _listening(complete, account)
    done = consented(complete, name=f"{name}-voter-7".lower())
    for one in (done, consented(complete, name=f"{name}-voter-8".lower())):
        while take_and_vote(one):
            pass
    decide(session=done, about="pay", value=True, reasons=[Finding("hand", f"{name} liked it.")])
    Session.objects.filter(pk=done.pk).update(comment=f"{name} says hello.")
    arm = complete.arms.exclude(rewriter=None).get()
    checkpoint = Checkpoint.objects.create(identity=identity_of(of=name), arm=arm, rewriter=arm.rewriter)
    embedding = TextEmbedding.objects.create(
        identity=identity_of(text=name), scorer=complete.feedback_scorer, text=f"{name} text"
    )
    embedding.arms.add(arm)
    hook = Webhook.objects.create(team=team, url=f"https://{name}.example/hook".lower(), events=["study.completed"])
    Delivery.objects.create(webhook=hook, event="study.completed", study=complete, body="{}", next_at=timezone.now())
    Clip.objects.filter(renderings__candidate__arm=arm).update(worker=f"{name}-host".lower())
    return Estate(
        team=team,
        draft=draft,
        complete=complete,
        session=done,
        account=account,
        invited=invited(listeners, f"{name}-ben@example.org".lower()),
        open_pair=pair,
        check=check,
        checkpoint=checkpoint,
        embedding=embedding,
    )


def study(team: Team, name: str, which: str) -> Study:
    prompts = factories.prompt_set(team, test=2, train=1, expert=1)
    Prompt.objects.filter(prompt_set=prompts).update(text=Concat(Value(f"{name} "), F("text")))
    PromptSet.objects.filter(pk=prompts.pk).update(
        name=f"{name} {which} prompts", slug=f"{name}-{which}-prompts".lower()
    )
    prompts.refresh_from_db()
    titles = {"name": f"{name} {which}", "slug": f"{name}-{which}".lower()}
    made = factories.study(team, prompt_set=prompts, description=f"{name} asks.", **titles)
    Arm.objects.filter(study=made).update(name=Concat(Value(f"{name} "), F("name")))
    return made


def _listening(complete: Study, account: RaterAccount) -> tuple[Session, Presentation, HeadphoneCheck]:
    """A panel's member with sounds before them, and with a headphone check that is open."""
    now = timezone.now() - timedelta(minutes=1)
    session = begin_session(
        study=complete,
        provider=account.rater.provider,
        external_id=account.rater.external_id,
        consent=consent.text(complete),
        arrival={},
        now=now,
    )
    pair = take_trial(session=session, now=now)
    serve(pair, now)
    ListeningTest.objects.filter(study=complete).update(headphones="antiphase")
    session.refresh_from_db()
    check = begin_check(session=session, now=now)
    factories.bare(complete)
    return session, pair, check


def _history(mine: Estate, people: dict[str, User]) -> None:
    """Who did what, and files that wait to be imported."""
    for made in (mine.draft, mine.complete):
        actions.note(study=made, by=people["editor"], text=f"{NAME} was renamed.")
    for user in people.values():
        LogEntry.objects.log_actions(user.pk, EngineSpec.objects.filter(pk=mine.draft.generator_id), 2, "Looked at.")
        keep_upload(by=user, prompt_set=mine.draft.prompt_set, name="more.csv", content=b"text\nan organ at dusk\n")


def browsers(people: dict[str, User], mine: Estate, theirs: Estate) -> dict[str, Client]:
    made = {role: Client(raise_request_exception=False) for role in ("anonymous", *people, *RATERS)}
    for role, user in people.items():
        made[role].force_login(user)
    for role, account in zip(RATERS, (mine.account, theirs.account), strict=True):
        signed = signing.get_cookie_signer(salt=COOKIE + SALT).sign(str(account.rater_id))
        made[role].cookies[COOKIE] = signed
        session = made[role].session
        session[ACCOUNT], session[HASH] = account.pk, account.get_session_auth_hash()
        session.save()
    return made


def values(mine: Estate, user: User, token: ApiToken) -> dict[str, object]:
    """By the names that the table gives to an address's arguments."""
    complete, draft = mine.complete, mine.draft
    clip = Clip.objects.filter(renderings__candidate__arm__study=complete).first()
    pairs = mine.open_pair.playbacks
    return {
        "draft": draft.pk,
        "draft.slug": draft.slug,
        "draft.prompts.slug": draft.prompt_set.slug,
        "complete.prompts.slug": complete.prompt_set.slug,
        "team.slug": mine.team.slug,
        "draft.prompts": draft.prompt_set_id,
        "draft.prompt": draft.prompt_set.prompts.first().pk,
        "complete": complete.pk,
        "complete.slug": complete.slug,
        "complete.prompts": complete.prompt_set_id,
        "complete.prompt": complete.prompt_set.prompts.first().pk,
        "loose.prompts": factories.prompt_set(mine.team, test=1, train=0, expert=0).pk,
        "draft.arm": draft.arms.first().pk,
        "question": complete.listening_questions.first().pk,
        "membership": mine.team.memberships.first().pk,
        "complete.type": ContentType.objects.get_for_model(Study).pk,
        "test": complete.listening_test.pk,
        "session": mine.session.pk,
        "vote": Vote.objects.filter(presentation__session=mine.session).first().pk,
        "team": mine.team.pk,
        "webhook": mine.team.webhooks.get().pk,
        "delivery": Delivery.objects.get(webhook__team=mine.team).pk,
        "panel": mine.team.panels.get().pk,
        "member": mine.invited.pk,
        "invitation": mine.invited.token,
        "user": user.pk,
        "token": token.pk,
        "audit": AuditEntry.objects.filter(by=user).first().pk,
        "rater": mine.session.rater_id,
        "consent": ConsentText.objects.first().pk,
        "provider": Provider.objects.get(key="prolific").pk,
        "engine": draft.generator_id,
        "scorer": complete.feedback_scorer_id,
        "rewrite": Rewrite.objects.filter(candidates__arm__study=complete).first().pk,
        "clip": clip.pk,
        "score": Score.objects.filter(clip=clip).first().pk,
        "embedding": mine.embedding.pk,
        "checkpoint": mine.checkpoint.pk,
        "sound": pairs.get(letter="a").token,
        "pair": mine.open_pair.token,
        "check": mine.check.token,
        "checksum": consent.checksum(consent.text(complete)),
        "link": token_for(mine.account),
        "renderer": drawing.renderer_version(),
    }


def secrets(mine: Estate) -> list[str]:
    """What nobody outside team A may read: its name is in everything; sounds and raters go by numbers and tokens."""
    clips = Clip.objects.filter(renderings__candidate__arm__study=mine.complete)
    sessions = list(mine.complete.rater_sessions.all())
    found = [NAME.lower()]
    found += [reverse("results:clip", args=[mine.complete.slug, clip.pk]) for clip in clips]
    found += [reverse("admin:studies_clip_audio", args=[clip.pk]) for clip in clips]
    found += [pseudonym(mine.complete, session.rater_id) for session in sessions]
    found += [session.token for session in sessions] + [s.completion_code for s in sessions if s.completion_code]
    found += [mine.account.rater.external_id, mine.invited.token]
    return found
