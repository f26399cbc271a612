// One image with its boxes: shows the picture, knows whether it could be shown, and what the worker says of it.

import { reasonOf } from './picture-reason.js';
import { decodeWhole } from './picture-whole.js';
import { zoomInto } from './picture-zoom.js';
import { word } from './words.js';
import { fitsAtStart, isEachImageAsked } from './starting-boxes.js';

// A picture that neither came nor failed by then counts as failed, until it comes.
const patienceMilliseconds = 30_000;

// Pictures that wait in a queue behind others have not failed: counted from when the last one came.
let cameMilliseconds = 0;

export class CrowdCard extends HTMLElement {
  connectedCallback() {
    if (this.states) return;
    this.states = new Map();
    // Why pictures failed, as the server says; null where it was asked and has not said.
    this.reasons = new Map();
    // Whether it was on the screen once with all of its pictures; the form sets it.
    this.seen = false;
    this.tabIndex = 0;
    // The card is what has the focus and what keys answer; its boxes are for the mouse.
    // A group, since what holds boxes and buttons can't be a box itself; its name says the answer.
    this.setAttribute('role', 'group');
    this.setAttribute('aria-keyshortcuts', isEachImageAsked ? 'Space Y N T Z' : 'Space T Z');
    this.dress();
    this.fitsAtStart = fitsAtStart(this.boxOf('Confirmed'));
    // What the worker says: whether the label fits, null before anything was said, and whether that can be told at all. The boxes show it.
    this.fits = this.fitsAtStart;
    this.unsure = this.boxOf('CantTell')?.checked ?? false;
    this.addEventListener('click', event => this.clicked(event));
    this.addEventListener('crowd-change', event => this.picked(event.target));
    for (const picture of this.querySelectorAll('img')) this.watch(picture);
    this.show();
  }

  get boxes() { return [...this.querySelectorAll('crowd-checkbox')]; }
  get name() { return this.boxOf('Confirmed')?.name; }
  get loading() { return [...this.states.values()].includes('loading'); }

  // What has no picture was not shown either.
  get failed() { return this.states.size === 0 || [...this.states.values()].includes('failed'); }

  // Before there is an answer to give.
  get undecided() { return !this.failed && !this.unsure && this.fits === null; }

  // Nobody can have seen a picture that failed, whatever the boxes said before.
  get answer() { return this.failed ? { NotSeen: true } : this.unsure ? { CantTell: true } : { Confirmed: this.fits }; }

  // What the worker said, for a page that is loaded again.
  get kept() { return this.unsure ? 'cantTell' : this.fits; }
  set kept(value) {
    this.unsure = value === 'cantTell';
    this.fits = this.unsure ? this.fitsAtStart : value;
    this.show();
  }

  zoom() {
    if (!this.failed) zoomInto(this.querySelector('img'));
  }

  toggle() { this.say(this.unsure || !this.fits, false); }
  toggleUnsure() { this.say(this.fits, !this.unsure); }

  say(fits, unsure) {
    if (this.failed) return;
    [this.fits, this.unsure] = [fits, unsure];
    this.show();
    this.dispatchEvent(new CustomEvent('crowd-answer', { bubbles: true }));
  }

  picked(box) {
    if (box.value === 'CantTell') this.say(this.fits, box.checked);
    // Where each image is asked for, a box that is taken back says nothing.
    else if (box.value === 'Confirmed') this.say(box.checked || (isEachImageAsked ? null : false), false);
    else if (box.value === 'Disconfirmed') this.say(box.checked ? false : null, false);
  }

  boxOf(value) { return this.boxes.find(box => box.value === value); }

  // Ground Truth's own card takes picture and heading as attributes. Older templates have no box for what can't be told.
  dress() {
    const heading = this.getAttribute('heading');
    if (heading) {
      const line = document.createElement('div');
      line.className = 'heading';
      line.textContent = heading;
      this.prepend(line);
    }
    if (this.hasAttribute('image')) {
      const picture = document.createElement('img');
      picture.src = this.getAttribute('image');
      this.prepend(picture);
    }
    const larger = document.createElement('button');
    larger.type = 'button';
    larger.className = 'larger';
    larger.textContent = '⤢';
    larger.title = word('Full size (Z)');
    larger.setAttribute('aria-label', word('Full size'));
    // Keys have Z.
    larger.tabIndex = -1;
    larger.addEventListener('click', () => this.zoom());
    this.prepend(larger);
    if (!this.boxOf('CantTell')) this.append(this.newBox('CantTell', word('Can\'t tell')));
    // To disconfirm takes as much as to confirm, so that neither is the easier answer.
    if (isEachImageAsked) this.boxOf('Confirmed')?.after(this.newBox('Disconfirmed', word('Disconfirm')));
  }

