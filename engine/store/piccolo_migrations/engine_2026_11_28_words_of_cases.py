"""Words of cases: what a search looks into is said by the statement that files a case, whose plan is kept. As a
generated column it was planned anew with every case, which took a tenth of the filing."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T22:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the words of a case are written, and kept right by a trigger"

WORDS = """
CREATE FUNCTION engine_case_words(applicant_name text, applicant_email text, reference text, title text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN parvis_fold(
        coalesce(applicant_name, '') || ' ' || coalesce(applicant_email, '') || ' ' || reference || ' ' || title);
ALTER TABLE engine_case ALTER COLUMN search_text DROP EXPRESSION;
CREATE FUNCTION engine_write_case_words() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    NEW.search_text := engine_case_words(NEW.applicant_name, NEW.applicant_email, NEW.reference, NEW.title);
    RETURN NEW;
END $function$;
CREATE TRIGGER engine_case_filed BEFORE INSERT ON engine_case
    FOR EACH ROW WHEN (NEW.search_text IS NULL) EXECUTE FUNCTION engine_write_case_words();
CREATE TRIGGER engine_case_renamed BEFORE UPDATE OF applicant_name, applicant_email, reference, title ON engine_case
    FOR EACH ROW EXECUTE FUNCTION engine_write_case_words();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="engine", description=DESCRIPTION)

    async def write() -> None:
        await run(WORDS)

    manager.add_raw(write)
    return manager
