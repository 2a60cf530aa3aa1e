"""Making a screenshot's PNG small: a page is drawn in few colours, so a palette says it in a third of the bytes."""

import base64
import struct
import zlib

from playwright.async_api import Page

SIGNATURE = b"\x89PNG\r\n\x1a\n"

# The browser takes its own picture apart: the pixels as indices into a palette of at most 256 colours. Where a picture
# has more, colours that differ only in their low bits become the most frequent one of them.
TO_PALETTE = """
async (png) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  let buckets;
  for (let bits = 0; bits < 8; bits++) {
    const low = (0xff << bits) & 0xff;
    const mask = (low | (low << 8) | (low << 16)) >>> 0;
    buckets = new Map();
    for (const [pixel, count] of counts) {
      const key = (pixel & mask) >>> 0;
      const best = buckets.get(key);
      if (!best || count > best.count) buckets.set(key, { pixel, count });
    }
    if (buckets.size <= 256) {
      const palette = [...buckets.values()].map((one) => one.pixel);
      const place = new Map([...buckets.keys()].map((key, index) => [key, index]));
      const rows = new Uint8Array((picture.width + 1) * picture.height);
      for (let y = 0, at = 0, from = 0; y < picture.height; y++) {
        rows[at++] = 0;
        for (let x = 0; x < picture.width; x++) rows[at++] = place.get((pixels[from++] & mask) >>> 0);
      }
      let text = "";
      for (let i = 0; i < rows.length; i += 32768) text += String.fromCharCode(...rows.subarray(i, i + 32768));
      return { width: picture.width, height: picture.height, palette, rows: btoa(text) };
    }
  }
}
"""


async def smaller(blank: Page, png: bytes) -> bytes:
    """The same picture with a palette. ``blank`` is any page without content of its own."""
    taken = await blank.evaluate(TO_PALETTE, base64.b64encode(png).decode())
    palette = b"".join(struct.pack("<I", colour)[:3] for colour in taken["palette"])
    header = struct.pack(">IIBBBBB", taken["width"], taken["height"], 8, 3, 0, 0, 0)
    rows = zlib.compress(base64.b64decode(taken["rows"]), 9)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", rows), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
