"""Who may see and do what: a row for every address of the site.

To add an address, add a line: its full name (`room:name`), what fills its arguments (names of `access_world.values`,
separated by blanks; words that are none stand for themselves), and the answers to GET and to POST. For a model of the
admin, one line of `model(...)` is six addresses. An address may have several rows: a tuple of them.

The answers, in the order of ROLES; where a row says nothing of them, raters are answered as somebody unknown, and a
guest as a viewer:

    ok         shown, or led on; nothing changes
    done       the same, and something was written
    login      asked to sign in
    door       led to where raters come in
    absent     404, as if it had never existed
    forbidden  403: it is known to be there, but not for them
    method     405
    or another status by its number, as in 401
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from results.records import RECORDS

ROLES = (
    "anonymous",
    "teamless",  # a researcher of no team
    "stranger",  # the owner of team B
    "viewer",  # of team A, as are the next two
    "editor",
    "owner",
    "administrator",
    "rater",  # of team A's complete study, and of its panel
    "other rater",  # of team B's
    "guest",  # a viewer of team A who owns team B
)
FILE = "a file of prompts"
Answers = dict[str, str]


def who(words: str, rater: str = "", other: str = "", guest: str = "") -> Answers:
    """One word for all, or one for each of the first seven roles."""
    given = words.split()
    given = given * 7 if len(given) == 1 else given
    return dict(zip(ROLES, [*given, rater or given[0], other or given[0], guest or given[3]], strict=True))


@dataclass(frozen=True)
class Row:
    """fill: of the address's arguments. form: POST sends the page's own form, filled as it stands.

    body: of POST; a value that begins with $ is one of the world's. public: read by whoever has the address, so that
    team A's own words may stand there. untouched: a model and a value of the world, the row that must stay as it is.
    """

    fill: str = ""
    get: Answers = field(default_factory=dict)
    post: Answers = field(default_factory=dict)
    query: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    form: bool = False
    public: bool = False
    untouched: str = ""


# Pages
EVERYBODY = who("ok")
SIGNED_IN = who("login ok ok ok ok ok ok")
MEMBERS = who("login absent absent ok ok ok ok")
EDITORS = who("login absent absent forbidden ok ok ok")
MEMBERS_DO = who("login absent absent done done done done")
EDITORS_DO = who("login absent absent forbidden done done done")
EDITORS_DO_NOT_YET = who("login absent absent forbidden ok ok ok")  # too few have voted
OWNERS = who("login absent absent forbidden forbidden ok ok")
OWNERS_DO = who("login absent absent forbidden forbidden done done")
NOBODY = who("login absent absent forbidden forbidden forbidden forbidden")
NO_POST = who("login method method method method method method")
NO_METHOD = who("method")
# Lists and empty forms: those of a researcher's own teams, whoever they are
RESEARCHERS = who("login forbidden ok ok ok ok ok")
CHANGERS = who("login forbidden ok forbidden ok ok ok", guest="ok")
CHANGERS_DO = who("login forbidden ok forbidden done done done", guest="ok")  # for team A: others cannot choose it
ENGINES_DO = who("login forbidden done forbidden done done done", guest="done")
ADMINISTRATORS = who("login forbidden forbidden forbidden forbidden forbidden ok")
ADMINISTRATORS_DO = who("login forbidden forbidden forbidden forbidden forbidden done")
CLOSED = who("login forbidden forbidden forbidden forbidden forbidden forbidden")
# Scripts
API = who("401 absent absent ok ok ok ok")
API_LIST = who("401 ok ok ok ok ok ok")
API_POST = who("401 method method method method method method")
API_GET = API_POST
API_MAKES = who("401 400 400 400 done done done")  # team A's, which others cannot name
API_DOES = who("401 absent absent forbidden done done done")
API_CONFLICTS = who("401 absent absent forbidden 409 409 409")  # it is over, or not begun


def model(
    name: str,
    fill: str,
    listed: Answers = RESEARCHERS,
    add: tuple[Answers, Answers] = (CLOSED, CLOSED),
    seen: Answers = MEMBERS,
    change: Answers = NOBODY,
    delete: tuple[Answers, Answers] = (NOBODY, NOBODY),
    new: dict[str, str] | None = None,
    **body: str,
) -> dict[str, Row]:
    """The six addresses of a model in the admin. new: what adding one sends. body: changed in the form as it stands."""
    app, one = name.split("_")
    return {
        f"admin:{name}_changelist": Row(get=listed, post=listed),
        f"admin:{name}_add": Row(get=add[0], post=add[1], body=new or {}),
        f"admin:{name}_change": Row(fill, seen, change, form=True, body=body),
        f"admin:{name}_delete": Row(fill, delete[0], delete[1], body={"post": "yes"}),
        f"admin:{name}_history": Row(fill, seen, seen),
        f"/admin/{app}/{one}/<path:object_id>/": Row(fill, SIGNED_IN, SIGNED_IN),  # leads on to `change`
    }


def also(rows: dict[str, Row], **more: Row) -> dict[str, Row]:
    """The rows of a model with further ones for its complete study or frozen set, by view."""
    found = {name: next((row for view, row in more.items() if name.endswith(f"_{view}")), None) for name in rows}
    return {name: (row, found[name]) if found[name] else row for name, row in rows.items()}  # type: ignore[misc]


NEW_HOOK = {"team": "$team", "url": "https://hook.example/", "events": "study.completed", "active": "on"}
NEW_ARM = {"arms-TOTAL_FORMS": "1", "arms-INITIAL_FORMS": "0", "arms-0-key": "original", "arms-0-name": "Original",
           "arms-0-method": "original", "arms-0-parameters": "{}", "arms-0-position": "0"}  # fmt: skip
NEW_STUDY = {
    "name": "New", "slug": "new-study", "team": "$team", "prompt_set": "$draft.prompts", "generator": "$engine",
    "feedback_scorer": "$scorer", "evaluation_scorer": "$scorer", "evaluation_kind": "open", "evaluation_split": "test",
    "evaluation_takes": "1", "feedback_takes": "1", "seconds": "1", "seed": "1", "failure_limit": "0.1",
    "listening_pairs": "", "listening_prompts": "2", "votes_per_trial": "1", "trials_per_session": "1", **NEW_ARM,
}  # fmt: skip
NEW_SET = {"name": "New", "slug": "new-set", "team": "$team", "language": "en"}
NEW_PROMPT = {"prompt_set": "$draft.prompts", "text": "an organ at dusk", "kind": "open", "split": "test"}
NEW_ENGINE = {"name": "New", "slug": "new", "kind": "generator", "engine": "sandbox-synthesiser", "parameters": "{}"}
NEW_TEAM = {"name": "New", "slug": "new-team", "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0",
            "memberships-0-user": "administrator", "memberships-0-role": "owner"}  # fmt: skip
PASSWORDS = {"usable_password": "true", "password1": "a heron over the marsh", "password2": "a heron over the marsh"}
NEW_USER = {"username": "new", "usable_password": "false", "is_staff": "on"}

TEAM = {
    "add": (CHANGERS, CHANGERS_DO),
    "change": EDITORS_DO,
    "delete": (EDITORS, EDITORS_DO),
}
TEAMS_OWN = {"add": (ADMINISTRATORS, ADMINISTRATORS_DO), "change": OWNERS_DO}
HIDDEN = who("login absent absent absent absent absent ok")
HIDDEN_DO = who("login absent absent absent absent absent done")
HIDDEN_FIXED = who("login absent absent absent absent absent forbidden")
PERSONS = {"listed": ADMINISTRATORS, "seen": HIDDEN, "change": HIDDEN_FIXED, "delete": (HIDDEN_FIXED, HIDDEN_FIXED)}
KEPT = who("login absent absent forbidden forbidden forbidden ok")  # a team with studies is not deleted
OWN = who("login absent absent absent absent ok ok")
OWN_DO = who("login absent absent absent absent done done")
SHARED_DO = who("login forbidden forbidden forbidden forbidden forbidden done")

ADMIN = {
    "admin:index": Row(get=SIGNED_IN, post=SIGNED_IN),
    "admin:login": Row(get=SIGNED_IN, post=SIGNED_IN),  # which leads to the site's own
    "admin:logout": Row(get=who("ok method method method method method method"), post=EVERYBODY),
    "admin:password_change": Row(get=SIGNED_IN, post=SIGNED_IN),
    "admin:password_change_done": Row(get=SIGNED_IN, post=NO_POST),
    "admin:autocomplete": Row(
        get=RESEARCHERS, post=NO_POST, query="app_label=studies&model_name=study&field_name=prompt_set&term=brafinch"
    ),
    "admin:jsi18n": Row(get=SIGNED_IN, post=NO_POST),
    "admin:view_on_site": Row("complete.type complete", *[who("login" + 6 * " absent")] * 2),  # rows have no other page
    "admin:app_list": Row("studies", *[who("login absent ok ok ok ok ok")] * 2),
    "/admin/(?P<url>.*)$": Row("no/such/page", *[who("login" + 6 * " absent")] * 2),
    **model("accounts_team", "team", delete=(KEPT, KEPT), new=NEW_TEAM, **TEAMS_OWN),
    **model("accounts_user", "user", add=(ADMINISTRATORS, ADMINISTRATORS_DO), new=NEW_USER,
            **PERSONS | {"change": HIDDEN_DO, "delete": (HIDDEN, HIDDEN_DO)}),
    "admin:auth_user_password_change": Row("user", HIDDEN, HIDDEN_DO, body=PASSWORDS),
    **model("accounts_rater", "rater", **PERSONS),
    **model("accounts_consenttext", "consent", **PERSONS),
    **model("accounts_apitoken", "token", SIGNED_IN, add=(SIGNED_IN, who("login done done done done done done")),
            seen=OWN, change=OWN_DO, delete=(OWN, OWN_DO), new={"name": "script", "user": "$user", "scopes": "read"}),
    **model("accounts_auditentry", "audit", **PERSONS),
    **model("accounts_panel", "panel", new={"name": "New", "team": "$team"}, **TEAM),
    **model("results_webhook", "webhook", new=NEW_HOOK, **TEAM),
    "admin:results_webhook_test": Row("webhook", NO_POST, EDITORS_DO),
    **model("results_delivery", "delivery"),
    "admin:accounts_panel_invite": Row(
        "panel", EDITORS, EDITORS_DO, body={"text": "cleo@example.org", "confirm": "yes"}
    ),
    **model("accounts_panelmember", "member", delete=(EDITORS, EDITORS_DO)),
    **also(
        model("prompts_promptset", "loose.prompts", new=NEW_SET, **TEAM),
        change=Row("complete.prompts", MEMBERS, EDITORS_DO, form=True),
        delete=Row("complete.prompts", NOBODY, NOBODY, body={"post": "yes"}),
    ),
    "admin:prompts_promptset_import": Row("draft.prompts", EDITORS, EDITORS_DO, body={"file": FILE}),
    "admin:prompts_promptset_preview": Row("draft.prompts", EDITORS, EDITORS_DO, body={"cancel": "yes"}),
    "admin:prompts_promptset_version": Row("complete.prompts", NO_POST, EDITORS_DO),
    "admin:prompts_promptset_statistics": Row("complete.prompts", MEMBERS, MEMBERS),
    **also(
        model("prompts_prompt", "draft.prompt", new=NEW_PROMPT, **TEAM),
        change=Row("complete.prompt", MEMBERS, NOBODY),
        delete=Row("complete.prompt", NOBODY, NOBODY, body={"post": "yes"}),
    ),
    **model("studies_enginespec", "engine", seen=RESEARCHERS, add=(CHANGERS, ENGINES_DO), new=NEW_ENGINE,
            change=SHARED_DO, delete=(ADMINISTRATORS, ADMINISTRATORS)),
    "admin:studies_enginespec_history": Row("engine", ADMINISTRATORS, ADMINISTRATORS),  # names people of all teams
    "admin:studies_study_recipes": Row(get=CHANGERS, post=CHANGERS),
    "admin:studies_study_from_recipe": Row(
        "main", CHANGERS, CHANGERS_DO, body={"team": "$team", "prompt_set": "$draft.prompts"}
    ),
    "admin:studies_study_duplicate": Row("complete", NO_POST, EDITORS_DO),
    "admin:studies_study_do": (
        Row("draft launch", NO_POST, EDITORS_DO),
        Row("complete retry", NO_POST, who("login absent absent forbidden ok ok ok")),
    ),
    **also(
        model("studies_study", "draft", new=NEW_STUDY, **TEAM),
        change=Row("complete", MEMBERS, NOBODY),
        delete=Row("complete", NOBODY, NOBODY, body={"post": "yes"}),
        history=Row("complete", MEMBERS, MEMBERS),
    ),
    **model("studies_rewrite", "rewrite"),
    **model("studies_clip", "clip"),
    "admin:studies_clip_audio": Row("clip", MEMBERS, MEMBERS),
    **model("studies_score", "score"),
    **model("studies_textembedding", "embedding"),
    **model("studies_checkpoint", "checkpoint"),
    **model("listening_session", "session"),
    **model("listening_vote", "vote"),
    **model("listening_provider", "provider", seen=RESEARCHERS, change=SHARED_DO, delete=(ADMINISTRATORS, SHARED_DO),
            add=(ADMINISTRATORS, ADMINISTRATORS_DO), new={"name": "New", "key": "new", "hand_in": "code"}),
    **model("listening_listeningtest", "test", change=EDITORS_DO, qualification="[]"),
    "admin:listening_recruitment": Row("test", MEMBERS, MEMBERS),
    "admin:listening_raters": Row("test", MEMBERS, MEMBERS),
    "admin:listening_rules": Row("test", NO_POST, EDITORS_DO),
    "admin:listening_rater": Row("test session", MEMBERS, MEMBERS),
    "admin:listening_decide": Row("test session", NO_POST, EDITORS_DO, body={"decision": "use-no", "reason": "Noise."}),
    "admin:listening_missing": Row("test", MEMBERS, MEMBERS),
    "admin:listening_payment": (Row("test", EDITORS, EDITORS), Row("test", EDITORS, EDITORS, query="csv")),
    "admin:listening_paid": Row("test", NO_POST, EDITORS_DO, body={"session": "$session"}),
}  # fmt: skip

# Asked by machines. The tests come from this machine itself, which may read /metrics.
PROBES = {name: Row(get=EVERYBODY, post=NO_METHOD) for name in ("healthz", "readyz", "metrics")}

RESULTS = {
    "home": Row(get=EVERYBODY, post=EVERYBODY),
    "results:login": Row(get=EVERYBODY, post=EVERYBODY),
    "account:code": Row(get=who("login"), post=who("login")),  # of whoever's password was right
    "account:second_factor": Row(get=SIGNED_IN, post=SIGNED_IN),
    "results:logout": Row(get=NO_METHOD, post=who("login")),  # which is where it leads
    "results:workers": Row(get=SIGNED_IN, post=NO_POST),
    "results:plan": (Row(get=SIGNED_IN, post=NO_POST), Row(get=SIGNED_IN, post=NO_POST, query="basis=$complete")),
    "results:power": Row("svg", SIGNED_IN, NO_POST),
    "results:studies": Row(get=SIGNED_IN, post=NO_POST),
    "results:study": (Row("complete.slug", MEMBERS, NO_POST), Row("draft.slug", MEMBERS, NO_POST)),
    "results:watch": (Row("complete.slug", MEMBERS, NO_POST), Row("draft.slug", MEMBERS, NO_POST)),
    "results:tab": Row("complete.slug examples", MEMBERS, NO_POST),
    "results:clip": Row("complete.slug clip", MEMBERS, NO_POST),
    "results:figure": (
        Row("complete.slug alignment svg", MEMBERS, NO_POST),
        Row("complete.slug alignment csv", MEMBERS, NO_POST, query="download"),
    ),
    "results:table": (
        Row("complete.slug arms tex", MEMBERS, NO_POST),
        Row("complete.slug raters csv", MEMBERS, NO_POST),
    ),
    "results:judge_train": Row("complete.slug", NO_POST, EDITORS_DO_NOT_YET),
    "results:judge_use": Row("complete.slug", NO_POST, EDITORS_DO_NOT_YET),
    "results:renderer": Row("renderer", EVERYBODY, NO_METHOD, public=True),
    "results:icon": Row(get=EVERYBODY, post=NO_METHOD),
    "api:schema": Row(get=EVERYBODY, post=NO_METHOD),
    "api:nowhere": Row("no/such/address", *[who("401" + 6 * " absent")] * 2),
    "api:docs": Row(get=EVERYBODY, post=NO_METHOD),
    "api:studies": Row(
        get=API_LIST,
        post=API_MAKES,
        body={"team": "$team.slug", "prompt_set": "$draft.prompts.slug", "recipe": "sandbox", "slug": "made"},
    ),
    "api:prompt-sets": Row(
        get=API_LIST,
        post=API_MAKES,
        body={"team": "$team.slug", "name": "Made", "prompts": [{"text": "rain on a tin roof"}]},
    ),
    "api:webhooks": Row(
        get=API_LIST,
        post=API_MAKES,
        body={"team": "$team.slug", "url": "https://hook.example/", "events": ["study.completed"]},
    ),
    "api:webhook": Row("webhook", API, API_POST),
    "api:deliveries": Row("webhook", API, API_POST),
    "api:test-webhook": Row("webhook", API_GET, API_DOES),
    "api:prompt-set": Row("complete.prompts.slug", API, API_POST),
    "api:study": (Row("complete.slug", API, API_POST), Row("draft.slug", API, API_POST)),
    "api:launch": Row("draft.slug", API_GET, API_DOES),
    "api:pause": Row("complete.slug", API_GET, API_CONFLICTS),
    "api:resume": Row("complete.slug", API_GET, API_CONFLICTS),
    "api:retry": Row("complete.slug", API_GET, API_CONFLICTS),
    "api:cancel": Row("complete.slug", API_GET, API_CONFLICTS),
    "api:progress": Row("complete.slug", API, API_POST),
    "api:events": Row("complete.slug", API, API_POST),
    "api:judge": Row(
        "complete.slug",
        who("401" + 6 * " absent"),  # none was trained
        who("401 absent absent forbidden 400 400 400"),  # too few votes
    ),
    "api:judge-scorer": Row("complete.slug", API_GET, who("401 absent absent forbidden absent absent absent")),
    "api:results": Row("complete.slug", API, API_POST),
    "api:figures": Row("complete.slug", API, API_POST),
    "api:figure": Row("complete.slug alignment csv", API, API_POST),
    "api:tables": Row("complete.slug", API, API_POST),
    "api:table": Row("complete.slug arms tex", API, API_POST),
    "api:export": Row("complete.slug", API, API_POST),
    "api:audio-tar": Row("complete.slug", API, API_POST),
    "api:dataset": Row("complete.slug", API, API_POST),
    "api:bundle": Row("complete.slug", API, API_POST),
    "api:preference-pairs": Row("complete.slug people", API, API_POST),
    "api:clip": Row("complete.slug clip", API, API_POST),
    "api:records-file": (
        Row("complete.slug votes csv", API, API_POST),
        Row("complete.slug sessions jsonl", API, API_POST),
        Row("complete.slug prompts parquet", API, API_POST),
    ),
    **{f"api:{kind}": Row("complete.slug", API, API_POST) for kind in RECORDS},
}

# Raters. A rater of another study is here whoever has just come.
COMES = who("door", rater="ok")
UNKNOWN = who("forbidden", rater="done")

LISTENING = {
    "listening:audio": Row("sound", who("absent", rater="done"), NO_METHOD),
    "listening:check_sound": Row("check 1", who("absent", rater="done"), NO_METHOD),
    "listening:volume": Row(get=EVERYBODY, post=NO_METHOD),
    "listening:example_sound": Row("a", EVERYBODY, NO_METHOD),
    "listening:arrive": Row(
        "complete.slug",
        EVERYBODY,
        who("done", rater="ok"),
        public=True,
        body={"answer": "agree", "checksum": "$checksum"},
    ),
    "listening:declined": Row("complete.slug", EVERYBODY, NO_METHOD),
    "listening:mturk": Row("complete.slug", EVERYBODY, NO_METHOD),
    "listening:preview": (
        Row("complete.slug", MEMBERS, MEMBERS_DO, body={"answer": "agree", "checksum": "$checksum"}),
        Row("draft.slug", MEMBERS, MEMBERS),
    ),
    "listening:questions": Row("complete.slug", COMES, COMES),
    "listening:headphones": Row("complete.slug", COMES, COMES),
    "listening:practice": Row("complete.slug", COMES, COMES),
    "listening:counts": Row("complete.slug", COMES, COMES),
    "listening:break": Row("complete.slug", COMES, COMES),
    "listening:trial": Row("complete.slug", who("door", rater="done"), NO_METHOD),
    "listening:ahead": Row("complete.slug", NO_METHOD, who("forbidden", rater="ok")),
    "listening:heard": Row("complete.slug", NO_METHOD, UNKNOWN, body={"pair": "$pair", "heard_a": "1", "heard_b": "1"}),
    "listening:vote": Row(
        "complete.slug", NO_METHOD, UNKNOWN, body={"pair": "$pair", "choice": "a", "heard_a": "1", "heard_b": "1"}
    ),
    "listening:leave": Row("complete.slug", NO_METHOD, UNKNOWN),
    "listening:end": Row("complete.slug", who("forbidden", rater="409"), NO_METHOD),
    "listening:comment": Row("complete.slug", NO_METHOD, who("forbidden", rater="ok"), body={"comment": "Too early."}),
}  # fmt: skip

# Members of a panel: each sees what is theirs, researchers are unknown here.
ACCOUNTS = who("door", rater="ok", other="ok")
ACCOUNTS_DO = who("door", rater="done", other="done")

PANEL = {
    "panel:home": Row(get=ACCOUNTS, post=NO_METHOD),
    "panel:begin": Row("complete.slug", NO_METHOD, who("door", rater="ok", other="ok")),
    "panel:join": Row("invitation", EVERYBODY, who("done"), public=True, body={"answer": "accept"}),
    "panel:declined": Row(get=EVERYBODY, post=NO_METHOD),
    "panel:sign_in": Row(get=EVERYBODY, post=EVERYBODY),
    "panel:password": Row(get=NO_METHOD, post=EVERYBODY),
    "panel:sent": Row(get=EVERYBODY, post=NO_METHOD),
    "panel:link": Row("link", EVERYBODY, who("done"), public=True),
    "panel:sign_out": Row(get=NO_METHOD, post=who("door")),
    "panel:profile": Row(get=ACCOUNTS, post=NO_METHOD),
    "panel:language": Row(get=NO_METHOD, post=ACCOUNTS_DO, body={"language": "de"}),
    "panel:new_password": Row(get=NO_METHOD, post=ACCOUNTS_DO, body={"password": "a heron over the marsh"}),
    "panel:delete": Row(get=ACCOUNTS, post=ACCOUNTS_DO, body={"answers": "keep"}),
    "panel:deleted": Row(get=EVERYBODY, post=NO_METHOD),
}

TABLE: dict[str, tuple[Row, ...]] = {
    name: rows if isinstance(rows, tuple) else (rows,)
    for name, rows in {**ADMIN, **PROBES, **RESULTS, **LISTENING, **PANEL}.items()
}

# Ways to ask a list of the admin for more than it shows.
TRICKS = (
    "q=brafinch", "study=$complete", "study=$draft", "team__id__exact=$team", "team=$team",
    "study__id__exact=$complete",
    "prompt_set__id__exact=$draft.prompts", "panel__id__exact=$panel", "study__team=$team", "pk=$complete", "id=$team",
    "id__exact=$clip", "_popup=1", "_popup=1&_to_field=id", "_to_field=team", "_to_field=slug", "o=1.-2", "all=", "e=1",
    "team__name__startswith=Zebra", "panel__team__name__startswith=Zebra", "user__username__startswith=zebra",
    "rater__external_id__startswith=zebra", "rater__provider=panel", "state=joined", "simulated",
)  # fmt: skip

# Answers to whatever an action asks first.
ACTIONS_OF = {"post": "yes", "sure": "yes", "votes": "delete"}


def _refused(fill: str = "", role: str = "stranger", wanted: str = "ok", **body: str):
    """A form of one's own that points at rows of team A comes back, and nothing is stored."""
    return (
        role,
        "POST",
        Row(fill, body={key.replace("__", "-"): value for key, value in body.items()}, form=True),
        wanted,
    )


