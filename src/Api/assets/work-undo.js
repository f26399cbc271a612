// Offers the batch that was sent a moment ago, to answer it anew: for a minute, in this tab.
import { word } from './words.js';

const key = 'bulkqa:sent';
const seconds = 60;

// The answers stay where they are kept until they can't be taken back any more.
export function noteSent(task, answers) {
  forget(answers);
  const page = new URL(location);
  page.searchParams.set('again', task);
  try { sessionStorage.setItem(key, JSON.stringify({ page: page.href, answers, at: Date.now() })); } catch { /* Then there is nothing to take back. */ }
}

// One that is not to be taken back: what was sent before it is not either.
export function noteFinal(answers) {
  forget();
  try { sessionStorage.removeItem(answers); } catch { /* Nothing is kept then. */ }
}

function forget(but) {
  const answers = read()?.answers;
  try { if (answers && answers !== but) sessionStorage.removeItem(answers); sessionStorage.removeItem(key); } catch { /* Nothing is kept then. */ }
}

// Before the first element of the page. A batch that is shown again is not offered once more.
export function offerUndo(main) {
  const sent = read();
  const left = () => seconds - (Date.now() - sent.at) / 1000;
  if (!sent || main?.dataset.again) return;
  if (left() <= 0) {
    forget();
    return;
  }
  const notice = document.createElement('aside');
  notice.className = 'sent';
  notice.setAttribute('aria-label', word('Saved.'));
  const undo = document.createElement('button');
  undo.type = 'button';
  undo.className = 'quiet undo';
  undo.addEventListener('click', () => location.assign(sent.page));
  notice.append(word('Saved.'), ' ', undo);
  const show = () => {
    if (left() <= 0) { clearInterval(timer); notice.remove(); forget(); } else undo.textContent = word('Undo ({0} s)', Math.ceil(left()));
  };
  const timer = setInterval(show, 1000);
  show();
  document.querySelector('header.bar')?.after(notice);
}

function read() {
  try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
}
