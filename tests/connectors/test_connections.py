"""Connections: secrets that no dump, no screen and no moved row gives away; wrong values refused where they are."""

import pytest

from connectors import connections
from connectors.catalogue import Beyond, ConnectionPart, Field, Template, load_catalogue
from connectors.connections import Card, NotKept
from connectors.errors import ConnectionMissing, VaultLocked
from connectors.vault import Vault
from engine.connector import Checked
from engine.store.statements import run, value
from server.database import all_tables

KEY, NEXT = "k" * 40, "n" * 40
VAULT = Vault((KEY,))
SECRETS = "SELECT secrets FROM connectors_connection WHERE slug = 'registry'"
COLUMNS = (
    "SELECT array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns WHERE table_name = $1"
)
FIELDS = (
    Field(name="url", label="Adresse", constraints={"notEmpty": True}),
    Field(name="auth", label="Compte", type="Dropdown", choices=({"name": "a", "value": "bearer"},)),
    Field(name="seconds", label="Délai", type="Number"),
    Field(name="secret", label="Secret", secret=True),
)
TEMPLATE = Template(
    id="parvis.http",
    name="HTTP",
    version=1,
    job_type="parvis:http",
    description="",
    inputs=(),
    document={},
    beyond=Beyond(connection=ConnectionPart(fields=FIELDS, host_fields=("url",))),
)


def a_card(slug="registry", **changes) -> Card:
    given = {"url": "https://registry.example/v1", **changes.pop("given", {})}
    return Card(slug=slug, kind="parvis.http", title="Registre", given=given, **changes)


async def kept(now, card=None, vault=VAULT, **secrets) -> None:
    await connections.keep(card or a_card(), secrets, template=TEMPLATE, vault=vault, by_name="Claire", now=now)


async def test_a_secret_is_nowhere_in_the_database_and_opens_with_the_key(database, now):
    await kept(now, secret="correct horse")

    _, opened, secrets = await connections.opened("registry", VAULT)
    dump = await value("SELECT string_agg(c::text, '') FROM connectors_connection c")
    assert opened.values["secret"] == "correct horse" and secrets == ("correct horse",)
    assert "correct horse" not in dump and b"correct horse".hex() not in dump
    assert "correct" not in repr(opened) + repr(await connections.card("registry"))


async def test_a_row_moved_altered_or_of_another_key_does_not_open(database, now):
    await kept(now, secret="one")
    await kept(now, a_card("other"), secret="two")
    await run(f"UPDATE connectors_connection SET secrets = ({SECRETS}) WHERE slug = 'other'")

    with pytest.raises(VaultLocked):
        await connections.opened("other", VAULT)
    with pytest.raises(VaultLocked):
        await connections.opened("registry", Vault((NEXT,)))
    await run("UPDATE connectors_connection SET secrets = set_byte(secrets, 15, 1 # get_byte(secrets, 15))")
    with pytest.raises(VaultLocked):
        await connections.opened("registry", VAULT)


async def test_rotation_seals_everything_again_and_the_old_key_can_go(database, now):
    await kept(now, secret="one")
    await kept(now, a_card("other"), secret="two")
    both = Vault((NEXT, KEY))

    counts = [await connections.rotate(both) for _ in range(2)]

    assert counts == [2, 0]
    assert (await connections.opened("other", Vault((NEXT,))))[1].values["secret"] == "two"


async def test_a_secret_left_empty_stays_unless_the_address_moves(database, now):
    await kept(now, secret="one")
    await kept(now, a_card(concurrency=2))

    with pytest.raises(NotKept) as caught:
        await kept(now, a_card(given={"url": "https://elsewhere.example"}))

    assert [(each.field, each.why) for each in caught.value.wrong] == [("secret", "retype")]
    assert (await connections.opened("registry", VAULT))[1].values["secret"] == "one"


async def test_each_wrong_value_is_named(database, now):
    card = a_card(
        "Not A Slug",
        hosts=("a b",),
        concurrency=0,
        per_minute=10**9,
        given={"url": "ftp://x", "auth": "x", "seconds": "y", "more": 1},
    )

    with pytest.raises(NotKept) as caught:
        await kept(now, card)

    assert {(each.field, each.why) for each in caught.value.wrong} == {
        ("slug", "slug"), ("hosts", "host"), ("concurrency", "limit"), ("per_minute", "limit"),
        ("auth", "choice"), ("seconds", "number"), ("more", "pattern"), ("url", "pattern"),
    }  # fmt: skip


async def test_a_connection_switched_off_is_not_there(database, now):
    await kept(now, a_card(active=False))

    with pytest.raises(ConnectionMissing):
        await connections.opened("registry", VAULT)
    assert await connections.default_of("parvis.http", "registry") is None


async def test_a_step_without_a_name_uses_the_only_connection_of_its_kind(database, now):
    await kept(now)
    alone = await connections.default_of("parvis.http", "")
    await kept(now, a_card("other"))

    assert (alone, await connections.default_of("parvis.http", "")) == ("registry", None)
    assert await connections.default_of("parvis.http", "other") == "other"


async def test_a_test_is_remembered_until_the_connection_changes(database, now):
    await kept(now)
    await connections.record_test("registry", Checked(well=True, said="200"), now)
    before = (await connections.card("registry")).tested_well
    await kept(now)

    assert (before, (await connections.card("registry")).tested_well) == (True, None)


async def test_the_tables_have_the_columns_of_their_classes(database):
    for table in [each for each in all_tables() if each._meta.tablename.startswith("connectors_")]:
        found = await value(COLUMNS, table._meta.tablename)
        assert found == sorted(each._meta.name for each in table._meta.columns), table._meta.tablename


async def test_the_gate_is_told_which_connections_of_the_town_each_connector_may_use(database, now):
    catalogue = load_catalogue()
    before = await connections.usable(catalogue, {"mail": "parvis.mail"})
    await kept(now)
    one = await connections.usable(catalogue, {})
    await kept(now, a_card("archive"))
    await kept(now, a_card("off", active=False))
    two = await connections.usable(catalogue, {})

    assert (before["parvis:mail"].names, before["parvis:survey"].usual, before["parvis:http"].usual) == (
        ("mail",),
        "mail",
        "",
    )
    assert "parvis:agenda" not in before, "it needs no connection"
    assert (one["parvis:http"].usual, one["parvis:mail"].names) == ("registry", ())
    assert (two["parvis:http"].names, two["parvis:http"].usual) == (("archive", "registry"), "")
