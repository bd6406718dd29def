"""Where the page is, is a secret of its user: whoever lists the processes of a machine does not read it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

OPENED = """
from twokey.cli.serving.serve import announce
from twokey.page.server import open_server

server = open_server(0)
announce(server, "Review", open_browser=True)
print(server.url)
server.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="a browser that is a shell script, and a terminal made by pty")
def test_the_address_is_no_argument_of_the_browser_and_lies_in_a_file_of_its_user_alone(tmp_path: Path) -> None:
    seen, browser = tmp_path / "seen", tmp_path / "browser"
    browser.write_text(
        f'#!/bin/sh\nfile="${{1#file://}}"\nprintf "%s\\n" "$1" > {seen}\n'
        f'cat "$file" >> {seen}\nls -ld "$(dirname "$file")" >> {seen}\n'
    )
    browser.chmod(0o755)
    terminal, other_end = os.openpty()
    made = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-c", OPENED],
        stdout=subprocess.PIPE,
        stderr=other_end,
        env={**made, "BROWSER": f"{browser} %s", "TMPDIR": str(tmp_path)},
        text=True,
        check=True,
    )
    os.close(terminal)
    os.close(other_end)
    argument, content = seen.read_text().split("\n", 1)
    url = done.stdout.strip()
    assert argument.startswith("file://")
    assert url.split("/")[3] not in argument
    assert f'content="0;url={url}"' in content
    assert f"\n{stat.filemode(stat.S_IFDIR | 0o700)}" in content
    assert not list(tmp_path.glob("twokey-*")), "it goes with the process"
