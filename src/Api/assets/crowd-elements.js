// Small stand-ins for the crowd elements of Ground Truth, so that its bulk-QA templates run here unchanged and offline.
import { CrowdCard } from './crowd-card.js';
import { CrowdForm } from './crowd-form.js';
import { stepOf } from './keys.js';
import { showFeedback } from './work-feedback.js';
import { word } from './words.js';

class CrowdCheckbox extends HTMLElement {
  connectedCallback() {
    if (this.box) return;
    const label = document.createElement('label');
    this.box = document.createElement('input');
    this.box.type = 'checkbox';
    this.box.checked = this.hasAttribute('checked');
    this.box.tabIndex = -1;
    if (!this.textContent.trim()) {
      label.className = 'bare';
      this.box.setAttribute('aria-label', word('Confirm'));
    }
    this.box.addEventListener('change', () => this.changed());
    label.append(this.box, ...this.childNodes);
    this.append(label);
  }

  get name() { return this.getAttribute('name') ?? ''; }
  get value() { return this.getAttribute('value') ?? 'Confirmed'; }
  get checked() { return this.box.checked; }

  // What the card says of it.
  show(checked, disabled) {
    this.box.checked = checked;
    this.box.disabled = disabled;
  }

  changed() { this.dispatchEvent(new CustomEvent('crowd-change', { bubbles: true })); }
}

class CrowdButton extends HTMLElement {
  connectedCallback() {
    if (this.button) return;
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.className = 'submit';
    this.button.append(...this.childNodes);
    this.append(this.button);
  }
}

let tabs = 0;

class CrowdTabs extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.panels = [...this.querySelectorAll('crowd-tab')].filter(panel => panel.closest('crowd-tabs') === this);
    this.list = document.createElement('div');
    this.list.className = 'tabs';
    this.list.setAttribute('role', 'tablist');
    for (const [at, panel] of this.panels.entries()) this.list.append(this.tabOf(panel, at));
    this.list.addEventListener('keydown', event => this.key(event));
    this.prepend(this.list);
    this.select(0);
  }

  tabOf(panel, at) {
    const tab = document.createElement('button');
    tab.type = 'button';
    tab.id = `crowd-tab-${++tabs}`;
    tab.textContent = panel.getAttribute('header') || word('Tab {0}', at + 1);
    tab.setAttribute('role', 'tab');
    tab.addEventListener('click', () => this.select(at));
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', tab.id);
    return tab;
  }

  select(selected) {
    for (const [at, panel] of this.panels.entries()) {
      const tab = this.list.children[at];
      tab.setAttribute('aria-selected', String(at === selected));
      tab.tabIndex = at === selected ? 0 : -1;
      panel.hidden = at !== selected;
    }
    this.dispatchEvent(new CustomEvent('crowd-tab', { bubbles: true }));
  }

  // Brings an element of one of the tabs into view.
  open(element) {
    const at = this.panels.findIndex(panel => panel.contains(element));
    if (at >= 0 && this.panels[at].hidden) this.select(at);
  }

  key(event) {
    const step = stepOf(event, this.list);
    if (!step) return;
    const at = [...this.list.children].indexOf(document.activeElement);
    const next = (at + step + this.panels.length) % this.panels.length;
    this.select(next);
    this.list.children[next].focus();
    event.preventDefault();
    event.stopPropagation();
  }
}

// What others look at when they connect comes first.
customElements.define('crowd-checkbox', CrowdCheckbox);
customElements.define('crowd-button', CrowdButton);
customElements.define('crowd-card', CrowdCard);
customElements.define('crowd-tabs', CrowdTabs);
customElements.define('crowd-form', CrowdForm);

// After the last batch there is none to show it above.
if (!document.querySelector('crowd-form')) showFeedback();
