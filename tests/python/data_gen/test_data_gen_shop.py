"""The shops: what is sold and given back, how tills write it, and the revenue that it truly makes."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from small_worlds import ZONES, Export, cents, counted, moment, small_world, true_sums

from data_gen.chain.parameters import FIRST_UNKNOWN_USER_ID
from data_gen.shop import products, refunds, revenue, sales
from data_gen.shop.products import CATEGORY_OF, PRODUCTS, SUPPLEMENTS
from data_gen.shop.receipts import NOBODY, sold
from data_gen.shop.spellings import UNMAPPED, spellings_of

SKUS = {product.sku for product in PRODUCTS}
PATTERNS = [
    (int(row["priority"]), re.compile(row["pattern"]), row["product_sku"])
    for row in csv.DictReader((Path(__file__).parents[3] / "seeds" / "sku_patterns.csv").open())
]


def mapped(sku: str) -> str:
    """The product that the seed's patterns say, '' for none: upper case, no separators, first match by priority."""
    bare = re.sub("[ _.-]", "", sku.strip().upper())
    return next((to for _, pattern, to in sorted(PATTERNS, key=lambda one: one[0]) if pattern.search(bare)), "")


@pytest.fixture(scope="module", params=["off", "default", "heavy"])
def shop(request) -> dict:
    world = small_world(request.param)
    streams = {"products": products.STREAM, "sales": sales.STREAM, "refunds": refunds.STREAM}
    return {"world": world, **{name: Export(stream, world) for name, stream in streams.items()}}


def test_every_spelling_is_of_its_product():
    for product in PRODUCTS:
        written = spellings_of(product.sku)
        assert len(written) > 50
        assert product.sku not in written
        assert {mapped(text) for text in [product.sku, *written]} == {product.sku}


def test_what_nobody_can_map():
    assert {mapped(text) for text in UNMAPPED} == {""}


def test_spellings_vary_in_every_way():
    written = {text for product in PRODUCTS for text in spellings_of(product.sku)}
    for way in (
        "jb-0101",
        "JB 0101",
        "JB_0101",
        "JB.0101",
        "JB0101",
        " JB-0101",
        "JB-101",
        "JB-O1O1",
        "ap0401xl",
        "WATER",
    ):
        assert way in written


def test_defects_are_what_they_are_called(shop):
    world, exported = shop["world"], shop["sales"]
    assert all(row["sku"] not in SKUS and mapped(row["sku"]) in SKUS for row in exported.of("sku_variant"))
    assert all(row["sku"] in UNMAPPED for row in exported.of("unmapped_sku"))
    assert all(row["sku"] in SKUS for row in exported.but("sku_variant", "unmapped_sku", "non_positive_quantity"))
    assert all(int(row["quantity"]) <= 0 for row in exported.of("non_positive_quantity"))
    assert all(int(row["quantity"]) > 0 for row in exported.but("non_positive_quantity"))
    assert all(int(row["member_id"]) >= FIRST_UNKNOWN_USER_ID for row in exported.of("unknown_member"))
    known = set(world.members.user_id.tolist())
    assert all(int(row["member_id"]) in known for row in exported.but("unknown_member") if row["member_id"])
    receipts = {row["sale_id"] for row in exported.rows}
    assert all(row["sale_id"] not in receipts for row in shop["refunds"].of("orphan_refund"))
    assert all(row["sale_id"] in receipts for row in shop["refunds"].but("orphan_refund"))


def test_how_many_defects(shop):
    plan, noted = shop["world"].chain.defects, {**shop["sales"].noted, **shop["refunds"].noted}
    kinds = ("sku_variant", "unmapped_sku", "non_positive_quantity", "unknown_member", "orphan_refund")
    for kind in kinds:
        wanted = plan.rate(kind) * len(shop["refunds" if kind == "orphan_refund" else "sales"].rows)
        assert len(noted.get(kind, [])) >= (plan.at_least(kind) and 1)
        assert abs(len(noted.get(kind, [])) - wanted) <= 0.15 * wanted + plan.at_least(kind) + 2


