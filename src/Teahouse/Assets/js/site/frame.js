/** The panes an open drawer lies over. */
const BEHIND = { rooms: '.pane-main, .pane-side', side: '.pane-main, .pane-rooms' };

/**
 * The frame's drawers. On a phone the room list slides over the page; the side pane does below 1024 px, and above it
 * stays where the reader left it. While one lies over the page, what is behind it can't be reached, and the focus goes into
 * it and back.
 * @returns {Record<string, unknown> & ThisType<{ rooms: boolean, side: boolean, over: 'rooms' | 'side' | undefined, $root: HTMLElement, opener: Element | null, close(): void, cover(): void, $nextTick(then: () => void): void }>}
 */
export function frame() {
  const phone = matchMedia('(width < 40rem)');
  const narrow = matchMedia('(width < 64rem)');
  return {
    rooms: false,
    side: false,
    opener: null,
    /** The drawer that lies over the page. */
    get over() {
      return this.rooms && phone.matches ? 'rooms' : this.side && narrow.matches ? 'side' : undefined;
    },
    init() {
      this.side = !narrow.matches && localStorage.getItem('side') === 'open';
      const cover = () => this.cover();
      phone.addEventListener('change', cover);
      narrow.addEventListener('change', cover);
    },
    toggleRooms(/** @type {Event} */ event) {
      // Wide enough for two panes the link simply goes to the list's own page.
      if (!phone.matches) return;
      event.preventDefault();
      this.opener = document.activeElement;
      this.rooms = !this.rooms;
      this.cover();
      this.$nextTick(() => focusFirst(this.$root, '.pane-rooms a, .pane-rooms input'));
    },
    toggleSide() {
      this.opener = document.activeElement;
      this.side = !this.side;
      this.cover();
      if (narrow.matches) this.$nextTick(() => focusFirst(this.$root, '.pane-side .side-close'));
      else localStorage.setItem('side', this.side ? 'open' : 'closed');
    },
    close() {
      if (!this.over) return;
      this.rooms = this.side = false;
      this.cover();
      if (this.opener instanceof HTMLElement) this.opener.focus();
    },
    cover() {
      const covered = this.over ? BEHIND[this.over] : undefined;
      for (const pane of /** @type {NodeListOf<HTMLElement>} */ (this.$root.querySelectorAll('.pane-rooms, .pane-main, .pane-side'))) {
        pane.inert = covered !== undefined && pane.matches(covered);
      }
    },
  };
}

/** @param {HTMLElement} root @param {string} which */
function focusFirst(root, which) {
  /** @type {HTMLElement | null} */ (root.querySelector(which))?.focus();
}
