"""Tables of the accounts. Generated columns (`name_folded`) and indexes live in the migrations: Piccolo cannot say
them."""

from piccolo.columns import UUID, Array, Boolean, Bytea, Date, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table


class Person(Table, tablename="person"):
    """Somebody with an account: an agent of the town, or a citizen who wanted one."""

    id = UUID(primary_key=True, default=None)
    kind = Varchar(length=16)
    name = Text()
    email = Text(unique=True)
    phone = Text(null=True, default=None)
    password_hash = Text(null=True, default=None, secret=True)
    administrator = Boolean(default=False)
    reception = Boolean(default=False)
    active = Boolean(default=True)
    locale = Varchar(length=5, default="fr")
    created_at = Timestamptz(default=None)


class Department(Table, tablename="department"):
    """A service of the town, as citizens and agents name it, and how to reach it."""

    slug = Varchar(length=80, primary_key=True)
    name_fr = Text()
    name_en = Text()
    email = Text(null=True, default=None)
    phone = Text(null=True, default=None)
    address = Text(null=True, default=None)
    hours_fr = Text(null=True, default=None)
    hours_en = Text(null=True, default=None)
    active = Boolean(default=True)


class Membership(Table, tablename="membership"):
    """A person works in a department; a supervisor also answers for it."""

    id = UUID(primary_key=True, default=None)
    person = ForeignKey(references=Person, on_delete=OnDelete.cascade)
    department = ForeignKey(references=Department, on_delete=OnDelete.cascade)
    supervisor = Boolean(default=False)


class Session(Table, tablename="session"):
    """One signed-in browser. Only the hash of its cookie is kept."""

    token_hash = Bytea(primary_key=True, default=b"")
    person = ForeignKey(references=Person, on_delete=OnDelete.cascade)
    device = Text(default="")
    created_at = Timestamptz(default=None)
    seen_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)


class ResetToken(Table, tablename="reset_token"):
    """A link sent to somebody who forgot the password. Only its hash is kept."""

    token_hash = Bytea(primary_key=True, default=b"")
    person = ForeignKey(references=Person, on_delete=OnDelete.cascade)
    ends_at = Timestamptz(default=None)


class ApiClient(Table, tablename="api_client"):
    """Another system of the town. Only the hash of its secret is kept."""

    id = UUID(primary_key=True, default=None)
    client_id = Text(unique=True)
    name = Text()
    secret_hash = Bytea(unique=True, default=b"")
    scopes = Array(base_column=Text())
    procedures = Array(base_column=Text())
    department = Text()
    created_at = Timestamptz(default=None)
    created_by_name = Text()
    used_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class ApiToken(Table, tablename="api_token"):
    """An access token of a client. Only its hash is kept."""

    token_hash = Bytea(primary_key=True, default=b"")
    client = ForeignKey(references=ApiClient, on_delete=OnDelete.cascade)
    ends_at = Timestamptz(default=None)


class Absence(Table, tablename="absence"):
    """A department or a person away between two days, and who takes their place."""

    id = UUID(primary_key=True, default=None)
    department = ForeignKey(references=Department, on_delete=OnDelete.cascade, null=True, default=None)
    person = ForeignKey(references=Person, on_delete=OnDelete.cascade, null=True, default=None)
    substitute_department = ForeignKey(references=Department, on_delete=OnDelete.cascade, null=True, default=None)
    substitute_person = ForeignKey(references=Person, on_delete=OnDelete.cascade, null=True, default=None)
    first_day = Date(default=None)
    last_day = Date(default=None)
    created_at = Timestamptz(default=None)
    created_by_name = Text()


TABLES: list[type[Table]] = [Person, Department, Membership, Session, ResetToken, ApiClient, ApiToken, Absence]
