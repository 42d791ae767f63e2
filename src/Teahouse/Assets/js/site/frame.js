/**
 * The frame's drawers. On a phone the room list slides over the page; the side pane does below 1024 px, and above it
 * stays where the reader left it.
 * @returns {Record<string, unknown> & ThisType<{ rooms: boolean, side: boolean, $root: HTMLElement, opener: Element | null, close(): void, $nextTick(then: () => void): void }>}
 */
export function frame() {
  return {
    rooms: false,
    side: false,
    opener: null,
    init() {
      this.side = matchMedia('(width >= 64rem)').matches && localStorage.getItem('side') === 'open';
    },
    toggleRooms(/** @type {Event} */ event) {
      // Wide enough for two panes the link simply goes to the list's own page.
      if (!matchMedia('(width < 40rem)').matches) return;
      event.preventDefault();
      this.opener = document.activeElement;
      this.rooms = !this.rooms;
      this.$nextTick(() => {
        /** @type {HTMLElement | null} */ (this.$root.querySelector('.pane-rooms a, .pane-rooms input'))?.focus();
      });
    },
    toggleSide() {
      this.opener = document.activeElement;
      this.side = !this.side;
      localStorage.setItem('side', this.side ? 'open' : 'closed');
    },
    close() {
      const narrow = matchMedia('(width < 64rem)').matches;
      if (!this.rooms && !(narrow && this.side)) return;
      this.rooms = false;
      if (narrow) this.side = false;
      if (this.opener instanceof HTMLElement) this.opener.focus();
    },
  };
}
