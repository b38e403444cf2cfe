"""Items of batches tell why an instance stayed, with its values, in English."""

import msgspec

from api.orchestration.batching import _said
from engine.feel.sentences import Sentence
from engine.migration.obstacles import Obstacle


def test_reasons_are_told_with_their_values():
    obstacles = [
        Obstacle("“{element}” has no counterpart.", {"element": "Review"}),
        Obstacle.telling(Sentence("The number of instances is out of bounds: {0}", ("12000",))),
    ]

    said = _said(msgspec.json.encode(obstacles).decode())

    assert said == "“Review” has no counterpart.; The number of instances is out of bounds: 12000"


def test_an_item_without_obstacle_tells_nothing():
    assert _said(None) is None and _said("[]") is None
