"""The company that all simulators show: the same each time, plausible, and growing."""

from datetime import timedelta

from adapters.simulation import Company


def test_the_same_seed_and_day_make_the_same_company() -> None:
    first, second = Company(seed=7), Company(seed=7)
    assert first.people == second.people
    assert first.projects == second.projects
    assert first.documents == second.documents
    assert first.search_terms == second.search_terms


def test_another_seed_makes_other_people() -> None:
    assert Company(seed=1).people != Company(seed=2).people


def test_what_is_drawn_does_not_depend_on_what_was_drawn_before() -> None:
    company = Company()
    alone = company.rng("day", 3).random()
    for day in range(3):
        company.rng("day", day).random()
    assert alone == company.rng("day", 3).random()


def test_ids_and_addresses_are_unique_and_fictional() -> None:
    company = Company()
    assert 300 == len({person.id for person in company.people}) == len({person.email for person in company.people})
    assert 40 == len({project.id for project in company.projects})
    assert 200 == len({document.id for document in company.documents})
    assert all(person.email.endswith(".example") for person in company.people)


def test_the_company_grows_within_the_year_up_to_today() -> None:
    company = Company()
    headcounts = [len(company.employees(company.today - timedelta(days=days))) for days in (365, 270, 180, 90, 0)]
    assert headcounts == sorted(headcounts)
    assert 100 < headcounts[0] < headcounts[-1] <= 300


def test_weekends_are_quiet() -> None:
    company = Company()
    days = [company.today - timedelta(days=days) for days in range(28)]
    busiest_weekend = max(company.activity(day) for day in days if day.weekday() >= 5)
    assert busiest_weekend < min(company.activity(day) for day in days if day.weekday() < 5) / 2


def test_the_hours_of_a_day_are_a_whole_day() -> None:
    weights = Company().hour_weights
    assert 24 == len(weights)
    assert abs(1 - sum(weights)) < 1e-9
    assert weights[13] > 5 * weights[3]
