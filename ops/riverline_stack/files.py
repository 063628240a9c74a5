"""Files that the stack writes for its servers: whole or not at all, and not again while they say what they should.

Every command that knows the programs, `stack status` and `stack down` too, first sees to their configuration. On a full
disk a file that is opened for writing is emptied and stays empty, and the server finds that at its next start.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Gives the file this text and these rights. Raises OSError, and then it is as before."""
    if _is_written(path, text, mode):
        return
    # Programs that start at once each see to the same files: no draft may be another one's.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(text)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _is_written(path: Path, text: str, mode: int) -> bool:
    try:
        return path.stat().st_mode & 0o777 == mode and path.read_text() == text
    except (OSError, ValueError):
        return False
