// Small stand-ins for the crowd elements of Ground Truth, so that its bulk-QA templates run here unchanged and offline.
'use strict';

const main = document.getElementById('task');
const storageKey = main ? `bulkqa:${main.dataset.key}` : null;

class CrowdCheckbox extends HTMLElement {
  connectedCallback() {
    if (this.box) return;
    const label = document.createElement('label');
    this.box = document.createElement('input');
    this.box.type = 'checkbox';
    this.box.checked = this.hasAttribute('checked');
    this.box.tabIndex = -1;
    this.box.addEventListener('change', () => this.changed());
    label.append(this.box, ...this.childNodes);
    this.append(label);
  }

  get name() { return this.getAttribute('name') ?? ''; }
  get value() { return this.getAttribute('value') ?? 'Confirmed'; }
  get checked() { return this.box.checked; }
  set checked(value) { this.box.checked = value; this.changed(); }

  changed() { this.dispatchEvent(new CustomEvent('crowd-change', { bubbles: true })); }
}

class CrowdCard extends HTMLElement {
  connectedCallback() {
    this.tabIndex = 0;
    this.setAttribute('role', 'group');
    this.addEventListener('click', event => {
      // The box and its label toggle by themselves; anywhere else on the card we do it.
      if (!event.target.closest('label')) this.toggle();
    });
    this.addEventListener('crowd-change', () => this.show());
    queueMicrotask(() => this.show());
  }

  get checkbox() { return this.querySelector('crowd-checkbox'); }

  toggle() { if (this.checkbox) this.checkbox.checked = !this.checkbox.checked; }

  show() { this.classList.toggle('unticked', this.checkbox?.box ? !this.checkbox.checked : false); }
}

class CrowdForm extends HTMLElement {
  connectedCallback() {
    if (this.button) return;
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.className = 'submit';
    this.button.textContent = 'Submit';
    this.button.addEventListener('click', () => this.submit());
    this.message = document.createElement('p');
    this.message.className = 'message';
    this.message.setAttribute('role', 'status');
    this.append(this.button, this.message);
    this.addEventListener('crowd-change', () => this.remember());
    document.addEventListener('keydown', event => this.key(event));
    queueMicrotask(() => { this.recall(); this.cards[0]?.focus(); });
  }

  get cards() { return [...this.querySelectorAll('crowd-card')]; }
  get boxes() { return [...this.querySelectorAll('crowd-checkbox')]; }

  // What was unticked before a reload is unticked after it.
  remember() {
    if (!storageKey) return;
    const ticked = Object.fromEntries(this.boxes.map(box => [box.name, box.checked]));
    sessionStorage.setItem(storageKey, JSON.stringify(ticked));
  }

  recall() {
    const stored = storageKey && sessionStorage.getItem(storageKey);
    if (!stored) return;
    const ticked = JSON.parse(stored);
    for (const box of this.boxes) if (box.name in ticked) box.checked = ticked[box.name];
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const cards = this.cards;
    const at = cards.indexOf(document.activeElement);
    const columns = Math.max(1, cards.filter(card => card.offsetTop === cards[0].offsetTop).length);
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    if (event.key in steps) {
      const next = cards[at < 0 ? 0 : Math.min(cards.length - 1, Math.max(0, at + steps[event.key]))];
      next?.focus();
      event.preventDefault();
    } else if (event.key === ' ' && at >= 0) {
      cards[at].toggle();
      event.preventDefault();
    } else if (event.key === 'Enter') {
      this.submit();
      event.preventDefault();
    }
  }

  async submit() {
    if (!main || this.submitting) return;
    this.submitting = true;
    this.button.disabled = true;
    this.message.textContent = 'Saving …';
    // Stamped once: a retry after a lost reply is the same answer, not a later one.
    this.submittedAt ??= new Date().toISOString();
    const answers = Object.fromEntries(this.boxes.map(box => [box.name, { [box.value]: box.checked }]));
    try {
      const response = await fetch(main.dataset.action, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ workerId: main.dataset.worker, answers, submittedAt: this.submittedAt }),
      });
      if (!response.ok) throw new Error((await response.json()).detail ?? response.statusText);
      if (storageKey) sessionStorage.removeItem(storageKey);
      location.reload();
    } catch (error) {
      this.message.textContent = `Not saved: ${error.message} Your ticks are kept; submit again.`;
      this.submitting = false;
      this.button.disabled = false;
    }
  }
}

// Boxes first: cards and forms look at them when they connect.
customElements.define('crowd-checkbox', CrowdCheckbox);
customElements.define('crowd-card', CrowdCard);
customElements.define('crowd-form', CrowdForm);
