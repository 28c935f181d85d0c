"""What a user expects after a few lines of the same make, and how far the answer goes."""

from __future__ import annotations

import pytest

from devstral_lsp.local.predict import Prediction
from tests.local.places import answer

LOADER = """
def load_{name}(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)

"""
THINGS = ("orders", "customers", "suppliers")


def loaders(count: int, last: str) -> str:
    """A module of `count` functions that load, and one more that ends in `last`."""
    known = "".join(LOADER.format(name=name) for name in THINGS[:count])
    return f"import json\n\n{known}\ndef load_parcels(path):\n{last}\n"


LOGGING = """
import logging

logger = logging.getLogger(__name__)


class Shop:
    def open(self):
        logger.info("opening the orders of %s", self.customer)
        self.door.unlock()

    def count(self):
        logger.info("counting the orders of %s", self.customer)
        return len(self.orders)

    def send(self):
        logger.info("sending the orders of %s", self.customer)
        for order in self.orders:
            self.courier.take(order)

    def clear(self):
        """
ASSERTS = """
def test_reads(client):
    response = client.get("/orders/1")
    assert response.status_code == 200
    assert response.json()["id"] == 1


def test_lists(client):
    response = client.get("/orders")
    assert response.status_code == 200
    assert len(response.json()) == 3


def test_counts(client):
    response = client.get("/orders/count")
    assert response.status_code == 200
    assert response.text == "3"


def test_pings(client):
    response = client.get("/ping")
    """
ENTRIES = """
COLOURS = {
    "error": Style(foreground="red", bold=True),
    "hint": Style(foreground="blue", bold=True),
    "note": Style(foreground="green", bold=True),
    "warning": Style(foreground="yellow", bold=True),
    """
FIELDS = """
class Request:
    def __init__(self, method, target, headers, content, timeout):
        self.method = method
        self.target = target
        self.headers = headers
        self.content = content
        """
HEADERS = """
def reads(lock, items):
    for index, item in enumerate(items):
        with lock:
            read(item, index)


def writes(lock, items):
    for index, item in enumerate(items):
        with lock:
            write(item)


def drops(lock, items):
    for index, item in enumerate(items):
        drop(item, index)


def counts(lock, items):
    """
HEAD = """from __future__ import annotations

import logging

from shop.orders import Order, Parcel

logger = logging.getLogger(__name__)


"""
MODULES = {
    f"{name}.py": f"{HEAD}class {name}:\n    pass\n"
    for name in ("baskets", "branches", "drivers", "parcels", "routes")
}
TOTALS = """
def totals(alpha, beta, gamma):
    result_one = compute_the_total(alpha, beta, gamma)
    result_two = compute_the_total(alpha, beta, gamma)
    result_six = compute_the_total(alpha, beta, gamma)
    """


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        pytest.param(
            loaders(3, "    with op│"), 'en(path, encoding="utf-8") as file:', id="block header"
        ),
        pytest.param(loaders(3, "    w│"), 'ith open(path, encoding="utf-8") as file:', id="w"),
        pytest.param(
            loaders(3, '    with open(path, encoding="utf-8") as file:\n        │'),
            "return json.load(file)",
            id="line start",
        ),
        pytest.param(
            f'{LOGGING}logger.info("clearing the orders of %s", │\n', "self.customer)", id="log"
        ),
        pytest.param(
            f'{LOGGING}logger.info("clearing the or│\n', 'ders of %s", self.customer)', id="string"
        ),
        pytest.param(f"{ASSERTS}assert resp│\n", "onse.status_code == 200", id="assert"),
        pytest.param(
            f'{ENTRIES}"debug": Style(foreground="grey", │\n}}\n', "bold=True),", id="entry"
        ),
        pytest.param(f"{FIELDS}self.timeout = │\n", "timeout", id="field"),
        pytest.param(f"{FIELDS}self.timeout = ti│\n", "meout", id="field begun"),
        pytest.param(f"{HEADERS}for ind│\n", "ex, item in enumerate(items):", id="loop"),
        pytest.param(f"{HEADERS}for index, item in │\n", "enumerate(items):", id="loop's end"),
        pytest.param("from __future__ im│\n", "port annotations", id="import"),
        pytest.param(HEAD[: HEAD.index("ders")] + "│\n", "ders import Order, Parcel", id="names"),
        pytest.param(HEAD[: HEAD.index("Logger(")] + "│\n", "Logger(__name__)", id="logger"),
        pytest.param(
            f"{TOTALS}result_fou = comp│\n", "ute_the_total(alpha, beta, gamma)", id="new name"
        ),
    ],
)
def test_goes_on_to_the_end_of_the_line(marked: str, expected: str) -> None:
    assert answer(marked, MODULES) == Prediction(expected, whole_line=True)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        pytest.param(
            loaders(3, '    with open(path, encoding="utf-8│") as file:'), "", id="nothing to add"
        ),
        pytest.param(loaders(3, "    with open(│)"), 'path, encoding="utf-8"', id="bracket"),
        pytest.param(
            f'{LOGGING}logger.info("clearing the or│")\n', "ders of %s", id="quote and bracket"
        ),
        pytest.param(
            f'{LOGGING}logger.info("clearing the orders of %s", │)\n', "self.customer", id="log"
        ),
    ],
)
def test_stops_before_what_the_editor_has_closed(marked: str, expected: str) -> None:
    assert answer(marked, {}).text == expected


def test_two_sightings_are_enough_for_most_of_a_line() -> None:
    assert answer(loaders(2, "    with op│"), {}).text.startswith('en(path, encoding="utf-8")')


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param(loaders(3, "").rstrip() + "\n\n\ndef load_│\n", id="a new name"),
        pytest.param(f'{ENTRIES}"debug": Style(foreground="│\n}}\n', id="a slot of the entries"),
        pytest.param(f'{LOGGING}logger.info("│\n', id="a new message"),
        pytest.param(f"{FIELDS}self.│\n", id="the next of many"),
    ],
)
def test_leaves_to_the_user_what_differs_from_line_to_line(marked: str) -> None:
    assert answer(marked, {}) == Prediction()
