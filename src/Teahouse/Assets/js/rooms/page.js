// Any page with the room list and no conversation: the list is live there too.
import { followBrowser, GIVE_UP_AFTER, Live, liveUrl } from '../shared/live.js';
import { findRoomList } from './list.js';
import { followParts } from './parts.js';

const list = findRoomList();
if (list) {
  followParts(list);
  const live = new Live(liveUrl(), { onState: state => list.connection(state, state.name !== 'ended' && state.failures >= GIVE_UP_AFTER), onOtherRoom: () => list.refresh(), isOnline: () => navigator.onLine });
  list.follow(live);
  followBrowser(live);
  live.start();
}
