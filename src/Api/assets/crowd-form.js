// One batch: waits until its pictures are shown, steers by keyboard, sends the answer once and again until it is saved.
import { isZoomed, unzoom } from './picture-zoom.js';
import { choosePictureSize } from './picture-size.js';
import { letterOf, stepOf } from './keys.js';
import { isEachImageAsked, startOf } from './starting-boxes.js';
import { noteFeedback, showFeedback } from './work-feedback.js';
import { showGuidance } from './work-guidance.js';
import { lookAhead } from './work-ahead.js';
import { keepLease } from './work-lease.js';
import { flush, put, remove } from './work-outbox.js';
import { watchView } from './work-seen.js';
import { noteFinal, noteSent, offerUndo } from './work-undo.js';
import { word } from './words.js';

const main = document.getElementById('task');
const storageKey = main ? `bulkqa:${main.dataset.key}` : null;

// Counted by a clock that nobody sets, from when the page came: after the server stamped it, so that no answer seems given
// later than it was, and hardly after, so that none seems given much earlier.
const beganMilliseconds = performance.getEntriesByType('navigation')[0]?.responseStart || performance.now();

// To the job whose turn it is, or to the next batch of this one.
function goOn() {
  if (main?.dataset.next) location.assign(main.dataset.next);
  else if (main?.dataset.again) location.assign(pageWithout('again'));
  else location.reload();
}

function pageWithout(parameter) {
  const page = new URL(location);
  page.searchParams.delete(parameter);
  return page;
}

export class CrowdForm extends HTMLElement {
  connectedCallback() {
    if (this.button) return;
    this.start = startOf(this.cards);
    if (this.start) this.dataset.start = this.start;
    this.dress();
    this.button.addEventListener('click', () => this.submit());
    this.addEventListener('crowd-answer', event => { this.dropRetry(); this.keepAnswers(); this.refresh(); this.aloud.textContent = event.target.spoken; });
    this.addEventListener('crowd-picture', () => this.look());
    this.addEventListener('crowd-tab', () => this.look());
    document.addEventListener('keydown', event => this.key(event));
    window.addEventListener('online', () => { if (this.retry) this.submit(); });
    choosePictureSize();
    offerUndo(main);
    showFeedback();
    const first = showGuidance();
    // What a page before could not send.
    if (main) flush(main.dataset.worker, main.dataset.action).then(said => { if (said) this.tell(said); });
    if (main?.dataset.lease) this.letGo = keepLease(main.dataset.lease, main.dataset.worker, Number(main.dataset.leaseSeconds), () => this.loseLease());
    queueMicrotask(() => { this.recall(); (first ?? this.cards[0])?.focus(); this.isInView = watchView(main, () => this.look()); this.look(); });
  }

  get cards() { return [...this.querySelectorAll('crowd-card')]; }

  get undecided() { return this.cards.filter(card => card.undecided); }

  // A batch that would be answered without one picture seen.
  get isUnshown() { return this.cards.length > 0 && this.cards.every(card => !card.loading && card.failed); }

  dress() {
    const bar = document.createElement('div');
    bar.className = 'answer';
    this.message = document.createElement('p');
    this.message.className = 'message';
    this.message.setAttribute('role', 'status');
    this.message.id = 'batch-message';
    bar.append(this.message);
    this.button = this.querySelector('crowd-button button');
    if (!this.button) {
      this.button = document.createElement('button');
      this.button.type = 'button';
      this.button.className = 'submit';
      this.button.textContent = word('Submit');
      bar.prepend(this.button);
    }
    this.button.disabled = true;
    this.button.setAttribute('aria-describedby', this.message.id);
    this.other = document.createElement('button');
    this.other.type = 'button';
    this.other.className = 'another';
    this.other.textContent = word('Another batch');
    this.other.hidden = true;
    this.other.addEventListener('click', goOn);
    this.message.after(this.other);
    bar.append(keyHint());
    // What became of a card, for whom does not see it.
    this.aloud = document.createElement('p');
    this.aloud.className = 'aloud';
    this.aloud.setAttribute('role', 'status');
    bar.append(this.aloud);
    this.append(bar);
  }

  // Beside what there is to say of the batch first, should that not be known yet.
  tell(said) {
    if (this.state === undefined || this.state === null) this.told = said;
    this.say(said);
  }

  say(text) { this.message.textContent = text; }