def _past(fill: str, untouched: str, **body: str):
    """A form of one's own whose inline points at a row of team A: it is read as one of its own, and theirs stays."""
    given = {key.replace("__", "-"): value for key, value in body.items()}
    return ("stranger", "POST", Row(fill, body=given, form=True, untouched=untouched), "done")


def _sent(fill: str, wanted: str, role: str = "stranger", **body: str):
    return (role, "POST", Row(fill, body=body), wanted)


def _read(fill: str, wanted: str = "absent", role: str = "stranger", query: str = ""):
    return (role, "GET", Row(fill, query=query), wanted)


MIXED = {
    "admin:studies_study_change": [
        _refused("their.draft", prompt_set="$draft.prompts"),
        _refused("their.draft", team="$team"),
        _past("their.draft", "studies.Arm draft.arm", arms__0__id="$draft.arm"),
    ],
    "admin:studies_study_add": [
        ("stranger", "POST", Row(body=NEW_STUDY | {"team": "$their.team"}), "ok"),
        ("guest", "POST", Row(body=NEW_STUDY), "ok"),
    ],
    "admin:studies_study_from_recipe": [
        _sent("main", "ok", team="$their.team", prompt_set="$draft.prompts"),
        _sent("main", "ok", team="$team", prompt_set="$their.draft.prompts"),
    ],
    "admin:studies_study_recipes": [_read("", "ok", query="team=$team&prompt_set=$draft.prompts")],
    "admin:prompts_promptset_change": [_refused("their.loose.prompts", team="$team")],
    "admin:accounts_team_change": [
        _past("their.team", "accounts.Membership membership", memberships__0__id="$membership")
    ],
    "admin:accounts_panel_add": [("guest", "POST", Row(body={"name": "New", "team": "$team"}), "ok")],
    "admin:listening_listeningtest_change": [
        _refused("their.test", qualification="[]", panels="$panel"),
        _refused("their.test", qualification="[]", not_after="$complete"),
        _refused("their.test", qualification="[]", only_after="$complete"),
        _past("their.test", "listening.Question question", qualification="[]", listening_questions__0__id="$question"),
    ],
    "admin:listening_rater": [_read("their.test session"), _read("test their.session")],
    "admin:listening_decide": [_sent("their.test session", "absent", decision="use-no", reason="Noise.")],
    "admin:view_on_site": [_read("complete.type draft")],
    "admin:autocomplete": [
        _read("", "ok", query="app_label=prompts&model_name=prompt&field_name=prompt_set&term="),
        _read("", "ok", query="app_label=listening&model_name=listeningtest&field_name=not_after&term="),
        _read("", "ok", query="app_label=listening&model_name=listeningtest&field_name=study&term="),
        _read("", "forbidden", query="app_label=accounts&model_name=membership&field_name=user&term="),
    ],
    "results:clip": [_read("their.complete.slug clip")],
    "results:figure": [_read("complete.slug alignment json"), _read("draft.slug alignment svg", query="download")],
    "api:clip": [_read("their.complete.slug clip")],
    "listening:audio": [_read("sound", role="other rater"), _read("their.sound", role="rater")],
    "listening:check_sound": [_read("check 1", role="other rater"), _read("their.check 1", role="rater")],
    "listening:vote": [
        _sent("their.complete.slug", "forbidden", "other rater", pair="$pair", choice="a", heard_a="1", heard_b="1")
    ],
    "listening:heard": [
        _sent("their.complete.slug", "forbidden", "other rater", pair="$pair", heard_a="1", heard_b="1")
    ],
}
