"""The screen of absences, over the real application: kept, refused where it is wrong, removed."""

from accounts import departments, people
from tests.admin.test_connection_pages import claire

__all__ = ["claire"]


async def test_an_absence_is_kept_shown_and_removed(claire, now):
    await departments.upsert(departments.Department(slug="accueil", name_fr="Accueil", name_en="Reception"))
    agent = await people.add(name="Yann Kerbrat", email="y@ville.example", kind="agent", now=now)
    given = {"who": "department:voirie", "first_day": "2026-11-23", "last_day": "2026-12-04"}
    given["substitute"] = "department:accueil"

    empty = await claire.open("/admin/absences")
    wrong = [
        await claire.send("/admin/absences", {**given, **changes}, page="/admin/absences")
        for changes in (
            {"who": ""},
            {"last_day": "2026-11-01"},
            {"last_day": "demain"},
            {"substitute": f"person:{agent}"},
            {"substitute": "department:voirie"},
            {"who": "person:nobody", "substitute": ""},
        )
    ]
    kept = await claire.send("/admin/absences", given, page="/admin/absences")
    twice = await claire.send("/admin/absences", given, page="/admin/absences")
    listed = await claire.open("/admin/absences")
    form = listed.text.split('action="/admin/absences/')[1].split('"')[0]
    await claire.send(f"/admin/absences/{form}", {}, page="/admin/absences")
    gone = await claire.open("/admin/absences")

    assert "Personne n’est absent" in empty.text
    assert [each.status_code for each in wrong] == [422] * 6
    assert "Le dernier jour précède le premier" in wrong[1].text
    assert "selected>Voirie" in wrong[1].text, "what was typed is kept"
    assert (kept.status_code, twice.status_code) == (200, 422)
    assert "vendredi 4 décembre" in listed.text and "aujourd’hui" in listed.text
    assert "Personne n’est absent" in gone.text
