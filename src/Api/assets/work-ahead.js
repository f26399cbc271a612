// Gets the pictures of the batch that is likely to come while this one is looked at. Nothing is handed out by that: where another batch comes, its own
// pictures are loaded then. Once a page, and after the page's own pictures.
let hasLooked = false;

// Pictures stay in the browser's memory as long as somebody holds them.
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
}
