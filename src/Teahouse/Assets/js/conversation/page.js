// The room page: joins its parts. History is in the HTML; from its revision on everything comes over the socket.
import { followBrowser, Live, liveUrl } from '../shared/live.js';
import { findRoomList } from '../rooms/list.js';
import { Conversation } from './conversation.js';
import { readContext } from './context.js';

const root = document.getElementById('conversation');
if (root) {
  const context = readContext(root);
  const list = findRoomList({ open: context.room });
  const conversation = new Conversation(context, list);
  const live = new Live(liveUrl(), {
    onState: state => conversation.connection(state),
    onFrame: frame => conversation.answer(frame),
    onOtherRoom: () => list?.refresh(),
    isOnline: () => navigator.onLine,
  });
  conversation.follow(live);
  list?.follow(live);
  followBrowser(live);
  live.start();
}
