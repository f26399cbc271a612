// Whether all of a picture is there: browsers draw what they can of a damaged file, were it nothing, and say so only to who asks for all. That takes the
// browser some milliseconds each, so that it is done before a batch is asked for where its pictures are known by then.
const key = 'bulkqa:whole';

// Fails for a picture that can't be decoded, or not to its end.
export async function decodeWhole(picture) {
  await picture.decode();
  if (isKnown(picture.src)) return;
  // To a size, because drawings may have none.
  (await createImageBitmap(picture, { resizeWidth: 1, resizeHeight: 1 })).close();
}

// For the page that comes next in this tab.
export function noteWhole(urls) {
  try { sessionStorage.setItem(key, JSON.stringify(urls)); } catch { /* Then they are looked at again. */ }
}

// The page before has looked at the very bytes: they came out of the browser's store now.
function isKnown(url) {
  const entry = performance.getEntriesByName(url, 'resource')[0];
  if (!entry || entry.transferSize > 0 || !(entry.encodedBodySize > 0)) return false;
  try { return (JSON.parse(sessionStorage.getItem(key)) ?? []).includes(url); } catch { return false; }
}
