// How the worker did on the gold of the batch that was sent last, where the job tells: above the page that follows, until it is closed.
import { word } from './words.js';

const key = 'bulkqa:feedback';

// Whoever comes back later has forgotten the batch.
const longest = 10 * 60 * 1000;

// Pictures are those of the cards, which go with the page.
export function noteFeedback(main, cards, gold) {
  const images = gold.images.map(check => ({ ...check, picture: cards.find(card => card.name === check.box)?.querySelector('img')?.src }));
  try { sessionStorage.setItem(key, JSON.stringify({ ...gold, images, label: main.dataset.label, worker: main.dataset.worker, at: Date.now() })); } catch { /* Then nothing is told. */ }
}

export function showFeedback() {
  const told = take();
  const worker = document.getElementById('task')?.dataset.worker ?? told?.worker;
  if (!told || told.worker !== worker || Date.now() - told.at > longest) return;
  const notice = document.createElement('section');
  notice.className = 'feedback';
  notice.setAttribute('aria-label', word('How you did'));
  const sum = document.createElement('p');
  sum.setAttribute('role', 'status');
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'quiet';
  close.textContent = word('Close');
  close.addEventListener('click', () => notice.remove());
  const list = document.createElement('ul');
  list.append(...told.images.map(check => itemOf(check, told.label)));
  notice.append(sum, close, list);
  document.querySelector('main').before(notice);
  // Said once it is on the page.
  sum.textContent = sumOf(told);
}

function sumOf({ checks, right }) {
  if (checks > 1) return word('{0} of {1} checks in the batch before were right.', right, checks);
  return right === 1 ? word('The check in the batch before was right.') : word('The check in the batch before was missed.');
}

function itemOf({ picture, gold, hit }, label) {
  const item = document.createElement('li');
  item.className = hit ? 'hit' : 'miss';
  if (picture) {
    const image = document.createElement('img');
    image.src = picture;
    image.alt = '';
    item.append(image);
  }
  const truth = document.createElement('span');
  truth.textContent = gold === 'right'
    ? hit ? word('Right: it is {0}', label) : word('Missed: it is {0}', label)
    : hit ? word('Right: it is not {0}', label) : word('Missed: it is not {0}', label);
  item.append(truth);
  return item;
}

// Once.
function take() {
  try {
    const told = JSON.parse(sessionStorage.getItem(key));
    sessionStorage.removeItem(key);
    return told;
  } catch {
    return null;
  }
}
