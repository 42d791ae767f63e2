import { canNotify, isNotifying, toggleNotifications } from '../shared/notifications.js';
import { play } from '../shared/tone.js';

/** @returns {'impossible' | 'denied' | 'on' | 'off'} */
function present() {
  if (!canNotify()) return 'impossible';
  if (Notification.permission === 'denied') return 'denied';
  return isNotifying() ? 'on' : 'off';
}

/**
 * Says whether this browser shows notifications, and turns them on or off here.
 * @returns {Record<string, unknown> & ThisType<{ state: string }>}
 */
export function browserNotices() {
  return {
    state: present(),
    get isImpossible() { return this.state === 'impossible'; },
    get isDenied() { return this.state === 'denied'; },
    get isOn() { return this.state === 'on'; },
    get isOff() { return this.state === 'off'; },
    async toggle() {
      await toggleNotifications();
      this.state = present();
    },
    /** Whoever wants the tone hears it first. */
    hear(/** @type {Event} */ event) {
      if (event.target instanceof HTMLInputElement && event.target.checked) void play();
    },
  };
}
