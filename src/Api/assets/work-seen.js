// Which cards are in view, for jobs that ask for the whole batch to be looked at.

// Of a card, or of the window where the card is larger.
const part = 0.75;

// The bars lie over the first and the last of the window.
const bars = '-48px 0px -48px 0px';

// Null where the job does not ask. Otherwise what tells of a card whether it is in view now.
export function watchView(main, cards, changed) {
  if (main?.dataset.see !== 'whole') return null;
  const inView = new Set();
  const observer = new IntersectionObserver(entries => {
    for (const { target, intersectionRatio, intersectionRect, rootBounds } of entries) {
      if (intersectionRatio >= part || intersectionRect.height >= part * (rootBounds?.height ?? innerHeight)) inView.add(target);
      else inView.delete(target);
    }
    changed();
  }, { rootMargin: bars, threshold: Array.from({ length: 21 }, (_, step) => step / 20) });
  for (const card of cards) observer.observe(card);
  return card => inView.has(card);
}
