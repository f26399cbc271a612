// Which cards are in view, for jobs that ask for the whole batch to be looked at.

// Of a card, or of the window where the card is larger.
const part = 0.75;

// In pixels: the bars over the first and the last of the window. In a low one they are not taken for more than they leave.
const bar = 48;
const mostOfWindow = 1 / 8;

// Null where the job does not ask. Otherwise what tells of a card whether it is in view now: measured, since what an observer tells by steps of a card's height comes too
// late, or never, where the window is low or everything is enlarged.
export function watchView(main, changed) {
  if (main?.dataset.see !== 'whole') return null;
  addEventListener('scroll', changed, { passive: true, capture: true });
  addEventListener('resize', changed);
  return card => {
    const box = card.getBoundingClientRect();
    const covered = Math.min(bar, innerHeight * mostOfWindow);
    const [high, wide] = [innerHeight - 2 * covered, document.documentElement.clientWidth];
    return Math.min(box.bottom, innerHeight - covered) - Math.max(box.top, covered) >= part * Math.min(box.height, high)
      && Math.min(box.right, wide) - Math.max(box.left, 0) >= part * Math.min(box.width, wide);
  };
}
