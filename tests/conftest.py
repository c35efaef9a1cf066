"""What every test stands on: real PostgreSQL, no hub, no network."""

import os

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _quiet_broker(settings, tmp_path):
    """Messages of a test go nowhere: whoever wants a worker starts one of its own."""
    from celery import current_app

    before = dict(current_app.conf.broker_transport_options or {})
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path)}
    current_app.conf.broker_transport_options = {**before, **folders}
    yield
    current_app.conf.broker_transport_options = before
