import { canNotify, isNotifying, toggleNotifications } from '../shared/notifications.js';
import { part, slot } from './context.js';

/** @typedef {import('./context.js').Context} Context */

/** The bell: the only place that asks for permission. @param {Context} context @param {(words: string) => void} say */
export function connectNotifyButton(context, say) {
  const button = part(context.root, 'notify');
  button.hidden = !canNotify();
  show();
  button.addEventListener('click', async () => {
    const outcome = await toggleNotifications();
    show();
    say(context.texts.say({ on: 'Notify.On', off: 'Notify.Off', denied: 'Notify.Denied' }[outcome]));
  });

  function show() {
    const isOn = isNotifying();
    const words = context.texts.say(isOn ? 'Notify.TurnOff' : 'Notify.TurnOn');
    button.setAttribute('aria-pressed', String(isOn));
    button.setAttribute('aria-label', words);
    button.title = words;
    slot(button, 'on').toggleAttribute('hidden', !isOn);
    slot(button, 'off').toggleAttribute('hidden', isOn);
  }
}
