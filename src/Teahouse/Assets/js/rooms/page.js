// Any page with the room list and no conversation: the list is live there too.
import { followBrowser, Live, liveUrl } from '../shared/live.js';
import { findRoomList } from './list.js';

const list = findRoomList();
if (list) {
  const live = new Live(liveUrl(), { onState() {}, onOtherRoom: () => list.refresh(), isOnline: () => navigator.onLine });
  list.follow(live);
  followBrowser(live);
  live.start();
}
