"""What differs between systems is asked for in zoo/system alone, and text has an encoding."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

MODULES = {"ctypes", "fcntl", "msvcrt", "pty", "pwd", "resource", "termios", "winreg"}
NAMES = {
    "os": {
        *("kill", "killpg", "fork", "forkpty", "register_at_fork", "wait4", "posix_spawnp"),
        *("pread", "sep", "altsep", "name", "uname", "sysconf", "sched_getaffinity"),
        *("getuid", "geteuid", "getpgid", "setsid"),
    },
    "signal": {"SIGKILL", "SIGHUP", "SIGBREAK", "SIGALRM", "pthread_sigmask"},
    "shlex": {"quote", "join", "split"},
    "subprocess": {"list2cmdline", "CREATE_NEW_PROCESS_GROUP"},
    "sys": {"platform", "getwindowsversion"},
}
KEYWORDS = {"start_new_session", "preexec_fn", "creationflags", "process_group"}
# They are programs of their own, and import nothing of zoo: `zoo bench` asks before it runs its.
EXCEPT = {ROOT / "zoo/bench/launch.py", ROOT / "zoo/bundle/app/files.py"}
NOT_FILES = {
    "Image",
    "os",
    "opener",
    "webbrowser",
    "gzip",
    "formatter",
}  # their methods have these names
# Files of zoo itself or of this process are no stranger's.
OWN_FILES = {
    "cli/output/help.py",
    "cli/bundle.py",
    "cli/export.py",
    "zoo/bundle/contents.py",
    "zoo/bundle/folder.py",
    "zoo/bundle/app/integrity.py",
    "zoo/bundle/app/resources.py",
    "zoo/config/cache_key.py",
    "zoo/config/templates.py",
    "zoo/data/samples.py",
    "zoo/demo/html_page.py",
    "zoo/export/write.py",
    "zoo/parallel/cpus.py",
    "zoo/parallel/dask_cluster.py",
    "zoo/training/jobs.py",
}


def sources() -> Iterator[Path]:
    for folder in ("zoo", "cli", "models"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def dependencies(text: str) -> Iterator[str]:
    """Yield what a source uses that another system does not have, or has differently."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name in MODULES)
            case ast.ImportFrom(module=module, names=names):
                yield from [module] if module in MODULES else []
                yield from (
                    f"{module}.{alias.name}"
                    for alias in names
                    if alias.name in NAMES.get(str(module), ())
                )
            case ast.Attribute(attr="samefile" | "st_ino" as name):
                yield name
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                yield from [f"{module}.{name}"] if name in NAMES.get(module, ()) else []
            case ast.keyword(arg=str(name)) if name in KEYWORDS:
                yield name
            case ast.Constant(value=str(value)) if value.startswith(("/proc", "/dev/")):
                yield value


def texts_without_encoding(text: str) -> Iterator[int]:
    """Yield the lines that read or write text in the encoding of the system."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _is_text(node):
            names = {keyword.arg for keyword in node.keywords}
            if "encoding" not in names:
                yield node.lineno


def _is_text(call: ast.Call) -> bool:
    names = {keyword.arg for keyword in call.keywords}
    match call.func:
        case ast.Name(id="open"):
            return "b" not in _mode(call.args[1:2])
        case ast.Attribute(value=ast.Name(id="subprocess")):
            return not names.isdisjoint({"text", "universal_newlines"})
        case ast.Attribute(value=ast.Name(id=name)) if name in NOT_FILES:
            return False
        case ast.Attribute(attr="open"):
            return "b" not in _mode(call.args[:1])
        case ast.Attribute(attr="read_text" | "write_text" as name):
            return len(call.args) == (name == "write_text")  # metadata of a package has a name
        case _:
            return False


def _mode(arguments: list[ast.expr]) -> str:
    return str(getattr(arguments[0], "value", "")) if arguments else "r"


def test_systems_differ_only_in_system() -> None:
    """No other module uses what Windows or macOS does not have."""
    found = {
        str(path.relative_to(ROOT)): uses
        for path in sources()
        if path.parent != ROOT / "zoo/system"
        and path not in EXCEPT
        and (uses := sorted(set(dependencies(path.read_text(encoding="utf-8")))))
    }
    assert found == {}


def readings(text: str) -> Iterator[str]:
    """Yield the calls of a source that read any file, of any size, or wait for a pipe."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Attribute(attr="read_bytes" | "read_text" as name), args=[]):
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if name in NOT_FILES:
                continue
            case ast.Call(
                func=ast.Attribute(attr="open"), args=[] | [ast.Constant(value="r" | "rb")]
            ):
                yield "open"
            case ast.Call(
                func=ast.Name(id="open" | "FileIO"), args=[_, ast.Constant(value="r" | "rb")]
            ) if "opener" not in {keyword.arg for keyword in node.keywords}:
                yield "open"


def test_files_are_read_in_one_way() -> None:
    """Files that may be a stranger's are opened by `zoo.system.files.open_regular`."""
    found = {
        str(path.relative_to(ROOT)): calls
        for path in sources()
        if path.relative_to(ROOT).parts[0] != "models"
        and path.relative_to(ROOT).parts[:2] not in {("zoo", "system"), ("zoo", "bench")}
        and str(path.relative_to(ROOT)) not in OWN_FILES
        and (calls := list(readings(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("path.read_bytes()", 1),
        ("path.read_text(encoding='utf-8')", 1),
        ("path.open('rb')", 1),
        ("path.open(encoding='utf-8')", 1),
        ("open(path, 'rb')", 1),
        ("open(path, 'rb', opener=regular_opener)", 0),
        ("path.open('xb')", 0),
        ("distribution.read_text('LICENSE')", 0),
    ],
)
def test_readings_found(text: str, count: int) -> None:
    """The rule sees these forms."""
    assert len(list(readings(text))) == count


def test_text_has_an_encoding() -> None:
    """Text that zoo reads and writes does not depend on the code page of Windows."""
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := list(texts_without_encoding(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "os.kill(process, 0)",
        "from os import kill",
        "import ctypes",
        "from ctypes import wintypes",
        "if os.name == 'nt': pass",
        "sys.platform",
        "path.samefile(other)",
        "os.stat(path).st_ino",
        "Popen(command, start_new_session=True)",
        "Path('/proc/self/stat')",
        "f'/proc/{process}/stat'",
        "shlex.quote(name)",
    ],
)
def test_dependencies_found(text: str) -> None:
    """The rule sees these forms."""
    assert len(list(dependencies(text))) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("open(path)", 1),
        ("path.open()", 1),
        ("path.open('w')", 1),
        ("path.read_text()", 1),
        ("path.write_text(text)", 1),
        ("subprocess.run(command, text=True)", 1),
        ("open(path, 'rb')", 0),
        ("path.open('rb')", 0),
        ("path.open('w', encoding='utf-8')", 0),
        ("path.read_text(encoding='utf-8')", 0),
        ("distribution.read_text('LICENSE')", 0),
        ("webbrowser.open(address)", 0),
    ],
)
def test_texts_without_encoding_found(text: str, count: int) -> None:
    """The rule sees text, and neither bytes nor what is not a file."""
    assert len(list(texts_without_encoding(text))) == count
