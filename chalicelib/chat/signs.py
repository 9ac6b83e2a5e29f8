"""Signs of frustration in a message, of the kinds of cues/frustration.toml."""

import re

from chalicelib.chat.cues import load

MANY = 2  # signs from which on somebody has had enough, by the cues alone
SHOUTED_WORDS = 2
MANY_SOFT = 3  # soft signs are one together, and two from here on
_CLAUSE_ENDS = re.compile(r"[,;:.\n]+(?!\d)")
_QUOTED = re.compile(r'["“«][^"”»]*["”»]')


def own_words(message: str) -> str:
    """The message without what it quotes: somebody else's words."""
    return _QUOTED.sub(" ", message)


def count(message: str) -> int:
    """How many signs there are; a strong one counts two."""
    cues = load("frustration")
    said = own_words(message)
    plain = cues.spelt_out(said)
    clauses = [cues.spelt_out(clause) for clause in _CLAUSE_ENDS.split(said)]
    strong, mild, soft = (sum(cues.count(group, one) for one in clauses) for group in ("strong", "mild", "soft"))
    cheerful, orders, asks = cues.count("cheer", plain) > 0, cues.mentions("order", plain), cues.mentions("ask", plain)
    if cues.mentions("aside", plain):
        strong, mild, soft = max(0, strong - 1), 0, 0
    if cheerful:
        mild, soft = max(0, mild - 1), 0
    soft = 0 if orders else max(0, soft - asks)
    signs = 2 * strong + mild + min(1, soft) + (soft >= MANY_SOFT)
    if signs:
        return signs + (cues.mentions("louder", plain) or shouted(message))
    excused = cheerful or orders or asks or cues.mentions("aside", plain) or cues.mentions("home", plain)
    return int(not excused and cues.count("hint", plain) > 0)


def shouted(message: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", message)
    return len(words) >= SHOUTED_WORDS and all(word.isupper() for word in words)
