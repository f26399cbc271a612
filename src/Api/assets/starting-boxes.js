// What the boxes of a batch begin with: what its task says, or else its template's boxes.

const fitsOf = new Map([['ticked', true], ['unticked', false], ['neither', null]]);

const given = document.getElementById('task')?.dataset.boxes;

export const isEachImageAsked = given === 'neither';

// Whether an image fits before anybody said so; null where it is neither yet.
export function fitsAtStart(box) {
  return fitsOf.has(given) ? fitsOf.get(given) : box?.checked ?? false;
}

// How a whole batch began; null where a template ticks some of its boxes and not others.
export function startOf(cards) {
  const starts = new Set(cards.map(card => card.fitsAtStart));
  return starts.size === 1 ? [...fitsOf].find(([, fits]) => starts.has(fits))[0] : null;
}
