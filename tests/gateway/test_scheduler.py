"""Scheduled operations get one job per slot, whoever of many gateways comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.scheduler import BadSchedule, create_due, schedules
from shared import database, jobs
from shared.broker import Bell
from shared.catalogue import Catalogue
from shared.models import Job, JobEvent, ScheduleSlot
from shared.operation import Options, Service
from tests.conftest import SettingsEnv
from tests.shared.job_factory import claimed


class NoOptions(Options):
    """Nothing to choose."""


def catalogue(expression: str = "* * * * *") -> Catalogue:
    service = Service("probe", summary="For tests.")
    operation = service.operation("probe", "Due at times.", options=NoOptions, inputs="none", schedule=expression)
    return Catalogue({"probe": service}, {"probe": operation})


@pytest.fixture(autouse=True)
def _place(database_url: str, redis_url: str, settings_env: SettingsEnv) -> None:
    settings_env(redis_url=redis_url)


def test_a_due_slot_gets_one_job_however_many_gateways_look():
    def look(_: int) -> list[str]:
        try:
            return create_due(catalogue("0 0 1 1 *"), Bell())
        finally:
            database.disconnect()

    with ThreadPoolExecutor(8) as pool:
        created = [names for names in pool.map(look, range(24)) if names]

    assert created == [["probe"]]
    assert Job.select().count() == 1
    assert JobEvent.get().actor == "schedule"


def test_a_slot_is_skipped_while_an_earlier_job_still_waits():
    create_due(catalogue(), Bell())
    ScheduleSlot.delete().execute()

    assert create_due(catalogue(), Bell()) == []

    jobs.complete(claimed(), [], {})
    assert create_due(catalogue(), Bell()) == ["probe"]


def test_of_missed_slots_only_the_latest_is_made_up_for():
    database.rows("INSERT INTO schedule_slot (name, slot) VALUES ('probe', now() - interval '3 years')", {})

    assert create_due(catalogue("0 0 1 1 *"), Bell()) == ["probe"]
    jobs.complete(claimed(), [], {})
    assert create_due(catalogue("0 0 1 1 *"), Bell()) == []


def test_the_settings_change_and_end_a_schedule(settings_env: SettingsEnv):
    settings_env(schedules='{"probe": "5 4 * * *"}')
    assert schedules(catalogue()) == {"probe": "5 4 * * *"}

    settings_env(schedules='{"probe": ""}')
    assert schedules(catalogue()) == {}
    assert create_due(catalogue(), Bell()) == []


@pytest.mark.parametrize("given", ['{"probe": "every day"}', '{"porbe": "* * * * *"}'])
def test_a_schedule_that_makes_no_sense_is_refused(settings_env: SettingsEnv, given: str):
    settings_env(schedules=given)

    with pytest.raises(BadSchedule, match=r"probe|porbe"):
        schedules(catalogue())
