"""Audionese from Python.

>>> study = Client("https://audionese.example", token="aud_…").study("rewriting-music")
>>> study.votes().to_pandas()
"""

from audionese_client.client import Client
from audionese_client.errors import ApiError, StudyStoppedError
from audionese_client.records import Records
from audionese_client.study import Progress, Study

__all__ = ["ApiError", "Client", "Progress", "Records", "Study", "StudyStoppedError"]
