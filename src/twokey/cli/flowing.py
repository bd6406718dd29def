"""Documentation as a terminal shows it: paragraphs filled to a width, code and lists left as they are.

No Markdown is rendered: the text stays what the docs show.
"""

import textwrap
from collections.abc import Iterator

WIDTH = 100


def flowing(text: str, width: int = WIDTH) -> str:
    """Return the text with each paragraph and each item of a list filled anew."""
    return "\n".join(line for block in _blocks(text) for line in _filled(block, width))


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield what is filled as one: a paragraph or an item; each line of code, and each empty line, alone."""
    block: list[str] = []
    code = False
    for line in text.splitlines():
        fence = line.lstrip().startswith("```")
        alone = code or fence or not line.strip()
        if block and (alone or line.startswith("- ")):
            yield block
            block = []
        if alone:
            yield [line]
        else:
            block.append(line)
        code ^= fence
    if block:
        yield block


def _filled(block: list[str], width: int) -> list[str]:
    if len(block) == 1 and len(block[0]) <= width:
        return block
    indent = "  " if block[0].startswith("- ") else ""
    joined = " ".join(line.strip() for line in block)
    return textwrap.wrap(joined, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