def test_how_defects_are_caught(shop):
    told = {
        "sku_variant": ("tolerated", {}),
        "unmapped_sku": ("flagged", {"flag": "is_unmapped_sku"}),
        "unknown_member": ("flagged", {"flag": "is_known_member"}),
        "non_positive_quantity": ("quarantined", {"rule": "non_positive_quantity"}),
        "orphan_refund": ("flagged", {"flag": "is_known_sale"}),
    }
    found = {**shop["sales"].caught, **shop["refunds"].caught}
    assert found == {kind: told[kind] for kind in found}
    assert set(found) == (set(told) if shop["world"].chain.defects.preset != "off" else set())


def test_receipts(shop):
    """Lines are numbered from one; a receipt has one time, till and card; members buy before they leave."""
    world, receipts = shop["world"], defaultdict(list)
    for row in shop["sales"].but("non_positive_quantity", "unknown_member"):
        receipts[row["sale_id"]].append(row)
    stays = defaultdict(list)
    for days in world.stretches:
        visits = world.visits(days)
        for member, gym, login, logout in zip(visits.member, visits.gym, visits.login, visits.logout, strict=True):
            stays[int(world.members.user_id[member])].append((gym + 101, login, logout))
    for lines in receipts.values():
        assert sorted(int(line["line_number"]) for line in lines) == list(range(1, len(lines) + 1))
        assert len({(line["sold_at"], line["gym"], line["till"], line["member_id"]) for line in lines}) == 1
        at, member = moment(lines[0]["sold_at"]).timestamp(), lines[0]["member_id"]
        if member:
            assert any(
                gym == int(lines[0]["gym"]) and login <= at < logout for gym, login, logout in stays[int(member)]
            )


def test_prices_are_those_on_the_shelf(shop):
    listed = defaultdict(list)
    for row in shop["products"].rows:
        listed[row["sku"]].append((row["updated_at"], row["price"]))
    assert set(listed) == SKUS
    assert shop["products"].repeated == 1
    assert sorted(len(changes) for changes in listed.values())[-2:] == [1, 2]
    prices = set()
    for row in shop["sales"].but("unmapped_sku"):
        sku = mapped(row["sku"])
        assert row["unit_price"] == max(change for change in listed[sku] if change[0] <= row["sold_at"])[1]
        gross = cents(row["unit_price"]) * int(row["quantity"])
        assert 0 <= cents(row["discount"]) <= max(gross, 0)
        prices.add((sku, row["unit_price"]))
    changed = next(sku for sku, changes in listed.items() if len(changes) == 2)
    assert {price for sku, price in prices if sku == changed} <= {price for _, price in listed[changed]}


def test_refunds(shop):
    lines = {(row["sale_id"], row["line_number"]): row for row in shop["sales"].but("non_positive_quantity")}
    numbers = [row["refund_id"] for row in shop["refunds"].rows]
    assert len(set(numbers)) == len(numbers)
    for row in shop["refunds"].but("orphan_refund"):
        line = lines[row["sale_id"], row["line_number"]]
        later = moment(row["refunded_at"]) - moment(line["sold_at"])
        assert timedelta(0) < later < timedelta(days=14)
        assert moment(row["refunded_at"]).timestamp() < shop["world"].chain.end
        assert 1 <= int(row["quantity"]) <= int(line["quantity"])
        net = int(line["quantity"]) * cents(line["unit_price"]) - cents(line["discount"])
        assert cents(row["amount"]) == net * int(row["quantity"]) // int(line["quantity"])
        assert row["reason"] in refunds.REASONS