  newBox(value, text) {
    const box = document.createElement('crowd-checkbox');
    box.setAttribute('name', this.name);
    box.setAttribute('value', value);
    box.textContent = text;
    return box;
  }

  watch(picture) {
    const become = state => {
      if (state === 'shown') cameMilliseconds = performance.now();
      // What was looked at was the note in its place.
      if (state === 'shown' && this.states.get(picture) === 'failed') this.seen = false;
      if (state === 'shown') this.reasons.delete(picture.src);
      this.states.set(picture, state);
      picture.classList.toggle('failed', state === 'failed');
      this.show();
      this.dispatchEvent(new CustomEvent('crowd-picture', { bubbles: true }));
    };
    const fail = () => {
      become('failed');
      // Of one that came and is damaged there is no more to say.
      if (picture.naturalWidth === 0) this.ask(picture.src);
    };
    // A picture that is there but not decoded yet is not shown yet.
    const came = () => decodeWhole(picture).catch(() => decodeWhole(picture)).then(() => become('shown'), fail);
    this.states.set(picture, 'loading');
    // The card says what it is; without this, readers would spell out the URL.
    if (!picture.hasAttribute('alt')) picture.alt = '';
    picture.loading = 'eager';
    picture.addEventListener('load', came);
    picture.addEventListener('error', fail);
    if (picture.complete) came();
    const expire = () => {
      if (this.states.get(picture) !== 'loading') return;
      const left = cameMilliseconds + patienceMilliseconds - performance.now();
      if (left > 0) setTimeout(expire, left);
      else become('failed');
    };
    setTimeout(expire, patienceMilliseconds);
  }

  // Once for each address, however often it fails.
  async ask(address) {
    if (!address || this.reasons.has(address)) return;
    this.reasons.set(address, null);
    const reason = await reasonOf(address);
    if (reason === null || !this.reasons.has(address)) return;
    this.reasons.set(address, reason);
    this.show();
  }

  get reason() { return [...this.reasons.values()].find(reason => reason !== null) ?? ''; }

  clicked(event) {
    // A box and a label around it toggle by themselves, links and buttons have their own work; anywhere else we toggle.
    const label = event.target.closest('label');
    if (this.boxes.some(box => label?.contains(box.box)) || event.target.closest('a, button, summary')) return;
    this.toggle();
  }

  show() {
    const failed = !this.loading && this.failed;
    const [said, unsure] = [!failed && !this.unsure, !failed && this.unsure];
    const [ticked, unticked, undecided] = [true, false, null].map(fits => said && this.fits === fits);
    this.boxOf('Confirmed')?.show(ticked, failed);
    this.boxOf('Disconfirmed')?.show(unticked, failed);
    this.boxOf('CantTell')?.show(unsure, failed);
    this.boxOf('NotSeen')?.show(failed, true);
    this.classList.toggle('unticked', unticked);
    this.classList.toggle('undecided', undecided);
    this.classList.toggle('unsure', unsure);
    this.classList.toggle('failed', failed);
    if (failed && !this.note) {
      this.note = document.createElement('p');
      this.note.className = 'note';
      this.why = document.createElement('span');
      this.why.dir = 'auto';
      this.note.append(word('Can\'t be shown'), this.why, document.createElement('small'));
      this.note.lastChild.textContent = word('counts as not seen');
      this.prepend(this.note);
    } else if (!failed) {
      this.note?.remove();
      this.note = null;
    }
    if (failed) this.why.textContent = this.reason;
    this.setAttribute('aria-disabled', String(failed));
    this.spoken = failed ? `${word('Can\'t be shown').toLowerCase()}${this.reason && ': '}${this.reason}` : unsure ? word('Can\'t tell').toLowerCase()
      : undecided ? word('not answered yet') : ticked ? word('confirmed') : word('disconfirmed');
    this.setAttribute('aria-label', `${this.described}, ${this.spoken}`);
  }

  get described() {
    const cards = [...document.querySelectorAll('crowd-card')];
    const name = this.getAttribute('heading') || document.getElementById('task')?.dataset.label || word('Image');
    return word('{0}, picture {1} of {2}', name, cards.indexOf(this) + 1, cards.length);
  }
}
