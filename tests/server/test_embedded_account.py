"""Which identity runs PostgreSQL: an ordinary account itself, root through a user namespace, else as `nobody`."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from server import embedded_account
from server.embedded_account import choose_account, unprivileged_account
from server.embedded_postgresql import PostgreSQL


def test_root_runs_postgresql_in_a_namespace_and_others_run_it_directly(tmp_path: Path) -> None:
    expected = () if os.geteuid() else ("unshare", "--user")

    account = choose_account(tmp_path, tmp_path)

    assert account.prefix == expected
    assert account.user is None


def test_where_namespaces_are_refused_root_lends_a_folder_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            unprivileged_account(Path("/nowhere"))
        return
    state = Path(tempfile.mkdtemp(prefix="parvis-"))
    state.chmod(0o755)
    monkeypatch.setattr(embedded_account, "STATE_FOLDER", state)
    monkeypatch.setattr(embedded_account, "namespaces_allowed", lambda: False)
    (state / "data" / "logs").mkdir(parents=True)
    server = PostgreSQL(state / "data", state, durable=False)

    server.launch()
    server.wait_ready()
    owner = (server.cluster / "PG_VERSION").stat().st_uid
    server.stop()

    assert owner == server.account.user != 0
    assert not server.is_alive()
    shutil.rmtree(state)
