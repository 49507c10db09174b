"""The table that compares a repeated order of the batches with new ones."""

from dataclasses import replace

import pytest

from helpers.authoring import compare_orders, record
from helpers.experiments import experiment


def test_runs_are_summed_up_over_their_first_twenty_epochs():
    runs = [
        {"val_loss": [0.5, 0.2, *[0.4] * 18, 0.1]},
        {"val_loss": [0.5, 0.4, 0.3, *[0.5] * 17]},
    ]
    assert compare_orders.summary(runs) == {
        "seeds": 2,
        "lowest": "0.200 to 0.300, mean 0.25",
        "in epoch": "1 to 2, mean 1.5",
        "at the end": "0.400 to 0.500, mean 0.45",
        "rise, mean": "0.200",
    }


@pytest.mark.parametrize("name", compare_orders.NAMES)
def test_the_two_ways_differ_in_the_order_alone(name):
    anew, repeated = experiment(name), experiment(f"{name}_same_order")
    assert repeated.same_order and not anew.same_order
    assert replace(anew, same_order=True, epochs=repeated.epochs) == repeated
    assert repeated.epochs == compare_orders.EPOCHS <= anew.epochs


def test_repeating_the_order_makes_overfitting_look_worse():
    table = compare_orders.table(("clothes_rmsprop", "clothes_adam"))
    rises = table["rise, mean"].astype(float)
    for name in ("clothes_rmsprop", "clothes_adam"):
        assert rises[name, "repeated"] > 1.3 * rises[name, "dealt anew"]


def test_the_command_prints_the_table_and_records_if_asked(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(record, "main", asked.append)
    compare_orders.main([])
    assert asked == [] and "clothes_dropout_0.3" in capsys.readouterr().out
    compare_orders.main(["--record"])
    assert len(asked[0]) == 6
