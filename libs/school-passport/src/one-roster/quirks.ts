/** What a server needed that the standard does not ask for, in the words of whoever connects it. */
export type Quirk =
  | 'sort refused'
  | 'limit clamped'
  | 'short pages'
  | 'smaller pages asked for'
  | 'no totals'
  | 'totals on some pages only'
  | 'collection under another name'
  | 'bare array'
  | 'status beside the data'
  | 'byte order mark'
  | 'no overlap'
  | 'end told by 404'
  | 'Link without brackets'
  | 'Link to another place'
  | 'Link that skips rows'
  | 'Link beyond the end'
  | 'fewer scopes asked for'
  | 'token renewed after 401'
  | 'credentials read again after 401'
  | 'asked to wait'
  | `retried after ${number}`
  | 'retried after a time-out'
  | 'retried after a broken connection';

/** Collects them; each is kept once. */
export type Quirks = Set<Quirk>;