  // Cards are seen once a frame was drawn while they and their pictures, or the notes in their place, were on the page; in view, where the job asks for that.
  look() {
    if (this.looking) return;
    this.looking = true;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      this.looking = false;
      for (const card of this.cards) if (!card.loading && isDrawn(card) && (this.isInView?.(card) ?? true)) card.seen = true;
      this.refresh();
    }));
  }

  refresh() {
    if (this.submitting) return;
    const hidden = this.cards.filter(card => !card.seen);
    if (!this.cards.some(card => card.loading)) lookAhead(main);
    this.ready = hidden.length === 0 && !this.isUnshown && this.undecided.length === 0;
    this.button.disabled = !this.ready;
    this.classList.toggle('unshown', this.isUnshown);
    this.other.hidden = !(this.refused || this.isLost || (this.isUnshown && this.reported));
    if (this.isUnshown) this.report();
    const state = this.describe(hidden);
    // What was said since, such as that nothing was saved, stands until this changes.
    if (state !== this.state && state !== null) {
      this.say([this.told, state].filter(Boolean).join(' '));
      this.told = null;
    }
    this.state = state;
  }

  // What there is to say of the batch; null where that is not known yet.
  describe(hidden) {
    if (this.isUnshown) return this.noneShown();
    if (this.cards.some(card => card.loading)) return null;
    if (hidden.length > 0) return this.isInView && hidden.some(isDrawn) ? word('Look at every picture before you submit: {0} left to scroll to.', count(hidden)) : word('{0} in another tab: look there first.', count(hidden));
    const [failed, undecided] = [this.cards.filter(card => card.failed), this.undecided];
    return [
      ...this.isLost ? [word('This batch is kept for you no longer: others may get it. What you submit still counts.')] : [],
      ...undecided.length > 0 ? [undecided.length === 1 ? word('1 picture has no answer yet.') : word('{0} pictures have no answer yet.', undecided.length)] : [],
      ...failed.length > 0 ? [failed.length === 1 ? word('1 picture can\'t be shown and will count as not seen.') : word('{0} pictures can\'t be shown and will count as not seen.', failed.length)] : [],
    ].join(' ');
  }

  noneShown() {
    const [job, task] = [main?.dataset.job, main?.dataset.task];
    return [word('None of these pictures can be shown, so this batch can\'t be submitted.'), this.reported
      ? word('The page of the job \'{0}\' says so of task {1}. Go on with another batch; this one comes again later.', job, task)
      : word('Reload to try again; if that doesn\'t help, tell whoever runs the job \'{0}\' about task {1}.', job, task)].join(' ');
  }

  loseLease() {
    this.isLost = true;
    this.refresh();
  }

  // Once a page: the job shows its operator that this batch can't be answered, and this worker gets another.
  async report() {
    if (!main || this.reporting) return;
    this.reporting = true;
    const response = await post(main.dataset.unshown, { workerId: main.dataset.worker }).catch(() => null);
    this.reported = response?.ok ?? false;
    this.refresh();
  }

  // What was answered before a reload is answered after it.
  keepAnswers() {
    keep(() => sessionStorage.setItem(storageKey, JSON.stringify(Object.fromEntries(this.cards.map(card => [card.name, card.kept])))));
  }

  recall() {
    const kept = keep(() => JSON.parse(sessionStorage.getItem(storageKey))) ?? {};
    for (const card of this.cards) if (Object.hasOwn(kept, card.name)) card.kept = kept[card.name];
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const letter = letterOf(event);
    if (isZoomed()) {
      // Nothing is answered behind it.
      if (letter === 'z' && !event.repeat) unzoom();
      return;
    }
    const at = this.cards.find(card => card.contains(document.activeElement));
    if (event.key === 'Enter') {
      // What acts by itself takes it for itself; what lies in a card, and the button that submits, is the batch's.
      const own = event.target.closest('a, summary, [role=tab], select, button');
      if (own && own !== this.button && !own.closest('crowd-card')) return;
      event.preventDefault();
      // A key held down is one press: the batches that follow are not seen yet.
      if (!event.repeat) this.submit();
    } else if (event.key === ' ' && at && at === document.activeElement) {
      event.preventDefault();
      if (!event.repeat) at.toggle();
    } else if (isEachImageAsked && ['y', 'n'].includes(letter) && at) {
      event.preventDefault();
      if (!event.repeat) at.say(letter === 'y', false);
    } else if ((letter === 't' || event.key === '?') && at) {
      event.preventDefault();
      if (!event.repeat) at.toggleUnsure();
    } else if (letter === 'z' && at) {
      event.preventDefault();
      if (!event.repeat) at.zoom();
    } else if (event.key.startsWith('Arrow')) {
      const next = neighbour(this.cards.filter(card => card.getClientRects().length > 0), at, event);
      if (!next) return;
      next.focus();
      event.preventDefault();
    }
  }

  // Of an answer that is being changed nothing is sent by itself.
  dropRetry() {
    clearTimeout(this.retry);
    this.retry = null;
  }

  // Later and later, up to half a minute.
  retryLater() {
    this.failures = (this.failures ?? 0) + 1;
    const wait = Math.min(30, 2 ** this.failures);
    this.retry = setTimeout(() => { this.retry = null; this.submit(); }, 1000 * wait);
    return wait;
  }

  async submit() {
    if (!main || this.submitting) return;
    this.dropRetry();
    // A picture may have come since it was last looked.
    this.refresh();
    const loading = this.cards.filter(card => card.loading).length;
    if (!this.ready) {
      if (loading > 0) this.say(word('Still loading: {0} of {1} pictures.', loading, this.cards.length));
      else (this.cards.find(card => !card.seen && isDrawn(card)) ?? this.undecided.find(isDrawn))?.focus();
      return;
    }
    if (!this.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))) return;
    this.submitting = true;
    this.button.disabled = true;
    this.say(word('Saving …'));
    try {
      const { gold } = await this.send();
      this.letGo?.();
      // Whoever is told what was right takes nothing back.
      if (gold) {
        noteFinal(storageKey);
        noteFeedback(main, this.cards, gold);
      } else noteSent(main.dataset.task, storageKey);
      goOn();
    } catch (error) {
      // Of a batch that takes no more answers, or none of this worker, sending again makes no difference.
      this.refused = error.isRefusal === true;
      const then = this.refused ? word('Go on with another batch.')
        : error.isPassing ? word('Your ticks are kept on this device, and sent again by themselves in {0} s.', this.retryLater()) : word('Your ticks are kept; submit again.');
      this.say([word('Not saved: {0}', error.message), then].join(' '));
      this.submitting = false;
      this.button.disabled = false;
      this.other.hidden = !(this.refused || this.isLost);
    }
  }

  // What the worker saw last counts. So a changed answer has a time of its own; the same one again, after a lost reply, is
  // the same to the last digit.
  async send() {
    const answers = Object.fromEntries(this.cards.map(card => [card.name, card.answer]));
    const content = JSON.stringify(answers);
    if (this.sent?.content !== content) this.sent = { content, after: Math.max(0, performance.now() - beganMilliseconds) / 1000 };
    const body = { workerId: main.dataset.worker, answers, servedAt: main.dataset.servedAt, answeredAfterSeconds: this.sent.after, boxes: this.start, jobCreatedAt: main.dataset.jobCreatedAt };
    put(main.dataset.action, body);
    const response = await post(main.dataset.action, body).catch(() => { throw Object.assign(new Error(word('the service can\'t be reached.')), { isPassing: true }); });
    const reply = await response.json().catch(() => null);
    if (!response.ok) {
      // 429 with a reason is of the job's limits, and otherwise of too many requests, which are worth sending again.
      const isLimit = response.status === 429 && reply?.reason !== undefined;
      const isPassing = !isLimit && ([408, 429].includes(response.status) || response.status >= 500);
      if (!isPassing && response.status !== 401) remove(main.dataset.action, body);
      throw Object.assign(new Error(reply?.detail ?? word('the service answered {0}.', `${response.status} ${response.statusText}`)), { isRefusal: isLimit || [403, 409].includes(response.status), isPassing });
    }
    // Such as a page to sign in to a network.
    if (typeof reply?.accepted !== 'number') throw Object.assign(new Error(word('the reply is not the service\'s.')), { isPassing: true });
    remove(main.dataset.action, body);
    return reply;
  }
}

