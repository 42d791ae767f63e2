const KEY = 'notifications';

/** Whether this browser can show notifications at all here. */
export function canNotify() {
  return 'Notification' in window && window.isSecureContext;
}

/** Whether the reader has asked for them and the browser agreed. */
export function isNotifying() {
  return canNotify() && Notification.permission === 'granted' && localStorage.getItem(KEY) === 'on';
}

/**
 * Turns them on or off; the browser's question comes only from here, after a press of a button.
 * @returns {Promise<'on' | 'off' | 'denied'>}
 */
export async function toggleNotifications() {
  if (isNotifying()) {
    localStorage.removeItem(KEY);
    return 'off';
  }
  if (await Notification.requestPermission() !== 'granted') return 'denied';
  localStorage.setItem(KEY, 'on');
  return 'on';
}

/**
 * Shows one while the page is hidden. The tag makes several tabs of one browser show it once.
 * @param {{ title: string, text: string, tag: string, open(): void }} what
 */
export function notify(what) {
  if (document.visibilityState !== 'hidden' || !isNotifying()) return;
  const shown = new Notification(what.title, { body: what.text.slice(0, 200), tag: what.tag, icon: '/icon.svg' });
  shown.onclick = () => {
    window.focus();
    what.open();
    shown.close();
  };
}
