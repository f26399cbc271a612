// Gets the pictures of the batch that is likely to come while this one is looked at. Nothing is handed out by that: where another batch comes, its own
// pictures are loaded then. Once a page, and after the page's own pictures.
import { decodeWhole, noteWhole } from './picture-whole.js';

let hasLooked = false;

// Held as long as the page is, so that the browser does, too.
const kept = [];

export async function lookAhead(main) {
  if (hasLooked || !main?.dataset.ahead) return;
  hasLooked = true;
  const reply = await fetch(main.dataset.ahead).catch(() => null);
  const ahead = reply?.ok ? await reply.json().catch(() => null) : null;
  if (!ahead) return;
  // Whose turn it is has been drawn.
  if (ahead.next) main.dataset.next = ahead.next;
  for (const url of ahead.pictures) {
    const picture = new Image();
    picture.fetchPriority = 'low';
    picture.src = url;
    kept.push(picture);
  }
  const whole = [];
  for (const picture of kept) {
    await decodeWhole(picture).then(() => whole.push(picture.src), () => {});
    noteWhole(whole);
    await idle();
  }
}

// One at a time, when the worker's own page has nothing to do.
function idle() {
  return new Promise(resolve => { if ('requestIdleCallback' in window) requestIdleCallback(resolve, { timeout: 1000 }); else setTimeout(resolve, 50); });
}
