"""What makes a signature provable: fingerprints of data, and pictures that can be read."""

import base64
import hashlib
import io

from PIL import Image

# A signature pad gives some 20 kB; a photograph of a signature may be larger.
MAX_PICTURE_PIXELS = 20_000_000


def digest(data):
    """Return the SHA-256 of bytes as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def is_picture(data):
    """Whether base64 data is a whole PNG, as signature pads make it; nothing else is stored."""
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=["PNG"])
        if picture.width * picture.height > MAX_PICTURE_PIXELS:
            return False
        picture.load()
    except (ValueError, OSError, SyntaxError, Image.DecompressionBombError):
        return False
    return True