// Laid out, and not hidden by a style: whether it was scrolled to is the worker's business.
function isDrawn(card) {
  return card.getClientRects().length > 0 && (card.checkVisibility?.({ opacityProperty: true, visibilityProperty: true }) ?? true);
}

function post(url, body) {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

function keyHint() {
  const hint = document.createElement('p');
  hint.className = 'keys';
  const answers = isEachImageAsked ? [['Y', word('confirms')], ['N', word('disconfirms')], [word('space'), word('switches')]] : [[word('space'), word('ticks')]];
  for (const [key, does] of [[word('arrows'), word('move')], ...answers, ['T', word('Can\'t tell').toLowerCase()], ['Z', word('shows it larger')], [word('enter'), word('submits')]]) {
    const name = document.createElement('kbd');
    name.textContent = key;
    hint.append(name, ` ${does} `);
  }
  return hint;
}

function count(cards) { return cards.length === 1 ? word('1 picture') : word('{0} pictures', cards.length); }

// Storage may be full, forbidden or spoilt: ticks are then kept as long as the page is.
function keep(action) {
  try { return action(); } catch { return null; }
}

// The card that an arrow leads to from another one: the next in order, or the nearest of the next row as it is drawn.
function neighbour(cards, from, event) {
  if (!from) return cards[0];
  const at = cards.indexOf(from);
  const step = stepOf(event, from.parentElement);
  if (step !== 0) return cards[Math.min(cards.length - 1, Math.max(0, at + step))];
  const sign = event.key === 'ArrowDown' ? 1 : -1;
  const here = from.getBoundingClientRect();
  const middle = here.top + here.height / 2;
  const rows = cards.map(card => ({ card, box: card.getBoundingClientRect() }))
    .map(({ card, box }) => ({ card, away: sign * (box.top + box.height / 2 - middle), aside: Math.abs(box.left - here.left) }))
    .filter(({ away }) => away > here.height / 2);
  const nearest = Math.min(...rows.map(({ away }) => away));
  return rows.filter(({ away }) => away < nearest + here.height / 2).sort((left, right) => left.aside - right.aside)[0]?.card ?? from;
}
