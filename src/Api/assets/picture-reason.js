// Why one of our own pictures could not be shown, in the server's words: browsers keep an answer that is no picture to themselves.

const patienceMilliseconds = 10_000;

// Reasons name pictures, whose addresses may be long.
const longest = 300;

// Null where nobody says: another host's picture, one that is served elsewhere, or an answer that is no problem document.
export async function reasonOf(address) {
  const url = new URL(address, location.href);
  if (url.origin !== location.origin) return null;
  try {
    // Where a store serves it, its answer is not ours to read.
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(patienceMilliseconds) });
    if (response.ok || !response.headers.get('content-type')?.startsWith('application/problem+json')) {
      await response.body?.cancel();
      return null;
    }
    const { detail } = await response.json();
    return typeof detail === 'string' ? shortened(detail) : null;
  } catch {
    return null;
  }
}

function shortened(text) { return text.length > longest ? `${text.slice(0, longest - 1)}…` : text; }
