"""Pages that docs/pages.md does not show, each with the reason why: a line for names that are alike.

What nobody is shown by GET (tests/config/access_table.py) is no page, and needs no line.
"""

LEADS_ON = "leads on to a page that is shown"
MACHINES = "asked by machines"
FILE = "a file, not a page"

UNPICTURED = {
    "home": LEADS_ON,
    "admin:logout": LEADS_ON,
    "/admin/*/<path:object_id>/": LEADS_ON,
    "admin:*_history": "the same page for every kind of row: admin:studies_study_history",
    "admin:*_delete": "the same question for every kind of row: admin:studies_study_delete",
    "admin:autocomplete": MACHINES,
    "admin:jsi18n": MACHINES,
    "healthz": MACHINES,
    "readyz": MACHINES,
    "metrics": MACHINES,
    "api:*": "JSON; a browser shows it all as it shows api:study",
    "admin:studies_clip_audio": FILE,
    "listening:*_sound": FILE,
    "listening:audio": FILE,
    "listening:volume": FILE,
    "results:clip": FILE,
    "results:figure": FILE,
    "results:icon": FILE,
    "results:power": FILE,
    "results:renderer": FILE,
    "results:table": FILE,
}
