"""Still WebP pictures of one size as one animated WebP (RFC 9649), without an image library."""

import struct

_ANIMATED, _ONCE_MORE = 0x02, 0  # the loop count 0 is for ever


def animation(stills: list[bytes], frame_ms: int, last_ms: int) -> bytes:
    """The stills one after the other, for ever; those that follow an equal one only lengthen it."""
    width, height = _size(stills[0])
    head = _chunk(b"VP8X", struct.pack("<B3x", _ANIMATED) + _three(width - 1) + _three(height - 1))
    head += _chunk(b"ANIM", struct.pack("<IH", 0xFFFFFFFF, _ONCE_MORE))
    shown: list[tuple[bytes, int]] = []
    for still in stills:
        if shown and shown[-1][0] == still:
            shown[-1] = (still, shown[-1][1] + frame_ms)
        else:
            shown.append((still, frame_ms))
    shown[-1] = (shown[-1][0], last_ms)
    frames = b"".join(_frame(still, width, height, lasts) for still, lasts in shown)
    body = b"WEBP" + head + frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _frame(still: bytes, width: int, height: int, lasts: int) -> bytes:
    place = _three(0) + _three(0) + _three(width - 1) + _three(height - 1) + _three(lasts) + b"\x02"
    return _chunk(b"ANMF", place + _image(still))


def _image(still: bytes) -> bytes:
    """The picture's own chunk: lossy (`VP8 `) or lossless (`VP8L`)."""
    at = 12
    while at < len(still):
        name, size = still[at : at + 4], struct.unpack("<I", still[at + 4 : at + 8])[0]
        if name in (b"VP8 ", b"VP8L"):
            return still[at : at + 8 + size + size % 2]
        at += 8 + size + size % 2
    raise ValueError("not a WebP picture")


def _size(still: bytes) -> tuple[int, int]:
    image = _image(still)
    if image[:4] == b"VP8L":
        bits = struct.unpack("<I", image[9:13])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", image[14:18])
    return width & 0x3FFF, height & 0x3FFF


def _three(number: int) -> bytes:
    return struct.pack("<I", number)[:3]


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
