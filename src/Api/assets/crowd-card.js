// One image with its box: shows the picture, knows whether it could be shown, toggles the box.

// A picture that neither came nor failed by then counts as failed, until it comes.
const patienceMilliseconds = 30_000;

// Pictures that wait in a queue behind others have not failed: counted from when the last one came.
let cameMilliseconds = 0;

export class CrowdCard extends HTMLElement {
  connectedCallback() {
    if (this.states) return;
    this.states = new Map();
    // Whether it was on the screen once with all of its pictures; the form sets it.
    this.seen = false;
    this.tabIndex = 0;
    // The card is what has the focus and what the space key ticks; its box is for the mouse.
    this.setAttribute('role', 'checkbox');
    this.dress();
    this.addEventListener('click', event => this.clicked(event));
    this.addEventListener('crowd-change', () => this.show());
    for (const picture of this.querySelectorAll('img')) this.watch(picture);
    this.show();
  }

  get checkbox() { return this.querySelector('crowd-checkbox'); }
  get ticked() { return this.checkbox?.checked ?? false; }
  get loading() { return [...this.states.values()].includes('loading'); }

  // What has no picture was not shown either.
  get failed() { return this.states.size === 0 || [...this.states.values()].includes('failed'); }

  toggle() { if (this.checkbox) this.checkbox.checked = !this.checkbox.checked; }

  // Ground Truth's own card takes picture and heading as attributes.
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
  }

  watch(picture) {
    const become = state => {
      if (state === 'shown') cameMilliseconds = performance.now();
      this.states.set(picture, state);
      picture.classList.toggle('failed', state === 'failed');
      this.show();
      this.dispatchEvent(new CustomEvent('crowd-picture', { bubbles: true }));
    };
    // A picture that is there but not decoded yet is not shown yet. One that has a size was at least begun: see for yourself.
    const came = () => picture.decode().then(() => become('shown'), () => become(picture.naturalWidth > 0 ? 'shown' : 'failed'));
    this.states.set(picture, 'loading');
    // The card says what it is; without this, readers would spell out the URL.
    if (!picture.hasAttribute('alt')) picture.alt = '';
    picture.loading = 'eager';
    picture.addEventListener('load', came);
    picture.addEventListener('error', () => become('failed'));
    if (picture.complete) came();
    const expire = () => {
      if (this.states.get(picture) !== 'loading') return;
      const left = cameMilliseconds + patienceMilliseconds - performance.now();
      if (left > 0) setTimeout(expire, left);
      else become('failed');
    };
    setTimeout(expire, patienceMilliseconds);
  }

  clicked(event) {
    // The box and a label around it toggle by themselves, links and buttons have their own work; anywhere else we toggle.
    const label = event.target.closest('label');
    if (label?.contains(this.checkbox?.box) || event.target.closest('a, button, summary')) return;
    this.toggle();
  }

  show() {
    const box = this.checkbox?.box;
    const failed = !this.loading && this.failed;
    this.classList.toggle('unticked', box ? !box.checked : false);
    this.classList.toggle('failed', failed);
    if (failed && !this.note) {
      this.note = document.createElement('p');
      this.note.className = 'note';
      this.note.textContent = 'Can\'t be shown';
      this.prepend(this.note);
    } else if (!failed) {
      this.note?.remove();
      this.note = null;
    }
    this.setAttribute('aria-checked', String(box?.checked ?? false));
    this.setAttribute('aria-label', [this.described, ...failed ? ['can\'t be shown'] : []].join(', '));
  }

  get described() {
    const cards = [...document.querySelectorAll('crowd-card')];
    const name = this.getAttribute('heading') || document.getElementById('task')?.dataset.label || 'Image';
    return `${name}, picture ${cards.indexOf(this) + 1} of ${cards.length}`;
  }
}