def test_true_revenue(shop):
    """From the exported text alone: sales and refunds on their own local dates, orphans nowhere."""
    figures, lines = [], {}
    for row in shop["sales"].but("non_positive_quantity"):
        gym, quantity = int(row["gym"]), int(row["quantity"])
        lines[row["sale_id"], row["line_number"]] = (gym, mapped(row["sku"]))
        net = quantity * cents(row["unit_price"]) - cents(row["discount"])
        on = moment(row["sold_at"]).astimezone(ZONES[gym]).date()
        figures.append(((on, gym, mapped(row["sku"])), (quantity, net)))
    for row in shop["refunds"].but("orphan_refund"):
        gym, sku = lines[row["sale_id"], row["line_number"]]
        on = moment(row["refunded_at"]).astimezone(ZONES[gym]).date()
        figures.append(((on, gym, sku), (-int(row["quantity"]), -cents(row["amount"]))))
    assert counted(figures) == true_sums(shop["world"], revenue.TRUTH)


def test_tax(shop):
    """Within half a cent of the state's rate on what is paid."""
    rates = {101: 0.08875, 102: 0.08875, 103: 0.086, 104: 0.086, 105: 0.04712}
    for row in shop["sales"].but("non_positive_quantity"):
        net = int(row["quantity"]) * cents(row["unit_price"]) - cents(row["discount"])
        assert abs(cents(row["tax"]) - net * rates[int(row["gym"])]) <= 0.5 + 1e-9


def test_a_stretch_hangs_on_nothing_before_it(shop):
    world = shop["world"]
    fresh = type(world)(world.chain)
    for stream in (refunds.STREAM, sales.STREAM, products.STREAM):
        for days in (fresh.stretches[-1], fresh.stretches[0]):
            alone = stream.rows(fresh, days, fresh.defects(stream.table, days))
            among = stream.rows(world, days, world.defects(stream.table, days))
            assert alone.text.equals(among.text)
            assert (alone.day == among.day).all()


@pytest.fixture(scope="module")
def year():
    """(world, lines sold) of a year; made of arrays only, so it takes no time."""
    world = small_world("off", members=1500, days=366)
    return world, [world.made(sold, days) for days in world.stretches]


def test_shares(year):
    world, lines = year
    visits = sum(len(world.visits(days)) for days in world.stretches)
    receipts = sum(len(np.unique(part.sale_id)) for part in lines)
    assert 0.17 < receipts / visits < 0.26
    count = sum(len(part) for part in lines)
    assert 1.3 < count / receipts < 1.6
    assert max(part.lines.max() for part in lines) == 3
    nobody = sum(int((part.member == NOBODY).sum()) for part in lines)
    assert 0.25 < nobody / count < 0.5


def test_a_regular_buys_again_after_a_month(year):
    _, lines = year
    bought = defaultdict(list)
    for part in lines:
        for at in np.flatnonzero((CATEGORY_OF[part.product] == SUPPLEMENTS) & (part.member != NOBODY)):
            bought[part.member[at], part.product[at]].append(part.date[at])
    gaps = np.concatenate([np.diff(sorted(days)) for days in bought.values() if len(days) > 1])
    within = [int(((gaps >= low) & (gaps < low + 12)).sum()) for low in (1, 13, 25, 37)]
    assert within[2] > 2 * max(within[0], within[1], within[3])


def test_seasons(year):
    """January's share of apparel is well above summer's; trainees drink more shakes than those who only look in."""
    world, lines = year
    dates = [world.chain.date_of(day) for part in lines for day in part.date]
    product = np.concatenate([part.product for part in lines])
    month = np.array([on.month for on in dates])
    apparel = CATEGORY_OF[product] == products.APPAREL
    assert apparel[month == 1].mean() > 1.4 * apparel[(month >= 6) & (month <= 8)].mean()
    shake = np.array(["Shake" in each.name for each in PRODUCTS])[product]
    weekday = np.array([on.weekday() for on in dates])
    assert shake[weekday < 4].mean() > 1.1 * shake[weekday >= 4].mean()
