"""Single keys from whatever stdin is: a terminal on POSIX or Windows, or a pipe, so that scripts can drive a session.

A key is a character, or one of the names below for what is none. It knows nothing of what the keys are for.
"""

import codecs
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Keys = Callable[[], str]

EOF = ""
ENTER = "\n"
ESCAPE = "\x1b"
BACKSPACE = "\x7f"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
PASTE = "\x1b[200~"
"""What was pasted into a terminal comes as one key that starts with this, so that no text is taken for commands."""

_PASTE_END = "\x1b[201~"
_PASTING_ON, _PASTING_OFF = "\x1b[?2004h", "\x1b[?2004l"
_ESCAPE_SECONDS = 0.05
_MOST_PASTED = 100_000
_SAME = {"\r": ENTER, "\x08": BACKSPACE, "\x04": EOF, "\x1a": EOF}


@contextmanager
def keyboard(stdin: TextIO, stdout: TextIO) -> Iterator[Keys]:
    """Yield a function that waits for one key; `EOF` when there is no more. The terminal is restored afterwards.

    The function raises KeyboardInterrupt on Ctrl-C.
    """
    if not stdin.isatty():
        yield lambda: _SAME.get(key := stdin.read(1), key)
    elif sys.platform == "win32":
        yield _windows_key
    else:
        with _cbreak(stdin.fileno()):
            stdout.write(_PASTING_ON)
            stdout.flush()
            try:
                yield _PosixKeys(stdin.fileno())
            finally:
                stdout.write(_PASTING_OFF)
                stdout.flush()


@contextmanager
def _cbreak(terminal: int) -> Iterator[None]:
    """Have keys arrive one by one and unechoed; Ctrl-C still interrupts."""
    import termios
    import tty

    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


class _PosixKeys:
    """Reads bytes of a terminal and makes keys of them: UTF-8 characters, arrows, pasted texts."""

    def __init__(self, terminal: int) -> None:
        self.terminal = terminal
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.read: deque[str] = deque()

    def __call__(self) -> str:
        """Wait for one key."""
        char = self._char(None)
        if char != ESCAPE:
            return _SAME.get(char, char)
        after = self._char(_ESCAPE_SECONDS)
        if after not in ("[", "O"):
            self.read.extendleft([after] if after else [])
            return ESCAPE
        key = ESCAPE + "[" + self._until_final()
        return PASTE + self._pasted() if key == PASTE else key

    def _until_final(self) -> str:
        sequence = ""
        while char := self._char(_ESCAPE_SECONDS):
            sequence += char
            if "\x40" <= char <= "\x7e" or len(sequence) > 16:
                break
        return sequence

    def _pasted(self) -> str:
        text = ""
        while not text.endswith(_PASTE_END) and (char := self._char(None)):
            text += char if len(text) < _MOST_PASTED or char in _PASTE_END else ""
        return text.removesuffix(_PASTE_END).replace("\r", "\n")

    def _char(self, seconds: float | None) -> str:
        """Return the next character; nothing at the end, or where none comes within so many seconds."""
        import select

        while not self.read:
            if seconds is not None and not select.select([self.terminal], [], [], seconds)[0]:
                return EOF
            try:
                data = os.read(self.terminal, 1024)
            except OSError:  # the other side of a pseudo-terminal is gone
                return EOF
            if not data:
                return EOF
            self.read.extend(self.decoder.decode(data))
        return self.read.popleft()


def _windows_key() -> str:
    """Wait for one key of a Windows console."""
    if sys.platform != "win32":
        raise OSError("this is no Windows console")
    import msvcrt

    char = msvcrt.getwch()
    if char == "\x03":
        raise KeyboardInterrupt
    if char in ("\x00", "\xe0"):
        return {"H": UP, "P": DOWN, "M": RIGHT, "K": LEFT}.get(msvcrt.getwch(), " ")
    return _SAME.get(char, char)
