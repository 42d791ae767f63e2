/** The objects of the socket and the HTTP API (docs/protocol.md), as far as the pages read them. */

export interface Message {
  id: number;
  seq: number;
  rev: number;
  user: string;
  display_name?: string | undefined;
  /** What the author chose, 0 to 9; none: that of the name. */
  avatar_colour?: number | undefined;
  guest: boolean;
  /** Of a guest: the same for all that one guest says in this room, and nobody else's. */
  guest_id?: string | undefined;
  bot?: boolean | undefined;
  kind: 'text' | 'system';
  message: string;
  timestamp: string;
  nonce?: string | undefined;
  edited_at?: string | null | undefined;
  deleted?: boolean | undefined;
  event?: { type: string; user?: string | undefined; actor?: string | undefined; value?: string | undefined } | null | undefined;
}

export interface MessageFrame extends Message {
  type: 'message';
  room: string;
}

export interface Subscribed {
  type: 'subscribed';
  room: string;
  rev: number;
  epoch: string;
  last_seq: number;
  last_read_seq: number;
  members_online: number;
  online: string[];
  messages: Message[];
  reset?: boolean;
}

export interface Page {
  messages: Message[];
  has_more: boolean;
  rev: number;
  epoch?: string | undefined;
  /** In a room of two: how far the other one has read. */
  other_read_seq?: number | undefined;
}

export interface Ack {
  nonce: string;
  id: number;
  seq: number;
  rev: number;
}

/** Any frame of the server. */
export type Frame = { type: string; room?: string } & Record<string, unknown>;

/** A message of this browser that the server has not confirmed. */
export interface Pending {
  nonce: string;
  message: string;
  at: string;
  state: 'waiting' | 'sending' | 'failed';
  /** The server's words, once it failed. */
  reason?: string | undefined;
  /** Sent again as it is, it would be refused again. */
  isFinal?: boolean | undefined;
  /** Its place among those of the same time. */
  order?: number | undefined;
  /** The newest message that its writer may have seen, and of which history. */
  under?: { seq: number, epoch: string | undefined } | undefined;
}
